"""How everybody stands at once: scores, who is stopped until when, whose rulebook is missing."""

from collections import Counter
from collections.abc import Callable, Iterator
from math import floor
from typing import Literal, TypedDict, cast

from projections.standing.everybody import LeftOut, everybody
from projections.standing.naming import naming
from projections.standing.question import Question
from projections.standing.replay import Replay
from projections.standing.writing import instant
from projections.views.objects import standing_view
from projections.views.windows import open_windows
from replay.library.views import Open, Stopped

DAY = 86_400_000_000
SOON = 30 * DAY
PACE = 50
"""Creators after which it is told how far it is."""


class Scores(TypedDict):
    """One counter under one rulebook."""

    rulebook: str
    counter: str
    distribution: list[tuple[int, int]]
    """Whole points, as numbers go up, and how many creators have them or up to one more."""


class Overview(TypedDict):
    """What `Ledger.overview` answers."""

    position: int
    """Of the last fact that counts."""
    as_of: str | None
    """Of the last of them; None where there is nobody."""
    creators: int
    stopped: int
    """Creators with a stop that runs."""
    left_out: dict[str, int]
    """{why they can't be judged: how many}."""
    scores: list[Scores]
    stops: list[Stopped]
    """Stops that run, the next to end first, those without a known end last."""
    windows: list[Open]
    """Appeals and exams of the next `SOON`, the next to close first."""


def overview(question: Question, advance: Callable[[int], object]) -> Overview:
    """Of everybody of whom a fact is known, now; `advance` is told of how many more."""
    position, left_out = question.log.head(), LeftOut()
    found: Counter[tuple[str, str, int]] = Counter()
    stops: list[Stopped] = []
    windows: list[Open] = []
    creators, as_of = 0, None
    for creators, replay in enumerate(everybody(question, question.creators(), left_out), 1):
        row = standing_view(replay)
        as_of, label = row["as_of"], row["rulebook"]
        found.update((label, name, floor(float(n))) for name, n in row["counters"].items())
        stops += (
            {
                "creator": row["creator"],
                "rulebook": label,
                "node": each["node"],
                "feature": each["feature"],
                "since": each["from"],
                "until": each["until"],
            }
            for each in row["sanctions"]
            if each["state"] == "running"
        )
        windows += _soon(replay)
        if creators % PACE == 0:
            advance(PACE)
    stops.sort(key=lambda each: (each["until"] is None, each["until"] or "", each["creator"]))
    windows.sort(key=lambda each: (each["until"], each["creator"], each["violation"]))
    question.pin()
    return {
        "position": position,
        "as_of": as_of,
        "creators": creators,
        "stopped": len({each["creator"] for each in stops}),
        "left_out": dict(sorted(left_out.items())),
        "scores": [
            {
                "rulebook": label,
                "counter": counter,
                "distribution": sorted(
                    (score, n) for (*of, score), n in found.items() if of == [label, counter]
                ),
            }
            for label, counter in sorted({key[:2] for key in found})
        ],
        "stops": stops,
        "windows": windows,
    }


def _soon(replay: Replay) -> Iterator[Open]:
    names = naming(replay)
    for window in open_windows(replay, names):
        if window.until - replay.as_of <= SOON:
            yield {
                "creator": replay.subject,
                "kind": cast(Literal["appeal", "exam"], window.kind),
                "violation": window.violation,
                "until": instant(window.until, replay.rulebook.zone),
                "days": (window.until - replay.as_of) // DAY,
                "obstacle": window.obstacle or None,
            }
