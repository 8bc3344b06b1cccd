"""What was known then and now, for people: as lines, wrapped, each heading where there is something
below it."""

from collections.abc import Iterable, Iterator

import click

from ledger.text import safe
from projections.explain.explanation import Explainer
from projections.explain.phrases import Phrase, Value, Word, say, sentence
from projections.standing.replay import Replay
from projections.standing.spans import total
from projections.standing.writing import clock_time
from projections.views.outcome import outcome
from projections.views.report import NOTHING, quotas
from replay.audit.compare import Changed, Compared, WrongStop
from replay.audit.then_and_now import Sides, by_how_much, joined, remarks, wrong_stop
from replay.console import wrapped

Line = tuple[int, str]
"""How deep it stands, and what it says."""


def compared_lines(compared: Compared, language: str, width: int) -> Iterator[str]:
    """All of it, in lines of at most `width` columns."""
    sides = Sides(Explainer(compared.then, (language,)), Explainer(compared.now, (language,)))
    causes = [changed for changed in compared.changed if changed.cause]
    others = [changed for changed in compared.changed if not changed.cause]
    blocks = {
        "differs": _standings(compared, language),
        "facts": _rulings(causes, sides, language),
        "rulings": _rulings(others, sides, language),
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


def _side(name: str, text: str, language: str) -> str:
    """`then: …`"""
    return say(Phrase("compare.side", {"side": Phrase(f"compare.{name}"), "text": text}), language)


def _head(compared: Compared, language: str) -> Iterator[str]:
    now, zone = compared.now, compared.now.rulebook.zone
    values: dict[str, Value] = {"at": clock_time(now.as_of, zone), "zone": Word("zones", zone)}
    yield f"{safe(now.subject)} · {say(Phrase('standing.when', values), language)}"
    for name, side in (("then", compared.then), ("now", now)):
        assert side.known_at is not None
        known = Phrase("said.known_at", {"at": clock_time(side.known_at, zone)})
        yield _side(name, f"{say(known, language)} · {side.rulebook.label}", language)


def _standings(compared: Compared, language: str) -> Iterator[Line]:
    """What differs, then and now; what is the same in one line."""
    then, now = (_sections(side, language) for side in (compared.then, compared.now))
    same: list[Value] = []
    for label in dict.fromkeys([*then, *now]):
        ours, theirs = then.get(label, []), now.get(label, [])
        if ours == theirs:
            same.append(label)
            continue
        yield 1, label
        for name, lines in (("then", ours), ("now", theirs)):
            for line in lines or [say(NOTHING, language)]:
                yield 2, _side(name, line, language)
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


def _sections(side: Replay, language: str) -> dict[str, list[str]]:
    """{what: what is so}, in sentences."""
    sections: dict[str, list[str]] = {}
    for headline in outcome(side):
        label: Value = Phrase(f"standing.{KINDS.get(headline.kind)}")
        if headline.kind == "score":
            name = headline.about["counter"]
            label = side.rulebook.counters[name].title or name
        said = sentence([[headline.said]], language)
        sections.setdefault(say(label, language), []).append(said)
    for key in ALWAYS:
        sections.setdefault(say(Phrase(f"standing.{key}"), language), [])
    sections[say(Phrase("standing.quota"), language)] += [say(q, language) for q in quotas(side)]
    return sections


def _rulings(changed: Iterable[Changed], sides: Sides, language: str) -> Iterator[Line]:
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
            yield 2, _side(name, text, language)


def _stops(compared: Compared, language: str) -> Iterator[Line]:
    """Each stop, and where a feature has several what they come to together."""
    by_feature: dict[str, list[WrongStop]] = {}
    for stop in compared.stops:
        yield 1, joined([wrong_stop(stop, compared.now)], language)
        by_feature.setdefault(stop.any.feature, []).append(stop)
    for feature, several in by_feature.items():
        if len(several) > 1:
            longer = total(span for each in several for span in each.too_long)
            shorter = total(span for each in several for span in each.too_short)
            title = several[0].any.rulebook.features.get(feature) or feature
            values: dict[str, Value] = {"feature": title, "wrong": by_how_much(longer, shorter)}
            yield 1, joined([Phrase("compare.together", values)], language)
