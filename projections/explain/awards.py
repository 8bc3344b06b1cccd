"""Recoveries in words: for which month or clean days, and what spoke against one."""

from calendar import monthrange
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from ledger.facts.types import RecoveryGranted
from projections.explain.phrases import Phrase, Value, Word
from projections.explain.terms import identified
from projections.fold.state import NONE, VOID
from projections.standing.writing import points

if TYPE_CHECKING:
    from projections.explain.scene import Scene

EPOCH = date(1970, 1, 1).toordinal()


def award(scene: "Scene", counter: Value) -> Phrase:
    """What a recorded recovery is for: a month, clean days where they were clean, or its period."""
    fact = scene.ruling.envelope.fact
    if not isinstance(fact, RecoveryGranted):
        return Phrase("join.none")
    values: dict[str, Value] = {"counter": counter, "period": fact.period}
    year, month, *day = fact.period.split("-")
    if not day:
        values["month"] = Phrase("said.month", {"year": year, "month": Word("months", month)})
        return Phrase("award.month", values)
    if (days := _run(scene)) and not against(scene):
        return Phrase("award.run", values | {"days": str(days), "day": fact.period})
    return Phrase("award.plain", values)


def against(scene: "Scene") -> list[Value]:
    """Standing violations that were found within the time that a recovery is for."""
    fact = scene.ruling.envelope.fact
    if not isinstance(fact, RecoveryGranted):
        return []
    first, last = _days(fact.period, _run(scene))
    at = scene.row.at
    return [
        identified(scene.names.violations[slot])
        for slot, violation in enumerate(scene.replay.creator.violations)
        if violation.state != NONE
        and first <= violation.found_on <= last
        and violation.found_at <= at
        and not (violation.state == VOID and violation.void_at <= at)
    ]


def _days(period: str, run: int) -> tuple[int, int]:
    """The first and the last local day, counted as the fold does."""
    year, month, *day = (int(part) for part in period.split("-"))
    if not day:
        start = date(year, month, 1).toordinal() - EPOCH
        return start, start + monthrange(year, month)[1] - 1
    last = date(year, month, day[0]).toordinal() - EPOCH
    return last - max(run, 1) + 1, last


def _run(scene: "Scene") -> int:
    """How many clean days a recovery takes at the score before it; 0 where days don't count."""
    recovery = scene.rulebook.recovery
    if recovery is None or recovery.cadence != "clean_days":
        return 0
    score = Decimal(scene.ruling.score_before or 0) / 100
    runs = (run for run in recovery.runs if run.below is None or score < run.below)
    return next((run.days for run in runs), 0)


def bound(scene: "Scene") -> Phrase:
    """The cap or floor at which nothing more is gained."""
    values: dict[str, Value] = {"n": points(scene.ruling.score_after or 0)}
    return Phrase(f"bound.{scene.direction}", values)
