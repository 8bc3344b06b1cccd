"""A standing for people: a few labelled lines, without tables, so that it is there at once."""

from collections.abc import Iterator
from itertools import groupby

import click

from ledger.rulebook.model import Rulebook, Title
from ledger.text import safe
from projections.explain.assumptions import Figures, assumption_lines, assumptions
from projections.explain.explanation import explain
from projections.explain.phrases import Count, Phrase, Value, listing, say, sentence
from projections.explain.scene import kind, lasts
from projections.explain.terms import named_stop, occasions
from projections.fold.state import (
    FOREVER,
    OCCASIONS,
    PERMANENT,
    UNTIL_OPENED,
    WHILE_TRIGGERED,
    Stop,
)
from projections.standing.naming import Naming, naming
from projections.standing.replay import Replay
from projections.standing.writing import clock_time, deadline, offset, points
from projections.views.chances import chance_phrase, chances, consequence_phrase, endless_phrase
from projections.views.objects import exam_quota
from projections.views.outcome import (
    change_phrase,
    nothing_stopped,
    outcome,
)
from projections.views.windows import (
    behind,
    longest,
    next_change,
)
from projections.views.wrapping import pad

LABEL = 17
SHOWN = 5
"""How many of a kind are told; the rest is counted."""
NOTHING = Phrase("standing.nothing")
BEGINS = ("effect", "lapse", "quota", "recovery", "reset", "expiry")
"""Changes that begin at an instant; the others end by it."""
OPEN_ENDS = {
    PERMANENT: "permanent",
    WHILE_TRIGGERED: "while_triggered",
    UNTIL_OPENED: "until_opened",
}


def standing_lines(replay: Replay, language: str, now: int = FOREVER) -> Iterator[str]:
    """The lines that `standing CREATOR` prints; the replay must have its rulings."""
    names = naming(replay)
    yield from head(replay, language, now)
    for title, lines in glance(replay, language):
        yield f"\n{click.style(title, bold=True)}"
        yield from (" " * indent + text for indent, text in lines)
    yield ""
    sections = [
        ("standing.quota", quotas(replay) or [Phrase("standing.quota_none")]),
        ("standing.next", upcoming(replay, names)),
        ("standing.assumed", assumed(replay, language)),
    ]
    for key, values in sections:
        label = say(Phrase(key), language)
        for value in values:
            yield f"{pad(label, LABEL)}{say(value, language)}"
            label = ""


Line = tuple[int, str]
"""How far a line is set in, in columns, and what it says."""


def head(replay: Replay, language: str, now: int = FOREVER) -> Iterator[str]:
    """Whose, as of when, as known when; under which rules, on which clocks; what is to come yet."""
    zone, rulebook = replay.rulebook.zone, replay.rulebook
    as_of = clock_time(replay.as_of, zone)
    values: dict[str, Value] = {
        "creator": replay.subject,
        "as_of": as_of,
        "known_at": as_of if replay.known_at is None else clock_time(replay.known_at, zone),
        "title": rulebook.title.en if language == "en" else rulebook.title.zh,
        "rulebook": rulebook.label,
        "hash": rulebook.hash[:8],
        "offset": offset(replay.as_of, zone),
    }
    yield say(Phrase("standing.whose", values), language)
    yield say(Phrase("standing.rules", values), language)
    if replay.as_of > now:
        yield say(Phrase("standing.to_come", {"now": clock_time(now, zone)}), language)


def glance(replay: Replay, language: str) -> Iterator[tuple[str, list[Line]]]:
    """What it comes to, and what can still be done: titles with their lines."""
    yield say(Phrase("outcome.title"), language), [*outcome_lines(replay, language)]
    yield say(Phrase("chances.title"), language), [*chance_lines(replay, language)]


def outcome_lines(replay: Replay, language: str) -> Iterator[Line]:
    """Each thing that stands as a sentence, and why below it; of many of a kind the first."""
    headlines = outcome(replay)
    for which, group in groupby(headlines, key=lambda headline: headline.kind):
        listed = list(group)
        for headline in listed[:SHOWN]:
            yield 2, sentence([[headline.said]], language)
            yield 4, sentence([[headline.why]], language)
        yield from _more(len(listed), language)
        if which == "score" and nothing_stopped(headlines):
            yield 2, sentence([[Phrase("outcome.nothing_stopped")]], language)


def _more(found: int, language: str) -> Iterator[Line]:
    if found > SHOWN:
        count = Count("more", str(found - SHOWN))
        yield 2, sentence([[Phrase("outcome.more", {"count": count})]], language)


