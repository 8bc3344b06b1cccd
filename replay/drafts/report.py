"""What a shadow run says to people: a few lines per creator who disagrees, then the totals."""

from collections.abc import Iterator
from typing import Any

from ledger.text import safe
from projections.standing.writing import clock_time
from replay.drafts.shadow import Shadow, totals_view

View = dict[str, Any]
ROWS = {
    "sanctions": ("node", "feature", "from", "until", "state"),
    "violations": ("violation", "category", "points", "deducted", "restored", "state"),
}


def creator_lines(view: View) -> Iterator[str]:
    """One creator: what differs in the standing and in the rulings, and where it began."""
    yield safe(view["creator"])
    for name, sides in view["differences"].items():
        yield from _difference(name, sides)
    for ruling in view["rulings"]:
        a, b = _outcome(ruling["baseline"]), _outcome(ruling["counterfactual"])
        if a != b:
            yield f"  {safe(ruling['event'])} ({ruling['type']}): {a} ≠ {b}"
    yield f"  first divergence: {_place(view['first_divergence'])}"


def _difference(name: str, sides: View) -> Iterator[str]:
    for label, side in (("in force", "baseline"), ("draft", "counterfactual")):
        found = sides[side]
        if isinstance(found, list):
            for row in found:
                yield f"  {name}, {label}: {_row(name, row)}"
        elif side == "baseline" and name != "counters":
            yield f"  {name}: {_text(found)} ≠ {_text(sides['counterfactual'])}"


def _row(name: str, row: View) -> str:
    keys = ROWS.get(name, tuple(row))
    return safe(" ".join(f"{key} {_text(row[key])}" for key in keys))


def _text(value: object) -> str:
    text = "–" if value is None else str(value)
    return text[:16].replace("T", " ") if text[10:11] == "T" else text


def _outcome(said: View | None) -> str:
    if said is None:
        return "not ruled"
    words = [said["change"] or "0", "" if said["outcome"] == "applied" else "no effect"]
    return " ".join(filter(None, [*words, said["reason"]]))


def _place(place: View | None) -> str:
    if place is None:
        return "in the standing only"
    when = place["effective_at"][:16].replace("T", " ")
    if place["event"] is None:
        return f"by time alone, at {when}"
    return f"{safe(place['event'])} ({place['type']}) at {when}"


def head_lines(shadow: Shadow) -> Iterator[str]:
    """What is compared with what."""
    beside = ", ".join(r.label for r in shadow.beside)
    yield f"{shadow.draft.label} from {shadow.draft.in_force_from} on, beside {beside}"


def totals_lines(shadow: Shadow, as_of: int, starts: int) -> Iterator[str]:
    """All creators together; both sides with their difference to be seen."""
    view = totals_view(shadow)
    yield f"{view['creators']:,} creators, {view['disagree']:,} disagree"
    if view["left_out"]:
        yield f"{view['left_out']:,} left out: not enrolled under {shadow.draft.name} by then"
    yield f"newly stopped {view['newly_stopped']:,}, freed {view['freed']:,}"
    a, b = view["points"]["baseline"], view["points"]["counterfactual"]
    for counter in a:
        yield f"sum of points, {counter}: {a[counter]} in force, {b[counter]} under the draft"
    a, b = view["suspended_days"]["baseline"], view["suspended_days"]["counterfactual"]
    yield f"creator-days of suspension: {a} in force, {b} under the draft"
    if as_of < starts:
        when = clock_time(starts, shadow.draft.zone)
        yield f"the draft begins only at {when}, after the time asked about: --from tries another"
