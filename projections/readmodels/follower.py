"""One generation of one target, carried after the log step by step.

Each step reads what is next, judges the creators concerned, and applies rows, changes and the new
checkpoint at once. What a step does follows from the checkpoint and the log alone, so a follower
that died is replaced by any other: begin → build (every creator's first row, as of one place in the
log) → follow: pages of facts, what falls due by time, and, where rulebooks or program have changed
since, every creator once more.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from ledger.facts.envelope import Envelope
from projections.readmodels.feed import Course, LostError
from projections.readmodels.lessons import Lesson, lessons
from projections.readmodels.rows import Stored
from projections.readmodels.source import Page, Source, Streams, own
from projections.readmodels.target import BUILDING, FOLLOWING, Checkpoint, Step, Target
from projections.standing.live import Live, Lives

GRACE = 200_000
"""Microseconds that time is taken in late: a fact recorded by then can be read by then."""
LOOK = 100_000
"""How often what falls due is looked for, microseconds."""
HEARTBEAT = 1_000_000
"""How old the checkpoint's clock may grow while nothing happens, microseconds."""
LEASE = 10.0
"""Seconds for which a leader leads without a sign of life."""
CREATORS = 500
"""Creators that are judged in one step, of those whom no page of facts names."""


KEPT = 200_000
"""Facts of the creators whose records are kept, about 100 MB: only what is new of them is ruled."""


class Counts(Struct):
    """What a follower has done since it began."""

    steps: int = 0
    facts: int = 0
    rows: int = 0
    changes: int = 0
    corrections: int = 0
    """Changes for which a late or retracted fact overturned history."""
    ticks: int = 0


class Settings(Struct, frozen=True):
    page: int = 2_000
    """Facts read at a time."""
    feed: int = 10_000
    """How many of the last facts a new target publishes the changes of."""
    kept: int = KEPT
    now: Callable[[], int] = lambda: time.time_ns() // 1000


