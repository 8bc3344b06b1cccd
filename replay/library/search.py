"""Facts by what is in them, page by page: a search reads the log, and says how far it came."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from ledger.errors import InputError, LedgerError
from ledger.facts.cloudevents import to_dict
from ledger.facts.envelope import Envelope
from ledger.facts.types import TYPE_NAME
from projections.standing.question import Question
from projections.views.objects import audit_view

PAGE = 1000
MOST_READ = 50_000
"""Facts that one answer reads at most: the next one goes on from there."""
MOST_ASKED = 200
"""Creators whose rulings one answer works out at most, where a clause is looked for."""


class Wanted(Struct, frozen=True):
    """What a fact has to be; what is empty or None is not asked."""

    types: tuple[str, ...] = ()
    creator: str = ""
    source: str = ""
    violation: str = ""
    batch: str = ""
    clause: str = ""
    """A clause that its ruling relies on, as `003 §4.1`."""
    since: int | None = None
    """Of the fact's own time, in microseconds, both inclusive."""
    until: int | None = None
    recorded_since: int | None = None
    recorded_until: int | None = None
    data: Mapping[str, str] = {}
    """Fields of the fact, or attributes beside them, each as text."""

    def check(self) -> None:
        """Raises InputError for a type of fact that there is not."""
        for name in self.types:
            if name not in TYPE_NAME.values():
                known = ", ".join(sorted(TYPE_NAME.values()))
                raise InputError(f'there is no type of fact "{name}": {known}')

    def fits(self, e: Envelope) -> bool:
        """Whether a fact is one, its clause aside."""
        if self.types and TYPE_NAME[type(e.fact)] not in self.types:
            return False
        if self.creator and e.subject != self.creator:
            return False
        if self.source and e.source != self.source:
            return False
        if not _within(self.since, e.effective_at, self.until):
            return False
        if not _within(self.recorded_since, e.recorded_at, self.recorded_until):
            return False
        named = {"violation": self.violation, "batch": self.batch, **self.data}
        if not any(named.values()):
            return True
        event = to_dict(e)
        has = {**event, **event.get("data", {})}
        return all(_text(has.get(key)) == value for key, value in named.items() if value)


def search(
    question: Question, wanted: Wanted, after: int, limit: int
) -> tuple[list[Envelope], int | None]:
    """The next facts after a position that are wanted, and after which to go on; None: that is all.

    Raises InputError for a type of fact that there is not.
    """
    wanted.check()
    found: list[Envelope] = []
    clauses = _Clauses(question, wanted.clause)
    read, at = 0, after
    for e in _log(question, wanted.creator, after):
        if read >= MOST_READ or len(found) >= limit or clauses.asked >= MOST_ASKED:
            return found, at
        read, at = read + 1, e.position
        if wanted.fits(e) and clauses.cited(e):
            found.append(e)
    return found, None


def _log(question: Question, creator: str, after: int) -> Iterator[Envelope]:
    if creator:
        yield from (e for e in question.log.stream(creator) if e.position > after)
        return
    while page := question.log.after(after, PAGE):
        yield from page
        after = page[-1].position


class _Clauses:
    """Which facts have a ruling that relies on a clause; of each creator worked out once."""

    def __init__(self, question: Question, clause: str) -> None:
        self._question, self._clause = question, clause
        self._known: dict[str, set[int]] = {}

    @property
    def asked(self) -> int:
        return len(self._known)

    def cited(self, e: Envelope) -> bool:
        if not self._clause:
            return True
        if e.subject not in self._known:
            self._known[e.subject] = self._positions(e.subject)
        return e.position in self._known[e.subject]

    def _positions(self, creator: str) -> set[int]:
        try:
            view = audit_view(self._question.ask(creator, rulings=True))
        except LedgerError:
            return set()  # a rulebook's own facts, or one whose rulebook is not here
        rulings: list[dict[str, Any]] = view["rulings"]
        return {r["position"] for r in rulings if self._clause in r["clauses"]}


def _within(since: int | None, at: int, until: int | None) -> bool:
    return (since is None or at >= since) and (until is None or at <= until)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, datetime) else str(value)
