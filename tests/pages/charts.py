"""Charts to draw: of random histories, and of as many facts as wanted."""

from functools import cache
from random import Random

from hypothesis import strategies as st

from ledger.rulebook.shelf import Shelf
from projections.standing.replay import Library, Replay, replay
from replay.pages.adapter import chart
from replay.picture.drawing import NARROW, PRINT, WIDE
from replay.picture.model import Chart
from replay.population.synthetic import DAY, history

LAYOUTS = (WIDE, NARROW, PRINT)
LANGUAGES = ("en", "zh")
CATEGORIES = ("off_topic_goods", "misleading", "spam", "infringement")
layouts = st.sampled_from(LAYOUTS)
languages = st.sampled_from(LANGUAGES)


@cache
def library() -> Library:
    return Library(Shelf([]))


@cache
def long(facts: int, seed: int = 1) -> Replay:
    """A creator of so many facts, one every few days."""
    found = list(history(Random(seed), "c", facts, CATEGORIES, gap=6 * DAY))
    as_of = max(e.effective_at for e in found) + DAY
    return replay("c", found, library(), as_of=as_of, known_at=as_of, rulings=True)


def of(facts: int, language: str = "en") -> Chart:
    return chart(long(facts), language, {})
