"""What a creator's row becomes, and the changes on the way there: a function of the log.

A creator's row changes when something is learned of it (a lesson) and when something falls due by
time alone (a tick). In which order, and as of which instants, follows from the log: a lesson acts
at its `recorded_at`, a tick at its instant, and what falls due first comes first. So the same
changes come out under the same ids however late, in whatever pages and however often a runner gets
there. Rows are made by a replay of the creator, never by adding to the row before: a late or
retracted fact needs no code of its own. `as_of` of a row is the instant of the last lesson or tick,
so that a first row, which has no way behind it, goes from the last lesson through all ticks too.
"""

from collections.abc import Callable, Sequence
from functools import partial

from msgspec import Struct, field

from ledger.errors import LedgerError, StoreError
from ledger.facts.envelope import Envelope
from projections.fold.state import FOREVER
from projections.readmodels.changes import Cause, by_law, by_lesson, by_time, change, ended, failure
from projections.readmodels.derive import make_row
from projections.readmodels.lessons import Lesson
from projections.readmodels.rows import Row, Stored
from projections.readmodels.target import Change
from projections.standing.replay import Replay

Judge = Callable[[str, Sequence[Envelope], int, bool], Replay]
"""(creator, facts, as_of, rulings) → replay: the record as it is, under the rulebooks in force."""


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
    stream: Sequence[Envelope]
    """All its facts by position, up to `end`."""
    end: int
    """The last position that is known of."""
    broken: Broken | None = None
    """The stream is empty then."""
    history: bool
    publishes: bool
    source: str
    """Of the changes: whose log it is."""
    held: Stored | None
    row: Row | None = None
    """The row it comes to; None while nothing has been done."""
    changes: list[Change] = field(default_factory=list)
    corrections: int = 0
    """How many of them overturn history."""

    def begin(self, clock: int, now: int) -> None:
        """A first row, up to an instant, or to the last lesson where that was later."""
        self._hold(self._arrived(clock, now))

    def learn(self, taught: Sequence[Lesson], now: int) -> None:
        """Take lessons in, and what falls due before each of them."""
        since = self.held.as_of if self.held else -1
        if self.broken is not None:
            name, at = str(self.broken.position), max(since, self.broken.at)
            self._go(self._judged((), at), (), at, name, lambda _: failure(""))
            return
        for lesson in taught:
            at = max(min(lesson.at, now), since)
            self.tick(at)
            last = lesson.facts[-1].position
            facts = [e for e in self.stream if e.position <= last]
            learned = frozenset(e.position for e in lesson.facts)
            why = partial(by_lesson, learned=learned)
            self._go(self._judged(facts, at), facts, at, str(last), why)
            since = at

    def tick(self, until: int) -> None:
        """What falls due by time alone, up to and including an instant."""
        while self.held is not None and self.held.next_change_at is not None:
            at, since = self.held.next_change_at, self.held.as_of
            if at > until:
                return
            facts = [e for e in self.stream if e.position <= self.held.position]
            name = f"{self.held.position}@{at}"
            self._go(self._judged(facts, at), facts, at, name, partial(by_time, since=since))

    def judge_again(self, law: str, clock: int) -> None:
        """The same facts under rulebooks, or a program, that have changed since."""
        since = self.held.as_of if self.held else 0
        at = max(clock, since + 1)
        name = f"{self.held.position if self.held else self.end}!{law}@{self.end}@{at}"
        row = self._arrived(max(clock, since), max(clock, since))
        self._go(row, self.stream, at, name, lambda _: by_law(law))

    def _arrived(self, clock: int, now: int) -> Row:
        """The row of all facts, by way of what fell due since the last of them was learned."""
        learned = min(self.stream[-1].recorded_at, now) if self.stream else clock
        row = self._judged(self.stream, learned)
        while row.next_change_at is not None and row.next_change_at <= clock:
            row = self._judged(self.stream, row.next_change_at)
        return row

    def _go(
        self,
        row: Row,
        facts: Sequence[Envelope],
        at: int,
        name: str,
        why: Callable[[Replay], Cause],
    ) -> None:
        """On to a row, and a change if it reads otherwise."""
        old = self.held
        if self.publishes and (old is None or old.standing != row.standing):
            cause = failure(row.parked) if row.parked else self._cause(facts, at, why)
            self.corrections += bool(cause.since)
            before = None if old is None else old.standing
            if not (cause.facts or cause.effects or cause.law or cause.failed):
                cause.effects = ended(before, row)
            self.changes.append(change(name, self.source, row, at, before, cause))
        self._hold(row)

    def _hold(self, row: Row) -> None:
        self.row = row
        self.held = Stored(row.position, row.as_of, row.next_change_at, row.standing)

    def _judged(self, facts: Sequence[Envelope], at: int) -> Row:
        """The row as of an instant; a creator that can't be judged stops no other."""
        if self.broken is not None:
            return parked(self.creator, self.broken.position, self.broken.at, self.broken.why)
        position = facts[-1].position if facts else self.end
        # recorded ahead: by a clock that was set back since, before which nothing may be ended
        instants = (x for e in facts for x in (e.effective_at, e.recorded_at) if x > at)
        upcoming = min(instants, default=FOREVER)
        try:
            replay = self.judge(self.creator, facts, at, False)
            return make_row(replay, position=position, history=self.history, next_fact_at=upcoming)
        except StoreError:
            raise
        except Exception as error:
            return parked(self.creator, position, at, said(error))

    def _cause(self, facts: Sequence[Envelope], at: int, why: Callable[[Replay], Cause]) -> Cause:
        """Why it reads otherwise: only now are the rulings made, for most facts change nothing."""
        try:
            return why(self.judge(self.creator, facts, at, True))
        except StoreError:
            raise
        except Exception as error:
            return failure(f"the cause can't be told: {type(error).__name__}: {error}")


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
