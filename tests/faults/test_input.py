"""Ids that look as if they did something, and places that can't be used: a sentence, never more."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest
import redis_servers
import servers
from msgspec import json
from readmodels.logs import fresh
from samples import APPEAL_FIRST, envelopes, store

from ledger.errors import StoreError
from ledger.log.port import open_log

from .places import PLACES, made
from .processes import check, command
from .readers import readers
from .tries import SENTENCES, Reader, drawn, tried

IDS = (
    "{a}", "{pl:0}:live", "a:b:*", "*", "%00", "a\\b", "开播的创作者", "\U0001f600", "é",
    "'; DROP TABLE lease;--", '"', "$(id)", "<b>", "=1+1", "-- --", "a" * 128, "开" * 128,
)  # fmt: skip
REFUSED = ("a\r\nFLUSHALL", "a\nb", "\u202eb", "a\u200bb", "a\0b", "e\u0301", "a" * 129, "")
SECRET = "s3cret-of-ours"

DIGITS = b"9" * 5000
PROOF = b"c2sp.org/tlog-proof@v1\nextra AA==\nindex %s\n\nx\n\n"
MAPPING = b'[[fact]]\ntype = "exam_sat"\n[csv]\nencoding = "%s"\n'
KEY = b"\xff+e7cd3bbc+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
NO_FACT = bytes.fromhex("9a01a173a1699101019101010101c0")
MONEY = msgspec.msgpack.encode(
    [1, "s", "i", "c", 0, ["money_posted", "deposit", 1, "CNI", "released"], 0, 1, 1, None]
)
MONTH = msgspec.msgpack.encode(
    [1, "s", "i", "c", 10**15, ["recovery_granted", "null-06", 150], 10**15, 1, 1, None]
)
LATE = msgspec.msgpack.encode([1, "s", "i", "c", 2**60, ["exam_right_claimed"], 0, 1, 1, None])
READ = {
    "index of a proof": ("proof", PROOF % DIGITS, "is no index"),
    "index with a zero": ("proof", PROOF % b"01", "is no index"),
    "size of a checkpoint": ("signed note", b"a\n" + DIGITS + b"\nAA==\n", "is no size"),
    "creator of a proved fact": ("proof of a hostile sealer", NO_FACT, "no fact"),
    "brackets of a proved fact": ("proof of a hostile sealer", b"\x91" * 5000, "no fact"),
    "name of a key": ("key", KEY, "is no key"),
    "older checkpoint": ("commands", b"\xff", "refused"),
    "account": ("stored account", b"{", "account of an import"),
    "text of an account": ("stored account", b"\xff", "account of an import"),
    "number in an account": ("stored account", b'{"read":9999999999999999999}', "account of an"),
    "instant of a record": ("stored record", LATE, "can't be read"),
    "period of a record": ("replayed record", MONTH, "period 'null-06'"),
    "currency of a record": ("stored record", MONEY, "currency 'CNI'"),
    "encoding of host names": ("mapping", MAPPING % b"idna", "no encoding of tables"),
    "number of a database": ("URL", b"redis://a/" + DIGITS, "number of a database"),
    "bytes of a PostgreSQL's URL": ("URL", b"postgres://\xff@", "no text in UTF-8"),
    "characters of a PostgreSQL's URL": ("URL", b"postgres://[::1]:2,%ff", "no text in UTF-8"),
    "options of a PostgreSQL's URL": ("URL", b"postgres://h/d?" + b"a=1&" * 99 + b"/", "not right"),
    "place in a list": ("what-if --set", b"nodes.8.stops.%s.days=3" % DIGITS, "no key"),
}
"""{what was once no sentence: (who reads it, the bytes, what is said)}"""
DAMAGE = {
    "number of a key": ("UPDATE fact_keys SET position = 'x' WHERE position = 1", "not as it was"),
    "name in the schema": (
        "UPDATE sqlite_master SET name = CAST(x'ff' AS TEXT), sql = '(' WHERE name = 'pages'",
        "damaged",
    ),
}
"""{what was once no sentence: (what is done to a ledger's file, what is said)}"""
LONG = {
    "names of cases": b"".join(b"## %d\n" % n for n in range(32_000)),
    "rows of a case": b"## a\n" + b"2024-07-10 09:00 | claimed\n" * 16_000,
    "times in a row": b"## a\n" + b" (known 1" * 14_000 + b" | standing\n",
    "cases and what is none": b"".join(b"## %d\nx\n" % n for n in range(40_000)),
}
"""Cases that took the square of their length."""
TRIES = 12


def lines(*subjects: str) -> str:
    """An enrolment and a violation for each."""
    found = {"violation": "v", "category": "misleading", "detected_by": "other"}
    return "".join(
        json.encode(
            {"specversion": "1.0", "id": f"{n}-{kind}", "source": "s", "subject": subject}
            | {"time": "2024-07-10T09:00:00+08:00", "type": kind, "data": data}
        ).decode()
        + "\n"
        for n, subject in enumerate(subjects)
        for kind, data in (("creator_enrolled", {"level": 4}), ("violation_found", found))
    )


@pytest.mark.parametrize("kind", PLACES)
def test_hostile_ids_are_only_names(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "facts.jsonl"
    file.write_text(lines(*IDS), encoding="utf-8")
    with made(kind) as place:
        done = command("--db", place.db, "import", str(file))
        assert done.returncode == 0, done.stderr
        done = command("--db", place.db, "project", "--once", *place.arguments)
        assert done.returncode == 0, done.stderr
        assert f"{len(IDS)} creators compared, 0 differ" in check(place).stdout
        target = place.open()
        told = {json.decode(c.event)["subject"] for c in place.feed(target)}
        assert target.creators(1) == sorted(IDS, key=str.encode)
        target.close()
    assert told == set(IDS)


def test_ids_that_steer_a_protocol_or_a_terminal_are_refused_at_the_door(tmp_path: Path) -> None:
    url, file = fresh(tmp_path / "ledger.db"), tmp_path / "facts.jsonl"
    file.write_text(lines(*REFUSED), encoding="utf-8")
    done = command("--db", url, "import", str(file))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    why = (tmp_path / "facts.jsonl.rejects.jsonl.why").read_text(encoding="utf-8")
    assert why.count("subject") >= 2 * len(REFUSED), why
    assert "\u202e" not in why + done.stdout + done.stderr
    with open_log(url) as log:
        assert log.head() == 0


@pytest.fixture(scope="module")
def guarded() -> Iterator[redis_servers.Server]:
    """A Valkey with a password."""
    with redis_servers.server("--requirepass", servers.PASSWORD) as server:
        yield server


def places(redis: int, postgres: int, nowhere: int) -> dict[str, tuple[tuple[str, str], str]]:
    """{what is wrong: (the place as it is named, what is said)}"""
    name, told = f"127.0.0.1:{redis}", "does not answer"
    database = f"postgresql://ledger:{{}}@127.0.0.1:{postgres}/{{}}"
    right = database.format(servers.PASSWORD, "{}")
    return {
        "no password": (("--redis", f"redis://{name}/0"), "asks for a password"),
        "wrong password": (("--redis", f"redis://:{SECRET}@{name}/0"), "refuses this user"),
        "TLS to a plain port": (("--redis", f"rediss://:{SECRET}@{name}/0"), "not speak TLS"),
        "no such database": (
            ("--redis", f"redis://:{servers.PASSWORD}@{name}/99"),
            "no database of this number",
        ),
        "no cluster": (("--redis", f"redis+cluster://:{servers.PASSWORD}@{name}"), "no cluster"),
        "no Redis there": (("--redis", f"redis://:{SECRET}@127.0.0.1:{nowhere}/0"), told),
        "no Redis but PostgreSQL": (("--redis", f"redis://:{SECRET}@127.0.0.1:{postgres}/0"), ""),
        "wrong password of PostgreSQL": (
            ("--sql", database.format(SECRET, "postgres")),
            "refuses this user or password",
        ),
        "missing database": (("--sql", right.format("missing")), "no such database"),
        "no PostgreSQL there": (
            ("--sql", f"postgresql://ledger:{SECRET}@127.0.0.1:{nowhere}/x"),
            told,
        ),
        "no directory": (("--sql", "sqlite:////nowhere/rows.db"), "create it first"),
    }


@pytest.mark.parametrize("wrong", places(0, 0, 0))
def test_a_place_that_cannot_be_used_is_one_sentence_and_exit_code_5(
    wrong: str, guarded: redis_servers.Server, postgres_url: str, tmp_path: Path
) -> None:
    port = urlsplit(postgres_url).port
    assert port is not None
    where, told = places(guarded.port, port, servers.free_port())[wrong]
    done = command("--db", fresh(tmp_path / "l.db"), "project", "--once", *where)
    assert done.returncode == 5, done.stderr
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert told in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert servers.PASSWORD not in done.stdout + done.stderr


@pytest.fixture(scope="module")
def all_readers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Reader]:
    return {reader.name: reader for reader in readers(tmp_path_factory.mktemp("readers"))}


@pytest.mark.parametrize("what", READ)
def test_what_is_read_is_taken_or_ends_in_a_sentence(
    what: str, all_readers: dict[str, Reader]
) -> None:
    name, data, told = READ[what]
    with pytest.raises(SENTENCES, match=told):
        all_readers[name].read(data)


@pytest.mark.parametrize("what", LONG)
def test_a_long_table_of_cases_is_read_in_time(what: str, all_readers: dict[str, Reader]) -> None:
    assert tried(all_readers["cases"], LONG[what]).how == "refused"


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_ledger_is_told(what: str, tmp_path: Path) -> None:
    statement, told = DAMAGE[what]
    url = store(tmp_path, envelopes(APPEAL_FIRST))
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as file:
        file.execute("PRAGMA writable_schema = ON")
        file.execute(statement)
        file.commit()
    with pytest.raises(StoreError, match=told), open_log(url) as log:
        log.check_keys()


def test_a_few_tries_of_the_campaign(all_readers: dict[str, Reader]) -> None:
    for reader in all_readers.values():
        for number in range(TRIES):
            data = drawn(reader, 1, number)
            assert not tried(reader, data).wrong, (reader.name, number, data[:200])
