"""One effect of a ruling as a phrase."""

from ledger.rulebook.model import NODE_LIMITS, Step
from projections.explain.phrases import Count, Phrase, Value, Word
from projections.explain.scene import LENGTHS, Scene, figures
from projections.fold.calendar import midnight
from projections.fold.state import (
    ABSENT,
    EXAM_FAILED,
    EXAM_PASSED,
    FOREVER,
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
    TALLY,
    TOOK_EFFECT,
    UNTIL_OPENED,
    WHILE_TRIGGERED,
    Stop,
)
from projections.fold.trace import Effect, Ground
from projections.standing.writing import clock_time, money, points

OPEN_KINDS = {kind: LENGTHS[kind] for kind in (OCCASIONS, PERMANENT, WHILE_TRIGGERED)}


def effect_phrase(effect: Effect, scene: Scene) -> Phrase:
    """One effect; the start of a stop is said with its node by `crossings`."""
    code, row, amount, at = effect
    values: dict[str, Value] = {"at": clock_time(at, scene.zone)}
    if code in (NODE_STARTED, NODE_LIFTED, NODE_MOVED, NODE_SERVED):
        return _stop_effect(effect, scene, values)
    if code in (QUOTA_TAKEN, QUOTA_RETURNED):
        values["category"] = scene.category_title(scene.names.categories[row])
        if code == QUOTA_TAKEN:
            free = midnight(amount, scene.replay.tables.book)
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
        return Phrase(f"effects.recovery_due.{'points' if amount else 'nothing'}", values)
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
    if not amount:
        how = "recovered"
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
    step = reached(slot, offence, scene)
    sets = step is not None and step.points is not None and not violation.own_points
    points_set = Count("points", str(step.points)) if sets and step is not None else ""
    values |= {"offence": str(offence), "step": points_set}
    said = Phrase(f"effects.step_reached.{'points' if sets else 'plain'}", values)
    ladder = scene.names.ladder(violation)
    if scene.names.judge(violation).ladders[ladder].counts == "stops":
        stops = Count("stops", str(offence - 1))
        said = Phrase("effects.step_reached.stops", {"said": said, "stops": stops})
    category = scene.names.category(violation)
    graded = category.at(scene.names.severity(violation)) if category is not None else None
    if step is not None and step.fines == () and graded is not None and graded.fines:
        said = Phrase("effects.step_reached.no_fine", {"said": said})
    return said


def reached(slot: int, offence: int, scene: Scene) -> Step | None:
    """The step that the n-th offence comes to, on the ladder that a violation climbs."""
    violation = scene.replay.creator.violations[slot]
    steps = scene.names.judge(violation).ladders[scene.names.ladder(violation)].steps
    return max((s for s in steps if s.nth <= offence), key=lambda s: s.nth, default=None)


def _stop_effect(effect: Effect, scene: Scene, values: dict[str, Value]) -> Phrase:
    """`until` is the end that it had, or that it has from now on."""
    code, row, until, at = effect
    stop = scene.replay.creator.stops[row]
    values |= stop_values(stop, scene)
    if code == NODE_STARTED:
        return Phrase("effects.node_started", values)
    if stop.kind == UNTIL_OPENED:
        return Phrase("effects.node_served.opened", values)
    if code == NODE_SERVED:
        how = "back" if stop.kind == WHILE_TRIGGERED and at < until else "timed"
        return Phrase(f"effects.node_served.{how}", values)
    if code == NODE_MOVED:
        return _moved(effect, scene, values)
    values["planned"] = clock_time(until, scene.zone)
    how = OPEN_KINDS.get(stop.kind, "timed" if until < FOREVER else "waits")
    said = Phrase(f"effects.node_lifted.{how}", values)
    if stop.node == ABSENT:
        return said
    limits = [ground for ground in scene.grounds if is_limit(ground, stop)]
    limit = next((ground for ground in limits if not ground.met), limits[0])
    values = {
        "said": said,
        "score": scene.without_recoveries(limit.found or 0, stop),
        "limit": needed(stop, scene),
    }
    if limit.met:  # another node is the deepest now, at a score that still meets this one's first
        values["limit"] = _past(scene.crossing(stop).limit, stop, scene)
    return Phrase("parts.good_again", values)


def _moved(effect: Effect, scene: Scene, values: dict[str, Value]) -> Phrase:
    """Of a stop that waited for occasions the end is its first; before, it was to end nowhere."""
    _, row, until, at = effect
    stop = scene.replay.creator.stops[row]
    if until >= FOREVER:
        judged = any(code == RE_JUDGED and of == stop.violation for code, of, _, _ in scene.effects)
        how = "shorter" if judged else "earlier"
        return Phrase(
            f"effects.node_moved.{'begins_open' if stop.started_at == at else how}", values
        )
    values["until"] = clock_time(until, scene.zone)
    how = "ends_first" if stop.planned_until == FOREVER else "ends"
    return Phrase(f"effects.node_moved.{'begins' if stop.started_at == at else how}", values)


def is_limit(ground: Ground, stop: Stop) -> bool:
    """Whether it is the limit of the node that has started a stop."""
    here = ground.version == stop.version and ground.about == (stop.node,)
    return here and ground.key == "nodes.*.limit"


def needed(stop: Stop, scene: Scene) -> Phrase:
    """What the score must be for a stop to be lifted: past the first multiple that was crossed."""
    node = scene.replay.tables.book.versions[stop.version].nodes[stop.node]
    return _past(node.limit - node.sign * scene.crossing(stop).above * node.every, stop, scene)


def needed_back(stop: Stop, scene: Scene) -> Phrase:
    """What the score must be for a stop to end that lasts as long as it is not."""
    node = scene.replay.tables.book.versions[stop.version].nodes[stop.node]
    release = scene.names.node(stop).release_at
    if release is None:
        return _past(node.limit, stop, scene)
    return Phrase(f"needed.{'above' if node.sign == TALLY else 'below'}", {"limit": str(release)})


def _past(limit: int, stop: Stop, scene: Scene) -> Phrase:
    named = scene.names.node(stop)
    word = next(w for w in NODE_LIMITS if getattr(named, w) is not None)
    return Phrase(f"needed.{word}", {"limit": points(limit)})


def _exam_effect(passed: bool, scene: Scene) -> Phrase:
    exam = scene.judge.exam
    assert exam is not None
    noun = "taken_off" if scene.direction == "tally" else "come_back"
    left = exam.answers - scene.violation.answers
    values = figures(scene) | {
        "needed": str(exam.pass_mark),
        "come_back": Count(noun, points(abs(scene.ruling.change or 0))),
        "answers_left": Count("answers_left", str(left)),
    }
    if not passed:
        return Phrase("effects.exam_failed", values)
    return Phrase(f"effects.exam_passed.{'points' if scene.ruling.nominal else 'nothing'}", values)


def stop_values(stop: Stop, scene: Scene) -> dict[str, Value]:
    return {
        "feature": feature_of(stop, scene),
        "stop": scene.stop(stop),
        "cause": scene.cause(stop),
        "lifted": Phrase(f"lifted.{scene.kind(stop)}"),
    }


def feature_of(stop: Stop, scene: Scene) -> Value:
    return scene.feature(scene.names.feature(stop), scene.names.book(stop.version))
