"""Appeals that were granted though lodged late, never lodged, or denied before.

The authority decides, and a grant is honoured all the same: a person is to look at it.
"""

from collections.abc import Iterator

from ledger.facts.envelope import Envelope
from ledger.facts.types import AppealGranted
from projections.fold.state import (
    APPEAL_DENIED,
    APPEAL_GRANTED,
    APPEAL_LODGED,
    APPLIED,
    WINDOW_CLOSED,
)
from projections.standing.writing import clock_time, day_date
from replay.reconcile.findings import Case, Finding


def findings(case: Case) -> Iterator[Finding]:
    """What each grant lacks, in the order of replay."""
    in_time: set[int] = set()
    late: dict[int, Envelope] = {}
    denied: dict[int, Envelope] = {}
    for e, row, reason in case.ruled():
        if row.kind == APPEAL_LODGED:
            if reason == APPLIED:
                in_time.add(row.violation)
            elif reason == WINDOW_CLOSED:
                late.setdefault(row.violation, e)
        elif reason == APPLIED and row.kind == APPEAL_DENIED:
            denied[row.violation] = e
        elif reason == APPLIED and row.kind == APPEAL_GRANTED:
            if row.violation in denied:
                yield _denied_before(case, e, denied[row.violation], row.violation)
            if row.violation in late and row.violation not in in_time:
                yield _late(case, e, late[row.violation], row.violation)
            elif row.violation not in in_time:
                yield _not_lodged(case, e, row.violation)


def _late(case: Case, e: Envelope, lodged: Envelope, slot: int) -> Finding:
    violation = case.walk.creator.violations[slot]
    window = case.recorded.tables.book.versions[violation.version].appeal_window_days
    figures = _figures(case, e) | {
        "lodged": clock_time(lodged.effective_at, case.zone),
        "last": day_date(violation.found_on + window),
    }
    asked = ("clauses.appeal_window", "appeal.window_days")
    return case.finding("appeal_late", [e, lodged], violation.version, asked, figures)


def _not_lodged(case: Case, e: Envelope, slot: int) -> Finding:
    version = case.walk.creator.violations[slot].version
    asked = ("clauses.appeal", "clauses.appeal_window")
    return case.finding("appeal_not_lodged", [e], version, asked, _figures(case, e))


def _denied_before(case: Case, e: Envelope, denial: Envelope, slot: int) -> Finding:
    figures = _figures(case, e) | {"denied": clock_time(denial.effective_at, case.zone)}
    version = case.walk.creator.violations[slot].version
    asked = ("clauses.appeal_denied",)
    return case.finding("appeal_denied_before", [e, denial], version, asked, figures)


def _figures(case: Case, e: Envelope) -> dict[str, str]:
    assert isinstance(e.fact, AppealGranted)
    return {"violation": e.fact.violation, "granted": clock_time(e.effective_at, case.zone)}
