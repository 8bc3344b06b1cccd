"""A standing for people: a few labelled lines, without tables, so that it is there at once."""

import unicodedata
from collections.abc import Iterator

import click

from ledger.rulebook.model import Rulebook, Title
from ledger.text import safe
from projections.explain.assumptions import assumption_lines, assumptions
from projections.explain.explanation import explain
from projections.explain.phrases import Phrase, Value, Word, listing, say
from projections.explain.scene import cause, kind, lasts
from projections.explain.terms import (
    graded,
    identified,
    measure_of,
    money_of,
    named_stop,
    occasions,
    role,
    stop_name,
    term,
)
from projections.fold.state import (
    ABSENT,
    FOREVER,
    OCCASIONS,
    PERMANENT,
    RUNNING,
    UNTIL_OPENED,
    WHILE_TRIGGERED,
    Stop,
)
from projections.standing.held import due
from projections.standing.naming import Naming, naming
from projections.standing.replay import Replay
from projections.standing.writing import clock_time, deadline, points
from projections.views.objects import exam_quota
from projections.views.windows import (
    Change,
    behind,
    longest,
    next_change,
    open_windows,
    waiting,
)

LABEL = 17
NOTHING = Phrase("standing.nothing")
OPEN_ENDS = {
    PERMANENT: "permanent",
    WHILE_TRIGGERED: "while_triggered",
    UNTIL_OPENED: "until_opened",
}


def standing_lines(replay: Replay, language: str) -> Iterator[str]:
    """The lines that `standing CREATOR` prints; the replay must have its rulings."""
    names, zone = naming(replay), replay.rulebook.zone
    at: dict[str, Value] = {"at": clock_time(replay.as_of, zone), "zone": Word("zones", zone)}
    when = say(Phrase("standing.when", at), language)
    yield " · ".join([click.style(safe(replay.subject), bold=True), replay.rulebook.label, when])
    sections: list[tuple[Value, list[Value]]] = [
        *scores(replay, names),
        (Phrase("standing.stops"), stops(replay, names, "feature")),
        *_sanctions(replay, names),
        (Phrase("standing.measures"), measures(replay, names)),
        *pending(replay, names),
        (Phrase("standing.windows"), windows(replay, names)),
        (Phrase("standing.quota"), quotas(replay)),
        (Phrase("standing.money"), _money(replay)),
        (Phrase("standing.next"), upcoming(replay, names)),
        (Phrase("standing.assumed"), assumed(replay, language)),
    ]
    for label, values in sections:
        head = say(label, language)
        for value in values or [NOTHING]:
            yield f"{pad(head, LABEL)}{say(value, language)}"
            head = ""


def pad(text: str, width: int) -> str:
    """Fill up to a width in columns; Chinese characters take two."""
    return text + " " * max(width - columns(text), 1)


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


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
        return Phrase(f"standing.{key}", {"until": clock_time(stop.until, zone)})
    if stop.kind in OPEN_ENDS:
        return Phrase(f"standing.{OPEN_ENDS[stop.kind]}")
    return lasts(stop, rulebook)


def scores(replay: Replay, names: Naming) -> Iterator[tuple[Value, list[Value]]]:
    for name, counter in zip(names.counters, replay.creator.counters, strict=True):
        rule = replay.rulebook.counters[name]
        said: Value = Phrase("standing.not_enrolled")
        if replay.creator.enrolled:
            said = Phrase("standing.points", {"score": points(counter.score)})
            if rule.cap is not None:
                values: dict[str, Value] = {"score": points(counter.score), "cap": str(rule.cap)}
                said = Phrase("standing.of_cap", values)
        yield rule.title or Title(name, name), [said]


def _sanctions(replay: Replay, names: Naming) -> Iterator[tuple[Value, list[Value]]]:
    """Sanctions that stop no feature; no line where there are none."""
    if said := stops(replay, names, "sanction"):
        yield Phrase("standing.sanctions"), said


def stops(replay: Replay, names: Naming, wanted: str) -> list[Value]:
    """Each stopped feature, or each sanction, with the end that counts."""
    said: list[Value] = []
    for stop in longest(replay.creator):
        if kind(stop, names) != wanted:
            continue
        whose = cause(stop, names)
        if stop.started_at > replay.as_of:
            start = clock_time(stop.started_at, replay.rulebook.zone)
            whose = Phrase("standing.from", {"cause": whose, "from": start})
        said.append(_row([stop_title(stop, names), _end(stop, replay, names), whose]))
    return said


