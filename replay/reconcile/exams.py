"""Exams that came to nothing: what was recorded of them has no effect, and why."""

from collections.abc import Iterator

from projections.explain.phrases import Phrase, Word
from projections.fold.state import (
    APPLIED,
    EXAM_ABANDONED,
    EXAM_INVITED,
    EXAM_SAT,
    EXAM_STUDIED,
    KINDS,
    NONE,
    REASONS,
)
from projections.standing.writing import clock_time
from replay.reconcile.findings import Case, Finding

EXAMS = {EXAM_ABANDONED, EXAM_INVITED, EXAM_SAT, EXAM_STUDIED}
ASKED = {
    "abandoned": ("clauses.exam_fail",),
    "already_passed": ("clauses.exam_answers",),
    "answers_used_up": ("clauses.exam_answers", "exam.answers"),
    "closed_by_appeal": ("clauses.exam_closed_by_appeal",),
    "not_covered": ("clauses.exam_coverage",),
    "not_eligible": ("exam.minimum_level", "exam.reputation_above"),
    "not_enrolled": ("clauses.enrolment",),
    "not_studied": ("clauses.exam_study", "exam.study_required"),
    "quota_used": ("clauses.exam_quota", "exam.quota_days"),
    "right_not_claimed": ("clauses.exam_right", "exam.claim_required"),
    "right_revoked": ("clauses.exam_right_revoked",),
    "unknown_violation": (),
    "window_closed": ("clauses.exam_window", "exam.window_days"),
}
"""By reason, what a rulebook says of it."""


def findings(case: Case) -> Iterator[Finding]:
    """Each fact about an exam that has no effect."""
    for e, row, code in case.ruled():
        if row.kind not in EXAMS or code == APPLIED:
            continue
        reason, fact = REASONS[code], e.fact
        assert hasattr(fact, "violation")
        violation = case.walk.creator.violations[row.violation]
        version = row.version if violation.state == NONE else violation.version
        kind = KINDS[row.kind]
        figures: dict[str, str] = {
            "violation": fact.violation,
            "type": kind,
            "reason": reason,
            "on": clock_time(e.effective_at, case.zone),
        }
        yield case.finding(
            "exam_no_effect",
            [e],
            version,
            ASKED[reason],
            figures,
            type=Phrase(f"reconcile.exam_facts.{kind}"),
            reason=Word("why", reason),
        )
