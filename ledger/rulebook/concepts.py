"""The words of `[clauses]`, what a rulebook may quote its rules about, and those of `[redress]`."""

from typing import Literal, TypeAlias

Concept: TypeAlias = Literal[
    "enrolment",
    "deduction",
    "aggravation",
    "mitigation",
    "mitigation_refused",
    "batch",
    "correction",
    "node",
    "highest_stop",
    "recovery",
    "recovery_keeps_stops",
    "recovery_closed",
    "accrual_exam",
    "appeal",
    "appeal_window",
    "appeal_granted",
    "appeal_after_exam",
    "appeal_denied",
    "exam_eligibility",
    "exam_right",
    "exam_right_revoked",
    "exam_study",
    "exam_coverage",
    "exam_window",
    "exam_answers",
    "exam_quota",
    "exam_pass",
    "exam_lifts",
    "exam_fail",
    "exam_closed_by_appeal",
    "risk_measure",
    "money",
    "expiry",
    "lapse",
]
"""Behaviours a ruling can rest on, beside its figures; `[clauses.<concept>]` cites each."""

Way: TypeAlias = Literal["complaint", "out_of_court", "court"]
"""Where whoever is not content may turn: an appeal, a settlement out of court, a court."""
