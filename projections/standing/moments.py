"""Instants as people type them: RFC 3339, or a date or time on the rulebook's own clocks.

`2024-07-11T09:00:00+08:00` is an instant as it stands. `2024-07-11 09:00` is that time in the zone
of the creator's rulebook. `2024-07-11` alone is the last microsecond of that local day, so that
`--as-of 2024-07-11` takes in all that happened on the 11th.
"""

import re
from datetime import datetime, timedelta

from msgspec import Struct

from ledger.text import safe
from projections.standing.writing import EPOCH, zone_info

_SHAPE = (
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:[Tt ](?P<time>\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(?P<offset>[Zz]|[+-]\d{2}:\d{2})?)?"
)
FIRST_YEAR, LAST_YEAR = 1970, 9998
EXAMPLES = "2024-07-11T09:00:00+08:00, 2024-07-11 09:00 or 2024-07-11"


class Moment(Struct, frozen=True):
    """What was typed; an instant once the zone is known."""

    stated: datetime
    """Without zone where none was typed."""
    whole_day: bool = False

    def instant(self, zone: str) -> int:
        """UTC microseconds. Of an hour that the clocks show twice, the first is meant."""
        return (
            self._at(zone, self.stated + timedelta(days=1)) - 1
            if self.whole_day
            else (self._at(zone, self.stated))
        )

    def beginning(self, zone: str) -> int:
        """As `instant`; a bare date is the first instant of its local day."""
        return self._at(zone, self.stated)

    def same_time(self, other: int, zone: str) -> int:
        """As `instant`; a bare date keeps the local time of day of `other`."""
        if not self.whole_day:
            return self.instant(zone)
        there = (EPOCH + timedelta(microseconds=other)).astimezone(zone_info(zone))
        return self._at(zone, datetime.combine(self.stated.date(), there.time()))

    def _at(self, zone: str, stated: datetime) -> int:
        aware = stated if stated.tzinfo else stated.replace(tzinfo=zone_info(zone))
        return max((aware - EPOCH) // timedelta(microseconds=1), 0)


def read_moment(text: str) -> Moment:
    """Raises ValueError with what was found and what would be right."""
    wrong = ValueError(f"found {safe(text[:60])!r}; an instant is needed, as {EXAMPLES}")
    match = re.fullmatch(_SHAPE, text.strip(), re.ASCII)
    if match is None:
        raise wrong
    clock = match["time"] or "00:00"
    offset = (match["offset"] or "").upper()
    try:
        stated = datetime.fromisoformat(f"{match['date']}T{clock}{offset}")
    except ValueError:
        raise wrong from None
    if not FIRST_YEAR <= stated.year <= LAST_YEAR:
        raise ValueError(
            f"found {safe(text[:60])!r}; an instant is needed, of {FIRST_YEAR} to {LAST_YEAR}"
        )
    return Moment(stated, whole_day=match["time"] is None)
