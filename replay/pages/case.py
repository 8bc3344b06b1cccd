"""One audit as the blocks of a page see it: the replay, its story, and words in one language."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from ledger.facts.envelope import Envelope
from projections.explain.explanation import Event, Explanation, story
from projections.explain.phrases import Phrase, Value, say
from projections.fold.trace import Turn
from projections.standing.naming import naming
from projections.standing.replay import Replay, Ruling
from projections.standing.writing import asked_time, clock_time
from projections.views.outcome import LATE, Headline, outcome

Told = tuple[Ruling, Explanation]


class Case:
    """The replay must have its rulings."""

    def __init__(self, replay: Replay, language: str, printed_at: int, command: Sequence[str]) -> None:
        self.replay, self.language = replay, language
        self.printed_at, self.command = printed_at, command
        """When it was asked, and how to ask again."""
        self.names = naming(replay)
        self.zone = replay.rulebook.zone
        self.story: list[Event] = list(story(replay, (language,)))
        self.headlines: list[Headline] = outcome(replay)
        self.rulebooks = {rulebook.label: rulebook for rulebook in replay.tables.rulebooks}

    def say(self, key: str, values: Mapping[str, Value] | None = None) -> str:
        """A word or a sentence of `[pages]`."""
        return say(Phrase(f"pages.{key}", dict(values or {})), self.language)

    def clock(self, at: int) -> str:
        return clock_time(at, self.zone)

    def stamp(self, at: int) -> str:
        """When something was recorded or asked, to the second."""
        return asked_time(at, self.zone)

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
        """Whether the facts came in one go, so that what was known on the days is not on record."""
        recorded = [what.envelope.recorded_at for what, _ in self.rulings]
        taken = [what.envelope.effective_at for what, _ in self.rulings]
        if len(recorded) < 2 or max(recorded) - min(recorded) >= LATE:
            return False
        return max(taken) - min(taken) >= LATE

    @cached_property
    def late(self) -> list[Told]:
        """What was recorded late or withdrawn."""
        return [told for told in self.rulings if is_late(told[0].envelope) or told[0].retracted_by]

    def turns(self) -> Iterator[Turn]:
        yield from (what for what, _ in self.story if isinstance(what, Turn))


SHOWN = 4
"""Decisions that the page begins with."""


def decides(ruling: Ruling) -> bool:
    """Whether a ruling did more than go on record: recoveries and the enrolment are no decisions."""
    kind = type(ruling.envelope.fact).__name__
    if kind in ("CreatorEnrolled", "RecoveryGranted", "DayQualified"):
        return False
    return bool(ruling.change or ruling.effects or kind == "AppealLodged")


def is_late(envelope: Envelope) -> bool:
    return envelope.recorded_at - envelope.effective_at >= LATE
