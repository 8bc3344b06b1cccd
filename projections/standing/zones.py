"""A time zone as a list: the instants from which an offset from UTC holds."""

from datetime import datetime, timedelta
from functools import lru_cache
from itertools import repeat
from zoneinfo import ZoneInfo

from projections.fold.state import FOREVER

LAST_YEAR = 2200
YEAR, FORTNIGHT = 31_556_952, 14 * 86_400
"""Seconds."""


@lru_cache
def offsets(name: str) -> tuple[list[int], list[int]]:
    """Instants from which an offset holds, and the offsets, in microseconds, 1970 to 2200.

    A zone that has kept one offset for ten years by 2040 is taken to keep it.
    """
    zone = ZoneInfo(name)

    def offset(seconds: int) -> timedelta | None:
        return datetime.fromtimestamp(seconds, zone).utcoffset()

    samples = range(FORTNIGHT, (LAST_YEAR - 1970) * YEAR, FORTNIGHT)
    told = map(datetime.fromtimestamp, samples, repeat(zone))
    instants, offsets = [-FOREVER], [offset(0)]
    # No zone has gone there and back within two weeks since 1970.
    for after, there in zip(samples, told, strict=True):
        if there.utcoffset() != offsets[-1]:
            low, high = after - FORTNIGHT, after
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == offsets[-1] else (low, middle)
            instants.append(high * 1_000_000)
            offsets.append(offset(high))
        elif after > 70 * YEAR and instants[-1] < 60 * YEAR * 1_000_000:
            break
    return instants, [delta // timedelta(microseconds=1) for delta in offsets if delta is not None]
