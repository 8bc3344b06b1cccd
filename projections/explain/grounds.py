"""The grounds of a ruling as people and machines read them, and the clauses that it relies on.

What is the ledger's own doing and not a platform's rule is `ledger: …`.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ledger.facts.types import ViolationFound
from ledger.rulebook.figures import as_text
from projections.explain.places import ASSUMED, Place, place_of
from projections.fold.rules import Book
from projections.fold.state import ABSENT, KINDS
from projections.fold.trace import Ground
from projections.standing.naming import Naming
from projections.standing.replay import Ruling
from projections.standing.writing import day_date, points

LEDGER = "ledger: "
OWN = {
    "retracted": "retraction",
    "unknown_event": "retraction",
    "not_retractable": "retraction",
    "unknown_violation": "unknown violation",
}
READINGS = {"clauses.recovery_closed": "no recovery while stopped for good"}
"""Behaviours that are the ledger's own where no rulebook speaks of them."""
OWN_KINDS = {"fact_retracted": "retraction", "rulebook_adopted": "adoption"}
DATES = {"in_force_from", "exam.quota_days", "accrual_exam.per_days", "categories.*.not_after"}
"""Figures beside which a date is on record: of the fact, or from which on it is free again."""
POINTS = {
    "limit", "every", "points", "release_at", "floor", "cap", "initial", "restorable",
    "reputation_above", "pass_mark", "below", "at_most", "not_from", "carry_from", "carry",
}  # fmt: skip
GRADED = {"categories.*.points": "points", "categories.*.restorable": "restorable"}
View = dict[str, Any]


class Reference(NamedTuple):
    """What a ruling relies on."""

    label: str
    """`002 §10(1)`, `assumed: …`, `scenario: …` or `ledger: …`."""
    rulebook: str = ""
    path: str = ""


class Places:
    """Each figure that rulings under a rulebook asked, found once."""

    def __init__(self, names: Naming) -> None:
        self._names = names
        known: Any = names.tables.kept.setdefault("places", {})
        self._known: dict[tuple[Any, ...], Place] = known
        cited: Any = names.tables.kept.setdefault("references", {})
        self._cited: dict[tuple[Any, ...], Reference | None] = cited
        self._views: dict[tuple[Any, ...], View] = {}

    def place(self, ground: Ground) -> Place:
        known = self._known.get(ground[:3])
        if known is None:
            known = self._known[ground[:3]] = place_of(ground, self._names)
        return known

    def reference(self, ground: Ground) -> Reference | None:
        """The clause that a figure stands in; None where the rulebook says nothing of it."""
        asked = ground[:3]
        if asked not in self._cited:
            place = self.place(ground)
            self._cited[asked] = None
            if place.clause:
                self._cited[asked] = Reference(place.clause, place.rulebook.label, place.path)
            elif place.path in READINGS:
                self._cited[asked] = Reference(LEDGER + READINGS[place.path])
        return self._cited[asked]

    def view(self, ground: Ground) -> View:
        """`path`, `required`, `found`, `met`, `rulebook`, `clause`: as JSON has it."""
        view = self._views.get(ground[:5])
        if view is None:
            place = self.place(ground)
            view = self._views[ground[:5]] = {
                "path": place.path,
                "required": None if place.value is None else as_text(place.value),
                "found": written(ground),
                "met": ground.met,
                "rulebook": place.rulebook.label,
                "clause": place.clause or None,
            }
        return view


def written(ground: Ground) -> str | None:
    """What was on record, in the unit of the figure; None where nothing was."""
    if ground.found in (None, ABSENT):
        return None
    assert ground.found is not None
    if ground.key in DATES:
        return day_date(ground.found)
    if ground.key.rpartition(".")[2] in POINTS:
        return points(ground.found)
    return str(ground.found)


def asked(ruling: Ruling, names: Naming) -> list[Ground]:
    """The grounds of a ruling, and the dates that say which versions ruled.

    What is the ledger's own doing has none.
    """
    if _own(ruling):
        return []
    grounds = list(ruling.grounds)
    for ground in ruling.grounds:
        grounds += own_figure(ground, names)
    if ruling.row is not None:
        found = isinstance(ruling.envelope.fact, ViolationFound)
        judged = found and ruling.reason in ("", "before_first_version")
        book = names.tables.book
        if book.version_count > 1 or judged:
            grounds += in_force(grounds, ruling.row.day, ruling.row.at, book)
    return grounds


def own_figure(ground: Ground, names: Naming) -> Iterator[Ground]:
    """A severity that leaves a figure to its category might have given one itself."""
    if ground.key in GRADED and (ground.relied or not ground.met):
        word, severity = names.category_at(ground.about[0])
        category = names.book(ground.version).categories[word]
        if severity and not category.place(severity, GRADED[ground.key]).startswith("severities"):
            key = f"categories.*.severities.*.{GRADED[ground.key]}"
            yield Ground(key, ground.version, ground.about, met=False, relied=False)


def in_force(grounds: Sequence[Ground], day: int, at: int, book: Book) -> Iterator[Ground]:
    """By which dates that version ruled: a version that ruled not might by another date."""
    known = {ground.version for ground in grounds if ground.key == "in_force_from"}
    for number, rules in enumerate(book.versions):
        if number not in known:
            yield Ground("in_force_from", number, (), day, rules.in_force_at <= at, relied=False)


def references(
    grounds: Sequence[Ground], places: Places, ruling: Ruling | None = None
) -> list[Reference]:
    """Each clause that is relied on once, in the order in which the law asked."""
    if ruling is not None and (own := _own(ruling)):
        return [Reference(LEDGER + own)]
    relied = [ground for ground in grounds if ground.relied]
    found = [r for ground in relied if (r := places.reference(ground)) is not None]
    if relied and not found:
        first = places.place(relied[0])
        found = [Reference(ASSUMED + first.shown, first.rulebook.label, first.path)]
    return list(dict.fromkeys(found))


def _own(ruling: Ruling) -> str:
    """Whose doing a ruling is where it is no platform's rule; empty where it is one."""
    if ruling.reason in OWN:
        return OWN[ruling.reason]
    if ruling.row is None:
        return "retraction"
    return OWN_KINDS.get(KINDS[ruling.row.kind], "")
