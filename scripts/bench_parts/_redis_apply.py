"""Pages of rows into Redis: our one script beside a raw pipeline of as many commands.

Both write the same: documents, what falls due, stops, windows, the distribution of scores, index
entries, creators, the feed. The peer's commands are encoded beforehand and sent by 500 on a bare
socket; it checks nothing, takes nothing out and counts nothing down. The first figure is the
server's side: the script with its argument packed beforehand. The second is the whole of `apply`.
"""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from projections.readmodels.redis import step as redis_step
from projections.readmodels.redis.target import RedisTarget, open_redis
from projections.readmodels.rows import Quota, Row, Score, Stop, Window, document
from projections.readmodels.target import Change, Checkpoint, Step

CREATORS, PAGE, BY, ROUNDS = 20_000, 500, 500, 7
HOUR = 3_600_000_000
EVENT = b'{"specversion":"1.0","type":"standing.changed","data":"%s"}' % (b"as usual " * 40)
STANDING = b'{"rulebook":"douyin-creator@2024-09","score":"%d","note":"%s"}'
Words = tuple[bytes | str | int | float, ...]


def row(n: int, turn: int) -> Row:
    at, score = (turn + 1) * HOUR, (n * 7 + turn) % 1200
    return Row(
        creator=f"creator-{n:08}",
        position=n,
        as_of=at,
        next_change_at=at + n,
        standing=STANDING % (score, b"of the usual length " * 20),
        rulebook="douyin-creator@2024-09",
        scores=(Score("credit", score),),
        stops=(Stop("8", None, "cart", at, at + n, None, "running"),),
        windows=(Window("exam", f"v-{n}", at + n, None), Window("appeal", f"v-{n}", at, None)),
        quotas=(Quota("spam", at),),
    )


def mark(position: int) -> Checkpoint:
    return Checkpoint(position=position, clock=0, law="law", log="log")


def steps(turn: int) -> Iterator[Step]:
    pages = CREATORS // PAGE
    for page in range(pages):
        rows = [row(n, turn) for n in range(page * PAGE, (page + 1) * PAGE)]
        changes = [Change(f"{turn}:{r.creator}", r.creator, EVENT) for r in rows]
        number = turn * pages + page
        before = mark(number) if number else None
        yield Step(generation=1, before=before, after=mark(number + 1), rows=rows, changes=changes)


def commands(step: Step, base: str) -> Iterator[Words]:
    for one in step.rows:
        name = one.creator
        yield "HSET", base + "standing", name, document(one)
        yield "HSET", base + "index", name, redis_step.entry(one)
        yield "ZADD", base + "creators", 0, name
        for part, member, score in redis_step.places(one):
            yield "ZADD", base + part, score, member
        for part, field in redis_step.counts(one):
            yield "HINCRBY", base + part, field, 1
    for change in step.changes:
        fields = ("id", change.id, "creator", change.creator, "event", change.event)
        yield "XADD", base + "feed", "MAXLEN", "~", 100_000, "*", *fields


def encoded(words: Words) -> bytes:
    texts = [w if isinstance(w, bytes) else str(w).encode() for w in words]
    return b"*%d\r\n" % len(texts) + b"".join(b"$%d\r\n%s\r\n" % (len(t), t) for t in texts)


def by_few(all_: list[bytes]) -> list[tuple[bytes, int]]:
    rest = iter(all_)
    return [(b"".join(few), len(few)) for few in iter(lambda: list(islice(rest, BY)), [])]


def raw(port: int, batches: list[tuple[bytes, int]]) -> None:
    """Send, and wait until each command of a batch is answered: every answer is one line or two."""
    with closing(socket.create_connection(("127.0.0.1", port))) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for batch, wanted in batches:
            wire.sendall(batch)
            got = 0
            while got < wanted:
                data = wire.recv(1 << 16)
                got += data.count(b"\n") - data.count(b"$")  # XADD answers with a length and an id


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def script_side(target: RedisTarget, turn: int) -> float:
    """The time of the scripts of a turn alone."""
    sent: list[tuple[Any, ...]] = []
    run, link = target._link.run, target._link
    link.run = lambda *args: sent.append(args) or [b"done"]  # type: ignore[method-assign]
    for step in steps(turn):
        target.apply(step, "bench", 60)
    link.run = run  # type: ignore[method-assign]
    return timed(lambda: [run(*args) for args in sent])


def peer_program(port: int) -> float | None:
    """What redis-benchmark reaches with one client and 500 HSETs of a document on the wire."""
    if not (program := shutil.which("redis-benchmark")):
        return None
    words = ["HSET", "bench", "creator-__rand_int__", document(row(1, 1)).decode()]
    command = [program, "-p", str(port), "-c", "1", "-P", str(BY), "-n", "200000", "-r", "20000"]
    done = subprocess.run([*command, "--csv", *words], capture_output=True, text=True, check=True)
    return float(done.stdout.splitlines()[-1].rsplit('","', 7)[1])


def figures() -> Iterator[dict[str, Any]]:
    sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
    import servers

    with servers.valkey() as url:
        port = int(url.rpartition(":")[2].partition("/")[0])
        (target,) = open_redis(url)
        script, raws, whole, peers = [], [], [], []
        batches, count = [], 0
        for turn in range(0, 2 * ROUNDS, 2):
            base = "{raw}:"
            batches = [encoded(c) for s in steps(turn) for c in commands(s, base)]
            count, ready = len(batches), by_few(batches)
            script.append(script_side(target, turn))
            raws.append(timed(lambda ready=ready: raw(port, ready)))
            made = list(steps(turn + 1))
            whole.append(timed(lambda made=made: [target.apply(s, "bench", 60) for s in made]))
            if (peer := peer_program(port)) is not None:
                peers.append(peer)
        target.close()
    yield from told(count, script, raws, whole, peers)


def told(
    count: int, script: list[float], raws: list[float], whole: list[float], peers: list[float]
) -> Iterator[dict[str, Any]]:
    ratio = median(raws) / median(script)
    yield {
        "name": f"readmodels.apply: {PAGE} rows a page, {count // CREATORS} commands each, server",
        "value": round(count / median(script)),
        "unit": "commands/s",
        "against": f"raw pipeline by {BY}, encoded before ({count / median(raws):,.0f})",
        "ratio": round(ratio, 3),
        "target": ">= 0.5",
        "met": ratio >= 0.5,
    }
    yield {
        "name": f"readmodels.apply: the same from rows ({CREATORS / median(whole):,.0f} rows/s)",
        "value": round(count / median(whole)),
        "unit": "commands/s",
        "against": f"raw pipeline by {BY}, encoded before ({count / median(raws):,.0f})",
        "ratio": round(median(raws) / median(whole), 3),
        "target": "",
        "met": None,
    }
    if peers:
        yield {
            "name": "readmodels.apply: server",
            "value": round(count / median(script)),
            "unit": "commands/s",
            "against": f"redis-benchmark -c 1 -P {BY} HSET of a document ({median(peers):,.0f})",
            "ratio": round(count / median(script) / median(peers), 3),
            "target": ">= 0.5",
            "met": count / median(script) / median(peers) >= 0.5,
        }
