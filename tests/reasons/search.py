"""Units of work: some histories and some changes of one book, all against all."""

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from msgspec.structs import replace as altered

from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled

from .books import Book, book, recipes
from .changes import Change
from .compare import UNCITED, UNSAID, Side, difference, verdict
from .histories import DAY, happen
from .laws import Sample, group_of, matters, not_settable, sample, summed

CHANGES, HISTORIES, SAMPLES = 50, 6, 2
"""Of one unit, and cited figures that are sampled in each history."""
LATER = (0, 3, 40, 120, 400)
"""Days after the last fact, at most."""
DEFECTS = (UNCITED, "noise", "false", "sums")


class Unit(NamedTuple):
    recipe: str
    seed: str


class Found(NamedTuple):
    """Something that is wrong, with all that it takes to see it again."""

    kind: str
    group: str
    recipe: str
    change: Change
    facts: list[Envelope]
    as_of: int
    at: int
    """When what is told of it happens."""
    position: int = 0
    """Of the fact whose ruling cites a figure that never matters."""

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.group


class Result:
    """What was tried, and the smallest case of each group of findings."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.groups: Counter[tuple[str, str]] = Counter()
        self.cases: dict[tuple[str, str], Found] = {}

    def add(self, found: Found) -> None:
        self.counts[found.kind] += 1
        self.groups[found.key] += 1
        self._keep(found)

    def add_pair(self, verdict: str, found: Found | None) -> None:
        self.counts["differing"] += verdict != ""
        if found is not None:
            self.add(found)
        elif verdict:
            self.counts[verdict] += 1

    def _keep(self, found: Found) -> None:
        known = self.cases.get(found.key)
        if known is None or len(found.facts) < len(known.facts):
            self.cases[found.key] = found

    def merge(self, other: "Result") -> None:
        self.counts += other.counts
        self.groups += other.groups
        for found in other.cases.values():
            self._keep(found)

    @property
    def defects(self) -> int:
        return sum(self.counts[kind] for kind in DEFECTS)


def units(seed: int, only: str | None = None) -> Iterator[Unit]:
    for number, recipe in enumerate(recipes(Random(seed), only)):
        yield Unit(recipe, f"{seed} {number}")


def work(unit: Unit) -> Result:
    random, result = Random(unit.seed), Result()
    here = book(unit.recipe)
    words = categories(here, random)
    changes = list(drawn(here, random, words))
    for _ in range(HISTORIES):
        one = history(here, random, words)
        result.counts["histories"] += 1
        for found in of_itself(here, one):
            result.add(found)
        for change in changes:
            result.counts["pairs"] += 1
            result.add_pair(*pair(here, change, one))
        for _ in range(SAMPLES):
            asked = sample(one, random)
            needed = None if asked is None else matters(here, asked, random, one)
            result.counts["sampled"] += needed is not None
            if asked is not None and needed is False:
                result.add(_noise(here, one, asked))
    return result


def categories(here: Book, random: Random) -> list[str]:
    """Some of each version, one with an exam among them where there is one."""
    found: dict[str, None] = {}
    for rulebook in here.versions:
        known = list(rulebook.categories)
        found |= dict.fromkeys(random.sample(known, min(3, len(known))))
        exams = [w for w, c in rulebook.categories.items() if c.restorable is not None]
        found |= dict.fromkeys(exams and [random.choice(exams)])
    return list(found)


def drawn(here: Book, random: Random, words: list[str]) -> Iterator[Change]:
    """Changes that are taken."""
    found: set[Change] = set()
    for _ in range(CHANGES * 3):
        change = here.draw(random, words)
        if change not in found and here.changed(change) is not None:
            found.add(change)
            yield change
            if len(found) == CHANGES:
                return


def history(here: Book, random: Random, words: list[str]) -> Side:
    facts = [_enrolled(e, here.name) for e in happen(here.versions, random, words)]
    as_of = max(e.effective_at for e in facts) + random.randrange(random.choice(LATER) + 1) * DAY
    return Side(here.library, facts, as_of)


def _enrolled(e: Envelope, name: str) -> Envelope:
    if isinstance(e.fact, CreatorEnrolled):
        return altered(e, fact=altered(e.fact, rulebook=name))
    return e


def pair(here: Book, change: Change, one: Side) -> tuple[str, Found | None]:
    """The verdict on what a change makes of a history, empty where it makes nothing of it."""
    library = here.changed(change)
    differs = None if library is None else difference(one, one.under(library))
    if differs is None:
        return "", None
    said = verdict(here, change, differs)
    if said not in (UNCITED, UNSAID):
        return said, None
    group, at = group_of(change.path, differs.about), differs.speaker.time(differs.index)
    return said, Found(said, group, here.recipe, change, one.facts, one.as_of, at)


def _noise(here: Book, one: Side, asked: Sample) -> Found:
    index = one.index(asked.position)
    assert index is not None
    group, at = group_of(asked.path, one.about(index)), one.time(index)
    change = Change(asked.version, asked.path, "?")
    return Found("noise", group, here.recipe, change, one.facts, one.as_of, at, asked.position)


def of_itself(here: Book, one: Side) -> Iterator[Found]:
    """What is wrong whatever is changed."""
    if problem := summed(one):
        group = " ".join(word for word in problem.split() if not word[0].isdigit())
        none = Change("", problem, "?")
        yield Found("sums", group, here.recipe, none, one.facts, one.as_of, one.as_of)
    for i, path in not_settable(here, one):
        group, change = group_of(path, one.about(i)), Change("", path, "?")
        yield Found("false", group, here.recipe, change, one.facts, one.as_of, one.time(i))


def again(found: Found, facts: list[Envelope], as_of: int) -> Found | None:
    """The same finding in other facts, if it is there."""
    here = book(found.recipe)
    one = Side(here.library, facts, as_of)
    made: list[Found | None]
    if found.kind in (UNCITED, UNSAID):
        made = [pair(here, found.change, one)[1]]
    elif found.kind == "noise":
        made = [_noise_again(here, found, one)]
    else:
        made = list(of_itself(here, one))
    return next((m for m in made if m is not None and m.key == found.key), None)


def _noise_again(here: Book, found: Found, one: Side) -> Found | None:
    index = one.index(found.position)
    asked = Sample(found.change.version, found.change.path, found.position)
    if index is None or asked[:2] not in one.cited(index):
        return None
    if matters(here, asked, Random(found.position), one) is not False:
        return None
    return _noise(here, one, asked)


def smallest(found: Found) -> Found:
    """The same finding with as few facts as show it, and no later than that."""
    number = 0
    while number < len(found.facts):
        facts = found.facts[: len(found.facts) - 1 - number]
        facts += found.facts[len(found.facts) - number :]
        less = again(found, facts, found.as_of) if facts else None
        if less is None:
            number += 1
        else:
            found, number = less, 0
    return again(found, found.facts, found.at) or found
