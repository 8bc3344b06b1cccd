"""What a row tells, from histories in a few lines."""

import pytest
from samples import envelopes, when

from ledger.facts import types as f
from ledger.rulebook.shelf import Shelf
from projections.readmodels.derive import make_row
from projections.readmodels.rows import Row, Window
from projections.standing.replay import Library, replay
from projections.standing.writing import clock_time

Line = tuple[str, f.Fact]
LIBRARY = Library(Shelf())
FOUND: list[Line] = [
    ("2024-07-08 09:00", f.CreatorEnrolled(level=4, reputation=480)),
    ("2024-07-10 09:00", f.ViolationFound("v1", "misleading", "other")),
]
DENIED: Line = ("2024-07-12 09:00", f.AppealDenied("v1"))
LODGED: Line = ("2024-07-11 09:00", f.AppealLodged("v1"))


def row(lines: list[Line], as_of: str, *, history: bool = False) -> Row:
    facts = envelopes(lines)
    result = replay("mei", facts, LIBRARY, as_of=when(as_of))
    return make_row(result, position=len(facts), history=history)


@pytest.mark.parametrize(
    ("more", "open_"),
    [
        ([], 0),
        ([LODGED], 1),
        ([LODGED, DENIED], 0),
        ([LODGED, ("2024-07-12 09:00", f.AppealGranted("v1", 100))], 0),
        ([LODGED, ("2024-07-12 09:00", f.AppealGranted("v1"))], 0),
        ([("2024-07-19 09:00", f.AppealLodged("v1"))], 0),
        ([("2024-07-09 09:00", f.AppealLodged("v1"))], 0),
        ([LODGED, DENIED, ("2024-07-13 09:00", f.AppealLodged("v1"))], 0),
        ([("2024-07-11 09:00", f.AppealLodged("v2"))], 0),
    ],
    ids=[
        "none", "lodged", "denied", "granted in part", "granted", "too late", "before the finding",
        "again after a denial", "of a violation that nobody found",
    ],
)  # fmt: skip
def test_an_appeal_is_open_from_lodging_to_decision(more: list[Line], open_: int) -> None:
    found = row(FOUND + more, "2024-08-01 00:00").appeals
    assert [(a.violation, a.lodged_at) for a in found] == [("v1", when("2024-07-11 09:00"))] * open_


def test_what_will_change_comes_in_its_order() -> None:
    at, seen = "2024-07-10 12:00", []
    for _ in range(3):
        following = row(FOUND, at).next_change_at
        assert following is not None
        seen.append(following)
        at = clock_time(following, "Asia/Shanghai")
    assert seen == [when("2024-07-11 09:00"), when("2024-07-18 00:00"), when("2024-09-24 00:00")]


def test_windows_say_what_stands_in_the_way() -> None:
    until = when("2024-07-18 00:00")
    assert row(FOUND, "2024-07-10 12:00").windows == (
        Window("appeal", "v1", until, None),
        Window("exam", "v1", until, "right_not_claimed"),
    )
    assert row(FOUND, "2024-07-18 00:00").windows == ()


def test_history_adds_what_has_ended_and_each_violation() -> None:
    short, long = (row(FOUND, "2024-08-01 00:00", history=h) for h in (False, True))
    assert (short.stops, short.violations) == ((), ())
    assert [(s.feature, s.state) for s in long.stops] == [("product_sharing", "served")]
    assert [(v.violation, v.points, v.state) for v in long.violations] == [("v1", 300, "standing")]
    assert short.standing == long.standing
