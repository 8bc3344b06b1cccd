"""What follows from a ruling, in phrases: stops, measures, quota, money, and what stays."""

from itertools import groupby

from ledger.facts import AppealGranted, ViolationFound
from ledger.rulebook import NODE_LIMITS, STOP_LENGTHS
from projections.clauses import kept
from projections.effects import Effect, quota_free_at
from projections.fold.state import (
    BY_APPEAL,
    BY_EXAM,
    EXAM_FAILED,
    EXAM_PASSED,
    FOREVER,
    MEASURE_ENDED,
    MEASURE_STARTED,
    MONEY_DUE,
    MONEY_RELEASED,
    NODE_LIFTED,
    NODE_SERVED,
    NODE_STARTED,
    POINTS_EXPIRED,
    POINTS_REMOVED,
    QUOTA_RETURNED,
    QUOTA_TAKEN,
    RECOVERY_DUE,
    RECOVERY_GRANTED,
    RULES_EXAM_SAT,
    WHILE_TRIGGERED,
    Stop,
)
from projections.memory import is_full
from projections.phrases import Count, Phrase, Value, Word
from projections.scene import Scene, figures
from projections.writing import clock_time, money, points

CLOCK = {NODE_SERVED, POINTS_EXPIRED, POINTS_REMOVED, RECOVERY_DUE}


def by_clock(effect: Effect, scene: Scene) -> bool:
    """Whether an effect fell due by time alone, before the fact."""
    code, row, _, at = effect
    if code not in CLOCK or scene.ruling.row is None:
        return False
    if at < scene.ruling.envelope.effective_at:
        return True
    stop = scene.replay.creator.stops[row] if code == NODE_SERVED else None
    return stop is None or stop.planned_until == at


def own_parts(scene: Scene) -> list[Phrase]:
    """What the fact itself brought about, after its first part."""
    ruling = scene.ruling
    parts = [*remarks(scene), *clipped(scene)]
    effects = [e for e in ruling.effects if not by_clock(e, scene)]
    started = [row for code, row, _, _ in effects if code == NODE_STARTED]
    parts += crossings(started, scene)
    parts += [effect_phrase(e, scene) for e in effects if e[0] != NODE_STARTED]
    return parts + stays(scene)


def clock_parts(scene: Scene) -> list[Phrase]:
    return [effect_phrase(e, scene) for e in scene.ruling.effects if by_clock(e, scene)]


def remarks(scene: Scene) -> list[Phrase]:
    """An override with its ground, a judgement by the first version, what an exam gave."""
    ruling, fact = scene.ruling, scene.ruling.envelope.fact
    values = figures(scene)
    if isinstance(fact, ViolationFound):
        category = ruling.rulebook.categories.get(fact.category)
        table = None if category is None else category.points
        values["table"] = "" if table is None else Count("points", str(table))
        asked = Count("points", points(fact.points or 0))
        if ruling.reason:
            start = f"{ruling.rulebook.in_force_from}"
            return [Phrase(f"reasons.{ruling.reason}", values | {"asked": asked, "from": start})]
        if fact.points is None:
            return []
        key = "parts.override" if table is not None else "parts.override_untabled"
        return [Phrase(key, values | {"points": asked})]
    if isinstance(fact, AppealGranted):
        parts = []
        if scene.case.passed and scene.case.restored:
            given = Count("points", points(scene.case.restored))
            parts.append(Phrase("parts.exam_gave", {"restored": given}))
        if is_full(ruling, scene.replay) and exam_open(scene):
            parts.append(Phrase("parts.exam_closed"))
        return parts
    return []


def exam_open(scene: Scene) -> bool:
    """Whether an exam on the violation could still be answered, the window aside."""
    category = scene.judge.categories.get(scene.names.words[scene.row.violation])
    offered = scene.judge.exam is not None and category is not None
    case = scene.case
    return bool(
        offered and category and category.restorable and not (case.passed or case.abandoned)
    )


def clipped(scene: Scene) -> list[Phrase]:
    """Where cap or floor cut the figure."""
    ruling = scene.ruling
    if not ruling.nominal or ruling.change is None or ruling.nominal == ruling.change:
        return []
    key = "parts.clipped_floor" if ruling.nominal < 0 else "parts.clipped_cap"
    nominal = Count("points", points(abs(ruling.nominal)))
    return [Phrase(key, {"nominal": nominal, "bound": points(ruling.score_after or 0)})]


def crossings(rows: list[int], scene: Scene) -> list[Phrase]:
    """Each crossed node with what it stops; then which end counts where several run."""
    stops = scene.replay.creator.stops
    parts = []
    for _, group in groupby(rows, lambda row: (stops[row].version, stops[row].node)):
        started = [stops[row] for row in group]
        node = scene.names.node(started[0])
        word = next(w for w in NODE_LIMITS if getattr(node, w) is not None)
        said: list[Value] = [stop_phrase(s, scene, alone=len(started) == 1) for s in started]
        values: dict[str, Value] = {
            "counter": scene.counter(started[0].counter),
            "limit": points(started[0].limit),
            "stops": said,
        }
        parts.append(Phrase(f"crossed.{word}", values))
    return parts + longest(rows, scene)


