"""What follows from a ruling, in phrases: stops, measures, quota, money, and what stays."""

from itertools import groupby

from ledger.facts.types import AppealGranted, ViolationFound
from ledger.rulebook.model import NODE_LIMITS
from projections.explain.charges import charge, charged, length_word
from projections.explain.effect_grounds import kept
from projections.explain.effect_phrases import effect_phrase, feature_of, stop_values
from projections.explain.effects import Effect
from projections.explain.memory import is_full
from projections.explain.phrases import Count, Phrase, Value
from projections.explain.scene import Scene, figures
from projections.explain.sentences import examinable, idle
from projections.fold.state import (
    ABSENT,
    COURSE_TAKEN,
    EXACT,
    EXAM_FAILED,
    EXAM_PASSED,
    FOREVER,
    MAX,
    MEASURE_ENDED,
    MEASURE_IMPOSED,
    MEASURE_LIFTED,
    MEASURE_STARTED,
    MONEY_DUE,
    MONTHS,
    NATURAL_DAYS,
    NODE_MOVED,
    NODE_SERVED,
    NODE_STARTED,
    OCCASIONS,
    PERMANENT,
    RE_JUDGED,
    RECOVERY_GRANTED,
    RULES_EXAM_SAT,
    STEP_REACHED,
    TOOK_EFFECT,
    UNTIL_OPENED,
    WHILE_TRIGGERED,
    Stop,
)
from projections.standing.writing import clock_time, points

ENDING = {EXACT, NATURAL_DAYS, MONTHS, PERMANENT}
SAID = {MEASURE_IMPOSED, MEASURE_LIFTED}
TAKING_EFFECT = {MEASURE_STARTED, STEP_REACHED, MONEY_DUE, NODE_STARTED}


def own_parts(scene: Scene) -> list[Phrase]:
    """What the fact itself brought about, after its first part."""
    ruling = scene.ruling
    effects = ruling.effects[ruling.due :]
    if scene.row.kind in SAID:  # of the measure that the first part has named
        effects = [e for e in effects if e[0] not in (MEASURE_STARTED, MEASURE_ENDED)]
    first = [e for e in effects if e[0] in (EXAM_PASSED, EXAM_FAILED, STEP_REACHED)]
    started = [row for code, row, _, _ in effects if code == NODE_STARTED]
    said = (NODE_STARTED, TOOK_EFFECT)
    others = [e for e in effects if e[0] not in said and e not in first]
    parts = remarks(scene) if ruling.applied else []
    parts += [effect_phrase(e, scene) for e in first]
    parts += clipped(scene) + crossings(started, scene, effects)
    parts += [effect_phrase(e, scene) for e in others]
    return parts + stays(scene) if ruling.applied else parts


def clock_parts(scene: Scene, effects: list[Effect]) -> list[Phrase]:
    """What time alone did, in the order in which it fell due."""
    parts = []
    for starts, group in groupby(_told(effects), lambda e: e[0] == NODE_STARTED):
        listed = list(group)
        if starts:
            parts += crossings([row for _, row, _, _ in listed], scene, effects)
        else:
            parts += [effect_phrase(e, scene) for e in listed]
    return parts


def _told(effects: list[Effect]) -> list[Effect]:
    """That a violation takes effect is told before what it brings about."""
    told: list[Effect] = []
    first = 0
    for effect in effects:
        if effect[0] == TOOK_EFFECT:
            told.insert(first, effect)
        else:
            told.append(effect)
        if effect[0] not in TAKING_EFFECT:
            first = len(told)
    return told


def remarks(scene: Scene) -> list[Phrase]:
    """An override with its ground, a judgement by the first version, what an exam gave."""
    ruling, fact = scene.ruling, scene.ruling.envelope.fact
    values = figures(scene)
    if isinstance(fact, ViolationFound):
        assert ruling.violation is not None
        table = charge(ruling.violation, scene.names).table
        values["table"] = "" if table is None else Count("points", table)
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
        if is_full(ruling) and exam_open(scene):
            parts.append(Phrase("parts.exam_closed"))
        return parts
    return []


def exam_open(scene: Scene) -> bool:
    """Whether an exam on the violation could still be answered, the window aside."""
    return examinable(scene) and not (scene.case.passed or scene.case.abandoned)


