"""Which clauses and figures of a rulebook a ruling relies on.

A reference is a key path into a rulebook: a figure (`categories.misleading.points`) or a behaviour
(`clauses.exam_pass`). As text it is the source's own clause, `002 §10(1)`, or, where no source
says it, `assumed: categories.misleading.points`; `scenario: …` where a what-if has set it. What is
the ledger's own doing and not a platform's rule is `ledger: …`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ledger.facts import NAMES_VIOLATION, AppealGranted, ViolationFound
from ledger.rulebook import NODE_LIMITS, STOP_LENGTHS, Rulebook
from ledger.rulebook_changes import NOTE
from projections.fold.state import (
    ABSENT,
    EXAM_PASSED,
    KINDS,
    MEASURE_STARTED,
    MONEY_DUE,
    MONEY_RELEASED,
    NODE_LIFTED,
    NODE_SERVED,
    NODE_STARTED,
    POINTS_EXPIRED,
    POINTS_REMOVED,
    QUOTA_TAKEN,
    RECOVERY_DUE,
    Stop,
)
from projections.grounds import AGGRAVATING, BY_KIND, BY_REASON, MITIGATING, OWN, OWN_KINDS
from projections.memory import Memory, is_full
from projections.naming import Naming
from projections.standing import Replay, Ruling

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
    for stop, path, shown in _stops(ruling, memory, replay, names):
        book = names.book(stop.version)
        found[Reference(cited(book, path, shown), book.label, path)] = None
    for path in _clock(ruling, replay, names):
        found[Reference(cited(ruling.rulebook, path), ruling.rulebook.label, path)] = None
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
    if ruling.reason in BY_REASON:
        yield from BY_REASON[ruling.reason]
    elif ruling.reason == "closed_by_appeal":
        yield "clauses.exam_closed_by_appeal" if exam else "clauses.appeal_granted"
    elif ruling.reason == "window_closed":
        if exam:
            yield from ("clauses.exam_window", "exam.window_days")
        else:
            yield from ("clauses.appeal_window", "appeal.window_days")
    elif ruling.reason == "closed":
        yield "clauses.recovery_keeps_stops"
        yield "clauses.recovery"
    elif ruling.reason == "not_offered":
        yield "clauses.recovery" if kind == "recovery_granted" else "clauses.accrual_exam"
    else:
        yield from _applied(kind, ruling, rulebook, memory, replay, names)


def _applied(
    kind: str, ruling: Ruling, rulebook: Rulebook, memory: Memory, replay: Replay, names: Naming
) -> Paths:
    if kind == "creator_enrolled":
        yield "clauses.enrolment"
        yield from (f"counters.{name}.initial" for name in rulebook.counters)
    elif kind == "violation_found":
        yield from _violation(ruling)
    elif kind == "appeal_granted":
        yield from _grant(ruling, memory, replay)
    elif kind == "exam_sat":
        yield from _exam(ruling, names)
    elif kind == "recovery_granted":
        yield "clauses.recovery"
        if ruling.row is not None and ruling.row.points == ABSENT:
            yield "recovery.points"
        if memory.running:
            yield "clauses.recovery_keeps_stops"
    else:
        yield from BY_KIND[kind]
    if ruling.change is not None and ruling.nominal not in (0, ruling.change):
        # The only bounds there are: what was nominal went over one of them.
        bound = "floor" if ruling.nominal < 0 else "cap"
        yield f"counters.{names.counters[ruling.counter]}.{bound}"


def _violation(ruling: Ruling) -> Paths:
    fact = ruling.envelope.fact
    assert isinstance(fact, ViolationFound)
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
    if fact.points is None or refused:
        yield f"categories.{fact.category}.points"
    if fact.batch is not None:
        yield "clauses.batch"
    effects = {code for code, _, _, _ in ruling.effects}
    if MEASURE_STARTED in effects:
        yield "clauses.correction"
    if MONEY_DUE in effects:
        yield "clauses.money"
        yield f"categories.{fact.category}.fines"


def _grant(ruling: Ruling, memory: Memory, replay: Replay) -> Paths:
    assert ruling.row is not None
    assert isinstance(ruling.envelope.fact, AppealGranted)
    case = memory.cases.get(ruling.row.violation)
    yield "clauses.appeal_granted"
    if case is not None and case.answers and is_full(ruling, replay):
        yield "clauses.appeal_after_exam" if case.passed else "clauses.exam_closed_by_appeal"
    if any(code == MONEY_RELEASED for code, _, _, _ in ruling.effects):
        yield "clauses.money"


def _exam(ruling: Ruling, names: Naming) -> Paths:
    assert ruling.row is not None
    effects = {code for code, _, _, _ in ruling.effects}
    passed = EXAM_PASSED in effects
    yield "clauses.exam_pass" if passed else "clauses.exam_fail"
    yield "exam.pass_mark"
    if passed:
        word = names.words[ruling.row.violation]
        yield f"categories.{word}.restorable"
    if QUOTA_TAKEN in effects:
        yield "clauses.exam_quota"
        yield "exam.quota_days"


def _stops(
    ruling: Ruling, memory: Memory, replay: Replay, names: Naming
) -> Iterator[tuple[Stop, str, str]]:
    """(stop, path, path as shown) of what started, was lifted, or was asked about and stays."""
    started = [row for code, row, _, _ in ruling.effects if code == NODE_STARTED]
    lifted = [row for code, row, _, _ in ruling.effects if code == NODE_LIFTED]
    stops = replay.creator.stops
    for row in started:
        stop = stops[row]
        if stop.node == ABSENT:
            yield stop, own_path(stop, replay, names), ""
            continue
        yield stop, "clauses.node", ""
        yield stop, limit_path(stop, names), ""
        yield stop, *length_path(stop, names)
    running = [stops[row].feature for row in (*memory.running, *started)]
    if any(running.count(stops[row].feature) > 1 for row in started):
        yield stops[started[0]], "clauses.highest_stop", ""
    asked = lifted or (kept(ruling, memory) if ruling.applied else [])
    for row in asked:
        by_exam = type(ruling.envelope.fact) is not AppealGranted
        yield stops[row], "clauses.exam_lifts" if by_exam else "clauses.appeal_granted", ""
        if stops[row].node == ABSENT:
            continue
        yield stops[row], limit_path(stops[row], names), ""
        yield stops[row], f"nodes.{names.node_name(stops[row])}.lifted_by", ""


def kept(ruling: Ruling, memory: Memory) -> list[int]:
    """Stops that a grant or a pass has been measured against and that stay."""
    kind = KINDS[ruling.row.kind] if ruling.row is not None else ""
    passed = any(code == EXAM_PASSED for code, _, _, _ in ruling.effects)
    if not (kind == "appeal_granted" or passed):
        return []
    ended = {row for code, row, _, _ in ruling.effects if code in (NODE_LIFTED, NODE_SERVED)}
    return [row for row in memory.running if row not in ended]


def limit_path(stop: Stop, names: Naming) -> str:
    node = names.node(stop)
    limit = next(word for word in NODE_LIMITS if getattr(node, word) is not None)
    return f"nodes.{names.node_name(stop)}.{limit}"


def length_path(stop: Stop, names: Naming) -> tuple[str, str]:
    """Of the stop's length: as cited by number, as shown by feature."""
    node, feature = names.node(stop), names.feature(stop)
    index, rule = next((i, s) for i, s in enumerate(node.stops) if s.feature == feature)
    length = next(word for word in STOP_LENGTHS if getattr(rule, word))
    base = f"nodes.{names.node_name(stop)}.stops"
    return f"{base}.{index}.{length}", f"{base}.{feature}.{length}"


def own_path(stop: Stop, replay: Replay, names: Naming) -> str:
    """What stops by itself: the step of its ladder, or its category."""
    violation = replay.creator.violations[stop.violation]
    book = names.book(stop.version)
    if violation.step != ABSENT:
        ladder = tuple(book.ladders)[violation.ladder]
        if book.ladders[ladder].steps[violation.step].stops:
            return f"ladders.{ladder}.steps.{violation.step}.stops"
    path = f"categories.{names.words[stop.violation]}"
    category, severity = names.category(violation), names.severity(violation)
    if category is not None and severity and category.severities[severity].stops:
        path += f".severities.{severity}"
    return f"{path}.stops"


def _clock(ruling: Ruling, replay: Replay, names: Naming) -> Paths:
    for code, row, _, _ in ruling.effects:
        if code == POINTS_EXPIRED:
            yield "clauses.expiry"
            counter = names.counters[replay.creator.violations[row].counter]
            yield f"counters.{counter}.expires_after"
        elif code == POINTS_REMOVED:
            yield "clauses.node"
        elif code == RECOVERY_DUE:
            yield "clauses.recovery"
            yield "recovery.points"
