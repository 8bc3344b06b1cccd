"""What the fold reads and writes: codes, and one row class per concept.

Every field is an integer, so that the very same functions run on these objects in CPython and,
compiled, on rows in memory of the same field names (`replay.population`). A list field is a list
here and the address of rows there. Points are hundredths, instants UTC microseconds, days local
calendar days since 1970-01-01 in the rulebook's zone. Rows are filled when they come into being;
until then only `state` (or what marks a row as unused) means anything.
"""

from __future__ import annotations  # the row classes read their own, as strings

from ledger.facts.types import FACT_TYPES, TYPE_NAME
from projections.fold.row import Row

DAY = 86_400_000_000
FOREVER = 2**62
"""An instant or a day that never comes: permanent, not known, nothing due."""
ABSENT = -1
"""An optional figure or name that the fact or the rulebook does not give."""

# Kinds of facts: the place in FACT_TYPES.
(
    CREATOR_ENROLLED,
    PROFILE_CHANGED,
    VIOLATION_FOUND,
    APPEAL_LODGED,
    APPEAL_GRANTED,
    APPEAL_DENIED,
    EXAM_RIGHT_CLAIMED,
    EXAM_RIGHT_REVOKED,
    EXAM_INVITED,
    EXAM_STUDIED,
    EXAM_ABANDONED,
    EXAM_SAT,
    RULES_EXAM_SAT,
    RECOVERY_GRANTED,
    MEASURE_IMPOSED,
    MEASURE_LIFTED,
    MONEY_POSTED,
    FACT_RETRACTED,
    OCCASION_HELD,
    COURSE_TAKEN,
    DAY_QUALIFIED,
    RULEBOOK_ADOPTED,
    FEATURE_OPENED,
    FEATURE_USED,
) = range(len(FACT_TYPES))
KINDS = tuple(TYPE_NAME[t] for t in FACT_TYPES)


def _words(known: frozenset[str]) -> tuple[str, ...]:
    """The public words of the codes that were named since: their names, in lower case."""
    return tuple(name.lower() for name in globals() if name.isupper() and name not in known)


# Why a ruling is as it is.
APPLIED = 0
_known = frozenset(globals())
(
    NOT_ENROLLED,
    ALREADY_ENROLLED,
    UNKNOWN_VIOLATION,
    CLOSED_BY_APPEAL,
    DUPLICATE_VIOLATION,
    UNKNOWN_CATEGORY,
    POINTS_MISSING,
    MITIGATION_REFUSED,
    BEFORE_FIRST_VERSION,
    WINDOW_CLOSED,
    ALREADY_APPEALED,
    NOT_COVERED,
    NOT_ELIGIBLE,
    RIGHT_NOT_CLAIMED,
    RIGHT_REVOKED,
    NOT_STUDIED,
    ALREADY_PASSED,
    ABANDONED,
    ANSWERS_USED_UP,
    QUOTA_USED,
    ALREADY_GRANTED,
    CLOSED,
    NOT_A_PASS,
    LIMIT_REACHED,
    NOT_OFFERED,
    RETRACTED,
    UNKNOWN_EVENT,
    NOT_RETRACTABLE,
    SAME_ITEM,
    AUTOMATIC,
    NOT_OPEN,
    OUT_OF_TIME,
) = range(1, 33)
REASONS = ("", *_words(_known))
APPLIED_WITH_REASON = frozenset({APPLIED, MITIGATION_REFUSED, BEFORE_FIRST_VERSION})

_known = frozenset(globals())
# Effects of a step. `trace` receives (effect, row, amount, at).
(
    NODE_STARTED,
    NODE_LIFTED,
    NODE_SERVED,
    QUOTA_TAKEN,
    QUOTA_RETURNED,
    MEASURE_STARTED,
    MEASURE_ENDED,
    POINTS_EXPIRED,
    POINTS_REMOVED,
    MONEY_DUE,
    MONEY_RELEASED,
    RECOVERY_DUE,
    EXAM_PASSED,
    EXAM_FAILED,
    SCORE_RESET,
    TOOK_EFFECT,
    STEP_REACHED,
    RE_JUDGED,
    NODE_MOVED,
) = range(19)
EFFECTS = _words(_known)

# States of rows.
NONE, STANDING, VOID = range(3)
RUNNING, SERVED, LIFTED = 1, 2, 3
UNCLAIMED, CLAIMED, REVOKED = range(3)

# Rulebook words.
BALANCE, TALLY = 1, -1
FROM_FOUND, FROM_OFFENCE, FROM_EFFECT = 0, 1, 2
"""The sign that a credit has: up on a balance, down on a tally."""
EXACT, NATURAL_DAYS, MONTHS, OCCASIONS, PERMANENT, WHILE_TRIGGERED, UNTIL_OPENED = range(7)
BY_APPEAL, BY_EXAM = 1, 2
NO_RECOVERY, MONTHLY, CLEAN_DAYS, QUALIFIED_DAYS = range(4)
MAX, SUM, RESTART = range(3)
GRANTED_BY_FACT, GRANTED_AS_DUE, GRANTED_BY_RULE = range(3)
"""How recoveries come: recorded; all as due, in a simulation; as due where the rulebook says so."""

# Traits of a fact.
LAW_BREACH, CLOSES_BATCH, EARLY, AGGRAVATED, MITIGATED = 1, 2, 4, 8, 16
"""Law broken; last of its batch (or alone); before the first version was in force; own points with
a ground on the one side or the other."""
OWN, REFUSED = 1, 2
"""Points that the fact gave: they count, or the table's were taken instead. 0: it gave none."""


