"""Units of work: some histories and some changes of one book, all against all."""

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from msgspec.structs import replace as altered

from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled

from .books import Book, book, recipes
from .changes import Change
from .compare import BOUND, CITED, SWAP, UNCITED, UNSAID, Side, difference
from .histories import DAY, happen
from .laws import Sample, group_of, matters, not_settable, sample, summed

CHANGES, HISTORIES, SAMPLES = 50, 6, 2
"""Of one unit, and cited figures that are sampled in each history."""
LATER = (0, 3, 40, 120, 400, 800)
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
    what: str
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
    words = sorted({word for r in here.versions for word in r.categories})
    words = random.sample(words, min(3, len(words)))
    changes = list(drawn(here, random, words))
    for _ in range(HISTORIES):
        facts, as_of = history(here, random, words)
        one_history(here, random, changes, facts, as_of, result)
    return result


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


def history(here: Book, random: Random, words: list[str]) -> tuple[list[Envelope], int]:
    facts = [_enrolled(e, here.name) for e in happen(here.versions, random, words)]
    as_of = max(e.effective_at for e in facts) + random.randrange(random.choice(LATER) + 1) * DAY
    return facts, as_of


def _enrolled(e: Envelope, name: str) -> Envelope:
    if isinstance(e.fact, CreatorEnrolled):
        return altered(e, fact=altered(e.fact, rulebook=name))
    return e


def one_history(
    here: Book, random: Random, changes: list[Change], facts: Any, as_of: int, result: Result
) -> None:
    one = Side(here.library, facts, as_of)
    result.counts["histories"] += 1
    for found in _of_itself(here, one, facts, as_of):
        result.add(found)
    for change in changes:
        result.counts["pairs"] += 1
        verdict, found = pair(here, change, one, facts, as_of)
        result.counts["differing"] += verdict is not None
        if found is not None:
            result.add(found)
        elif verdict is not None:
            result.counts[verdict] += 1
    for _ in range(SAMPLES):
        asked = sample(one, random)
        verdict_or_none = None if asked is None else matters(here, asked, random, facts, as_of)
        result.counts["sampled"] += verdict_or_none is not None
        if asked is not None and verdict_or_none is False:
            result.add(_noise(here, one, asked, facts, as_of))


def pair(
    here: Book, change: Change, one: Side, facts: Any, as_of: int
) -> tuple[str | None, Found | None]:
    found = difference(here, change, one, facts, as_of)
    if found is None or found.verdict not in (UNCITED, UNSAID):
        return None if found is None else found.verdict, None
    there = found.other if found.speaker is found.one else found.one
    about = found.speaker.about(found.index, there.at(found.index))
    group = group_of(change.path, about)
    told = (side.at(found.index) or "nothing" for side in (found.one, found.other))
    what = "\n  otherwise ".join(str(one) for one in told)
    return found.verdict, Found(found.verdict, group, here.recipe, change, list(facts), as_of, what)


def _noise(here: Book, one: Side, asked: Sample, facts: Any, as_of: int) -> Found:
    index = one.index(asked.position)
    assert index is not None
    change = Change(asked.version, asked.path, "?")
    group = group_of(asked.path, one.about(index))
    return Found(
        "noise", group, here.recipe, change, list(facts), as_of, str(one.told[index]),
        asked.position,
    )  # fmt: skip


def _of_itself(here: Book, one: Side, facts: Any, as_of: int) -> Iterator[Found]:
    """What is wrong whatever is changed."""
    if problem := summed(one):
        group = " ".join(word for word in problem.split() if not word[0].isdigit())
        none = Change("", "", "")
        yield Found("sums", group, here.recipe, none, list(facts), as_of, problem)
    for i, path in not_settable(here, one, set()):
        group = group_of(path, one.about(i))
        change = Change("", path, "?")
        yield Found("false", group, here.recipe, change, list(facts), as_of, str(one.told[i]))


def again(found: Found, facts: list[Envelope]) -> Found | None:
    """The same finding in fewer facts."""
    here = book(found.recipe)
    one = Side(here.library, facts, found.as_of)
    made: list[Found | None] = []
    if found.kind in (UNCITED, UNSAID):
        made = [pair(here, found.change, one, facts, found.as_of)[1]]
    elif found.kind == "noise":
        made = [_noise_again(here, found, one, facts)]
    else:
        made = list(_of_itself(here, one, facts, found.as_of))
    return next((m for m in made if m is not None and m.key == found.key), None)


def _noise_again(here: Book, found: Found, one: Side, facts: list[Envelope]) -> Found | None:
    index = one.index(found.position)
    asked = Sample(found.change.version, found.change.path, found.position)
    if index is None or asked[:2] not in one.cited(index):
        return None
    if matters(here, asked, Random(found.position), facts, found.as_of) is not False:
        return None
    return _noise(here, one, asked, facts, found.as_of)


def smallest(found: Found) -> Found:
    """The same finding with as few facts as show it."""
    shrinking = True
    while shrinking:
        shrinking = False
        for i in reversed(range(len(found.facts))):
            fewer = found.facts[:i] + found.facts[i + 1 :]
            less = again(found, fewer) if fewer else None
            if less is not None:
                found, shrinking = less, True
                break
    return found


CITED_OR_LEFT_OUT = (CITED, SWAP, BOUND)
