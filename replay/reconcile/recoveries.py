"""Recoveries: due and not recorded, recorded and not due, of other points than are due."""

from collections.abc import Iterator

from ledger.facts.types import RecoveryGranted
from projections.explain.awards import period_said
from projections.explain.phrases import Count, Value
from projections.explain.terms import about_rulebook, identified
from projections.standing.writing import clock_time, points
from replay.reconcile.findings import Case, Finding

ASKED = ("clauses.recovery", "recovery.cadence", "recovery.points")
"""What says when a recovery is due, and how much it is."""


def findings(case: Case) -> Iterator[Finding]:
    """Recoveries due and not recorded, recorded and not due, and of other points than are due."""
    history, versions = case.recorded.history, case.recorded.tables.book.versions
    for due in case.walk.missing:
        yield case.finding(
            "recovery_due",
            [],
            due.version,
            ASKED,
            {
                "period": due.period,
                "points": points(due.points),
                "due": clock_time(due.at, case.zone),
            },
            at=due.at,
            period=period_said(due.period),
            points=Count("points", points(due.points)),
        )
    for row, version, why, violations in case.walk.not_due:
        e = history.envelopes[row]
        assert isinstance(e.fact, RecoveryGranted)
        named = [tuple(history.violations)[slot] for slot in violations]
        figures = {"period": e.fact.period, "granted": clock_time(e.effective_at, case.zone)}
        if named:
            figures["violations"] = ", ".join(named)
        listed: list[Value] = [identified(name) for name in named]
        yield case.finding(
            "recovery_not_due",
            [e],
            version,
            ASKED,
            figures | {"why": why},
            shape=why,
            period=period_said(e.fact.period),
            violations=listed,
            rulebook=about_rulebook(case.law.names.book(version)),
        )
    for row, due in case.walk.amounts:
        e, nominal = history.envelopes[row], versions[due.version].recovery_points
        given = points(history.rows[row].points)
        yield case.finding(
            "recovery_amount",
            [e],
            due.version,
            ASKED,
            {"period": due.period, "points": given, "due_points": points(nominal)},
            period=period_said(due.period),
            points=Count("points", given),
            due_points=Count("points", points(nominal)),
        )
