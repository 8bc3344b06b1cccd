"""Sums over creators, to which those of other creators can be added."""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct, field

from projections.fold.recovery import version_at
from projections.fold.score import spent
from projections.fold.state import RECOVERY_GRANTED
from replay.reconcile.assumed import Figure, Rest, resting
from replay.reconcile.findings import Case, Finding
from replay.reconcile.nearest import Flip
from replay.reconcile.overrides import Cells, Like, overrides, put


class Tally(Struct):
    """What all creators come to."""

    counts: Counter[str] = field(default_factory=Counter)
    """`creators` and `facts` that were looked at; `recoveries` that are recorded, with or without
    effect; `below`: creators who would stand higher with recoveries as due; `at_end`: those of them
    of whose score nothing is left."""
    rows: Counter[str] = field(default_factory=Counter)
    """Findings by kind."""
    creators: Counter[str] = field(default_factory=Counter)
    """Creators with one, by kind."""
    overrides: dict[Like, Cells] = field(default_factory=dict)
    figures: dict[Figure, Rest] = field(default_factory=dict)
    flips: dict[Figure, list[Flip]] = field(default_factory=dict)
    """Of creators who were asked for by name."""
    left_out: Counter[str] = field(default_factory=Counter)
    """{why they can't be judged: how many}."""

    def count(self, case: Case, findings: Sequence[Finding]) -> None:
        """One creator, with what was found."""
        kinds = Counter(finding.kind for finding in findings)
        self.rows.update(kinds)
        self.creators.update(kinds.keys())
        for name, number in standing(case).items():
            self.counts[name] += number
        for figure, rest in resting(case).items():
            self.figures.setdefault(figure, Rest()).add(rest)
        for like, points, cell in overrides(case):
            put(self.overrides.setdefault(like, {}), points, cell)

    def add(self, other: "Tally") -> None:
        for mine, theirs in (
            (self.counts, other.counts),
            (self.rows, other.rows),
            (self.creators, other.creators),
            (self.left_out, other.left_out),
        ):
            mine.update(theirs)
        for figure, rest in other.figures.items():
            self.figures.setdefault(figure, Rest()).add(rest)
        for figure, flips in other.flips.items():
            self.flips.setdefault(figure, []).extend(flips)
        for like, cells in other.overrides.items():
            for points, cell in cells.items():
                put(self.overrides.setdefault(like, {}), points, cell)


def standing(case: Case) -> dict[str, int]:
    """One creator, beside what they would be with recoveries as due."""
    rows, book = case.recorded.history.rows, case.recorded.tables.book
    rules = book.versions[version_at(case.recorded.as_of, book)]
    index = rules.recovery_counter
    rule = rules.counters[index]
    ours = case.recorded.creator.counters[index]
    due = case.walk.creator.counters[index]
    below = rule.sign * (due.score - ours.score) > 0
    return {
        "creators": 1,
        "facts": len(rows),
        "recoveries": sum(row.kind == RECOVERY_GRANTED for row in rows),
        "below": int(below),
        "at_end": int(below and spent(ours, rule)),
    }
