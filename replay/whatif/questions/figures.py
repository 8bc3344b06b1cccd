"""On which figures an outcome hangs: the nearest change of each alone after which it is another.

Where one other figure would change a ruling, the ruling has it among its grounds: so only figures
that were asked are tried. What stood on record beside a limit is where it turns; an amount is tried
in steps that grow, and the last of them halved. Values are tried on the compiled rules, and what
is found is asked again of the rulebook as `--set` makes it.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from ledger.errors import RulebookError
from ledger.rulebook.figures import as_text
from projections.explain.explanation import Explainer
from projections.explain.grounds import DATES
from projections.explain.places import ASSUMED, Place
from projections.fold.calendar import local_day
from projections.fold.recovery import version_at
from projections.fold.state import ABSENT
from projections.fold.trace import Ground
from projections.standing.replay import Replay, Ruling, in_order
from projections.standing.writing import points
from projections.views.objects import head_view
from replay.whatif.outcome import Outcome, outcome
from replay.whatif.world import World

GROWTH, REACH = 4, 4096
"""Steps grow fourfold, up to so many units of the figure: 40.96 points, 4,096 days."""
BREAKS = 12
"""How many of the nearest turning points of a limit are tried."""
View = dict[str, Any]
Number = int | Decimal | date


class Turned(NamedTuple):
    """The nearest values, below and above, with which something is another."""

    below: str | None = None
    above: str | None = None
    refused_below: str | None = None
    """One with which it would be, where the rulebook takes none such."""
    refused_above: str | None = None

    def view(self) -> View:
        """As JSON has it; `refused` only where there is something of it."""
        refused = {"below": self.refused_below, "above": self.refused_above}
        said: View = {"below": self.below, "above": self.above}
        return said | ({"refused": refused} if any(refused.values()) else {})


class Figure(Struct):
    """A figure that was asked, with what was found beside it."""

    place: Place
    found: set[int]

    @property
    def key(self) -> str:
        """As `--set` takes it, for its own version."""
        return f"{self.place.rulebook.version}:{self.place.path}"


class Sensitivity(Struct):
    figure: Figure
    score: Turned
    stops: Turned

    @property
    def turns(self) -> bool:
        return any((*self.score, *self.stops))


AUTOMATIC = "recovery.automatic"
"""The one figure that brings about what no ruling asks for: recoveries that come by themselves."""


class Trials:
    """A world whose rulebook has other values, one at a time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.baseline = world.replay(rulings=True)
        self.outcome = outcome(self.baseline)
        self._known: dict[tuple[str, object], Outcome | None] = {}

    def figures(self) -> list[Figure]:
        """Those that were asked and can be more or less, in the order of asking."""
        explainer = Explainer(self.baseline, ())
        made: dict[str, Figure] = {}
        for ground, day in (*_grounds(self.baseline, explainer), *_unasked(self.baseline)):
            place = explainer.places.place(ground)
            if isinstance(place.value, bool | Number):
                figure = Figure(place, set())
                figure = made.setdefault(figure.key, figure)
                if ground.found not in (None, ABSENT):
                    figure.found.add(_found(ground, place.value, day))
        return list(made.values())

    def turns(self, figure: Figure, value: Any, field: str) -> bool | None:
        """Whether the outcome is another with a value; None where there can be none such."""
        key = figure.key, value
        if key not in self._known:
            self._known[key] = self._tried(figure, value)
        came = self._known[key]
        return None if came is None else getattr(came, field) != getattr(self.outcome, field)

    def _tried(self, figure: Figure, value: Any) -> Outcome | None:
        versions = [
            put(rulebook, figure.place.path.split("."), value)
            if rulebook is figure.place.rulebook
            else rulebook
            for rulebook in self.baseline.tables.rulebooks
        ]
        versions.sort(key=lambda rulebook: rulebook.in_force_from)
        try:
            return outcome(self.world.under(versions).replay())
        except (ValueError, ArithmeticError, AssertionError):
            return None

    def confirmed(self, figure: Figure, value: Any, field: str) -> bool:
        """Whether the rulebook takes the value, and the same comes out."""
        try:
            came = outcome(self.world.reformed(changes={figure.key: as_text(value)}).replay())
        except RulebookError:
            return False
        return bool(getattr(came, field) != getattr(self.outcome, field))


def which_figures(world: World) -> list[Sensitivity]:
    """Every figure that was asked, assumed ones first, then in the order of asking."""
    trials = Trials(world)
    made = [
        Sensitivity(figure, _turned(trials, figure, "scores"), _turned(trials, figure, "stops"))
        for figure in trials.figures()
    ]
    return sorted(made, key=lambda each: not each.figure.place.clause.startswith(ASSUMED))


def _grounds(replay: Replay, explainer: Explainer) -> Iterator[tuple[Ground, int]]:
    """Each with the local day of what it decided."""
    for event in in_order(replay):
        if isinstance(event, Ruling) and event.row is None:
            continue
        at = event.envelope.effective_at if isinstance(event, Ruling) else event.at
        day = local_day(at, replay.tables.book)
        yield from ((ground, day) for ground in explainer.event(event).grounds)


