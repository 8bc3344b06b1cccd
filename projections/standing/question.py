"""What every question needs: the log, the rulebooks, and the two times, opened in one place.

A rulebook is pinned by its content with the facts that it rules on; what could not be pinned then
is when it first rules, and a log that can't be written to leaves that to a later question. A
changed file is refused either way.
A draft rules where the log knew at known_at that it was adopted; its adoptions are read once.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from copy import copy
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ledger.errors import LedgerError, StoreError
from ledger.facts.envelope import Envelope
from ledger.log.port import Reader, open_reader
from ledger.rulebook.model import Rulebook
from ledger.rulebook.pinning import enrolled_under
from ledger.rulebook.shelf import Shelf, verify_pins
from ledger.text import safe
from projections.fold.state import FOREVER
from projections.standing.adoptions import about_rulebook, adopted, ruling
from projections.standing.moments import Moment
from projections.standing.replay import Library, Replay, replay
from projections.standing.tables import Tables, compile_tables
from projections.standing.writing import clock_time

if TYPE_CHECKING:
    from projections.standing.live import Live

State = tuple[str, int]
"""The name of a rulebook, and how many facts about its adoption are known."""


class Question:
    """A log opened for reading, with the rulebooks that judge it. Use as a context manager."""

    def __init__(
        self,
        db: str,
        rulebook_dirs: Sequence[str | Path] = (),
        as_of: Moment | None = None,
        known_at: Moment | None = None,
    ) -> None:
        self.shelf = Shelf(rulebook_dirs)
        self.log: Reader = open_reader(db)
        self.as_of, self.known_at = as_of, known_at
        self.now = time.time_ns() // 1000
        self.until: int | None = None
        """The last position whose adoptions of drafts count; None: all that are recorded."""
        self._pins = self.log.pins()
        self._adoptions: dict[str, list[Envelope]] = {}
        self._ruling: dict[State, tuple[Rulebook, ...]] = {}
        self._tables: dict[State, Tables] = {}
        self._checked: set[State] = set()
        self._unpinned: dict[tuple[str, str], str] = {}

    def facts(self, creator: str) -> list[Envelope]:
        """All facts of a creator. Raises LedgerError where there are none."""
        envelopes = self.log.stream(creator)
        if not envelopes:
            raise LedgerError(f'no fact is recorded of a creator "{safe(creator)}"')
        return envelopes

    def known_facts(self, creator: str) -> list[Envelope]:
        """As `facts`, and at least one was known at known_at."""
        envelopes = self.facts(creator)
        _, known_at = self.times(envelopes)
        first = min(e.recorded_at for e in envelopes)
        if first > known_at:
            when = clock_time(first, self.zone(envelopes))
            said = f'nothing was known at that time of a creator "{safe(creator)}"'
            raise LedgerError(f"{said}; the first fact was recorded on {when}")
        return envelopes

    def creators(self, last: str = "") -> Iterator[str]:
        """Everybody after one, in the order of their ids' code points."""
        while page := self.log.subjects(last):
            yield from page
            last = page[-1]

    def at(self, as_of: Moment | None, known_at: Moment | None) -> "Question":
        """The same log and rulebooks about other times, and whatever was recorded meanwhile."""
        other = copy(self)
        other.as_of, other.known_at, other.now = as_of, known_at, time.time_ns() // 1000
        other._adoptions = {}
        return other

    def times(self, envelopes: Sequence[Envelope]) -> tuple[int, int]:
        """as_of and known_at as instants; both default to now.

        A log whose clock has been set back may hold facts recorded later than now: they are known.
        """
        zone = self.zone(envelopes)
        as_of = self.now if self.as_of is None else self.as_of.instant(zone)
        if self.known_at is not None:
            return as_of, self.known_at.instant(zone)
        return as_of, max(self.now, max((e.recorded_at for e in envelopes), default=0))

    def zone(self, envelopes: Sequence[Envelope]) -> str:
        """On which clocks a time without offset is meant: those of the creator's rulebook."""
        every = self.shelf.versions(enrolled_under(envelopes), drafts=True)
        return next((r for r in every if not r.draft), every[0]).zone

    def versions(self, name: str, known_at: int) -> tuple[Rulebook, ...]:
        """The versions in force as known at an instant, the drafts adopted by then among them."""
        state = self._state(name, known_at)
        if state not in self._ruling:
            every = self.shelf.versions(name, drafts=True)
            adoptions = adopted(self._adoptions[name], name, known_at)
            self._ruling[state] = ruling(every, adoptions)
        return self._ruling[state]

    def tables(self, name: str, known_at: int) -> Tables:
        """The same compiled, once for all creators."""
        state = self._state(name, known_at)
        if state not in self._tables:
            self._tables[state] = compile_tables(self.versions(name, known_at))
        return self._tables[state]

    def learned(self, name: str) -> list[int]:
        """The instants at which something became known of a name's adoptions."""
        self._state(name, FOREVER)
        return [e.recorded_at for e in self._adoptions[name]]

    def shelf_at(self, known_at: int) -> "KnownShelf":
        """The rulebooks as the log knew them at an instant."""
        return KnownShelf(self, known_at)

    def _state(self, name: str, known_at: int) -> "State":
        """What was known of a name: the more facts, the later the state."""
        if name not in self._adoptions:
            stream = self.log.stream(name)
            if self.until is not None:
                stream = [e for e in stream if e.position <= self.until]
            self._adoptions[name] = about_rulebook(stream, name)
        return name, sum(e.recorded_at <= known_at for e in self._adoptions[name])

    def ask(self, creator: str, *, rulings: bool = False) -> Replay:
        """The record of one creator of whom something was known. Raises LedgerError if not."""
        return self.replay(creator, self.known_facts(creator), rulings=rulings)

    def replay(
        self,
        creator: str,
        envelopes: Sequence[Envelope],
        *,
        rulings: bool = False,
        noted: bool = True,
    ) -> Replay:
        """The record as it is: facts under the rulebooks of the shelf, pins checked.

        Not `noted`, nothing is pinned for it.
        """
        as_of, known_at = self.times(envelopes)
        return self.replay_at(creator, envelopes, as_of, known_at, rulings=rulings, noted=noted)

    def replay_at(
        self,
        creator: str,
        envelopes: Sequence[Envelope],
        as_of: int,
        known_at: int,
        *,
        rulings: bool = False,
        noted: bool = True,
    ) -> Replay:
        """The same about other times than the question's."""
        library = KnownLibrary(self, known_at)
        result = replay(
            creator, envelopes, library, as_of=as_of, known_at=known_at, rulings=rulings
        )
        versions = {row.version for row in result.history.rows} if noted else set()
        self.check(result.tables, versions, known_at)
        return result

    def live(
        self, creator: str, envelopes: Sequence[Envelope], *, traced: bool, whole: bool
    ) -> "Live":
        """All given facts by position, whenever they were recorded: a record to be gone on from."""
        from projections.standing.live import Live  # of those who go on with a record

        live = Live(creator, envelopes, KnownLibrary(self, FOREVER), traced=traced, whole=whole)
        self.check(live.tables, set(), FOREVER)
        return live

    def live_at(self, live: "Live", as_of: int, *, turns: bool = False) -> Replay:
        """That record as of an instant (`Live.at`)."""
        result = live.at(as_of, turns=turns)
        if live.noted < len(live.versions):
            self.check(result.tables, live.versions, FOREVER)
            live.noted = len(live.versions)
        return result

    def law(self) -> Iterator[str]:
        """What decides which rules are in force: each file of the shelf, each adopted draft."""
        for name in self.shelf.names():
            for file in self.shelf.files(name):
                yield f"{name}/{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}"
            self._state(name, FOREVER)
            for version, e in adopted(self._adoptions[name], name, None).items():
                yield f"{name}@{version} adopted at {e.position}"

    def look_again(self, until: int) -> None:
        """Read adoptions anew, those up to a position; what they made rule is known by state."""
        self.until = until
        self._adoptions.clear()
        self._checked.clear()

    def check(self, tables: Tables, ruled: set[int], known_at: int) -> None:
        """Refuse changed rulebooks; note those versions that have ruled, to be pinned."""
        rulebooks = tables.rulebooks
        state = self._state(rulebooks[0].name, known_at)
        if state not in self._checked:
            verify_pins(rulebooks, self._pins, by="was pinned in this ledger")
            self._checked.add(state)
        for version in ruled:
            r = rulebooks[version]
            if (r.name, r.version) not in self._pins:
                self._unpinned[r.name, r.version] = r.hash

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self.pin()
        finally:
            self.log.close()

    def pin(self) -> None:
        """Remember by which contents has been ruled for the first time."""
        for (name, version), content_hash in sorted(self._unpinned.items()):
            try:
                self.log.pin(name, version, content_hash)
            except StoreError:
                return  # a store that is only read answers questions all the same
            self._pins[name, version] = self._unpinned.pop((name, version))


class KnownShelf:
    """The rulebooks of a question as its log knew them at an instant."""

    def __init__(self, question: Question, known_at: int) -> None:
        self._question, self._known_at = question, known_at

    def versions(self, name: str) -> tuple[Rulebook, ...]:
        """Those in force, by date or by adoption."""
        return self._question.versions(name, self._known_at)

    def find(self, label: str) -> Rulebook:
        """`name@version`, a draft too, or the newest version of `name` in force."""
        name, at, _ = label.partition("@")
        return self._question.shelf.find(label) if at else self.versions(name)[-1]


class KnownLibrary(Library):
    """The same compiled; what is compiled stays with the question."""

    def __init__(self, question: Question, known_at: int) -> None:
        super().__init__(KnownShelf(question, known_at))
        self._question, self._known_at = question, known_at

    def tables(self, name: str) -> Tables:
        """Of the versions in force."""
        return self._question.tables(name, self._known_at)
