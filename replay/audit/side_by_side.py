"""What was known then and now, for people: as lines, wrapped, each heading where there is something
below it."""

from collections.abc import Iterable, Iterator

import click

from ledger.text import safe
from projections.explain.explanation import Explainer
from projections.explain.phrases import Phrase, Value, Word, say, sentence
from projections.standing.naming import naming
from projections.standing.replay import Replay
from projections.standing.spans import total
from projections.standing.writing import clock_time
from projections.views.objects import sanctions
from projections.views.outcome import outcome
from projections.views.report import NOTHING, quotas
from projections.views.wrapping import wrapped
from replay.audit.compare import Changed, Compared, WrongStop
from replay.audit.then_and_now import Sides, by_how_much, joined, remarks, wrong_stop
from replay.audit.timeline import stop_line

Line = tuple[int, str]
"""How deep it stands, and what it says."""


def compared_lines(compared: Compared, language: str, width: int) -> Iterator[str]:
    """All of it, in lines of at most `width` columns."""
    sides = Sides(Explainer(compared.then, (language,)), Explainer(compared.now, (language,)))
    causes = [changed for changed in compared.changed if changed.cause]
    others = [changed for changed in compared.changed if not changed.cause]
    labels = _labels(compared)
    blocks = {
        "differs": _standings(compared, labels, language),
        "facts": _rulings(causes, sides, labels, language),
        "rulings": _rulings(others, sides, labels, language),
        "executed": _stops(compared, language),
    }
    for line in _head(compared, language):
        yield from wrapped(line, width)
    for title, lines in blocks.items():
        for number, (depth, text) in enumerate(lines):
            if number == 0:
                yield ""
                yield click.style(_word(title, language), bold=True)
            yield from (" " * 2 * depth + line for line in wrapped(text, width - 2 * depth))


def _word(key: str, language: str) -> str:
    return say(Phrase(f"compare.{key}"), language)


Labels = dict[str, Value]
"""What each side is called."""


def _labels(compared: Compared) -> Labels:
    """Then and now; where the later side is not now, the time of each."""
    if compared.until_now:
        return {name: Phrase(f"compare.{name}") for name in ("then", "now")}
    zone = compared.now.rulebook.zone
    sides = {"then": compared.then, "now": compared.now}
    return {
        name: Phrase("compare.known", {"at": clock_time(side.known_at or side.as_of, zone)})
        for name, side in sides.items()
    }


def _side(label: Value, text: str, language: str) -> str:
    """`then: …`"""
    return say(Phrase("compare.side", {"side": label, "text": text}), language)


def _head(compared: Compared, language: str) -> Iterator[str]:
    now, zone = compared.now, compared.now.rulebook.zone
    values: dict[str, Value] = {"at": clock_time(now.as_of, zone), "zone": Word("zones", zone)}
    yield f"{safe(now.subject)} · {say(Phrase('standing.when', values), language)}"
    for name, side in (("then", compared.then), ("now", now)):
        assert side.known_at is not None
        known = Phrase("said.known_at", {"at": clock_time(side.known_at, zone)})
        said = f"{say(known, language)} · {side.rulebook.label}"
        label = Phrase(f"compare.{name}")
        yield _side(label, said, language) if compared.until_now else said


def _standings(compared: Compared, labels: Labels, language: str) -> Iterator[Line]:
    """What differs, and where only the reason does, that; what is the same in one line."""
    then, now = (_sections(side, language) for side in (compared.then, compared.now))
    stops = say(Phrase("standing.stops"), language)
    same: list[Value] = []
    for label in dict.fromkeys([*then, *now]):
        ours, theirs = then.get(label, []), now.get(label, [])
        if ours == theirs and label == stops:
            ours, theirs = _other_stops(compared, language)
        if ours == theirs:
            same.append(label)
            continue
        alike = [said for said, _ in ours] == [said for said, _ in theirs]
        yield 1, label
        for name, lines in (("then", ours), ("now", theirs)):
            for said, why in lines or [(say(NOTHING, language), "")]:
                yield 2, _side(labels[name], said, language)
                if alike and why:
                    yield 3, why
    if same:
        yield 1, say(Phrase("compare.same", {"parts": same}), language)


KINDS = {
    "stop": "stops",
    "sanction": "sanctions",
    "measure": "measures",
    "money": "money",
    "waiting": "waiting",
}
"""Under which label a headline stands; scores stand under the title of their counter."""
ALWAYS = ("stops", "measures", "quota", "money")
"""Labels that are there even where there is nothing below them."""


Said = list[tuple[str, str]]
"""What is so, and why."""


def _other_stops(compared: Compared, language: str) -> tuple[Said, Said]:
    """The stops that only one side has, each in a line: ended, or behind one that counts longer."""
    sides = compared.then, compared.now
    names = [naming(side) for side in sides]
    rows = [sanctions(*pair) for pair in zip(sides, names, strict=True)]
    told: list[Said] = [
        [
            (say(stop_line(stop, side, named), language), "")
            for stop, row in zip(side.creator.stops, own, strict=False)
            if row not in others
        ]
        for side, named, own, others in zip(sides, names, rows, reversed(rows), strict=True)
    ]
    return told[0], told[1]


def _sections(side: Replay, language: str) -> dict[str, Said]:
    """{what: what is so, and why}, in sentences."""
    sections: dict[str, Said] = {}
    for headline in outcome(side):
        label: Value = Phrase(f"standing.{KINDS.get(headline.kind)}")
        if headline.kind == "score":
            name = headline.about["counter"]
            label = side.rulebook.counters[name].title or name
        said, why = (sentence([[part]], language) for part in (headline.said, headline.why))
        sections.setdefault(say(label, language), []).append((said, why))
    for key in ALWAYS:
        sections.setdefault(say(Phrase(f"standing.{key}"), language), [])
    sections[say(Phrase("standing.quota"), language)] += [
        (say(quota, language), "") for quota in quotas(side)
    ]
    return sections


def _rulings(
    changed: Iterable[Changed], sides: Sides, labels: Labels, language: str
) -> Iterator[Line]:
    zone = sides.now.replay.rulebook.zone
    for each in changed:
        when = clock_time(each.envelope.effective_at, zone)
        said = [say(remark, language) for remark in remarks(each, zone)]
        yield 1, " · ".join([when, safe(each.envelope.id), *said])
        for name, ruling in (("then", each.then), ("now", each.now)):
            explainer: Explainer = getattr(sides, name)
            text = _word("unknown", language)
            if ruling is not None:
                text = explainer.with_time(ruling).text[language]
            yield 2, _side(labels[name], text, language)


def _stops(compared: Compared, language: str) -> Iterator[Line]:
    """Each stop, and where a feature has several what they come to together."""
    by_feature: dict[str, list[WrongStop]] = {}
    for stop in compared.stops:
        yield 1, joined([wrong_stop(stop, compared)], language)
        by_feature.setdefault(stop.any.feature, []).append(stop)
    for feature, several in by_feature.items():
        if len(several) > 1:
            longer = total(span for each in several for span in each.too_long)
            shorter = total(span for each in several for span in each.too_short)
            title = several[0].any.rulebook.features.get(feature) or feature
            values: dict[str, Value] = {"feature": title, "wrong": by_how_much(longer, shorter)}
            yield 1, joined([Phrase("compare.together", values)], language)