class Follower:
    """Carries a generation. `publishes`: its changes go to the feed."""

    def __init__(
        self,
        source: Source,
        target: Target,
        generation: int,
        owner: str,
        settings: Settings,
        *,
        publishes: bool = True,
    ) -> None:
        self.source, self.target, self.generation = source, target, generation
        self.owner, self.settings, self.publishes = owner, settings, publishes
        self.counts = Counts()
        self.checkpoint: Checkpoint | None = None
        self.live = False
        """Known to have been made live."""
        self._law, self._ruled, self._looked = "", 0, 0
        self.lives = Lives(settings.kept)
        """What is known of the creators that the last facts were about."""

    def read(self) -> None:
        """Take the checkpoint from the target, and see by which law its rows are."""
        held = {g.number: g.checkpoint for g in self.target.generations()}
        self.checkpoint = held.get(self.generation)
        if self.checkpoint is not None:
            self._rule(self.checkpoint.position)

    def _rule(self, position: int) -> None:
        """The drafts that are adopted by a position count from now on."""
        self._ruled = position
        self.source.rules_of(position)
        if self._law != (law := self.source.law()):
            self._law = law
            self.lives.clear()

    def step(self, bound: Checkpoint | None = None) -> bool:
        """Do what is next, no further than a checkpoint; False if there is nothing to do."""
        while True:
            try:
                return self._step(bound)
            except LostError:  # what was taken for it is not given back: now streams are read
                self._looked = 0

    def _step(self, bound: Checkpoint | None) -> bool:
        mark = self.checkpoint
        if mark is None:
            self._begin(bound)
            return True
        self.source.rules_of(self._ruled)
        if mark.phase == BUILDING:
            self._build(mark)
            return True
        if self._law not in {mark.law, mark.sweep}:
            self._apply(replace(mark, sweep=self._law, cursor=""))
            return True
        asked = self.settings.now()
        page = self.source.page(
            mark.position, self.settings.page, None if bound is None else bound.position
        )
        paged = self._page(page)
        until = self._until(page, bound, asked)
        ticked = until is not None and self._tick(until, exactly=bound is not None)
        swept = self._sweep()
        return paged or ticked or swept

    def settled(self) -> bool:
        """Whether every creator has its row, by the law that is in force, of one instant."""
        mark = self.checkpoint
        return mark is not None and not (mark.phase == BUILDING or mark.sweep or mark.ticking)

    def _begin(self, bound: Checkpoint | None) -> None:
        """From where: a little before the head, so that the feed tells of the last facts."""
        log, now = self.source.log, self.settings.now()
        if bound is not None:
            position, clock = bound.position, bound.clock
        else:
            position = self.source.boundary(max(log.head() - self.settings.feed, 0))
            clock = min([now - GRACE, *(at - 1 for at in self.source.recorded_after(position))])
        self._rule(position)
        mark = self.source.mark(position)
        phase = BUILDING if position else FOLLOWING
        self._apply(
            Checkpoint(position=position, clock=clock, phase=phase, law=self._law, log=mark)
        )

    def _build(self, mark: Checkpoint) -> None:
        """First rows of the next creators."""
        streams = self.source.histories(mark.cursor, mark.position, self.settings.page)
        if not streams.last:
            self._apply(replace(mark, phase=FOLLOWING, cursor=""))
            return
        now = self.settings.now()
        creators = [*streams.facts, *streams.unreadable]
        courses = self._courses(creators, streams, {}, mark.position)
        for course in courses:
            course.begin(mark.clock, now)
        self.counts.facts += sum(map(len, streams.facts.values()))
        self._apply(replace(mark, cursor=streams.last), courses)

    def _page(self, page: Page) -> bool:
        """The next facts of the log, and all that falls due before them."""
        mark = self.checkpoint
        assert mark is not None
        if page.end == mark.position:
            return False
        taught = self._by_creator(page.facts)
        if page.adoption:
            self._rule(page.end)
        creators = [*taught, *filter(self.target.owns, filter(None, [page.unreadable]))]
        held = self.target.stored(self.generation, creators)
        lives = {c: live for c in taught if (live := self._live(c, held)) is not None}
        streams = self._streams(taught, page, lives)
        now = self.settings.now()
        courses = self._courses(creators, streams, held, page.end, lives)
        for course in courses:
            course.learn(taught.get(course.creator, ()), now)
        after = replace(mark, position=page.end, log=self.source.mark(page.end))
        if self._law not in {mark.law, mark.sweep}:
            after = replace(after, sweep=self._law, cursor="")
        self.counts.facts += len(page.facts)
        self._apply(after, courses)
        self._keep(courses)
        return True

    def _by_creator(self, facts: Iterable[Envelope]) -> dict[str, list[Lesson]]:
        """What each creator of this target is taught by a page."""
        taught: dict[str, list[Lesson]] = {}
        for lesson in lessons(list(facts)):
            parts: dict[str, list[Envelope]] = {}
            for e in lesson.facts:
                parts.setdefault(e.subject, []).append(e)
            for creator, some in parts.items():
                if self.target.owns(creator):
                    taught.setdefault(creator, []).append(Lesson(lesson.at, some))
        return taught

    def _live(self, creator: str, held: dict[str, Stored]) -> Live | None:
        """What is known of a creator, where it is what its row says."""
        live, row = self.lives.take(creator), held.get(creator)
        if live is None or row is None or live.position != row.position or live.until > row.as_of:
            return None
        return live

    def _keep(self, courses: Iterable[Course]) -> None:
        """What a step has come to know, once it is applied."""
        for course in courses:
            if course.live is not None:
                self.lives.give(course.live)

    def _streams(
        self, taught: dict[str, list[Lesson]], page: Page, lives: Mapping[str, Live]
    ) -> Streams:
        """The streams of creators whose record is not kept, or will have to be made anew.

        Of one that is new it is in the page.
        """
        unknown = {
            creator: some
            for creator, some in taught.items()
            if creator not in lives or not lives[creator].follows(x.facts for x in some)
        }
        new = {
            creator: [e for lesson in some for e in lesson.facts]
            for creator, some in unknown.items()
            if some[0].facts[0].version == 1
        }
        old = [creator for creator in unknown if creator not in new]
        if page.unreadable and self.target.owns(page.unreadable):
            old.append(page.unreadable)
        streams = self.source.streams(old, page.end)
        streams.facts |= new
        return streams

    def _until(self, page: Page | None, bound: Checkpoint | None, asked: int) -> int | None:
        """Up to which instant time may be taken in: nothing recorded by then is still to come.

        `asked` is when the page was asked for: what was recorded since then is not in it.
        """
        now = asked - GRACE
        if bound is not None:
            at_bound = self.checkpoint is not None and self.checkpoint.position >= bound.position
            return bound.clock if at_bound else None
        if page is None or page.at_head:
            return now
        return min(now, page.facts[-1].recorded_at) if page.facts else None

    def _tick(self, until: int, *, exactly: bool) -> bool:
        """What time alone does up to an instant, of so many creators at most.

        Where nothing falls due the checkpoint's clock moves only now and then, unless `exactly`.
        """
        mark = self.checkpoint
        assert mark is not None
        if until <= mark.clock or (until < self._looked + LOOK and not exactly):
            return False
        self._looked = until
        due = self.target.due(self.generation, until, CREATORS)
        held = {
            creator: row
            for creator, row in self.target.stored(self.generation, due).items()
            if row.next_change_at is not None and row.next_change_at <= until
        }
        whole = len(due) < CREATORS
        idle = whole and not held and not mark.ticking and not exactly
        if idle and until - mark.clock < HEARTBEAT:
            return False
        lives = {c: live for c in held if (live := self._live(c, held)) is not None}
        streams = self.source.streams([c for c in held if c not in lives], mark.position)
        courses = self._courses(held, streams, held, mark.position, lives)
        for course in courses:
            course.tick(until)
        after = replace(mark, clock=until, ticking=0) if whole else replace(mark, ticking=until)
        self.counts.ticks += len(held)
        self._apply(after, courses)
        self._keep(course for course in courses if course.creator in lives)
        return bool(held) or not whole

    def _sweep(self) -> bool:
        """The next creators under the law that is in force by now."""
        mark = self.checkpoint
        assert mark is not None
        if not mark.sweep:
            return False
        names = self.target.creators(self.generation, mark.cursor, CREATORS)
        if not names:
            self._apply(replace(mark, law=mark.sweep, sweep="", cursor=""))
            return True
        held = self.target.stored(self.generation, names)
        streams = self.source.streams(names, mark.position)
        courses = self._courses(names, streams, held, mark.position)
        for course in courses:
            course.judge_again(mark.sweep, mark.clock)
        self._apply(replace(mark, cursor=names[-1]), courses)
        return True

    def _courses(
        self,
        creators: Iterable[str],
        streams: Streams,
        held: dict[str, Stored],
        end: int,
        lives: Mapping[str, Live] = MappingProxyType({}),
    ) -> list[Course]:
        """Those of this target's creators, up to a position; not of streams about a rulebook."""
        known = {creator: own(stream) for creator, stream in streams.facts.items()}
        return [
            Course(
                judge=self.source,
                creator=creator,
                stream=known.get(creator, None if creator in lives else []),
                live=lives.get(creator),
                end=end,
                broken=streams.unreadable.get(creator),
                history=self.target.history,
                publishes=self.publishes,
                traced=self.publishes,
                source=self.source.origin,
                held=held.get(creator),
            )
            for creator in creators
            if creator in lives or known.get(creator) or creator in streams.unreadable
            if self.target.owns(creator)
        ]

    def _apply(self, after: Checkpoint, courses: Sequence[Course] = ()) -> None:
        step = Step(
            generation=self.generation,
            before=self.checkpoint,
            after=after,
            rows=[course.row for course in courses if course.row is not None],
            changes=[change for course in courses for change in course.changes],
        )
        self.target.apply(step, self.owner, LEASE)
        self.checkpoint = after
        self.counts.steps += 1
        self.counts.rows += len(step.rows)
        self.counts.changes += len(step.changes)
        self.counts.corrections += sum(course.corrections for course in courses)
        self.source.question.pin()
