"""The rulebooks that are tried: all that the house has, and two of them one after the other.

A book is known by its recipe: `cn-driving`, or `carry-over 2015 > licence-cycle 2022 @ 90`, which
has the second file in force 90 days after the first.
"""

from collections.abc import Iterator
from functools import cache, cached_property, lru_cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from msgspec.structs import replace as altered

from ledger.errors import RulebookError
from ledger.rulebook.changes import with_changes_all
from ledger.rulebook.checks.sense import family
from ledger.rulebook.figures import plain
from ledger.rulebook.model import Rulebook
from ledger.rulebook.shapes import shape
from ledger.rulebook.shelf import Shelf
from projections.standing.replay import Library

from .changes import Change, changes_of

ROOT = Path(__file__).parents[2]
SHELVES = (
    *sorted(d for d in (ROOT / "examples").rglob("rulebooks") if d.is_dir()),
    ROOT / "tests" / "law" / "rulebooks",
    ROOT / "tests" / "model" / "rulebooks",
)
DAYS = (1, 20, 90, 400)
"""Between two versions of a mixture."""


class Only(NamedTuple):
    """A shelf of one rulebook."""

    held: tuple[Rulebook, ...]

    def versions(self, _: str) -> tuple[Rulebook, ...]:
        return self.held


class Book:
    """The versions of a rulebook, each change of one figure, and what they come to."""

    def __init__(self, recipe: str, versions: tuple[Rulebook, ...]) -> None:
        self.recipe, self.versions = recipe, versions
        self.name = versions[0].name
        self.library = Library(Only(versions))
        self._changed: dict[Change, Library | None] = {}

    @cached_property
    def changes(self) -> dict[str, dict[tuple[str, str], list[Change]]]:
        """{pattern: {(version, path): changes}}."""
        return changes_of(self.versions)

    def of(self, version: str, path: str) -> list[Change]:
        """Changes of one figure in one version."""
        found = self.changes.get(pattern(path), {})
        own = version if len(self.versions) > 1 else ""
        return found.get((own, path), [])

    def draw(self, random: Random, words: list[str]) -> Change:
        """A change of any kind of figure, as likely as of any other; of categories those named."""
        while True:
            places = self.changes[random.choice(list(self.changes))]
            near = [p for p in places if not _elsewhere(p[1], words)]
            if near:
                return random.choice(places[random.choice(near)])

    def changed(self, change: Change) -> Library | None:
        """What a change makes of it, compiled once; None where it is refused."""
        if change not in self._changed:
            try:
                made = with_changes_all(self.versions, {change.key: change.value})
                self._changed[change] = Library(Only(made))
            except RulebookError:
                self._changed[change] = None
        return self._changed[change]

    def settable(self, version: str, path: str) -> bool:
        """Whether `--set` takes some value of a figure alone, if only the one that it has."""
        changes = self.of(version, path)
        if not changes:
            return False
        value = next(value_of(r, path) for r in self.versions if r.version == version)
        return value is not None or any(self.changed(change) is not None for change in changes)

    def concerned(self, change: Change) -> list[Rulebook]:
        return [r for r in self.versions if change.version in ("", r.version)]

    def written(self, change: Change) -> bool:
        """Whether the figure stands in a file."""
        return any(change.path in r.written for r in self.concerned(change))


def _elsewhere(path: str, words: list[str]) -> bool:
    head, _, rest = path.partition(".")
    return head == "categories" and rest.partition(".")[0] not in words


@cache
def pattern(path: str) -> str:
    """A path with its names left out."""
    from msgspec import inspect

    from ledger.rulebook.shapes import bare

    wanted: inspect.Type = shape()
    parts = []
    for part in path.split("."):
        match bare(wanted):
            case inspect.StructType() as struct:
                wanted = next((f.type for f in struct.fields if f.name == part), struct)
                parts.append(part)
            case inspect.DictType(value_type=inner) | inspect.VarTupleType(item_type=inner):
                wanted = inner
                parts.append("*")
            case _:
                parts.append(part)
    return ".".join(parts)


@cache
def known() -> dict[str, tuple[Rulebook, ...]]:
    """Every rulebook of the house by name."""
    shipped = Shelf()
    found = {name: shipped.versions(name) for name in shipped.names()}
    for folder in SHELVES:
        shelf = Shelf([folder])
        found |= {name: shelf.versions(name) for name in shelf.names() if name not in found}
    return found


@lru_cache(maxsize=4)
def book(recipe: str) -> Book:
    """Raises KeyError where it names what is not there."""
    if ">" not in recipe:
        return Book(recipe, known()[recipe])
    first, _, rest = recipe.partition(" > ")
    second, _, days = rest.partition(" @ ")
    old, new = (_version(label) for label in (first, second))
    on = old.in_force_from.toordinal() + int(days)
    new = altered(
        new,
        name=old.name,
        version=f"{new.name}-{new.version}",
        in_force_from=old.in_force_from.fromordinal(on),
    )
    return Book(recipe, (old, new))


def _version(label: str) -> Rulebook:
    name, _, version = label.partition(" ")
    return next(r for r in known()[name] if r.version == version)


@cache
def neighbours(name: str) -> tuple[str, ...]:
    """Other rulebooks whose versions may follow this one's: same zone, same counters."""
    mine = known()[name][0]
    found = []
    for other, versions in known().items():
        if other != name:
            later = altered(versions[-1], in_force_from=mine.in_force_from.replace(year=2090))
            if not family([mine, later]):
                found.append(other)
    return tuple(found)


def recipes(random: Random, only: str | None = None) -> Iterator[str]:
    """Books as they come, the more figures the more often, each followed by a mixture."""
    names = [only] if only else sorted(known())
    weights = [len(book(name).changes) for name in names]
    while True:
        name = random.choices(names, weights)[0]
        yield name
        if ">" not in name and (others := neighbours(name)):
            old = random.choice(known()[name])
            new = random.choice(known()[random.choice(others)])
            days = random.choice(DAYS)
            yield f"{name} {old.version} > {new.name} {new.version} @ {days}"


def value_of(rulebook: Rulebook, path: str) -> object:
    """What the file says at a path, None where it says nothing."""
    item: object = plain(rulebook)
    for part in path.split("."):
        match item:
            case dict():
                item = item.get(part)
            case list():
                item = item[int(part)]
    return item
