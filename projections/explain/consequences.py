"""What follows from a ruling, in phrases: stops, measures, quota, money, and what stays."""

from collections.abc import Sequence
from itertools import groupby

from ledger.facts.types import AppealGranted, ExamSat
from ledger.rulebook.model import NODE_LIMITS, Rulebook
from projections.explain.effect_phrases import (
    OPEN_KINDS,
    effect_phrases,
    feature_of,
    needed,
    needed_back,
    on,
    stop_values,
)
from projections.explain.phrases import Count, Phrase, Term, Value
from projections.explain.remarks import admitted, clipped, remarks
from projections.explain.scene import Scene, lasts
from projections.explain.sentences import idle
from projections.explain.terms import occasions
from projections.fold.state import (
    ABSENT,
    EXACT,
    EXAM_FAILED,
    EXAM_PASSED,
    FOREVER,
    MEASURE_ENDED,
    MEASURE_IMPOSED,
    MEASURE_LIFTED,
    MEASURE_STARTED,
    MONEY_DUE,
    MONTHS,
    NATURAL_DAYS,
    NODE_LIFTED,
    NODE_MOVED,
    NODE_SERVED,
    NODE_STARTED,
    OCCASIONS,
    PERMANENT,
    RE_JUDGED,
    STEP_REACHED,
    TOOK_EFFECT,
    UNTIL_OPENED,
    WHILE_TRIGGERED,
    Stop,
)
from projections.fold.trace import OF_A_STOP, Effect, Stay
from projections.standing.writing import clock_time, deadline, points

ENDING = {EXACT, NATURAL_DAYS, MONTHS, PERMANENT}
SAID = {MEASURE_IMPOSED, MEASURE_LIFTED}
TAKING_EFFECT = {MEASURE_STARTED, STEP_REACHED, MONEY_DUE, NODE_STARTED}


def own_parts(scene: Scene) -> list[Phrase]:
    """What the fact itself brought about, after its first part."""
    ruling, effects = scene.ruling, _last_moves(scene.effects)
    if not effects and not ruling.stays:
        return admitted(scene) + remarks(scene) + clipped(scene) if ruling.applied else []
    if scene.row.kind in SAID:  # of the measure that the first part has named
        effects = [e for e in effects if e[0] not in (MEASURE_STARTED, MEASURE_ENDED)]
    effects = [e for e in effects if e[0] not in (EXAM_PASSED, EXAM_FAILED)]  # told first
    first = [e for e in effects if e[0] in (STEP_REACHED, RE_JUDGED)]
    starts = [effect for effect in effects if effect[0] == NODE_STARTED]
    left = [e for e in starts if stand_in(e, scene)]
    started = [e for e in starts if e not in left]
    said = (NODE_STARTED, TOOK_EFFECT)
    others = [e for e in effects if e[0] not in said and e not in first]
    parts = admitted(scene) + remarks(scene) if ruling.applied else []
    parts += effect_phrases(first, scene)
    parts += clipped(scene) + crossings(started, scene)
    parts += effect_phrases(others, scene) + crossings(left, scene)
    return parts + (stays(scene) if ruling.applied else []) + still(scene)


def stand_in(effect: Effect, scene: Scene) -> bool:
    """Whether a stop goes on in the place of one that is lifted: told after that."""
    _, row, _, at = effect
    return scene.replay.creator.stops[row].planned_from < at


def clock_parts(scene: Scene) -> list[Phrase]:
    """What time alone did, in the order in which it fell due."""
    parts = []
    told = _told(_last_moves(scene.effects))
    for starts, group in groupby(told, lambda e: e[0] == NODE_STARTED):
        listed = list(group)
        if starts:
            parts += crossings(listed, scene)
        else:
            parts += effect_phrases(listed, scene)
    return parts + still(scene)


