"""From instants and scores to pixels, and the round times that an axis names."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from projections.explain.phrases import Phrase, say
from projections.fold.state import DAY
from projections.standing.numbering import HOUR
from projections.standing.writing import EPOCH, local
from replay.picture.model import Window

MONTH = DAY * 30
STEPS = (
    *(("hour", n, n * HOUR) for n in (1, 2, 3, 4, 6)),
    *(("day", n, n * DAY) for n in (1, 2, 7, 14)),
    *(
        ("month", n, n * MONTH)
        for n in (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000, 24000, 60000)
    ),
)
"""Unit, how many, their length in microseconds: the finest that leaves room is taken."""


class Scale(NamedTuple):
    """Linear, from a stretch of values to one of pixels; the latter may run backwards."""

    first: int
    last: int
    start: float
    end: float

    def __call__(self, value: int) -> float:
        share = (value - self.first) / (self.last - self.first)
        return self.start + share * (self.end - self.start)

    def within(self, value: int) -> float:
        """The same, at the edge for what lies outside."""
        return self(min(max(value, self.first), self.last))


class Tick(NamedTuple):
    at: int
    fine: str
    coarse: str
    """What the fine label leaves out: a date beside an hour, a year beside a month; or empty."""
    full: str
    """Both in one."""


def ticks(window: Window, room: int, zone: str, language: str) -> list[Tick]:
    """Round times on the clocks of a zone, about `room` of them at most."""
    unit, count, _ = next((s for s in STEPS if window.length <= s[2] * room), STEPS[-1])
    found = []
    for there in _round(local(window.since, zone), unit, count):
        at = (there - EPOCH) // timedelta(microseconds=1)
        if at > window.until:
            break
        if at >= window.since:
            found.append(Tick(at, *_labels(there, unit, count, language)))
    return found


def _round(since: datetime, unit: str, count: int) -> Iterator[datetime]:
    """Multiples of a unit, from the one at or before an instant on; none beyond the calendar."""
    day = since.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        if unit == "month":
            months = (since.year * 12 + since.month - 1) // count * count
            while True:
                year, month = divmod(months, 12)
                if year:
                    yield day.replace(year=year, month=month + 1, day=1)
                months += count
        if unit == "day":
            day -= timedelta(days=(day.toordinal() - 1) % count)
        step = timedelta(days=count) if unit == "day" else timedelta(hours=count)
        while True:
            yield day
            day += step
    except (OverflowError, ValueError):
        return


def _labels(there: datetime, unit: str, count: int, language: str) -> tuple[str, str, str]:
    year = f"{there.year:04}"
    if unit == "hour":
        return f"{there:%H:%M}", f"{year}-{there:%m-%d}", f"{there:%m-%d %H:%M}"
    if unit == "day":
        return f"{there:%m-%d}", year, f"{year}-{there:%m-%d}"
    if count >= 12:
        return year, "", year
    month = Phrase(f"pages.months.{there.month}")
    full = say(Phrase("said.month", {"month": month, "year": year}), language)
    return say(month, language), year, year if there.month == 1 else full
