"""Each finding once where it is, and once where all is as it should be."""

from collections.abc import Sequence
from typing import Any

import pytest
from samples import Line

from ledger.facts import types as f
from projections.explain.messages import LANGUAGES
from replay.reconcile.creator import findings
from replay.reconcile.findings import KINDS, Finding, told

from .worlds import case_of

ENROLLED: Line = ("2024-07-06 09:00", f.CreatorEnrolled(level=4, reputation=480))
CLAIMED: Line = ("2024-07-06 10:00", f.ExamRightClaimed())
Found = dict[str, Any]


def spam(name: str = "v1", **fields: Any) -> f.ViolationFound:
    return f.ViolationFound(name, "spam", "other", **fields)


def found(lines: Sequence[Line], as_of: str) -> list[Finding]:
    return findings(case_of([ENROLLED, *lines], as_of))


CASES: dict[str, tuple[list[Line], str, list[tuple[str, Found]]]] = {
    "nothing": ([], "2024-08-31", []),
    "a clean month gives a point": (
        [],
        "2024-09-01 00:00",
        [("recovery_due", {"period": "2024-08", "points": "1", "due": "2024-09-01 00:00"})],
    ),
    "recorded after it was due": (
        [("2024-09-03 10:00", f.RecoveryGranted("2024-08"))], "2024-09-05", []
    ),
    "at the cap nothing is missing": (
        [
            ("2024-08-01 09:00", f.RulesExamSat(100_00)),
            ("2024-09-01 00:00", f.RecoveryGranted("2024-08")),
        ],
        "2024-11-30",
        [],
    ),
    "below the cap what there is room for": (
        [
            ("2024-08-01 09:00", f.RulesExamSat(100_00)),
            ("2024-08-31 09:00", f.RulesExamSat(100_00)),
            ("2024-09-01 09:00", spam(points=50, ground="unstated")),
        ],
        "2024-10-02 00:00",
        [("recovery_due", {"period": "2024-10-01", "points": "0.5"})],
    ),
    "none while stopped for good": (
        [("2024-08-02 09:00", f.ViolationFound("v1", "fraud", "other"))], "2024-11-30", []
    ),
    "clean by a grant of its last instant": (
        [
            ("2024-08-09 09:00", spam()),
            ("2024-08-10 09:00", f.AppealLodged("v1")),
            ("2024-09-01 00:00", f.AppealGranted("v1")),
        ],
        "2024-09-05",
        [("recovery_due", {"period": "2024-08"})],
    ),
    "recorded only when nothing was gained any more": (
        [
            ("2024-09-02 09:00", f.ViolationFound("v1", "fraud", "other")),
            ("2024-09-03 10:00", f.RecoveryGranted("2024-08")),
        ],
        "2024-09-05",
        [("recovery_due", {"period": "2024-08", "points": "1"})],
    ),
    "a month with a violation": (
        [
            ("2024-08-09 09:00", spam()),
            ("2024-09-02 09:00", f.RecoveryGranted("2024-08")),
        ],
        "2024-09-05",
        [("recovery_not_due", {"period": "2024-08", "why": "violation", "violations": "v1"})],
    ),
    "a month with one that was void by then": (
        [
            ("2024-08-09 09:00", spam()),
            ("2024-08-10 09:00", f.AppealLodged("v1")),
            ("2024-08-20 09:00", f.AppealGranted("v1")),
            ("2024-09-02 09:00", f.RecoveryGranted("2024-08")),
        ],
        "2024-09-05",
        [],
    ),
    "one that was void only later": (
        [
            ("2024-08-09 09:00", spam()),
            ("2024-08-10 09:00", f.AppealLodged("v1")),
            ("2024-09-02 09:00", f.AppealGranted("v1")),
            ("2024-09-03 09:00", f.RecoveryGranted("2024-08")),
        ],
        "2024-09-05",
        [("recovery_not_due", {"why": "violation", "violations": "v1"})],
    ),
    "a month in part": (
        [("2024-08-02 09:00", f.RecoveryGranted("2024-07"))],
        "2024-08-05",
        [("recovery_not_due", {"period": "2024-07", "why": "enrolled"})],
    ),
    "a month that has not passed": (
        [("2024-08-30 09:00", f.RecoveryGranted("2024-08"))],
        "2024-09-05",
        [("recovery_not_due", {"why": "early", "granted": "2024-08-30 09:00"})],
    ),
    "a month, where days count": (
        [
            ("2024-09-01 00:00", f.RecoveryGranted("2024-08")),
            ("2024-10-01 09:00", f.RecoveryGranted("2024-09")),
        ],
        "2024-09-30",
        [],
    ),
    "no run of days": (
        [
            ("2024-09-01 00:00", f.RecoveryGranted("2024-08")),
            ("2024-09-26 09:00", f.RecoveryGranted("2024-09-25")),
        ],
        "2024-09-29",
        [("recovery_not_due", {"period": "2024-09-25", "why": "run"})],
    ),
    "a full run of days": (
        [
            ("2024-09-01 00:00", f.RecoveryGranted("2024-08")),
            ("2024-09-30 24:00", f.RecoveryGranted("2024-09-30")),
        ],
        "2024-10-01 12:00",
        [],
    ),
    "another figure": (
        [("2024-09-01 09:00", f.RecoveryGranted("2024-08", 150))],
        "2024-09-05",
        [("recovery_amount", {"points": "1.5", "due_points": "1"})],
    ),
    "the same figure": (
        [("2024-09-01 09:00", f.RecoveryGranted("2024-08", 100))], "2024-09-05", []
    ),
    "heavier below the table": (
        [("2024-07-09 09:00", spam(points=50, ground="egregious"))],
        "2024-07-20",
        [("override_misfit", {"points": "0.5", "table": "1", "ground": "egregious"})],
    ),
    "heavier above the table": (
        [("2024-07-09 09:00", spam(points=150, ground="egregious"))], "2024-07-20", []
    ),
    "lighter above the table": (
        [("2024-07-09 09:00", spam(points=150, ground="minor"))],
        "2024-07-20",
        [("override_misfit", {"points": "1.5", "table": "1"})],
    ),
    "lighter below the table": (
        [("2024-07-09 09:00", spam(points=50, ground="minor"))], "2024-07-20", []
    ),
    "lighter though the law was broken": (
        [("2024-07-09 09:00", spam(points=50, ground="minor", law_breach=True))],
        "2024-07-20",
        [("override_refused", {"points": "0.5", "table": "1"})],
    ),
    "without a side": (
        [("2024-07-09 09:00", spam(points=50, ground="unstated"))], "2024-07-20", []
    ),
    "lodged late": (
        [
            ("2024-07-09 09:00", spam()),
            ("2024-07-17 00:00", f.AppealLodged("v1")),
            ("2024-07-18 09:00", f.AppealGranted("v1")),
        ],
        "2024-07-20",
        [("appeal_late", {"lodged": "2024-07-17 00:00", "last": "2024-07-16"})],
    ),
    "lodged on the last day": (
        [
            ("2024-07-09 09:00", spam()),
            ("2024-07-16 23:59", f.AppealLodged("v1")),
            ("2024-07-18 09:00", f.AppealGranted("v1")),
        ],
        "2024-07-20",
        [],
    ),
    "lodged in time, and again too late": (
        [
            ("2024-07-09 09:00", spam()),
            ("2024-07-10 09:00", f.AppealLodged("v1")),
            ("2024-07-17 00:00", f.AppealLodged("v1")),
            ("2024-07-18 09:00", f.AppealGranted("v1")),
        ],
        "2024-07-20",
        [],
    ),
    "not lodged": (
        [
            ("2024-07-09 09:00", spam()),
            ("2024-07-18 09:00", f.AppealGranted("v1", 50)),
        ],
        "2024-07-20",
        [("appeal_not_lodged", {"violation": "v1", "granted": "2024-07-18 09:00"})],
    ),
    "denied before": (
        [
            ("2024-07-09 09:00", spam()),
            ("2024-07-10 09:00", f.AppealLodged("v1")),
            ("2024-07-11 09:00", f.AppealDenied("v1")),
            ("2024-07-18 09:00", f.AppealGranted("v1")),
        ],
        "2024-07-20",
        [("appeal_denied_before", {"denied": "2024-07-11 09:00"})],
    ),
    "denied after": (
        [
            ("2024-07-09 09:00", spam()),
            ("2024-07-10 09:00", f.AppealLodged("v1")),
            ("2024-07-11 09:00", f.AppealGranted("v1")),
            ("2024-07-18 09:00", f.AppealDenied("v1")),
        ],
        "2024-07-20",
        [],
    ),
    "a quota that is used": (
        [
            CLAIMED,
            ("2024-07-09 09:00", spam()),
            ("2024-07-09 10:00", f.ExamStudied("v1")),
            ("2024-07-09 11:00", f.ExamSat("v1", 100_00)),
            ("2024-07-10 09:00", spam("v2")),
            ("2024-07-10 10:00", f.ExamStudied("v2")),
            ("2024-07-10 11:00", f.ExamSat("v2", 100_00)),
        ],
        "2024-07-20",
        [("exam_no_effect", {"violation": "v2", "type": "exam_sat", "reason": "quota_used"})],
    ),
    "an answer too late": (
        [
            CLAIMED,
            ("2024-07-09 09:00", spam()),
            ("2024-07-09 10:00", f.ExamStudied("v1")),
            ("2024-07-17 00:00", f.ExamSat("v1", 100_00)),
        ],
        "2024-07-20",
        [("exam_no_effect", {"reason": "window_closed", "on": "2024-07-17 00:00"})],
    ),
    "an answer in time that fails": (
        [
            CLAIMED,
            ("2024-07-09 09:00", spam()),
            ("2024-07-09 10:00", f.ExamStudied("v1")),
            ("2024-07-16 23:59", f.ExamSat("v1", 90_00)),
        ],
        "2024-07-20",
        [],
    ),
    "recorded again": (
        [("2024-07-09 09:00", spam()), ("2024-07-11 09:00", spam())],
        "2024-07-20",
        [("violation_repeated", {"violation": "v1", "reason": "duplicate_violation"})],
    ),
    "one item on one day": (
        [
            ("2024-07-09 09:00", spam(item="post-1")),
            ("2024-07-09 23:00", spam("v2", item="post-1")),
        ],
        "2024-07-20",
        [("violation_alike", {"violation": "v2", "other": "v1", "item": "post-1"})],
    ),
    "one item on two days": (
        [
            ("2024-07-09 09:00", spam(item="post-1")),
            ("2024-07-10 09:00", spam("v2", item="post-1")),
        ],
        "2024-07-20",
        [],
    ),
    "at one instant": (
        [("2024-07-09 09:00", spam()), ("2024-07-09 09:00", spam("v2"))],
        "2024-07-20",
        [("violation_alike", {"violation": "v2", "other": "v1"})],
    ),
    "at one instant, in a batch": (
        [
            ("2024-07-09 09:00", spam(batch="b")),
            ("2024-07-09 09:00", spam("v2", batch="b")),
        ],
        "2024-07-20",
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_it_is_found(name: str) -> None:
    lines, as_of, expected = CASES[name]
    rows = found(lines, as_of)
    assert [row.kind for row in rows] == [kind for kind, _ in expected]
    for row, (_, figures) in zip(rows, expected, strict=True):
        assert figures.items() <= row.figures.items()
        assert row.clauses
        assert all(told(row, language) for language in LANGUAGES)


def test_every_kind_about_one_creator_has_its_case() -> None:
    shown = {kind for _, _, expected in CASES.values() for kind, _ in expected}
    assert shown | {"overrides_unlike"} == set(KINDS)


def test_rows_name_their_facts() -> None:
    lines, as_of, _ = CASES["denied before"]
    (row,) = found(lines, as_of)
    assert row.events == [("demo", "e5"), ("demo", "e4")]
    assert told(row, "en") == (
        "An appeal against violation v1 was granted on 2024-07-18 09:00, after one was denied on "
        "2024-07-11 09:00."
    )
    assert told(row, "zh") == (
        "违规v1的申诉于2024-07-18 09:00通过，此前已于2024-07-11 09:00被驳回。"
    )
