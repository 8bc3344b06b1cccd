"""A replay as JSON objects: the standing and the audit, a public format (`docs/output.md`).

Every value is a string, a list or an object: points and money are decimals in strings, instants
RFC 3339 in the zone of the rulebook in force. The order of the fields is part of the format.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ledger.facts.types import TYPE_NAME
from projections.fold.state import ABSENT, LIFTED, NONE, OCCASIONS, RUNNING
from projections.fold.trace import Effect, Turn
from projections.standing.held import due, runs, taken_quotas, violation_state
from projections.standing.naming import Naming, naming
from projections.standing.replay import Replay, Ruling, in_order
from projections.standing.writing import instant, instant_or_none, money, points

if TYPE_CHECKING:
    from projections.explain.explanation import Explainer, Explanation

STOP_STATES = {1: "running", 2: "served", 3: "lifted"}
View = dict[str, Any]


def head_view(replay: Replay) -> View:
    """Who was asked about, and from which point of view."""
    zone, known_at = replay.rulebook.zone, replay.known_at
    return {
        "creator": replay.subject,
        "as_of": instant(replay.as_of, zone),
        "known_at": None if known_at is None else instant(known_at, zone),
        "rulebook": replay.rulebook.label,
    }


def standing_view(replay: Replay) -> View:
    """What `standing --json` prints."""
    return head_view(replay) | standing_object(replay)


def audit_view(replay: Replay) -> View:
    """What `audit --json` prints; the replay must have its rulings.

    `rulings` has one entry per fact and `time` what time did between them: together, in order, they
    sum to `standing`.
    """
    from projections.explain.explanation import Explainer

    explainer = Explainer(replay)
    rulings: list[View] = []
    time: list[View] = []
    told = 0
    for event in in_order(replay):
        if isinstance(event, Turn):
            time.append(turn_view(event, explainer))
            continue
        rulings.append(ruling_view(event, explainer.ruling(event), explainer, event.effects))
        for entry in time[told:]:
            entry["before"] = event.envelope.position
        told = len(time)
    return head_view(replay) | {
        "rulebooks": {rulebook.label: rulebook.hash for rulebook in replay.tables.rulebooks},
        "standing": standing_object(replay),
        "rulings": rulings,
        "time": time,
    }


def standing_object(replay: Replay) -> View:
    names = naming(replay)
    creator = replay.creator
    scores = [points(c.score) if creator.enrolled else None for c in creator.counters]
    return {
        "score": scores[0],
        "counters": dict(zip(names.counters, scores, strict=True)),
        "sanctions": sanctions(replay, names),
        "measures": measures(replay, names),
        "violations": violations(replay, names),
        "exam_quota": exam_quota(replay),
        "money": accounts(replay),
    }


def sanctions(replay: Replay, names: Naming) -> list[View]:
    """One row per feature of each crossed node, or stopped by a violation, as they came."""
    rows = []
    zone = replay.rulebook.zone
    for stop in replay.creator.stops[: replay.creator.stops_made]:
        row: View = names.whose(stop) | {
            "feature": names.feature(stop),
            "from": instant_or_none(stop.started_at, zone),
            "until": instant_or_none(stop.until, zone),
            "state": STOP_STATES[stop.state],
        }
        if stop.state == LIFTED:
            row["planned_until"] = instant_or_none(stop.planned_until, zone)
        if stop.kind == OCCASIONS and stop.state == RUNNING:
            row["occasions_left"] = stop.occasions
        rows.append(row)
    return rows


def measures(replay: Replay, names: Naming) -> list[View]:
    rows = []
    zone = replay.rulebook.zone
    for measure in replay.creator.measures:
        if measure.state == NONE:
            continue
        owner = measure.violation
        rows.append(
            {
                "measure": names.measure(measure),
                "violation": None if owner == ABSENT else names.violations[owner],
                "from": instant(measure.started_at, zone),
                "until": instant_or_none(measure.until, zone),
                "state": "running" if runs(measure, replay.as_of) else "ended",
            }
        )
    return rows


def violations(replay: Replay, names: Naming) -> list[View]:
    """In the order in which they were found."""
    rows = []
    found = [(v.found_at, i) for i, v in enumerate(replay.creator.violations) if v.state != NONE]
    for _, slot in sorted(found):
        violation = replay.creator.violations[slot]
        row: View = {
            "violation": names.violations[slot],
            "category": names.words[slot],
            "points": points(violation.judged),
            "deducted": points(violation.deducted),
            "restored": points(violation.restored),
            "state": violation_state(violation),
        }
        if row["state"] == "waiting":
            zone = replay.rulebook.zone
            row["takes_effect"] = instant_or_none(violation.waiting_until, zone)
        if violation.expired:
            row["expired"] = points(violation.expired)
        if violation.recovered:
            row["recovered"] = points(violation.recovered)
        if severity := names.severity(violation):
            row["severity"] = severity
        if (step := names.step(violation, violation.step)) is not None:
            row |= {"ladder": names.ladder(violation), "step": step.nth}
        rows.append(row)
    return rows


def exam_quota(replay: Replay) -> list[View]:
    """Categories whose exam is taken as of now, and from when it is free again."""
    return [
        {"category": category, "available_from": instant(free_at, replay.rulebook.zone)}
        for category, free_at in taken_quotas(replay)
    ]


def accounts(replay: Replay) -> list[View]:
    """Demanded by standing violations less posted, per account and currency."""
    return [
        {"account": account, "currency": currency, "due": money(amount, currency)}
        for account, currency, amount in due(replay)
    ]


def ruling_view(
    ruling: Ruling, why: "Explanation", explainer: "Explainer", effects: Sequence[Effect]
) -> View:
    """One fact: what it changed and brought about (`effects`), on which grounds."""
    from projections.explain.effects import effect_view

    replay, names = explainer.replay, explainer.names
    envelope, zone = ruling.envelope, replay.rulebook.zone
    change = ruling.change
    view: View = {
        "position": envelope.position,
        "event": envelope.id,
        "source": envelope.source,
        "type": TYPE_NAME[type(envelope.fact)],
        "effective_at": instant(envelope.effective_at, zone),
        "recorded_at": instant(envelope.recorded_at, zone) if envelope.recorded_at else None,
    }
    if len(names.counters) > 1:
        view["counter"] = names.counters[ruling.counter]
    view |= {
        "score_before": _points_or_none(ruling.score_before),
        "change": _points_or_none(change),
    }
    if change is not None and ruling.nominal and ruling.nominal != change:
        view["nominal"] = points(ruling.nominal)
    view |= {
        "score_after": _points_or_none(ruling.score_after),
        "outcome": "applied" if ruling.applied else "no_effect",
        "reason": ruling.reason or None,
    }
    if others := moved(ruling.before, ruling.after, names, but=ruling.counter):
        view["other_scores"] = others
    if ruling.retracted_by is not None:
        view["retracted_by"] = ruling.retracted_by.id
    return view | {
        "effects": [effect_view(effect, replay, names) for effect in effects],
        "clauses": why.clauses,
        "rulebook": ruling.rulebook.label,
        "grounds": [explainer.places.view(ground) for ground in why.grounds],
        "text": why.text,
    }


def turn_view(turn: Turn, explainer: "Explainer") -> View:
    """What no one fact did at an instant; `before` is for the position of the one that follows."""
    from projections.explain.effects import effect_view

    replay, names, why = explainer.replay, explainer.names, explainer.turn(turn)
    view: View = {"at": instant(turn.at, replay.rulebook.zone), "before": None}
    if turn.together:
        view["violations"] = [names.violations[slot] for slot in turn.together]
    return view | {
        "scores": moved(turn.before, turn.after, names),
        "effects": [effect_view(effect, replay, names) for effect in turn.effects],
        "clauses": why.clauses,
        "grounds": [explainer.places.view(ground) for ground in why.grounds],
        "text": why.text,
    }


def moved(
    before: Sequence[int], after: Sequence[int], names: Naming, *, but: int = ABSENT
) -> list[View]:
    """The counters that moved, one of them left out."""
    return [
        {
            "counter": names.counters[i],
            "before": points(was),
            "change": points(now - was),
            "after": points(now),
        }
        for i, (was, now) in enumerate(zip(before, after, strict=True))
        if was != now and i != but
    ]


def _points_or_none(value: int | None) -> str | None:
    return None if value is None else points(value)