def pending(replay: Replay, names: Naming) -> Iterator[tuple[Value, list[Value]]]:
    """What is found and not yet in effect; no line where there is none."""
    said: list[Value] = []
    for slot, violation in waiting(replay.creator):
        word, severity = names.words[slot], names.severity(violation)
        values: dict[str, Value] = {
            "violation": identified(names.violations[slot]),
            "category": graded(word, severity, names.judge(violation)),
        }
        if violation.waiting_until < FOREVER:
            values["until"] = clock_time(violation.waiting_until, replay.rulebook.zone)
            said.append(Phrase("standing.waiting_until", values))
        else:
            said.append(Phrase("standing.waiting_open", values))
    if said:
        yield Phrase("standing.waiting"), said


def measures(replay: Replay, names: Naming) -> list[Value]:
    said: list[Value] = []
    for measure in replay.creator.measures:
        if measure.state != RUNNING or replay.as_of >= measure.until:
            continue
        whose = Phrase("standing.imposed", {"authority": role(replay.rulebook, "authority")})
        if measure.violation != ABSENT:
            name = identified(names.violations[measure.violation])
            whose = Phrase("standing.of_violation", {"violation": name})
        end = Phrase("standing.open")
        if measure.until < FOREVER:
            until = clock_time(measure.until, replay.rulebook.zone)
            end = Phrase("standing.until", {"until": until})
        said.append(_row([measure_of(names.measure(measure), replay.rulebook), end, whose]))
    return said


def windows(replay: Replay, names: Naming) -> list[Value]:
    said: list[Value] = []
    for window in open_windows(replay, names):
        values: dict[str, Value] = {"violation": identified(window.violation)}
        values["until"] = deadline(window.until, replay.rulebook.zone)
        line: list[Value] = [Phrase(f"standing.{window.kind}", values)]
        if window.obstacle:
            reason = Phrase(f"obstacles.{window.obstacle}")
            line.append(Phrase("standing.obstacle", {"reason": reason}))
        said.append(_row(line))
    return said


def quotas(replay: Replay) -> list[Value]:
    said: list[Value] = []
    for view in exam_quota(replay):
        category = replay.rulebook.categories.get(view["category"])
        title: Value = view["category"] if category is None else category.title
        until = view["available_from"][:16].replace("T", " ")
        said.append(Phrase("standing.quota_taken", {"category": title, "until": until}))
    return said


def _money(replay: Replay) -> list[Value]:
    return [
        _row([term(replay.rulebook, "words", account), money_of(amount, currency)])
        for account, currency, amount in due(replay)
        if amount
    ]


def upcoming(replay: Replay, names: Naming) -> list[Value]:
    """What time alone changes next, after a recorded fact that takes effect before that."""
    change, zone = next_change(replay, names), replay.rulebook.zone
    said: list[Value] = []
    for e in replay.coming[:1]:
        if change is None or e.effective_at <= change.at:
            what = Phrase("changes.fact", {"about": e.id})
            said.append(_row([clock_time(e.effective_at, zone), what]))
    if change is not None:
        what = Phrase(f"changes.{change.kind}", {"about": _about(change, replay.rulebook)})
        at = deadline if change.kind in ("appeal", "exam") else clock_time
        said.append(_row([at(change.at, zone), what]))
    return said or [Phrase("standing.nothing_next")]


def _about(change: Change, rulebook: Rulebook) -> Value:
    about = change.about
    if change.kind == "stop":
        return stop_name(about, rulebook)
    if change.kind in ("appeal", "exam", "effect", "expiry"):
        return identified(about)
    if change.kind == "lapse":
        return rulebook.features.get(about, about)
    if change.kind == "quota" and about in rulebook.categories:
        return rulebook.categories[about].title
    if change.kind == "reset":
        return rulebook.counters[about].title or about
    return measure_of(about, rulebook) if change.kind == "measure" else about


def assumed(replay: Replay, language: str) -> list[Value]:
    """The figures that no source gives and the standing rests on."""
    references = [reference for why in explain(replay, ()) for reference in why.references]
    rulebooks = {rulebook.label: rulebook for rulebook in replay.tables.rulebooks}
    lines = assumption_lines(assumptions(references, rulebooks), language)
    return list(lines) or [Phrase("standing.assumed_none")]


def _row(values: list[Value]) -> Phrase:
    return Phrase("columns." + str(len(values)), dict(zip("abc", values, strict=False)))
