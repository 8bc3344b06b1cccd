"""Whether reasons are complete: one figure changed, and the first ruling that differs must cite it.

A pair is a random history and a change of one figure. Where the first thing that comes out
otherwise is something that a ruling says, the ruling has the figure among its grounds; left out are
changes that swap one refusal for another, and bounds that did not bind. The other way round, a
cited figure that no change makes matter is noise. And rulings, with what time did between them, sum
to the standing.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from happenings import happen
from msgspec import inspect
from msgspec.structs import replace as altered

from ledger.errors import RulebookError
from ledger.facts.envelope import Envelope
from ledger.facts.types import TYPE_NAME, CreatorEnrolled
from ledger.rulebook.changes import FIXED, _find, with_changes_all
from ledger.rulebook.figures import plain
from ledger.rulebook.model import Rulebook
from ledger.rulebook.shapes import bare, shape
from ledger.rulebook.shelf import Shelf
from projections.explain.effects import effect_view
from projections.explain.explanation import Explainer
from projections.explain.grounds import written
from projections.fold.trace import Ground, Turn
from projections.standing.replay import Library, Replay, Ruling, in_order, replay

ROOT = Path(__file__).parents[1]
SHELVES = (
    *sorted(d for d in (ROOT / "examples").rglob("rulebooks") if d.is_dir()),
    ROOT / "tests" / "law" / "rulebooks",
    ROOT / "tests" / "model" / "rulebooks",
)
SHIPPED = tuple(Shelf().names())
PAIRS = 40
"""Changes that are tried on one history."""
Told = tuple[Any, ...]


class Only(NamedTuple):
    """A shelf of one rulebook."""

    held: tuple[Rulebook, ...]

    def versions(self, _: str) -> tuple[Rulebook, ...]:
        return self.held


class Change(NamedTuple):
    key: str
    """`2024-07:exam.answers`: in one version."""
    value: str

    @property
    def path(self) -> str:
        return self.key.rpartition(":")[2]

    @property
    def version(self) -> str:
        return self.key.rpartition(":")[0]


class Book:
    """A rulebook, each change of one of its figures, and what they come to, compiled once."""

    def __init__(self, name: str, versions: tuple[Rulebook, ...]) -> None:
        self.name, self.versions = name, versions
        self.library = Library(Only(versions))
        self._changed: dict[Change, Library | None] = {}

    @cached_property
    def changes(self) -> list[Change]:
        found: dict[Change, None] = {}
        for rulebook in self.versions:
            for path, value, wanted in settable(rulebook):
                for text in others(value, wanted):
                    found[Change(path, text)] = None
                    if len(self.versions) > 1:
                        found[Change(f"{rulebook.version}:{path}", text)] = None
        return list(found)

    @cached_property
    def by_path(self) -> dict[tuple[str, str], list[Change]]:
        """Changes by version and path."""
        found: dict[tuple[str, str], list[Change]] = {}
        for change in self.changes:
            for rulebook in self.versions:
                if change.version in ("", rulebook.version):
                    found.setdefault((rulebook.version, change.path), []).append(change)
        return found

    def changed(self, change: Change) -> Library | None:
        """None where the change is refused or no history can be judged under it."""
        if change not in self._changed:
            try:
                made = with_changes_all(self.versions, {change.key: change.value})
                self._changed[change] = Library(Only(made))
            except RulebookError:
                self._changed[change] = None
        return self._changed[change]


def books() -> Iterator[Book]:
    for shelf in (Shelf(), *(Shelf([folder]) for folder in SHELVES)):
        for name in shelf.names():
            if name not in SHIPPED or len(shelf.roots) == 1:
                yield Book(name, shelf.versions(name))


def settable(rulebook: Rulebook) -> Iterator[tuple[str, Any, inspect.Type]]:
    """(path, value, type) of each figure that `--set` takes; the value is None where it is absent."""
    yield from _leaves(plain(rulebook), shape(), "", top=True)


def _leaves(
    item: Any, wanted: inspect.Type, path: str, *, top: bool = False
) -> Iterator[tuple[str, Any, inspect.Type]]:
    kind = bare(wanted)
    match kind:
        case inspect.StructType() as struct:
            for field in struct.fields if item is not None else ():
                if top and (field.name in FIXED or field.name in ("features", "zone")):
                    continue
                here = f"{path}.{field.name}".lstrip(".")
                value = item.get(field.name)
                if field.name != "title":
                    yield from _leaves(value, field.type, here)
        case inspect.DictType(value_type=inner):
            for name, value in (item or {}).items():
                yield from _leaves(value, inner, f"{path}.{name}")
        case inspect.VarTupleType(item_type=inner) if isinstance(bare(inner), inspect.StructType):
            for i, value in enumerate(item or ()):
                yield from _leaves(value, inner, f"{path}.{i}")
        case _:
            yield path, item, kind


def others(value: Any, wanted: inspect.Type) -> Iterator[str]:
    """Other values of a figure, near and far."""
    match wanted:
        case inspect.BoolType():
            yield "false" if value else "true"
        case inspect.LiteralType(values=words):
            yield from (str(word) for word in words if word != value)
        case inspect.IntType():
            near = (1, 2, 3, 7, 30) if value is None else (value - 1, value + 1)
            far = () if value is None else (0, 1, value // 2, value * 2, value + 10, value * 50)
            yield from (str(n) for n in dict.fromkeys((*near, *far)) if n != value)
        case inspect.DecimalType():
            if value is None:
                yield from ("0", "0.5", "1", "3", "6", "12")
                return
            near = (value - Decimal("0.5"), value + Decimal("0.5"), value - 1, value + 1)
            far = (value - 3, value + 3, value / 2, value * 2, Decimal(0), value * 10, value * 100)
            for number in dict.fromkeys((*near, *far)):
                if number != value and number == round(number, 2):
                    yield f"{number:f}"
        case inspect.DateType():
            day = value.toordinal()
            for days in (-900, -400, -30, -3, -1, 1, 3, 30, 200, 800):
                yield str(value.fromordinal(day + days))
        case inspect.VarTupleType(item_type=inner) if isinstance(bare(inner), inspect.LiteralType):
            words = bare(inner).values  # type: ignore[union-attr]
            for text in ("none", *(str(w) for w in words), ",".join(str(w) for w in words)):
                if text != (",".join(value or ()) or "none"):
                    yield text
    if value is not None:
        yield "none"


class Side:
    """One replay of a history, as a list of what is told, in order."""

    def __init__(self, library: Library, facts: Sequence[Envelope], as_of: int) -> None:
        self.replay: Replay = replay("c", facts, library, as_of=as_of, rulings=True)
        self.events = list(in_order(self.replay))
        self.explainer = Explainer(self.replay)
        self.told = [self._told(event) for event in self.events]

    def _told(self, event: Ruling | Turn) -> Told:
        names = self.explainer.names
        effects = tuple(
            tuple(effect_view(effect, self.replay, names).items()) for effect in event.effects
        )
        moved = tuple(b - a for a, b in zip(event.before, event.after, strict=True))
        if isinstance(event, Turn):
            return "time", event.at, moved, effects
        nominal = event.nominal if event.applied else 0
        place = event.envelope.position
        return "ruling", place, moved, effects, event.reason, event.applied, nominal

    def cites(self, index: int, change: Change) -> bool:
        why = self.explainer.event(self.events[index])
        for ground in why.grounds:
            place = self.explainer.places.place(ground)
            if place.path == change.path and change.version in ("", place.rulebook.version):
                return True
        return False

    def said(self, position: int) -> Any:
        """All that a ruling says, its text included."""
        for told, event in zip(self.told, self.events, strict=True):
            if told[0] == "ruling" and told[1] == position:
                why = self.explainer.event(event)
                places = [self.explainer.places.place(g) for g in why.grounds if g.relied]
                judged = {place.rulebook.version.rstrip("+") for place in places}
                return told, why.text, judged, event.rulebook.version.rstrip("+")
        return None

    @property
    def adds_up(self) -> bool:
        scores = tuple(0 for _ in self.replay.creator.counters)
        for event in self.events:
            if event.before != scores:
                return False
            scores = event.after
        return scores == tuple(counter.score for counter in self.replay.creator.counters)


class Fault(NamedTuple):
    """Something that is wrong, with all that it takes to see it again."""

    kind: str
    """uncited, noise, false or sums."""
    group: str
    book: Book
    change: Change
    facts: list[Envelope]
    as_of: int
    what: str


def first_difference(one: Side, other: Side) -> int | None:
    """Where what is told first differs, if that is something the baseline says; else None."""
    for i, (a, b) in enumerate(zip(one.told, other.told, strict=False)):
        if a == b:
            continue
        if a[0] == "ruling":
            return i if b[0] == "ruling" else None
        return i if b[0] == "ruling" or a[1] <= b[1] else None
    if len(one.told) > len(other.told):
        return len(other.told)
    return None


def left_out(one: Side, other: Side, index: int, change: Change) -> bool:
    """A refusal for another refusal; a bound that did not bind."""
    a = one.told[index]
    b = other.told[index] if index < len(other.told) else None
    if a[0] == "ruling" and b is not None and not a[5] and not b[5]:
        return True
    event = one.events[index]
    bound = change.path.endswith((".cap", ".floor"))
    return bound and (isinstance(event, Turn) or event.change == event.nominal)


def pattern(path: str, book: Book) -> str:
    """A path with its names left out."""
    names = {w for r in book.versions for t in (r.categories, r.nodes, r.ladders) for w in t}
    names |= {n for r in book.versions for t in (r.counters, r.lapses) for n in t}
    names |= {s for r in book.versions for c in r.categories.values() for s in c.severities}
    parts = ["*" if part in names or part.isdigit() else part for part in path.split(".")]
    return ".".join(parts)


def about(side: Side, index: int) -> str:
    event = side.events[index]
    if isinstance(event, Turn):
        return "time"
    kind = TYPE_NAME[type(event.envelope.fact)]
    return f"{kind} {event.reason or 'applied'}"


def uncited(book: Book, change: Change, one: Side, facts: Any, as_of: int) -> tuple[bool, Any]:
    """Whether the change makes a difference that counts; and the fault where it is not cited."""
    library = book.changed(change)
    if library is None:
        return False, None
    other = Side(library, facts, as_of)
    index = first_difference(one, other)
    if index is None or left_out(one, other, index, change):
        return False, None
    if one.cites(index, change):
        return True, None
    then = other.told[index] if index < len(other.told) else "nothing"
    what = f"{one.told[index]}\n  otherwise {then}"
    group = f"{pattern(change.path, book)} in {about(one, index)}"
    return True, Fault("uncited", group, book, change, facts, as_of, what)


def noise(book: Book, one: Side, random: Random, facts: Any, as_of: int) -> tuple[int, Any]:
    """One ground of one ruling: whether any change makes it matter; None where that can't be said."""
    index = random.choice([i for i, told in enumerate(one.told) if told[0] == "ruling"])
    event = one.events[index]
    assert isinstance(event, Ruling)
    places = one.explainer.places
    grounds = one.explainer.event(event).grounds
    grounds = [g for g in grounds if not g.key.startswith("clauses.")]
    if len(event.failed) > 1:
        grounds = [g for g in grounds if g.met]
    if not grounds:
        return 0, None
    ground = random.choice(grounds)
    place = places.place(ground)
    changes = list(book.by_path.get((place.rulebook.version, place.path), []))
    several = f"{place.rulebook.version}:" if len(book.versions) > 1 else ""
    changes += [Change(several + place.path, text) for text in beside(ground)]
    position = event.envelope.position
    tried = 0
    for change in random.sample(changes, len(changes)):
        library = book.changed(change)
        if library is None:
            continue
        tried += 1
        if Side(library, facts, as_of).said(position) != one.said(position):
            return 1, None
    if not tried:
        return 0, None
    group = f"{pattern(place.path, book)} in {about(one, index)}"
    change = Change(f"{place.rulebook.version}:{place.path}", "?")
    return 1, Fault("noise", group, book, change, facts, as_of, f"{one.told[index]} {ground}")


