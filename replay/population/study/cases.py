"""What is asked of creators one by one, by CPython: would the other order have mattered, what did
wrongful penalties cost. Only of those whose facts can have an answer."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ledger.facts.types import AppealDenied, AppealGranted, ExamSat
from projections.fold.state import APPEAL_DENIED, APPEAL_GRANTED, EXAM_SAT
from projections.standing.question import Question
from projections.standing.writing import points
from replay.population.columns import Columns
from replay.whatif.outcome import days
from replay.whatif.query import Query
from replay.whatif.questions.orders import orders
from replay.whatif.questions.wrongful import Costs
from replay.whatif.world import World, world_of

View = dict[str, Any]
Mask = NDArray[np.bool_]
TYPES = {ExamSat: "exam_sat", AppealGranted: "appeal_granted", AppealDenied: "appeal_denied"}


class OtherOrder(Struct):
    """Violations that were both appealed and examined, in each legal order of the decisions."""

    violations: int = 0
    mattered: int = 0
    creators: int = 0
    """Who have such a violation, and of whom one would have come to something else."""
    changed: int = 0

    def may(self, columns: Columns) -> Mask:
        """Which creators have such a violation."""
        examined = _about(columns, EXAM_SAT)
        return _having(
            columns, np.intersect1d(examined, _about(columns, APPEAL_GRANTED, APPEAL_DENIED))
        )

    def visit(self, question: Question, creator: str) -> None:
        world = world_of(question, creator)
        mattered = [len(orders(world, queries).groups) > 1 for queries in _decided(world)]
        self.violations += len(mattered)
        self.mattered += sum(mattered)
        self.creators += bool(mattered)
        self.changed += any(mattered)

    def view(self) -> View:
        return {name: getattr(self, name) for name in self.__struct_fields__}


class Wrongful(Struct):
    """Beside each record, one without what granted appeals say was wrong."""

    cases: int = 0
    creators: int = 0
    missing: int = 0
    """Hundredths of points by which scores are lower today."""
    stopped: int = 0
    """Microseconds that features were stopped more, as judged."""
    in_error: int = 0
    """Microseconds executed that would not have been."""

    def may(self, columns: Columns) -> Mask:
        """Of whom an appeal was granted."""
        return _having(columns, _about(columns, APPEAL_GRANTED))

    def visit(self, question: Question, creator: str) -> None:
        costs = Costs(world_of(question, creator))
        if not costs.cases:
            return
        together = costs.of(costs.cases)
        self.cases += len(costs.cases)
        self.creators += 1
        self.missing += together.missing or 0
        self.stopped += sum(together.stopped.values())
        self.in_error += sum(together.in_error.values())

    def view(self) -> View:
        return {
            "cases": self.cases,
            "creators": self.creators,
            "points_missing": points(self.missing),
            "feature_days_lost": days(self.stopped),
            "feature_days_in_error": days(self.in_error),
        }


Cases = OtherOrder | Wrongful


def _decided(world: World) -> Iterator[list[Query]]:
    """For each violation that was appealed and examined, what names its decisions."""
    found: dict[str, set[str]] = {}
    until = world.as_of
    for e in world.counting():
        if isinstance(e.fact, ExamSat | AppealGranted | AppealDenied) and e.effective_at <= until:
            found.setdefault(e.fact.violation, set()).add(TYPES[type(e.fact)])
    for violation, types in found.items():
        if "exam_sat" in types and len(types) > 1:
            yield [Query(violation=violation, type=each) for each in sorted(types)]


def _about(columns: Columns, *kinds: int) -> NDArray[np.int64]:
    """Creator and violation, as one number, of each fact of some kinds."""
    places = np.flatnonzero(np.isin(columns.facts["kind"], kinds))
    creators = np.searchsorted(columns.starts, places, side="right") - 1
    return (creators << 32) + columns.facts["violation"][places].astype(np.int64)


def _having(columns: Columns, found: NDArray[np.int64]) -> Mask:
    mask = np.zeros(len(columns), np.bool_)
    mask[found >> 32] = True
    return mask