def stop_phrase(stop: Stop, scene: Scene, *, alone: bool) -> Phrase:
    feature = scene.names.feature(stop)
    rule = next(s for s in scene.names.node(stop).stops if s.feature == feature)
    unit = next(word for word in STOP_LENGTHS if getattr(rule, word))
    shape = unit if unit in ("permanent", "while_triggered", "occasions") else "timed"
    values: dict[str, Value] = {
        "feature": scene.feature(feature, scene.names.book(stop.version)),
        "length": Count(unit, str(getattr(rule, unit))) if shape in ("timed", "occasions") else "",
        "until": ""
        if stop.planned_until >= FOREVER
        else clock_time(stop.planned_until, scene.zone),
    }
    return Phrase(f"stops.{shape}{'_one' if alone else ''}", values)


def longest(started: list[int], scene: Scene) -> list[Phrase]:
    """Of several stops of one feature the latest end counts: said where a new one meets others."""
    stops = scene.replay.creator.stops
    running = [stops[row] for row in (*scene.memory.running, *started)]
    parts = []
    for feature in dict.fromkeys(stops[row].feature for row in started):
        same = [s for s in running if s.feature == feature]
        if len(same) < 2:
            continue
        end = max(s.planned_until for s in same)
        values: dict[str, Value] = {
            "feature": _feature(same[-1], scene),
            "until": "" if end >= FOREVER else clock_time(end, scene.zone),
        }
        parts.append(
            Phrase("parts.longest_permanent" if end >= FOREVER else "parts.longest", values)
        )
    return parts


def stays(scene: Scene) -> list[Phrase]:
    """Stops that a grant, a pass or a recovery leaves running, and why."""
    stops = scene.replay.creator.stops
    if scene.row.kind in (RECOVERY_GRANTED, RULES_EXAM_SAT):
        ended = {row for code, row, _, _ in scene.ruling.effects if code == NODE_SERVED}
        rows = [r for r in scene.memory.running if r not in ended]
        features = {stops[r].feature: stops[r] for r in rows if stops[r].kind != WHILE_TRIGGERED}
        named: list[Value] = [_feature(stop, scene) for stop in features.values()]
        return [Phrase("parts.no_shorter", {"feature": named})] if named else []
    by_feature: dict[tuple[int, bool], list[int]] = {}
    for row in kept(scene.ruling, scene.memory):
        key = stops[row].feature, bool(stops[row].lifted_by & _means(scene))
        by_feature.setdefault(key, []).append(row)
    return [
        _kept_many(rows, scene) if len(rows) > 1 and liftable else _kept(rows[0], scene)
        for (_, liftable), rows in by_feature.items()
    ]


def _means(scene: Scene) -> int:
    return BY_APPEAL if isinstance(scene.ruling.envelope.fact, AppealGranted) else BY_EXAM


def _kept_many(rows: list[int], scene: Scene) -> Phrase:
    stops = [scene.replay.creator.stops[row] for row in rows]
    end = max(stop.planned_until for stop in stops)
    nodes: list[Value] = [scene.names.node_name(stop) for stop in stops]
    values: dict[str, Value] = {
        "feature": _feature(stops[0], scene),
        "nodes": nodes,
        "score": points(scene.memory.lifting_score(rows[0], scene.replay)),
    }
    if end >= FOREVER:
        return Phrase("parts.kept_many_permanent", values)
    return Phrase("parts.kept_many", values | {"until": clock_time(end, scene.zone)})


def _kept(row: int, scene: Scene) -> Phrase:
    stop = scene.replay.creator.stops[row]
    granted = isinstance(scene.ruling.envelope.fact, AppealGranted)
    node = scene.names.node(stop)
    word = next(w for w in NODE_LIMITS if getattr(node, w) is not None)
    values = _stop_values(stop, scene) | {
        "score": points(scene.memory.lifting_score(row, scene.replay)),
        "limit": Phrase(f"needed.{word}", {"limit": points(stop.limit)}),
    }
    if not stop.lifted_by & _means(scene):
        return Phrase("parts.not_by_appeal" if granted else "parts.not_by_exam", values)
    if stop.planned_until >= FOREVER:
        return Phrase("parts.kept_permanent", values)
    return Phrase("parts.kept", values | {"until": clock_time(stop.planned_until, scene.zone)})


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
    values |= _stop_values(stop, scene)
    if code == NODE_STARTED:
        return Phrase("effects.node_started", values)
    if code == NODE_SERVED:
        how = "shown" if stop.kind == WHILE_TRIGGERED else "timed"
        return Phrase(f"effects.node_served.{how}", values)
    if stop.planned_until >= FOREVER:
        return Phrase("effects.node_lifted.open", values)
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


def _stop_values(stop: Stop, scene: Scene) -> dict[str, Value]:
    return {"feature": _feature(stop, scene), "node": scene.names.node_name(stop)}


def _feature(stop: Stop, scene: Scene) -> Value:
    return scene.feature(scene.names.feature(stop), scene.names.book(stop.version))
