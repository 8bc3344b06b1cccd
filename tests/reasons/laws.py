"""The other laws: no false citation, no noise, and a trace that adds up."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from ledger.rulebook.figures import as_text
from projections.explain.grounds import written
from projections.standing.replay import Ruling
from projections.views.objects import audit_view

from .books import Book, pattern
from .changes import Change, beside
from .compare import Side
from .variations import variations

CHANGED = re.compile(r"([@(][0-9A-Za-z.-]+)\+")
"""How a text names a version of which figures were changed."""


def summed(side: Side) -> str:
    """Where the JSON of an audit doesn't add up; empty where it does."""
    view = audit_view(side.replay)
    time = view["time"]
    scores: dict[str, str | None] = dict.fromkeys(view["standing"]["counters"])
    first = next(iter(scores))
    for ruling in view["rulings"]:
        due = [turn for turn in time if turn["before"] == ruling["position"]]
        moves = [(turn["at"], move) for turn in due for move in turn["scores"]]
        own = ruling.get("counter", first)
        about = ruling["event"]
        score = ruling["score_before"], ruling["score_after"]
        moves.append((about, {"counter": own, "before": score[0], "after": score[1]}))
        moves += [(about, move) for move in ruling.get("other_scores", ())]
        if problem := _run(scores, moves):
            return problem
    rest = [(t["at"], move) for t in time if t["before"] is None for move in t["scores"]]
    if problem := _run(scores, rest):
        return problem
    for name, score in view["standing"]["counters"].items():
        if score is not None and Decimal(score) != Decimal(scores[name] or 0):
            return f"{name} stands at {score}, the trace ends at {scores[name]}"
    return ""


def _run(scores: dict[str, str | None], moves: Sequence[tuple[str, dict[str, Any]]]) -> str:
    for about, move in moves:
        name, before, after = move["counter"], move["before"], move["after"]
        if Decimal(before or 0) != Decimal(scores[name] or 0):
            return f"{about}: {name} begins at {before}, the trace has {scores[name]}"
        if "change" in move and Decimal(before) + Decimal(move["change"]) != Decimal(after):
            return f"{about}: {name}: {before} and {move['change']} are not {after}"
        scores[name] = after
    return ""


def not_settable(book: Book, side: Side) -> Iterator[tuple[int, str]]:
    """(index, path) of each cited figure that `--set` does not take alone, once."""
    known: set[tuple[str, str]] = set()
    for i in range(len(side.events)):
        for version, path in side.cited(i):
            if (version, path) in known or path.startswith("clauses."):
                continue
            known.add((version, path))
            if not book.settable(version, path):
                yield i, path


class Sample(NamedTuple):
    """A figure that the ruling of a fact cites."""

    version: str
    path: str
    position: int


def sample(side: Side, random: Random) -> Sample | None:
    """One ground of one ruling, none of a behaviour."""
    rulings = [i for i, told in enumerate(side.told) if told[0] == "ruling"]
    index = random.choice(rulings)
    found = [cited for cited in side.cited(index) if not cited[1].startswith("clauses.")]
    event = side.events[index]
    assert isinstance(event, Ruling)
    return Sample(*random.choice(found), event.envelope.position) if found else None


def matters(book: Book, one: Sample, random: Random, here: Side) -> bool | None:
    """Whether some other figure changes what the ruling says, in this history or one like it.

    None where no change of the figure is taken.
    """
    tried = False
    for facts in variations(book.versions, here.facts, one.position, random):
        side = Side(book.library, facts, here.as_of)
        index = side.index(one.position)
        if index is None or (one.version, one.path) not in side.cited(index):
            continue
        told = _told(side, index)
        for change in _alternatives(book, side, index, one):
            library = book.changed(change)
            if library is None:
                continue
            tried = True
            other = side.under(library)
            there = other.index(one.position)
            if there is None or _told(other, there) != told:
                return True
    return False if tried else None


def _alternatives(book: Book, side: Side, index: int, one: Sample) -> Iterator[Change]:
    changes = book.of(one.version, one.path)
    yield from changes
    explainer = side.explainer
    for ground in explainer.event(side.events[index]).grounds if changes else ():
        place = explainer.places.place(ground)
        if (place.rulebook.version, place.path) == (one.version, one.path):
            for text in beside(written(ground)):
                if place.value is None or text != as_text(place.value):
                    yield changes[0]._replace(value=text)


def _told(side: Side, index: int) -> Any:
    """What a ruling says, its text included, and which versions it rests on."""
    event = side.events[index]
    assert isinstance(event, Ruling)
    explainer = side.explainer
    grounds = explainer.event(event).grounds
    judged = {explainer.places.place(g).rulebook.version.rstrip("+") for g in grounds if g.relied}
    text = CHANGED.sub(r"\1", side.text(index))
    return side.told[index], text, judged, event.rulebook.version.rstrip("+")


def group_of(path: str, about: str) -> str:
    return f"{pattern(path)} in {about}"