class Violation(metaclass=Row):
    """One violation of the creator, by slot."""

    state: int
    version: int
    category: int
    counter: int
    judged: int
    deducted: int
    restored: int
    expired: int
    recovered: int
    """What recoveries have made up for, where points expire; an appeal does not look at it."""
    own_points: int
    """Whether the fact gave its points (OWN, REFUSED): no ladder changes them."""
    order: int
    """Which violation of the creator it is, in replay."""
    about: int
    """The item that it is about, by slot."""
    batch: int
    waiting_until: int
    """Its effect waits for the appeal until then; ABSENT once it has taken effect."""
    ladder: int
    counts_until: int
    """When it leaves the ladder's window."""
    step: int
    fined: int
    """The step whose fines it owes: no grant makes them higher. ABSENT: its category's."""
    found_at: int
    found_on: int
    since: int
    """When it was committed; ABSENT: when it was found."""
    notice_on: int
    """Local day of the latest exam invitation, else of the finding."""
    ages_from: int
    """When the time to its expiry begins to run; no stop before that puts it off."""
    expires_at: int
    lodged: int
    studied: int
    abandoned: int
    answers: int
    passed: int
    by_exam: int
    """What an exam has given back of it."""
    void_at: int
    """When an appeal against it was granted; FOREVER while it stands."""
    measures_from: int
    measures_to: int


class Crossing(metaclass=Row):
    """A node crossed once: RUNNING until it is LIFTED, however its stops end."""

    state: int
    started_at: int
    lifted_at: int
    version: int
    node: int
    limit: int
    """Of the deepest multiple crossed. Those after `above` and up to `standing` are not lifted."""
    above: int
    standing: int
    looked: int
    """The score at the look before."""
    reached: int
    """The score at which it was crossed."""
    fined: int
    """The node whose fines it demands: no grant makes them higher."""
    lifting_start: int
    """Lifting score less the counter's `lifting` at the start: L = lifting_start + lifting now."""
    stops_from: int
    stops_to: int


class Stop(metaclass=Row):
    """One feature of one crossed node: its own instance with its own clock."""

    state: int
    version: int
    node: int
    """ABSENT where a violation stops the feature by itself, and where the feature lapsed."""
    violation: int
    """Slot of the violation that stops the feature by itself, without a node; one is ABSENT."""
    crossing: int
    """Row of the crossing that started it; ABSENT as `node`."""
    feature: int
    place: int
    """In the line of those that wait for each other: its own number, or that of the stop in whose
    place it goes on."""
    counter: int
    """ABSENT where the feature lapsed: no score has a part in that."""
    kind: int
    length: int
    occasions: int
    """Left; of one for good those held since, below zero."""
    decided_at: int
    started_at: int
    """Later than it was decided where it waits for others to end."""
    until: int
    planned_from: int
    """What was planned when it was decided."""
    planned_until: int


class Counter(metaclass=Row):
    """A score. `looked` is the score that the next look at the nodes compares with."""

    score: int
    looked: int
    lifting: int
    permanent: int
    """Running stops of permanent length on this counter."""
    running: int
    """All its running stops."""
    stopped_since: int
    """While any runs: since when there has been one without a break."""
    reset_waiting: int


class Quota(metaclass=Row):
    """The exam right of one category: taken by `holder` until `free_on`."""

    holder: int
    free_on: int


class Measure(metaclass=Row):
    """A measure on the creator: of a violation, or imposed (`violation` ABSENT)."""

    state: int
    name: int
    violation: int
    before: int
    started_at: int
    until: int


class Account(metaclass=Row):
    """Money of one account and currency, in minor units."""

    demanded: int
    posted: int


class Period(metaclass=Row):
    """One recovery period."""

    awarded: int


class Feature(metaclass=Row):
    """A feature that lapses where it is not used."""

    state: int
    """NONE before it is opened, RUNNING while it is open, SERVED once it has lapsed."""
    opened_at: int
    opened_on: int
    used_at: int
    """The latest use, and its local day; the opening where there was none since."""
    used_on: int
    lapses_at: int
    """FOREVER where it does not, as things stand."""
    stop: int
    """Row of its stop, once it has lapsed."""


class Creator(metaclass=Row):
    """All that the fold knows of one creator."""

    enrolled: int
    enrolled_at: int
    enrolled_on: int
    level: int
    reputation: int
    right: int
    claimed_ever: int
    revoked_at: int
    """When the right to exams was taken away last."""
    rules_exam_free_on: int
    rules_exam_version: int
    """Of the rulebook that says so."""
    award_closed_on: int
    """Last day that the latest recovery closed."""
    recoveries_from: int
    """Day whose recovery, in a simulation, was dealt with last."""
    crossings_made: int
    stops_made: int
    crossings_open: int
    stops_open: int
    """Before these rows there is nothing left to lift, and no running stop."""
    watching: int
    """Running stops that last while their node is triggered."""
    next_end: int
    next_expiry: int
    next_effect: int
    next_reset: int
    next_lapse: int
    next_due: int
    """The earliest of these: before it, advancing changes nothing."""
    recoveries: int
    """How they come: GRANTED_…"""
    found: int
    """How many violations there have been."""
    qualified_days: int
    qualified_on: int
    """The latest of them."""
    course_points: int
    nominal: int
    """Of the step just ruled: the amount before cap and floor, and the counter it touched."""
    touched: int
    violation_slots: int
    account_slots: int
    feature_slots: int
    told: int
    """Of all that was brought about one number, where many are folded and that is asked for."""
    counters: list[Counter]
    violations: list[Violation]
    crossings: list[Crossing]
    stops: list[Stop]
    quotas: list[Quota]
    measures: list[Measure]
    accounts: list[Account]
    periods: list[Period]
    features: list[Feature]
