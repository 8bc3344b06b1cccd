"""Points in the place of the table's, by ground: were like cases treated alike?

Like cases have the same version of the rules, category, severity and ground. Where their points
differ, those beyond Tukey's fences, one and a half quartile ranges from the quartiles, are named.
"""

from collections.abc import Iterator
from statistics import quantiles
from typing import NamedTuple

from msgspec import Struct

from ledger.facts.types import ViolationFound
from ledger.rulebook.model import Rulebook
from projections.explain.phrases import Count, Phrase, Value, Word
from projections.explain.terms import graded
from projections.fold.state import (
    ABSENT,
    AGGRAVATED,
    APPLIED_WITH_REASON,
    MITIGATED,
    MITIGATION_REFUSED,
    VIOLATION_FOUND,
)
from projections.standing.history import SIDES
from projections.standing.writing import points
from replay.reconcile.findings import Case, Finding

HONOURED = APPLIED_WITH_REASON - {MITIGATION_REFUSED}
NAMED = 10
"""So many cases of one figure are named; all are counted."""
Example = tuple[str, str, str, str]
"""(creator, violation, source, id)."""


class Cell(Struct):
    """Cases of one figure."""

    count: int
    examples: list[Example]

    def add(self, other: "Cell") -> None:
        self.count += other.count
        self.examples += other.examples[: NAMED - len(self.examples)]


class Like(NamedTuple):
    """What like cases have in common."""

    rulebook: str
    category: str
    severity: str
    ground: str


Cells = dict[int, Cell]
"""Like cases by the points that they were judged at, in hundredths."""


def overrides(case: Case) -> Iterator[tuple[Like, int, Cell]]:
    """Each violation of a creator that was judged by points of its own."""
    for e, row, reason in case.ruled():
        if row.kind != VIOLATION_FOUND or row.points == ABSENT or reason not in HONOURED:
            continue
        if case.span.has(e.effective_at, case.zone):
            fact = e.fact
            assert isinstance(fact, ViolationFound)
            book = case.law.names.book(row.version)
            category = book.categories.get(fact.category)
            known = category is not None and fact.severity in category.severities
            severity = fact.severity or "" if known else ""
            like = Like(book.label, fact.category, severity, fact.ground or "")
            yield like, row.points, Cell(1, [(e.subject, fact.violation, e.source, e.id)])


def put(cells: Cells, figure: int, cell: Cell) -> None:
    if figure in cells:
        cells[figure].add(cell)
    else:
        cells[figure] = cell


def spread(cells: Cells) -> list[int]:
    """Least, quartiles and most."""
    each = [figure for figure in sorted(cells) for _ in range(cells[figure].count)]
    if len(each) == 1:
        return each * 5
    return [each[0], *map(round, quantiles(each, method="inclusive")), each[-1]]


def outliers(cells: Cells) -> list[int]:
    """Figures beyond the fences."""
    _, low, _, high, _ = spread(cells)
    fence = 3 * (high - low) / 2
    return [f for f in sorted(cells) if not low - fence <= f <= high + fence]


def unlike(like: Like, cells: Cells, rulebook: Rulebook) -> Finding | None:
    """A row for like cases that were judged at different points."""
    if len(cells) < 2:
        return None
    least, _, median, _, most = spread(cells)
    beyond = outliers(cells)
    examples = [e for figure in beyond for e in cells[figure].examples]
    figures = like._asdict() | {
        "cases": str(sum(cell.count for cell in cells.values())),
        "least": points(least),
        "median": points(median),
        "most": points(most),
        "outliers": str(sum(cells[figure].count for figure in beyond)),
    }
    values: dict[str, Value] = {
        **figures,
        "cases": Count("cases", figures["cases"]),
        "most": Count("points", points(most)),
        "category": graded(like.category, like.severity, rulebook),
        "ground": Word("words", like.ground),
        "named": [f"{creator} {violation}" for creator, violation, _, _ in examples],
    }
    side = {AGGRAVATED: "aggravation", MITIGATED: "mitigation"}.get(SIDES.get(like.ground, 0), "")
    clauses = [rulebook.cite(f"clauses.{side}").label] if side in rulebook.clauses else []
    shape = "outliers" if beyond else "plain"
    return Finding(
        "overrides_unlike",
        None,
        None,
        rulebook.zone,
        [(source, id_) for _, _, source, id_ in examples],
        like.rulebook,
        {key: value for key, value in figures.items() if value and key != "rulebook"},
        clauses,
        Phrase(f"reconcile.overrides_unlike.{shape}", values),
    )
