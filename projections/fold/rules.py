"""A rulebook as the fold reads it: one row class per concept, integers only, as in `state`."""

from __future__ import annotations  # the row classes read their own, as strings

from projections.fold.state import ABSENT, BALANCE, FOREVER, NO_RECOVERY, Row


class StopRule(metaclass=Row):
    feature: int = 0
    kind: int = 0
    length: int = 0
    """Microseconds, days, months or occasions, by kind."""


class NodeRule(metaclass=Row):
    counter: int = 0
    limit: int = 0
    sign: int = 1
    bound: int = 0
    lifted_by: int = 0
    removes: int = 0
    stop_count: int = 0
    stops: list[StopRule]


class CounterRule(metaclass=Row):
    sign: int = BALANCE
    initial: int = 0
    floor: int = 0
    cap: int = FOREVER
    expiry_shape: int = ABSENT
    expiry_length: int = 0


class FineRule(metaclass=Row):
    account: int = 0
    amount: int = 0


class CategoryRule(metaclass=Row):
    points: int = ABSENT
    restorable: int = ABSENT
    counter: int = 0
    fine_count: int = 0
    fines: list[FineRule]


class RunRule(metaclass=Row):
    below: int = FOREVER
    days: int = 0


class Rules(metaclass=Row):
    """One version of a rulebook, as numbers. Category codes are common to all versions."""

    in_force_at: int = 0
    counter_count: int = 0
    node_count: int = 0
    recovery_cadence: int = NO_RECOVERY
    recovery_points: int = 0
    recovery_counter: int = 0
    run_count: int = 0
    accrual_offered: int = 0
    accrual_points: int = 0
    accrual_pass_mark: int = 0
    accrual_days: int = 0
    accrual_counter: int = 0
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
    counters: list[CounterRule]
    nodes: list[NodeRule]
    categories: list[CategoryRule]
    runs: list[RunRule]


class Book(metaclass=Row):
    """All versions of one rulebook, oldest first, and the zone's offsets from UTC."""

    version_count: int = 0
    zone_count: int = 0
    versions: list[Rules]
    zone_from: list[int]
    zone_offset: list[int]
