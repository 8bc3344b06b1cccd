"""Words and lengths of a rulebook as the fold's numbers."""

from decimal import Decimal

from msgspec import Struct

from ledger.rulebook.model import Duration
from projections.fold.state import ABSENT, DAY, EXACT, MONTHS, NATURAL_DAYS

HOUR = DAY // 24


class Names(Struct):
    """What the codes stand for; the fold knows numbers only."""

    counters: tuple[str, ...]
    categories: dict[str, int] = {}
    grades: dict[tuple[str, str], int] = {}
    """(category, severity): the categories without one, then those at each."""
    features: dict[str, int] = {}
    courses: dict[str, int] = {}
    lapses: dict[str, int] = {}
    """Features that lapse in some version."""
    accounts: dict[tuple[str, str], int] = {}
    """(account, currency) that some version demands money on."""


def hundredths(value: Decimal) -> int:
    return int((value * 100).to_integral_exact())


def code_of(counter: str, names: Names) -> int:
    return names.counters.index(counter) if counter else 0


def duration(after: Duration | None) -> tuple[int, int]:
    if after is None:
        return ABSENT, 0
    return length(after.hours, after.days, after.natural_days, after.months)


def length(
    hours: int | None, days: int | None, natural_days: int | None, months: int | None
) -> tuple[int, int]:
    if hours is not None:
        return EXACT, hours * HOUR
    if days is not None:
        return EXACT, days * DAY
    if natural_days is not None:
        return NATURAL_DAYS, natural_days
    assert months is not None
    return MONTHS, months
