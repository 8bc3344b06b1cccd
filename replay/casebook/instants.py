"""Instants as cases write them: `2024-07-10 09:00`, on the clocks of the rulebook's zone."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ledger.facts.forms import Wrong, instant_of
from projections.fold.state import FOREVER
from projections.standing.writing import local

FORM = "YYYY-MM-DD HH:MM, with seconds where they matter, 24:00 being the end of the day"
_WRITTEN = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)", re.ASCII)


def when(text: str, zone: ZoneInfo) -> int:
    """The instant in microseconds since 1970 UTC. Raises ValueError where the text is none."""
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError(f"found {text!r}; a time is written {FORM}")
    day, clock = match.groups()
    next_day = clock == "24:00"
    try:
        there = datetime.fromisoformat(f"{day} {'00:00' if next_day else clock}")
        return instant_of((there + timedelta(days=next_day)).replace(tzinfo=zone))
    except Wrong as wrong:
        raise ValueError(f"found {text!r}; {wrong.wanted}, is needed") from wrong
    except (ValueError, OverflowError) as error:
        raise ValueError(f"found {text!r}; there is no such date or time") from error


def written(at: int, zone: ZoneInfo) -> str:
    """An instant with no more digits than it needs."""
    if at >= FOREVER:
        return "for ever"
    there = local(at, zone.key)
    if there.microsecond:
        return f"{there:%Y-%m-%d %H:%M:%S.%f}"
    return f"{there:%Y-%m-%d %H:%M:%S}" if there.second else f"{there:%Y-%m-%d %H:%M}"
