"""The log as a runner reads it: whole lessons, creators together, and what can't be read named.

Bytes that can't be read stop nobody but their creator: a page ends before such a fact, and the fact
then comes alone, as a place without content.
"""

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache, cached_property, partial
from importlib.metadata import version
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from ledger.errors import UnreadableError
from ledger.facts.envelope import Envelope
from ledger.facts.types import FactRetracted, RulebookAdopted
from ledger.log.port import Reader
from projections.readmodels.feed import Broken
from projections.readmodels.lessons import LARGEST, boundary, key, whole
from projections.readmodels.rows import SCHEMA
from projections.standing.adoptions import about_creator
from projections.standing.live import Live
from projections.standing.question import Question
from projections.standing.replay import Replay

LAW = ("fold/*.py", "standing/*.py", "views/windows.py")
"""Modules beside the fold that a row depends on."""


class Page(Struct):
    """The next facts of the log."""

    facts: list[Envelope]
    end: int
    """The last position that is in it."""
    at_head: bool
    unreadable: str = ""
    """The creator of the fact at `end`, which then is the only one and can't be read."""
    adoption: bool = False
    """One lesson, with a fact about which drafts are adopted."""


class Streams(Struct):
    """The facts of some creators, and why those of some others can't be read."""

    facts: dict[str, list[Envelope]]
    unreadable: dict[str, Broken] = field(default_factory=dict)
    last: str = ""
    """The last creator that was looked at."""


