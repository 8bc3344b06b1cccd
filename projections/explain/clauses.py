"""Which clauses and figures of a rulebook a ruling relies on.

A reference is a key path into a rulebook: a figure (`categories.misleading.points`) or a behaviour
(`clauses.exam_pass`). As text it is the source's own clause, `002 §10(1)`, or, where no source
says it, `assumed: categories.misleading.points`; `scenario: …` where a what-if has set it. What is
the ledger's own doing and not a platform's rule is `ledger: …`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ledger.facts.types import (
    NAMES_VIOLATION,
    AppealGranted,
    CourseTaken,
    FeatureOpened,
    FeatureUsed,
    ViolationFound,
)
from ledger.rulebook.changes import NOTE
from ledger.rulebook.model import Rulebook
from projections.explain.charges import charge, charged
from projections.explain.effect_grounds import lapse_paths, of_effects, run_paths
from projections.explain.grounds import AGGRAVATING, BY_KIND, BY_REASON, MITIGATING, OWN, OWN_KINDS
from projections.explain.memory import Memory, is_full, waited, why_closed
from projections.fold.state import (
    ABSENT,
    EXAM_PASSED,
    KINDS,
    MEASURE_STARTED,
    MONEY_DUE,
    MONEY_RELEASED,
    QUOTA_TAKEN,
    RE_JUDGED,
)
from projections.standing.naming import Naming
from projections.standing.replay import Replay, Ruling

LEDGER, SCENARIO, ASSUMED = "ledger: ", "scenario: ", "assumed: "
Paths = Iterator[str]


class Reference(NamedTuple):
    """What a ruling relies on."""

    label: str
    """`002 §10(1)`, `assumed: …`, `scenario: …` or `ledger: …`."""
    rulebook: str = ""
    path: str = ""


def judging(ruling: Ruling, memory: Memory, replay: Replay, names: Naming) -> Rulebook:
    """The version that judged the violation a fact names, else that of the fact's instant."""
    row = ruling.row
    if (
        row is not None
        and type(ruling.envelope.fact) in NAMES_VIOLATION
        and row.violation in memory.cases
        and type(ruling.envelope.fact) is not ViolationFound
    ):
        return names.judge(replay.creator.violations[row.violation])
    return ruling.rulebook


def relied_on(ruling: Ruling, memory: Memory, replay: Replay, names: Naming) -> list[Reference]:
    """Each reference once, the outcome's own first, then those of its effects."""
    rulebook = judging(ruling, memory, replay, names)
    found: dict[Reference, None] = {}
    if ruling.reason in OWN or ruling.row is None or KINDS[ruling.row.kind] in OWN_KINDS:
        kind = "" if ruling.row is None else KINDS[ruling.row.kind]
        own = OWN.get(ruling.reason) or OWN_KINDS.get(kind, "retraction")
        found[Reference(LEDGER + own)] = None
    else:
        paths = list(_paths(ruling, rulebook, memory, replay, names))
        for path in paths:
            found[Reference(cited(rulebook, path), rulebook.label, path)] = None
        if paths and not any(reference.label for reference in found):
            found[Reference(ASSUMED + paths[0], rulebook.label, paths[0])] = None
    for book, path, shown in of_effects(ruling, memory, replay, names):
        found[Reference(cited(book, path, shown), book.label, path)] = None
    return [reference for reference in found if reference.label]


def cited(rulebook: Rulebook, path: str, shown: str = "") -> str:
    """A reference as text; empty where the rulebook says nothing of the kind."""
    table, _, rest = path.partition(".")
    if table == "clauses":
        if rest not in rulebook.clauses:
            return ""
    elif getattr(rulebook, table, None) is None:
        return ""
    citation = rulebook.cite(path)
    if citation.note == NOTE:
        return SCENARIO + (shown or path)
    where = f"{citation.source} {citation.clause}".strip()
    return ASSUMED + (shown or path) if citation.assumed or not where else where


def _paths(
    ruling: Ruling, rulebook: Rulebook, memory: Memory, replay: Replay, names: Naming
) -> Paths:
    assert ruling.row is not None
    kind = KINDS[ruling.row.kind]
    exam = kind.startswith("exam_")
    if ruling.reason == "limit_reached" and kind == "course_taken":
        yield "courses.at_most"
    elif ruling.reason in BY_REASON:
        yield from BY_REASON[ruling.reason]
    elif ruling.reason == "closed_by_appeal":
        yield "clauses.exam_closed_by_appeal" if exam else "clauses.appeal_granted"
    elif ruling.reason == "window_closed":
        if exam:
            yield from ("clauses.exam_window", "exam.window_days")
        else:
            yield from ("clauses.appeal_window", "appeal.window_days")
    elif ruling.reason == "closed":
        yield from _closed(kind, rulebook, memory, replay)
    elif ruling.reason == "not_open":
        yield "clauses.lapse"
    elif ruling.reason == "not_offered":
        yield _not_offered(kind, ruling)
    elif ruling.reason == "same_item":
        assert isinstance(ruling.envelope.fact, ViolationFound)
        yield f"categories.{ruling.envelope.fact.category}.once_per_item"
    else:
        yield from _applied(kind, ruling, rulebook, memory, names)


