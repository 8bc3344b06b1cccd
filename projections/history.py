"""A creator's facts as the rows that the fold reads, in replay order.

Names that only this creator has (violations, periods, measures, accounts) become slots; names of
the rulebook become its codes. What can be known before ruling is marked here: the local day, the
version in force, and which violation of a batch is its last.
"""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from ledger.envelope import REPLAY_CLASS, REST, Envelope
from ledger.facts import (
    FACT_TYPES,
    AppealGranted,
    CreatorEnrolled,
    ExamSat,
    Fact,
    FactRetracted,
    MeasureImposed,
    MeasureLifted,
    MoneyPosted,
    ProfileChanged,
    RecoveryGranted,
    RulesExamSat,
    ViolationFound,
)
from projections.fold import state
from projections.fold.calendar import local_day
from projections.fold.recovery import version_at
from projections.fold.state import (
    ABSENT,
    APPLIED,
    CLOSES_BATCH,
    DAY,
    EARLY,
    FOREVER,
    LAW_BREACH,
    NOT_RETRACTABLE,
    UNKNOWN_EVENT,
    Creator,
)
from projections.fold.state import (
    Fact as Row,
)
from projections.tables import Tables

KIND = {t: i for i, t in enumerate(FACT_TYPES)}
EPOCH = date(1970, 1, 1)
Lookup = dict[tuple[str, str], Envelope]
"""Every known fact by (source, id)."""


class History(Struct):
    """Rows in replay order, beside the envelopes they come from, and the names of the slots."""

    envelopes: list[Envelope]
    rows: list[Row]
    violations: dict[str, int]
    periods: dict[str, int]
    measures: list[tuple[int, int]]
    """Per measure row: code of its name, slot of its violation (ABSENT: imposed)."""
    measure_names: dict[str, int]
    accounts: dict[tuple[str, str], int]


