"""Which clauses and figures the effects of a ruling rely on: stops, and what time alone did."""

from collections.abc import Iterator

from ledger.facts.types import AppealGranted
from ledger.rulebook.model import NODE_LIMITS, Node, Rulebook
from projections.explain.charges import charge, charged, length_word
from projections.explain.effects import Effect
from projections.explain.memory import Memory
from projections.fold.recovery import version_at
from projections.fold.state import (
    ABSENT,
    EXAM_PASSED,
    FOREVER,
    KINDS,
    MAX,
    MEASURE_STARTED,
    MONEY_DUE,
    MONEY_RELEASED,
    NODE_LIFTED,
    NODE_MOVED,
    NODE_SERVED,
    NODE_STARTED,
    POINTS_EXPIRED,
    POINTS_REMOVED,
    RE_JUDGED,
    RECOVERY_DUE,
    SCORE_RESET,
    STEP_REACHED,
    TOOK_EFFECT,
    UNTIL_OPENED,
    Crossing,
    Stop,
)
from projections.standing.naming import Naming
from projections.standing.replay import Replay, Ruling

Place = tuple[Rulebook, str, str]
"""Rulebook, path, and the path as shown (empty: the same)."""


def of_effects(ruling: Ruling, memory: Memory, replay: Replay, names: Naming) -> Iterator[Place]:
    """Of what started, was lifted, or was asked about and stays; then of what time alone did."""
    yield from _started(ruling, memory, replay, names)
    yield from _asked(ruling, memory, replay, names)
    for effect in ruling.effects:
        yield from _rest(effect, replay, names)


def _started(ruling: Ruling, memory: Memory, replay: Replay, names: Naming) -> Iterator[Place]:
    stops = replay.creator.stops
    rows = [row for code, row, _, _ in ruling.effects if code == NODE_STARTED]
    for row in rows:
        stop, book = stops[row], names.book(stops[row].version)
        if stop.kind == UNTIL_OPENED:
            yield from ((book, path, "") for path in lapse_paths(book, names.feature(stop)))
            continue
        if stop.node == ABSENT:
            yield book, *own_path(stop, ruling, replay, names)
            continue
        yield book, "clauses.node", ""
        yield book, limit_path(replay.creator.crossings[stop.crossing], names), ""
        yield book, *length_path(stop, names)
    yield from _fined(ruling, replay, names)
    running = [stops[row].feature for row in {*memory.running, *rows}]
    if rows and any(running.count(stops[row].feature) > 1 for row in rows):
        stop = stops[rows[0]]
        yield names.book(stop.version), "clauses.highest_stop", ""
        if replay.tables.book.versions[stop.version].overlap != MAX:
            yield names.book(stop.version), "overlap", ""


def _asked(ruling: Ruling, memory: Memory, replay: Replay, names: Naming) -> Iterator[Place]:
    stops = replay.creator.stops
    lifted = [row for code, row, _, _ in ruling.effects if code == NODE_LIFTED]
    asked = lifted or (kept(ruling, memory, replay) if ruling.applied else [])
    by_exam = type(ruling.envelope.fact) is not AppealGranted
    for row in asked:
        stop, book = stops[row], names.book(stops[row].version)
        yield book, "clauses.exam_lifts" if by_exam else "clauses.appeal_granted", ""
        if stop.node != ABSENT:
            yield book, limit_path(replay.creator.crossings[stop.crossing], names), ""
            yield book, f"nodes.{names.node_name(stop)}.lifted_by", ""


def _fined(ruling: Ruling, replay: Replay, names: Naming) -> Iterator[Place]:
    """Of the crossings whose fines fall due, or are due no more, whether or not they stop."""
    creator = replay.creator
    due = {at for code, _, _, at in ruling.effects if code == MONEY_DUE}
    released = {at for code, _, _, at in ruling.effects if code == MONEY_RELEASED}
    for crossing in creator.crossings[: creator.crossings_made]:
        book, name = names.book(crossing.version), names.crossed(crossing)
        starts = crossing.started_at in due
        ends = any(_lifts(at, crossing, book.nodes[name]) for at in released)
        if book.nodes[name].fines and (starts or ends):
            yield book, limit_path(crossing, names), ""
            yield book, f"nodes.{name}.{'fines' if starts else 'lifted_by'}", ""


def _lifts(at: int, crossing: Crossing, node: Node) -> bool:
    """Whether an instant lifted a crossing: the last one did, of multiples perhaps others too."""
    before = crossing.started_at <= at < crossing.lifted_at < FOREVER
    return at == crossing.lifted_at or (node.every is not None and before)


def kept(ruling: Ruling, memory: Memory, replay: Replay) -> list[int]:
    """Stops that a grant or a pass has been measured against and that stay.

    Those that other violations stop by themselves are not asked.
    """
    kind = KINDS[ruling.row.kind] if ruling.row is not None else ""
    passed = any(code == EXAM_PASSED for code, _, _, _ in ruling.effects)
    if ruling.row is None or not (kind == "appeal_granted" or passed):
        return []
    ended = {row for code, row, _, _ in ruling.effects if code in (NODE_LIFTED, NODE_SERVED)}
    stops = replay.creator.stops
    return [
        row
        for row in memory.running
        if row not in ended
        and (stops[row].node != ABSENT or stops[row].violation == ruling.row.violation)
    ]


def limit_path(crossing: Crossing, names: Naming) -> str:
    """The figure of a node that was crossed."""
    name = names.crossed(crossing)
    node = names.book(crossing.version).nodes[name]
    limit = next(word for word in NODE_LIMITS if getattr(node, word) is not None)
    further = node.every is not None and crossing.limit != int(getattr(node, limit) * 100)
    return f"nodes.{name}.{'every' if further else limit}"


