"""Violations with points of their own on the wrong side of the table, and such as look like twice.

A ground that makes heavier goes with more points than the table has, one that makes lighter with
fewer (C-007, C-008); no lighter figure is honoured where the law was broken (C-009).
"""

from collections.abc import Iterator

from ledger.facts.envelope import Envelope
from ledger.facts.types import ViolationFound
from projections.explain.phrases import Count, Word
from projections.explain.terms import graded
from projections.fold.given import Fact
from projections.fold.state import (
    ABSENT,
    AGGRAVATED,
    APPLIED_WITH_REASON,
    DUPLICATE_VIOLATION,
    MITIGATED,
    MITIGATION_REFUSED,
    REASONS,
    SAME_ITEM,
    STANDING,
    VIOLATION_FOUND,
)
from projections.fold.trace import Ground
from projections.standing.writing import clock_time, points
from replay.reconcile.findings import Case, Finding

TWICE = {DUPLICATE_VIOLATION, SAME_ITEM}


def findings(case: Case) -> Iterator[Finding]:
    """What does not fit, in the order of replay."""
    first: dict[tuple[object, ...], Envelope] = {}
    for e, row, reason in case.ruled():
        if row.kind != VIOLATION_FOUND:
            continue
        if reason in TWICE:
            yield _repeated(case, e, row, REASONS[reason])
        elif reason in APPLIED_WITH_REASON:
            yield from _override(case, e, row, reason)
            if case.walk.creator.violations[row.violation].state == STANDING:
                before = first.setdefault(_likeness(e, row), e)
                if before is not e:
                    yield _alike(case, e, row, before)


def _override(case: Case, e: Envelope, row: Fact, reason: int) -> Iterator[Finding]:
    if ABSENT in (row.points, row.category):
        return
    table = case.recorded.tables.book.versions[row.version].categories[row.category].points
    if table == ABSENT:
        return
    heavier, lighter = row.traits & AGGRAVATED, row.traits & MITIGATED
    if reason == MITIGATION_REFUSED:
        kind, shape, clause = "override_refused", "", "clauses.mitigation_refused"
    elif heavier and row.points < table:
        kind, shape, clause = "override_misfit", "heavier", "clauses.aggravation"
    elif lighter and row.points > table:
        kind, shape, clause = "override_misfit", "lighter", "clauses.mitigation"
    else:
        return
    fact = _fact(e)
    assert fact.ground is not None
    figures = _figures(case, e) | {
        "points": points(row.points),
        "table": points(table),
        "ground": fact.ground,
    }
    yield case.finding(
        kind,
        [e],
        row.version,
        [clause, Ground("categories.*.points", row.version, (row.category,))],
        figures,
        shape=shape,
        category=graded(fact.category, fact.severity or "", case.law.names.book(row.version)),
        points=Count("points", figures["points"]),
        table=Count("points", figures["table"]),
        ground=Word("words", fact.ground),
    )


def _likeness(e: Envelope, row: Fact) -> tuple[object, ...]:
    """What two violations have in common that may be one: item and day, else the very instant.

    A batch says itself that its violations are several.
    """
    fact = _fact(e)
    if fact.item is not None:
        return fact.category, fact.item, row.day
    return fact.category, row.at, fact.batch and fact.violation


def _repeated(case: Case, e: Envelope, row: Fact, reason: str) -> Finding:
    figures = _figures(case, e) | {"reason": reason}
    if item := _fact(e).item:
        figures["item"] = item
    asked = ["clauses.deduction"]
    if reason == REASONS[SAME_ITEM]:
        key = "categories.*.once_per_item"
        return case.finding(
            "violation_repeated", [e], row.version,
            [*asked, Ground(key, row.version, (row.category,))], figures, shape=reason,
        )  # fmt: skip
    return case.finding("violation_repeated", [e], row.version, asked, figures, shape=reason)


def _alike(case: Case, e: Envelope, row: Fact, before: Envelope) -> Finding:
    fact = _fact(e)
    figures = _figures(case, e) | {"other": _fact(before).violation}
    if fact.item is not None:
        figures["item"] = fact.item
    return case.finding(
        "violation_alike",
        [e, before],
        row.version,
        ["clauses.deduction"],
        figures,
        shape="item" if fact.item is not None else "instant",
        category=graded(fact.category, fact.severity or "", case.law.names.book(row.version)),
    )


def _figures(case: Case, e: Envelope) -> dict[str, str]:
    fact = _fact(e)
    return {
        "violation": fact.violation,
        "category": fact.category,
        "found": clock_time(e.effective_at, case.zone),
    }


def _fact(e: Envelope) -> ViolationFound:
    assert isinstance(e.fact, ViolationFound)
    return e.fact
