"""A creator's facts as the rows that the fold reads, in replay order.

Names that only this creator has (violations, periods, measures, accounts) become slots; names of
the rulebook become its codes. What can be known before ruling is marked here: the local day, the
version in force, and which violation of a batch is its last.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from ledger.errors import UnreadableError
from ledger.facts.envelope import REPLAY_CLASS, REST, Envelope
from ledger.facts.types import (
    FACT_TYPES,
    NAMES_VIOLATION,
    AppealDenied,
    AppealGranted,
    AppealLodged,
    CourseTaken,
    CreatorEnrolled,
    ExamSat,
    Fact,
    FactRetracted,
    FeatureOpened,
    FeatureUsed,
    MeasureImposed,
    MeasureLifted,
    MoneyPosted,
    ProfileChanged,
    RecoveryGranted,
    RulesExamSat,
    ViolationFound,
)
from projections.fold.begin import begin, begin_rows
from projections.fold.calendar import first_of_month, local_day
from projections.fold.given import Fact as Row
from projections.fold.given import MeasureRow, Sizes
from projections.fold.state import (
    ABSENT,
    AGGRAVATED,
    APPLIED,
    CLOSES_BATCH,
    DAY,
    EARLY,
    FACT_RETRACTED,
    FOREVER,
    GRANTED_AS_DUE,
    GRANTED_BY_FACT,
    GRANTED_BY_RULE,
    LAW_BREACH,
    MITIGATED,
    NOT_RETRACTABLE,
    UNKNOWN_EVENT,
    Account,
    Counter,
    Creator,
    Feature,
    Measure,
    Period,
    Quota,
    Violation,
)
from projections.standing.tables import Tables

EPOCH = date(1970, 1, 1)
SIDES = {
    "egregious": AGGRAVATED,
    "repeated": AGGRAVATED,
    "mass_refusal": AGGRAVATED,
    "concurrent": AGGRAVATED,
    "severe_single": AGGRAVATED,
    "first_offence": MITIGATED,
    "unintentional": MITIGATED,
    "minor": MITIGATED,
}
"""On which side of the table a ground for points of its own stands (C-007, C-008)."""
Lookup = dict[tuple[str, str], Envelope]
"""Every known fact by (source, id)."""


class History(Struct):
    """Rows in replay order, beside the envelopes they come from, and the names of the slots."""

    envelopes: list[Envelope]
    rows: list[Row]
    violations: dict[str, int]
    periods: dict[str, int]
    measures: list[MeasureRow]
    measure_names: dict[str, int]
    accounts: dict[tuple[str, str], int]
    batches: dict[tuple[str, int], Row]
    """The last violation so far of each batch that is being read."""
    batch_names: dict[str, int]
    items: dict[str, int]
    imposed: dict[str, int]
    """The last row imposed under each name, if none was lifted since."""
    appeals: list[Row]
    """Those of facts about appeals."""
    uncoded: list[tuple[Row, str]]
    """Violations whose category no version knows and that give their points, each with its word."""


def period_end(period: str) -> int:
    """The last local day of a period: YYYY-MM, or YYYY-MM-DD itself."""
    try:
        if len(period) == len("2024-07-01"):
            return (date.fromisoformat(period) - EPOCH).days
        year, month = int(period[:4]), int(period[5:7])
    except ValueError:  # it was checked when it was recorded
        raise UnreadableError(
            f"the period {period!r} of a recorded recovery is no month and no day: the store is "
            "damaged, restore it from a backup"
        ) from None
    return first_of_month((year - 1970) * 12 + month) - 1


def build(envelopes: Sequence[Envelope], tables: Tables, lookup: Lookup) -> History:
    """Rows of one creator's facts, which are in replay order and not retracted.

    `lookup` holds every known fact by (source, id), for what a retraction names.
    """
    history = empty(tables)
    history.envelopes = list(envelopes)
    history.rows = further(history, envelopes, tables, lookup)
    return history


def empty(tables: Tables) -> History:
    """Before the first fact."""
    return History([], [], {}, {}, [], {}, dict(tables.names.accounts), {}, {}, {}, {}, [], [])


def further(
    history: History,
    envelopes: Sequence[Envelope],
    tables: Tables,
    lookup: Lookup,
    after: Row | None = None,
) -> list[Row]:
    """Rows of the facts that follow those that a history has the slots of.

    `after` is the row before, where they may begin at its instant; else they are later.
    """
    book = tables.book
    rows: list[Row] = []
    ends, version = tables.ends, 0
    settled, offset = book.zone_from[book.zone_count - 1], book.zone_offset[book.zone_count - 1]
    append = rows.append
    slots = history.violations
    row = after or Row(ABSENT, -FOREVER, 0, 0, 0)
    for e in envelopes:
        at = e.effective_at
        fact: Any = e.fact
        while at >= ends[version]:
            version += 1
        kind, rank, names_violation, traits, fill = READERS[type(fact)]
        if at == row.at and rank < row.rank:
            rank = row.rank  # a fact that follows the violation it names
        day = (at + offset) // DAY if at >= settled else local_day(at, book)
        slot = slots.setdefault(fact.violation, len(slots)) if names_violation else ABSENT
        row = Row(kind, at, day, rank, version, traits, slot)
        if fill is not None:
            fill(history, row, fact, tables)
        elif kind == FACT_RETRACTED:
            row.slot = _retraction(e, lookup)
        append(row)
    for last in history.batches.values():
        last.traits |= CLOSES_BATCH
    history.batches.clear()
    return rows


def _violation(history: History, row: Row, fact: ViolationFound, tables: Tables) -> None:
    grades = tables.grades[row.version]
    category = grades.get((fact.category, fact.severity or "")) or grades.get((fact.category, ""))
    if fact.offended_at is not None:
        row.since = fact.offended_at
    if fact.item is not None:
        row.about = history.items.setdefault(fact.item, len(history.items))
    measures = fact.measures
    if category is not None:
        row.category = category[0]
        if category[1]:
            measures += category[1]
    if fact.points is not None:
        row.points = fact.points
        if category is None:
            history.uncoded.append((row, fact.category))
    if fact.ground is not None:
        row.traits |= SIDES.get(fact.ground, 0)
    if row.at < tables.first_at:
        row.traits |= EARLY
    if fact.law_breach:
        row.traits |= LAW_BREACH
    if fact.batch is not None:
        row.traits &= ~CLOSES_BATCH
        history.batches[fact.batch, row.at] = row
        row.batch = history.batch_names.setdefault(fact.batch, len(history.batch_names))
    if measures:
        row.measures_from = len(history.measures)
        for name in dict.fromkeys(measures):
            history.measures.append(MeasureRow(_measure(history, name), row.violation))
        row.measures_to = len(history.measures)


def _measure(history: History, name: str) -> int:
    return history.measure_names.setdefault(name, len(history.measure_names))


def _profile(
    history: History, row: Row, fact: CreatorEnrolled | ProfileChanged, tables: Tables
) -> None:
    row.level = ABSENT if fact.level is None else fact.level
    row.reputation = ABSENT if fact.reputation is None else fact.reputation


def _appeal(history: History, row: Row, fact: AppealLodged | AppealDenied, tables: Tables) -> None:
    history.appeals.append(row)


def _granted(history: History, row: Row, fact: AppealGranted, tables: Tables) -> None:
    history.appeals.append(row)
    row.points = ABSENT if fact.points is None else fact.points


def _recovery(history: History, row: Row, fact: RecoveryGranted, tables: Tables) -> None:
    row.points = ABSENT if fact.points is None else fact.points
    row.slot = history.periods.setdefault(fact.period, len(history.periods))
    row.amount = period_end(fact.period)


def _sat(history: History, row: Row, fact: ExamSat, tables: Tables) -> None:
    row.mark = fact.mark


def _rules_exam(history: History, row: Row, fact: RulesExamSat, tables: Tables) -> None:
    row.mark = fact.mark


def _imposed(history: History, row: Row, fact: MeasureImposed, tables: Tables) -> None:
    row.slot = len(history.measures)
    row.until = FOREVER if fact.until is None else fact.until
    before = history.imposed.get(fact.measure, ABSENT)
    history.imposed[fact.measure] = row.slot
    history.measures.append(MeasureRow(_measure(history, fact.measure), ABSENT, before))


def _lifted(history: History, row: Row, fact: MeasureLifted, tables: Tables) -> None:
    row.slot = history.imposed.pop(fact.measure, ABSENT)


def _course(history: History, row: Row, fact: CourseTaken, tables: Tables) -> None:
    row.slot = tables.names.courses.get(fact.course, ABSENT)


def _feature(history: History, row: Row, fact: FeatureOpened | FeatureUsed, tables: Tables) -> None:
    row.slot = tables.names.lapses.get(fact.feature, ABSENT)


def _money(history: History, row: Row, fact: MoneyPosted, tables: Tables) -> None:
    account = (fact.account, fact.currency)
    row.slot = history.accounts.setdefault(account, len(history.accounts))
    row.amount = fact.amount


def _retraction(e: Envelope, lookup: Lookup) -> int:
    """Why a retraction has no effect, or APPLIED."""
    assert type(e.fact) is FactRetracted
    target = lookup.get((e.source, e.fact.event))
    if target is None or target.position >= e.position:
        return UNKNOWN_EVENT
    return NOT_RETRACTABLE if type(target.fact) is FactRetracted else APPLIED


Reader = Callable[[History, Row, Any, Tables], None]
FILL: dict[type[Fact], Reader] = {
    CreatorEnrolled: _profile,
    ProfileChanged: _profile,
    ViolationFound: _violation,
    AppealLodged: _appeal,
    AppealDenied: _appeal,
    AppealGranted: _granted,
    ExamSat: _sat,
    RulesExamSat: _rules_exam,
    RecoveryGranted: _recovery,
    MeasureImposed: _imposed,
    MeasureLifted: _lifted,
    MoneyPosted: _money,
    CourseTaken: _course,
    FeatureOpened: _feature,
    FeatureUsed: _feature,
}
READERS: dict[type[Fact], tuple[int, int, bool, int, Reader | None]] = {
    kind: (
        code,
        REPLAY_CLASS.get(kind, REST),
        kind in NAMES_VIOLATION and kind is not MoneyPosted,
        CLOSES_BATCH if kind is ViolationFound else 0,
        FILL.get(kind),
    )
    for code, kind in enumerate(FACT_TYPES)
}
"""How each type is read: code, class, whether it acts on a violation, traits, the rest."""


def sizes_of(history: History, tables: Tables) -> Sizes:
    names = tables.names
    return Sizes(
        counters=len(names.counters),
        violations=len(history.violations),
        categories=len(tables.book.versions[0].categories),
        measures=len(history.measures),
        accounts=len(history.accounts),
        periods=len(history.periods),
        features=len(names.lapses),
    )


def blank(history: History, tables: Tables, *, simulate: bool = False) -> Creator:
    """A creator before the first fact, with a row for every slot; stops are added as needed."""
    sizes = sizes_of(history, tables)
    creator = with_rows(sizes)
    recoveries = GRANTED_BY_RULE if tables.book.automatic else GRANTED_BY_FACT
    begin(creator, sizes, history.measures, 0, GRANTED_AS_DUE if simulate else recoveries)
    return creator


def grow(creator: Creator, history: History) -> None:
    """Rows for the slots that its history has got since; those that are there stay as they are."""
    violations = len(history.violations) - len(creator.violations)
    measures = len(history.measures) - len(creator.measures)
    accounts = len(history.accounts) - len(creator.accounts)
    periods = len(history.periods) - len(creator.periods)
    if not (violations or measures or accounts or periods):
        return
    more = Sizes(0, violations, 0, measures, accounts, periods, 0)
    rows = with_rows(more)
    begin_rows(rows, more, history.measures, len(creator.measures))
    creator.violations += rows.violations
    creator.measures += rows.measures
    creator.accounts += rows.accounts
    creator.periods += rows.periods
    creator.violation_slots, creator.account_slots = len(history.violations), len(history.accounts)


def with_rows(sizes: Sizes) -> Creator:
    creator = Creator()
    creator.counters = [Counter() for _ in range(sizes.counters)]
    creator.violations = [Violation() for _ in range(sizes.violations)]
    creator.crossings = []
    creator.stops = []
    creator.quotas = [Quota() for _ in range(sizes.categories)]
    creator.measures = [Measure() for _ in range(sizes.measures)]
    creator.accounts = [Account() for _ in range(sizes.accounts)]
    creator.periods = [Period() for _ in range(sizes.periods)]
    creator.features = [Feature() for _ in range(sizes.features)]
    return creator
