"""What a creator's row becomes, and the changes on the way there: a function of the log.

A creator's row changes when something is learned of it (a lesson) and when something falls due by
time alone (a tick). In which order, and as of which instants, follows from the log: a lesson acts
at its `recorded_at`, a tick at its instant, and what falls due first comes first. So the same
changes come out under the same ids however late, in whatever pages and however often a runner gets
there. Rows are made of the creator's record, never by adding to the row before: where later facts
leave what was ruled as it is, the record goes on (`standing.live`), else it is made anew: a late or
retracted fact needs no code of its own. `as_of` of a row is the instant of the last lesson or tick,
so that a first row, which has no way behind it, goes from the last lesson through all ticks too.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from msgspec import Struct, field

from ledger.errors import LedgerError, StoreError
from ledger.facts.envelope import Envelope
from projections.readmodels.changes import Cause, by_law, by_lesson, by_time, change, ended, failure
from projections.readmodels.derive import make_row
from projections.readmodels.lessons import Lesson
from projections.readmodels.rows import Row, Stored
from projections.readmodels.target import Change
from projections.standing.live import Live
from projections.standing.replay import Replay


class Judge(Protocol):
    """The record as it is, under the rulebooks in force: `readmodels.source.Source` is one."""

    def live(self, creator: str, facts: Sequence[Envelope], *, traced: bool, whole: bool) -> Live:
        """Facts of a creator by position, to be asked about; `whole`: no more will come."""

    def at(self, live: Live, as_of: int, *, turns: bool) -> Replay:
        """The same as of an instant; see `standing.live.Live.at`."""


class LostError(Exception):
    """What was kept of a creator can't be gone on from, and its stream was not read."""


class Broken(Struct, frozen=True):
    """Where a creator's stream can't be read any further."""

    position: int
    """Of the first fact that can't be read."""
    at: int
    """When the last one before it was recorded; 0 if there is none."""
    why: str


