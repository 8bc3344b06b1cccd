"""How values are written: points, money, instants, and text that can't play tricks on a reader.

Inside, points are hundredths, money minor units, instants UTC microseconds; outside, `"7.5"`,
`"2000.00"` and RFC 3339 in the rulebook's zone. The same few functions serve JSON, sentences and
tables, so that a figure looks the same everywhere.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from ledger.facts.currencies import decimals_of
from ledger.facts.forms import END_OF_TIME, unscaled, write_hundredths
from ledger.text import safe
from projections.fold.state import FOREVER

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_encode = msgspec.json.Encoder().encode


@lru_cache(maxsize=4096)
def points(value: int) -> str:
    """Shortest decimals of hundredths: `7`, `7.5`."""
    return write_hundredths(value, None)


def money(value: int, currency: str) -> str:
    """Minor units as major ones with all their decimals: `2000.00`."""
    return unscaled(value, decimals_of(currency))


@lru_cache
def zone_info(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=4096)
def local(at: int, zone: str) -> datetime:
    """An instant on the clocks of a zone; in UTC where the zone's offset is no whole minute."""
    moment = EPOCH + timedelta(microseconds=min(at, END_OF_TIME - 1))
    try:
        there = moment.astimezone(zone_info(zone))
    except OverflowError:
        return moment
    offset = there.utcoffset()
    return there if offset is not None and offset.seconds % 60 == 0 else moment


def instant(at: int, zone: str) -> str:
    """RFC 3339 with the zone's offset at that instant."""
    return local(at, zone).isoformat()


def instant_or_none(at: int, zone: str) -> str | None:
    """None for an instant that never comes."""
    return None if at >= FOREVER else instant(at, zone)


def clock_time(at: int, zone: str) -> str:
    """For people: `2024-07-11 09:00`, with seconds only where there are some, and no less.

    The last microsecond of a day is its `24:00`.
    """
    there = local(at, zone)
    if there.time() == time.max:
        return f"{there:%Y-%m-%d} 24:00"
    return f"{there:%Y-%m-%d %H:%M:%S}" if there.second else f"{there:%Y-%m-%d %H:%M}"


def deadline(at: int, zone: str) -> str:
    """The instant at which a period is over: midnight is the `24:00` of its last day."""
    return clock_time(at - 1 if local(at, zone).time() == time.min else at, zone)


def day_date(day: int) -> str:
    """The date of a local day counted since 1970-01-01."""
    return str(date.fromordinal(min(max(day + 719_163, 1), date.max.toordinal())))


def json_line(value: Any) -> str:
    """One line of JSON; characters that steer a terminal are escaped."""
    return safe(_encode(value).decode())
