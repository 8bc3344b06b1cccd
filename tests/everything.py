"""Histories under a rulebook that has every concept at once."""

from functools import cache
from pathlib import Path
from random import Random

import msgspec
from samples import Line, envelopes, when

from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled
from ledger.rulebook.shelf import Shelf
from projections.standing.replay import Library, Replay, replay
from replay.population.synthetic import DAY, history

SHELF = Shelf([Path(__file__).parents[0] / "model" / "rulebooks"])
CATEGORIES = ["spam", "fraud", "abuse"]


@cache
def library() -> Library:
    return Library(SHELF)


def walk(seed: int) -> list[Envelope]:
    """A random history, enrolled under the rulebook."""
    random = Random(seed)
    gap, ties = random.choice((3, 10, 30)) * DAY, random.choice((0.1, 0.5))
    made = history(random, "c", random.randrange(3, 60), CATEGORIES, gap=gap, ties=ties)
    return [_enrolled(e) for e in made]


def _enrolled(e: Envelope) -> Envelope:
    if not isinstance(e.fact, CreatorEnrolled):
        return e
    fact = msgspec.structs.replace(e.fact, rulebook="everything")
    return msgspec.structs.replace(e, fact=fact)


def walked(seed: int, *, simulate: bool = False) -> Replay:
    """Asked about some days after the last fact."""
    facts = walk(seed)
    as_of = max(e.effective_at for e in facts) + seed % 4 * 5 * DAY
    return replay(
        "c", facts, library(), as_of=as_of, known_at=as_of * 2, rulings=True, simulate=simulate
    )


def asked(lines: list[Line], as_of: str) -> Replay:
    """The lines, by the clocks of Shanghai, with an enrolment before them."""
    facts = envelopes([(lines[0][0], CreatorEnrolled(rulebook="everything")), *lines])
    at = when(as_of)
    return replay("mei", facts, library(), as_of=at, known_at=at, rulings=True)
