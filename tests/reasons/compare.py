"""Two replays of one history: what is told, in order, and what comes out otherwise first."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from ledger.facts.envelope import Envelope
from ledger.facts.types import TYPE_NAME
from projections.explain.effects import effect_view
from projections.explain.explanation import Explainer
from projections.fold.trace import Turn
from projections.standing.replay import Library, Replay, Ruling, in_order, replay

from .books import Book
from .changes import Change

Told = tuple[Any, ...]
LEFT_OUT = ("none", "false")
"""What a file would rather not say."""
SWAP, BOUND, CITED, UNCITED, UNSAID = "swaps", "bounds", "cited", "uncited", "unsaid"


class Side:
    """One replay of a history, as a list of what is told, in order."""

    def __init__(self, library: Library, facts: Sequence[Envelope], as_of: int) -> None:
        self.facts, self.as_of = list(facts), as_of
        self.replay: Replay = replay("c", facts, library, as_of=as_of, rulings=True)
        self.events = list(in_order(self.replay))
        self.explainer = Explainer(self.replay, ())
        self.told = [self._told(event) for event in self.events]

    def under(self, library: Library) -> "Side":
        """The same history under other rules."""
        return Side(library, self.facts, self.as_of)

    def _told(self, event: Ruling | Turn) -> Told:
        names = self.explainer.names
        effects = tuple(
            tuple(effect_view(effect, self.replay, names).items()) for effect in event.effects
        )
        moved = tuple([b - a for a, b in zip(event.before, event.after, strict=True)])
        if isinstance(event, Turn):
            return "time", event.at, moved, effects
        nominal = event.nominal if event.applied else 0
        place = event.envelope.position
        return "ruling", place, moved, effects, event.applied, event.reason, nominal

    def at(self, index: int) -> Told | None:
        return self.told[index] if index < len(self.told) else None

    def cited(self, index: int) -> list[tuple[str, str]]:
        """(version, path) of each ground."""
        found = []
        for ground in self.explainer.event(self.events[index]).grounds:
            place = self.explainer.places.place(ground)
            found.append((place.rulebook.version.rstrip("+"), place.path))
        return found

    def cites(self, index: int, change: Change) -> bool:
        return any(
            path == change.path and change.version in ("", version)
            for version, path in self.cited(index)
        )

    def index(self, position: int) -> int | None:
        """Where the ruling of a fact is."""
        wanted = ("ruling", position)
        return next((i for i, told in enumerate(self.told) if told[:2] == wanted), None)

    def time(self, index: int) -> int:
        event = self.events[index]
        return event.at if isinstance(event, Turn) else event.envelope.effective_at

    def about(self, index: int, unlike: Told | None = None) -> str:
        """The type of the fact and what came of it; of time the effect that is not there else."""
        event = self.events[index]
        if isinstance(event, Turn):
            effects = self.told[index][3]
            same = unlike[3] if unlike is not None and unlike[0] == "time" else ()
            kinds = [dict(effect)["kind"] for effect in effects if effect not in same]
            return f"time {kinds[0]}" if kinds else "time"
        return f"{TYPE_NAME[type(event.envelope.fact)]} {event.reason or 'applied'}"

    def text(self, index: int) -> str:
        return Explainer(self.replay, ("en",)).event(self.events[index]).text["en"]


class Difference(NamedTuple):
    """What comes out otherwise first."""

    one: Side
    other: Side
    index: int

    @property
    def speaker(self) -> Side:
        """The side that says it.

        Facts are the same on both: what only one has, or has earlier, time has done.
        """
        a, b = self.one.at(self.index), self.other.at(self.index)
        if a is None or b is None:
            return self.other if a is None else self.one
        if a[0] == "ruling":
            return self.one if b[0] == "ruling" else self.other
        if b[0] == "ruling" or a[1] < b[1]:
            return self.one
        more = a in self.other.told[self.index :] or set(a[3]) < set(b[3])
        return self.other if a[1] > b[1] or more else self.one

    @property
    def about(self) -> str:
        silent = self.other if self.speaker is self.one else self.one
        return self.speaker.about(self.index, silent.at(self.index))

    @property
    def swap(self) -> bool:
        """One refusal for another, and nothing else."""
        a, b = self.one.at(self.index), self.other.at(self.index)
        if a is None or b is None or a[0] != "ruling" or b[0] != "ruling":
            return False
        return not a[4] and not b[4] and a[2:4] == b[2:4]


def difference(one: Side, other: Side) -> Difference | None:
    for i, (a, b) in enumerate(zip_longest(one.told, other.told)):
        if a != b:
            return Difference(one, other, i)
    return None


def verdict(book: Book, change: Change, found: Difference) -> str:
    """`swaps`, `bounds`, `cited`, `uncited`, or `unsaid` where no file gives the figure."""
    if found.swap:
        return SWAP
    if found.speaker.cites(found.index, change):
        return CITED
    if change.path.endswith((".cap", ".floor")) and not _binds(book, change, found):
        return BOUND
    left_out = found.speaker is found.other and change.value in LEFT_OUT
    return UNSAID if left_out or not book.written(change) else UNCITED


def _binds(book: Book, change: Change, found: Difference) -> bool:
    """Whether a bound that is far away makes a difference at the same place."""
    far = ("-100000", "none") if change.path.endswith(".floor") else ("none", "100000")
    one, index = found.one, found.index
    for value in far:
        library = book.changed(change._replace(value=value))
        if library is not None:
            return one.under(library).at(index) != one.at(index)
    event = one.events[index] if index < len(one.events) else None
    return isinstance(event, Ruling) and event.change != event.nominal
