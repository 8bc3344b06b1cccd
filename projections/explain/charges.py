"""Where a rulebook says what a violation comes to: its category, its severity, its ladder's step.

Each figure has one place: the severity's where it gives one, else the category's; a step's points,
fines and stops take the place of both.
"""

from typing import NamedTuple

from ledger.rulebook.model import STOP_LENGTHS, Category, Duration, Fine, Severity, Step, Stop
from projections.explain.effects import Effect
from projections.fold import state
from projections.fold.state import ABSENT, STEP_REACHED
from projections.standing.naming import Naming

NO_SEVERITY = Severity()


class Charge(NamedTuple):
    """A violation with what its rulebook has for it."""

    base: str
    """`categories.<word>`; empty where the rulebook does not have the category."""
    category: Category | None
    word: str
    """The severity, where the category has it; else empty."""
    ladder: str
    """The ladder that it climbs; empty without one."""
    number: int
    """Of the step that it reached, as the file has them; ABSENT for none."""
    step: Step | None

    def has(self, name: str) -> bool:
        """Whether `points`, `fines` or `stops` are given anywhere."""
        places = (self.step, self.severity, self.category)
        return any(getattr(place, name, None) not in (None, ()) for place in places)

    @property
    def severity(self) -> Severity:
        if self.category is None or not self.word:
            return NO_SEVERITY
        return self.category.severities[self.word]

    def path(self, name: str) -> str:
        """Of `points`, `fines`, `stops` or `restorable`: where the figure stands."""
        if self.step is not None and getattr(self.step, name, None) is not None:
            return f"ladders.{self.ladder}.steps.{self.number}.{name}"
        if getattr(self.severity, name) is not None:
            return f"{self.base}.severities.{self.word}.{name}"
        return f"{self.base}.{name}"

    @property
    def stops(self) -> tuple[Stop, ...]:
        if self.step is not None and self.step.stops is not None:
            return self.step.stops
        if self.severity.stops is not None:
            return self.severity.stops
        return self.category.stops if self.category else ()

    @property
    def table_fines(self) -> tuple[Fine, ...]:
        """The fines of category and severity, before any step."""
        if self.severity.fines is not None:
            return self.severity.fines
        return self.category.fines if self.category else ()

    @property
    def fines(self) -> tuple[Fine, ...]:
        if self.step is not None and self.step.fines is not None:
            return self.step.fines
        return self.table_fines

    @property
    def table(self) -> str | None:
        """The points of category and severity, before any step."""
        if self.severity.points is not None:
            return str(self.severity.points)
        points = self.category.points if self.category else None
        return None if points is None else str(points)


def charge(violation: state.Violation, names: Naming, offence: int = 0) -> Charge:
    """What a violation comes to as its `offence`-th on its ladder; 0: without a ladder."""
    category = names.category(violation)
    if category is None:
        return Charge("", None, "", "", ABSENT, None)
    word = names.word(violation)
    ladder, number, step = "", ABSENT, None
    if violation.ladder != ABSENT:
        ladder = tuple(names.judge(violation).ladders)[violation.ladder]
        steps = names.judge(violation).ladders[ladder].steps
        reached = [s for s in steps if s.nth <= offence]
        if reached:
            step = max(reached, key=lambda s: s.nth)
            number = steps.index(step)
    return Charge(f"categories.{word}", category, names.severity(violation), ladder, number, step)


def charged(slot: int, violation: state.Violation, names: Naming, effects: list[Effect]) -> Charge:
    """What a violation comes to by the effects that tell which offence it is."""
    reached = [n for code, row, n, _ in effects if code == STEP_REACHED and row == slot]
    return charge(violation, names, reached[-1] if reached else 0)


def length_word(length: Stop | Duration) -> str:
    """Which of its fields says how long it lasts."""
    return next(word for word in STOP_LENGTHS if getattr(length, word, None))
