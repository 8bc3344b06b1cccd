"""Enrolment and violations: what is deducted, and what goes with it.

C-001 nothing counts before product sharing is opened; C-025 the table gives the points; C-007 to
C-009 say when a fact may give others; C-026 several at once are added up and looked at once (I-40).
"""

from projections.fold.calendar import end_of
from projections.fold.measures import demand_fines, start_measures
from projections.fold.nodes import look
from projections.fold.rules import Book
from projections.fold.score import Trace, deduct, note_expiry, start
from projections.fold.state import (
    ABSENT,
    ALREADY_ENROLLED,
    APPLIED,
    BEFORE_FIRST_VERSION,
    CLOSES_BATCH,
    DUPLICATE_VIOLATION,
    EARLY,
    FOREVER,
    LAW_BREACH,
    MITIGATION_REFUSED,
    NONE,
    POINTS_MISSING,
    STANDING,
    UNKNOWN_CATEGORY,
    Creator,
    Fact,
)


def creator_enrolled(creator: Creator, fact: Fact, book: Book) -> int:
    """Product sharing is open: every score starts (C-001, C-031). A second time changes nothing."""
    if creator.enrolled:
        return ALREADY_ENROLLED
    creator.enrolled = 1
    creator.enrolled_at = fact.at
    creator.enrolled_on = fact.day
    creator.level = fact.level
    creator.reputation = fact.reputation
    start(creator, book.versions[fact.version])
    return APPLIED


def profile_changed(creator: Creator, fact: Fact) -> int:
    """Level and reputation of 002 §1; an absent one keeps its value."""
    if fact.level != ABSENT:
        creator.level = fact.level
    if fact.reputation != ABSENT:
        creator.reputation = fact.reputation
    return APPLIED


def violation_found(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    reason = judge(creator, fact, book, trace)
    if fact.traits & CLOSES_BATCH:
        look(creator, fact, book, trace)
    return reason


def judge(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Deduct, or say why not. A violation without effect leaves its id unknown, and free."""
    rules = book.versions[fact.version]
    violation = creator.violations[fact.violation]
    if violation.state != NONE:
        return DUPLICATE_VIOLATION
    points = fact.points
    table = ABSENT
    index = 0
    if fact.category != ABSENT:
        category = rules.categories[fact.category]
        table = category.points
        index = category.counter
        if points == ABSENT and table == ABSENT:
            return POINTS_MISSING
    elif points == ABSENT:
        return UNKNOWN_CATEGORY
    reason = BEFORE_FIRST_VERSION if fact.traits & EARLY else APPLIED
    if points == ABSENT:
        points = table
    elif fact.traits & LAW_BREACH and points < table:
        points = table  # C-009: no mitigation where the law is broken
        reason = MITIGATION_REFUSED
    violation.state = STANDING
    violation.version = fact.version
    violation.category = fact.category
    violation.counter = index
    violation.judged = points
    violation.deducted = deduct(creator, index, points, rules)
    violation.restored = 0
    violation.expired = 0
    violation.found_at = fact.at
    violation.found_on = fact.day
    violation.notice_on = fact.day
    violation.expires_at = FOREVER
    violation.lodged = 0
    violation.studied = 0
    violation.abandoned = 0
    violation.answers = 0
    violation.passed = 0
    violation.measures_from = fact.measures_from
    violation.measures_to = fact.measures_to
    expiry = rules.counters[index]
    if expiry.expiry_shape != ABSENT:
        violation.expires_at = end_of(
            expiry.expiry_shape, expiry.expiry_length, fact.at, fact.day, book
        )
        note_expiry(creator, violation)
    if fact.measures_to > fact.measures_from:
        start_measures(creator, fact.measures_from, fact.measures_to, fact.at, trace)
    if fact.category != ABSENT and rules.categories[fact.category].fine_count > 0:
        demand_fines(creator, violation, 1, fact.at, rules, trace)
    return reason
