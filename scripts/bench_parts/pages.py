"""A page and a picture of a creator with 10,000 facts, from the replay to the text of the file."""

import time
from collections.abc import Callable, Iterator
from random import Random
from statistics import median
from typing import Any

from ledger.rulebook.shelf import Shelf
from projections.standing.replay import Library, replay
from replay.pages.files import Documents
from replay.population.synthetic import DAY, history

FACTS = 10_000
CATEGORIES = ("off_topic_goods", "misleading", "spam", "infringement")
PICTURE_MOST, PAGE_MOST = 200, 5_000
ROUNDS = 5


def taken(ask: Callable[[], str]) -> float:
    """Milliseconds of the processor, the median."""
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        ask()
        times.append((time.process_time() - started) * 1000)
    return median(times)


def figures() -> Iterator[dict[str, Any]]:
    facts = list(history(Random(1), "c", FACTS, CATEGORIES, gap=6 * DAY))
    as_of = max(e.effective_at for e in facts) + DAY
    library = Library(Shelf([]))
    result = replay("c", facts, library, as_of=as_of, known_at=as_of, rulings=True)
    made = Documents(result, "en", {}, as_of)
    for name, ask, most in (
        ("picture", made.svg, PICTURE_MOST),
        ("page, every ruling with its sentence", made.html, PAGE_MOST),
    ):
        value = taken(ask)
        yield {
            "name": f"pages: {FACTS:,} facts to {name} ({len(ask()) // 1024:,} KiB)",
            "value": value,
            "unit": "ms CPU",
            "against": None,
            "ratio": None,
            "target": f"<= {most:,}",
            "met": value <= most,
        }
