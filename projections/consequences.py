"""What follows from a ruling, in phrases: stops, measures, quota, money, and what stays."""

from itertools import groupby

from ledger.facts import AppealGranted, ViolationFound
from ledger.rulebook import NODE_LIMITS, STOP_LENGTHS
from projections.clauses import kept
from projections.effect_phrases import effect_phrase, feature_of, stop_values
from projections.effects import Effect
from projections.fold.state import (
    BY_APPEAL,
    BY_EXAM,
    EXACT,
    EXAM_FAILED,
    EXAM_PASSED,
    FOREVER,
    MEASURE_ENDED,
    MEASURE_IMPOSED,
    MEASURE_LIFTED,
    MEASURE_STARTED,
    MONTHS,
    NATURAL_DAYS,
    NODE_SERVED,
    NODE_STARTED,
    OCCASION_HELD,
    OCCASIONS,
    PERMANENT,
    POINTS_EXPIRED,
    POINTS_REMOVED,
    RECOVERY_DUE,
    RECOVERY_GRANTED,
    RULES_EXAM_SAT,
    WHILE_TRIGGERED,
    Stop,
)
from projections.memory import is_full
from projections.phrases import Count, Phrase, Value
from projections.scene import Scene, figures
from projections.writing import clock_time, points

ENDING = {EXACT, NATURAL_DAYS, MONTHS, PERMANENT}
SAID = {MEASURE_IMPOSED, MEASURE_LIFTED}
CLOCK = {NODE_SERVED, POINTS_EXPIRED, POINTS_REMOVED, RECOVERY_DUE}


def by_clock(effect: Effect, scene: Scene) -> bool:
    """Whether an effect fell due by time alone, before the fact."""
    code, row, _, at = effect
    if code not in CLOCK or scene.ruling.row is None:
        return False
    if at < scene.ruling.envelope.effective_at:
        return True
    if scene.row.kind == OCCASION_HELD and code in (NODE_SERVED, POINTS_REMOVED):
        return False
    stop = scene.replay.creator.stops[row] if code == NODE_SERVED else None
    return stop is None or stop.planned_until == at


def own_parts(scene: Scene) -> list[Phrase]:
    """What the fact itself brought about, after its first part."""
    ruling = scene.ruling
    effects = [e for e in ruling.effects if not by_clock(e, scene)]
    if scene.row.kind in SAID:  # of the measure that the first part has named
        effects = [e for e in effects if e[0] not in (MEASURE_STARTED, MEASURE_ENDED)]
    marks = [e for e in effects if e[0] in (EXAM_PASSED, EXAM_FAILED)]
    started = [row for code, row, _, _ in effects if code == NODE_STARTED]
    others = [e for e in effects if e[0] != NODE_STARTED and e not in marks]
    parts = remarks(scene) if ruling.applied else []
    parts += [effect_phrase(e, scene) for e in marks]
    parts += clipped(scene) + crossings(started, scene)
    parts += [effect_phrase(e, scene) for e in others]
    return parts + stays(scene) if ruling.applied else parts


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
        if scene.case.restored_by_exam:
            given = Count("points", points(scene.case.restored_by_exam))
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
    by_end: dict[int, list[Value]] = {}
    for feature in dict.fromkeys(stops[row].feature for row in started):
        same = [s for s in running if s.feature == feature and s.kind in ENDING]
        if len(same) > 1:
            end = max(s.planned_until for s in same)
            by_end.setdefault(end, []).append(feature_of(same[-1], scene))
    return [
        Phrase("parts.longest_permanent", {"feature": features})
        if end >= FOREVER
        else Phrase("parts.longest", {"feature": features, "until": clock_time(end, scene.zone)})
        for end, features in by_end.items()
    ]


def stays(scene: Scene) -> list[Phrase]:
    """Stops that a grant, a pass or a recovery leaves running, and why."""
    stops = scene.replay.creator.stops
    if scene.row.kind in (RECOVERY_GRANTED, RULES_EXAM_SAT):
        ended = {row for code, row, _, _ in scene.ruling.effects if code == NODE_SERVED}
        rows = [r for r in scene.memory.running if r not in ended]
        features = {stops[r].feature: stops[r] for r in rows if stops[r].kind != WHILE_TRIGGERED}
        named: list[Value] = [feature_of(stop, scene) for stop in features.values()]
        return [Phrase("parts.no_shorter", {"feature": named})] if named else []
    by_feature: dict[tuple[int, bool], list[int]] = {}
    for row in kept(scene.ruling, scene.memory):
        liftable = bool(stops[row].lifted_by & _means(scene)) and stops[row].kind in ENDING
        by_feature.setdefault((stops[row].feature, liftable), []).append(row)
    parts = []
    for (_, together), rows in by_feature.items():
        if together and len(rows) > 1:
            parts.append(_kept_many(rows, scene))
        else:
            parts += [_kept(row, scene) for row in rows]
    return parts


def _means(scene: Scene) -> int:
    return BY_APPEAL if isinstance(scene.ruling.envelope.fact, AppealGranted) else BY_EXAM


def _kept_many(rows: list[int], scene: Scene) -> Phrase:
    stops = [scene.replay.creator.stops[row] for row in rows]
    end = max(stop.planned_until for stop in stops)
    nodes: list[Value] = [scene.names.node_name(stop) for stop in stops]
    values: dict[str, Value] = {
        "feature": feature_of(stops[0], scene),
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
    values = stop_values(stop, scene) | {
        "score": points(scene.memory.lifting_score(row, scene.replay)),
        "limit": Phrase(f"needed.{word}", {"limit": points(stop.limit)}),
    }
    if stop.kind == WHILE_TRIGGERED:
        return Phrase("parts.kept_while_triggered", figures(scene) | values)
    if not stop.lifted_by & _means(scene):
        return Phrase("parts.not_by_appeal" if granted else "parts.not_by_exam", values)
    if stop.kind == OCCASIONS:
        return Phrase("parts.kept_occasions", values)
    if stop.kind == PERMANENT:
        return Phrase("parts.kept_permanent", values)
    return Phrase("parts.kept", values | {"until": clock_time(stop.planned_until, scene.zone)})