def _last_moves(effects: Sequence[Effect]) -> list[Effect]:
    """Of a stop that moves more than once, or moves and ends, what it comes to."""
    last = {e[1]: e for e in effects if e[0] in (NODE_MOVED, NODE_LIFTED, NODE_SERVED)}
    return [e for e in effects if e[0] != NODE_MOVED or e is last[e[1]]]


def _told(effects: Sequence[Effect]) -> list[Effect]:
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


def crossings(started: list[Effect], scene: Scene) -> list[Phrase]:
    """What starts, by node or violation; then which end counts where several run."""
    if not started:
        return []
    stops = scene.replay.creator.stops
    parts = []
    if scene.together:
        parts += _together([stops[row] for _, row, _, _ in started], scene)
    for _, group in groupby(started, lambda e: _reason(stops[e[1]])):
        listed = list(group)
        alone = len(listed) == 1
        first = stops[listed[0][1]]
        if first.kind == UNTIL_OPENED:
            parts.append(_lapsed(first, scene))
            continue
        said: list[Value] = [stop_phrase(effect, scene, alone=alone) for effect in listed]
        values: dict[str, Value] = {
            "counter": scene.counter(first.counter),
            "limit": "",
            "node": "",
            "stops": said,
        }
        if first.node == ABSENT:
            values |= {"violation": scene.named(first.violation)}
            values |= {"category": scene.titled(first.violation)}
            how = "own"
            if _is_its_own(first, scene):
                how = "own_beside" if scene.ruling.change else "own_here"
            parts.append(Phrase(f"crossed.{how}", values))
            continue
        node = scene.names.node(first)
        if node.title is not None:
            title = Term(node.title.en, node.title.zh)
            values["node"] = Phrase("crossed.titled", {"title": title})
        values["limit"] = points(scene.crossing(first).limit)
        word = next(w for w in NODE_LIMITS if getattr(node, w) is not None)
        if stands_in(first, scene):
            word = "instead"
            values["cause"] = scene.cause(first)
        parts.append(Phrase(f"crossed.{word}", values))
    return parts + longest(started, scene)


def _together(started: Sequence[Stop], scene: Scene) -> list[Phrase]:
    """Whose points together crossed the limits, and what they came to."""
    crossed = {stop.counter: scene.crossing(stop) for stop in started if stop.node != ABSENT}
    moved: list[Value] = [
        Phrase(
            "parts.moved",
            {
                "counter": scene.counter(counter),
                "before": points(crossing.looked),
                "after": points(crossing.reached),
            },
        )
        for counter, crossing in crossed.items()
    ]
    named: list[Value] = [scene.named(slot) for slot in scene.together]
    values: dict[str, Value] = {"violations": named, "moved": moved}
    return [Phrase("parts.together", values)] if moved else []


def _is_its_own(stop: Stop, scene: Scene) -> bool:
    """Whether a stop is of the violation that the ruling has named already."""
    if scene.ruled is None or scene.ruled.row is None:
        return False
    return stop.violation == scene.ruled.row.violation


def _reason(stop: Stop) -> tuple[int, ...]:
    """What several stops have in common that one sentence tells."""
    lapsed = stop.feature if stop.kind == UNTIL_OPENED else ABSENT
    return stop.version, stop.node, stop.violation, lapsed


def _lapsed(stop: Stop, scene: Scene) -> Phrase:
    condition = idle(scene.names.lapse(stop))
    assert condition is not None
    values: dict[str, Value] = {"feature": feature_of(stop, scene), "condition": condition}
    values["on"] = on(stop.started_at, scene)
    return Phrase("crossed.lapsed", values)


def stands_in(stop: Stop, scene: Scene) -> bool:
    """Whether a stop takes the place of a deeper node's that the same ruling has lifted."""
    stops = scene.replay.creator.stops
    return any(e[0] == NODE_LIFTED and stops[e[1]].place == stop.place for e in scene.effects)


