"""The faults: each hurts a scene while facts are being recorded, and heals it.

What is asserted here is that the fault happened, and that people were told; whether anything was
lost, doubled or is wrong, the scene's `judge` says afterwards.
"""

import os
import signal
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

import psycopg
import redis_servers

from projections.readmodels.sql.frozen import writers

from .places import PostgresPlace, RedisPlace, SQLitePlace
from .processes import Project, check, command, differs
from .scene import Scene
from .wire import DOWN, UP, Cut

Do = Callable[[Scene], None]
STANDS_BY = "standing by"


class Fault(NamedTuple):
    name: str
    do: Do
    places: Sequence[str] = ("redis", "postgres", "sqlite")


def killed(scene: Scene) -> None:
    """At any moment; another begins when the lease has run out."""
    with scene.writing():
        scene.until_moved()
        scene.a_moment()
        scene.runner.kill()
        scene.start()
        scene.until_moved()


def killed_at_a_message(scene: Scene) -> None:
    with scene.writing():
        scene.until_moved()
        assert scene.place.wire is not None
        scene.place.wire.arm(any_cut(scene), then=scene.runner.kill)
        soon(lambda: scene.runner.ended)
        scene.place.wire.arm(None)
        if not scene.runner.ended:  # a busy machine has not come as far
            scene.runner.kill()
        scene.start()
        if not scene.moved(5) and scene.runner.ended:  # it came while the wire was broken
            scene.start()
        scene.until_moved()


def cut(scene: Scene) -> None:
    """The connection, at any byte; the answer to a step may be swallowed."""
    wire = scene.place.wire
    assert wire is not None
    with scene.writing():
        scene.until_moved()  # a runner that never reached its target says so and ends
        for _ in range(3):
            wire.arm(any_cut(scene))
            soon(lambda: not wire.armed)
            wire.arm(None)  # a busy machine may not have come as far
        scene.until_moved()


def soon(true: Callable[[], bool]) -> None:
    """Until it is so, or has had time enough."""
    end = time.monotonic() + 15
    while not true() and time.monotonic() < end:
        time.sleep(0.02)


def any_cut(scene: Scene) -> Cut:
    random = scene.random
    return Cut(
        random.choice((UP, DOWN)), random.randrange(1, 12), random.choice((0, 1, random.random()))
    )


def pair(scene: Scene) -> tuple[Project, Project]:
    """One that leads and a new one: on a busy machine the lease may run out and change hands."""
    first = scene.runner
    before = first.said.count(STANDS_BY)
    second = scene.start()
    redis_servers.until(
        lambda: STANDS_BY in second.said or first.said.count(STANDS_BY) > before or first.ended,
        lambda: str([one.said for one in scene.runners]),
    )
    if first.ended:
        return pair(scene)
    return (first, second) if STANDS_BY in second.said else (second, first)


def frozen(scene: Scene) -> None:
    """For longer than the lease, also in a transaction: another leads.

    The first comes back midway and may not write, or was ended because it was in the way.
    """
    first, second = pair(scene)
    before = {one: one.said.count(STANDS_BY) for one in (first, second)}
    with scene.writing():
        scene.until_moved()
        scene.a_moment()
        first.freeze()
        assert scene.moved(20), [one.said for one in scene.runners]
        first.go_on()
        redis_servers.until(
            lambda: (
                first.ended
                or any(one.said.count(STANDS_BY) > times for one, times in before.items())
            )
        )
        scene.until_moved()
    if first.ended:
        assert "was stopped while it wrote" in second.said
    else:
        first.stop()
    scene.keep(second)


def frozen_in_a_transaction(scene: Scene) -> None:
    """Caught with the lock of a writer in its hands: as often as it takes."""
    place = scene.place
    assert isinstance(place, SQLitePlace)
    first, second = pair(scene)
    with scene.writing():
        while True:
            first.freeze()
            if first.pid in writers(place.file):
                break
            first.go_on()
            scene.a_moment(0.05)
        assert scene.moved(20), [one.said for one in scene.runners]
        redis_servers.until(lambda: first.ended, lambda: second.said)
        assert f"process {first.pid} was stopped while it wrote" in second.said
    scene.keep(second)


def stopped(scene: Scene) -> None:
    """In order: the lease is given back, and the one that stands by takes it."""
    first, second = pair(scene)
    with scene.writing():
        scene.until_moved()
        scene.a_moment()
        first.stop()
        scene.until_moved()
    scene.keep(second)


# --- Redis -------------------------------------------------------------------------------------


def server_killed(scene: Scene) -> None:
    """What was answered for is on its disk (AOF, fsync always)."""
    server = redis_of(scene).server
    with scene.writing():
        scene.until_moved()
        scene.a_moment()
        known = scene.mark()
        server.kill()
        scene.a_moment()
        server.start()
        kept = scene.mark()
        assert known is not None
        assert kept is not None
        assert kept.position >= known.position
        scene.until_moved()


def server_comes_back_empty(scene: Scene) -> None:
    place = redis_of(scene)
    with scene.writing():
        scene.until_moved()
        scene.remember()
        place.server.kill()
        place.empty()
        place.server.start()
        scene.until_moved()


