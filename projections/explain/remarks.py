"""What is said beside a ruling: another figure and why, conditions met, decisions before."""

from decimal import Decimal

from ledger.facts.types import AppealGranted, ExamSat, ViolationFound
from projections.explain.awards import against
from projections.explain.phrases import Count, Phrase, Value
from projections.explain.refusals import exam_limits
from projections.explain.scene import Scene, figures, is_full, overrides, waited
from projections.explain.sentences import examinable
from projections.fold.state import ABSENT, AGGRAVATED, MITIGATED, NODE_STARTED, RE_JUDGED
from projections.standing.writing import clock_time, day_date, points


def remarks(scene: Scene) -> list[Phrase]:
    """An override with its ground, a batch, what a decision was decided against or could not do."""
    fact = scene.ruling.envelope.fact
    if isinstance(fact, ViolationFound):
        return _override(fact, scene) + _batch(scene)
    if isinstance(fact, AppealGranted):
        return _decision(fact, scene)
    if violations := against(scene):
        return [Phrase("parts.not_due", {"violations": violations})]
    return []


def _override(fact: ViolationFound, scene: Scene) -> list[Phrase]:
    """Other points than the type's, and why; a judgement by the first version."""
    ruling = scene.ruling
    if fact.points is None and not ruling.reason:
        return []
    assert ruling.violation is not None
    category = scene.names.category(ruling.violation)
    severity = scene.names.severity(ruling.violation)
    table = None if category is None else category.at(severity).points
    asked = Count("points", points(fact.points or 0))
    values = figures(scene)
    values["table"] = "" if table is None else Count("points", str(table))
    if ruling.reason:
        start = f"{ruling.rulebook.in_force_from}"
        return [Phrase(f"reasons.{ruling.reason}", values | {"asked": asked, "from": start})]
    if table is None and fact.ground == "unstated":  # each fact brings its own: nothing to say
        return []
    return [Phrase(_weighed(fact, table, scene.row.traits), values | {"points": asked})]


def _weighed(fact: ViolationFound, table: Decimal | None, traits: int) -> str:
    """Points for a reason: lighter or heavier than the type's, or on the wrong side of them."""
    if table is None:
        return "parts.override_untabled"
    more = (fact.points or 0) - table * 100
    if not more:
        return "parts.ground"
    if not traits & (AGGRAVATED | MITIGATED):
        return "parts.override.plain"
    side = "heavier" if traits & AGGRAVATED else "lighter"
    fits = (more > 0) == (side == "heavier")
    return f"parts.override.{side if fits else f'misfit_{side}'}"


def _batch(scene: Scene) -> list[Phrase]:
    """The others that were found with a violation as one deduction; told with what they crossed."""
    if scene.together and crosses(scene):
        return []
    others: list[Value] = [scene.named(slot) for slot in scene.batch if slot != scene.row.violation]
    return [Phrase("parts.batch", {"others": others})] if others else []


def crosses(scene: Scene) -> bool:
    """Whether a node starts something."""
    stops = scene.replay.creator.stops
    return any(code == NODE_STARTED and stops[r].node != ABSENT for code, r, _, _ in scene.effects)


def _decision(fact: AppealGranted, scene: Scene) -> list[Phrase]:
    """What a grant decides otherwise; what had come back before; that the exam is closed."""
    ruling, violation, parts = scene.ruling, scene.violation, []
    if (other := overrides(ruling, scene.record)) is not None:
        key = "parts.after_denial" if other.applied else "parts.after_window"
        at = clock_time(other.envelope.effective_at, scene.zone)
        parts.append(Phrase(key, {"at": at, "authority": scene.role("authority")}))
    deducted = Count("points", points(violation.deducted))
    more = fact.points is not None and fact.points > abs(ruling.nominal)
    if more and not is_full(ruling) and not waited(ruling):
        before = violation.restored - abs(ruling.change or 0)
        asked = Count("points", points(fact.points or 0))
        restored = Count("points", points(before))
        values: dict[str, Value] = {"asked": asked, "deducted": deducted, "restored": restored}
        parts.append(Phrase("parts.given_less", values))
    elif violation.by_exam:
        restored = Count("points", points(violation.by_exam))
        parts.append(Phrase("parts.exam_gave", {"restored": restored, "deducted": deducted}))
    if is_full(ruling) and exam_open(scene):
        parts.append(Phrase("parts.exam_closed"))
    return parts


def exam_open(scene: Scene) -> bool:
    """Whether an exam on the violation could still be answered, the window aside."""
    return examinable(scene) and not (scene.violation.passed or scene.violation.abandoned)


def clipped(scene: Scene) -> list[Phrase]:
    """Where cap or floor cut the figure."""
    ruling = scene.ruling
    if not ruling.nominal or ruling.change is None or ruling.nominal == ruling.change:
        return []
    if (
        not ruling.change
        and ruling.nominal > 0
        and not isinstance(ruling.envelope.fact, AppealGranted | ExamSat)
    ):
        return []  # that nothing was gained is said first
    if any(code == RE_JUDGED for code, _, _, _ in scene.effects):
        return []  # the figure is of several violations
    key = "parts.clipped_floor" if ruling.nominal < 0 else "parts.clipped_cap"
    nominal = Count("points", points(abs(ruling.nominal)))
    return [Phrase(key, {"nominal": nominal, "bound": points(ruling.score_after or 0)})]


def admitted(scene: Scene) -> list[Phrase]:
    """The conditions of an exam that were all met."""
    if not isinstance(scene.ruling.envelope.fact, ExamSat):
        return []
    last = scene.row.day - scene.found("exam.window_days") + scene.required("exam.window_days")
    met = {ground.key for ground in scene.grounds if ground.met}
    asked = [key for key in ("right", "study") if f"clauses.exam_{key}" in met]
    values = exam_limits(scene) | {
        "said": [Phrase(f"admitted.{key}") for key in asked],
        "last": day_date(last),
        "nth": str(scene.found("exam.answers")),
        "of": str(scene.required("exam.answers")),
    }
    return [Phrase("parts.admitted" + ("" if asked else "_plain"), values)]
