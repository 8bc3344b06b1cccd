"""The exam in place of a penalty (002): its conditions, in the order of the law, and its effect.

A pass gives back the points that its category lists, and no more than were taken and have not come
back (C-051, C-055). The violation stays: it still counts, and its measures stay (C-064, C-067).
The version that judged the violation keeps judging its exam.
"""

from projections.fold.appeals import not_open, restore
from projections.fold.given import Fact
from projections.fold.rules import Book, Rules
from projections.fold.state import (
    ABANDONED,
    ABSENT,
    ALREADY_PASSED,
    ANSWERS_USED_UP,
    APPLIED,
    BY_EXAM,
    CLAIMED,
    EXAM_FAILED,
    EXAM_PASSED,
    NOT_COVERED,
    NOT_ELIGIBLE,
    NOT_STUDIED,
    QUOTA_TAKEN,
    QUOTA_USED,
    REVOKED,
    RIGHT_NOT_CLAIMED,
    RIGHT_REVOKED,
    WINDOW_CLOSED,
    Creator,
    Violation,
)
from projections.fold.trace import Trace, fails, refuse

CLOSED = "clauses.exam_closed_by_appeal"


def exam_right_claimed(creator: Creator, fact: Fact, trace: Trace | None) -> int:
    """The right must be claimed before it is used (C-046)."""
    if trace is not None:
        trace.rests("clauses.exam_right", fact.version)
    creator.right = CLAIMED
    creator.claimed_ever = 1
    return APPLIED


def exam_right_revoked(creator: Creator, fact: Fact, trace: Trace | None) -> int:
    """The platform may take the right away (C-045, C-062)."""
    if trace is not None:
        trace.rests("clauses.exam_right_revoked", fact.version)
    creator.right = REVOKED
    creator.revoked_at = fact.at
    return APPLIED


