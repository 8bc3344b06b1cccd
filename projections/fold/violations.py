"""Enrolment and violations: what is deducted, and what goes with it.

C-001 nothing counts before product sharing is opened; C-025 the table gives the points; C-007 to
C-009 say when a fact may give others; C-026 several at once are added up and looked at once (I-40).
"""

from projections.fold.calendar import end_of, local_day, midnight
from projections.fold.consequences import consequences, points_ground
from projections.fold.given import Fact
from projections.fold.ladders import climb
from projections.fold.measures import start_measures
from projections.fold.nodes import look
from projections.fold.resets import plan_reset
from projections.fold.rules import Book, CategoryRule, Rules
from projections.fold.score import counter_ground, deduct, due, expiry_grounds, start
from projections.fold.state import (
    ABSENT,
    AGGRAVATED,
    ALREADY_ENROLLED,
    APPLIED,
    BEFORE_FIRST_VERSION,
    CLOSES_BATCH,
    DUPLICATE_VIOLATION,
    EARLY,
    FOREVER,
    FROM_EFFECT,
    FROM_OFFENCE,
    LAW_BREACH,
    MITIGATED,
    MITIGATION_REFUSED,
    NONE,
    OUT_OF_TIME,
    OWN,
    POINTS_EXPIRED,
    POINTS_MISSING,
    REFUSED,
    SAME_ITEM,
    STANDING,
    TOOK_EFFECT,
    UNKNOWN_CATEGORY,
    Creator,
    Violation,
)
from projections.fold.trace import Trace, fails, refuse


