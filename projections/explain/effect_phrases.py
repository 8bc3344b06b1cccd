"""One effect of a ruling as a phrase."""

from projections.explain.charges import charge
from projections.explain.effects import Effect, quota_free_at
from projections.explain.phrases import Count, Phrase, Value, Word
from projections.explain.scene import Scene, figures
from projections.fold.state import (
    EXAM_FAILED,
    EXAM_PASSED,
    MEASURE_ENDED,
    MEASURE_STARTED,
    MONEY_DUE,
    MONEY_RELEASED,
    NODE_LIFTED,
    NODE_MOVED,
    NODE_SERVED,
    NODE_STARTED,
    OCCASIONS,
    PERMANENT,
    POINTS_REMOVED,
    QUOTA_RETURNED,
    QUOTA_TAKEN,
    RE_JUDGED,
    RECOVERY_DUE,
    SCORE_RESET,
    STEP_REACHED,
    TOOK_EFFECT,
    UNTIL_OPENED,
    WHILE_TRIGGERED,
    Stop,
)
from projections.standing.writing import clock_time, money, points

OPEN_KINDS = {
    PERMANENT: "permanent",
    OCCASIONS: "occasions",
    WHILE_TRIGGERED: "while_triggered",
}


def effect_phrase(effect: Effect, scene: Scene) -> Phrase:
    """One effect; the start of a stop is said with its node by `crossings`."""
    code, row, amount, at = effect
    values: dict[str, Value] = {"at": clock_time(at, scene.zone)}
    if code in (NODE_STARTED, NODE_LIFTED, NODE_MOVED, NODE_SERVED):
        return _stop_effect(code, scene.replay.creator.stops[row], amount, scene, values)
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
    if code == SCORE_RESET:
        values["counter"] = scene.counter(row)
        return Phrase(f"effects.score_reset.{'up' if amount > 0 else 'down'}", values)
    values["violation"] = scene.names.violations[row]
    if code in (TOOK_EFFECT, STEP_REACHED, RE_JUDGED):
        return _violation_effect(code, row, amount, scene, values)
    if code == POINTS_REMOVED:
        return Phrase("effects.points_removed", values)
    violation = scene.replay.creator.violations[row]
    rule = scene.names.judge(violation).counters[scene.names.counters[violation.counter]]
    how = "paused" if rule.expiry_pauses else "plain"
    return Phrase(f"effects.points_expired.{how}", values)


def _violation_effect(
    code: int, row: int, amount: int, scene: Scene, values: dict[str, Value]
) -> Phrase:
    """What waited for an appeal; where a violation stands on its ladder."""
    violation = scene.replay.creator.violations[row]
    values["category"] = scene.titled(row)
    if code == TOOK_EFFECT:
        tally = scene.names.judge(violation).counters[scene.names.counters[violation.counter]]
        noun = "added" if tally.direction == "tally" else "deducted"
        values["taken"] = Count(noun, points(amount))
        return Phrase("effects.took_effect", values)
    values["ladder"] = scene.names.ladder(violation)
    if code == STEP_REACHED:
        return _step_reached(row, amount, scene, values)
    step = scene.names.step(violation, amount - 1)
    values["offence"] = "" if step is None else str(step.nth)
    return Phrase(f"effects.re_judged.{'none' if step is None else 'step'}", values)


def _step_reached(slot: int, offence: int, scene: Scene, values: dict[str, Value]) -> Phrase:
    """Which offence it is; the stops that were counted; that a fine falls away."""
    violation = scene.replay.creator.violations[slot]
    values |= {"offence": str(offence), "step": step_points(slot, offence, scene)}
    said = Phrase(f"effects.step_reached.{'points' if values['step'] else 'plain'}", values)
    found = charge(violation, scene.names, offence)
    if scene.names.judge(violation).ladders[found.ladder].counts == "stops":
        stops = Count("stops", str(offence - 1))
        said = Phrase("effects.step_reached.stops", {"said": said, "stops": stops})
    if found.step is not None and found.step.fines == () and found.table_fines:
        said = Phrase("effects.step_reached.no_fine", {"said": said})
    return said


def step_points(slot: int, offence: int, scene: Scene) -> Value:
    """What a step of the ladder sets, unless the fact gave the points; else empty."""
    violation = scene.replay.creator.violations[slot]
    step = charge(violation, scene.names, offence).step
    if step is None or step.points is None or violation.own_points:
        return ""
    return Count("points", str(step.points))


def _stop_effect(
    code: int, stop: Stop, until: int, scene: Scene, values: dict[str, Value]
) -> Phrase:
    """`until` is the end that it had, or that it has from now on."""
    values |= stop_values(stop, scene)
    if code == NODE_STARTED:
        return Phrase("effects.node_started", values)
    if stop.kind == UNTIL_OPENED:
        return Phrase("effects.node_served.opened", values)
    if code == NODE_SERVED:
        how = "shown" if stop.kind == WHILE_TRIGGERED else "timed"
        return Phrase(f"effects.node_served.{how}", values)
    if code == NODE_MOVED:
        return Phrase("effects.node_moved", values | {"until": clock_time(until, scene.zone)})
    if stop.kind in OPEN_KINDS:
        return Phrase(f"effects.node_lifted.{OPEN_KINDS[stop.kind]}", values)
    values["planned"] = clock_time(until, scene.zone)
    return Phrase("effects.node_lifted.timed", values)


def _exam_effect(passed: bool, scene: Scene) -> Phrase:
    exam = scene.judge.exam
    assert exam is not None
    noun = "taken_off" if scene.direction == "tally" else "come_back"
    left = exam.answers - scene.case.answers - 1
    values = figures(scene) | {
        "needed": str(exam.pass_mark),
        "come_back": Count(noun, points(abs(scene.ruling.change or 0))),
        "answers_left": Count("answers_left", str(left)),
    }
    if not passed:
        return Phrase("effects.exam_failed", values)
    return Phrase(f"effects.exam_passed.{'points' if scene.ruling.nominal else 'nothing'}", values)


def stop_values(stop: Stop, scene: Scene) -> dict[str, Value]:
    return {"feature": feature_of(stop, scene), "cause": scene.cause(stop)}


def feature_of(stop: Stop, scene: Scene) -> Value:
    return scene.feature(scene.names.feature(stop), scene.names.book(stop.version))
