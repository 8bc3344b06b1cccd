"""The fold's answer in the words of the tables."""

from datetime import date, timedelta

from law.reading import (
    OWN_RULEBOOKS,
    measures,
    name_of,
    points,
    quotas,
    sanctions,
    stop_name,
    violations,
    written,
)
from projections.fold import state
from projections.fold.state import FOREVER, WHILE_TRIGGERED
from projections.standing import Replay, Ruling

__all__ = ["OWN_RULEBOOKS", "effects", "outcome", "truths"]
QUIET = {state.EXAM_PASSED, state.EXAM_FAILED}
"""Said by the mark in the row already."""
DAY_ZERO = date(1970, 1, 1)


def signed(hundredths: int) -> str:
    return f"+{points(hundredths)}" if hundredths > 0 else points(hundredths)


def outcome(ruling: Ruling) -> str:
    """`-3 → 7`, `-10 of -12 → 0`, `0 → 7, unknown_violation`."""
    if ruling.score_after is None or ruling.change is None:
        text = "-"
    else:
        text = signed(ruling.change)
        if ruling.applied and abs(ruling.nominal) != abs(ruling.change) and ruling.nominal:
            text += f" of {signed(ruling.nominal)}"
        text += f" → {points(ruling.score_after)}"
    return f"{text}, {ruling.reason}" if ruling.reason else text


def day(number: int) -> str:
    return (DAY_ZERO + timedelta(number)).isoformat()


def until(r: Replay, row: int) -> str:
    stop = r.creator.stops[row]
    if stop.kind == WHILE_TRIGGERED:
        return "while below"
    if stop.kind == state.OCCASIONS:
        return "for occasions"
    return "for ever" if stop.planned_until >= FOREVER else f"until {written(stop.planned_until)}"


def effects(r: Replay, items: list[tuple[int, int, int, int]]) -> str:
    """All effects of a ruling in their order; the quiet end of a timed stop is left out."""
    said = []
    for effect, row, amount, _ in items:
        if effect in QUIET:
            continue
        name = state.EFFECTS[effect]
        if name == "node_started":
            said.append(f"starts {stop_name(r, row)} {until(r, row)}")
        elif name == "node_lifted":
            said.append(f"lifts {stop_name(r, row)}")
        elif name == "node_served":
            if r.creator.stops[row].planned_until >= FOREVER:
                said.append(f"ends {stop_name(r, row)}")
        elif name in {"quota_taken", "quota_returned"}:
            category = name_of(r.tables.names.categories, row)
            said.append(f"{'takes' if name == 'quota_taken' else 'returns'} quota {category}")
        elif name in {"measure_started", "measure_ended"}:
            measure = name_of(r.history.measure_names, r.creator.measures[row].name)
            said.append(f"{'starts' if name == 'measure_started' else 'ends'} measure {measure}")
        elif name == "recovery_due":
            said.append(f"awards {day(row)}")
        else:
            said.append(f"{name} {points(amount)}")
    return ", ".join(said)


def truths(r: Replay) -> set[str]:
    """Every statement that a `standing` row could make at as_of."""
    stops = sanctions(r)
    said = {f"{name} {how} at {written(end)}" for name, _, end, how in stops if how != "running"}
    running = {
        f"runs {stop_name(r, i)} {until(r, i)}"
        for i, s in enumerate(r.creator.stops[: r.creator.stops_made])
        if s.state == state.RUNNING
    }
    said |= running or {"nothing runs"}
    for name, (how, judged, deducted, restored) in violations(r).items():
        said |= {f"{name} {how}", f"{name} judged {points(judged)}"}
        said.add(f"{name} restored {points(restored)} of {points(deducted)}")
    held = {c: day(free) for c, (_, free) in quotas(r).items() if day(free) > today(r)}
    for category in r.tables.names.categories:
        free = f" on {held[category]}" if category in held else ""
        said.add(f"quota {category} free{free}")
    for measure, violation, _, end, runs in measures(r):
        whose = f" of {violation}" if violation else ""
        how = "runs" if runs else f"ended at {written(end)}"
        said.add(f"measure {measure}{whose} {how}")
    for (account, currency), slot in r.history.accounts.items():
        said.add(f"account {account} {currency} posted {r.creator.accounts[slot].posted}")
    awards = [
        day(row)
        for items in (*(x.effects for x in r.rulings), r.clock_effects)
        for effect, row, _, _ in items
        if effect == state.RECOVERY_DUE
    ]
    said.add("awarded " + " ".join(awards) if awards else "nothing awarded")
    return said


def today(r: Replay) -> str:
    return written(r.as_of)[:10]