def length_path(stop: Stop, names: Naming) -> tuple[str, str]:
    """Of a node's stop's length: as cited by number, as shown by feature."""
    node, feature = names.node(stop), names.feature(stop)
    index, rule = next((i, s) for i, s in enumerate(node.stops) if s.feature == feature)
    base = f"nodes.{names.node_name(stop)}.stops"
    return f"{base}.{index}.{length_word(rule)}", f"{base}.{feature}.{length_word(rule)}"


def own_path(stop: Stop, ruling: Ruling, replay: Replay, names: Naming) -> tuple[str, str]:
    """The same of a stop that belongs to a violation: its ladder's step has it, or its category."""
    violation, feature = replay.creator.violations[stop.violation], names.feature(stop)
    found = charged(stop.violation, violation, names, ruling.effects)
    index, rule = next((i, s) for i, s in enumerate(found.stops) if s.feature == feature)
    base = found.path("stops")
    return f"{base}.{index}.{length_word(rule)}", f"{base}.{feature}.{length_word(rule)}"


def _rest(effect: Effect, replay: Replay, names: Naming) -> Iterator[Place]:
    code, row, amount, at = effect
    now = names.book(version_at(at, replay.tables.book))
    if code in (POINTS_EXPIRED, TOOK_EFFECT, STEP_REACHED, RE_JUDGED):
        violation = replay.creator.violations[row]
        book = names.judge(violation)
        paths = {
            POINTS_EXPIRED: _expiry,
            TOOK_EFFECT: _after_appeal,
            STEP_REACHED: _step,
            RE_JUDGED: _again,
        }[code](row, amount, replay, names)
        yield from ((book, path, "") for path in paths)
    elif code == MEASURE_STARTED and replay.creator.measures[row].violation != ABSENT:
        owner = replay.creator.violations[replay.creator.measures[row].violation]
        yield names.judge(owner), "clauses.correction", ""
    elif code == NODE_MOVED:
        stop = replay.creator.stops[row]
        if stop.planned_from > stop.decided_at:
            yield names.book(stop.version), "overlap", ""
    elif code == POINTS_REMOVED:
        yield now, "clauses.node", ""
    elif code == RECOVERY_DUE:
        yield now, "clauses.recovery", ""
        yield now, "recovery.points", ""
        yield from ((now, path, "") for path in run_paths(now))
    elif code == SCORE_RESET:
        counter = names.counters[row]
        reset = now.counters[counter].reset
        if reset is not None and reset.on:
            yield now, f"counters.{counter}.reset.on", ""
        if reset is not None and reset.every_months is not None:
            yield now, f"counters.{counter}.reset.every_months", ""


def _expiry(row: int, _: int, replay: Replay, names: Naming) -> Iterator[str]:
    violation = replay.creator.violations[row]
    counter = names.counters[violation.counter]
    category = names.category(violation)
    yield "clauses.expiry"
    if category is not None and category.expires_after is not None:
        yield f"categories.{names.word(violation)}.expires_after"
    else:
        yield f"counters.{counter}.expires_after"
    if names.judge(violation).counters[counter].expires_from != "found":
        yield f"counters.{counter}.expires_from"
    if names.judge(violation).counters[counter].expiry_pauses:
        yield f"counters.{counter}.expiry_pauses"


def _after_appeal(row: int, _: int, replay: Replay, names: Naming) -> Iterator[str]:
    yield "appeal.effect"
    found = charge(replay.creator.violations[row], names)
    if found.base:
        yield found.path("points")


def _step(row: int, offence: int, replay: Replay, names: Naming) -> Iterator[str]:
    found = charge(replay.creator.violations[row], names, offence)
    base = f"ladders.{found.ladder}"
    if found.step is None:
        return
    yield f"{base}.steps.{found.number}.nth"
    if found.step.points is not None:
        yield f"{base}.steps.{found.number}.points"
    if found.step.fines is not None:
        yield f"{base}.steps.{found.number}.fines"
    ladder = names.judge(replay.creator.violations[row]).ladders[found.ladder]
    if ladder.counts == "stops":
        yield f"{base}.counts"
    if ladder.within is not None:
        yield f"{base}.within"


def _again(row: int, number: int, replay: Replay, names: Naming) -> Iterator[str]:
    violation = replay.creator.violations[row]
    base = f"ladders.{names.ladder(violation)}"
    yield f"{base}.after_void"
    step = names.step(violation, number - 1)
    if step is not None:
        index = names.judge(violation).ladders[names.ladder(violation)].steps.index(step)
        yield f"{base}.steps.{index}.nth"
    else:
        found = charge(violation, names)
        yield from (found.path(name) for name in ("points", "fines", "stops") if found.has(name))


def lapse_paths(rulebook: Rulebook, feature: str) -> Iterator[str]:
    """What closes a feature that is not used."""
    yield "clauses.lapse"
    lapse = rulebook.lapses.get(feature)
    if lapse is not None:
        base = f"lapses.{feature}"
        if lapse.open_for is not None:
            yield f"{base}.open_for.{length_word(lapse.open_for)}"
        yield f"{base}.unused_for.{length_word(lapse.unused_for)}"


def run_paths(rulebook: Rulebook) -> Iterator[str]:
    """The days that a recovery needs: of the one run, or of whichever applied."""
    recovery = rulebook.recovery
    if recovery is None:
        return
    if len(recovery.runs) == 1:
        yield "recovery.runs.0.days"
        if recovery.runs[0].then is not None:
            yield "recovery.runs.0.then"
    elif recovery.runs:
        yield "recovery.runs"
    else:
        yield "recovery.cadence"
