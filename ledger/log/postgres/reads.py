"""What is read from the log in a PostgreSQL database: each question in one snapshot."""

import time
from collections.abc import Callable, Sequence
from typing import Any, LiteralString, TypeAlias, TypeVar

import psycopg

from ledger.facts.envelope import Envelope
from ledger.log.bond import (
    LAST_NAME,
    REMEDY,
    DamagedError,
    Mark,
    all_there,
    bound,
    imports_of,
    in_line,
    listed,
    pinned_of,
    pins_of,
    row_sum,
    same_end,
    sound_keys,
    whole,
    whole_until,
)
from ledger.log.page import EMPTY, PAGE, Key
from ledger.log.pins import Pin, check_pin

Cursor: TypeAlias = "psycopg.Cursor[tuple[Any, ...]]"
T = TypeVar("T")

COLUMNS: LiteralString = (
    "SELECT e.notification_id, e.originator_id, e.originator_version, e.state, e.hash"
)
_MARK: LiteralString = "SELECT * FROM pages ORDER BY position DESC LIMIT 1"
VERSIONS: LiteralString = "SELECT creator, version FROM streams WHERE creator = ANY(%s)"
_PLACES: LiteralString = (
    "SELECT k.source, k.id, k.position FROM unnest(%s::text[], %s::text[]) AS page (source, id)"
    " JOIN fact_keys k ON k.source = page.source AND k.id = page.id"
)


class Reads:
    """The questions that a store of the log answers, over `ask`."""

    def ask(self, question: Callable[[Cursor], T]) -> T:
        """A question in a snapshot; every failure is a StoreError."""
        raise NotImplementedError

    def stream(self, subject: str) -> list[Envelope]:
        """See `Log.stream`."""

        def ask(c: Cursor) -> list[Envelope]:
            facts = rows(c, " WHERE originator_id = %s ORDER BY originator_version", subject)
            version = one(c, "SELECT version FROM streams WHERE creator = %s", subject)
            if version is None:
                counted(c)
            whole(subject, [e.version for e in facts], version or 0)
            return facts

        return self.ask(ask)

    def after(self, position: int, limit: int = PAGE) -> list[Envelope]:
        """See `Log.after`. The table lock makes positions commit in their order."""
        where: LiteralString = " WHERE notification_id > %s ORDER BY notification_id LIMIT %s"

        def ask(c: Cursor) -> list[Envelope]:
            facts = rows(c, where, position, limit)
            in_line(facts, position, mark(c).position, limit)
            return facts

        return self.ask(ask)

    def places(self, position: int, limit: int = PAGE) -> list[tuple[int, str]]:
        """See `Log.places`."""
        query: LiteralString = "SELECT notification_id, originator_id FROM stored_events"
        where: LiteralString = " WHERE notification_id > %s ORDER BY notification_id LIMIT %s"
        return self._read(query + where, position, limit)

    def streams(self, subjects: Sequence[str], until: int) -> list[Envelope]:
        """See `Log.streams`."""
        among: LiteralString = " WHERE originator_id = ANY(%s) AND notification_id <= %s"
        order: LiteralString = " ORDER BY originator_id, originator_version"

        def ask(c: Cursor) -> list[Envelope]:
            facts = rows(c, among + order, list(subjects), until)
            versions: dict[str, int] = dict(c.execute(VERSIONS, (list(subjects),)).fetchall())
            if len(versions) < len(set(subjects)):
                counted(c)
            complete(c, facts, versions, until)
            return facts

        return self.ask(ask)

    def histories(self, after: str, until: int, limit: int = PAGE) -> list[Envelope]:
        """See `Log.histories`."""
        beyond: LiteralString = " WHERE originator_id > %s AND notification_id <= %s"
        order: LiteralString = " ORDER BY originator_id, originator_version LIMIT %s"
        between: LiteralString = "SELECT * FROM streams WHERE creator > %s AND creator < %s"

        def ask(c: Cursor) -> list[Envelope]:
            facts = rows(c, beyond + order, after, until, limit)
            upto = facts[-1].subject if len(facts) == limit else LAST_NAME
            versions: dict[str, int] = dict(c.execute(between, (after, upto)).fetchall())
            if not after:
                counted(c)
            complete(c, [e for e in facts if e.subject < upto], versions, until)
            return facts

        return self.ask(ask)

    def subjects(self, after: str = "", limit: int = PAGE) -> list[str]:
        """See `Log.subjects`."""
        query: LiteralString = (
            "SELECT s.creator, EXISTS (SELECT 1 FROM stored_events e"
            " WHERE e.originator_id = s.creator AND e.originator_version = s.version)"
            " FROM streams s WHERE s.creator > %s ORDER BY s.creator LIMIT %s"
        )

        def ask(c: Cursor) -> list[str]:
            found = c.execute(query, (after, limit)).fetchall()
            if not after:
                counted(c)
            return listed(found, after)

        return self.ask(ask)

    def head(self) -> int:
        """See `Log.head`."""
        return self.end().position

    def end(self) -> Mark:
        """See `Log.end`."""

        def ask(c: Cursor) -> Mark:
            end = mark(c)
            last(c, end)
            return end

        return self.ask(ask)

    def pins(self) -> dict[tuple[str, str], str]:
        """See `Log.pins`."""
        return pins_of(self._read("SELECT * FROM rulebook_pins"))

    def pinned(self) -> list[Pin]:
        """See `Log.pinned`."""
        return pinned_of(self._read("SELECT * FROM rulebook_pins ORDER BY name, version"))

    def pin(self, name: str, version: str, content_hash: str) -> None:
        """See `Log.pin`."""
        if check_pin(self.pins(), name, version, content_hash):
            return
        self.ask(lambda c: put_pin(c, name, version, content_hash))
        check_pin(self.pins(), name, version, content_hash)

    def imports(self, key: str | None = None) -> dict[str, str]:
        """See `Log.imports`."""
        query: LiteralString = "SELECT * FROM imports"
        if key is None:
            return imports_of(self._read(query + " ORDER BY id"))
        return imports_of(self._read(query + " WHERE key = %s ORDER BY id", key))

    def stored_after(self, position: int, limit: int) -> list[Any]:
        """See `Walk.stored_after`."""
        return self._read(
            "SELECT notification_id, originator_id, originator_version, topic, state, hash"
            " FROM stored_events WHERE notification_id > %s ORDER BY notification_id LIMIT %s",
            position,
            limit,
        )

    def marks_after(self, position: int, limit: int) -> list[Mark]:
        """See `Walk.marks_after`."""
        query: LiteralString = "SELECT * FROM pages WHERE position > %s ORDER BY position LIMIT %s"
        return [Mark(*row) for row in self._read(query, position, limit)]

    def joined(self, after: int, until: int) -> bytes:
        """See `Bulk.joined`."""
        query: LiteralString = (
            "SELECT string_agg(state, ''::bytea ORDER BY notification_id) FROM stored_events"
            " WHERE notification_id > %s AND notification_id <= %s"
        )
        return self._read(query, after, until)[0][0] or b""

    def joined_streams(self, subjects: Sequence[str], until: int) -> bytes:
        """See `Bulk.joined_streams`."""
        query: LiteralString = (
            "SELECT string_agg(state, ''::bytea ORDER BY originator_id, originator_version)"
            " FROM stored_events WHERE originator_id = ANY(%s) AND notification_id <= %s"
        )
        return self._read(query, list(subjects), until)[0][0] or b""

    def places_of(self, keys: Sequence[Key]) -> dict[Key, int]:
        """See `Walk.places_of`."""
        rows = self._read(_PLACES, [source for source, _ in keys], [id_ for _, id_ in keys])
        return {(source, id_): position for source, id_, position in rows}

    def numbered_after(self, creator: str, limit: int) -> list[tuple[str, int]]:
        """See `Walk.numbered_after`."""
        query: LiteralString = "SELECT * FROM streams WHERE creator > %s ORDER BY creator LIMIT %s"
        return self._read(query, creator, limit)

    def check_keys(self) -> None:
        """See `Log.check_keys`."""

        def ask(c: Cursor) -> tuple[int, int]:
            keys = c.execute("SELECT source, id, position, sum FROM fact_keys")
            return sound_keys(keys), mark(c).position

        number, facts = self.ask(ask)
        if number != facts:
            raise DamagedError(f"there are {number} keys of {facts} facts: {REMEDY}")

    def structure(self) -> list[str]:
        """See `Walk.structure`. PostgreSQL checks each page that it reads against its checksum."""
        return []

    def _read(self, query: LiteralString, *values: object) -> list[Any]:
        """Rows of one statement."""
        return self.ask(lambda c: c.execute(query, values).fetchall())


