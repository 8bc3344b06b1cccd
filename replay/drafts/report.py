"""What a shadow run says to people: a few lines per creator who disagrees, then the totals."""

from collections.abc import Iterator
from typing import Any

from ledger.text import safe
from projections.explain.phrases import Value, Word
from projections.standing.writing import clock_time
from replay.drafts.shadow import Shadow, totals_view
from replay.whatif.words import Words, minute

View = dict[str, Any]
SIDES = ("baseline", "counterfactual")


def words_of(shadow: Shadow, language: str) -> Words:
    """The titles of the draft, else of the versions in force."""
    return Words([shadow.draft, *shadow.beside], language)


def creator_lines(view: View, words: Words) -> Iterator[str]:
    """One creator: what differs in the standing and in the rulings, and where it began."""
    yield safe(view["creator"])
    for name, sides in view["differences"].items():
        for line in _difference(name, sides, words):
            yield f"  {line}"
    for ruling in view["rulings"]:
        a, b = (_outcome(ruling[side], words) for side in SIDES)
        if a != b:
            named: dict[str, Value] = {
                "event": ruling["event"],
                "type": Word("types", ruling["type"]),
            }
            yield f"  {words.say('shadow.ruling', **named, a=a, b=b)}"
    place = _place(view["first_divergence"], words)
    yield f"  {words.say('shadow.divergence', place=place)}"


def _difference(field: str, sides: View, words: Words) -> Iterator[str]:
    name = words.say(f"fields.{field}")
    for side in SIDES:
        if isinstance(sides[side], list):
            for row in sides[side]:
                yield words.say(f"shadow.{side}", name=name, row=words.row(row))
        elif side == SIDES[0] and field != "counters":
            a, b = (sides[s] or "–" for s in SIDES)
            yield words.say("shadow.differs", name=name, a=a, b=b)


def _outcome(said: View | None, words: Words) -> str:
    if said is None:
        return words.say("shadow.not_ruled")
    told = [said["change"] or "0"]
    if said["reason"]:
        reason = Word("why", said["reason"])
        refused = said["outcome"] == "no_effect"
        told.append(words.say(f"whatif.{'no_effect' if refused else 'reason'}", reason=reason))
    return " ".join(told)


def _place(place: View | None, words: Words) -> str:
    if place is None:
        return words.say("shadow.in_standing")
    at = minute(place["effective_at"])
    if place["event"] is None:
        return words.say("shadow.by_time", at=at)
    return words.say("whatif.place", event=place["event"], type=Word("types", place["type"]), at=at)


def head_line(shadow: Shadow, words: Words) -> str:
    """What is compared with what."""
    beside = words.listed([r.label for r in shadow.beside])
    since = str(shadow.draft.in_force_from)
    return words.say("shadow.head", draft=shadow.draft.label, since=since, beside=beside)


def totals_lines(shadow: Shadow, as_of: int, starts: int, words: Words) -> Iterator[str]:
    """All creators together; both sides with their difference to be seen."""
    view = totals_view(shadow)
    counts = {name: f"{n:,}" for name, n in view.items() if isinstance(n, int)}
    yield words.say("shadow.creators", n=counts["creators"], disagree=counts["disagree"])
    if view["left_out"]:
        yield words.say("shadow.left_out", n=counts["left_out"], name=shadow.draft.name)
    yield words.say("shadow.stopped", stopped=counts["newly_stopped"], freed=counts["freed"])
    a, b = (view["points"][side] for side in SIDES)
    for counter in a:
        title = words.counter(counter)
        yield words.say("shadow.points", counter=title, a=a[counter], b=b[counter])
    a, b = (view["suspended_days"][side] for side in SIDES)
    yield words.say("shadow.days", a=a, b=b)
    if as_of < starts:
        yield words.say("shadow.later", at=clock_time(starts, shadow.draft.zone))
