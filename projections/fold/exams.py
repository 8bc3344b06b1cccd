"""The exam in place of a penalty (002): its conditions, in the order of the law, and its effect.

A pass gives back the points that its category lists, and no more than were taken and have not come
back (C-051, C-055). The violation stays: it still counts, and its measures stay (C-064, C-067).
The version that judged the violation keeps judging its exam.
"""

from projections.fold.appeals import not_open, restore
from projections.fold.given import Fact
from projections.fold.rules import Book, Rules
from projections.fold.score import Trace
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


def exam_right_claimed(creator: Creator) -> int:
    """The right must be claimed before it is used (C-046)."""
    creator.right = CLAIMED
    creator.claimed_ever = 1
    return APPLIED


def exam_right_revoked(creator: Creator) -> int:
    """The platform may take the right away (C-045, C-062)."""
    creator.right = REVOKED
    return APPLIED


def exam_invited(creator: Creator, fact: Fact) -> int:
    """The notice from which the window runs (C-056, I-34); a further one moves the window."""
    violation = creator.violations[fact.violation]
    reason = not_open(violation)
    if reason == APPLIED:
        violation.notice_on = fact.day
    return reason


def exam_studied(creator: Creator, fact: Fact) -> int:
    """The study that comes before the exam (C-050)."""
    violation = creator.violations[fact.violation]
    reason = not_open(violation)
    if reason == APPLIED:
        violation.studied = 1
    return reason


def exam_abandoned(creator: Creator, fact: Fact) -> int:
    """Given up for good; takes and returns no quota (C-061)."""
    violation = creator.violations[fact.violation]
    reason = not_open(violation)
    if reason == APPLIED:
        violation.abandoned = 1
    return reason


def exam_sat(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """One answer: conditions, quota, mark (C-041 to C-060)."""
    violation = creator.violations[fact.violation]
    reason = not_open(violation)
    if reason != APPLIED:
        return reason
    rules = book.versions[violation.version]
    reason = why_not(creator, fact, violation, rules)
    if reason != APPLIED:
        return reason
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
        restore(creator, violation, nominal, BY_EXAM, fact.at, book, trace)
    return APPLIED


def why_not(creator: Creator, fact: Fact, violation: Violation, rules: Rules) -> int:
    """The first condition of 002 that an answer fails, or APPLIED. All are asked at each answer."""
    if not covered(violation, rules):
        return NOT_COVERED
    if not eligible(creator, rules):
        return NOT_ELIGIBLE
    if rules.exam_claim_required and not creator.claimed_ever:
        return RIGHT_NOT_CLAIMED
    if creator.right == REVOKED:
        return RIGHT_REVOKED
    if rules.exam_study_required and not violation.studied:
        return NOT_STUDIED
    if violation.passed:
        return ALREADY_PASSED
    if violation.abandoned:
        return ABANDONED
    if violation.answers >= rules.exam_answers:
        return ANSWERS_USED_UP
    if fact.day - violation.notice_on > rules.exam_window_days:
        return WINDOW_CLOSED
    category = rules.categories[violation.category]
    if violation.answers == 0 and not quota_free(creator, category.quota, fact.day):
        return QUOTA_USED
    return APPLIED


def covered(violation: Violation, rules: Rules) -> bool:
    """Only the categories that the version lists have an exam (C-054, C-063)."""
    return (
        rules.exam_offered != 0
        and violation.category != ABSENT
        and rules.categories[violation.category].restorable != ABSENT
    )


def eligible(creator: Creator, rules: Rules) -> bool:
    """Level and reputation, both (C-042 to C-044); what is unknown is not eligible."""
    return (
        creator.level >= rules.exam_minimum_level
        and creator.reputation > rules.exam_reputation_above
    )


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
        trace.append((QUOTA_TAKEN, code, 0, fact.at))
