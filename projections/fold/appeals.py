"""Appeals: contested once and in time, granted whole or in part, or denied (003 §3.4).

A whole grant voids the violation from its own instant on and gives back what was taken and has not
come back yet (C-020, C-021, C-074, C-075; delta, I-08). A denied, late or absent appeal changes
nothing (C-022 to C-024). The version that judged the violation keeps judging its appeal.
"""

from projections.fold.measures import demand_fines, end_measures
from projections.fold.nodes import end_while_triggered, lift
from projections.fold.rules import Book, Rules
from projections.fold.score import Trace, credit, outstanding
from projections.fold.state import (
    ABSENT,
    ALREADY_APPEALED,
    APPLIED,
    BY_APPEAL,
    CLOSED_BY_APPEAL,
    NONE,
    QUOTA_RETURNED,
    UNKNOWN_VIOLATION,
    VOID,
    WINDOW_CLOSED,
    Creator,
    Fact,
    Violation,
)


def not_open(violation: Violation) -> int:
    """Why nothing can be done about a violation any more, or APPLIED."""
    if violation.state == NONE:
        return UNKNOWN_VIOLATION
    if violation.state == VOID:
        return CLOSED_BY_APPEAL
    return APPLIED


def appeal_lodged(creator: Creator, fact: Fact, book: Book) -> int:
    """In time and once (C-017, I-32). Lodging pauses nothing (C-024)."""
    violation = creator.violations[fact.violation]
    reason = not_open(violation)
    if reason != APPLIED:
        return reason
    rules = book.versions[violation.version]
    if fact.day - violation.found_on > rules.appeal_window_days:
        return WINDOW_CLOSED
    if violation.lodged >= rules.appeal_attempts:
        return ALREADY_APPEALED
    violation.lodged += 1
    return APPLIED


def appeal_denied(creator: Creator, fact: Fact) -> int:
    """Nothing is withdrawn and nothing ends (C-023)."""
    return not_open(creator.violations[fact.violation])


def appeal_granted(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Honoured whether or not it was lodged in time: the authority decides."""
    violation = creator.violations[fact.violation]
    reason = not_open(violation)
    if reason != APPLIED:
        return reason
    rules = book.versions[violation.version]
    left = outstanding(violation)
    if fact.points == ABSENT or fact.points >= violation.judged:
        make_void(creator, fact, violation, rules, trace)
    else:
        left = min(fact.points, left)
    restore(creator, violation, left, BY_APPEAL, fact.at, rules, trace)
    return APPLIED


def make_void(
    creator: Creator, fact: Fact, violation: Violation, rules: Rules, trace: Trace | None
) -> None:
    """The violation is void: its measures end, its exam closes, its quota returns (C-073 ff.)."""
    violation.state = VOID
    end_measures(creator, violation, fact.at, trace)
    if violation.category == ABSENT:
        return
    if rules.categories[violation.category].fine_count > 0:
        demand_fines(creator, violation, -1, fact.at, rules, trace)
    quota = creator.quotas[violation.category]
    if quota.holder == fact.violation:
        quota.holder = ABSENT
        if fact.day < quota.free_on and trace is not None:
            trace.append((QUOTA_RETURNED, violation.category, 0, fact.at))


def restore(
    creator: Creator,
    violation: Violation,
    nominal: int,
    by: int,
    at: int,
    rules: Rules,
    trace: Trace | None,
) -> None:
    """Give points of a violation back, then see which stops that lifts (C-065, I-09)."""
    index = violation.counter
    violation.restored += credit(creator, index, nominal, rules)
    creator.nominal = rules.counters[index].sign * nominal
    creator.counters[index].lifting += creator.nominal
    if creator.watching:
        end_while_triggered(creator, at, rules, trace)
    if creator.stops_open < creator.stops_made:
        lift(creator, by, at, rules, trace)
