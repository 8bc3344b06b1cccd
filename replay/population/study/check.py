"""`--check RATE`: the two engines beside each other on the user's own creators."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from ledger.errors import LedgerError
from ledger.facts.envelope import Envelope
from ledger.text import safe
from projections.standing.replay import Library, Shelf, replay
from projections.standing.tables import Tables
from replay.population.study.people import Times, chance
from replay.population.study.reforms import Reform
from replay.population.study.tally import Rows
from replay.population.summary import summarise

SEED = 0


class Difference(NamedTuple):
    """Where the engines part."""

    creator: str
    rulebook: str
    field: str
    compiled: int
    interpreted: int


class Check(Struct):
    """How many creators were compared, and the first one who differs."""

    rate: float
    creators: int = 0
    difference: Difference | None = None

    def takes(self, creator: str) -> bool:
        """Whether a creator is of the sample: the same ones each time."""
        return chance(creator, SEED) < self.rate

    def compare(
        self, creator: str, facts: Sequence[Envelope], times: Times, side: Reform, found: Rows
    ) -> None:
        """One creator under one set of rules: CPython over the facts, and what the engine said."""
        alone = replay(
            creator,
            facts,
            _Only(side.tables),
            as_of=times.as_of,
            known_at=times.known_at,
            simulate=side.simulate,
        )
        row = [0] * side.layout.width
        summarise(alone.creator, side.tables.book, times.as_of, row, 0)
        compiled = found.tolist()
        if self.difference is None and row != compiled:
            n = next(n for n, value in enumerate(row) if value != compiled[n])
            label = side.rulebooks[-1].label
            self.difference = Difference(creator, label, side.layout.field(n), compiled[n], row[n])

    def complain(self) -> None:
        """Raises LedgerError where somebody differs."""
        found = self.difference
        if found is not None:
            raise LedgerError(
                f"the engines differ on creator {safe(found.creator)} under {found.rulebook}: "
                f"{found.field} is {found.compiled:,} compiled and {found.interpreted:,} "
                "interpreted; nothing of this answer can be relied on"
            )


class _Nothing:
    def versions(self, name: str) -> tuple[()]:
        raise LookupError(name)


class _Only(Library):
    """These tables, whatever an enrolment says."""

    def __init__(self, tables: Tables) -> None:
        shelf: Shelf = _Nothing()
        super().__init__(shelf)
        self._only = tables

    def tables(self, name: str) -> Tables:  # noqa: ARG002  the same for all
        return self._only
