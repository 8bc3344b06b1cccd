"""A rulebook as the fold reads it: one row class per concept, integers only, as in `state`."""

from __future__ import annotations  # the row classes read their own, as strings

from projections.fold.row import Row
from projections.fold.state import ABSENT, BALANCE, FOREVER, FROM_FOUND, NO_RECOVERY

BY_CATEGORY, BY_SEVERITY, SEVERAL = 1, 2, 4
MEMBER = BY_CATEGORY + BY_SEVERITY
"""What a ladder says of a category at a severity."""


class StopRule(metaclass=Row):
    feature: int = 0
    kind: int = 0
    length: int = 0
    """Microseconds, days, months or occasions, by kind."""


class FineRule(metaclass=Row):
    account: int = 0
    amount: int = 0


class NodeRule(metaclass=Row):
    counter: int = 0
    limit: int = 0
    sign: int = 1
    bound: int = 0
    every: int = 0
    """The node repeats at each further multiple of this; 0: it does not."""
    release: int = 0
    lifted_by: int = 0
    removes: int = 0
    stop_count: int = 0
    fine_count: int = 0
    stops: list[StopRule]
    fines: list[FineRule]


class CounterRule(metaclass=Row):
    sign: int = BALANCE
    initial: int = 0
    floor: int = 0
    cap: int = FOREVER
    expires: int = 0
    """Points on it expire, all or those of some categories."""
    expiry_shape: int = ABSENT
    expiry_length: int = 0
    expires_from: int = FROM_FOUND
    expiry_pauses: int = 0
    reset_months: int = 0
    """Length of the cycle from enrolment; 0: none."""
    reset_not_from: int = FOREVER
    reset_carry_from: int = FOREVER
    reset_carry: int = 0
    reset_not_while_owing: int = 0
    reset_after_stops: int = 0
    date_count: int = 0
    dates: list[int]
    """Dates of the calendar reset as 100 × month + day."""


class CategoryRule(metaclass=Row):
    """A category, or a category at one severity."""

    points: int = ABSENT
    restorable: int = ABSENT
    counter: int = 0
    quota: int = 0
    """Code of the category itself, whose exam right and ladder it shares."""
    once_per_item: int = 0
    not_after_shape: int = ABSENT
    """How long after the offence it may be found; ABSENT: however long."""
    not_after_length: int = 0
    expiry_shape: int = ABSENT
    expiry_length: int = 0
    fine_count: int = 0
    stop_count: int = 0
    fines: list[FineRule]
    stops: list[StopRule]


class StepRule(metaclass=Row):
    nth: int = 0
    points: int = ABSENT
    fine_count: int = ABSENT
    """ABSENT: the category's fines; 0: none. So with the stops."""
    stop_count: int = ABSENT
    fines: list[FineRule]
    stops: list[StopRule]


class LadderRule(metaclass=Row):
    per_category: int = 0
    batches: int = 0
    by_stops: int = 0
    """Counted are not offences but the stops before."""
    re_judged: int = 0
    says: int = 0
    """What it chooses by: BY_CATEGORY, BY_SEVERITY, and whether there are SEVERAL categories."""
    window_shape: int = ABSENT
    window_length: int = 0
    step_count: int = 0
    steps: list[StepRule]
    members: list[int]
    """Per category code: whether the ladder counts it, MEMBER where both say so."""


class LapseRule(metaclass=Row):
    """What closes a feature that is open and not used: both lengths together."""

    open_shape: int = ABSENT
    open_length: int = 0
    unused_shape: int = ABSENT
    """ABSENT where this version closes the feature never."""
    unused_length: int = 0
    stops: list[StopRule]
    """The one that closes it."""


class RunRule(metaclass=Row):
    below: int = FOREVER
    days: int = 0
    then: int = 0


class Rules(metaclass=Row):
    """One version of a rulebook, as numbers. Category codes are common to all versions."""

    number: int = 0
    """Its place among the versions."""
    in_force_at: int = 0
    in_force_on: int = 0
    """The first local day that begins under it."""
    counter_count: int = 0
    node_count: int = 0
    first_node: int = 0
    """Its place among the nodes of all versions, one version after the other."""
    ladder_count: int = 0
    lapse_count: int = 0
    overlap: int = 0
    deepest: int = 0
    recovery_cadence: int = NO_RECOVERY
    recovery_points: int = 0
    recovery_counter: int = 0
    recovery_automatic: int = 0
    recovery_not_at_floor: int = 0
    run_count: int = 0
    accrual_offered: int = 0
    accrual_points: int = 0
    accrual_pass_mark: int = 0
    accrual_days: int = 0
    accrual_counter: int = 0
    courses_counter: int = 0
    courses_at_most: int = FOREVER
    courses_not_while_stopped: int = 0
    exam_offered: int = 0
    exam_minimum_level: int = 0
    exam_reputation_above: int = 0
    exam_window_days: int = 0
    exam_answers: int = 0
    exam_pass_mark: int = 0
    exam_quota_days: int = 0
    exam_study_required: int = 0
    exam_claim_required: int = 0
    appeal_window_days: int = FOREVER
    appeal_attempts: int = 1
    effect_after_appeal: int = 0
    counters: list[CounterRule]
    nodes: list[NodeRule]
    categories: list[CategoryRule]
    ladders: list[LadderRule]
    runs: list[RunRule]
    courses: list[int]
    """Points of each course, by code; ABSENT where this version does not know it."""
    lapses: list[LapseRule]
    """By the code of the feature among those that lapse."""


class Book(metaclass=Row):
    """All versions of one rulebook, oldest first, and the zone's offsets from UTC."""

    version_count: int = 0
    automatic: int = 0
    """Some version grants recoveries as they fall due."""
    expires: int = 0
    """In some version points expire."""
    pauses: int = 0
    """In some version expiry pauses while a stop runs."""
    widest: int = 0
    """How many stops, or crossings, one step can start at most: a violation, the look at the nodes
    after it, lapses."""
    falls_back: int = 0
    """In some version a node that is lifted leaves a shallower one behind."""
    starts_late: int = 0
    """In some version stops start by more than violations: effects that waited, lapses, nodes."""
    node_count: int = 0
    """Of all versions together; the others are names that they share."""
    feature_count: int = 0
    account_count: int = 0
    grade_count: int = 0
    """Categories, and categories at a severity."""
    zone_count: int = 0
    versions: list[Rules]
    zone_from: list[int]
    zone_offset: list[int]
