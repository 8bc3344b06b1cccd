"""The axis names round times on the clocks of the zone, and never more than there is room for."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.facts.forms import END_OF_TIME
from replay.picture.model import Window
from replay.picture.scales import Scale, ticks


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("since", "until", "zone", "room", "fine", "coarse"),
    [
        ("2024-08-06T02:00", "2024-08-06T10:00", "Asia/Shanghai", 4,
         ["10:00", "12:00", "14:00", "16:00", "18:00"], "2024-08-06"),
        ("2024-08-06T00:00", "2024-08-10T00:00", "UTC", 5,
         ["08-06", "08-07", "08-08", "08-09", "08-10"], "2024"),
        ("2024-07-30T00:00", "2024-08-20T00:00", "UTC", 4, ["08-05", "08-12", "08-19"], "2024"),
        ("2024-01-10T00:00", "2024-05-20T00:00", "UTC", 5, ["2月", "3月", "4月", "5月"], "2024"),
        ("2019-03-01T00:00", "2024-05-20T00:00", "UTC", 6, ["2020", "2021", "2022", "2023", "2024"],
         ""),
        ("1970-01-01T00:00", "2999-01-01T00:00", "UTC", 4, ["2000", "2500"], ""),
        ("2024-03-31T00:00", "2024-03-31T05:00", "Europe/Paris", 6,
         ["01:00", "02:00", "03:00", "04:00", "05:00", "06:00", "07:00"], "2024-03-31"),
    ],
)  # fmt: skip
def test_round_times(
    since: str, until: str, zone: str, room: int, fine: list[str], coarse: str
) -> None:
    found = ticks(Window(at(since), at(until)), room, zone, "zh")
    assert [tick.fine for tick in found] == fine
    assert found[0].coarse == coarse


@given(st.integers(0, END_OF_TIME), st.integers(1, END_OF_TIME), st.integers(3, 14))
def test_any_stretch_of_time(since: int, length: int, room: int) -> None:
    window = Window(since, since + length)
    found = ticks(window, room, "Asia/Shanghai", "en")
    assert len(found) <= 1.2 * room + 2  # a month is not always thirty days long
    assert all(window.since <= tick.at <= window.until for tick in found)
    assert found == sorted(found)


def test_a_scale_runs_both_ways_and_stops_at_its_ends() -> None:
    down = Scale(0, 1000, 200.0, 100.0)
    assert (down(0), down(500), down(1000)) == (200, 150, 100)
    assert (down.within(-5), down.within(2000)) == (200, 100)
