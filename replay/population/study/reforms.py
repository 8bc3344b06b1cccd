"""The rulebooks of a question: that in force, that of a scenario, and those of a sweep."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from ledger.errors import InputError, RulebookError
from ledger.rulebook.figures import as_text, figures
from ledger.rulebook.model import Rulebook
from ledger.text import safe
from projections.standing.tables import Tables, compile_tables
from replay.population.layout import Layout
from replay.population.study.sweep import Sweep, points
from replay.whatif.reform import ReformedShelf, Shelf
from replay.whatif.scenario import Judge, Recover, Scenario, Set

WHY = {
    "move": "the times of facts", "drop": "facts", "amend": "facts", "add": "facts",
    "remap": "what facts were found as",
}  # fmt: skip


class Reform(Struct, frozen=True):
    """One side: rules for everybody."""

    tables: Tables
    layout: Layout
    simulate: bool = False
    """Recoveries as they fall due in place of the recorded ones."""
    point: dict[str, str] = {}
    """The values of a sweep."""

    @property
    def rulebooks(self) -> tuple[Rulebook, ...]:
        return self.tables.rulebooks

    def reads_as(self, other: "Reform") -> bool:
        """Whether facts become the same rows, and summaries have the same columns."""
        return _reading(self.tables) == _reading(other.tables)


def reform(rulebooks: Sequence[Rulebook], *, simulate: bool = False) -> Reform:
    tables = compile_tables(rulebooks)
    return Reform(tables, Layout.of(tables), simulate)


def _reading(tables: Tables) -> tuple[object, ...]:
    names = tables.names
    dates = [rules.in_force_at for rules in tables.book.versions]
    nodes = [tuple(rulebook.nodes) for rulebook in tables.rulebooks]
    orders = [tuple(table) for table in (names.accounts, names.courses, names.lapses)]
    features, counters = tuple(names.features), names.counters
    zone = tables.rulebooks[0].zone
    return zone, dates, tables.grades, tuple(names.grades), orders, nodes, features, counters


class Reforms(Struct, frozen=True):
    """What is compared with what."""

    baseline: Reform
    scenario: Scenario
    other: Reform | None
    """None where the scenario is empty."""
    sweeps: tuple[Sweep, ...]
    swept: tuple[Reform, ...]
    """A reform for each point."""

    @property
    def every(self) -> list[Reform]:
        """The baseline first."""
        return [self.baseline, *([self.other] if self.other else []), *self.swept]

    def now(self, sweep: Sweep) -> str | None:
        """What a swept figure is in force, in the newest version that has it."""
        version, colon, path = sweep.key.rpartition(":")
        for rulebook in reversed(self.baseline.rulebooks):
            found = figures(rulebook).get(path)
            if found is not None and (not colon or rulebook.version == version):
                return as_text(found)
        return None


def reforms(name: str, shelf: Shelf, scenario: Scenario, sweeps: Sequence[Sweep]) -> Reforms:
    """All rulebooks of a question about creators of one, made before anybody is looked at.

    Raises InputError for what is no reform, RulebookError for what no rulebook can say.
    """
    wanted = points(sweeps)
    other, simulate = _reformed(shelf, scenario)
    return Reforms(
        baseline=reform(shelf.versions(name)),
        scenario=scenario,
        other=reform(other.versions(name), simulate=simulate) if scenario.steps else None,
        sweeps=tuple(sweeps),
        swept=tuple(_swept(name, other, point, simulate) for point in wanted),
    )


def _reformed(shelf: Shelf, scenario: Scenario) -> tuple[Shelf, bool]:
    simulate = False
    for number, step in enumerate(scenario.steps, 1):
        match step:
            case Judge(rulebook=rulebook):
                shelf = ReformedShelf(shelf, rulebook, {})
            case Set(figures=changes):
                shelf = ReformedShelf(shelf, "", changes)
            case Recover(recoveries=how):
                simulate = how == "due"
            case _:
                word = type(step).__name__.lower()
                where = f'step {number}, "{safe(step.name)}"' if step.name else f"step {number}"
                raise InputError(
                    f"{where}: {word} changes {WHY[word]} of one creator; of everybody only rules "
                    "can be other ones: rulebook, set, recoveries. `what-if` asks about one"
                )
    return shelf, simulate


def _swept(name: str, shelf: Shelf, point: Mapping[str, str], simulate: bool) -> Reform:
    try:
        made = reform(ReformedShelf(shelf, "", point).versions(name), simulate=simulate)
    except RulebookError as error:
        said = ", ".join(f"{key}={value}" for key, value in point.items())
        raise RulebookError(f"{said}: {error}") from None
    return Reform(made.tables, made.layout, simulate, dict(point))