def creator_enrolled(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Product sharing is open: every score starts (C-001, C-031). A second time changes nothing."""
    if creator.enrolled:
        return refuse(trace, ALREADY_ENROLLED, "clauses.enrolment", fact.version)
    if trace is not None:
        trace.rests("clauses.enrolment", fact.version)
    creator.enrolled = 1
    creator.enrolled_at = fact.at
    creator.enrolled_on = fact.day
    creator.level = fact.level
    creator.reputation = fact.reputation
    start(creator, book.versions[fact.version], trace)
    plan_reset(creator, fact.at, book)
    return APPLIED


def profile_changed(creator: Creator, fact: Fact, trace: Trace | None) -> int:
    """Level and reputation of 002 §1; an absent one keeps its value."""
    if trace is not None:
        trace.rests("clauses.exam_eligibility", fact.version)
    if fact.level != ABSENT:
        creator.level = fact.level
    if fact.reputation != ABSENT:
        creator.reputation = fact.reputation
    return APPLIED


def violation_found(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    reason = judge(creator, fact, book, trace)
    if fact.traits & CLOSES_BATCH:
        if trace is not None and trace.failed:
            look_apart(creator, fact, book, trace)
        else:
            look(creator, fact.version, fact.at, fact.day, book, trace)
    return reason


def look_apart(creator: Creator, fact: Fact, book: Book, trace: Trace) -> None:
    """The last of what was found together has no effect: what the others start is not its own."""
    refused = trace.grounds, trace.failed
    trace.clear()
    look(creator, fact.version, fact.at, fact.day, book, trace)
    trace.turn(fact.at, creator, found_together(creator, fact.batch, fact.at))
    trace.grounds, trace.failed = refused


def found_together(creator: Creator, batch: int, at: int) -> tuple[int, ...]:
    """The violations of a batch by slot; without one, all that were found at the instant so far."""
    found = [
        (violation.order, slot)
        for slot, violation in enumerate(creator.violations)
        if violation.state != NONE
        and violation.found_at == at
        and batch in (ABSENT, violation.batch)
    ]
    return tuple(slot for _, slot in sorted(found))


def judge(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Deduct, or say why not. A violation without effect leaves its id unknown, and free."""
    rules = book.versions[fact.version]
    violation = creator.violations[fact.violation]
    if violation.state != NONE:
        return refuse(trace, DUPLICATE_VIOLATION, "clauses.deduction", fact.version)
    points = fact.points
    table = ABSENT
    index = 0
    if fact.category != ABSENT:
        category = rules.categories[fact.category]
        table = category.points
        index = category.counter
        if points == ABSENT and table == ABSENT:
            if trace is not None:
                trace.rests("categories.*.points", fact.version, fact.category, met=False)
            return refuse(trace, POINTS_MISSING, "clauses.deduction", fact.version)
        if fact.about != ABSENT or fact.since != ABSENT:
            reason = barred(creator, fact, book, trace)
            if reason != APPLIED:
                return reason
    elif points == ABSENT:
        return refuse(trace, UNKNOWN_CATEGORY, "clauses.deduction", fact.version)
    reason = BEFORE_FIRST_VERSION if fact.traits & EARLY else APPLIED
    violation.own_points = OWN
    if points == ABSENT:
        violation.own_points = 0
        points = table
    elif fact.traits & LAW_BREACH and points < table:
        points = table  # C-009: no mitigation where the law is broken
        reason = MITIGATION_REFUSED
        violation.own_points = REFUSED
    if trace is not None:
        judged_grounds(fact, violation, rules, trace)
    enter(creator, violation, fact, index, points)
    if rules.effect_after_appeal:
        if trace is not None:
            points_ground(creator, fact.violation, rules, trace)
        wait(creator, violation, rules, book, trace)
    else:
        take_effect(creator, fact.violation, fact.at, fact.day, book, trace)
    return reason


def enter(creator: Creator, violation: Violation, fact: Fact, index: int, points: int) -> None:
    """The violation stands; nothing has been deducted for it yet."""
    creator.found += 1
    violation.state = STANDING
    violation.version = fact.version
    violation.category = fact.category
    violation.counter = index
    violation.judged = points
    violation.deducted = 0
    violation.restored = 0
    violation.expired = 0
    violation.recovered = 0
    violation.order = creator.found
    violation.about = fact.about
    violation.batch = fact.batch
    violation.waiting_until = ABSENT
    violation.ladder = ABSENT
    violation.counts_until = FOREVER
    violation.step = ABSENT
    violation.fined = ABSENT
    violation.found_at = fact.at
    violation.found_on = fact.day
    violation.since = fact.since
    violation.notice_on = fact.day
    violation.ages_from = fact.at
    violation.expires_at = FOREVER
    violation.lodged = 0
    violation.studied = 0
    violation.abandoned = 0
    violation.void_at = FOREVER
    violation.by_exam = 0
    violation.answers = 0
    violation.passed = 0
    violation.measures_from = fact.measures_from
    violation.measures_to = fact.measures_to


def judged_grounds(fact: Fact, violation: Violation, rules: Rules, trace: Trace) -> None:
    """What says that it counts, on which counter, and whether its own points are honoured."""
    trace.rests("clauses.deduction", fact.version)
    if fact.traits & EARLY and violation.own_points != REFUSED:
        trace.rests("in_force_from", fact.version, found=fact.day, met=False)
    if violation.own_points == REFUSED:
        trace.rests("clauses.mitigation_refused", fact.version)
    elif fact.traits & AGGRAVATED:
        trace.rests("clauses.aggravation", fact.version)
    elif fact.traits & MITIGATED:
        trace.rests("clauses.mitigation", fact.version)
    if violation.own_points == OWN and fact.traits & LAW_BREACH and fact.category != ABSENT:
        trace.asked("categories.*.points", fact.version, fact.category, found=fact.points)
    if not rules.effect_after_appeal:
        trace.asked("appeal.effect", fact.version)
    if fact.batch != ABSENT:
        trace.rests("clauses.batch", fact.version)


def barred(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> int:
    """Why it does not count although its category has points for it, or APPLIED."""
    rules = book.versions[fact.version]
    reason = APPLIED
    if fact.about != ABSENT and item_counted(creator, fact, rules, trace):
        reason = SAME_ITEM
    if fact.since != ABSENT and out_of_time(fact, rules.categories[fact.category], book, trace):
        reason = fails(trace, reason, OUT_OF_TIME, 1)
    return reason


def item_counted(creator: Creator, fact: Fact, rules: Rules, trace: Trace | None) -> bool:
    """Whether it is about an item for which the category counts already, and counts once."""
    once = rules.categories[fact.category].once_per_item != 0
    if not (once or trace is not None) or not item_seen(creator, fact, rules):
        return False
    if trace is not None:
        if once:
            trace.rests("categories.*.once_per_item", fact.version, fact.category, met=False)
            trace.fail(SAME_ITEM, 1)
        else:
            trace.asked("categories.*.once_per_item", fact.version, fact.category)
    return once


def out_of_time(fact: Fact, category: CategoryRule, book: Book, trace: Trace | None) -> bool:
    """Whether it was found when the limitation period of its category was over."""
    if category.not_after_shape == ABSENT or fact.since >= fact.at:
        return False
    day = local_day(fact.since, book)
    end = end_of(category.not_after_shape, category.not_after_length, fact.since, day, book)
    late = fact.at >= end
    if trace is not None:
        key = "categories.*.not_after"
        trace.add(key, fact.version, fact.category, found=day, met=not late, relied=late)
    return late


def item_seen(creator: Creator, fact: Fact, rules: Rules) -> bool:
    """Whether a standing violation of the category is about the same item."""
    quota = rules.categories[fact.category].quota
    for i in range(creator.violation_slots):
        other = creator.violations[i]
        if (
            other.state == STANDING
            and other.about == fact.about
            and other.category != ABSENT
            and rules.categories[other.category].quota == quota
        ):
            return True
    return False


def take_effect(
    creator: Creator, slot: int, at: int, day: int, book: Book, trace: Trace | None
) -> None:
    """Measures, points, their expiry, fines and stops of a violation."""
    violation = creator.violations[slot]
    rules = book.versions[violation.version]
    if violation.measures_to > violation.measures_from:
        start_measures(creator, violation.measures_from, violation.measures_to, at, trace)
    if rules.ladder_count > 0:
        climb(creator, slot, rules, book, at, trace)
    if trace is not None:
        points_ground(creator, slot, rules, trace)
        counter_ground(violation, rules, trace)
        if violation.measures_to > violation.measures_from:
            measure_grounds(violation, rules, trace)
    points = violation.judged
    if rules.counters[violation.counter].expires and expired(creator, slot, at, day, book, trace):
        points = 0
    violation.deducted = deduct(creator, violation.counter, points, rules, trace)
    if violation.category != ABSENT:
        category = rules.categories[violation.category]
        if violation.step != ABSENT or category.stop_count + category.fine_count > 0:
            consequences(creator, slot, at, day, book, trace)


def measure_grounds(violation: Violation, rules: Rules, trace: Trace) -> None:
    """The measures that go with it: the fact's own, its category's, and its severity's."""
    version, category = violation.version, violation.category
    trace.rests("clauses.correction", version)
    if category != ABSENT:
        whole = rules.categories[category].quota
        trace.asked("categories.*.measures", version, whole, met=True)
        if whole != category:
            trace.asked("categories.*.severities.*.measures", version, category, met=True)


def expired(
    creator: Creator, slot: int, at: int, day: int, book: Book, trace: Trace | None
) -> bool:
    """Whether its points have expired before they could count; else when they will."""
    violation = creator.violations[slot]
    end = expiry_of(violation, at, day, book)
    early = violation.since != ABSENT or violation.found_at < at or end <= at
    if trace is not None and end < FOREVER and early:
        expiry_grounds(creator, violation, book, trace, relied=end <= at)
    if end <= at:
        if trace is not None:
            trace.append((POINTS_EXPIRED, slot, violation.judged, end))
        return True
    violation.expires_at = end
    creator.next_expiry = min(creator.next_expiry, end)
    due(creator)
    return False


def expiry_of(violation: Violation, at: int, day: int, book: Book) -> int:
    """When its points stop counting: so long after the finding, the offence or this effect."""
    rules = book.versions[violation.version]
    counter = rules.counters[violation.counter]
    shape = counter.expiry_shape
    length = counter.expiry_length
    if violation.category != ABSENT:
        shape = rules.categories[violation.category].expiry_shape
        length = rules.categories[violation.category].expiry_length
    if shape == ABSENT:
        return FOREVER
    if counter.expires_from != FROM_EFFECT:
        at = violation.found_at
        day = violation.found_on
    if counter.expires_from == FROM_OFFENCE and violation.since != ABSENT:
        day = local_day(violation.since, book)
        at = midnight(day, book)
    violation.ages_from = max(at, violation.found_at)
    return end_of(shape, length, at, day, book)


def wait(
    creator: Creator, violation: Violation, rules: Rules, book: Book, trace: Trace | None
) -> None:
    """The effect waits for the appeal: until it is denied, or the window closes unused."""
    if trace is not None:
        trace.rests("appeal.effect", rules.number)
        trace.rests("appeal.window_days", rules.number)
    violation.waiting_until = midnight(violation.found_on + rules.appeal_window_days + 1, book)
    creator.next_effect = min(creator.next_effect, violation.waiting_until)
    due(creator)


def effects_due(creator: Creator, book: Book, trace: Trace | None) -> None:
    """Windows that closed without an appeal: what waited takes effect now."""
    at = creator.next_effect
    creator.next_effect = FOREVER
    for i in range(creator.violation_slots):
        violation = creator.violations[i]
        if violation.state == STANDING and violation.waiting_until != ABSENT:
            if violation.waiting_until <= at:
                if trace is not None:
                    trace.rests("appeal.window_days", violation.version, met=False)
                effect_now(creator, i, at, book, trace)
            else:
                creator.next_effect = min(creator.next_effect, violation.waiting_until)
    due(creator)


def effect_now(creator: Creator, slot: int, at: int, book: Book, trace: Trace | None) -> None:
    """What waited for an appeal takes effect, and the nodes are looked at."""
    violation = creator.violations[slot]
    violation.waiting_until = ABSENT
    day = local_day(at, book)
    if trace is not None:
        trace.rests("appeal.effect", violation.version)
    take_effect(creator, slot, at, day, book, trace)
    look(creator, violation.version, at, day, book, trace)
    if trace is not None:
        trace.append((TOOK_EFFECT, slot, violation.deducted, at))
