"""Tables: the key paths that a reason, or an applied fact of a kind, always relies on."""

AGGRAVATING = {"egregious", "repeated", "mass_refusal", "concurrent", "severe_single"}
MITIGATING = {"first_offence", "unintentional", "minor"}

BY_REASON: dict[str, tuple[str, ...]] = {
    "not_enrolled": ("clauses.enrolment",),
    "already_enrolled": ("clauses.enrolment",),
    "duplicate_violation": ("clauses.deduction",),
    "unknown_category": ("clauses.deduction",),
    "points_missing": ("clauses.deduction",),
    "already_appealed": ("clauses.appeal", "appeal.attempts"),
    "not_covered": ("clauses.exam_coverage",),
    "not_eligible": ("clauses.exam_eligibility", "exam.minimum_level", "exam.reputation_above"),
    "right_not_claimed": ("clauses.exam_right", "exam.claim_required"),
    "right_revoked": ("clauses.exam_right_revoked",),
    "not_studied": ("clauses.exam_study", "exam.study_required"),
    "already_passed": ("clauses.exam_answers",),
    "abandoned": ("clauses.exam_fail",),
    "answers_used_up": ("clauses.exam_answers", "exam.answers"),
    "quota_used": ("clauses.exam_quota", "exam.quota_days"),
    "already_granted": ("clauses.recovery", "recovery.cadence"),
    "automatic": ("clauses.recovery", "recovery.automatic"),
    "not_a_pass": ("clauses.accrual_exam", "accrual_exam.pass_mark"),
    "limit_reached": ("clauses.accrual_exam", "accrual_exam.per_days"),
}
BY_KIND: dict[str, tuple[str, ...]] = {
    "profile_changed": ("clauses.exam_eligibility",),
    "appeal_lodged": ("clauses.appeal", "appeal.window_days"),
    "appeal_denied": ("clauses.appeal_denied",),
    "exam_right_claimed": ("clauses.exam_right",),
    "exam_right_revoked": ("clauses.exam_right_revoked",),
    "exam_invited": ("clauses.exam_window", "exam.window_days"),
    "exam_studied": ("clauses.exam_study",),
    "exam_abandoned": ("clauses.exam_fail",),
    "rules_exam_sat": ("clauses.accrual_exam", "accrual_exam.points", "accrual_exam.pass_mark"),
    "measure_imposed": ("clauses.risk_measure",),
    "measure_lifted": ("clauses.risk_measure",),
    "money_posted": ("clauses.money",),
    "occasion_held": ("clauses.node",),
}
OWN = {
    "retracted": "retraction",
    "unknown_event": "retraction",
    "not_retractable": "retraction",
    "unknown_violation": "unknown violation",
}
OWN_KINDS = {"fact_retracted": "retraction", "rulebook_adopted": "adoption"}
