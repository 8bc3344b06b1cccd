"""One bit of a ledger flipped: in a cell of a table, or anywhere in the file of SQLite.

After each flip the log is asked everything. An answer that is neither as it was nor an error is
*undetected*. What no answer is made of (a free byte, a page's own hash) leaves all as it was.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeAlias

import psycopg
from psycopg import sql

from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from ledger.log.port import open_log

from .answers import Questions, answers, findings, questions
from .processes import in_process

CREATORS = ("ann", "bob", "cy", "开播")
START = 1_720_000_000_000_000
TABLES = ("stored_events", "fact_keys", "streams", "pages", "log_end", "rulebook_pins", "imports")
Flip: TypeAlias = tuple[str, Callable[[], None]]
"""Where it is, and what does it."""


class Flipped(NamedTuple):
    place: str
    refused: int
    """Questions that ended in a sentence."""
    wrong: tuple[str, ...]
    """Questions that were answered otherwise."""
    found: bool
    """By `verify`."""

    @property
    def outcome(self) -> str:
        if self.wrong:
            return "undetected"
        if self.refused:
            return "refused"
        return "found by verify" if self.found else "no difference"


def fill(url: str, folder: Path, facts: int) -> Questions:
    """A ledger with facts of two sources, an import's account, and rulebooks that have ruled."""
    page = [
        Envelope(f"s{n % 2}", f"e{n}", CREATORS[n % 3], START + n, f.ProfileChanged(n % 5, 100 + n))
        for n in range(facts)
    ]
    with open_log(url, create=True) as log:
        for first in range(0, facts, 7):
            log.append(page[first : first + 7])
        for n in range(3):
            log.pin("douyin-creator", f"2024-0{n + 1}", f"{n}" * 64)
    lines = folder / "lines.jsonl"
    lines.write_text(
        f'{{"specversion":"1.0","type":"creator_enrolled","source":"s","id":"i","subject":'
        f'"{CREATORS[3]}","time":"2024-07-01T00:00:00Z","data":{{}}}}\n{{\n'
    )
    assert in_process("--db", url, "import", str(lines)).exit_code == 1
    return questions((*CREATORS, "dan"), facts + 1)


class SQLiteFile:
    """A file without a WAL beside it, damaged in a copy each time."""

    def __init__(self, folder: Path, facts: int) -> None:
        self._whole, self._copy = folder / "whole.db", folder / "copy.db"
        self.url = f"sqlite:///{self._copy}"
        self.asked = fill(f"sqlite:///{self._whole}", folder, facts)
        with closing(sqlite3.connect(self._whole)) as c:
            c.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.bytes = self._whole.read_bytes()
        self.mend()

    def mend(self) -> None:
        for beside in self._copy.parent.glob("copy.db-*"):
            beside.unlink()
        shutil.copyfile(self._whole, self._copy)

    def flips(self, random: Random) -> Iterator[Flip]:
        """Cells and bytes of the file in turn."""
        while True:
            yield from self._cells(random)
            for _ in range(len(TABLES) * 3):
                yield self._byte(random)

    def _byte(self, random: Random) -> Flip:
        at, bit = random.randrange(len(self.bytes)), 1 << random.randrange(8)
        size = 4096
        page = self.bytes[at - at % size :]
        kinds = {2: "index interior", 5: "table interior", 10: "index leaf", 13: "table leaf"}
        kind = "header" if at < 100 else kinds.get(page[0] if at >= size else page[100], "other")
        data = bytes([self.bytes[at] ^ bit])

        def do() -> None:
            with self._copy.open("r+b") as file:
                file.seek(at)
                file.write(data)

        return f"SQLite page: {kind}", do

    def _cells(self, random: Random) -> Iterator[Flip]:
        with closing(sqlite3.connect(self._whole)) as c:
            for table in TABLES:
                columns = [row[1] for row in c.execute(f"PRAGMA table_info({table})")]
                rows = c.execute(f"SELECT * FROM {table}").fetchall()
                for number, column in enumerate(columns):
                    row = random.choice(rows)
                    place = " AND ".join(f"{name} IS ?" for name in columns)
                    change = f"UPDATE {table} SET {column} = ? WHERE {place}"
                    value = flipped(row[number], random)
                    yield f"SQLite {table}.{column}", partial(self._set, change, (value, *row))

    def _set(self, change: str, values: tuple[Any, ...]) -> None:
        with closing(sqlite3.connect(self._copy, isolation_level=None)) as c:
            try:
                c.execute(change, values)
            except sqlite3.IntegrityError:  # as one that cares for nothing would do it
                c.execute(change.replace("UPDATE", "UPDATE OR REPLACE"), values)


class PostgresRows:
    """A database of which one cell is changed, and put back."""

    def __init__(self, url: str, folder: Path, facts: int) -> None:
        self.url = url
        self.asked = fill(url, folder, facts)
        self._connection = psycopg.connect(url, autocommit=True)
        self._undo: tuple[sql.Composed, tuple[Any, ...]] | None = None

    def mend(self) -> None:
        if self._undo is not None:
            self._connection.execute(*self._undo)
        self._undo = None

    def close(self) -> None:
        self._connection.close()

    def flips(self, random: Random) -> Iterator[Flip]:
        known = self._connection.execute(
            "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position)"
            " FROM information_schema.columns WHERE table_name = ANY(%s) GROUP BY 1 ORDER BY 1",
            (list(TABLES),),
        ).fetchall()
        while True:
            for table, columns in known:
                name = sql.Identifier(table)
                fields = sql.SQL(", ").join(map(sql.Identifier, columns))
                ask = sql.SQL("SELECT {}, ctid::text FROM {}").format(fields, name)
                for number, column in enumerate(columns):
                    row = random.choice(self._connection.execute(ask).fetchall())
                    change = partial(
                        self._set, name, sql.Identifier(column), row[number],
                        flipped(row[number], random), row[-1],
                    )  # fmt: skip
                    yield f"PostgreSQL {table}.{column}", change

    def _set(
        self, table: sql.Identifier, column: sql.Identifier, old: Any, new: Any, at: str
    ) -> None:
        change = sql.SQL("UPDATE {} SET {} = %s WHERE ctid = %s RETURNING ctid::text")
        made = self._connection.execute(change.format(table, column), (new, at)).fetchone()
        assert made is not None
        self._undo = (change.format(table, column), (old, made[0]))


def flipped(value: Any, random: Random) -> Any:
    """The same value with one bit of it changed; a text stays one."""
    if isinstance(value, int):
        return value ^ 1 << random.randrange(16)
    if isinstance(value, bytes | memoryview):
        data = bytearray(value)
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        return bytes(data)
    if not value:
        return "\x01"
    at = random.randrange(len(value))
    return value[:at] + chr(ord(value[at]) ^ 1 << random.randrange(6) or 1) + value[at + 1 :]


def flip(store: SQLiteFile | PostgresRows, before: dict[str, Any], one: Flip) -> Flipped | None:
    """What the log says with a bit changed; None where the database itself refuses the change."""
    place, do = one
    try:
        do()
    except (sqlite3.Error, psycopg.Error):
        store.mend()
        return None
    told = dict(answers(store.url, store.asked))
    refused = [name for name, answer in told.items() if isinstance(answer, str)]
    wrong = [name for name in told.keys() - refused if told[name] != before[name]]
    found = bool(findings(store.url))
    store.mend()
    return Flipped(place, len(refused), tuple(sorted(wrong)), found)
