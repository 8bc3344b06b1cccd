"""The audit for people: outcome first, then the rulings, what they rest on, and the rules' words.

Everything is a line, made when it is asked for: a long record is there at once, and is not kept.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import click

from ledger.facts.types import TYPE_NAME
from ledger.rulebook.model import Source
from ledger.rulebook.prose.quoted import quoted
from ledger.text import safe
from projections.explain.assumptions import Figures, assumption_lines, assumptions, mark
from projections.explain.explanation import Explainer, Explanation
from projections.explain.grounds import LEDGER, Reference
from projections.explain.phrases import Count, Phrase, Value, Word, say
from projections.explain.places import ASSUMED, SCENARIO
from projections.explain.refusals import why_not
from projections.explain.scene import judged_by
from projections.explain.terms import clause_of, document
from projections.fold.state import FOREVER
from projections.fold.trace import Turn
from projections.standing.replay import Replay, Ruling
from projections.standing.writing import clock_time, points
from projections.views.outcome import LATE, at_once
from projections.views.report import glance, head
from projections.views.wrapping import columns, wrapped
from replay.audit.selection import Event, at, is_noise
from replay.audit.timeline import score_paths, timeline

WIDEST = 120
"""Wider lines are harder to read."""


class Page(NamedTuple):
    """On what it is printed."""

    language: str
    width: int
    bars: bool = False
    """Whether stops are drawn as bars, as for a terminal."""
    now: int = FOREVER
    """When it is printed."""

    def word(self, key: str) -> str:
        return say(Phrase(key), self.language)

    def title(self, key: str) -> Iterator[str]:
        yield ""
        yield click.style(self.word(key), bold=True)

    def lines(self, indent: int, text: str, *, hang: int = 0, dim: bool = False) -> Iterator[str]:
        """A paragraph, set in; its further lines a little more."""
        for line in wrapped(text, max(min(self.width, WIDEST) - indent - hang, 1)):
            yield " " * indent + (click.style(line, dim=True) if dim else line)
            indent += hang
            hang = 0

    def listed(self, indent: int, words: Iterable[str], *, dim: bool = False) -> Iterator[str]:
        """Words with the mark between them, none of them on two lines where it fits on one."""
        mark, line = self.word("join.list"), ""
        room = max(min(self.width, WIDEST) - indent - columns(mark), 1)
        for word in words:
            longer = f"{line}{mark}{word}" if line else word
            if line and columns(longer) > room:
                yield from self.lines(indent, line + mark, dim=dim)
                longer = word
            line = longer
        yield from self.lines(indent, line, dim=dim)


class Relied:
    """What the rulings rest on, in the order in which they are told."""

    def __init__(self, figures: Figures, language: str) -> None:
        self.figures, self.language = figures, language
        self.references: dict[Reference, None] = {}
        self._numbers: dict[tuple[str, str], int] = {}

    def labels(self, why: Explanation) -> list[str]:
        """The clauses of one; of a figure that no source gives its number among these."""
        self.references.update(dict.fromkeys(why.references))
        return list(dict.fromkeys(map(self._label, why.references)))

    def _label(self, reference: Reference) -> str:
        if reference.label.startswith(ASSUMED):
            return self._mark(reference)
        return say(clause_of(reference.label), self.language)

    def _mark(self, reference: Reference) -> str:
        said = say(self.figures.says(reference), self.language)
        return mark(self._numbers.setdefault((reference.path, said), len(self._numbers) + 1))


def audit_lines(replay: Replay, page: Page, events: Iterable[Event] | None) -> Iterator[str]:
    """All lines, with the rulings of `events`; None: only the outcome and what can be done."""
    for line in head(replay, page.language, page.now):
        yield from page.lines(0, line)
    for title, lines in glance(replay, page.language):
        yield ""
        yield click.style(title, bold=True)
        for indent, text in lines:
            yield from page.lines(indent, text)
    if events is None:
        return
    relied = Relied(Figures(replay.tables.rulebooks), page.language)
    yield from page.title("audit.rulings")
    yield from rulings(replay, page, events, relied)
    yield from page.title("audit.timeline")
    for path in score_paths(replay):
        yield from page.lines(2, say(path, page.language))
    bars = min(page.width, WIDEST) if page.bars else 0
    for line in timeline(replay, page.language, width=bars) or [page.word("audit.stays")]:
        yield from [f"  {line}"] if bars else page.lines(2, line)
    yield from rest(replay, page, relied)


def rulings(replay: Replay, page: Page, events: Iterable[Event], relied: Relied) -> Iterator[str]:
    """Each ruling and what time did between them; `relied` takes what they rest on."""
    explainer = Explainer(replay, (page.language,), headed=True)
    shown = left_out = 0
    once = at_once(replay.history.envelopes)
    if once:
        yield from page.lines(2, _in_one_go(replay, page))
    for event in events:
        shown += 1
        if is_noise(event):
            left_out += 1
            continue
        why = explainer.event(event)
        yield from row(event, why, relied.labels(why), explainer, page, once=once)
    if left_out:
        count = Count("facts", str(left_out))
        yield from page.lines(2, say(Phrase("audit.left_out", {"count": count}), page.language))
    elif not shown:
        yield from page.lines(2, page.word("standing.nothing"))


def _in_one_go(replay: Replay, page: Page) -> str:
    """Said once, and not beside each fact."""
    recorded = max(e.recorded_at for e in replay.history.envelopes)
    values: dict[str, Value] = {"number": str(len(replay.history.envelopes))}
    values["at"] = clock_time(recorded, replay.rulebook.zone)
    return say(Phrase("pages.known_at_once", values), page.language)


def row(
    event: Event,
    why: Explanation,
    clauses: list[str],
    explainer: Explainer,
    page: Page,
    *,
    once: bool,
) -> Iterator[str]:
    """When, what and the sum on a line; then what it came to, and by which clauses."""
    replay, width = explainer.replay, min(page.width, WIDEST)
    zone = replay.rulebook.zone
    title = [clock_time(at(event), zone), *_what(event, explainer, page, once=once)]
    said, total = f"{title[0]}  {' · '.join(title[1:])}", sums(event, explainer, page)
    room = width - 2 - columns(said) - columns(total)
    change = event.after[0] - event.before[0] if event.before != event.after else 0
    colour = "red" if change < 0 else "green" if change else None
    if room >= 2:
        yield f"  {said}{' ' * room}{click.style(total, fg=colour)}"
    else:
        yield from page.lines(2, said)
        yield from page.lines(4, total)
    yield from page.lines(4, why.text[page.language])
    if clauses:
        yield from page.listed(4, clauses, dim=True)


def _what(event: Event, explainer: Explainer, page: Page, *, once: bool) -> Iterator[str]:
    """A fact by its type and id; when it was recorded, where that was late; by which version it
    was ruled, where that is not the one in the head.
    """
    replay = explainer.replay
    if isinstance(event, Turn):
        yield page.word("audit.by_time")
        return
    envelope = event.envelope
    yield say(Word("types", TYPE_NAME[type(envelope.fact)]), page.language)
    yield safe(envelope.id)
    if not event.applied:
        yield say(Phrase("audit.no_effect", {"reason": why_not(event)}), page.language)
    late = envelope.recorded_at - envelope.effective_at >= LATE
    if late and not once:
        recorded = clock_time(envelope.recorded_at, replay.rulebook.zone)
        yield say(Phrase("outcome.late", {"at": recorded}), page.language)
    judge = judged_by(event, explainer.names)
    if event.row is not None and judge.label != replay.rulebook.label:
        yield say(Phrase("audit.judged_by", {"version": judge.version}), page.language)


def sums(event: Event, explainer: Explainer, page: Page) -> str:
    """`10 − 3 = 7` of each counter that moved; else the score as it is."""
    names, rulebook = explainer.names, explainer.replay.rulebook
    if isinstance(event, Ruling) and event.score_after is None:
        return "–"
    if isinstance(event, Ruling) and event.score_before is None:
        return points(event.score_after or 0)
    told = []
    for name, before, after in zip(names.counters, event.before, event.after, strict=True):
        if before != after:
            sign = "+" if after > before else "−"
            title = rulebook.counters[name].title or name
            whose = f"{say(title, page.language)} " if len(names.counters) > 1 else ""
            told.append(
                f"{whose}{points(before)} {sign} {points(abs(after - before))} = {points(after)}"
            )
    return ", ".join(told) or points(event.after[0])


def rest(replay: Replay, page: Page, relied: Relied) -> Iterator[str]:
    """The assumed figures with their notes, then each clause in the rules' own words."""
    figures = relied.figures
    if assumed := assumptions(relied.references, figures):
        yield from page.title("standing.assumed")
        for line in assumption_lines(assumed, page.language, numbered=True):
            yield from page.lines(2, line, hang=2)
    clauses: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for r in relied.references:
        if not r.label.startswith(ASSUMED):
            words, taken = clauses.setdefault(r.label, ({}, {}))
            is_figure = r.rulebook in figures.rulebooks and not r.path.startswith("clauses.")
            (taken if is_figure else words)[_meaning(r, figures, page)] = None
    if not clauses:
        return
    yield from page.title("audit.reads")
    mark = page.word("audit.and")
    for cited, (words, taken) in clauses.items():
        label = say(clause_of(cited), page.language)
        said = mark.join(filter(None, words))
        figure = say(Phrase("audit.figure", {"figure": mark.join(taken)}), page.language)
        if said or not taken:
            yield from page.lines(2, f"{label}  {said}".rstrip(), hang=2)
            label = ""
        if taken:
            yield from page.lines(2, f"{label}  {figure}", hang=2)
    yield from page.title("audit.sources")
    for key, source in _sources(replay, clauses):
        yield from page.lines(2, f"{key}  {say(document(source), page.language)}")


def _meaning(reference: Reference, figures: Figures, page: Page) -> str:
    """The rules' own words, or the figure that they give."""
    rulebook = figures.rulebooks.get(reference.rulebook)
    if reference.label.startswith(LEDGER) or rulebook is None:
        return page.word("audit.own")
    if reference.label.startswith(SCENARIO):
        return page.word("audit.set_by_scenario")
    table, _, concept = reference.path.partition(".")
    if table != "clauses":
        return say(figures.says(reference), page.language)
    title = quoted(rulebook, concept)
    return "" if title is None else say(title, page.language)


def _sources(replay: Replay, clauses: Iterable[str]) -> Iterator[tuple[str, Source]]:
    """The documents behind the clauses."""
    cited = {clause.partition(" ")[0] for clause in clauses}
    listed: dict[str, Source] = {}
    for rulebook in replay.tables.rulebooks:
        listed |= {key: s for key, s in rulebook.sources.items() if key in cited}
    yield from listed.items()
