"""Servers that die, fall behind, fill up or forbid: a step is whole or nothing, and it goes on."""

import signal
import threading
import time
from contextlib import suppress

import pytest
import redis_servers
from msgspec import structs
from readmodels_world import assert_exact, follow, mark, opened, reached, row_at, step
from redis_servers import until

from projections.readmodels.contract import LEASE, row
from projections.readmodels.target import MovedError, Step, TargetError

AOF = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")


def test_a_replica_that_was_behind_is_promoted() -> None:
    with redis_servers.server() as primary, redis_servers.replica_of(primary) as replica:
        target = opened(primary.url, "w")
        follow(target, 12)
        assert primary.call("WAIT", 1, 5000) == 1
        replica.call("REPLICAOF", "NO", "ONE")
        follow(target, 20)
        promoted = opened(replica.url, "w")
        assert reached(promoted) == 12
        assert_exact(promoted)
        follow(promoted, 30)
        assert_exact(promoted)


def test_killed_with_a_log_on_disk_it_has_all_that_was_answered() -> None:
    with redis_servers.server(*AOF, disk=True) as server:
        target = opened(server.url, "w")
        for wanted in (3, 9, 10):
            follow(target, wanted)
            server.kill()
            with pytest.raises(TargetError, match=r"does not answer|closed the connection"):
                target.generations()
            server.start()
            assert reached(target) == wanted
            assert_exact(target)


def test_killed_in_the_middle_of_steps_it_holds_whole_ones() -> None:
    with redis_servers.server(*AOF, disk=True) as server:
        answered = 0
        for round_ in range(5):
            target = opened(server.url, "w")
            assert reached(target) >= answered
            assert_exact(target)
            killer = threading.Timer(0.02 + 0.03 * round_, server.kill)
            killer.start()
            with suppress(TargetError):
                while True:
                    answered = reached(target)
                    follow(target, answered + 1)
            killer.join()
            server.start()
        assert answered > 5


def test_a_server_that_comes_back_empty_is_filled_again() -> None:
    with redis_servers.server() as server:
        target = opened(server.url, "w")
        follow(target, 7)
        server.kill()
        server.start()
        assert target.generations() == []
        follow(target, 9)
        assert_exact(target)


@pytest.mark.parametrize("old", [False, True], ids=["valkey", "redis-6.2"])
def test_a_full_server_takes_a_step_whole_or_not_at_all(old: bool) -> None:
    program = redis_servers.old_program() if old else None
    with redis_servers.server(program=program) as server:
        target = opened(server.url, "w")
        follow(target, 10)
        used = int(server.call("INFO", "memory")["used_memory"])
        server.call("CONFIG", "SET", "maxmemory", used + 400_000)
        with pytest.raises(TargetError, match=r"is full \(maxmemory\): nothing was written"):
            follow(target, 2_000)
        assert reached(target) > 10
        assert_exact(target)
        server.call("CONFIG", "SET", "maxmemory", 0)
        follow(target, reached(target) + 5)
        assert_exact(target)


RIGHTS = [
    "get",
    "type",
    "exists",
    "hget",
    "hmget",
    "set",
    "del",
    "hset",
    "hdel",
    "zadd",
    "zrem",
    "sadd",
    "unlink",
    "xadd",
]


@pytest.mark.parametrize("old", [False, True], ids=["valkey", "redis-6.2"])
def test_a_right_that_is_taken_away_stops_a_step_before_it_writes(old: bool) -> None:
    program = redis_servers.old_program() if old else None
    with redis_servers.server(program=program) as server:
        server.call("ACL", "SETUSER", "me", "on", ">secret", "~{w:*", "+@all")
        target = opened(server.url.replace("//", "//me:secret@"), "w")
        follow(target, 4)
        for number, command in enumerate(RIGHTS, start=5):
            server.call("ACL", "SETUSER", "me", f"-{command}")
            for call in (lambda: follow(target, 100), lambda: target.lead(1, "me", LEASE)):
                with pytest.raises(TargetError) as told:
                    call()
                assert f"let this user do {command.upper()}:" in str(told.value)
                assert "secret" not in str(told.value)
            server.call("ACL", "SETUSER", "me", f"+{command}")
            assert reached(target) == number - 1
            assert_exact(target)
            follow(target, number)
        assert server.call("KEYS", "*probe*") == []


def test_trying_commands_leaves_no_trace_and_is_not_replicated() -> None:
    with redis_servers.server() as primary, redis_servers.replica_of(primary) as replica:
        target = opened(primary.url, "w")
        follow(target, 6)
        primary.call("WAIT", 1, 5000)
        copied = redis_servers.info(replica, "commandstats")
        assert b"cmdstat_xadd" in copied
        assert b"cmdstat_unlink" not in copied
        assert sorted(primary.call("KEYS", "*")) == sorted(replica.call("KEYS", "*"))
        assert not [key for key in primary.call("KEYS", "*") if b"probe" in key]


def test_an_answer_that_is_lost_is_an_error_and_the_checkpoint_tells() -> None:
    with redis_servers.server() as server:
        target = opened(server.url, "w", seconds=0.2)
        follow(target, 3)
        assert server.process is not None
        server.process.send_signal(signal.SIGSTOP)
        with pytest.raises(TargetError, match="does not answer in time"):
            target.apply(step(4), "me", LEASE)
        server.process.send_signal(signal.SIGCONT)
        until(lambda: reached(target) == 4)
        with pytest.raises(MovedError):
            target.apply(step(4), "me", LEASE)
        assert_exact(target)


