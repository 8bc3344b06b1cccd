"""Bars of a terminal: how full a column is, and what is drawn where there is no terminal."""

from typing import Any

from law.reading import ruled
from samples import EXAM_FIRST, envelopes, when

from ledger.facts import types as f
from projections.explain.phrases import say
from projections.standing.spans import merged
from projections.views.wrapping import columns
from replay.audit.timeline import cells, overlap, score_paths, timeline

RESULT = ruled(envelopes(EXAM_FIRST), as_of=when("2024-07-31"))


def test_bars_fill_the_width_and_show_what_a_lift_saved() -> None:
    score, stop, axis = timeline(RESULT, "en", width=80)
    assert {len(score), len(stop), len(axis)} == {80}
    assert score.startswith("credit score")
    assert stop.startswith("product sharing")
    assert "█" in stop
    assert "░" in stop
    assert axis.split() == ["2024-07-08", "2024-07-12"]


def test_chinese_titles_take_two_columns() -> None:
    score, stop, _ = timeline(RESULT, "zh", width=80)
    assert columns(score) == columns(stop) == 80
    assert columns(score.partition("▇")[0]) == columns(stop.partition("·")[0]) == 14


def test_a_narrow_terminal_and_a_file_get_lines() -> None:
    line = "the suspension of product sharing (node 8)  2024-07-10 09:00 – 2024-07-10 15:00  lifted"
    assert timeline(RESULT, "en", width=0) == [line]
    assert timeline(RESULT, "en", width=59) == [line]


def test_a_permanent_stop_runs_to_the_edge() -> None:
    history = envelopes(
        [
            ("2024-07-01 09:00", f.CreatorEnrolled()),
            ("2024-07-08 09:00", f.ViolationFound("v1", "fraud", "other")),
        ]
    )
    result = ruled(history, as_of=when("2024-07-31"))
    _, stop, *_, axis = timeline(result, "en", width=80)
    assert stop.endswith("█")
    assert axis.endswith("2024-07-31")


def test_nothing_to_draw_before_enrolment() -> None:
    history = envelopes([("2024-07-01 09:00", f.ProfileChanged(4))])
    assert timeline(ruled(history, as_of=when("2024-07-31")), "en", width=80) == []


def test_columns_share_the_span_without_gaps() -> None:
    columns = cells((0, 10), 3)
    assert columns == [(0, 3), (3, 6), (6, 10)]
    assert all(b > a for a, b in cells((0, 1), 5))


def test_overlapping_stops_count_once() -> None:
    assert merged([(5, 9), (0, 3), (2, 4), (7, 7)]) == [(0, 4), (5, 9)]
    assert overlap((1, 6), [(0, 4), (5, 9)]) == 4


def test_score_path() -> None:
    assert [say(path, "en") for path in score_paths(RESULT)] == ["score: 10 → 7 → 8.5 → 10"]


def unstated(points: int) -> dict[str, Any]:
    return {"points": points, "ground": "unstated"}


def test_of_several_counters_each_that_moved_has_its_path() -> None:
    history = envelopes(
        [
            ("2024-07-01 09:00", f.CreatorEnrolled("douyin-merchant")),
            ("2024-07-08 09:00", f.ViolationFound("a1", "general", "other", **unstated(400))),
            ("2024-07-09 09:00", f.ViolationFound("b1", "serious", "other", **unstated(200))),
        ]
    )
    result = ruled(history, as_of=when("2024-07-31"))
    assert [say(path, "en") for path in score_paths(result)] == [
        "tally of general violations (A): 0 → 4",
        "tally of serious violations (B): 0 → 2",
    ]
    assert [say(path, "zh") for path in score_paths(result)] == [
        "一般违规（A类）积分：0 → 4",
        "严重违规（B类）积分：0 → 2",
    ]
    first, second, *_ = timeline(result, "en", width=80)
    assert first.startswith("tally of general violations (A)")
    assert second.startswith("tally of serious violations (B)")
    assert (first[-1], second[-1]) == ("█", "█")
