"""Two replays of one history: what is told, in order, and what comes out otherwise first."""

from collections.abc import Sequence
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
SWAP, BOUND, CITED, UNCITED, UNSAID = "swaps", "bounds", "cited", "uncited", "unsaid"


class Side:
    """One replay of a history, as a list of what is told, in order."""

    def __init__(self, library: Library, facts: Sequence[Envelope], as_of: int) -> None:
        self.replay: Replay = replay("c", facts, library, as_of=as_of, rulings=True)
        self.events = list(in_order(self.replay))
        self.explainer = Explainer(self.replay, ())
        self.told = [self._told(event) for event in self.events]

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
    verdict: str
    """`swaps`, `bounds`, `cited`, `uncited` or `unsaid`."""
    one: Side
    other: Side
    index: int
    speaker: Side
    """Which of the two says it: the other one where time does there what it does not here."""


def difference(book: Book, change: Change, one: Side, facts: Any, as_of: int) -> Difference | None:
    """What comes out otherwise first under a change, and whether it is cited; None if nothing."""
    library = book.changed(change)
    if library is None:
        return None
    other = Side(library, facts, as_of)
    first = _first(one, other)
    if first is None:
        return None
    index, speaker = first
    verdict = _verdict(book, change, one, other, index, speaker, facts, as_of)
    return Difference(verdict, one, other, index, speaker)


def _first(one: Side, other: Side) -> tuple[int, Side] | None:
    for i, (a, b) in enumerate(zip(one.told, other.told, strict=False)):
        if a != b:
            return i, _speaker(a, b, one, other)
    if len(one.told) != len(other.told):
        longer = one if len(one.told) > len(other.told) else other
        return min(len(one.told), len(other.told)), longer
    return None


def _speaker(a: Told, b: Told, one: Side, other: Side) -> Side:
    """Facts are the same on both sides: where only one has a ruling, time came first on the other."""
    if a[0] == "ruling":
        return one if b[0] == "ruling" else other
    if b[0] == "ruling" or a[1] < b[1]:
        return one
    more = a[1] == b[1] and a[2] == b[2] and set(a[3]) < set(b[3])
    return other if a[1] > b[1] or more else one


def _verdict(
    book: Book,
    change: Change,
    one: Side,
    other: Side,
    index: int,
    speaker: Side,
    facts: Any,
    as_of: int,
) -> str:
    if speaker is one and _swap(one.told[index], other.at(index)):
        return SWAP
    if speaker.cites(index, change):
        return CITED
    if change.path.endswith((".cap", ".floor")) and not _binds(
        book, change, one, index, facts, as_of
    ):
        return BOUND
    if not book.written(change) or (speaker is other and change.value == "none"):
        return UNSAID
    return UNCITED


def _swap(a: Told, b: Told | None) -> bool:
    """One refusal for another, and nothing else."""
    if a[0] != "ruling" or b is None or b[0] != "ruling":
        return False
    return not a[4] and not b[4] and a[2:4] == b[2:4]


def _binds(book: Book, change: Change, one: Side, index: int, facts: Any, as_of: int) -> bool:
    """Whether a bound that is far away makes a difference at the same place."""
    far = ("-100000", "none") if change.path.endswith(".floor") else ("none", "100000")
    for value in far:
        library = book.changed(change._replace(value=value))
        if library is not None:
            return Side(library, facts, as_of).at(index) != one.at(index)
    event = one.events[index] if index < len(one.events) else None
    return isinstance(event, Ruling) and event.change != event.nominal