def _unasked(replay: Replay) -> Iterator[tuple[Ground, int]]:
    """Of each version that was in force since the enrolment."""
    if replay.creator.enrolled:
        book = replay.tables.book
        ends = (version_at(at, book) for at in (replay.creator.enrolled_at, replay.as_of))
        first, last = ends
        yield from ((Ground(AUTOMATIC, number), 0) for number in range(first, last + 1))


def _found(ground: Ground, value: Any, day: int) -> int:
    """What was on record, in the unit of the figure; of days until a date how many those were."""
    assert ground.found is not None
    if ground.key in DATES and not isinstance(value, date):
        return int(value) - (ground.found - day)
    return ground.found


def put(item: Any, path: list[str], value: Any) -> Any:
    """The same structs with another value at a path; nothing is checked."""
    if not path:
        return value
    name, *rest = path
    if isinstance(item, Struct):
        return msgspec.structs.replace(item, **{name: put(getattr(item, name), rest, value)})
    if isinstance(item, dict):
        return {**item, name: put(item[name], rest, value)}
    return tuple(put(each, rest, value) if str(i) == name else each for i, each in enumerate(item))


def _turned(trials: Trials, figure: Figure, field: str) -> Turned:
    value = figure.place.value
    if isinstance(value, bool):
        other = not value
        turned = trials.turns(figure, other, field) and trials.confirmed(figure, other, field)
        return Turned(below=as_text(other)) if turned else Turned()
    below, above = (_nearest(trials, figure, field, side) for side in (-1, 1))
    return Turned(below.taken, above.taken, below.refused, above.refused)


class _Side(NamedTuple):
    """The nearest value on one side that turns, and is taken; else the nearest that is refused."""

    taken: str | None = None
    refused: str | None = None


def _nearest(trials: Trials, figure: Figure, field: str, side: int) -> _Side:
    value = figure.place.value

    def turns(units: int) -> bool:
        return bool(trials.turns(figure, _at(value, units), field))

    def taken(units: int) -> bool:
        return turns(units) and trials.confirmed(figure, _at(value, units), field)

    steps = _steps(figure, side)
    first = _first(steps, turns)
    if first is None:
        return _Side()
    nearest = (
        first if taken(first) else _first([s for s in steps if abs(s) > abs(first)], taken, first)
    )
    if nearest is None:
        return _Side(refused=as_text(_at(value, first)))
    return _Side(as_text(_at(value, nearest)))


def _first(steps: Sequence[int], holds: Callable[[int], bool], still: int = 0) -> int | None:
    """The nearest of which something holds: of the first step where it does, halved."""
    for units in steps:
        if holds(units):
            turned = units
            while abs(turned - still) > 1:
                middle = (still + turned) // 2
                if holds(middle):
                    turned = middle
                else:
                    still = middle
            return turned
        still = units
    return None


def _steps(figure: Figure, side: int) -> list[int]:
    """Units off the figure to try: where a limit turns, and steps that grow; nearest first."""
    value = figure.place.value
    of_record = {_units(value, each) + off for each in figure.found for off in (-1, 0, 1)}
    breaks = sorted((n for n in of_record if n * side > 0), key=abs)[:BREAKS]
    growing = {1}
    while (last := max(growing)) < REACH:
        growing.add(last * GROWTH)
    steps = sorted({side * n for n in growing}.union(breaks), key=abs)
    if isinstance(value, date):
        return steps
    if side > 0:
        return steps
    most = -_units(value, 0)  # nothing is below 0, and of some figures 1 is the least
    steps = [n for n in steps if -n <= most]
    return sorted({*steps, *(n for n in (1 - most, -most) if n < 0)}, key=abs)


def _units(value: Number, found: int) -> int:
    """How far what was found is from the figure, in the smallest units of the figure."""
    if isinstance(value, date):
        return found - (value - date(1970, 1, 1)).days
    return found - (int(value * 100) if isinstance(value, Decimal) else value)


def _at(value: Number, units: int) -> Number:
    """The figure so many of its smallest units away."""
    if isinstance(value, date):
        return value + timedelta(days=units)
    if isinstance(value, Decimal):
        return Decimal(points(int(value * 100) + units))
    return value + units


def figures_view(world: World) -> View:
    """What `--which-figures --json` prints."""
    found = which_figures(world)
    return head_view(world.replay()) | {
        "figures": [_figure_view(each) for each in found if each.turns],
        "asked_and_turn_nothing": [
            {"path": each.figure.place.path, "rulebook": each.figure.place.rulebook.label}
            for each in found
            if not each.turns
        ],
    }


def _figure_view(each: Sensitivity) -> View:
    place = each.figure.place
    return {
        "path": place.path,
        "rulebook": place.rulebook.label,
        "value": as_text(place.value),
        "assumed": place.clause.startswith(ASSUMED),
        "clause": place.clause or None,
        "score": each.score.view(),
        "stops": each.stops.view(),
    }
