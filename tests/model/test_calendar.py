"""The fold's own calendar against the time-zone database: natural days, months, midnights."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from law.reading import EPOCH, micros

from projections.fold import calendar
from projections.fold.rules import Book
from projections.fold.state import (
    DAY,
    EXACT,
    MONTHS,
    NATURAL_DAYS,
)
from projections.standing.history import period_end
from projections.standing.zones import offsets

ZONES = (
    "UTC",
    "Asia/Shanghai",  # summer time from 1986 to 1991
    "Europe/Paris",
    "America/New_York",
    "America/Havana",  # clocks change at midnight
    "America/Sao_Paulo",  # the same, till 2019: days that begin at 01:00, and 23:00 twice
    "Asia/Beirut",
    "Africa/Cairo",
    "America/Asuncion",
    "Asia/Gaza",
    "Africa/Casablanca",  # changes twice more, around Ramadan
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Apia",  # left out 2011-12-30
    "Asia/Kolkata",
    "America/St_Johns",
)
DAY_ZERO = date(1970, 1, 1)
zones = st.sampled_from(ZONES)
days = st.integers(0, 80_000)  # to 2189
instants = st.integers(0, 80_000 * DAY)


@cache
def book(zone: str) -> Book:
    made = Book()
    made.zone_from, made.zone_offset = offsets(zone)
    made.zone_count = len(made.zone_from)
    return made


def local(at: int, zone: str) -> datetime:
    return (EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone))


def number(day: date) -> int:
    return (day - DAY_ZERO).days


@pytest.mark.parametrize("zone", ZONES)
def test_every_change_of_the_clock_is_known_to_the_microsecond(zone: str) -> None:
    for at in book(zone).zone_from[1:]:
        for moment in (at - 1, at):
            told = calendar.offset_at(moment, book(zone))
            assert timedelta(microseconds=told) == local(moment, zone).utcoffset()
        assert calendar.offset_at(at - 1, book(zone)) != calendar.offset_at(at, book(zone))


@given(zones, instants)
def test_an_instant_lies_on_its_local_day(zone: str, at: int) -> None:
    assert calendar.local_day(at, book(zone)) == number(local(at, zone).date())


@pytest.mark.parametrize("zone", ZONES)
def test_around_every_change_days_begin_where_the_zone_says(zone: str) -> None:
    for at in book(zone).zone_from[1:]:
        for shift in (-2, -1, 0, 1, 2):
            begins(zone, calendar.local_day(at, book(zone)) + shift)


@given(zones, days)
def test_a_day_begins_at_its_first_instant(zone: str, day: int) -> None:
    begins(zone, day)


def begins(zone: str, day: int) -> None:
    """It begins where its 00:00 first is, or where the clock changes if it has none."""
    wall = day * DAY
    changes = [at for at in book(zone).zone_from if abs(at - wall) <= 2 * DAY]
    around = (max(wall - 2 * DAY, 0), wall + 2 * DAY)
    walls = [wall - local(at, zone).utcoffset() // timedelta(microseconds=1) for at in around]
    reached = [at for at in (*changes, *walls) if number(local(at, zone).date()) >= day]
    assert calendar.midnight(day, book(zone)) == min(reached), (zone, day)


@given(zones, instants)
def test_the_first_day_from_an_instant_begins_then_or_after(zone: str, at: int) -> None:
    for moment in (at, calendar.midnight(at // DAY, book(zone)), *book(zone).zone_from[1:]):
        day = calendar.first_day(moment, book(zone))
        assert calendar.midnight(day - 1, book(zone)) < moment <= calendar.midnight(day, book(zone))


@given(zones, instants, st.integers(1, 400))
def test_natural_days_leave_the_start_out_and_count_the_last_to_its_end(
    zone: str, at: int, length: int
) -> None:
    day = calendar.local_day(at, book(zone))
    end = calendar.end_of(NATURAL_DAYS, length, at, day, book(zone))
    assert local(end - 1, zone).date() <= local(at, zone).date() + timedelta(length)
    assert local(end, zone).date() > local(at, zone).date() + timedelta(length)


@given(zones, instants, st.integers(1, 90))
def test_exact_days_are_hours_whatever_the_clock_does(zone: str, at: int, length: int) -> None:
    day = calendar.local_day(at, book(zone))
    assert calendar.end_of(EXACT, length * DAY, at, day, book(zone)) - at == length * DAY


def months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(last, day.day))
        except ValueError:
            continue
    raise AssertionError


@given(zones, days, st.integers(0, 240))
def test_months_end_on_the_same_day_or_the_month_s_last(zone: str, day: int, months: int) -> None:
    wanted = months_later(DAY_ZERO + timedelta(day), months)
    assert calendar.add_months(day, months) == number(wanted)
    at = calendar.midnight(day, book("UTC"))
    end = calendar.end_of(MONTHS, months, at, day, book("UTC"))
    assert end == micros(datetime(wanted.year, wanted.month, wanted.day, tzinfo=UTC))


@given(st.integers(0, (date.max - DAY_ZERO).days))
def test_years_and_months_are_those_of_the_calendar(day: int) -> None:
    wanted = DAY_ZERO + timedelta(day)
    months = (wanted.year - 1970) * 12 + wanted.month - 1
    assert (calendar.year_of(day), calendar.month_of(day)) == (wanted.year, months)
    assert calendar.first_of_month(months) == number(wanted.replace(day=1))
    assert calendar.month_start(day) == number(wanted.replace(day=1))


@given(st.dates(date(1970, 1, 1)))
def test_a_month_closes_on_its_last_day_and_a_day_on_itself(day: date) -> None:
    following = months_later(day.replace(day=1), 1) if day < date(9999, 12, 1) else None
    month = following - timedelta(1) if following else date.max
    assert period_end(f"{day:%Y-%m}") == number(month)
    assert period_end(day.isoformat()) == number(day)


def test_the_last_month_of_all_closes_on_its_last_day_too() -> None:
    assert period_end("9999-12") == number(date.max)