def beside(ground: Ground) -> Iterator[str]:
    """Values of a figure right beside what was on record."""
    found = written(ground)
    if found is not None and re.fullmatch(r"-?[0-9.]+", found):
        for step in ("0", "0.01", "-0.01", "0.5", "-0.5", "1", "-1"):
            yield f"{Decimal(found) + Decimal(step):f}"
    elif found is not None:
        day = date.fromisoformat(found)
        yield from (str(day + timedelta(days)) for days in (-1, 0, 1))


def false_citations(book: Book, one: Side, facts: Any, as_of: int) -> Iterator[Fault]:
    """Paths that are not in the shape of rulebooks, or can't be set."""
    for event in one.events:
        for ground in one.explainer.event(event).grounds:
            place = one.explainer.places.place(ground)
            if not place.path.startswith("clauses."):
                try:
                    _find(plain(place.rulebook), place.path)
                except LookupError:
                    change = Change(place.path, "?")
                    yield Fault("false", place.path, book, change, facts, as_of, str(ground))


def one_history(book: Book, random: Random) -> tuple[list[Envelope], int]:
    facts = [enrolled(e, book.name) for e in happen(book.versions, random)]
    return facts, max(e.effective_at for e in facts) + random.randrange(120) * 86_400_000_000


def enrolled(e: Envelope, name: str) -> Envelope:
    if isinstance(e.fact, CreatorEnrolled):
        return altered(e, fact=altered(e.fact, rulebook=name))
    return e


