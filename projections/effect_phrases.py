"""One effect of a ruling as a phrase."""

from projections.effects import Effect, quota_free_at
from projections.fold.state import (
    EXAM_FAILED,
    EXAM_PASSED,
    MEASURE_ENDED,
    MEASURE_STARTED,
    MONEY_DUE,
    MONEY_RELEASED,
    NODE_LIFTED,
    NODE_SERVED,
    NODE_STARTED,
    OCCASIONS,
    PERMANENT,
    POINTS_EXPIRED,
    QUOTA_RETURNED,
    QUOTA_TAKEN,
    RECOVERY_DUE,
    WHILE_TRIGGERED,
    Stop,
)
from projections.phrases import Count, Phrase, Value, Word
from projections.scene import Scene, figures
from projections.writing import clock_time, money, points

OPEN_KINDS = {
    PERMANENT: "permanent",
    OCCASIONS: "occasions",
    WHILE_TRIGGERED: "while_triggered",
}


def effect_phrase(effect: Effect, scene: Scene) -> Phrase:
    """One effect; the start of a stop is said with its node by `crossings`."""
    code, row, amount, at = effect
    values: dict[str, Value] = {"at": clock_time(at, scene.zone)}
    if code in (NODE_STARTED, NODE_LIFTED, NODE_SERVED):
        return _stop_effect(code, scene.replay.creator.stops[row], scene, values)
    if code in (QUOTA_TAKEN, QUOTA_RETURNED):
        values["category"] = scene.category_title(scene.names.categories[row])
        if code == QUOTA_TAKEN:
            free = quota_free_at(scene.ruling, scene.replay, scene.names)
            values["until"] = clock_time(free, scene.zone)
        return Phrase(
            f"effects.{'quota_taken' if code == QUOTA_TAKEN else 'quota_returned'}", values
        )
    if code in (MEASURE_STARTED, MEASURE_ENDED):
        values["measure"] = scene.measure(scene.names.measure(scene.replay.creator.measures[row]))
        name = "measure_started" if code == MEASURE_STARTED else "measure_ended"
        return Phrase(f"effects.{name}", values)
    if code in (MONEY_DUE, MONEY_RELEASED):
        account, currency = scene.names.accounts[row]
        values |= {"account": Word("words", account), "currency": currency}
        values["amount"] = money(amount, currency)
        return Phrase(f"effects.{'money_due' if code == MONEY_DUE else 'money_released'}", values)
    if code in (EXAM_PASSED, EXAM_FAILED):
        return _exam_effect(code == EXAM_PASSED, scene)
    values["points"] = Count("points", points(abs(amount)))
    if code == RECOVERY_DUE:
        return Phrase("effects.recovery_due", values)
    values["violation"] = scene.names.violations[row]
    name = "points_expired" if code == POINTS_EXPIRED else "points_removed"
    return Phrase(f"effects.{name}", values)


def _stop_effect(code: int, stop: Stop, scene: Scene, values: dict[str, Value]) -> Phrase:
    values |= stop_values(stop, scene)
    if code == NODE_STARTED:
        return Phrase("effects.node_started", values)
    if code == NODE_SERVED:
        how = "shown" if stop.kind == WHILE_TRIGGERED else "timed"
        return Phrase(f"effects.node_served.{how}", values)
    if stop.kind in OPEN_KINDS:
        return Phrase(f"effects.node_lifted.{OPEN_KINDS[stop.kind]}", values)
    values["planned"] = clock_time(stop.planned_until, scene.zone)
    return Phrase("effects.node_lifted.timed", values)


def _exam_effect(passed: bool, scene: Scene) -> Phrase:
    exam = scene.judge.exam
    assert exam is not None
    left = exam.answers - scene.case.answers - 1
    values = figures(scene) | {
        "needed": str(exam.pass_mark),
        "come_back": Count("come_back", points(abs(scene.ruling.change or 0))),
        "answers_left": Count("answers_left", str(left)),
    }
    if not passed:
        return Phrase("effects.exam_failed", values)
    return Phrase(f"effects.exam_passed.{'points' if scene.ruling.nominal else 'nothing'}", values)


def stop_values(stop: Stop, scene: Scene) -> dict[str, Value]:
    return {"feature": feature_of(stop, scene), "node": scene.names.node_name(stop)}


def feature_of(stop: Stop, scene: Scene) -> Value:
    return scene.feature(scene.names.feature(stop), scene.names.book(stop.version))
