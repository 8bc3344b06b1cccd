"""How little an assumed figure would have to be other for one creator to stand otherwise.

Each is tried with the nearest other values, upwards and downwards, until the score or a stop
changes. What people did is held fixed.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from ledger.errors import RulebookError
from ledger.facts.envelope import Envelope
from ledger.rulebook.figures import figures
from projections.standing.numbering import hundredths
from projections.standing.question import Question
from projections.standing.replay import Library, Replay, replay
from projections.standing.writing import points
from projections.views.objects import standing_object
from replay.reconcile.assumed import Figure
from replay.whatif.reform import ReformedShelf

View = dict[str, Any]
TRIED = 8
STEP = Decimal("0.5")
"""Points are tried by halves, all else by ones."""


class Flip(Struct):
    """The nearest value of a figure by which a creator would stand otherwise."""

    creator: str
    value: str
    score: str | None
    """As it would be."""
    gone: int
    """Stops that would not have been."""
    new: int
    changed: int
    """Those that would have ended otherwise."""


def flips(
    question: Question, recorded: Replay, envelopes: Sequence[Envelope], figure: Figure
) -> Iterator[Flip]:
    """Downwards and upwards; nothing where it takes more than a few steps, or is no number."""
    label, path = figure
    value = figures(next(r for r in recorded.tables.rulebooks if r.label == label)).get(path)
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        return
    step = STEP if isinstance(value, Decimal) else 1
    before = standing_object(recorded)
    for direction in (-1, 1):
        for n in range(1, TRIED + 1):
            other = written(value + direction * n * step)
            try:
                after = standing_object(_with(question, recorded, envelopes, figure, other))
            except RulebookError:
                break  # no such figure can be
            if flip := _flip(recorded.subject, other, before, after):
                yield flip
                break


def _with(
    question: Question, recorded: Replay, envelopes: Sequence[Envelope], figure: Figure, value: str
) -> Replay:
    label, path = figure
    change = {f"{label.partition('@')[2]}:{path}": value}
    _, known_at = question.times(envelopes)
    library = Library(ReformedShelf(question.shelf_at(known_at), "", change))
    as_of = recorded.as_of
    return replay(recorded.subject, envelopes, library, as_of=as_of, known_at=known_at)


def written(value: Decimal | int) -> str:
    """A figure as `--set` takes it, in its shortest form."""
    return points(hundredths(value)) if isinstance(value, Decimal) else str(value)


def _flip(creator: str, value: str, before: View, after: View) -> Flip | None:
    ours, theirs = ({begun(stop): stop for stop in side["sanctions"]} for side in (before, after))
    gone, new = len(ours.keys() - theirs), len(theirs.keys() - ours)
    changed = sum(stop != theirs.get(key, stop) for key, stop in ours.items())
    if before["score"] == after["score"] and not (gone or new or changed):
        return None
    return Flip(creator, value, after["score"], gone, new, changed)


def begun(stop: View) -> tuple[Any, ...]:
    """What makes a stop the same though it ends otherwise."""
    return stop["node"], stop.get("violation"), stop["feature"], stop["from"]