class Counts:
    """What was tried on some histories of a rulebook, and what was wrong."""

    def __init__(self) -> None:
        self.pairs = self.differing = self.sampled = 0
        self.faults: list[Fault] = []

    def number(self, kind: str) -> int:
        return sum(fault.kind == kind for fault in self.faults)


def trial(book: Book, random: Random, counts: Counts, pairs: int = PAIRS) -> None:
    """One history and some changes."""
    facts, as_of = one_history(book, random)
    one = Side(book.library, facts, as_of)
    if not one.adds_up:
        fault = Fault("sums", "sums", book, Change("", ""), facts, as_of, "")
        counts.faults.append(fault)
    counts.faults += false_citations(book, one, facts, as_of)
    for change in random.sample(book.changes, min(pairs, len(book.changes))):
        if book.changed(change) is None:
            continue
        counts.pairs += 1
        differs, fault = uncited(book, change, one, facts, as_of)
        counts.differing += differs
        counts.faults += [fault] if fault is not None else []
    for _ in range(2):
        sampled, fault = noise(book, one, random, facts, as_of)
        counts.sampled += sampled
        counts.faults += [fault] if fault is not None else []


def smallest(fault: Fault) -> Fault:
    """The same fault with as few facts as show it (uncited ones only)."""
    if fault.kind != "uncited":
        return fault
    facts = list(fault.facts)
    shrinking = True
    while shrinking:
        shrinking = False
        for i in reversed(range(len(facts))):
            fewer = facts[:i] + facts[i + 1 :]
            if not fewer:
                continue
            one = Side(fault.book.library, fewer, fault.as_of)
            _, again = uncited(fault.book, fault.change, one, fewer, fault.as_of)
            if again is not None and again.group == fault.group:
                facts, fault, shrinking = fewer, again, True
    return fault


def shown(fault: Fault) -> str:
    """A fault as its finder needs it."""
    small = smallest(fault)
    lines = [f"{small.kind}: {small.group}: {small.book.name}, {small.change.key}={small.change.value}"]
    for e in sorted(small.facts, key=lambda e: (e.effective_at, e.position)):
        given = re.sub(r"\w+=(None|\(\)|False),? ?", "", repr(e.fact))
        lines.append(f"  {e.effective_at} {e.id} {given}")
    return "\n".join([*lines, f"  {small.what}"])