class Course(Struct, kw_only=True):
    """One creator's way from what a target holds to where it is to be."""

    judge: Judge
    creator: str
    stream: Sequence[Envelope] | None
    """All its facts by position, up to `end`; None where `live` goes on with whatever it learns."""
    end: int
    """The last position that is known of."""
    broken: Broken | None = None
    """The stream is empty then."""
    live: Live | None = None
    """What is known already of its facts up to a position."""
    history: bool
    publishes: bool
    source: str
    """Of the changes: whose log it is."""
    held: Stored | None
    row: Row | None = None
    """The row it comes to; None while nothing has been done."""
    changes: list[Change] = field(default_factory=list)
    traced: bool = True
    """Whether the reasons are asked for too."""
    whole: bool = False
    """Whether nothing more is learned on the way."""
    corrections: int = 0
    """How many changes overturn history."""

    def begin(self, clock: int, now: int) -> None:
        """A first row, up to an instant, or to the last lesson where that was later."""
        self._hold(self._arrived(clock, now).row)

    def learn(self, taught: Sequence[Lesson], now: int) -> None:
        """Take lessons in, and what falls due before each of them."""
        since = self.held.as_of if self.held else -1
        if self.broken is not None:
            name, at = str(self.broken.position), max(since, self.broken.at)
            self._go(self._judged(self.broken.position, at), at, name, lambda _: failure(""))
            return
        for lesson in taught:
            at = max(min(lesson.at, now), since)
            self.tick(at)
            last = lesson.facts[-1].position
            if self.live is not None:
                self._go_on(self.live, lesson.facts)
            learned = frozenset([e.position for e in lesson.facts])
            why = partial(by_lesson, learned=learned)
            self._go(self._judged(last, at), at, str(last), why)
            since = at

    def _go_on(self, live: Live, facts: Sequence[Envelope]) -> None:
        """Add to the record what it goes on with; where there is no stream all was asked before."""
        if self.stream is None:
            live.add(facts)
        elif not live.take(facts):
            self.live = None

    def tick(self, until: int) -> None:
        """What falls due by time alone, up to and including an instant."""
        while self.held is not None and self.held.next_change_at is not None:
            at, since = self.held.next_change_at, self.held.as_of
            if at > until:
                return
            name = f"{self.held.position}@{at}"
            judged = self._judged(self.held.position, at, turns=True)
            self._go(judged, at, name, partial(by_time, since=since))

    def judge_again(self, law: str, clock: int) -> None:
        """The same facts under rulebooks, or a program, that have changed since."""
        since = self.held.as_of if self.held else 0
        at = max(clock, since + 1)
        name = f"{self.held.position if self.held else self.end}!{law}@{self.end}@{at}"
        judged = self._arrived(max(clock, since), max(clock, since))
        self._go(judged, at, name, lambda _: by_law(law))

    def _arrived(self, clock: int, now: int) -> "Judged":
        """As of all facts, by way of what fell due since the last of them was learned."""
        self.whole, self.traced, self.live = True, False, None
        learned, position = clock, self.end
        if self.stream:
            learned, position = min(self.stream[-1].recorded_at, now), self.stream[-1].position
        judged = self._judged(position, learned)
        while (at := judged.row.next_change_at) is not None and at <= clock:
            judged = self._judged(position, at)
        self.live = None  # a page has many creators
        return judged

    def _go(self, judged: "Judged", at: int, name: str, why: Callable[[Replay], Cause]) -> None:
        """On to a row, and a change if it reads otherwise."""
        old, row = self.held, judged.row
        if self.publishes and (old is None or old.standing != row.standing):
            cause = failure(row.parked) if row.parked else self._cause(judged, why)
            self.corrections += bool(cause.since)
            before = None if old is None else old.standing
            if not (cause.facts or cause.effects or cause.law or cause.failed):
                cause.effects = ended(before, row)
            self.changes.append(change(name, self.source, row, at, before, cause))
        self._hold(row)

    def _hold(self, row: Row) -> None:
        self.row = row
        self.held = Stored(row.position, row.as_of, row.next_change_at, row.standing)

    def _judged(self, position: int, at: int, *, turns: bool = False) -> "Judged":
        """Facts up to a position as of an instant; who can't be judged stops nobody else."""
        if self.broken is not None:
            broken = self.broken
            return Judged(parked(self.creator, broken.position, broken.at, broken.why))
        goes_on = self.live is not None
        try:
            live = self._known(position)
            replay = self.judge.at(live, at, turns=turns)
            position, upcoming = live.position or self.end, live.next_at(at)
            row = make_row(replay, position=position, history=self.history, next_fact_at=upcoming)
            return Judged(row, replay)
        except (StoreError, LostError):
            raise
        except Exception as error:
            self.live = None
            if self.stream is None:
                raise LostError(self.creator) from error
            if goes_on:
                return self._judged(position, at, turns=turns)
            if self.traced:
                return self._untold(error, position, at)
            facts = [e for e in self.stream if e.position <= position]
            last = facts[-1].position if facts else self.end
            return Judged(parked(self.creator, last, at, said(error)))

    def _untold(self, error: Exception, position: int, at: int) -> "Judged":
        """Without reasons: it may be only these that can't be had."""
        self.traced = False
        judged = self._judged(position, at)
        judged.untold = f"the cause can't be told: {type(error).__name__}: {error}"
        self.traced, self.live = True, None
        return judged

    def _known(self, position: int) -> Live:
        """What is known of the creator by the facts up to a position."""
        if self.live is None or self.live.position != position:
            if self.stream is None:
                raise LostError(self.creator)
            facts = [e for e in self.stream if e.position <= position]
            self.live = self.judge.live(self.creator, facts, traced=self.traced, whole=self.whole)
        return self.live

    def _cause(self, judged: "Judged", why: Callable[[Replay], Cause]) -> Cause:
        """Why it reads otherwise."""
        if judged.untold:
            return failure(judged.untold)
        assert judged.replay is not None
        try:
            return why(judged.replay)
        except StoreError:
            raise
        except Exception as error:
            return failure(f"the cause can't be told: {type(error).__name__}: {error}")


class Judged(Struct):
    """A row, and the record that it was made of: what that says holds until the next question."""

    row: Row
    replay: Replay | None = None
    """None of who is parked."""
    untold: str = ""
    """Why the reasons can't be had."""


def said(error: Exception) -> str:
    """Why a creator can't be judged, in one sentence."""
    name = type(error).__name__
    text = str(error) if isinstance(error, LedgerError) else f"{name}: {error}"
    return text.strip() or name


def parked(creator: str, position: int, at: int, why: str) -> Row:
    """The row of a creator that can't be judged: it says why, and no standing."""
    return Row(
        creator=creator,
        position=position,
        as_of=at,
        next_change_at=None,
        standing=b"null",
        parked=why,
    )