def _applied(kind: str, ruling: Ruling, rulebook: Rulebook, memory: Memory, names: Naming) -> Paths:
    if kind == "creator_enrolled":
        yield "clauses.enrolment"
        yield from (f"counters.{name}.initial" for name in rulebook.counters)
    elif kind == "violation_found":
        yield from _violation(ruling, names)
    elif kind == "appeal_granted":
        yield from _grant(ruling, memory)
    elif kind == "exam_sat":
        yield from _exam(ruling, names)
    elif kind in ("recovery_granted", "course_taken", "day_qualified"):
        yield from _recovery(kind, ruling, rulebook, memory)
    elif isinstance(ruling.envelope.fact, FeatureOpened | FeatureUsed):
        yield from lapse_paths(rulebook, ruling.envelope.fact.feature)
    else:
        yield from BY_KIND[kind]
    again = any(code == RE_JUDGED for code, _, _, _ in ruling.effects)
    if ruling.change is not None and ruling.nominal not in (0, ruling.change) and not again:
        # The only bounds there are: what was nominal went over one of them.
        bound = "floor" if ruling.nominal < 0 else "cap"
        yield f"counters.{names.counters[ruling.counter]}.{bound}"


def _violation(ruling: Ruling, names: Naming) -> Paths:
    fact = ruling.envelope.fact
    assert isinstance(fact, ViolationFound)
    assert ruling.row is not None
    assert ruling.violation is not None
    refused = ruling.reason == "mitigation_refused"
    yield "clauses.deduction"
    if ruling.reason == "before_first_version":
        yield "in_force_from"
    if refused:
        yield "clauses.mitigation_refused"
    elif fact.ground in AGGRAVATING:
        yield "clauses.aggravation"
    elif fact.ground in MITIGATING:
        yield "clauses.mitigation"
    effects = ruling.effects[ruling.due :]
    found = charged(ruling.row.violation, ruling.violation, names, effects)
    if fact.points is None or refused:
        yield found.path("points")
    if fact.batch is not None:
        yield "clauses.batch"
    if ruling.violation.waiting_until != ABSENT:
        yield from ("appeal.effect", "appeal.window_days")
    codes = {code for code, _, _, _ in effects}
    if MEASURE_STARTED in codes:
        yield "clauses.correction"
    if MONEY_DUE in codes:
        yield "clauses.money"
        if found.fines:
            yield found.path("fines")


def _not_offered(kind: str, ruling: Ruling) -> str:
    fact = ruling.envelope.fact
    if isinstance(fact, CourseTaken):
        return f"courses.points.{fact.course}"
    if kind == "rules_exam_sat":
        return "clauses.accrual_exam"
    if isinstance(fact, FeatureOpened | FeatureUsed):
        return "clauses.lapse"
    return "recovery.cadence" if kind == "day_qualified" else "clauses.recovery"


def _closed(kind: str, rulebook: Rulebook, memory: Memory, replay: Replay) -> Paths:
    if why_closed(kind, rulebook, memory, replay) == "at_end":
        yield "recovery.not_at_floor"
    elif kind == "course_taken":
        yield "courses.not_while_stopped"
    else:
        yield "clauses.recovery_keeps_stops"
        yield "clauses.recovery"


def _recovery(kind: str, ruling: Ruling, rulebook: Rulebook, memory: Memory) -> Paths:
    fact = ruling.envelope.fact
    if isinstance(fact, CourseTaken):
        yield f"courses.points.{fact.course}"
    elif kind == "day_qualified":
        yield "recovery.cadence"
        yield from run_paths(rulebook)
        if ruling.change:
            yield "recovery.points"
    else:
        yield "clauses.recovery"
        if ruling.row is not None and ruling.row.points == ABSENT:
            yield "recovery.points"
    if memory.running and kind != "day_qualified":
        yield "clauses.recovery_keeps_stops"


def _grant(ruling: Ruling, memory: Memory) -> Paths:
    assert ruling.row is not None
    assert isinstance(ruling.envelope.fact, AppealGranted)
    case = memory.cases.get(ruling.row.violation)
    yield "clauses.appeal_granted"
    if case is not None and case.answers and is_full(ruling):
        yield "clauses.appeal_after_exam" if case.passed else "clauses.exam_closed_by_appeal"
    if any(code == MONEY_RELEASED for code, _, _, _ in ruling.effects):
        yield "clauses.money"
    if waited(ruling):
        yield "appeal.effect"


def _exam(ruling: Ruling, names: Naming) -> Paths:
    assert ruling.row is not None
    effects = {code for code, _, _, _ in ruling.effects}
    passed = EXAM_PASSED in effects
    yield "clauses.exam_pass" if passed else "clauses.exam_fail"
    yield "exam.pass_mark"
    if passed:
        assert ruling.violation is not None
        yield charge(ruling.violation, names).path("restorable")
    if QUOTA_TAKEN in effects:
        yield "clauses.exam_quota"
        yield "exam.quota_days"
