"""A rulebook's versions as the numbers that the fold reads, and the names behind the codes.

Categories, features and demanded accounts have one code for all versions, so that a quota or a stop
survives a switch of version. The zone becomes a list of offsets: the fold asks no clock.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger.currencies import DECIMALS
from ledger.rulebook import (
    Category,
    Counter,
    Courses,
    Duration,
    Fine,
    Ladder,
    Node,
    Reset,
    Rulebook,
    Severity,
    Step,
    Stop,
)
from projections.fold.rules import (
    Book,
    CategoryRule,
    CounterRule,
    FineRule,
    LadderRule,
    NodeRule,
    Rules,
    RunRule,
    StepRule,
    StopRule,
)
from projections.fold.state import (
    ABSENT,
    BALANCE,
    BY_APPEAL,
    BY_EXAM,
    CLEAN_DAYS,
    DAY,
    EXACT,
    FOREVER,
    MAX,
    MONTHLY,
    MONTHS,
    NATURAL_DAYS,
    OCCASIONS,
    PERMANENT,
    QUALIFIED_DAYS,
    RESTART,
    SUM,
    TALLY,
    WHILE_TRIGGERED,
)
from projections.zones import offsets

HOUR = DAY // 24
BAD_SIDE = {"below": (1, -1), "at_or_below": (1, 0), "at_or_above": (-1, 0), "above": (-1, -1)}
"""Per word of a node: the sign, and what to add so that `sign * score <= bound` says bad."""
LIFTS = {"appeal": BY_APPEAL, "exam": BY_EXAM}
CADENCES = {"monthly": MONTHLY, "clean_days": CLEAN_DAYS, "qualified_days": QUALIFIED_DAYS}
OVERLAPS = {"max": MAX, "sum": SUM, "restart": RESTART}


class Names(Struct):
    """What the codes stand for; the fold knows numbers only."""

    counters: tuple[str, ...]
    categories: dict[str, int] = {}
    severities: dict[tuple[str, str], int] = {}
    """(category, severity), after all categories."""
    features: dict[str, int] = {}
    courses: dict[str, int] = {}
    accounts: dict[tuple[str, str], int] = {}
    """(account, currency) that some version demands money on."""


Coded = tuple[int, tuple[str, ...]]
"""A code, and the measures that go with it."""


class Tables(Struct):
    """The versions of one rulebook, and the same as numbers."""

    rulebooks: tuple[Rulebook, ...]
    book: Book
    names: Names
    categories: tuple[dict[str, Coded], ...]
    """Per version."""
    severities: tuple[dict[tuple[str, str], Coded], ...]
    first_at: int
    """When the first version came into force."""


def hundredths(value: Decimal) -> int:
    return int((value * 100).to_integral_exact())


def compile_tables(rulebooks: Sequence[Rulebook]) -> Tables:
    """Number the versions of one rulebook, oldest first. They share one zone and their counters."""
    names = Names(tuple(rulebooks[0].counters))
    for rulebook in rulebooks:
        for category in rulebook.categories:
            names.categories.setdefault(category, len(names.categories))
        for course in rulebook.courses.points if rulebook.courses else ():
            names.courses.setdefault(course, len(names.courses))
        for stop in _stops(rulebook):
            names.features.setdefault(stop.feature, len(names.features))
    for rulebook in rulebooks:
        for name, graded in rulebook.categories.items():
            for severity in graded.severities:
                code = len(names.categories) + len(names.severities)
                names.severities.setdefault((name, severity), code)
    book = Book()
    book.versions = [_rules(rulebook, names) for rulebook in rulebooks]
    book.version_count = len(book.versions)
    book.automatic = int(any(rules.recovery_automatic for rules in book.versions))
    book.zone_from, book.zone_offset = offsets(rulebooks[0].zone)
    book.zone_count = len(book.zone_from)
    categories = tuple(
        {name: (names.categories[name], c.measures) for name, c in rulebook.categories.items()}
        for rulebook in rulebooks
    )
    severities = tuple(
        {
            (name, word): (names.severities[name, word], c.measures + severity.measures)
            for name, c in rulebook.categories.items()
            for word, severity in c.severities.items()
        }
        for rulebook in rulebooks
    )
    first_at = book.versions[0].in_force_at
    return Tables(tuple(rulebooks), book, names, categories, severities, first_at)


def _stops(rulebook: Rulebook) -> Iterator[Stop]:
    for node in rulebook.nodes.values():
        yield from node.stops
    for category in rulebook.categories.values():
        yield from category.stops
        for severity in category.severities.values():
            yield from severity.stops
    for ladder in rulebook.ladders.values():
        for step in ladder.steps:
            yield from step.stops


def _rules(rulebook: Rulebook, names: Names) -> Rules:
    rules = Rules()
    start = datetime.combine(
        rulebook.in_force_from, datetime.min.time(), ZoneInfo(rulebook.zone)
    ).astimezone(UTC)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    rules.in_force_at = (start - epoch) // timedelta(microseconds=1)
    rules.counters = [_counter(counter) for counter in rulebook.counters.values()]
    rules.counter_count = len(rules.counters)
    rules.nodes = [_node(node, names) for node in rulebook.nodes.values()]
    rules.node_count = len(rules.nodes)
    rules.overlap = OVERLAPS[rulebook.overlap]
    rules.deepest = int(rulebook.crossing == "deepest")
    rules.categories = _categories(rulebook, rules, names)
    rules.ladders = [_ladder(ladder, names) for ladder in rulebook.ladders.values()]
    rules.ladder_count = len(rules.ladders)
    rules.courses = [ABSENT] * len(names.courses)
    _courses(rules, rulebook.courses, names)
    _recovery(rules, rulebook, names)
    _exam(rules, rulebook)
    if rulebook.appeal.window_days is not None:
        rules.appeal_window_days = rulebook.appeal.window_days
    rules.appeal_attempts = rulebook.appeal.attempts
    rules.effect_after_appeal = int(rulebook.appeal.effect == "after_appeal")
    return rules


def _code(counter: str, names: Names) -> int:
    return names.counters.index(counter) if counter else 0


def _counter(counter: Counter) -> CounterRule:
    rule = CounterRule()
    rule.sign = BALANCE if counter.direction == "balance" else TALLY
    rule.initial = hundredths(counter.initial)
    rule.floor = hundredths(counter.floor)
    if counter.cap is not None:
        rule.cap = hundredths(counter.cap)
    rule.expires_from_offence = int(counter.expires_from == "offence")
    rule.expiry_shape, rule.expiry_length = _duration(counter.expires_after)
    rule.dates = []
    if counter.reset is not None:
        _reset(rule, counter.reset)
    return rule


def _reset(rule: CounterRule, reset: Reset) -> None:
    rule.dates = [int(date[:2]) * 100 + int(date[3:]) for date in reset.on]
    rule.date_count = len(rule.dates)
    rule.reset_months = reset.every_months or 0
    if reset.not_from is not None:
        rule.reset_not_from = -rule.sign * hundredths(reset.not_from)
    if reset.carry_from is not None:
        rule.reset_carry_from = -rule.sign * hundredths(reset.carry_from)
    rule.reset_carry = rule.initial if reset.carry is None else hundredths(reset.carry)
    rule.reset_not_while_owing = int(reset.not_while_owing)
    rule.reset_after_stops = int(reset.after_stops)


def _duration(after: Duration | None) -> tuple[int, int]:
    if after is None:
        return ABSENT, 0
    return _length(after.hours, after.days, after.natural_days, after.months)


def _length(
    hours: int | None, days: int | None, natural_days: int | None, months: int | None
) -> tuple[int, int]:
    if hours is not None:
        return EXACT, hours * HOUR
    if days is not None:
        return EXACT, days * DAY
    if natural_days is not None:
        return NATURAL_DAYS, natural_days
    assert months is not None
    return MONTHS, months


def _node(node: Node, names: Names) -> NodeRule:
    rule = NodeRule()
    rule.counter = _code(node.counter, names)
    for word, (sign, more) in BAD_SIDE.items():
        limit = getattr(node, word)
        if limit is not None:
            rule.limit = hundredths(limit)
            rule.sign, rule.bound = sign, sign * rule.limit + more
    rule.lifted_by = sum(LIFTS[word] for word in node.lifted_by)
    rule.removes = hundredths(node.removes) if node.removes is not None else 0
    rule.every = hundredths(node.every) if node.every is not None else 0
    rule.release = rule.bound
    if node.release_at is not None:
        rule.release = rule.sign * hundredths(node.release_at) - 1
    rule.stops = [_stop(stop, names) for stop in node.stops]
    rule.stop_count = len(rule.stops)
    rule.fines = _fines(node.fines, names)
    rule.fine_count = len(rule.fines)
    return rule


def _stop(stop: Stop, names: Names) -> StopRule:
    rule = StopRule()
    rule.feature = names.features[stop.feature]
    if stop.permanent:
        rule.kind = PERMANENT
    elif stop.while_triggered:
        rule.kind = WHILE_TRIGGERED
    elif stop.occasions is not None:
        rule.kind, rule.length = OCCASIONS, stop.occasions
    else:
        rule.kind, rule.length = _length(stop.hours, stop.days, stop.natural_days, stop.months)
    return rule


def _categories(rulebook: Rulebook, rules: Rules, names: Names) -> list[CategoryRule]:
    """By code: the categories, then each of them at each severity."""
    rows = [CategoryRule() for _ in range(len(names.categories) + len(names.severities))]
    for row in rows:
        row.fines, row.stops = [], []
    for name, category in rulebook.categories.items():
        code = names.categories[name]
        rows[code] = _category(category, Severity(), code, rules, names)
        for word, severity in category.severities.items():
            row = _category(category, severity, code, rules, names)
            rows[names.severities[name, word]] = row
    for counter, rule in enumerate(rules.counters):
        mine = [row for row in rows if row.counter == counter]
        expires = rule.expiry_shape != ABSENT
        rule.expires = int(expires or any(row.expiry_shape != ABSENT for row in mine))
    return rows


def _category(
    category: Category, severity: Severity, code: int, rules: Rules, names: Names
) -> CategoryRule:
    rule = CategoryRule()
    points = category.points if severity.points is None else severity.points
    restorable = category.restorable if severity.restorable is None else severity.restorable
    if points is not None:
        rule.points = hundredths(points)
    if restorable is not None:
        rule.restorable = hundredths(restorable)
    rule.counter = _code(category.counter, names)
    rule.quota = code
    rule.once_per_item = int(category.once_per_item)
    rule.expiry_shape, rule.expiry_length = _duration(category.expires_after)
    if category.expires_after is None:
        counter = rules.counters[rule.counter]
        rule.expiry_shape, rule.expiry_length = counter.expiry_shape, counter.expiry_length
    rule.fines = _fines(severity.fines or category.fines, names)
    rule.fine_count = len(rule.fines)
    rule.stops = [_stop(stop, names) for stop in severity.stops or category.stops]
    rule.stop_count = len(rule.stops)
    return rule


def _fines(fines: Sequence[Fine], names: Names) -> list[FineRule]:
    rows = []
    for fine in fines:
        row = FineRule()
        row.account = names.accounts.setdefault((fine.account, fine.currency), len(names.accounts))
        row.amount = int(fine.amount.scaleb(DECIMALS[fine.currency]))
        rows.append(row)
    return rows


def _ladder(ladder: Ladder, names: Names) -> LadderRule:
    rule = LadderRule()
    rule.per_category = int(ladder.per == "category")
    rule.batches = int(ladder.counts == "batches")
    rule.re_judged = int(ladder.after_void == "re_judged")
    rule.window_shape, rule.window_length = _duration(ladder.within)
    rule.steps = [_step(step, names) for step in sorted(ladder.steps, key=lambda step: step.nth)]
    rule.step_count = len(rule.steps)
    rule.members = [0] * (len(names.categories) + len(names.severities))
    for name, code in names.categories.items():
        named = not ladder.categories or name in ladder.categories
        rule.members[code] = int(named and not ladder.severities)
    for (name, word), code in names.severities.items():
        named = not ladder.categories or name in ladder.categories
        rule.members[code] = int(named and (not ladder.severities or word in ladder.severities))
    return rule


def _step(step: Step, names: Names) -> StepRule:
    rule = StepRule()
    rule.nth = step.nth
    if step.points is not None:
        rule.points = hundredths(step.points)
    rule.fines = _fines(step.fines, names)
    rule.fine_count = len(rule.fines)
    rule.stops = [_stop(stop, names) for stop in step.stops]
    rule.stop_count = len(rule.stops)
    return rule


def _courses(rules: Rules, courses: Courses | None, names: Names) -> None:
    if courses is None:
        return
    for name, points in courses.points.items():
        rules.courses[names.courses[name]] = hundredths(points)
    rules.courses_counter = _code(courses.counter, names)
    if courses.at_most is not None:
        rules.courses_at_most = hundredths(courses.at_most)
    rules.courses_not_while_stopped = int(courses.not_while_stopped)


def _recovery(rules: Rules, rulebook: Rulebook, names: Names) -> None:
    rules.runs = []
    recovery, accrual = rulebook.recovery, rulebook.accrual_exam
    if recovery is not None:
        rules.recovery_cadence = CADENCES[recovery.cadence]
        rules.recovery_points = hundredths(recovery.points)
        rules.recovery_counter = _code(recovery.counter, names)
        rules.recovery_automatic = int(recovery.automatic)
        rules.recovery_not_at_floor = int(recovery.not_at_floor)
        for run in recovery.runs:
            row = RunRule()
            row.days = run.days
            row.then = run.then or 0
            row.below = FOREVER if run.below is None else hundredths(run.below)
            rules.runs.append(row)
        rules.run_count = len(rules.runs)
    if accrual is not None:
        rules.accrual_offered = 1
        rules.accrual_points = hundredths(accrual.points)
        rules.accrual_pass_mark = hundredths(accrual.pass_mark)
        rules.accrual_days = accrual.per_days
        rules.accrual_counter = _code(accrual.counter, names)


def _exam(rules: Rules, rulebook: Rulebook) -> None:
    exam = rulebook.exam
    if exam is None:
        return
    rules.exam_offered = 1
    rules.exam_minimum_level = exam.minimum_level
    rules.exam_reputation_above = hundredths(exam.reputation_above)
    rules.exam_window_days = exam.window_days
    rules.exam_answers = exam.answers
    rules.exam_pass_mark = hundredths(exam.pass_mark)
    rules.exam_quota_days = exam.quota_days
    rules.exam_study_required = int(exam.study_required)
    rules.exam_claim_required = int(exam.claim_required)
