"""Cases of one creator, looked at without a store."""

from collections.abc import Sequence

from law.reading import library
from samples import Line, envelopes, when

from ledger.facts.envelope import Envelope
from projections.standing.replay import Library, replay
from replay.reconcile.findings import Case, Law, Span
from replay.reconcile.walk import walk

AS_OF = "2024-12-01 00:00"


def case(facts: Sequence[Envelope], as_of: str = AS_OF, rules: Library | None = None) -> Case:
    recorded = replay(facts[0].subject, facts, rules or library(), as_of=when(as_of))
    beside = walk(recorded.history, recorded.tables, recorded.as_of)
    return Case(recorded, beside, Law(recorded.tables), Span())


def case_of(lines: Sequence[Line], as_of: str = AS_OF) -> Case:
    return case(envelopes(lines), as_of)
