"""A creator's record as far as it has been asked about, and to be gone on from.

What is ruled stays ruled while later facts come: they are added, and only they are ruled. The clock
is run up on a borrowed copy, since a fact that takes effect before the instant of a question may
still come after it. What reaches back (a late fact, a retraction, an enrolment) has the record made
anew: `take` says so.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any

from msgspec.structs import replace

from ledger.facts.envelope import Envelope, known, replay_order
from ledger.facts.types import (
    AppealDenied,
    AppealGranted,
    AppealLodged,
    CreatorEnrolled,
    FactRetracted,
    RulebookAdopted,
    ViolationFound,
)
from projections.fold.given import Fact as Row
from projections.fold.recovery import version_at
from projections.fold.state import FOREVER, Creator
from projections.fold.trace import End, Trace, Turn
from projections.standing.borrowed import borrowed, run_up, settle
from projections.standing.history import blank, empty, further, grow
from projections.standing.replay import (
    Library,
    Replay,
    Ruling,
    fold_rows,
    rule_all,
    rulebook_name,
    scores,
)

FIRST = frozenset({CreatorEnrolled, RulebookAdopted})
"""Kinds that may say of who is not enrolled yet by which rulebook it is ruled, and whether."""
LOOKED_BACK = (AppealLodged, AppealDenied)
"""Rulings on them tell, of a grant of the same violation, which clauses it relies on."""
EACH = 20
"""Facts that take as much memory as a creator without any, about 9 KB."""
NOTHING: list[Any] = []
NO_ENDS: dict[int, End] = {}
effective_at = attrgetter("effective_at")


class Live:
    """One creator's known facts; `at` rules those that take effect by an instant, each once."""

    def __init__(
        self,
        subject: str,
        envelopes: Sequence[Envelope],
        library: Library,
        *,
        traced: bool,
        whole: bool = False,
    ) -> None:
        """Of facts by position; `whole`: no more of them will come, so that nothing is borrowed.

        Raises RulebookError where an enrolment names an unknown rulebook.
        """
        facts, self._withdrawn, self._by_id = known(envelopes, None)
        self.subject, self.facts = subject, len(facts)
        self.position, self.version = 0, 0
        """Of the last fact that is known."""
        if facts:
            self.position, self.version = facts[-1].position, facts[-1].version
        self.until = -FOREVER
        """The instant of the last fact that is ruled: what is ruled after it can be added."""
        self._instant: list[Envelope] = []
        """The facts of that instant in the order in which they were ruled, and the last row."""
        self._last: Row | None = None
        self._waiting = sorted(facts, key=effective_at)
        self._recorded = [e.recorded_at for e in facts]
        self._whole = whole
        self.tables = library.tables(rulebook_name(self._coming()))
        self.versions: set[int] = set()
        """The versions of the rulebook that have ruled, and how many of them are noted."""
        self.noted = 0
        self.history = empty(self.tables)
        self.creator = blank(self.history, self.tables)
        self._trace = Trace(brief=True) if traced else None
        if self._trace is not None:
            self._trace.scores = scores(self.creator)
        self._record: dict[str, list[Ruling]] = {}

    def follows(self, lessons: Iterable[Sequence[Envelope]]) -> bool:
        """Whether facts that are learned next, some at a time, surely change nothing that is ruled.

        They are those that come next in the creator's stream. What waits may be ruled before them.
        """
        return not self._waiting and self._leaves(lessons)

    def _leaves(self, lessons: Iterable[Sequence[Envelope]]) -> bool:
        """Whether they leave what is ruled as it is, if they come before time goes on."""
        version, until, instant = self.version, self.until, self._instant
        before: Sequence[Envelope] = ()
        for facts in lessons:
            if before:  # as if those before were ruled
                until = max(map(effective_at, before))
                instant = [e for e in (*instant, *before) if e.effective_at == until]
                if len(instant) > 1:
                    instant = replay_order(instant, self._withdrawn)
            tied = []
            for e in facts:
                version += 1
                at = e.effective_at
                if e.version != version or at < until or self._reaches_back(e):
                    return False
                if at == until:
                    tied.append(e)
            if tied and not self._comes_last(instant, tied):
                return False
            before = facts
        return True

    def _reaches_back(self, e: Envelope) -> bool:
        """Whether a kind of fact may change what was ruled before, or by which rulebook."""
        kind = type(e.fact)
        return kind is FactRetracted or (kind in FIRST and not self.creator.enrolled)

    def _comes_last(self, instant: Sequence[Envelope], tied: Sequence[Envelope]) -> bool:
        """Whether facts of an instant that is ruled are ruled after the others, which stay so."""
        if any(type(e.fact) is ViolationFound and e.fact.batch is not None for e in tied):
            return False
        return replay_order((*instant, *tied), self._withdrawn)[: len(instant)] == list(instant)

    def take(self, facts: Sequence[Envelope]) -> bool:
        """Add what was learned next; False if the record must be made anew for it."""
        if not self._leaves([facts]):
            return False
        self.add(facts)
        return True

    def add(self, facts: Sequence[Envelope]) -> None:
        """The same of facts that surely follow."""
        self.position, self.version = facts[-1].position, facts[-1].version
        self.facts += len(facts)
        self._waiting += facts
        self._waiting.sort(key=effective_at)
        self._recorded += [e.recorded_at for e in facts]

    def at(self, as_of: int, *, turns: bool = False) -> Replay:
        """The record as of an instant, none before those that were asked about.

        It may be looked at until the next question. Its rulings, where they are traced, are those
        of facts that were not ruled before, after those earlier ones that grants among them look
        back to; `turns` asks for what time did since the last fact too.
        """
        made = self._rule(as_of)
        creator, since = self._as_of(as_of, turns=turns)
        version = self.tables.rulebooks[version_at(as_of, self.tables.book)]
        return Replay(
            self.subject,
            as_of,
            None,
            self.tables,
            self.history,
            creator,
            made,
            since,
            version,
            list(self._coming()),
        )

    def next_at(self, as_of: int) -> int:
        """When the first fact takes effect that has not by then; FOREVER if all have.

        Nor may anything end before a fact is learned that was recorded ahead of the clock.
        """
        passed = bisect_right(self._recorded, as_of)
        del self._recorded[:passed]
        instants = [e.effective_at for e in self._waiting[:1]] + self._recorded[:1]
        return min(instants, default=FOREVER)

    def _coming(self) -> Iterator[Envelope]:
        """What takes effect later. A withdrawal counts from when it is known."""
        return (
            e
            for e in self._waiting
            if e.position not in self._withdrawn and type(e.fact) is not FactRetracted
        )

    def _rule(self, as_of: int) -> list[Ruling]:
        """Rule what takes effect by an instant and has not been ruled."""
        due = bisect_right(self._waiting, as_of, key=effective_at)
        if not due:
            return []
        ruled = self._instant if self._waiting[0].effective_at == self.until else []
        listed = self._waiting[:due]
        if ruled or due > 1:
            listed = replay_order((*ruled, *listed), self._withdrawn)
        self.until = listed[-1].effective_at
        self._instant = [e for e in listed if e.effective_at == self.until]
        del self._waiting[:due], listed[: len(ruled)]
        ruled = listed
        if self._withdrawn:
            ruled = [e for e in listed if e.position not in self._withdrawn]
        rows = further(self.history, ruled, self.tables, self._by_id, self._last)
        self._last = rows[-1] if rows else self._last
        self.versions |= {row.version for row in rows}
        grow(self.creator, self.history)
        if self._trace is None:
            fold_rows(self.creator, rows, self.tables.book)
            return []
        made = rule_all(self.creator, rows, self.tables, self._trace, listed, self._withdrawn)
        return self._after_earlier(made)

    def _after_earlier(self, made: list[Ruling]) -> list[Ruling]:
        """Rulings after the earlier ones to which they look back; they are kept for later ones."""
        granted = {
            r.envelope.fact.violation for r in made if type(r.envelope.fact) is AppealGranted
        }
        earlier = [ruling for name in granted for ruling in self._record.get(name, ())]
        for ruling in made:
            if isinstance(ruling.envelope.fact, LOOKED_BACK):
                kept = self._record.setdefault(ruling.envelope.fact.violation, [])
                kept.append(_slim(ruling))
        return earlier + made if earlier else made

    def _as_of(self, as_of: int, *, turns: bool) -> tuple[Creator, list[Turn]]:
        """The creator as time has gone on, and what it did since the last fact."""
        creator, trace = self.creator, self._trace if turns else None
        since = [] if trace is None else trace.turns
        if creator.next_due > as_of and not creator.recoveries:
            return creator, since
        if self._whole:
            run_up(creator, as_of, self.tables, trace)
            return creator, since
        creator = borrowed(creator)
        if trace is not None:
            trace = trace.branch()
            since = trace.turns
        run_up(creator, as_of, self.tables, trace)
        settle(creator)
        return creator, since


def _slim(ruling: Ruling) -> Ruling:
    """What it was and what it came to."""
    return replace(
        ruling, effects=NOTHING, grounds=NOTHING, turns=NOTHING, stays=NOTHING, failed=NOTHING,
        violation=None, ends=NO_ENDS,
    )  # fmt: skip


class Lives:
    """The creators that were asked about last, in bounded memory: so many facts, of all of them.

    Each counts for some facts by itself. One that is taken is given back when what was made of it
    is written: what is here was.
    """

    def __init__(self, most: int) -> None:
        self.most, self.size = most, 0
        self._held: dict[str, Live] = {}

    def take(self, creator: str) -> Live | None:
        live = self._held.pop(creator, None)
        if live is not None:
            self.size -= live.facts + EACH
        return live

    def give(self, live: Live) -> None:
        """Those go that were given back the longest time ago."""
        self.take(live.subject)
        self._held[live.subject] = live
        self.size += live.facts + EACH
        while self.size > self.most:
            self.take(next(iter(self._held)))

    def clear(self) -> None:
        self._held.clear()
        self.size = 0