def chance_lines(replay: Replay, language: str) -> Iterator[Line]:
    """What can be had by when, every date; below the first of them what it would change."""
    names = naming(replay)
    found = chances(replay, SHOWN)
    for chance in found:
        yield 2, sentence([[chance_phrase(chance, replay, names)]], language)
        if would := consequence_phrase(chance, replay, names):
            yield 4, sentence([[would]], language)
    if endless := endless_phrase(replay, names):
        yield 2, sentence([[endless]], language)
    elif not found:
        yield 2, sentence([[Phrase("chances.none")]], language)


def row(replay: Replay, language: str) -> str:
    """One creator in a line, for `standing --all`."""
    names = naming(replay)
    score = points(replay.creator.counters[0].score) if replay.creator.enrolled else "-"
    ends = listing(
        [
            Phrase(
                "standing.ends",
                {"feature": stop_title(stop, names), "end": _end(stop, replay, names)},
            )
            for stop in longest(replay.creator)
        ],
        language,
    )
    return f"{pad(safe(replay.subject), 24)}{score:>6}  {ends}".rstrip()


def stop_title(stop: Stop, names: Naming) -> Value:
    """What is stopped; what is for good by a name of its own, where the rulebook has one."""
    feature, rulebook = names.feature(stop), names.book(stop.version)
    return _for_good(stop, names) or rulebook.features.get(feature) or feature


def _for_good(stop: Stop, names: Naming) -> Title | None:
    """What a permanent stop is called."""
    if stop.kind != PERMANENT:
        return None
    return named_stop(names.feature(stop), names.book(stop.version), for_good=True)


def _end(stop: Stop, replay: Replay, names: Naming) -> Value:
    """When a feature is free again: what waits for occasions has no end, and is named behind."""
    rulebook = names.book(stop.version)
    said: Value = lasts_until(stop, replay.rulebook.zone, rulebook)
    if stop.kind == OCCASIONS:
        left = occasions(rulebook, stop.occasions)
        said = Phrase("standing.occasions", {"count": left})
    elif stop.kind == PERMANENT and kind(stop, names) == "feature" and not _for_good(stop, names):
        said = Phrase("standing.for_good")
    for other in behind(stop, replay.creator):
        said = Phrase(
            "standing.then", {"first": said, "next": lasts(other, names.book(other.version))}
        )
    return said


def lasts_until(stop: Stop, zone: str, rulebook: Rulebook) -> Value:
    """When a stop ends, where that is known, or else how long it lasts."""
    if stop.until < FOREVER:
        key = "at_latest" if stop.kind == WHILE_TRIGGERED else "until"
        return Phrase(f"standing.{key}", {"until": deadline(stop.until, zone)})
    if stop.kind in OPEN_ENDS:
        return Phrase(f"standing.{OPEN_ENDS[stop.kind]}")
    return lasts(stop, rulebook)


def quotas(replay: Replay) -> list[Value]:
    said: list[Value] = []
    for view in exam_quota(replay):
        category = replay.rulebook.categories.get(view["category"])
        title: Value = view["category"] if category is None else category.title
        until = view["available_from"][:16].replace("T", " ")
        said.append(Phrase("standing.quota_taken", {"category": title, "until": until}))
    return said


def upcoming(replay: Replay, names: Naming) -> list[Value]:
    """What time alone changes next, after a recorded fact that takes effect before that."""
    change, zone = next_change(replay, names), replay.rulebook.zone
    said: list[Value] = []
    for e in replay.coming[:1]:
        if change is None or e.effective_at <= change.at:
            what = Phrase("changes.fact", {"about": e.id})
            said.append(_change(clock_time(e.effective_at, zone), what))
    if change is not None:
        what = change_phrase(change, replay.rulebook)
        at = clock_time if change.kind in BEGINS else deadline
        said.append(_change(at(change.at, zone), what))
    return said or [Phrase("standing.nothing_next")]


def assumed(replay: Replay, language: str) -> list[Value]:
    """The figures that no source gives and the standing rests on."""
    references = [reference for why in explain(replay, ()) for reference in why.references]
    figures = Figures(replay.tables.rulebooks)
    lines = assumption_lines(assumptions(references, figures), language)
    return list(lines) or [Phrase("standing.assumed_none")]


def _change(at: str, what: Phrase) -> Phrase:
    return Phrase("standing.change", {"at": at, "what": what})
