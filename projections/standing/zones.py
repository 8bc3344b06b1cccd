"""A time zone as a list: the instants from which an offset from UTC holds."""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from projections.fold.state import FOREVER

LAST_YEAR = 2200
YEAR = 31_556_952
"""Seconds."""


@lru_cache
def offsets(name: str) -> tuple[list[int], list[int]]:
    """Instants from which an offset holds, and the offsets, in microseconds, 1970 to 2200.

    A zone that has kept one offset for ten years by 2040 is taken to keep it.
    """
    zone = ZoneInfo(name)

    def offset(seconds: int) -> int:
        delta = datetime.fromtimestamp(seconds, zone).utcoffset()
        assert delta is not None
        return delta // timedelta(microseconds=1)

    instants, offsets = [-FOREVER], [offset(0)]
    fortnight = 14 * 86_400
    before = 0
    # No zone has gone there and back within two weeks since 1970.
    for after in range(fortnight, (LAST_YEAR - 1970) * YEAR, fortnight):
        if after > 70 * YEAR and instants[-1] < 60 * YEAR * 1_000_000:
            break
        if offset(after) != offsets[-1]:
            low, high = before, after
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == offsets[-1] else (low, middle)
            instants.append(high * 1_000_000)
            offsets.append(offset(high))
        before = after
    return instants, offsets
