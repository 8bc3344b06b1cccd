"""Histories like a given one: what might as well have happened before a fact."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from msgspec.structs import replace as altered

from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled, Fact, FactRetracted, ViolationFound
from ledger.rulebook.model import Rulebook

from .histories import DAY, happen

DRAWN = 40
MOVES = (-400 * DAY, -30 * DAY, -7 * DAY, -DAY, DAY, 7 * DAY, 30 * DAY, 400 * DAY)
AMOUNTS: dict[str, tuple[int | None, ...]] = {
    "points": (None, 0, 50, 100, 300, 600, 1200, 5000),
    "mark": (0, 50_00, 99_00, 100_00),
    "level": (0, 3, 5, 9),
    "reputation": (0, 400, 461, 900),
}
Facts = list[Envelope]


def variations(
    versions: Sequence[Rulebook], facts: Sequence[Envelope], position: int, random: Random
) -> Iterator[Facts]:
    """The history itself, then others in which facts up to this one are otherwise.

    They are left out, moved, repeated, or say other amounts: one, some or all of them; or other
    facts come before it.
    """
    yield list(facts)
    here = next(i for i, e in enumerate(facts) if e.position == position)
    for step in (DAY, -DAY, 30 * DAY):
        yield _moved(facts, [here], step)
    until = facts[here].effective_at
    before = [i for i, e in enumerate(facts) if i != here and e.effective_at <= until]
    for _ in range(DRAWN):
        some = random.sample(before, min(len(before), random.randrange(1, 4)))
        chosen = random.choice(([here], [*before, here], before, some))
        match random.randrange(5):
            case 0:
                yield [e for i, e in enumerate(facts) if i == here or i not in chosen]
            case 1:
                yield _moved(facts, chosen, random.choice(MOVES))
            case 2:
                yield _repeated(facts, chosen, random)
            case 3:
                yield _otherwise(facts, chosen, random)
            case _:
                yield [*_earlier(versions, facts[here], random), *facts]


def _moved(facts: Sequence[Envelope], chosen: Sequence[int], step: int) -> Facts:
    return [
        altered(e, effective_at=e.effective_at + step) if i in chosen else e
        for i, e in enumerate(facts)
    ]


def _repeated(facts: Sequence[Envelope], chosen: Sequence[int], random: Random) -> Facts:
    times = range(1, random.randrange(2, 10))
    return [*(_again(facts[i], n, random) for i in chosen for n in times), *facts]


def _again(e: Envelope, number: int, random: Random) -> Envelope:
    """The like of a fact before it, recorded as another one: of a violation as another one."""
    fact = e.fact
    if isinstance(fact, ViolationFound):
        fact = altered(fact, violation=f"{fact.violation}-{number}", batch=None)
    at = e.effective_at - random.choice((0, 1, 3, 20)) * number * DAY
    return altered(
        e, id=f"{e.id}-{number}", position=e.position + 1000 * number, effective_at=at, fact=fact
    )


def _otherwise(facts: Sequence[Envelope], chosen: Sequence[int], random: Random) -> Facts:
    return [
        altered(e, fact=_other_amounts(e.fact, random)) if i in chosen else e
        for i, e in enumerate(facts)
    ]


def _other_amounts(fact: Fact, random: Random) -> Fact:
    given = [name for name in AMOUNTS if name in fact.__struct_fields__]
    changed: dict[str, Any] = {name: random.choice(AMOUNTS[name]) for name in given}
    if "ground" in fact.__struct_fields__ and "points" in changed:
        changed["ground"] = None if changed["points"] is None else "unstated"
    return altered(fact, **changed)


def _earlier(versions: Sequence[Rulebook], here: Envelope, random: Random) -> Iterator[Envelope]:
    """Another history that ends shortly before a fact, about other violations."""
    own = (here.fact.category,) if isinstance(here.fact, ViolationFound) else ()
    made = [e for e in happen(versions, random, own) if not isinstance(e.fact, CreatorEnrolled)]
    if made:
        step = here.effective_at - made[-1].effective_at - random.choice((0, 1, 5, 40)) * DAY
        for e in made:
            changed: dict[str, str] = {}
            if isinstance(e.fact, FactRetracted):
                changed["event"] = f"{e.fact.event}-x"
            elif (violation := getattr(e.fact, "violation", None)) is not None:
                changed["violation"] = f"{violation}-x"
            yield altered(
                e,
                id=f"{e.id}-x",
                position=e.position + 100_000,
                effective_at=e.effective_at + step,
                fact=altered(e.fact, **changed),
            )
