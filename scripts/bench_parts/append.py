"""Facts into the log, beside the bare drivers writing the same rows into the same tables.

The peers are given the finished rows: they encode nothing, check nothing and look nothing up. Both
write to tables made by the log itself, at the durability it asks for, taking turns in one process.
"""

import gc
import itertools
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from unittest.mock import patch

from msgspec.structs import replace

from ledger.exchange.intake import import_jsonl
from ledger.exchange.mapping import load_mapping
from ledger.exchange.tabular import open_table
from ledger.facts.cloudevents import encode
from ledger.facts.envelope import Envelope
from ledger.facts.types import AppealGranted, AppealLodged, ExamSat, RecoveryGranted, ViolationFound
from ledger.log import page
from ledger.log.bond import START
from ledger.log.port import Log, open_log
from ledger.log.sqlite.store import _INSERT_EVENT, _INSERT_KEY
from projections.standing.question import Question

ROOT = Path(__file__).parents[2]
FACTS, SINGLES, PAGE, ROUNDS = 20_000, 1_000, 2_000, 5
BULK = 100_000
"""Facts of a file that is imported: one large enough for a second process to read it."""
Rows = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]
Figure = dict[str, Any]


def facts(count: int, seed: int = 1) -> Iterator[Envelope]:
    """As a platform would send them: by time, over many creators."""
    random, source, start = Random(seed), "https://platform.example", 1_720_000_000_000_000
    creators = max(100, count // 30)
    for n in range(count):
        v, kind = f"v-{random.randrange(n + 1):07d}", random.random()
        if kind < 0.7:
            points = random.choice([None, 50, 150, 300])
            ground = "repeated" if points else None
            found = (f"v-{n:07d}", "misleading", "user_complaint", "severe", points, ground)
            fact: Any = ViolationFound(*found)
        elif kind < 0.8:
            fact = AppealLodged(v)
        elif kind < 0.87:
            fact = AppealGranted(v)
        elif kind < 0.95:
            fact = ExamSat(v, random.randrange(101) * 100)
        else:
            fact = RecoveryGranted("2024-06")
        creator = f"c-{random.randrange(creators):06d}"
        yield Envelope(source, f"e-{n:07d}", creator, start + n * 10**6, fact)


def seconds(run: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def figure(name: str, count: int, ours: list[float], theirs: list[float], **more: Any) -> Figure:
    """The ratio is that of each round, so that what slows the machine slows both."""
    ratio = median(peer / our for our, peer in zip(ours, theirs, strict=True))
    target = more.pop("target")
    return {
        "name": name,
        "value": round(count / median(ours)),
        "unit": "facts/s",
        "against": f"{more['against']} ({count / median(theirs):,.0f}/s)",
        "ratio": round(ratio, 3),
        "target": f">= {target}",
        "met": ratio >= target,
    }


def pages(log: Log, all_: list[Envelope], size: int) -> None:
    for start in range(0, len(all_), size):
        log.append(all_[start : start + size])


def raw_sqlite(path: Path, rows: Rows, size: int) -> None:
    events, keys = rows
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        for start in range(0, len(events), size):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_INSERT_KEY, keys[start : start + size])
            connection.executemany(_INSERT_EVENT, events[start : start + size])
            connection.execute("COMMIT")


def empty(path: Path) -> Path:
    open_log(f"sqlite:///{path}", create=True).close()
    return path


def rows_of(path: Path) -> Rows:
    columns = "rowid, originator_id, originator_version, topic, state, hash"
    with closing(sqlite3.connect(path)) as connection:
        events = connection.execute(f"SELECT {columns} FROM stored_events ORDER BY rowid")
        keys = connection.execute("SELECT * FROM fact_keys ORDER BY position")
        return events.fetchall(), keys.fetchall()


def sqlite_figures(folder: Path) -> Iterator[Figure]:
    all_ = list(facts(FACTS))
    file, bulk = folder / "facts.jsonl", folder / "bulk.jsonl"
    file.write_text("".join(encode(e) + "\n" for e in all_))
    with bulk.open("w") as out:
        out.writelines(encode(e) + "\n" for e in facts(BULK))
    with open_log(f"sqlite:///{folder}/rows.db", create=True) as log:
        pages(log, all_, PAGE)
    rows = rows_of(folder / "rows.db")
    one_by_one = rows[0][:SINGLES], rows[1][:SINGLES]
    times: dict[str, list[float]] = {}
    for n in range(ROUNDS):
        urls = [f"sqlite:///{empty(folder / f'{n}-{name}.db')}" for name in "abc"]
        bare = [empty(folder / f"{n}-{name}.db") for name in "de"]
        with open_log(urls[0]) as a, open_log(urls[1]) as b, open_log(urls[2]) as c:
            timed = {
                "raw pages": lambda: raw_sqlite(bare[0], rows, PAGE),  # noqa: B023  run at once
                "pages": lambda: pages(a, all_, PAGE),
                "import": lambda: import_jsonl(bulk, c),
                "raw singles": lambda: raw_sqlite(bare[1], one_by_one, 1),  # noqa: B023
                "singles": lambda: pages(b, all_[:SINGLES], 1),
            }
            for name, run in timed.items():
                share_ = FACTS / BULK if name == "import" else 1
                times.setdefault(name, []).append(seconds(run) * share_)
    raw, against = times["raw pages"], "raw sqlite3 executemany, same rows, tables, durability"
    name = f"append.sqlite: pages of {PAGE:,}"
    yield figure(name, FACTS, times["pages"], raw, against=against, target=0.6)
    against = "raw sqlite3, one fact per commit"
    singles = times["singles"], times["raw singles"]
    yield figure("append.sqlite: one per commit", SINGLES, *singles, against=against, target=0.85)
    against = "raw sqlite3 executemany of finished rows"
    name = "append.import: JSONL file to committed"
    yield figure(name, FACTS, times["import"], raw, against=against, target=0.35)


class NoHash:
    """In the place of SHA-256: what is left is what the log costs without it."""

    def __init__(self, _data: bytes = b"") -> None: ...

    def digest(self) -> bytes:
        return START


def hash_figures(folder: Path) -> Iterator[Figure]:
    """What it costs to hash and chain facts as they are recorded, and to check them when read."""
    file, rest = folder / "facts.jsonl", itertools.count()
    without = {"sha256": NoHash, "key_sum": lambda *_: 0, "link": lambda *_: START}

    def recorded() -> None:
        with open_log(f"sqlite:///{folder}/hash-{next(rest)}.db", create=True) as log:
            import_jsonl(file, log)

    def unbound() -> None:
        with ExitStack() as stack:
            for name, other in without.items():
                stack.enter_context(patch.object(page, name, other))
            recorded()

    times = [(seconds(recorded), seconds(unbound)) for _ in range(ROUNDS)]
    more = median(ours / theirs for ours, theirs in times) - 1
    yield share("append.bound: hashes and chain of a bulk import", more, "the import without")
    url = f"sqlite:///{folder}/one.db"
    with open_log(url, create=True) as log:
        pages(log, [replace(e, subject="mei") for e in facts(10_000)], PAGE)
    with Question(url) as question:
        states = [state for _, state, *_ in stored(folder / "one.db")]

        def check() -> None:
            assert [sha256(state).digest() for state in states]

        times = [(seconds(check), seconds(lambda: question.ask("mei"))) for _ in range(ROUNDS)]
    part = median(ours / theirs for ours, theirs in times)
    yield share("append.bound: hashes checked for a standing of 10,000 facts", part, "the standing")


def stored(path: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT rowid, state FROM stored_events").fetchall()


def share(name: str, part: float, of: str) -> Figure:
    return {
        "name": name,
        "value": round(100 * part, 1),
        "unit": "%",
        "against": of,
        "ratio": round(part, 3),
        "target": "<= 0.1",
        "met": part <= 0.1,
    }


def raw_postgres(url: str, rows: Rows) -> None:
    import psycopg

    columns = "(notification_id, originator_id, originator_version, topic, state, hash)"
    event = f"INSERT INTO stored_events {columns} VALUES (%s, %s, %s, %s, %s, %s)".encode()
    key = b"INSERT INTO fact_keys VALUES (%s, %s, %s, %s)"
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for start in range(0, len(rows[0]), PAGE):
            cursor.executemany(key, rows[1][start : start + PAGE])
            cursor.executemany(event, rows[0][start : start + PAGE])
            connection.commit()


def postgres_figure(folder: Path) -> Iterator[Figure]:
    sys.path.insert(0, str(ROOT / "tests"))
    import servers

    all_, rows = list(facts(FACTS)), rows_of(folder / "rows.db")
    ours, theirs = [], []
    with servers.postgres() as server:
        for _ in range(3):
            url, bare = server.database(), server.database()
            open_log(bare, create=True).close()
            with open_log(url, create=True) as log:
                theirs.append(seconds(lambda: raw_postgres(bare, rows)))  # noqa: B023  run at once
                ours.append(seconds(lambda: pages(log, all_, PAGE)))
    against = "raw psycopg executemany, same rows, tables, durability"
    name = f"append.postgresql: pages of {PAGE:,}"
    yield figure(name, FACTS, ours, theirs, against=against, target=0.6)


MAPPING = """
[[fact]]
type = "violation_found"
id = "{id}"
source = "urn:bench"
subject = "{who}"
time = { column = "at", format = "%Y-%m-%d %H:%M:%S", zone = "Asia/Shanghai" }

[fact.data]
violation = "{violation}"
category = "{category}"
detected_by = "other"
points = { column = "points", as = "decimal" }
ground = "{ground}"
"""


def table_figure(folder: Path) -> Iterator[Figure]:
    """A table as facts, without the log: what a mapping costs."""
    mapping, table = folder / "mapping.toml", folder / "table.csv"
    mapping.write_text(MAPPING)
    start = datetime(2024, 7, 8)
    with table.open("w") as out:
        out.write("id,who,at,violation,category,points,ground\n")
        for n in range(BULK):
            at = start + timedelta(seconds=n)
            out.write(f"e-{n},c-{n % 3000},{at},v-{n},misleading,1.5,repeated\n")
    best = 0.0
    for _ in range(3):
        with table.open("rb") as stream:
            began = time.process_time()
            _, rows = open_table(stream, table.name, load_mapping(mapping))
            read = sum(len(row.facts) for row in rows)
            best = max(best, read / (time.process_time() - began))
    assert read == BULK
    yield {
        "name": "append.mapping: CSV to facts through a mapping",
        "value": round(best),
        "unit": "facts/s CPU",
        "against": "–",
        "ratio": "–",
        "target": ">= 60,000",
        "met": best >= 60_000,
    }


IMPORT_AND_PEAK = """
import sys
from pathlib import Path
sys.path[:0] = ["scripts"]
from bench_parts._memory import peak_mib
from ledger.exchange.intake import import_jsonl
from ledger.log.port import open_log
with open_log(f"sqlite:///{sys.argv[1]}.db", create=True) as log:
    tally = import_jsonl(Path(sys.argv[1]), log)
assert tally.recorded == int(sys.argv[2]), tally
print(peak_mib())
"""


def memory_figure(folder: Path) -> Iterator[Figure]:
    peaks = []
    for count in (100_000, 1_000_000):
        file = folder / f"{count}.jsonl"
        with file.open("w") as lines:
            lines.writelines(encode(e) + "\n" for e in facts(count))
        command = [sys.executable, "-c", IMPORT_AND_PEAK, str(file), str(count)]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        peaks.append(float(said.stdout))
    ratio = peaks[1] / peaks[0]
    yield {
        "name": "append.import: peak memory of 1,000,000 facts",
        "value": round(peaks[1], 1),
        "unit": "MiB",
        "against": f"100,000 facts ({peaks[0]:.1f} MiB)",
        "ratio": round(ratio, 3),
        "target": "<= 1.25",
        "met": ratio <= 1.25,
    }


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from sqlite_figures(folder)
        yield from hash_figures(folder)
        yield from table_figure(folder)
        yield from postgres_figure(folder)
        yield from memory_figure(folder)
