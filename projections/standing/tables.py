"""A rulebook's versions as the numbers that the fold reads, and the names behind the codes.

Categories, features and demanded accounts have one code for all versions, so that a quota or a stop
survives a switch of version. The zone becomes a list of offsets: the fold asks no clock.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger.facts.currencies import DECIMALS
from ledger.rulebook.model import (
    Category,
    Counter,
    Fine,
    Ladder,
    Node,
    Reset,
    Rulebook,
    Step,
    Stop,
)
from projections.fold.calendar import first_day
from projections.fold.rules import (
    BY_CATEGORY,
    BY_SEVERITY,
    SEVERAL,
    Book,
    CategoryRule,
    CounterRule,
    FineRule,
    LadderRule,
    NodeRule,
    Rules,
    StepRule,
    StopRule,
)
from projections.fold.state import (
    ABSENT,
    BALANCE,
    BY_APPEAL,
    BY_EXAM,
    FOREVER,
    FROM_EFFECT,
    FROM_FOUND,
    FROM_OFFENCE,
    MAX,
    OCCASIONS,
    PERMANENT,
    RESTART,
    SUM,
    TALLY,
    WHILE_TRIGGERED,
)
from projections.standing import returns
from projections.standing.numbering import Names, code_of, duration, hundredths, length
from projections.standing.zones import offsets

BAD_SIDE = {"below": (1, -1), "at_or_below": (1, 0), "at_or_above": (-1, 0), "above": (-1, -1)}
"""Per word of a node: the sign, and what to add so that `sign * score <= bound` says bad."""
LIFTS = {"appeal": BY_APPEAL, "exam": BY_EXAM}
EXPIRES_FROM = {"found": FROM_FOUND, "offence": FROM_OFFENCE, "effect": FROM_EFFECT}
OVERLAPS = {"max": MAX, "sum": SUM, "restart": RESTART}


Coded = tuple[int, tuple[str, ...]]
"""A code, and the measures that go with it."""


class Tables(Struct):
    """The versions of one rulebook, and the same as numbers."""

    rulebooks: tuple[Rulebook, ...]
    book: Book
    names: Names
    grades: tuple[dict[tuple[str, str], Coded], ...]
    """Per version, by category and severity; empty where there is none."""
    first_at: int
    """When the first version came into force."""
    ends: tuple[int, ...]
    """When each version is no longer the one in force; FOREVER for the last."""
    kept: dict[str, object] = {}
    """What others have worked out of it, so that they need not for each creator."""


def compile_tables(rulebooks: Sequence[Rulebook]) -> Tables:
    """Number the versions of one rulebook, oldest first. They share one zone and their counters."""
    names = Names(tuple(rulebooks[0].counters))
    for rulebook in rulebooks:
        for name in rulebook.categories:
            names.categories.setdefault(name, len(names.categories))
        for course in rulebook.courses.points if rulebook.courses else ():
            names.courses.setdefault(course, len(names.courses))
        for stop in _stops(rulebook):
            names.features.setdefault(stop.feature, len(names.features))
        for feature in rulebook.lapses:
            names.features.setdefault(feature, len(names.features))
            names.lapses.setdefault(feature, len(names.lapses))
    names.grades |= {(name, ""): code for name, code in names.categories.items()}
    for rulebook in rulebooks:
        for name, category in rulebook.categories.items():
            for severity in category.severities:
                names.grades.setdefault((name, severity), len(names.grades))
    book = Book()
    book.versions = [_rules(rulebook, names) for rulebook in rulebooks]
    book.version_count = len(book.versions)
    book.automatic = int(any(rules.recovery_automatic for rules in book.versions))
    counters = [counter for rules in book.versions for counter in rules.counters]
    book.expires = int(any(counter.expires for counter in counters))
    book.pauses = int(any(counter.expiry_pauses for counter in counters))
    book.widest = max(_widest(rules) for rules in book.versions)
    book.falls_back = int(any(rules.deepest for rules in book.versions))
    late = any(rules.effect_after_appeal or rules.lapse_count for rules in book.versions)
    book.starts_late = int(late or book.falls_back)
    book.zone_from, book.zone_offset = offsets(rulebooks[0].zone)
    book.zone_count = len(book.zone_from)
    book.feature_count, book.grade_count = len(names.features), len(names.grades)
    book.account_count = len(names.accounts)
    for number, rules in enumerate(book.versions):
        rules.number = number
        rules.first_node = book.node_count
        book.node_count += rules.node_count
        rules.in_force_on = first_day(rules.in_force_at, book)
    grades = tuple(
        {
            (name, severity): (names.grades[name, severity], graded.measures)
            for name, category in rulebook.categories.items()
            for severity, graded in category.grades()
        }
        for rulebook in rulebooks
    )
    first_at, *later = [rules.in_force_at for rules in book.versions]
    return Tables(tuple(rulebooks), book, names, grades, first_at, (*later, FOREVER))


def _widest(rules: Rules) -> int:
    """How many stops, or crossings, one step can start in a version."""
    own = [category.stop_count for category in rules.categories]
    own += [step.stop_count for ladder in rules.ladders for step in ladder.steps]
    started = sum(node.stop_count for node in rules.nodes) + max(own, default=0)
    return max(started + rules.lapse_count, rules.node_count)


def _stops(rulebook: Rulebook) -> Iterator[Stop]:
    for node in rulebook.nodes.values():
        yield from node.stops
    for category in rulebook.categories.values():
        for _, graded in category.grades():
            yield from graded.stops
    for ladder in rulebook.ladders.values():
        for step in ladder.steps:
            yield from step.stops or ()


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
    rules.ladders = [_ladder(ladder, rulebook, names) for ladder in rulebook.ladders.values()]
    rules.ladder_count = len(rules.ladders)
    rules.courses = [ABSENT] * len(names.courses)
    returns.courses(rules, rulebook.courses, names)
    rules.lapses = [returns.lapse(rulebook.lapses.get(name), name, names) for name in names.lapses]
    rules.lapse_count = len(rules.lapses)
    returns.recovery(rules, rulebook, names)
    returns.exam(rules, rulebook)
    if rulebook.appeal.window_days is not None:
        rules.appeal_window_days = rulebook.appeal.window_days
    rules.appeal_attempts = rulebook.appeal.attempts
    rules.effect_after_appeal = int(rulebook.appeal.effect == "after_appeal")
    return rules


def _counter(counter: Counter) -> CounterRule:
    rule = CounterRule()
    rule.sign = BALANCE if counter.direction == "balance" else TALLY
    rule.initial = hundredths(counter.initial)
    rule.floor = hundredths(counter.floor)
    if counter.cap is not None:
        rule.cap = hundredths(counter.cap)
    rule.expires_from = EXPIRES_FROM[counter.expires_from]
    rule.expiry_pauses = int(counter.expiry_pauses)
    rule.expiry_shape, rule.expiry_length = duration(counter.expires_after)
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


def _node(node: Node, names: Names) -> NodeRule:
    rule = NodeRule()
    rule.counter = code_of(node.counter, names)
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
        rule.kind, rule.length = length(stop.hours, stop.days, stop.natural_days, stop.months)
    return rule


def _categories(rulebook: Rulebook, rules: Rules, names: Names) -> list[CategoryRule]:
    """By code: the categories, then each of them at each severity."""
    rows = [CategoryRule() for _ in names.grades]
    for row in rows:
        row.fines, row.stops = [], []
    for name, category in rulebook.categories.items():
        for severity, graded in category.grades():
            rows[names.grades[name, severity]] = row = _category(graded, rules, names)
            row.quota = names.categories[name]
    for counter, rule in enumerate(rules.counters):
        mine = [row for row in rows if row.counter == counter]
        expires = rule.expiry_shape != ABSENT
        rule.expires = int(expires or any(row.expiry_shape != ABSENT for row in mine))
    return rows


def _category(category: Category, rules: Rules, names: Names) -> CategoryRule:
    rule = CategoryRule()
    if category.points is not None:
        rule.points = hundredths(category.points)
    if category.restorable is not None:
        rule.restorable = hundredths(category.restorable)
    rule.counter = code_of(category.counter, names)
    rule.once_per_item = int(category.once_per_item)
    rule.not_after_shape, rule.not_after_length = duration(category.not_after)
    rule.expiry_shape, rule.expiry_length = duration(category.expires_after)
    if category.expires_after is None:
        counter = rules.counters[rule.counter]
        rule.expiry_shape, rule.expiry_length = counter.expiry_shape, counter.expiry_length
    rule.fines = _fines(category.fines, names)
    rule.fine_count = len(rule.fines)
    rule.stops = [_stop(stop, names) for stop in category.stops]
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


def _ladder(ladder: Ladder, rulebook: Rulebook, names: Names) -> LadderRule:
    rule = LadderRule()
    rule.per_category = int(ladder.per == "category")
    rule.batches = int(ladder.counts == "batches")
    rule.by_stops = int(ladder.counts == "stops")
    rule.re_judged = int(ladder.after_void == "re_judged")
    rule.says = BY_CATEGORY * bool(ladder.categories)
    rule.says += BY_SEVERITY * bool(ladder.severities) + SEVERAL * (len(rulebook.categories) > 1)
    rule.window_shape, rule.window_length = duration(ladder.within)
    rule.steps = [_step(step, names) for step in sorted(ladder.steps, key=lambda step: step.nth)]
    rule.step_count = len(rule.steps)
    rule.members = [_counted(ladder, name, severity) for name, severity in names.grades]
    return rule


def _counted(ladder: Ladder, category: str, severity: str) -> int:
    named = not ladder.categories or category in ladder.categories
    grave = not ladder.severities or severity in ladder.severities
    return BY_CATEGORY * named + BY_SEVERITY * grave


def _step(step: Step, names: Names) -> StepRule:
    rule = StepRule()
    rule.nth = step.nth
    if step.points is not None:
        rule.points = hundredths(step.points)
    rule.fines = _fines(step.fines or (), names)
    if step.fines is not None:
        rule.fine_count = len(rule.fines)
    rule.stops = [_stop(stop, names) for stop in step.stops or ()]
    if step.stops is not None:
        rule.stop_count = len(rule.stops)
    return rule
