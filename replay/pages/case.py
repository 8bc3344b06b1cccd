"""One audit as the blocks of a page see it: the replay, its story, and words in one language."""

from collections.abc import Mapping
from functools import cached_property

from ledger.facts.envelope import Envelope
from ledger.facts.types import AppealLodged, CreatorEnrolled, DayQualified, RecoveryGranted
from projections.explain.explanation import Event, Explainer, Explanation
from projections.explain.phrases import Phrase, Value, say
from projections.fold.trace import Turn
from projections.standing.naming import naming
from projections.standing.replay import Replay, Ruling, in_order
from projections.standing.writing import clock_time
from projections.views.headline import Headline
from projections.views.outcome import at_once, outcome
from replay.pages.adapter import Executed, is_late

Told = tuple[Ruling, Explanation]


class Case:
    """The replay must have its rulings."""

    def __init__(
        self,
        replay: Replay,
        language: str,
        then: Executed,
        printed_at: int,
        part: tuple[int, int] | None = None,
    ) -> None:
        self.replay, self.language = replay, language
        self.part = part
        """How many of the last events are left out, and how many told; None: all are told."""
        self.then = then
        """What was executed, where that differs from what is judged."""
        self.printed_at = printed_at
        self.names = naming(replay)
        self.zone = replay.rulebook.zone
        self.headlines: list[Headline] = outcome(replay)
        self.rulebooks = {rulebook.label: rulebook for rulebook in replay.tables.rulebooks}

    @cached_property
    def events(self) -> list[Ruling | Turn]:
        """All that happened, in its order."""
        return list(in_order(self.replay))

    @cached_property
    def explainer(self) -> Explainer:
        return Explainer(self.replay, (self.language,), headed=True)

    @cached_property
    def rows(self) -> list[Event]:
        """What the ledger table tells: a part of the story, or all of it."""
        events = self.events
        if self.part is not None:
            skipped, most = self.part
            end = max(len(events) - skipped, 0)
            events = events[max(end - most, 0) : end]
        return [(event, self.explainer.event(event)) for event in events]

    @cached_property
    def story(self) -> list[Event]:
        """Rulings and what time did, each with why; of a part, with what the page begins with."""
        if self.part is None:
            return self.rows
        known = {id(event): why for event, why in self.rows}
        return [
            (event, known.get(id(event)) or self.explainer.event(event))
            for event in self.events
            if id(event) in known or self._begins(event)
        ]

    def _begins(self, event: Ruling | Turn) -> bool:
        """Whether it is told above the table, wherever it stands in it."""
        return isinstance(event, Ruling) and event.envelope.position in self._above

    @cached_property
    def _above(self) -> set[int]:
        facts = {fact.position for h in self.headlines for fact in h.facts[:SHOWN]}
        rulings = self.replay.rulings
        changed = [r for r in rulings if r.row is not None and decides(r)][-SHOWN:]
        late = [r for r in rulings if is_late(r.envelope) or r.retracted_by][-SHOWN * 5 :]
        return facts | {r.envelope.position for r in (*changed, *([] if self.at_once else late))}

    def say(self, key: str, values: Mapping[str, Value] | None = None) -> str:
        """A word or a sentence of `[pages]`."""
        return say(Phrase(f"pages.{key}", dict(values or {})), self.language)

    def clock(self, at: int) -> str:
        """An instant to the second."""
        return clock_time(at, self.zone)

    def recorded(self, envelope: Envelope) -> str:
        """When a fact was recorded."""
        at = self.clock(envelope.recorded_at)
        return say(Phrase("outcome.late", {"at": at}), self.language)

    @cached_property
    def rulings(self) -> list[Told]:
        """One for each fact."""
        return [(what, why) for what, why in self.story if isinstance(what, Ruling)]

    @cached_property
    def decisions(self) -> list[Told]:
        """The last rulings that changed something, and before them those that decided a stop."""
        changed = [
            (what, why) for what, why in self.rulings if what.row is not None and decides(what)
        ]
        chosen = {what.envelope.position for what, _ in changed[-SHOWN:]}
        for headline in self.headlines:
            if headline.kind in ("stop", "sanction"):
                chosen |= {fact.position for fact in headline.facts[:SHOWN]}
        return [told for told in self.rulings if told[0].envelope.position in chosen]

    @cached_property
    def at_once(self) -> bool:
        """Whether what was known on the days themselves is not on record."""
        return at_once([ruling.envelope for ruling in self.replay.rulings])

    @cached_property
    def late(self) -> list[Told]:
        """What was recorded late or withdrawn."""
        return [told for told in self.rulings if is_late(told[0].envelope) or told[0].retracted_by]


SHOWN = 4
"""Decisions that the page begins with."""


def decides(ruling: Ruling) -> bool:
    """Whether a ruling did more than go on record; enrolment and recoveries are no decisions."""
    if isinstance(ruling.envelope.fact, CreatorEnrolled | RecoveryGranted | DayQualified):
        return False
    lodged = isinstance(ruling.envelope.fact, AppealLodged)
    return bool(ruling.change or ruling.effects or lodged)


def heads_of(case: Case, *columns: str) -> list[tuple[str, str]]:
    """Heads of columns: a key, and a class where one follows."""
    split = [column.partition(" ") for column in columns]
    return [(case.say(key) if key else "#", kind) for key, _, kind in split]
