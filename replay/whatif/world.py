"""What is replayed: a creator's facts, the rules and both times. A scenario makes another of it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec
from msgspec import Struct

from ledger.facts.envelope import Envelope, known
from ledger.rulebook.model import Rulebook
from projections.standing.executed import Law
from projections.standing.question import KnownLibrary, Question
from projections.standing.replay import Library, Replay, replay
from projections.standing.tables import Tables
from replay.whatif.reform import ReformedShelf, Shelf


class Steps(Protocol):
    """`replay.whatif.scenario.Scenario`, which is made of worlds."""

    def worlds(self, world: "World") -> "list[World]":
        """The world before the first step, and after each."""


class _Timeless:
    """Rules that nobody ever learned: they were known from always."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def tables(self, name: str, known_at: int) -> Tables:  # noqa: ARG002  the same at all times
        return self._library.tables(name)

    def learned(self, name: str) -> list[int]:  # noqa: ARG002  nothing was
        return []


class _Only:
    def __init__(self, rulebooks: Sequence[Rulebook]) -> None:
        self._rulebooks = tuple(rulebooks)

    def versions(self, name: str) -> tuple[Rulebook, ...]:  # noqa: ARG002  whatever the enrolment says
        return self._rulebooks


class World(Struct, frozen=True):
    """Nothing of it is a store: what happens to a world happens in memory."""

    creator: str
    facts: Sequence[Envelope]
    shelf: Shelf
    library: Library
    """The shelf compiled."""
    zone: str
    as_of: int
    known_at: int | None
    simulate: bool = False
    """Recoveries as they fall due in place of the recorded ones."""
    log: Law | None = None
    """What was known of the rules, and when; None where they are the same at all times."""

    @property
    def law(self) -> Law:
        return self.log or _Timeless(self.library)

    def with_facts(self, facts: Sequence[Envelope]) -> "World":
        return msgspec.structs.replace(self, facts=facts)

    def reformed(self, rulebook: str = "", changes: Mapping[str, str] | None = None) -> "World":
        """Under another rulebook or other figures."""
        shelf = ReformedShelf(self.shelf, rulebook, changes or {})
        return msgspec.structs.replace(self, shelf=shelf, library=Library(shelf), log=None)

    def under(self, rulebooks: Sequence[Rulebook]) -> "World":
        """Under these versions and no others."""
        shelf = _Only(rulebooks)
        return msgspec.structs.replace(self, library=Library(shelf), log=None)

    def replay(self, *, rulings: bool = False, as_of: int | None = None) -> Replay:
        """As of the world's instant, or of another."""
        return replay(
            self.creator,
            self.facts,
            self.library,
            as_of=self.as_of if as_of is None else as_of,
            known_at=self.known_at,
            rulings=rulings,
            simulate=self.simulate,
        )

    def counting(self) -> list[Envelope]:
        """The facts that are known and not withdrawn."""
        facts, retracted, _ = known(self.facts, self.known_at)
        return [e for e in facts if e.position not in retracted] if retracted else facts


def world_of(question: Question, creator: str) -> World:
    """What a question's log knows of a creator. Raises LedgerError where that is nothing."""
    envelopes = question.known_facts(creator)
    as_of, known_at = question.times(envelopes)
    return World(
        creator=creator,
        facts=envelopes,
        shelf=question.shelf_at(known_at),
        library=KnownLibrary(question, known_at),
        zone=question.zone(envelopes),
        as_of=as_of,
        known_at=known_at,
        log=question,
    )


def asked_world(question: Question, creator: str, scenario: "Steps") -> World:
    """The same as a scenario has it, under rulebooks that are those which ruled. Raises as both."""
    world = world_of(question, creator)
    question.replay(creator, world.facts, noted=False)
    return scenario.worlds(world)[-1]