def stale_replica_promoted(scene: Scene) -> None:
    place = redis_of(scene)
    replica = place.replica()
    with scene.writing():
        scene.until_moved()
        scene.a_moment()
        replica.call("REPLICAOF", "NO", "ONE")  # what comes from now on, it never has
        scene.until_moved()
        scene.remember()
        place.promote(replica)
        scene.until_moved()


def memory_full(scene: Scene) -> None:
    server = redis_of(scene).server
    told = scene.runner.said.count("is full")
    with scene.writing():
        scene.until_moved()
        server.call("CONFIG", "SET", "maxmemory", "1")
        scene.runner.until_it_says("is full", told + 1)
        server.call("CONFIG", "SET", "maxmemory", "0")
        scene.until_moved()


def flushed(scene: Scene) -> None:
    with scene.writing():
        scene.until_moved()
        scene.remember()
        redis_of(scene).server.call("FLUSHALL")
        scene.until_moved()


def key_deleted(scene: Scene) -> None:
    """By hand: a check names it, `--repair` writes it anew, or `rebuild` does where that can't."""
    place = redis_of(scene)
    scene.settle()
    scene.runner.stop()
    key = scene.random.choice(sorted(place.server.call("KEYS", f"{{pl:0}}:g{live(scene)}:*")))
    place.server.call("DEL", key)
    assert differs(place), key
    if "differences are left" in check(place, "--repair").stderr:
        made = command("--db", place.db, "rebuild", *place.arguments)
        assert "is live" in made.stderr, made.stderr
    assert not differs(place), key
    scene.start()
    scene.write()


def live(scene: Scene) -> int:
    with scene.opened() as target:
        return next(g.number for g in target.generations() if g.live)


# --- PostgreSQL --------------------------------------------------------------------------------


def postgres_restarted(scene: Scene) -> None:
    """At once, as a crash would; the ledger is in it too."""
    with scene.writing():
        scene.until_moved()
        scene.a_moment()
        postgres_of(scene).restart()
        scene.until_moved()


def backends_ended(scene: Scene) -> None:
    place = postgres_of(scene)
    with scene.writing():
        for _ in range(3):
            scene.until_moved()
            scene.a_moment()
            for pid in backends(place):
                with psycopg.connect(place.server.url("postgres")) as connection:
                    connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
        scene.until_moved()


def backend_killed(scene: Scene) -> None:
    """With signal 9: the server then ends all others too, and recovers."""
    place = postgres_of(scene)
    with scene.writing():
        scene.until_moved()
        scene.a_moment()
        os.kill(scene.random.choice(backends(place)), signal.SIGKILL)
        place.server.wait()
        scene.until_moved()


def backends(place: PostgresPlace) -> list[int]:
    """Of everybody who uses the ledger or the read model."""
    with psycopg.connect(place.server.url("postgres")) as connection:
        return [
            pid
            for (pid,) in connection.execute(
                "SELECT pid FROM pg_stat_activity"
                " WHERE datname LIKE 'test_%' AND backend_type = 'client backend'"
            )
        ]


# --- SQLite ------------------------------------------------------------------------------------


def disk_full(scene: Scene) -> None:
    """To the runner no file may grow, or even be written, beyond a size; then it may again."""
    place = scene.place
    assert isinstance(place, SQLitePlace)
    told = scene.runner.said.count("trying again")
    with scene.writing():
        scene.until_moved()
        scene.runner.limit_files(scene.random.randrange(1, 100_000))
        scene.runner.until_it_says("trying again", told + 1)
        scene.runner.limit_files(-1)
        scene.until_moved()


def redis_of(scene: Scene) -> RedisPlace:
    return cast(RedisPlace, scene.place)


def postgres_of(scene: Scene) -> PostgresPlace:
    return cast(PostgresPlace, scene.place)


WIRED = ("redis", "postgres")
FAULTS = (
    Fault("runner killed at any moment", killed),
    Fault("runner killed at a message", killed_at_a_message, WIRED),
    Fault("connection cut at any byte", cut, WIRED),
    Fault("leader frozen for longer than its lease", frozen),
    Fault("leader frozen in a transaction", frozen_in_a_transaction, ("sqlite",)),
    Fault("leader stopped in order", stopped),
    Fault("Valkey killed, append-only file", server_killed, ("redis",)),
    Fault("Valkey comes back empty", server_comes_back_empty, ("redis",)),
    Fault("stale replica promoted", stale_replica_promoted, ("redis",)),
    Fault("Valkey's memory full", memory_full, ("redis",)),
    Fault("everything flushed", flushed, ("redis",)),
    Fault("a key deleted by hand", key_deleted, ("redis",)),
    Fault("PostgreSQL stopped at once", postgres_restarted, ("postgres",)),
    Fault("connections ended by PostgreSQL", backends_ended, ("postgres",)),
    Fault("a backend of PostgreSQL killed", backend_killed, ("postgres",)),
    Fault("disk full", disk_full, ("sqlite",)),
)


def of(place: str) -> list[Fault]:
    return [fault for fault in FAULTS if place in fault.places]
