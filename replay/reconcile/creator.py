"""All that does not fit of one creator."""

from collections.abc import Sequence

from ledger.facts.envelope import Envelope
from projections.standing.question import Question
from projections.standing.tables import Tables
from replay.reconcile import appeals, exams, recoveries, violations
from replay.reconcile.findings import Case, Finding, Law, Span
from replay.reconcile.walk import walk

FINDERS = (recoveries, violations, appeals, exams)


class Examiner:
    """Looks at one creator after another; what creators have in common is made once."""

    def __init__(self, question: Question, span: Span) -> None:
        self.question, self.span = question, span
        self._laws: dict[int, tuple[Tables, Law]] = {}

    def case(self, creator: str, envelopes: Sequence[Envelope]) -> Case:
        """The record of a creator, and once more with recoveries as due."""
        recorded = self.question.replay(creator, envelopes)
        tables = recorded.tables
        known = self._laws.setdefault(id(tables), (tables, Law(tables)))
        beside = walk(recorded.history, tables, recorded.as_of)
        return Case(recorded, beside, known[1], self.span)


def findings(case: Case) -> list[Finding]:
    """What does not fit of one creator, in the order of their times."""
    found = [row for finder in FINDERS for row in finder.findings(case)]
    asked = [row for row in found if row.at is not None and case.span.has(row.at, row.zone)]
    return sorted(asked, key=lambda row: row.at or 0)