def exam_invited(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """The notice from which the window runs (C-056, I-34); a further one moves the window."""
    violation = creator.violations[fact.violation]
    reason = not_open(violation, CLOSED, trace)
    if reason == APPLIED:
        violation.notice_on = fact.day
        if trace is not None:
            trace.rests("clauses.exam_window", violation.version)
            if covered(violation, book.versions[violation.version]):
                trace.rests("exam.window_days", violation.version)
    return reason


def exam_studied(creator: Creator, fact: Fact, trace: Trace | None) -> int:
    """The study that comes before the exam (C-050)."""
    violation = creator.violations[fact.violation]
    reason = not_open(violation, CLOSED, trace)
    if reason == APPLIED:
        violation.studied = 1
        if trace is not None:
            trace.rests("clauses.exam_study", violation.version)
    return reason


def exam_abandoned(creator: Creator, fact: Fact, trace: Trace | None) -> int:
    """Given up for good; takes and returns no quota (C-061)."""
    violation = creator.violations[fact.violation]
    reason = not_open(violation, CLOSED, trace)
    if reason == APPLIED:
        violation.abandoned = 1
        if trace is not None:
            trace.rests("clauses.exam_fail", violation.version)
    return reason


def exam_sat(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """One answer: conditions, quota, mark (C-041 to C-060)."""
    violation = creator.violations[fact.violation]
    reason = not_open(violation, CLOSED, trace)
    if reason != APPLIED:
        return reason
    rules = book.versions[violation.version]
    reason = why_not(creator, fact, violation, rules, trace)
    if reason != APPLIED:
        return reason
    if trace is not None:
        mark_grounds(fact, violation, rules, trace)
    if violation.answers == 0:
        take_quota(creator, fact, violation, rules, trace)
    violation.answers += 1
    passed = fact.mark >= rules.exam_pass_mark
    if trace is not None:
        trace.append((EXAM_PASSED if passed else EXAM_FAILED, fact.violation, fact.mark, fact.at))
    if passed:
        violation.passed = 1
        restorable = rules.categories[violation.category].restorable
        nominal = min(restorable, violation.deducted - violation.restored)
        before = violation.restored
        restore(creator, violation, nominal, BY_EXAM, fact.at, book, trace)
        violation.by_exam = violation.restored - before
    return APPLIED


def why_not(
    creator: Creator, fact: Fact, violation: Violation, rules: Rules, trace: Trace | None
) -> int:
    """The first condition of 002 that an answer fails, or APPLIED; a trace has them all."""
    if not rules.exam_offered or violation.category == ABSENT:
        return refuse(trace, NOT_COVERED, "clauses.exam_coverage", violation.version)
    reason = not_admitted(creator, violation, rules, trace)
    if trace is None and reason != APPLIED:
        return reason  # who wants no grounds needs no condition after the first that failed
    reason = not_answerable(fact, violation, reason, rules, trace)
    if violation.answers == 0:
        code = rules.categories[violation.category].quota
        free = quota_free(creator, code, fact.day)
        if trace is not None:
            quota_grounds(creator, code, free, rules, trace)
        if not free:
            reason = fails(trace, reason, QUOTA_USED, 0)
    if trace is not None:
        trace.settle(reason)
    return reason


def not_admitted(creator: Creator, violation: Violation, rules: Rules, trace: Trace | None) -> int:
    """Which exams there are (C-054, C-063), who may sit them (C-042 to C-044), and by what right.

    An unknown level or reputation is not eligible.
    """
    reason = APPLIED
    listed = rules.categories[violation.category].restorable != ABSENT
    if trace is not None:
        trace.condition("clauses.exam_coverage", rules.number, met=listed)
        trace.condition("categories.*.restorable", rules.number, violation.category, met=listed)
    if not listed:
        reason = fails(trace, reason, NOT_COVERED, 1)
    if trace is not None:
        profile_grounds(creator, rules, trace)
    level, reputation = creator.level, creator.reputation
    if level < rules.exam_minimum_level or reputation <= rules.exam_reputation_above:
        reason = fails(trace, reason, NOT_ELIGIBLE, 0)
    if trace is not None:
        right_grounds(creator, rules, trace)
    if rules.exam_claim_required and not creator.claimed_ever:
        reason = fails(trace, reason, RIGHT_NOT_CLAIMED, 0)
    elif creator.right == REVOKED:
        reason = fails(trace, reason, RIGHT_REVOKED, 0)
    return reason


def not_answerable(
    fact: Fact, violation: Violation, reason: int, rules: Rules, trace: Trace | None
) -> int:
    """Study (C-050), session still open, answers (C-057) and window (C-056) of one exam.

    What was passed, given up, used up or let pass is so for good.
    """
    version = violation.version
    if trace is not None:
        study_grounds(violation, rules, trace)
    if rules.exam_study_required and not violation.studied:
        reason = fails(trace, reason, NOT_STUDIED, 0)
    if violation.passed:
        if trace is not None:
            trace.condition("clauses.exam_answers", version, met=False)
        reason = fails(trace, reason, ALREADY_PASSED, 1)
    if violation.abandoned:
        if trace is not None:
            trace.condition("clauses.exam_fail", version, met=False)
        reason = fails(trace, reason, ABANDONED, 1)
    left = violation.answers < rules.exam_answers
    if trace is not None:
        trace.condition("clauses.exam_answers", version, met=left)
        trace.condition("exam.answers", version, found=violation.answers + 1, met=left)
    if not left:
        reason = fails(trace, reason, ANSWERS_USED_UP, 1)
    elapsed = fact.day - violation.notice_on
    open_still = elapsed <= rules.exam_window_days
    if trace is not None:
        trace.condition("clauses.exam_window", version, met=open_still)
        trace.condition("exam.window_days", version, found=elapsed, met=open_still)
    if not open_still:
        reason = fails(trace, reason, WINDOW_CLOSED, 1)
    return reason


def covered(violation: Violation, rules: Rules) -> bool:
    """Only the categories that the version lists have an exam (C-054, C-063)."""
    return (
        rules.exam_offered != 0
        and violation.category != ABSENT
        and rules.categories[violation.category].restorable != ABSENT
    )


def profile_grounds(creator: Creator, rules: Rules, trace: Trace) -> None:
    """Level and reputation on record, and what is asked of them."""
    version = rules.number
    level = creator.level >= rules.exam_minimum_level
    reputation = creator.reputation > rules.exam_reputation_above
    trace.condition("clauses.exam_eligibility", version, met=level and reputation)
    trace.condition("exam.minimum_level", version, found=creator.level, met=level)
    trace.condition("exam.reputation_above", version, found=creator.reputation, met=reputation)


def right_grounds(creator: Creator, rules: Rules, trace: Trace) -> None:
    """The right to exams: claimed, where that is asked, and not taken away."""
    version, claimed = rules.number, creator.claimed_ever != 0
    if not claimed and rules.exam_claim_required:
        trace.condition("clauses.exam_right", version, met=False)
        trace.condition("exam.claim_required", version, met=False)
    elif creator.right == REVOKED:
        trace.condition("clauses.exam_right_revoked", version, met=False)
    elif claimed:
        trace.condition("clauses.exam_right", version, met=True)
    if not claimed and not rules.exam_claim_required:
        trace.asked("exam.claim_required", version, met=True)


def study_grounds(violation: Violation, rules: Rules, trace: Trace) -> None:
    """The study before the exam, where that is asked."""
    version = violation.version
    if violation.studied:
        trace.condition("clauses.exam_study", version, met=True)
    elif rules.exam_study_required:
        trace.condition("clauses.exam_study", version, met=False)
        trace.condition("exam.study_required", version, met=False)
    else:
        trace.asked("exam.study_required", version, met=True)


def quota_grounds(creator: Creator, code: int, free: bool, rules: Rules, trace: Trace) -> None:
    """The exam right of the category, and until when an exam before takes it."""
    quota = creator.quotas[code]
    trace.condition("clauses.exam_quota", rules.number, met=free)
    if quota.holder != ABSENT:
        holder = creator.violations[quota.holder]
        trace.condition("exam.quota_days", holder.version, found=quota.free_on, met=free)


def mark_grounds(fact: Fact, violation: Violation, rules: Rules, trace: Trace) -> None:
    """The mark that is needed, and what a pass gives back."""
    version, passed = violation.version, fact.mark >= rules.exam_pass_mark
    trace.rests("clauses.exam_pass" if passed else "clauses.exam_fail", version)
    trace.rests("exam.pass_mark", version, found=fact.mark, met=passed)


def quota_free(creator: Creator, category: int, day: int) -> bool:
    """One exam per category in so many days, never more at once (C-052, C-053)."""
    quota = creator.quotas[category]
    return quota.holder == ABSENT or day >= quota.free_on


def take_quota(
    creator: Creator, fact: Fact, violation: Violation, rules: Rules, trace: Trace | None
) -> None:
    """Taking part uses the category's quota from the local date on (I-14, I-15)."""
    code = rules.categories[violation.category].quota
    quota = creator.quotas[code]
    quota.holder = fact.violation
    quota.free_on = fact.day + rules.exam_quota_days
    if trace is not None:
        trace.rests("exam.quota_days", violation.version)
        trace.append((QUOTA_TAKEN, code, quota.free_on, fact.at))