def clipped(scene: Scene) -> list[Phrase]:
    """Where cap or floor cut the figure."""
    ruling = scene.ruling
    if not ruling.nominal or ruling.change is None or ruling.nominal == ruling.change:
        return []
    if any(code == RE_JUDGED for code, _, _, _ in ruling.effects):
        return []  # the figure is of several violations
    key = "parts.clipped_floor" if ruling.nominal < 0 else "parts.clipped_cap"
    nominal = Count("points", points(abs(ruling.nominal)))
    return [Phrase(key, {"nominal": nominal, "bound": points(ruling.score_after or 0)})]


def crossings(rows: list[int], scene: Scene, effects: list[Effect]) -> list[Phrase]:
    """What starts, by node or violation; then which end counts where several run."""
    stops = scene.replay.creator.stops
    parts = []
    for _, group in groupby(rows, lambda r: _reason(stops[r])):
        listed = list(group)
        alone = len(listed) == 1
        started = [stops[row] for row in listed]
        if started[0].kind == UNTIL_OPENED:
            parts.append(_lapsed(started[0], scene))
            continue
        said: list[Value] = [stop_phrase(s, scene, effects, alone=alone) for s in started]
        values: dict[str, Value] = {
            "counter": scene.counter(started[0].counter),
            "limit": "",
            "stops": said,
        }
        if started[0].node == ABSENT:
            parts.append(Phrase("crossed.own", values | {"cause": scene.cause(started[0])}))
            continue
        node = scene.names.node(started[0])
        values["limit"] = points(scene.crossing(started[0]).limit)
        word = next(w for w in NODE_LIMITS if getattr(node, w) is not None)
        parts.append(Phrase(f"crossed.{word}", values))
    return parts + longest(rows, scene)


def _reason(stop: Stop) -> tuple[int, ...]:
    """What several stops have in common that one sentence tells."""
    lapsed = stop.feature if stop.kind == UNTIL_OPENED else ABSENT
    return stop.version, stop.node, stop.violation, lapsed


def _lapsed(stop: Stop, scene: Scene) -> Phrase:
    condition = idle(scene.names.lapse(stop))
    assert condition is not None
    values: dict[str, Value] = {"feature": feature_of(stop, scene), "condition": condition}
    values["at"] = clock_time(stop.started_at, scene.zone)
    return Phrase("crossed.lapsed", values)


def stop_phrase(stop: Stop, scene: Scene, effects: list[Effect], *, alone: bool) -> Phrase:
    feature = scene.names.feature(stop)
    if stop.node == ABSENT:
        violation = scene.replay.creator.violations[stop.violation]
        rules = charged(stop.violation, violation, scene.names, effects).stops
    else:
        rules = scene.names.node(stop).stops
    rule = next(s for s in rules if s.feature == feature)
    unit = length_word(rule)
    shape = unit if unit in ("permanent", "while_triggered", "occasions") else "timed"
    values: dict[str, Value] = {
        "feature": scene.feature(feature, scene.names.book(stop.version)),
        "length": Count(unit, str(getattr(rule, unit))) if shape in ("timed", "occasions") else "",
        "from": clock_time(stop.planned_from, scene.zone),
        "until": ""
        if stop.planned_until >= FOREVER
        else clock_time(stop.planned_until, scene.zone),
    }
    if shape == "timed" and any(
        code == NODE_STARTED and at < stop.planned_from and scene.replay.creator.stops[row] is stop
        for code, row, _, at in effects
    ):
        shape = "later"
    return Phrase(f"stops.{shape}{'_one' if alone else ''}", values)


def longest(started: list[int], scene: Scene) -> list[Phrase]:
    """Of several stops of one feature the latest end counts: said where a new one meets others."""
    stops = scene.replay.creator.stops
    versions = scene.replay.tables.book.versions
    rows = sorted({*scene.memory.running, *started})
    by_end: dict[int, list[Value]] = {}
    for feature in dict.fromkeys(stops[row].feature for row in started):
        same = [r for r in rows if stops[r].feature == feature and stops[r].kind in ENDING]
        if len(same) > 1 and versions[stops[same[-1]].version].overlap == MAX:
            end = max(scene.memory.ends.get(r, stops[r].planned_until) for r in same)
            by_end.setdefault(end, []).append(feature_of(stops[same[-1]], scene))
    return [
        Phrase("parts.longest_permanent", {"feature": features})
        if end >= FOREVER
        else Phrase("parts.longest", {"feature": features, "until": clock_time(end, scene.zone)})
        for end, features in by_end.items()
    ]