def period_end(period: str) -> int:
    """The last local day of a period: YYYY-MM, or YYYY-MM-DD itself."""
    if len(period) == len("2024-07-01"):
        return (date.fromisoformat(period) - EPOCH).days
    year, month = int(period[:4]), int(period[5:7])
    following = date(year + month // 12, month % 12 + 1, 1) if year < 9999 else date.max
    return (following - EPOCH).days - 1


def build(envelopes: Sequence[Envelope], tables: Tables, lookup: Lookup) -> History:
    """Rows of one creator's facts, which are in replay order and not retracted.

    `lookup` holds every known fact by (source, id), for what a retraction names.
    """
    book = tables.book
    history = History(list(envelopes), [], {}, {}, [], {}, dict(tables.names.accounts))
    slots = history.violations
    versions = book.versions
    boundary = versions[1].in_force_at if len(versions) > 1 else FOREVER
    version = 0
    first = versions[0].in_force_at
    settled, offset = book.zone_from[book.zone_count - 1], book.zone_offset[book.zone_count - 1]
    append = history.rows.append
    special = SPECIAL
    last_of_batch: dict[tuple[str, int], Row] = {}
    row = Row(ABSENT, -FOREVER, 0, 0, 0)
    for e in envelopes:
        at = e.effective_at
        fact = e.fact
        day = (at + offset) // DAY if at >= settled else local_day(at, book)
        if at >= boundary:
            version = version_at(at, book)
            boundary = versions[version + 1].in_force_at if version + 1 < len(versions) else FOREVER
        kind = type(fact)
        rank = REPLAY_CLASS.get(kind, REST)
        if at == row.at:
            rank = max(rank, row.rank)  # a fact that follows the violation it names
        row = Row(KIND[kind], at, day, rank, version)
        violation = getattr(fact, "violation", None)
        if violation is not None:
            row.violation = slots.setdefault(violation, len(slots))
        fill = special.get(kind)
        if fill is not None:
            fill(history, row, fact, tables)
        if type(fact) is FactRetracted:
            row.slot = _retraction(e, fact.event, lookup)
        elif type(fact) is ViolationFound:
            if at < first:
                row.flags |= EARLY
            batch = fact.batch
            if batch is None:
                row.flags |= CLOSES_BATCH
            else:
                last_of_batch[batch, at] = row
        append(row)
    for row in last_of_batch.values():
        row.flags |= CLOSES_BATCH
    return history


def _violation(history: History, row: Row, fact: Fact, tables: Tables) -> None:
    assert type(fact) is ViolationFound
    row.category = tables.names.categories.get(fact.category, ABSENT)
    if fact.points is not None:
        row.points = fact.points
    if fact.law_breach:
        row.flags = LAW_BREACH
    category = tables.rulebooks[row.version].categories.get(fact.category)
    measures = fact.measures + (category.measures if category is not None else ())
    if measures:
        row.measures_from = len(history.measures)
        for name in dict.fromkeys(measures):
            history.measures.append((_measure(history, name), row.violation))
        row.measures_to = len(history.measures)


def _measure(history: History, name: str) -> int:
    return history.measure_names.setdefault(name, len(history.measure_names))


def _profile(history: History, row: Row, fact: Fact, tables: Tables) -> None:
    assert isinstance(fact, CreatorEnrolled | ProfileChanged)
    row.level = ABSENT if fact.level is None else fact.level
    row.reputation = ABSENT if fact.reputation is None else fact.reputation


def _granted(history: History, row: Row, fact: Fact, tables: Tables) -> None:
    assert type(fact) is AppealGranted
    row.points = ABSENT if fact.points is None else fact.points


def _recovery(history: History, row: Row, fact: Fact, tables: Tables) -> None:
    assert type(fact) is RecoveryGranted
    row.points = ABSENT if fact.points is None else fact.points
    row.slot = history.periods.setdefault(fact.period, len(history.periods))
    row.amount = period_end(fact.period)


def _mark(history: History, row: Row, fact: Fact, tables: Tables) -> None:
    assert isinstance(fact, ExamSat | RulesExamSat)
    row.mark = fact.mark


def _imposed(history: History, row: Row, fact: Fact, tables: Tables) -> None:
    assert type(fact) is MeasureImposed
    row.slot = len(history.measures)
    row.until = FOREVER if fact.until is None else fact.until
    history.measures.append((_measure(history, fact.measure), ABSENT))


def _lifted(history: History, row: Row, fact: Fact, tables: Tables) -> None:
    assert type(fact) is MeasureLifted
    row.slot = _measure(history, fact.measure)
    row.measures_to = len(history.measures)


def _money(history: History, row: Row, fact: Fact, tables: Tables) -> None:
    assert type(fact) is MoneyPosted
    account = (fact.account, fact.currency)
    row.slot = history.accounts.setdefault(account, len(history.accounts))
    row.amount = fact.amount


def _retraction(e: Envelope, event: str, lookup: Lookup) -> int:
    """Why a retraction has no effect, or APPLIED."""
    target = lookup.get((e.source, event))
    if target is None or target.position >= e.position:
        return UNKNOWN_EVENT
    return NOT_RETRACTABLE if type(target.fact) is FactRetracted else APPLIED


SPECIAL = {
    CreatorEnrolled: _profile,
    ProfileChanged: _profile,
    ViolationFound: _violation,
    RecoveryGranted: _recovery,
    ExamSat: _mark,
    RulesExamSat: _mark,
    MeasureImposed: _imposed,
    MeasureLifted: _lifted,
    MoneyPosted: _money,
    AppealGranted: _granted,
}


def blank(history: History, tables: Tables) -> Creator:
    """A creator before the first fact, with a row for every slot; stops are added as needed."""
    creator = Creator()
    creator.counters = [state.Counter() for _ in tables.names.counters]
    creator.violation_slots = len(history.violations)
    creator.violations = [state.Violation() for _ in history.violations]
    creator.stops = []
    creator.quotas = [state.Quota() for _ in tables.names.categories]
    creator.periods = [state.Period() for _ in history.periods]
    creator.accounts = [state.Account() for _ in history.accounts]
    creator.measures = []
    for name, violation in history.measures:
        measure = state.Measure()
        measure.name, measure.violation = name, violation
        creator.measures.append(measure)
    return creator