class Source:
    """A log and its rulebooks, opened for read models; several targets may share it.

    What was read last is kept, for targets that follow one another closely.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        self.log: Reader = question.log
        self._page_read: tuple[tuple[int, int], Page] | None = None
        self._histories_read: tuple[tuple[str, int, int], Streams] | None = None
        self._unreadable: dict[int, str] = {}
        """{position: creator} of facts that can't be read, as far as they were come upon."""
        self._broken: dict[str, Broken] = {}

    def rules_of(self, position: int) -> None:
        """Judge by the drafts that were adopted by a position."""
        if self.question.until != position:
            self.question.look_again(position)

    def page(self, position: int, limit: int, until: int | None = None) -> Page:
        """The next lessons after a position, about `limit` facts; none after `until`."""
        if self._page_read is not None and self._page_read[0] == (position, limit):
            page = self._page_read[1]
        else:
            page = self._page(position, limit)
            if page.facts and not page.at_head:
                self._page_read = (position, limit), page
        if until is None or page.end <= until:
            return page
        facts = [e for e in page.facts if e.position <= until]
        return Page(facts, facts[-1].position if facts else position, at_head=False)

    def _page(self, position: int, limit: int) -> Page:
        stop = min((p for p in self._unreadable if p > position), default=None)
        try:
            facts, at_head = whole(partial(self._before, stop), position, limit)
        except UnreadableError:
            if not self._find_unreadable(position, limit):
                raise
            return self._page(position, limit)
        if stop is not None and at_head:  # what can't be read cuts its lesson
            if not facts:
                return Page([], stop, at_head=False, unreadable=self._unreadable[stop])
            at_head = False
        for n, e in enumerate(facts):
            if self.about_law(e):
                first = next(i for i in range(n + 1) if key(facts[i]) == key(e))
                if first:
                    return Page(facts[:first], facts[first - 1].position, at_head=False)
                lesson = [x for x in facts if key(x) == key(e)]
                return Page(lesson, lesson[-1].position, at_head=False, adoption=True)
        return Page(facts, facts[-1].position if facts else position, at_head)

    def _before(self, stop: int | None, position: int, limit: int) -> list[Envelope]:
        """The facts after a position, none of them at or after `stop`."""
        if stop is not None:
            limit = sum(place < stop for place, _ in self.log.places(position, limit))
        return self.log.after(position, limit) if limit else []

    def _find_unreadable(self, position: int, limit: int) -> bool:
        """Note the first place after a position that can't be read: its bytes are read no more."""
        good, bad = 0, limit
        while self._can_read(position, bad):
            if position + bad > self.log.head():
                return False
            good, bad = bad, 2 * bad
        while bad - good > 1:
            middle = (good + bad) // 2
            good, bad = (middle, bad) if self._can_read(position, middle) else (good, middle)
        place, creator = self.log.places(position, bad)[-1]
        self._unreadable[place] = creator
        return True

    def _can_read(self, position: int, limit: int) -> bool:
        with suppress(UnreadableError):
            self.log.after(position, limit)
            return True
        return False

    def about_law(self, e: Envelope) -> bool:
        """Whether a fact may change which rulebooks rule."""
        if isinstance(e.fact, RulebookAdopted):
            return e.subject == e.fact.rulebook
        return type(e.fact) is FactRetracted and e.subject in self.question.shelf.names()

    def boundary(self, position: int) -> int:
        """The last position at or before one at which a page may end."""
        try:
            return boundary(self.log.after, position)
        except UnreadableError:
            start = max(position - 1, 0) // LARGEST * LARGEST
            if not self._find_unreadable(start, max(position - start, 1)):
                raise
            return min(position, *(p for p in self._unreadable if p > start))

    def recorded_after(self, position: int) -> list[int]:
        """When the next fact was recorded, or, where it can't be read, the one before it."""
        for at in (position, max(position - 1, 0)):
            with suppress(UnreadableError):
                return [e.recorded_at for e in self.log.after(at, 1)]
        return [1]

    def streams(self, creators: Sequence[str], until: int) -> Streams:
        """All facts of some creators up to a position."""
        known = {c: b for c in creators if (b := self._broken.get(c)) and b.position <= until}
        asked = [creator for creator in creators if creator not in known]
        if not asked:
            return Streams({}, known)
        try:
            return Streams(_by_creator(self.log.streams(asked, until)), known)
        except UnreadableError as error:
            if len(asked) == 1:
                self._broken[asked[0]] = broken = self._break(asked[0], until, str(error))
                return Streams({}, known | {asked[0]: broken})
        apart = [self.streams([creator], until) for creator in asked]
        return Streams(
            {c: facts for one in apart for c, facts in one.facts.items()},
            known | {c: broken for one in apart for c, broken in one.unreadable.items()},
        )

    def _break(self, creator: str, until: int, why: str) -> Broken:
        """Where a stream breaks: the same place whoever asks, and however far it is read."""
        known = [p for p, whose in self._unreadable.items() if whose == creator and p <= until]
        good, bad, facts = 0, min(known, default=until), list[Envelope]()
        middle = bad - 1
        while bad - good > 1:
            try:
                facts, good = self.log.streams([creator], middle), middle
            except UnreadableError:
                bad = middle
            middle = (good + bad) // 2
        return Broken(bad, facts[-1].recorded_at if facts else 0, why)

    def histories(self, after: str, until: int, limit: int) -> Streams:
        """The streams of the next creators: as many as about `limit` facts have, at least one."""
        asked = after, until, limit
        if self._histories_read is None or self._histories_read[0] != asked:
            self._histories_read = asked, self._histories(*asked)
        return self._histories_read[1]

    def _histories(self, after: str, until: int, limit: int) -> Streams:
        try:
            facts = self.log.histories(after, until, limit)
        except UnreadableError:
            names = self.log.subjects(after, 100)
            return replace(self.streams(names, until), last=names[-1])
        streams = _by_creator(facts)
        last = facts[-1].subject if facts else ""
        if len(facts) == limit:
            if len(streams) == 1:
                return replace(self.streams([last], until), last=last)
            del streams[last]
            last = max(streams)
        return Streams(streams, last=last)

    def live(self, creator: str, facts: Sequence[Envelope], *, traced: bool, whole: bool) -> Live:
        """See `feed.Judge`, as for `at`."""
        return self.question.live(creator, facts, traced=traced, whole=whole)

    def at(self, live: Live, as_of: int, *, turns: bool) -> Replay:
        return self.question.live_at(live, as_of, turns=turns)

    @cached_property
    def origin(self) -> str:
        """The source of changes: this ledger, known by its first fact. Not of an empty log."""
        return f"penalty-ledger/{self._sign(1)}"

    def mark(self, position: int) -> str:
        """Whose log it is, and that it still has what it had at a position."""
        return ":".join(self._sign(at) for at in (1, position))

    def _sign(self, position: int) -> str:
        with suppress(UnreadableError):
            if position not in self._unreadable:
                facts = self.log.after(position - 1, 1)
                return _digest([f"{e.source}\n{e.id}\n{e.recorded_at}" for e in facts])
        return _digest([repr(self.log.places(position - 1, 1))])

    def law(self) -> str:
        """A hash of all that judges: rulebooks in force, the program, its row, the time zones."""
        return _digest([program(), version("tzdata"), *self.question.law()])


@cache
def program() -> str:
    """A hash of the code that makes a row of facts, so that another program judges anew."""
    here = Path(__file__).parent
    law = [path for pattern in LAW for path in sorted(here.parent.glob(pattern))]
    ours = [here / "derive.py", here / "feed.py"]
    sources = [path.read_bytes() for path in (*law, *ours)]
    return _digest([str(SCHEMA), *(hashlib.sha256(source).hexdigest() for source in sources)])


def own(stream: Iterable[Envelope]) -> list[Envelope]:
    """A stream that is about a creator; empty for one that is about a rulebook of that name."""
    facts = list(stream)
    return facts if about_creator(facts) else []


def _by_creator(facts: Iterable[Envelope]) -> dict[str, list[Envelope]]:
    return {subject: list(group) for subject, group in groupby(facts, attrgetter("subject"))}


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
