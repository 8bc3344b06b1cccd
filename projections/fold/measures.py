"""Measures and money: they stand beside the score and never touch it.

C-005 risk measures, C-012 and C-013 corrections beside the penalty, C-015 obligations of their own,
C-067 an exam leaves a violation's measures, C-073 a granted appeal ends them, C-094 money moves
only by its own facts.
"""

from projections.fold.given import Fact
from projections.fold.rules import FineRule
from projections.fold.state import (
    ABSENT,
    APPLIED,
    FOREVER,
    MEASURE_ENDED,
    MEASURE_STARTED,
    MONEY_DUE,
    MONEY_RELEASED,
    RUNNING,
    SERVED,
    Creator,
    Violation,
)
from projections.fold.trace import Trace


def start_measures(creator: Creator, first: int, last: int, at: int, trace: Trace | None) -> None:
    """The corrections that go with a violation (C-012), from its effect until it is void."""
    for row in range(first, last):
        measure = creator.measures[row]
        measure.state = RUNNING
        measure.started_at = at
        measure.until = FOREVER
        if trace is not None:
            trace.append((MEASURE_STARTED, row, 0, at))


def end_measures(creator: Creator, violation: Violation, at: int, trace: Trace | None) -> None:
    """All handling of a void violation is revoked (C-073); what still waited never began."""
    for row in range(violation.measures_from, violation.measures_to):
        if creator.measures[row].state == RUNNING:
            end_measure(creator, row, at, trace)


def end_measure(creator: Creator, row: int, at: int, trace: Trace | None) -> None:
    measure = creator.measures[row]
    measure.state = SERVED
    measure.until = at
    if trace is not None:
        trace.append((MEASURE_ENDED, row, 0, at))


def measure_imposed(creator: Creator, fact: Fact, trace: Trace | None) -> int:
    """A discretionary measure of the platform (C-005, C-027, C-036)."""
    if trace is not None:
        trace.rests("clauses.risk_measure", fact.version)
    start_measures(creator, fact.slot, fact.slot + 1, fact.at, trace)
    creator.measures[fact.slot].until = fact.until
    return APPLIED


def measure_lifted(creator: Creator, fact: Fact, trace: Trace | None) -> int:
    """Ends every running imposed measure of that name, never a violation's."""
    if trace is not None:
        trace.rests("clauses.risk_measure", fact.version)
    row = fact.slot
    while row != ABSENT:
        measure = creator.measures[row]
        if measure.state == RUNNING and fact.at < measure.until:
            end_measure(creator, row, fact.at, trace)
        row = measure.before
    return APPLIED


def amount(fines: list[FineRule], count: int, account: int) -> int:
    """What fines come to on one account."""
    sum_ = 0
    for i in range(count):
        if fines[i].account == account:
            sum_ += fines[i].amount
    return sum_


def demand(
    creator: Creator, fines: list[FineRule], count: int, times: int, at: int, trace: Trace | None
) -> None:
    """What the rulebook demands, or (times below 0) no longer demands, so many times."""
    effect = MONEY_DUE if times > 0 else MONEY_RELEASED
    for i in range(count):
        fine = fines[i]
        creator.accounts[fine.account].demanded += times * fine.amount
        if trace is not None:
            trace.append((effect, fine.account, abs(times) * fine.amount, at))


def money_posted(creator: Creator, fact: Fact, trace: Trace | None) -> int:
    """Paid, frozen, released, withheld: an account of its own (C-094)."""
    if trace is not None:
        trace.rests("clauses.money", fact.version)
    creator.accounts[fact.slot].posted += fact.amount
    return APPLIED
