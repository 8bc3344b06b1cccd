"""What docs/redis.md and the example's consumers say works, on a server with a read model in it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis_servers
from msgspec.structs import replace
from readmodels_world import opened
from redis_servers import Server, old_program

from projections.readmodels.contract import LATER, LEASE, START, parked, row
from projections.readmodels.redis.target import RedisTarget
from projections.readmodels.target import Change, Step

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "redis.md").read_text(encoding="utf-8")
CONSUMERS = ROOT / "examples" / "redis-consumer"


@pytest.fixture
def path() -> str:
    """Where redis-cli is found: in the wheel with the old server, else on the machine."""
    if sys.version_info < (3, 13):
        return f"{old_program().parent}:/usr/bin:/bin"
    if not shutil.which("redis-cli"):
        pytest.skip("redis-cli is not installed, and no wheel has it for this Python")
    return os.environ["PATH"]


def change(position: int, name: str, creator: str = "mei", second: str = "00") -> Change:
    event = {
        "id": name,
        "subject": creator,
        "time": f"2024-07-10T07:00:{second}Z",
        "data": {"position": position, "old": None, "new": {"score": f"{position}.5"}},
    }
    return Change(name, creator, json.dumps(event).encode())


CHANGES = [
    change(1, "1"),
    change(2, "2", "ada"),
    change(5, "5"),
    change(5, "5"),  # once more
    change(5, "5@7", second="00.5"),
    change(3, "3"),  # older
    change(6, "6"),
]


def publish(target: RedisTarget, changes: list[Change]) -> None:
    before = target.generations()[0].checkpoint
    step = Step(generation=1, before=before, after=before, changes=changes)
    target.apply(step, "me", LEASE)


@pytest.fixture
def served() -> Iterator[tuple[Server, RedisTarget]]:
    """A server for itself: its keys have the usual prefix."""
    with redis_servers.server() as server:
        target = opened(server.url, "pl")
        rows = [row("mei", due=3_000_000_000_000_000), row("ada"), parked("bo")]
        target.apply(Step(generation=1, before=None, after=START, rows=rows), "me", LEASE)
        target.apply(Step(generation=1, before=START, after=LATER), "me", LEASE)
        target.swap(1, "me", None)
        publish(target, CHANGES)
        yield server, target


def recipes() -> list[str]:
    blocks = re.findall(r"^```bash\n(.*?)^```", DOCUMENT, re.M | re.S)
    return [line.partition("   #")[0] for block in blocks for line in block.splitlines()]


def test_recipes(served: tuple[Server, RedisTarget], path: str) -> None:
    server, _ = served
    answers = {}
    for line in recipes():
        done = subprocess.run(
            ["/bin/bash", "-c", line],
            env={"PATH": path, "URL": server.url},
            capture_output=True, text=True, timeout=20, check=False,
        )  # fmt: skip
        failed = done.returncode or re.match(r"[A-Z]{3,} ", done.stdout)
        assert not failed, f"{line}\n{done.stdout}{done.stderr}"
        answers[line.partition("$URL ")[2].split("$")[0].strip()] = done.stdout
    assert len(answers) >= 20
    assert answers["GET '{pl:0}:live'"] == "1\n"
    assert json.loads(answers["HGET '{pl:0}:g1:standing' mei"])["creator"] == "mei"
    assert answers["ZRANGE '{pl:0}:g1:stopped:cart'"] == "mei\n3000000000000\n"
    assert answers["ZRANGE '{pl:0}:g1:due' 0 9 WITHSCORES"].split()[0] == "ada"
    assert answers["HGETALL '{pl:0}:g1:scores:douyin-creator:credit'"].strip() == ""


def test_every_key_is_described(served: tuple[Server, RedisTarget]) -> None:
    server, _ = served
    kinds = {b"zset": "sorted set"}
    rows = re.findall(r"^\| (`\{pl.*?) \| (\w[\w ]+) \|", DOCUMENT, re.M)
    described = {key: kind for keys, kind in rows for key in re.findall(r"`([^`]+)`", keys)}
    for key in server.call("KEYS", "*"):
        name = key.decode().replace(":live", ":cart") if b"stopped:" in key else key.decode()
        name = re.sub(r"scores:r:\w+", "scores:douyin-creator:credit", name)
        name = name.replace("{pl:0}:g1:windows:appeal", "…:windows:appeal")
        kind = server.call("TYPE", key)
        assert described[name] == kinds.get(kind, kind.decode()), name


def test_rights_that_the_document_gives_are_enough(served: tuple[Server, RedisTarget]) -> None:
    server, _ = served
    for line in recipes():
        if "ACL SETUSER" in line:
            words = line.partition("$URL ")[2].replace("\\", "").replace("'", "").split()
            server.call(*words)
    writer = opened(server.url.replace("//", "//writer:secret@"), "pl")
    writer.apply(Step(generation=1, before=LATER, after=LATER, rows=[row("z")]), "me", LEASE)
    assert writer.inspect(1, [row("z")]) == {}
    assert writer.totals(1)
    writer.release(1, "me")
    writer.apply(Step(generation=2, before=None, after=LATER), "me", LEASE)
    assert writer.swap(2, "me", LATER)
    writer.drop(1)
    reader = opened(server.url.replace("//", "//writer:secret@"), "pl")
    assert [g.number for g in reader.generations()] == [2]


def consume(program: list[object], server: Server, *more: str) -> list[str]:
    command = [str(word) for word in program] + [server.url, "platform", *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_consumer_in_python(served: tuple[Server, RedisTarget]) -> None:
    server, target = served
    program = [sys.executable, CONSUMERS / "consume.py"]
    expected = ["1 mei 1.5", "2 ada 2.5", "5 mei 5.5", "5@7 mei 5.5", "6 mei 6.5"]
    assert consume(program, server, "one", "--once") == expected
    assert consume(program, server, "two", "--once") == []
    publish(target, [change(7, "7"), *CHANGES])
    assert consume(program, server, "two", "--once") == ["7 mei 7.5"]
    assert server.call("XPENDING", target.keys.feed, "platform")["pending"] == 0
    assert target.inspect(1, [row("ada")]) == {}


MANY = 400
"""Changes, published under a feed of 10: a server trims by blocks."""


def overtake(server: Server, target: RedisTarget) -> None:
    """The feed is trimmed further than `platform` has read it."""
    target._length = 10
    for n in range(MANY):
        publish(target, [change(100 + n, str(100 + n), "zoe" if n else "mei")])
    oldest = server.call("XRANGE", target.keys.feed, "-", "+", "COUNT", 1)[0][0]
    assert int(oldest.decode().partition("-")[2]) > len(CHANGES) + 1  # mei's is gone


def test_a_consumer_in_python_that_was_overtaken_reads_the_rows_anew(
    served: tuple[Server, RedisTarget],
) -> None:
    server, target = served
    program = [sys.executable, CONSUMERS / "consume.py"]
    consume(program, server, "one", "--once")
    row_of_mei = replace(row("mei", score=200), position=100, standing=b'{"score":"100.5"}')
    step = Step(generation=1, before=LATER, after=LATER, rows=[row_of_mei])
    target.apply(step, "me", LEASE)
    overtake(server, target)
    assert re.fullmatch(
        r"the feed was trimmed past the group platform: \d+ changes are gone that it has not read; "
        r"it must read the rows anew",
        *target.losses(),
    )
    said = consume(program, server, "two", "--once")
    assert "row mei 100.5" in said
    assert said[-1] == f"{99 + MANY} zoe {99 + MANY}.5"
    assert target.losses() == []
    assert consume(program, server, "one", "--once") == []


def test_a_consumer_in_sh_that_was_overtaken_reads_the_rows_anew(
    served: tuple[Server, RedisTarget], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", path)
    server, target = served
    program = ["/bin/sh", CONSUMERS / "consume.sh"]
    consume(program, server, "one")
    overtake(server, target)
    words = [line.split(maxsplit=2) for line in consume(program, server, "one")]
    assert [w[:2] for w in words[-3:]] == [["row", "ada"], ["row", "bo"], ["row", "mei"]]
    assert json.loads(words[-1][2])["creator"] == "mei"
    assert consume(program, server, "one") == []


@pytest.mark.parametrize("program", ["consume.py", "consume.sh"])
def test_what_was_read_and_trimmed_before_it_was_done_with_is_missed_too(
    served: tuple[Server, RedisTarget], path: str, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setenv("PATH", path)
    server, target = served
    feed = target.keys.feed
    server.call("XGROUP CREATE", feed, "platform", "0")
    server.call("XREADGROUP", "GROUP", "platform", "one", "COUNT", 100, "STREAMS", feed, ">")
    overtake(server, target)
    server.call("XGROUP SETID", feed, "platform", "$")
    (said,) = target.losses()
    assert "changes are gone that it had read and not acknowledged" in said
    python = program.endswith("py")
    words = [sys.executable, CONSUMERS / program] if python else ["/bin/sh", CONSUMERS / program]
    assert any("row mei" in line for line in consume(words, server, "one", *["--once"] * python))
    assert target.losses() == []


def test_a_group_that_reads_along_is_not_overtaken(served: tuple[Server, RedisTarget]) -> None:
    server, target = served
    target._length = 10
    program = [sys.executable, CONSUMERS / "consume.py"]
    consume(program, server, "one", "--once")
    for n in range(10, 20):
        publish(target, [change(k, str(k)) for k in range(8 * n, 8 * (n + 1))])
        said = consume(program, server, str(n), "--once")
        assert not [line for line in said if line.startswith("row")]
        assert target.losses() == []
    assert server.call("XLEN", target.keys.feed) < 80


def test_changes_are_numbered_without_a_gap(served: tuple[Server, RedisTarget]) -> None:
    """In the entry's id, also after it was trimmed to nothing, and before the clock comes again."""
    server, target = served
    feed = target.keys.feed

    def numbers() -> list[int]:
        entries = server.call("XRANGE", feed, "-", "+")
        return [int(entry.decode().partition("-")[2]) for entry, _ in entries]

    assert numbers() == list(range(1, len(CHANGES) + 1))
    server.call("XTRIM", feed, "MAXLEN", 0)
    publish(target, CHANGES[:2])
    assert numbers() == [len(CHANGES) + 1, len(CHANGES) + 2]
    server.call("XADD", feed, f"{2**50}-5", "id", "x", "creator", "y", "event", "{}")
    publish(target, CHANGES[:2])
    assert numbers()[-2:] == [6, 7]


def test_what_a_member_left_is_its_own_again(served: tuple[Server, RedisTarget]) -> None:
    server, target = served
    feed = target.keys.feed
    server.call("XGROUP CREATE", feed, "platform", "0")
    server.call("XREADGROUP", "GROUP", "platform", "one", "COUNT", 2, "STREAMS", feed, ">")
    said = consume([sys.executable, CONSUMERS / "consume.py"], server, "one", "--once")
    assert said[:2] == ["1 mei 1.5", "2 ada 2.5"]


def test_the_consumer_in_sh(
    served: tuple[Server, RedisTarget], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", path)
    server, target = served
    program = ["/bin/sh", CONSUMERS / "consume.sh"]
    said = [line.split()[:2] for line in consume(program, server, "one")]
    assert said == [[w, c] for w, c in
                    [("1", "mei"), ("2", "ada"), ("5", "mei"), ("5@7", "mei"), ("3", "mei"),
                     ("6", "mei")]]  # fmt: skip
    assert consume(program, server, "one") == []
    publish(target, [change(7, "7"), *CHANGES])
    assert [line.split()[0] for line in consume(program, server, "two")] == ["7"]