def test_a_server_that_has_forgotten_the_scripts_is_told_them_again(valkey_url: str) -> None:
    target = opened(valkey_url)
    follow(target, 2)
    target._do("SCRIPT FLUSH")
    follow(target, 4)
    assert_exact(target)


def test_a_sentinel_fails_over_under_a_running_target() -> None:
    with (
        redis_servers.server() as primary,
        redis_servers.replica_of(primary),
        redis_servers.sentinel(primary) as watching,
    ):
        until(lambda: b"slaves=1" in redis_servers.info(watching, "sentinel"))
        target = opened(f"redis+sentinel://127.0.0.1:{watching.port}/ours", "w")
        follow(target, 8)
        primary.call("WAIT", 1, 5000)
        primary.kill()
        end = time.monotonic() + 30
        while reached_or_less(target) < 12:
            assert time.monotonic() < end
            time.sleep(0.1)
        assert_exact(target)


def reached_or_less(target: object) -> int:
    try:
        follow(target, 12)  # type: ignore[arg-type]
    except TargetError:
        return 0
    return 12


def test_a_lease_runs_out_and_another_takes_it(valkey_url: str) -> None:
    target = opened(valkey_url)
    target.apply(step(1), "me", 0.05)
    assert target.lead(1, "you", LEASE) in {"", "me"}
    until(lambda: target.lead(1, "you", LEASE) == "")
    follow(target, 2, owner="you")


def test_what_was_changed_by_hand_is_found(valkey_url: str) -> None:
    target = opened(valkey_url)
    follow(target, 1)
    made = step(1).rows
    first, base = made[0], target.keys.base(1)
    assert target.inspect(1, made) == {}
    for part, command in {
        "next_change_at": ("ZINCRBY", base + "due", 1, first.creator),
        "stopped:cart": ("ZREM", base + "stopped:cart", first.creator),
        "stopped:live": ("ZADD", base + "stopped:live", 5, first.creator),
        "windows:exam": ("DEL", base + "windows:exam"),
        "parked": ("HSET", base + "parked", first.creator, "no"),
        "creators": ("ZREM", base + "creators", first.creator),
        "index": ("HSET", base + "index", first.creator, b"\x92\x90\x90"),
    }.items():
        target._do(*command)
        assert part in target.inspect(1, made)[first.creator], part


@pytest.mark.parametrize("key", ["standing", "due", "scores:r:credit", "parts", "stopped:cart"])
def test_a_key_of_another_type_stops_a_step_before_it_writes(valkey_url: str, key: str) -> None:
    target = opened(valkey_url)
    follow(target, 3)
    name = target.keys.base(1) + key
    target._do("SET", name, "mine")
    with pytest.raises(TargetError, match=f"{key} that is not as we write it"):
        target.apply(step(4), "me", LEASE)
    assert target.generations()[0].checkpoint == mark(3)
    assert target._do("GET", name) == b"mine"
    assert target._do("XLEN", target.keys.feed) == sum(len(step(n).changes) for n in (1, 2, 3))


def test_a_count_that_is_no_number_stops_a_step(valkey_url: str) -> None:
    target = opened(valkey_url)
    follow(target, 1)
    target._do("HSET", target.keys.base(1) + "scores:r:credit", "1", "many")
    with pytest.raises(TargetError, match="scores:r:credit"):
        target.apply(step(2), "me", LEASE)
    assert reached(target) == 1


def test_what_is_held_but_should_not_be_is_named(valkey_url: str) -> None:
    target = opened(valkey_url)
    follow(target, 1)
    made = step(1).rows[0]
    bare = structs.replace(made, windows=(), stops=())
    expected = ["index", "stopped:cart", "stopped:live", "windows:appeal", "windows:exam"]
    assert target.inspect(1, [bare]) == {made.creator: expected}


def test_more_rows_than_lua_has_room_for_on_its_stack(valkey_url: str) -> None:
    target = opened(valkey_url)
    rows = [row(f"c{n}") for n in range(10_000)]
    target.apply(Step(generation=1, before=None, after=mark(1), rows=rows), "me", LEASE)
    assert target.inspect(1, rows[::99]) == {}


def test_the_feed_is_trimmed(valkey_url: str) -> None:
    target = opened(valkey_url, feed_length=100)
    follow(target, 200)
    assert 100 <= target._do("XLEN", target.keys.feed) < 300


def test_a_generation_that_is_live_is_not_dropped(valkey_url: str) -> None:
    target = opened(valkey_url)
    follow(target, 1)
    assert target.swap(1, "me", None)
    with pytest.raises(TargetError, match="is live"):
        target.drop(1)
    assert not target.swap(7, "me", mark(1)), "there is no generation 7"
    assert_exact(target)


def test_a_dropped_generation_leaves_no_key(valkey_url: str) -> None:
    target = opened(valkey_url)
    target.apply(Step(generation=1, before=None, after=mark(1), rows=[row("a")]), "me", LEASE)
    assert target.swap(1, "me", None)
    target.apply(Step(generation=2, before=None, after=mark(1), rows=[row_at(1, 1)]), "me", LEASE)
    assert target.swap(2, "me", mark(1))
    target.drop(1)
    pattern = target.keys.tag.replace("{", "\\{") + "*"
    keys = target._do("KEYS", pattern)
    assert not [key for key in keys if b":g1:" in key or b"lease:1" in key]