def stays(scene: Scene) -> list[Phrase]:
    """Stops that a grant, a pass or a recovery leaves running, and why."""
    stops = scene.replay.creator.stops
    if scene.row.kind in (RECOVERY_GRANTED, RULES_EXAM_SAT, COURSE_TAKEN):
        ended = {row for code, row, _, _ in scene.ruling.effects if code == NODE_SERVED}
        rows = [r for r in scene.memory.running if r not in ended]
        open_ended = (WHILE_TRIGGERED, UNTIL_OPENED)
        features = {stops[r].feature: stops[r] for r in rows if stops[r].kind not in open_ended}
        named: list[Value] = [feature_of(stop, scene) for stop in features.values()]
        return [Phrase("parts.no_shorter", {"feature": named})] if named else []
    by_feature: dict[tuple[int, bool], list[int]] = {}
    for row in kept(scene.ruling, scene.memory, scene.replay):
        liftable = _liftable(stops[row], scene) and stops[row].kind in ENDING
        by_feature.setdefault((stops[row].feature, liftable), []).append(row)
    parts = []
    for (_, together), rows in by_feature.items():
        if together and len(rows) > 1:
            parts.append(_kept_many(rows, scene))
        else:
            parts += [_kept(row, scene) for row in rows]
    return parts


def _liftable(stop: Stop, scene: Scene) -> bool:
    """Whether the kind of credit at hand may lift it, if the lifting score lets it."""
    if stop.node == ABSENT:
        return False
    means = "appeal" if isinstance(scene.ruling.envelope.fact, AppealGranted) else "exam"
    return means in scene.names.node(stop).lifted_by


def _kept_many(rows: list[int], scene: Scene) -> Phrase:
    stops = [scene.replay.creator.stops[row] for row in rows]
    end = max(end_after(row, scene) for row in rows)
    nodes: list[Value] = [scene.names.node_name(stop) for stop in stops]
    values: dict[str, Value] = {
        "feature": feature_of(stops[0], scene),
        "nodes": nodes,
        "score": points(lifting_score(stops[0], scene)),
    }
    if end >= FOREVER:
        return Phrase("parts.kept_many_permanent", values)
    return Phrase("parts.kept_many", values | {"until": clock_time(end, scene.zone)})


def _kept(row: int, scene: Scene) -> Phrase:
    stop = scene.replay.creator.stops[row]
    if stop.node == ABSENT:
        return Phrase("parts.kept_own", stop_values(stop, scene))
    granted = isinstance(scene.ruling.envelope.fact, AppealGranted)
    node = scene.names.node(stop)
    word = next(w for w in NODE_LIMITS if getattr(node, w) is not None)
    values = stop_values(stop, scene) | {
        "score": points(lifting_score(stop, scene)),
        "limit": Phrase(f"needed.{word}", {"limit": points(kept_limit(stop, scene))}),
    }
    if stop.kind == WHILE_TRIGGERED:
        return Phrase("parts.kept_while_triggered", figures(scene) | values)
    if not _liftable(stop, scene):
        return Phrase("parts.not_by_appeal" if granted else "parts.not_by_exam", values)
    if stop.kind == OCCASIONS:
        return Phrase("parts.kept_occasions", values)
    if stop.kind == PERMANENT:
        return Phrase("parts.kept_permanent", values)
    return Phrase("parts.kept", values | {"until": clock_time(end_after(row, scene), scene.zone)})


def end_after(row: int, scene: Scene) -> int:
    """When a stop that stays is to end, after the ruling."""
    moved = [until for code, r, until, _ in scene.ruling.effects if (code, r) == (NODE_MOVED, row)]
    return moved[-1] if moved else scene.memory.ends[row]


def kept_limit(stop: Stop, scene: Scene) -> int:
    """The limit that the lifting score must leave: of the first multiple that was crossed."""
    node = scene.replay.tables.book.versions[stop.version].nodes[stop.node]
    return node.limit - node.sign * scene.crossing(stop).above * node.every


def lifting_score(stop: Stop, scene: Scene) -> int:
    """The score that decides whether a stop is lifted (recoveries left out)."""
    return scene.crossing(stop).lifting_start + scene.ruling.lifting[stop.counter]
