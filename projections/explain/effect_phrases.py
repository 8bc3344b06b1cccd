"""One effect of a ruling as a phrase."""

from collections.abc import Sequence
from itertools import groupby

from ledger.facts.currencies import decimals_of
from ledger.rulebook.model import NODE_LIMITS, Step
from projections.explain.phrases import Count, Phrase, Value
from projections.explain.scene import LENGTHS, Scene, kind
from projections.explain.terms import money_of
from projections.fold.calendar import midnight
from projections.fold.state import (
    ABSENT,
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
    POINTS_EXPIRED,
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
from projections.fold.trace import OF_A_STOP, Effect, Ground
from projections.standing.writing import clock_time, deadline, points

OPEN_KINDS = {kind: LENGTHS[kind] for kind in (OCCASIONS, PERMANENT, WHILE_TRIGGERED)}


def effect_phrase(effect: Effect, scene: Scene) -> Phrase:
    """One effect; the start of a stop is said with its node by `crossings`."""
    code, row, amount, at = effect
    values: dict[str, Value] = {"on": on(at, scene)}
    if code in OF_A_STOP:
        return _stop_effect(effect, scene, values)
    if code in (QUOTA_TAKEN, QUOTA_RETURNED):
        return _quota_effect(code, row, amount, scene)
    if code in (MEASURE_STARTED, MEASURE_ENDED):
        values["measure"] = scene.measure(scene.names.measure(scene.replay.creator.measures[row]))
        name = "measure_started" if code == MEASURE_STARTED else "measure_ended"
        return Phrase(f"effects.{name}", values)
    if code in (MONEY_DUE, MONEY_RELEASED):
        return _money_effect(effect, scene)
    values["points"] = Count("points", points(abs(amount)))
    if code == RECOVERY_DUE:
        return Phrase(f"effects.recovery_due.{'points' if amount else 'nothing'}", values)
    if code == SCORE_RESET:
        values["counter"] = scene.counter(row)
        return Phrase(f"effects.score_reset.{'up' if amount > 0 else 'down'}", values)
    values["violation"] = scene.named(row)
    return _violation_effect(code, row, amount, scene, values)


def on(at: int, scene: Scene) -> Phrase:
    """When something was; `phrases.dated` leaves out what has been said before."""
    return Phrase("effects.on", {"at": clock_time(at, scene.zone)})


def _quota_effect(code: int, row: int, amount: int, scene: Scene) -> Phrase:
    values: dict[str, Value] = {"category": scene.category_title(scene.names.categories[row])}
    if code == QUOTA_RETURNED:
        return Phrase("effects.quota_returned", values)
    free = midnight(amount, scene.replay.tables.book)
    exam = scene.judge.exam
    days = scene.required("exam.quota_days") or (exam.quota_days if exam else "")
    values |= {"until": clock_time(free, scene.zone), "days": Count("days", str(days))}
    return Phrase("effects.quota_taken", values)


def _money_effect(effect: Effect, scene: Scene) -> Phrase:
    """What is due or no longer due; several times what one multiple of a node costs."""
    code, row, amount, _ = effect
    account, currency = scene.names.accounts[row]
    said: Value = money_of(amount, currency)
    each = _fine_of_a_node(account, currency, scene)
    if each and amount > each and amount % each == 0:
        values: dict[str, Value] = {"money": said, "each": money_of(each, currency)}
        said = Phrase("said.times", values | {"n": str(amount // each)})
    key = "money_due" if code == MONEY_DUE else "money_released"
    how = account if account in ("deposit", "fine") else "other"
    told: dict[str, Value] = {"amount": said, "account": scene.word("words", account)}
    if code == MONEY_RELEASED and scene.ruled is not None:
        over = scene.record.overpaid(scene.ruled, (account, currency), scene.names.accounts)
        if over > 0 and effect is _last_of(scene, row):
            return Phrase("effects.money_released.paid", told | {"paid": money_of(over, currency)})
    return Phrase(f"effects.{key}.{how}", told)


def _last_of(scene: Scene, account: int) -> Effect:
    """The last effect of a ruling on an account."""
    return [e for e in scene.effects if e[0] in (MONEY_DUE, MONEY_RELEASED) and e[1] == account][-1]


def _fine_of_a_node(account: str, currency: str, scene: Scene) -> int:
    """What a node that starts or is lifted here costs at each multiple, where one alone does."""
    rows = [row for code, row, _, _ in scene.effects if code in (NODE_STARTED, NODE_LIFTED)]
    stops = [scene.replay.creator.stops[row] for row in rows]
    fines = {
        fine.amount
        for stop in stops
        if stop.node != ABSENT
        for fine in scene.names.node(stop).fines
        if (fine.account, fine.currency) == (account, currency)
    }
    return int(fines.pop().scaleb(decimals_of(currency))) if len(fines) == 1 else 0


def effect_phrases(effects: Sequence[Effect], scene: Scene) -> list[Phrase]:
    """Effects one after the other; points that go at once in one phrase."""
    parts = []
    for off, group in groupby(effects, lambda e: e[0] in (POINTS_EXPIRED, POINTS_REMOVED)):
        listed = list(group)
        parts += points_off(listed, scene) if off else [effect_phrase(e, scene) for e in listed]
    return parts


def points_off(effects: Sequence[Effect], scene: Scene) -> list[Phrase]:
    """Points that expired or came off at one instant, all that went the same way in one phrase."""
    parts = []
    for (code, how, at), group in groupby(effects, lambda e: (e[0], _how_off(e, scene), e[3])):
        listed = list(group)
        each: list[Value] = [
            Phrase("effects.points_of", _of(row, scene) | {"points": _points(amount)})
            for _, row, amount, _ in listed
        ]
        of: Value = each[0]
        if how == "recovered":
            of = [Phrase("effects.violation", _of(row, scene)) for _, row, _, _ in listed]
        elif len(each) > 1:
            total = _points(sum(amount for _, _, amount, _ in listed))
            of = Phrase("effects.points_of_many", {"points": total, "each": each})
        key = f"points_expired.{how}" if code == POINTS_EXPIRED else "points_removed"
        parts.append(Phrase(f"effects.{key}", {"of": of, "on": on(at, scene)}))
    return parts


def _points(amount: int) -> Count:
    return Count("points", points(amount))


def _of(row: int, scene: Scene) -> dict[str, Value]:
    return {"violation": scene.named(row)}


def _how_off(effect: Effect, scene: Scene) -> str:
    """Whether recoveries had made up for it before, or its time paused under stops."""
    code, row, amount, _ = effect
    if code != POINTS_EXPIRED:
        return ""
    if not amount:
        return "recovered"
    violation = scene.replay.creator.violations[row]
    rule = scene.names.judge(violation).counters[scene.names.counters[violation.counter]]
    return "paused" if rule.expiry_pauses else "plain"


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
    values["ladder"] = scene.ladder(violation)
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
    values["planned"] = deadline(until, scene.zone)
    how = OPEN_KINDS.get(stop.kind, "timed" if until < FOREVER else "waits")
    said = Phrase(f"effects.node_lifted.{how}", values)
    if stop.node == ABSENT:
        return said
    limits = [ground for ground in scene.grounds if is_limit(ground, stop)]
    limit = next((ground for ground in limits if not ground.met), limits[0])
    values = {"said": said, "meets": needed(stop, scene, "meets")}
    values |= scene.counted(limit.found or 0, stop)
    if limit.met:  # another node is the deepest now, at a score that still meets this one's first
        values["meets"] = _past("meets", scene.crossing(stop).limit, stop, scene)
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
    values["until"] = deadline(until, scene.zone)
    how = "ends_first" if stop.planned_until == FOREVER else "ends"
    return Phrase(f"effects.node_moved.{'begins' if stop.started_at == at else how}", values)


def is_limit(ground: Ground, stop: Stop) -> bool:
    """Whether it is the limit of the node that has started a stop."""
    here = ground.version == stop.version and ground.about == (stop.node,)
    return here and ground.key == "nodes.*.limit"


def needed(stop: Stop, scene: Scene, key: str) -> Phrase:
    """What the score must be for a stop to be lifted: past the first multiple that was crossed.

    `key` is `meets` or `lacks`, as it is or is not there.
    """
    node = scene.replay.tables.book.versions[stop.version].nodes[stop.node]
    limit = node.limit - node.sign * scene.crossing(stop).above * node.every
    return _past(key, limit, stop, scene)


def needed_back(stop: Stop, scene: Scene) -> Phrase:
    """What the score must be for a stop to end that lasts as long as it is not."""
    node = scene.replay.tables.book.versions[stop.version].nodes[stop.node]
    release = scene.names.node(stop).release_at
    if release is None:
        return _past("lacks", node.limit, stop, scene)
    return Phrase(f"lacks.{'above' if node.sign == TALLY else 'below'}", {"limit": str(release)})


def _past(key: str, limit: int, stop: Stop, scene: Scene) -> Phrase:
    named = scene.names.node(stop)
    word = next(w for w in NODE_LIMITS if getattr(named, w) is not None)
    return Phrase(f"{key}.{word}", {"limit": points(limit)})


def stop_values(stop: Stop, scene: Scene) -> dict[str, Value]:
    return {
        "feature": feature_of(stop, scene),
        "stop": scene.stop(stop),
        "cause": scene.cause(stop),
        "lifted": Phrase(f"lifted.{kind(stop, scene.names)}"),
    }


def feature_of(stop: Stop, scene: Scene) -> Value:
    """What is stopped."""
    return scene.feature(scene.names.feature(stop), scene.names.book(stop.version))
