"""What was known then and now, as JSON, and the sentences that people get too."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ledger.facts.types import TYPE_NAME, FactRetracted
from projections.explain.explanation import Explainer
from projections.explain.messages import LANGUAGES
from projections.explain.phrases import Count, Phrase, Value, Word, say
from projections.explain.terms import graded, identified, node_of, occasions, stop_name
from projections.fold.state import FOREVER, OCCASIONS, PERMANENT
from projections.standing.executed import Stretch
from projections.standing.replay import Replay, Ruling
from projections.standing.spans import total
from projections.standing.writing import clock_time, deadline, instant
from projections.views.objects import head_view, ruling_view, spans_view, standing_object
from projections.views.report import OPEN_ENDS
from replay.audit.compare import Changed, Compared, WrongStop
from replay.whatif.counterfactual import differences

View = dict[str, Any]
SECOND = 1_000_000
MINUTE = 60 * SECOND


class Sides(NamedTuple):
    """What explains the rulings of each side."""

    then: Explainer
    now: Explainer


def compare_view(compared: Compared) -> View:
    """What `audit --compare --json` prints."""
    then, now = compared.then, compared.now
    ours, theirs = standing_object(then), standing_object(now)
    sides = Sides(Explainer(then), Explainer(now))
    names = {"baseline": "then", "counterfactual": "now"}
    return {
        "creator": now.subject,
        "as_of": head_view(now)["as_of"],
        "then": _side_view(then, ours),
        "now": _side_view(now, theirs),
        "differences": {
            field: {names[side]: value for side, value in both.items()}
            for field, both in differences(ours, theirs).items()
        },
        "facts": [_changed_view(each, sides) for each in compared.changed if each.cause],
        "rulings": [_changed_view(each, sides) for each in compared.changed if not each.cause],
        "executed": [_stop_view(stop, compared) for stop in compared.stops],
    }


def _side_view(side: Replay, standing: View) -> View:
    head = head_view(side)
    return {"known_at": head["known_at"], "rulebook": head["rulebook"], "standing": standing}


def _changed_view(changed: Changed, sides: Sides) -> View:
    e, zone = changed.envelope, sides.now.replay.rulebook.zone
    view: View = {
        "event": e.id,
        "source": e.source,
        "position": e.position,
        "type": TYPE_NAME[type(e.fact)],
        "effective_at": instant(e.effective_at, zone),
        "recorded_at": instant(e.recorded_at, zone),
    }
    if changed.late:
        view["late"] = duration(max(e.recorded_at - e.effective_at, 0))
    if (by := changed.retraction) is not None:
        assert isinstance(by.fact, FactRetracted)
        recorded = instant(by.recorded_at, zone)
        view["retraction"] = {"event": by.id, "recorded_at": recorded, "reason": by.fact.reason}
    if changed.finding is not None:
        view["withdrawn_finding"] = changed.finding[0].id
    for side, ruling in (("then", changed.then), ("now", changed.now)):
        explainer: Explainer = getattr(sides, side)
        view[side] = None if ruling is None else _ruling_view(ruling, explainer)
    said = list(remarks(changed, zone))
    return view | {"text": {language: joined(said, language) for language in LANGUAGES}}


def _ruling_view(ruling: Ruling, explainer: Explainer) -> View:
    return ruling_view(ruling, explainer.with_time(ruling), explainer, ruling.with_time)


def _stop_view(stop: WrongStop, compared: Compared) -> View:
    one, zone = stop.any, compared.now.rulebook.zone
    view: View = {"node": one.node}
    if one.node is None:
        view |= {"lapse": one.feature} if one.violation is None else {"violation": one.violation}
    said = wrong_stop(stop, compared)
    return view | {
        "feature": one.feature,
        "rulebook": one.rulebook.label,
        "decided_at": instant(one.decided_at, zone),
        "executed": spans_view(stop.executed, zone),
        "judged": spans_view(stop.judged, zone),
        "too_long": duration(total(stop.too_long)),
        "too_short": duration(total(stop.too_short)),
        "text": {language: joined([said], language) for language in LANGUAGES},
    }


def duration(microseconds: int) -> str:
    """ISO 8601, in whole seconds, with hours as the largest unit: `PT48H`, `PT16H20M`, `PT0S`."""
    minutes, seconds = divmod(microseconds // SECOND, 60)
    hours, minutes = divmod(minutes, 60)
    parts = zip((hours, minutes, seconds), "HMS", strict=True)
    return "PT" + ("".join(f"{n}{unit}" for n, unit in parts if n) or "0S")


def hours(microseconds: int) -> Value:
    """The same for people, in hours and minutes."""
    whole, rest = divmod(microseconds // MINUTE, 60)
    said = [Count(noun, str(n)) for noun, n in (("hours", whole), ("minutes", rest)) if n]
    if len(said) == 2:
        return Phrase("compare.hours_minutes", dict(zip(("hours", "minutes"), said, strict=True)))
    return said[0] if said else Phrase("compare.moment")


def remarks(changed: Changed, zone: str) -> Iterator[Phrase]:
    """When it was recorded, what withdrew it, and that what it is about was withdrawn."""
    e = changed.envelope
    if changed.late:
        late = e.recorded_at - e.effective_at
        key = "recorded" if late < MINUTE else "late"
        recorded = clock_time(e.recorded_at, zone)
        yield Phrase(f"compare.{key}", {"recorded": recorded, "late": hours(late)})
    if changed.retraction is not None:
        yield Phrase("compare.withdrawn", _withdrawal(changed.retraction, zone))
    if changed.finding is not None:
        found, by = changed.finding
        about: dict[str, Value] = {
            "violation": identified(getattr(e.fact, "violation", "")),
            "finding": found.id,
        }
        yield Phrase("compare.about_withdrawn", about | _withdrawal(by, zone))


def _withdrawal(by: Any, zone: str) -> dict[str, Value]:
    return {
        "recorded": clock_time(by.recorded_at, zone),
        "by": by.id,
        "reason": Word("words", by.fact.reason),
    }


def by_how_much(too_long: int, too_short: int) -> list[Value]:
    """What is wrong of a stop, in hours; what is not wrong is not said."""
    times = {"too_long": too_long, "too_short": too_short}
    return [
        Phrase(f"compare.{name}", {"time": hours(time)}) for name, time in times.items() if time
    ]


def wrong_stop(stop: WrongStop, compared: Compared) -> Phrase:
    """When it was executed, when it is judged, and by how much that differs."""
    one, now = stop.any, compared.now
    known = clock_time(now.known_at or now.as_of, now.rulebook.zone)
    return Phrase(
        "compare.stop",
        {
            "stop": stop_name(one.feature, one.rulebook, for_good=one.kind == PERMANENT),
            "cause": _cause(one),
            "executed": _spans(stop.executed, now, "not_executed"),
            "judged": _spans(stop.judged, now, "not_judged"),
            "known": Phrase(f"compare.by_{'now' if compared.until_now else 'then'}", {"at": known}),
            "wrong": by_how_much(total(stop.too_long), total(stop.too_short)),
        },
    )


def _cause(stretch: Stretch) -> Phrase:
    if stretch.node is not None:
        return node_of(stretch.node, stretch.rulebook)
    if stretch.violation is None:
        return Phrase("cause.lapse")
    named = identified(stretch.violation)
    category = graded(stretch.category, "", stretch.rulebook)
    return Phrase("cause.violation", {"violation": named, "category": category})


def _spans(stretches: Iterable[Stretch], now: Replay, nothing: str) -> Value:
    return [_span(each, now.rulebook.zone) for each in stretches] or Phrase(f"compare.{nothing}")


def _span(stretch: Stretch, zone: str) -> Phrase:
    start = clock_time(stretch.start, zone)
    if not stretch.goes_on:
        return Phrase("compare.span", {"from": start, "until": clock_time(stretch.end, zone)})
    end: Value = Phrase("compare.open")
    if stretch.until < FOREVER:
        end = Phrase("standing.until", {"until": deadline(stretch.until, zone)})
    elif stretch.kind == OCCASIONS:
        left = occasions(stretch.rulebook, stretch.occasions)
        end = Phrase("standing.occasions", {"count": left})
    elif stretch.kind in OPEN_ENDS:
        end = Phrase(f"standing.{OPEN_ENDS[stretch.kind]}")
    return Phrase("compare.since", {"from": start, "end": end})


def joined(said: list[Phrase], language: str) -> str:
    """As one sentence; empty where there is nothing to say."""
    text = say(Phrase("join.part"), language).join(say(each, language) for each in said)
    return text[:1].upper() + text[1:] + say(Phrase("join.end"), language) if text else ""