def stop_phrase(effect: Effect, scene: Scene, *, alone: bool) -> Phrase:
    _, row, _, at = effect
    stop = scene.replay.creator.stops[row]
    instead = stands_in(stop, scene)  # and lasts as its node says only if that is shorter
    rulebook = scene.names.book(stop.version)
    noun, number = scene.length(row)
    length = lasts(stop, rulebook) if instead else _lasts(noun, number, rulebook)
    shape = OPEN_KINDS.get(stop.kind, "timed") if instead else noun
    shape = shape if shape in OPEN_KINDS.values() else "timed"
    values: dict[str, Value] = {
        "feature": scene.own_name(stop) or feature_of(stop, scene),
        "length": length,
        "next": occasions(rulebook, number, following=True),
        "from": clock_time(stop.planned_from, scene.zone) if stop.planned_from < FOREVER else "",
        "until": deadline(stop.planned_until, scene.zone) if stop.planned_until < FOREVER else "",
    }
    if instead and shape == "while_triggered":
        shape = f"instead_{shape}{'' if stop.planned_until == FOREVER else '_timed'}"
    elif stop.planned_from == FOREVER:
        shape = "waits"
    elif at < stop.planned_from:
        shape = "later_occasions" if shape == "occasions" else "later"
    elif instead:
        shape = "instead" if shape == "timed" else f"instead_{shape}"
    one = "_one" if alone and shape in ("timed", "later", "instead") else ""
    kind = scene.kind(stop)
    if stop.kind == PERMANENT and scene.own_name(stop) and shape.endswith("permanent"):
        kind = "named"
    return Phrase(f"stops.{kind}.{shape}{one}", values)


def _lasts(noun: str, number: str, rulebook: Rulebook) -> Value:
    return occasions(rulebook, number) if noun == "occasions" else Count(noun, number)


def longest(started: list[Effect], scene: Scene) -> list[Phrase]:
    """Of several stops of one feature the latest end counts: said where a new one meets others."""
    stops = scene.replay.creator.stops
    lifted = {(stops[r].feature, end) for code, r, end, _ in scene.effects if code == NODE_LIFTED}
    ends = {
        stops[row].feature: (end, stops[row])
        for _, row, end, _ in started
        if end and (stops[row].feature, end) not in lifted  # that one does not run beside it
    }
    by_end: dict[int, list[Value]] = {}
    for end, stop in ends.values():
        by_end.setdefault(end, []).append(feature_of(stop, scene))
    return [
        Phrase("parts.longest_permanent", {"feature": features})
        if end >= FOREVER
        else Phrase("parts.longest", {"feature": features, "until": deadline(end, scene.zone)})
        for end, features in by_end.items()
    ]


def still(scene: Scene) -> list[Phrase]:
    """Until when a feature is stopped now, where a stop of it moved or ended and others run on."""
    stops = scene.replay.creator.stops
    changed = {stops[row].feature: code for code, row, _, _ in scene.effects if code in OF_A_STOP}
    told = {
        (stops[stay.row].feature, end_after(stay, scene))
        for stay in (scene.ruled.stays if scene.ruled else ())
        if _liftable(stops[stay.row], scene) or stay.until >= FOREVER
    }
    parts = []
    for feature, code in changed.items():
        end = scene.ends.get(feature)
        if end is None or code == NODE_STARTED or (feature, end.until) in told:
            continue  # free, told with what began, or told with why it stays
        stop = stops[end.row]
        if end.stops == 1 and code == NODE_MOVED:
            continue  # told with the move itself
        values: dict[str, Value] = {"feature": feature_of(stop, scene)}
        if end.until < FOREVER:
            values["until"] = deadline(end.until, scene.zone)
        how = "" if end.until < FOREVER else "_permanent" if stop.kind == PERMANENT else "_open"
        if how == "_permanent" and (named := scene.own_name(stop)):
            how, values = "_named", {"stop": named}
        parts.append(Phrase(f"parts.still{how}", values))
    return parts


