"""How values are read from people and written for them."""

import pytest
from samples import when

from projections.explain.phrases import Count, Phrase, Word, say
from projections.fold.state import FOREVER
from projections.standing.moments import read_moment
from projections.standing.writing import (
    clock_time,
    day_date,
    deadline,
    instant,
    instant_or_none,
    json_line,
    local,
    money,
    points,
    safe,
)

SHANGHAI = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-07-10T09:00:00+08:00", "2024-07-10 09:00"),
        ("2024-07-10T01:00:00Z", "2024-07-10 09:00"),
        ("2024-07-10t01:00:00.000000z", "2024-07-10 09:00"),
        ("2024-07-10 09:00", "2024-07-10 09:00"),
        ("2024-07-10T09:00:30.5", "2024-07-10 09:00:30"),
        (" 2024-07-10 ", "2024-07-10 24:00"),
    ],
)
def test_moments(text: str, expected: str) -> None:
    assert clock_time(read_moment(text).instant(SHANGHAI), SHANGHAI) == expected


@pytest.mark.parametrize(
    "text",
    ["", "now", "2024-7-10", "2024-07-10 9:00", "2024-02-30", "1969-01-01", "9999-01-01",
     "２０２４-07-10", "2024-07-10 25:00",
     "2024-07-10T09:00:00+25:00", "2024-07-10 09:00:00.1234567"],
)  # fmt: skip
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match="an instant is needed"):
        read_moment(text)


def test_an_hour_shown_twice_is_the_first() -> None:
    at = read_moment("2024-10-27 02:30").instant("Europe/Berlin")
    assert instant(at, "Europe/Berlin") == "2024-10-27T02:30:00+02:00"


def test_points_and_money() -> None:
    assert [points(v) for v in (700, 750, 725, 0, -50)] == ["7", "7.5", "7.25", "0", "-0.5"]
    assert money(200000, "CNY") == "2000.00"
    assert money(500, "JPY") == "500"


def test_instants_at_the_edges() -> None:
    assert instant_or_none(FOREVER, SHANGHAI) is None
    assert instant(FOREVER, SHANGHAI) == "9999-12-31T23:59:59.999999+00:00"
    assert instant(0, "America/New_York") == "1969-12-31T19:00:00-05:00"
    assert local(0, "Africa/Monrovia").utcoffset() is not None
    assert instant(0, "Africa/Monrovia") == "1970-01-01T00:00:00+00:00"
    assert day_date(0) == "1970-01-01"
    assert day_date(FOREVER) == "9999-12-31"


def test_a_period_ends_at_the_24_00_of_its_last_day() -> None:
    assert deadline(when("2024-07-11 00:00"), SHANGHAI) == "2024-07-10 24:00"
    assert deadline(when("2024-07-11 09:00"), SHANGHAI) == "2024-07-11 09:00"


def test_what_steers_a_terminal_is_escaped() -> None:
    assert safe("a\x1b[31m\u202e\u200b\n") == "a\\u001b[31m\\u202e\\u200b\\u000a"
    assert safe("\U000e0041") == "\\udb40\\udc41"
    assert safe("信用分 é — “x”") == "信用分 é — “x”"
    assert json_line({"id": "a\u202eb", "n": None}) == '{"id":"a\\u202eb","n":null}'


def test_numbers_and_their_nouns() -> None:
    assert say(Count("days", "1"), "en") == "1 day"
    assert say(Count("days", "0.5"), "en") == "0.5 days"
    assert say(Count("days", "0"), "en") == "0 days"
    assert say(Count("answers_left", "0"), "en") == "no answer is left"
    assert say(Count("days", "3"), "zh") == "3天"


def test_words_that_nobody_translated_are_shown_as_they_are() -> None:
    assert say(Word("measures", "shadow_ban"), "en") == "shadow ban"
    assert say(Word("measures", "shadow_ban"), "zh") == "shadow ban"
    assert say(["a", Phrase("standing.for_good"), "c"], "en") == "a, stopped for good and c"