def put_pin(c: Cursor, name: str, version: str, content_hash: str) -> None:
    """Remember a hash from now on, unless there is one."""
    row = (name, version, content_hash, time.time_ns() // 1000)
    c.execute(
        "INSERT INTO rulebook_pins VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (*row, row_sum(*row)),
    )


def one(c: Cursor, query: LiteralString, *values: object) -> int | None:
    """The first value of the first row."""
    row = c.execute(query, values).fetchone()
    return row[0] if row else None


def rows(c: Cursor, where: LiteralString, *values: object) -> list[Envelope]:
    """The facts of some rows, each bound to its place."""
    return bound(c.execute(COLUMNS + " FROM stored_events e" + where, values).fetchall())


def mark(c: Cursor) -> Mark:
    """The log's end."""
    row = c.execute(_MARK).fetchone()
    return same_end(Mark(*row) if row else EMPTY, one(c, "SELECT position FROM log_end") or 0)


def last(c: Cursor, end: Mark) -> Envelope | None:
    """The last fact; a log that ends elsewhere than its last page is cut."""
    facts = rows(c, " ORDER BY notification_id DESC LIMIT 1")
    in_line(facts, end.position - 1 if end.position else 0, end.position, 1)
    return facts[0] if facts else None


def counted(c: Cursor) -> None:
    """Refuse a log from which a creator is gone."""
    all_there(one(c, "SELECT COUNT(*) FROM streams") or 0, mark(c))


def complete(c: Cursor, facts: Sequence[Envelope], versions: dict[str, int], until: int) -> None:
    """Refuse facts of creators of which one is missing that is not later than `until`."""
    later: LiteralString = (
        "SELECT COUNT(*) FROM stored_events"
        " WHERE originator_id = %s AND originator_version > %s"
        " AND notification_id > %s AND notification_id <= %s"
    )
    end = mark(c).position  # beyond it is what was moved there
    whole_until(facts, versions, lambda creator, n: one(c, later, creator, n, until, end) or 0)
