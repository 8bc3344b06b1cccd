"""A rulebook's versions as the numbers that the fold reads, and the names behind the codes.

Categories, features and demanded accounts have one code for all versions, so that a quota or a stop
survives a switch of version. The zone becomes a list of offsets: the fold asks no clock.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger.currencies import DECIMALS
from ledger.rulebook import Category, Counter, Node, Rulebook, Stop
from projections.fold.rules import (
    Book,
    CategoryRule,
    CounterRule,
    FineRule,
    NodeRule,
    Rules,
    RunRule,
    StopRule,
)
from projections.fold.state import (
    BALANCE,
    BY_APPEAL,
    BY_EXAM,
    CLEAN_DAYS,
    DAY,
    EXACT,
    FOREVER,
    MONTHLY,
    MONTHS,
    NATURAL_DAYS,
    OCCASIONS,
    PERMANENT,
    TALLY,
    WHILE_TRIGGERED,
)

HOUR = DAY // 24
ZONE_LAST_YEAR = 2200
YEAR = 31_556_952
"""Seconds."""
BAD_SIDE = {"below": (1, -1), "at_or_below": (1, 0), "at_or_above": (-1, 0), "above": (-1, -1)}
"""Per word of a node: the sign, and what to add so that `sign * score <= bound` says bad."""
LIFTS = {"appeal": BY_APPEAL, "exam": BY_EXAM}
CADENCES = {"monthly": MONTHLY, "clean_days": CLEAN_DAYS}


class Names(Struct):
    """What the codes stand for; the fold knows numbers only."""

    counters: tuple[str, ...]
    categories: dict[str, int]
    features: dict[str, int]
    accounts: dict[tuple[str, str], int]
    """(account, currency) that some version demands money on."""


class Tables(Struct):
    rulebooks: tuple[Rulebook, ...]
    book: Book
    names: Names
    categories: tuple[dict[str, tuple[int, tuple[str, ...]]], ...]
    """Per version: {category: (code, measures that go with it)}."""


def hundredths(value: Decimal) -> int:
    return int((value * 100).to_integral_exact())


def compile_tables(rulebooks: Sequence[Rulebook]) -> Tables:
    """Number the versions of one rulebook, oldest first. They share one zone and their counters."""
    names = Names(tuple(rulebooks[0].counters), {}, {}, {})
    for rulebook in rulebooks:
        for category in rulebook.categories:
            names.categories.setdefault(category, len(names.categories))
        for node in rulebook.nodes.values():
            for stop in node.stops:
                names.features.setdefault(stop.feature, len(names.features))
    book = Book()
    book.versions = [_rules(rulebook, names) for rulebook in rulebooks]
    book.version_count = len(book.versions)
    book.zone_from, book.zone_offset = _zone(rulebooks[0].zone)
    book.zone_count = len(book.zone_from)
    categories = tuple(
        {name: (names.categories[name], c.measures) for name, c in rulebook.categories.items()}
        for rulebook in rulebooks
    )
    return Tables(tuple(rulebooks), book, names, categories)


@lru_cache
def _zone(name: str) -> tuple[list[int], list[int]]:
    """Instants from which an offset holds, and the offsets, in microseconds, 1970 to 2200.

    A zone that has kept one offset for ten years by 2040 is taken to keep it.
    """
    zone = ZoneInfo(name)

    def offset(seconds: int) -> int:
        delta = datetime.fromtimestamp(seconds, zone).utcoffset()
        assert delta is not None
        return delta // timedelta(microseconds=1)

    instants, offsets = [-FOREVER], [offset(0)]
    fortnight = 14 * 86_400
    before = 0
    # No zone has gone there and back within two weeks since 1970.
    for after in range(fortnight, (ZONE_LAST_YEAR - 1970) * YEAR, fortnight):
        if after > 70 * YEAR and instants[-1] < 60 * YEAR * 1_000_000:
            break
        if offset(after) != offsets[-1]:
            low, high = before, after
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == offsets[-1] else (low, middle)
            instants.append(high * 1_000_000)
            offsets.append(offset(high))
        before = after
    return instants, offsets


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
    rules.categories = [CategoryRule() for _ in names.categories]
    for name, category in rulebook.categories.items():
        rules.categories[names.categories[name]] = _category(category, names)
    _recovery(rules, rulebook, names)
    _exam(rules, rulebook)
    if rulebook.appeal.window_days is not None:
        rules.appeal_window_days = rulebook.appeal.window_days
    rules.appeal_attempts = rulebook.appeal.attempts
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
    after = counter.expires_after
    if after is not None:
        rule.expiry_shape, rule.expiry_length = _length(
            after.hours, after.days, after.natural_days, after.months
        )
    return rule


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
    rule.stops = [_stop(stop, names) for stop in node.stops]
    rule.stop_count = len(rule.stops)
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


def _category(category: Category, names: Names) -> CategoryRule:
    rule = CategoryRule()
    if category.points is not None:
        rule.points = hundredths(category.points)
    if category.restorable is not None:
        rule.restorable = hundredths(category.restorable)
    rule.counter = _code(category.counter, names)
    rule.fines = []
    for fine in category.fines:
        row = FineRule()
        row.account = names.accounts.setdefault((fine.account, fine.currency), len(names.accounts))
        row.amount = int(fine.amount.scaleb(DECIMALS[fine.currency]))
        rule.fines.append(row)
    rule.fine_count = len(rule.fines)
    return rule


def _recovery(rules: Rules, rulebook: Rulebook, names: Names) -> None:
    rules.runs = []
    recovery, accrual = rulebook.recovery, rulebook.accrual_exam
    if recovery is not None:
        rules.recovery_cadence = CADENCES[recovery.cadence]
        rules.recovery_points = hundredths(recovery.points)
        rules.recovery_counter = _code(recovery.counter, names)
        for run in recovery.runs:
            row = RunRule()
            row.days = run.days
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
