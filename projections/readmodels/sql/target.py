"""Read models in SQL, for whoever asks with SELECT: a SQLite file of its own, or PostgreSQL.

A step is one transaction. Its first statement takes or renews the lease, which also makes writers
of a generation queue; then the generation's row is held and compared, and only records that differ
are written. The clock of leases is the database's, so that runners on several machines agree.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Self

from msgspec import DecodeError, json

from projections.readmodels.rows import Row, Stored
from projections.readmodels.sql.layout import prepare, show_live
from projections.readmodels.sql.schema import (
    CHANGE,
    PARTS,
    STANDING,
    Table,
    drops,
    generation_tables,
)
from projections.readmodels.sql.store import Record, Session, Store
from projections.readmodels.target import (
    Checkpoint,
    FencedError,
    Generation,
    MovedError,
    Step,
    SupersededError,
    TargetError,
)

PAGE = 1000

Wanted = dict[Table, dict[str, list[Record]]]
"""{table: {creator: its records}}."""
_encode = json.Encoder().encode
_decode = json.Decoder(Checkpoint).decode


def open_sql(url: str) -> "SqlTarget":
    """The read models at `sqlite:///path/to/file.db` or `postgresql://…`; made where none are.

    Raises TargetError, in one sentence, where they can't be used.
    """
    scheme = url.partition(":")[0]
    store: Store
    if scheme == "sqlite":
        from projections.readmodels.sql.sqlite import SQLiteStore

        store = SQLiteStore(url)
    elif scheme in {"postgresql", "postgres"}:
        from projections.readmodels.sql.postgres import PostgresStore

        store = PostgresStore(url)
    else:
        raise TargetError(
            "this names no SQL database: it is sqlite:///path/to/file.db or postgresql://…"
        )
    try:
        prepare(store)
    except BaseException:
        store.close()
        raise
    return SqlTarget(store)


class SqlTarget:
    """See `Target`. Threads may share it: they take turns."""

    history = True

    def __init__(self, store: Store) -> None:
        self.name = store.name
        self.store = store

    def generations(self) -> list[Generation]:
        with self.store.reading() as s:
            rows = s.run("SELECT number, live, checkpoint FROM generation ORDER BY number")
        return [Generation(n, bool(live), self._checkpoint(text)) for n, live, text in rows]

    def _checkpoint(self, text: str) -> Checkpoint:
        try:
            return _decode(text)
        except DecodeError as error:
            raise TargetError(
                f"{self.name} is damaged, a checkpoint in it can't be read: drop it and rebuild"
            ) from error

    def lead(self, generation: int, owner: str, seconds: float) -> str:
        now = self.store.dialect.now
        with self.store.reading() as s:  # whoever only stands by never has a writer's lock
            others = f"generation = ? AND owner <> ? AND until > {now}"
            led = s.run(f"SELECT owner FROM lease WHERE {others}", generation, owner)
        if led:
            return str(led[0][0])
        with self.store.writing() as s:
            return self._lead(s, generation, owner, seconds)

    def _lead(self, s: Session, generation: int, owner: str, seconds: float) -> str:
        now = self.store.dialect.now
        taken = s.count(
            f"INSERT INTO lease (generation, owner, until) VALUES (?, ?, {now} + ?)"
            " ON CONFLICT (generation) DO UPDATE SET owner = excluded.owner, until = excluded.until"
            f" WHERE lease.owner = excluded.owner OR lease.until <= {now}",
            generation,
            owner,
            round(seconds * 1e6),
        )
        if taken:
            return ""
        ((leader,),) = s.run("SELECT owner FROM lease WHERE generation = ?", generation)
        return str(leader)

    def release(self, generation: int, owner: str) -> None:
        with self.store.writing() as s:
            s.count("DELETE FROM lease WHERE generation = ? AND owner = ?", generation, owner)

    def apply(self, step: Step, owner: str, seconds: float) -> None:
        number, dialect = step.generation, self.store.dialect
        wanted, after = _records(step), _encode(step.after).decode()
        changes = [(c.id, c.source, c.creator, c.event.decode()) for c in step.changes]
        # whatever can be made ready is: one who is frozen from here on keeps others from writing
        with self.store.writing() as s:
            if leader := self._lead(s, number, owner, seconds):
                raise FencedError(f"{leader} leads generation {number} of {self.name}")
            held = s.run(
                f"SELECT checkpoint FROM generation WHERE number = ?{dialect.hold}", number
            )
            # a statement of its own, begun after the row is held: no swap comes in between
            ((live,),) = s.run("SELECT MAX(number) FROM generation WHERE live")
            if live is not None and live > number:
                raise SupersededError(f"generation {live} of {self.name} is live")
            if (self._checkpoint(held[0][0]) if held else None) != step.before:
                raise MovedError(f"generation {number} of {self.name} is at another checkpoint")
            if not held:
                for statement in generation_tables(dialect, number):
                    s.run(statement)
            _write(s, dialect.among, number, [*wanted[STANDING], *step.removed], wanted)
            if changes:
                _publish(s, dialect.in_turn, changes)
            s.count(
                "INSERT INTO generation (number, live, checkpoint) VALUES (?, FALSE, ?)"
                " ON CONFLICT (number) DO UPDATE SET checkpoint = excluded.checkpoint",
                number,
                after,
            )

    def swap(self, generation: int, owner: str, replaces: Checkpoint | None) -> bool:
        with self.store.writing() as s:
            hold = self.store.dialect.hold
            leads = s.run(f"SELECT owner FROM lease WHERE generation = ?{hold}", generation)
            rows = s.run(f"SELECT number, live, checkpoint FROM generation ORDER BY number{hold}")
            live = next((self._checkpoint(text) for _, is_live, text in rows if is_live), None)
            there = any(number == generation for number, _, _ in rows)
            if live != replaces or not there or leads not in ([], [(owner,)]):
                return False
            s.count("UPDATE generation SET live = (number = ?)", generation)
            show_live(self.store, s)
        return True

    def drop(self, generation: int) -> None:
        hold = self.store.dialect.hold
        with self.store.writing() as s:
            s.count("DELETE FROM lease WHERE generation = ?", generation)
            if s.run(f"SELECT 1 FROM generation WHERE number = ? AND live{hold}", generation):
                raise TargetError(f"generation {generation} of {self.name} is live: swap it first")
            s.count("DELETE FROM generation WHERE number = ?", generation)
            for statement in drops(generation):
                s.run(statement)

    def stored(self, generation: int, creators: Sequence[str]) -> dict[str, Stored]:
        query = (
            f"SELECT creator, position, as_of, next_change_at, standing"
            f" FROM {STANDING.of(generation)} WHERE creator {self.store.dialect.among}"
        )
        return {
            creator: Stored(position, as_of, following, standing.encode())
            for page in _pages(creators)
            for creator, position, as_of, following, standing in self._ask(generation, query, page)
        }

    def due(self, generation: int, until: int, limit: int) -> list[str]:
        query = (
            f"SELECT creator FROM {STANDING.of(generation)} WHERE next_change_at <= ?"
            " ORDER BY next_change_at, creator LIMIT ?"
        )
        return [creator for (creator,) in self._ask(generation, query, until, limit)]

    def creators(self, generation: int, after: str = "", limit: int = 1000) -> list[str]:
        query = (
            f"SELECT creator FROM {STANDING.of(generation)} WHERE creator > ?"
            " ORDER BY creator LIMIT ?"
        )
        return [creator for (creator,) in self._ask(generation, query, after, limit)]

    def parked(self, generation: int) -> dict[str, str]:
        query = (
            f"SELECT creator, parked FROM {STANDING.of(generation)}"
            " WHERE parked <> '' ORDER BY creator"
        )
        return dict(self._ask(generation, query))

    def inspect(self, generation: int, rows: Iterable[Row]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        pages = iter(rows)
        while page := list(itertools.islice(pages, PAGE)):
            found |= self._inspect(generation, page)
        return found

    def _inspect(self, generation: int, rows: list[Row]) -> dict[str, list[str]]:
        among, creators = self.store.dialect.among, [row.creator for row in rows]
        with self.store.reading() as s:
            if not _there(s, generation):
                return {creator: ["missing"] for creator in creators}
            standings = _read(s, STANDING, generation, among, creators)
            parts = {t.view: _read(s, t, generation, among, creators) for t in PARTS}
        found: dict[str, list[str]] = {}
        for row in rows:
            if row.creator not in standings:
                found[row.creator] = ["missing"]
                continue
            columns = tuple(STANDING.columns())
            (held,), (made,) = standings[row.creator], STANDING.records(row)
            differs = [column for column, a, b in zip(columns, held, made, strict=True) if a != b]
            differs += [
                t.view for t in PARTS if parts[t.view].get(row.creator, []) != t.records(row)
            ]
            if differs:
                found[row.creator] = differs
        return found

    def totals(self, generation: int) -> dict[str, int]:
        query = (
            f"SELECT h.rulebook, s.counter, s.score, COUNT(*) FROM {PARTS[0].of(generation)} s"
            f" JOIN {STANDING.of(generation)} h ON h.creator = s.creator"
            " WHERE s.score IS NOT NULL GROUP BY h.rulebook, s.counter, s.score"
        )
        counted: dict[str, int] = {}
        for rulebook, counter, score, creators in self._ask(generation, query):
            key = f"{rulebook.partition('@')[0]}|{counter}|{score}"
            counted[key] = counted.get(key, 0) + creators
        return counted

    def _ask(self, generation: int, query: str, *values: object) -> list[Record]:
        """What is held in a generation; nothing in one that does not exist."""
        with self.store.reading() as s:
            return s.run(query, *values) if _there(s, generation) else []

    def owns(self, creator: str) -> bool:
        """See `Target`: every creator."""
        del creator
        return True

    def warnings(self) -> list[str]:
        """See `Target`: what could lose rows is refused when it is opened."""
        return self.store.warnings

    def losses(self) -> list[str]:
        """See `Target`: the feed is never trimmed."""
        return []

    def close(self) -> None:
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _there(s: Session, generation: int) -> bool:
    return bool(s.run("SELECT 1 FROM generation WHERE number = ?", generation))


def _records(step: Step) -> Wanted:
    """What a step says, in each table."""
    rows = {row.creator: row for row in step.rows}
    return {t: {c: t.records(row) for c, row in rows.items()} for t in (STANDING, *PARTS)}


def _write(s: Session, among: str, number: int, touched: list[str], wanted: Wanted) -> None:
    """Bring the records of the creators that a step touches to what it says."""
    table = STANDING.of(number)
    old = [c for (c,) in s.run(f"SELECT creator FROM {table} WHERE creator {among}", touched)]
    if old:
        s.count(f"DELETE FROM {table} WHERE creator {among}", old)
    records = itertools.chain.from_iterable(wanted[STANDING].values())
    s.insert(table, STANDING.columns(), records)
    for part in PARTS:
        held = _read(s, part, number, among, old) if old else {}
        new = wanted[part]
        stale = [creator for creator, records in held.items() if new.get(creator) != records]
        if stale:
            s.count(f"DELETE FROM {part.of(number)} WHERE creator {among}", stale)
        fresh = [r for c, records in new.items() if held.get(c) != records for r in records]
        if fresh:
            s.insert(part.of(number), part.columns(), fresh)


def _read(
    s: Session, table: Table, generation: int, among: str, creators: Sequence[str]
) -> dict[str, list[Record]]:
    """{creator: its records in a table}, for those that have any."""
    columns = ", ".join(table.columns())
    order = "creator, nth" if table.many else "creator"
    held: dict[str, list[Record]] = {}
    for record in s.run(
        f"SELECT {columns} FROM {table.of(generation)} WHERE creator {among} ORDER BY {order}",
        creators,
    ):
        held.setdefault(record[0], []).append(record)
    return held


def _publish(s: Session, in_turn: str, changes: Sequence[Record]) -> None:
    """Into the feed, in an order in which no reader passes over one; an id is there once."""
    if in_turn:
        s.run(in_turn)
    s.insert("change", CHANGE, changes, new="id, source")


def _pages(creators: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(creators), PAGE):
        yield list(creators[start : start + PAGE])
