"""What came of asking a bundle again, for people and as JSON."""

from collections.abc import Iterator
from typing import Any

from ledger.text import safe
from projections.explain.phrases import Count, Phrase, Value, say
from projections.standing.writing import clock_time, instant, json_line
from replay.bundle.form import Bundle
from replay.bundle.pack import software
from replay.bundle.rerun import Difference, Verdict

View = dict[str, Any]
WIDTH = 300
"""Characters of a value that are shown to people."""


def verdict_view(verdict: Verdict) -> View:
    """One line of `audit --bundle --json`."""
    replay, difference = verdict.replay, verdict.difference
    zone = replay.rulebook.zone
    return {
        "creator": replay.subject,
        "as_of": instant(replay.as_of, zone),
        "known_at": None if replay.known_at is None else instant(replay.known_at, zone),
        "rulings": verdict.rulings,
        "same": difference is None,
        "worded_otherwise": verdict.worded,
        "difference": None if difference is None else _difference_view(difference),
    }


def _difference_view(difference: Difference) -> View:
    fields = difference.fields.items()
    sides = {key: {"bundle": bundled, "here": here} for key, (bundled, here) in fields}
    return {"part": difference.part, **difference.at, "fields": sides}


def head_lines(bundle: Bundle, name: str, language: str) -> Iterator[str]:
    """What the file is, and by whom it was written."""
    yield _say("head", language, file=name, hash=bundle.hash)
    if bundle.head.program != software():
        yield _say("program", language, theirs=bundle.head.program, ours=software())


def verdict_lines(verdict: Verdict, language: str) -> Iterator[str]:
    """What came out for one creator."""
    replay, difference = verdict.replay, verdict.difference
    zone = replay.rulebook.zone
    values: dict[str, Value] = {
        "creator": replay.subject,
        "as_of": clock_time(replay.as_of, zone),
        "known_at": clock_time(replay.known_at or replay.as_of, zone),
        "zone": zone,
        "rulings": Count("rulings", str(verdict.rulings)),
    }
    if difference is None:
        yield _say("same", language, **values)
        if verdict.worded:
            yield "  " + _say("worded", language, n=Count("rulings", str(verdict.worded)))
        return
    place = {key: str(value) for key, value in difference.at.items()}
    part = "field" if difference.part not in {"rulings", "time"} else difference.part
    yield _say(f"differs.{part}", language, **values, **place, field=difference.part)
    for field, sides in difference.fields.items():
        theirs, ours = (_short(side) for side in sides)
        yield "  " + _say("sides", language, field=field, theirs=theirs, ours=ours)


def _short(value: Any) -> str:
    text = json_line(value)
    return text if len(text) <= WIDTH else f"{text[:WIDTH]}…"


def _say(key: str, language: str, **values: Value) -> str:
    return safe(say(Phrase(f"bundle.{key}", values), language))