def stays(scene: Scene) -> list[Phrase]:
    """Stops that a grant, a pass or a recovery leaves running, and why."""
    stops = scene.replay.creator.stops
    ended = {row for code, row, _, _ in scene.effects if code in (NODE_LIFTED, NODE_SERVED)}
    left = {stay.row: stay for stay in scene.ruling.stays if stay.row not in ended}
    if not isinstance(scene.ruling.envelope.fact, AppealGranted | ExamSat):
        open_ended = (WHILE_TRIGGERED, UNTIL_OPENED)
        running = [stops[row] for row in left if stops[row].kind not in open_ended]
        features = {stop.feature: stop for stop in running}
        named: list[Value] = [scene.stop(stop) for stop in features.values()]
        return [Phrase("parts.no_shorter", {"stop": named})] if named else []
    by_feature: dict[tuple[int, bool], list[Stay]] = {}
    for row in sorted(left):
        liftable = _liftable(stops[row], scene) and stops[row].kind in ENDING
        liftable &= stops[row].started_at < FOREVER
        by_feature.setdefault((stops[row].feature, liftable), []).append(left[row])
    parts = []
    for (_, together), listed in by_feature.items():
        if together and len(listed) > 1:
            parts.append(_kept_many(listed, scene))
        else:
            parts += [_kept(stay, scene) for stay in listed]
    return parts


def _liftable(stop: Stop, scene: Scene) -> bool:
    """Whether the kind of credit at hand may lift it, if the lifting score lets it."""
    if stop.node == ABSENT:
        return False
    means = "appeal" if isinstance(scene.ruling.envelope.fact, AppealGranted) else "exam"
    return means in scene.names.node(stop).lifted_by


def _kept_many(stays: list[Stay], scene: Scene) -> Phrase:
    stops = [scene.replay.creator.stops[stay.row] for stay in stays]
    end = max(end_after(stay, scene) for stay in stays)
    nodes: list[Value] = [scene.cause(stop) for stop in stops]
    values: dict[str, Value] = {"stop": scene.stop(stops[0]), "nodes": nodes}
    values |= scene.counted(stays[0].score, stops[0]) | _holds(scene)
    if end >= FOREVER:
        return Phrase("parts.kept_many_permanent", values)
    return Phrase("parts.kept_many", values | {"until": deadline(end, scene.zone)})


def _kept(stay: Stay, scene: Scene) -> Phrase:
    stop = scene.replay.creator.stops[stay.row]
    if stop.node == ABSENT:
        return Phrase("parts.kept_own", stop_values(stop, scene))
    granted = isinstance(scene.ruling.envelope.fact, AppealGranted)
    held = scene.names.node(stop).release_at is not None
    values = stop_values(stop, scene) | {"lacks": needed(stop, scene, "lacks")}
    values |= scene.counted(stay.score, stop) | _holds(scene)
    if stop.kind == WHILE_TRIGGERED:
        if not (held and _liftable(stop, scene)):
            shown = points(scene.score_after(stop.counter))
            values |= {"score": shown, "counted": "", "lacks": needed_back(stop, scene)}
        return Phrase("parts.kept_while_triggered", values)
    if not _liftable(stop, scene):
        return Phrase("parts.not_by_appeal" if granted else "parts.not_by_exam", values)
    if stop.kind == OCCASIONS or stop.started_at == FOREVER:
        return Phrase("parts.kept_occasions", values)
    if stop.kind == PERMANENT:
        return Phrase("parts.kept_permanent", values)
    return Phrase("parts.kept", values | {"until": deadline(end_after(stay, scene), scene.zone)})


def _holds(scene: Scene) -> dict[str, Value]:
    """That the node holds: the condition has a name of its own only where an exam asks for it."""
    granted = isinstance(scene.ruling.envelope.fact, AppealGranted)
    return {"holds": Phrase(f"parts.holds.{'appeal' if granted else 'exam'}")}


def end_after(stay: Stay, scene: Scene) -> int:
    """When a stop that stays is to end, after the ruling."""
    moved = [u for code, row, u, _ in scene.effects if (code, row) == (NODE_MOVED, stay.row)]
    return moved[-1] if moved else stay.until
