"""Local days and months in the rulebook's zone, by arithmetic alone (I-26, I-27).

A natural day ends at 24:00 local, which is 00:00 of the next. `book` holds the zone's offsets, so
that no clock and no time-zone database is read while ruling.
"""

from projections.fold.rules import Book
from projections.fold.state import (
    DAY,
    MONTHS,
    NATURAL_DAYS,
)


def zone_entry(at: int, book: Book) -> int:
    """Which of the zone's offsets is in force at an instant."""
    low = 0
    high = book.zone_count - 1
    if at >= book.zone_from[high]:
        return high
    while low < high:
        middle = (low + high + 1) // 2
        if at >= book.zone_from[middle]:
            low = middle
        else:
            high = middle - 1
    return low


def offset_at(at: int, book: Book) -> int:
    """Offset from UTC in microseconds that is in force at an instant."""
    return book.zone_offset[zone_entry(at, book)]


def local_day(at: int, book: Book) -> int:
    return (at + offset_at(at, book)) // DAY


def midnight(day: int, book: Book) -> int:
    """The first instant of a local day; where the clock skips its 00:00, that of the change."""
    wall = day * DAY
    before = offset_at(wall - DAY, book)
    after = offset_at(wall + DAY, book)
    first = wall - before
    if before == after or offset_at(first, book) == before:
        return first
    second = wall - after
    if offset_at(second, book) == after:
        return second
    return book.zone_from[zone_entry(first, book)]


def first_day(at: int, book: Book) -> int:
    """The first local day that begins at an instant or after it."""
    day = local_day(at, book) - 1
    while midnight(day, book) < at:
        day += 1
    return day


def year_of(day: int) -> int:
    return _year_month(day)[0]


def month_of(day: int) -> int:
    """Months since 1970-01."""
    year, month = _year_month(day)
    return (year - 1970) * 12 + month - 1


def first_of_month(month: int) -> int:
    """The first day of a month counted since 1970-01."""
    year = 1970 + month // 12
    return day_of(year, month % 12 + 1, 1)


def add_months(day: int, months: int) -> int:
    """The same day of a later month, or its last day where it has no such day."""
    month = month_of(day)
    place = day - first_of_month(month)
    target = first_of_month(month + months)
    length = first_of_month(month + months + 1) - target
    return target + min(place, length - 1)


def end_of(shape: int, length: int, at: int, day: int, book: Book) -> int:
    """When something of natural days or months, begun at `at` on local `day`, is over.

    Natural days: the start day is excluded, the last counts to 24:00. Months: the anniversary day
    is excluded.
    """
    if shape == NATURAL_DAYS:
        return midnight(day + length + 1, book)
    if shape == MONTHS:
        return midnight(add_months(day, length), book)
    return at + length


def month_start(day: int) -> int:
    """The first day of the month that a day is in."""
    of_year = _year_and_day(day)[1]
    month = (5 * of_year + 2) // 153
    return day - of_year + (153 * month + 2) // 5


def _year_month(day: int) -> tuple[int, int]:
    """Civil year and month of a day since 1970-01-01."""
    year, of_year = _year_and_day(day)
    month = (5 * of_year + 2) // 153
    if month < 10:
        return year, month + 3
    return year + 1, month - 9


def _year_and_day(day: int) -> tuple[int, int]:
    """Year that begins on 1 March, and place of the day in it (Gregorian, by 400-year eras)."""
    shifted = day + 719_468
    era = shifted // 146_097
    of_era = shifted - era * 146_097
    year_of_era = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    return year_of_era + era * 400, of_year


def day_of(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 of a civil date."""
    if month <= 2:
        year -= 1
        month += 12
    era = year // 400
    of_era_year = year - era * 400
    of_year = (153 * (month - 3) + 2) // 5 + day - 1
    of_era = of_era_year * 365 + of_era_year // 4 - of_era_year // 100 + of_year
    return era * 146_097 + of_era - 719_468
