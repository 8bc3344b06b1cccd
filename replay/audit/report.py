"""The audit for people: one ruling per fact, then score and stops, then the clauses."""

from collections.abc import Iterator

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ledger.facts.types import TYPE_NAME
from ledger.rulebook.model import Rulebook, Source
from ledger.text import safe
from projections.explain.assumptions import assumption_lines, assumptions
from projections.explain.explanation import Event, Explanation, story
from projections.explain.grounds import LEDGER, Reference
from projections.explain.phrases import Phrase, Value, Word, say
from projections.explain.places import ASSUMED, SCENARIO
from projections.fold.trace import Turn
from projections.standing.replay import Replay, Ruling
from projections.standing.writing import clock_time, points
from replay.audit.timeline import score_path, timeline
from replay.console import Prose, heading, say_line

WIDE = 132
"""From this width on clauses have a column of their own."""
NARROW = 80
"""Below this width a table would leave no room for the sentences."""


def print_audit(replay: Replay, console: Console, language: str, *, bars: bool) -> None:
    """The replay must have its rulings; `bars` draws the timeline as for a terminal."""
    told = list(story(replay, (language,)))
    reasons = [why for _, why in told]
    zone = replay.rulebook.zone
    at: dict[str, Value] = {"at": clock_time(replay.as_of, zone), "zone": Word("zones", zone)}
    when = say(Phrase("standing.when", at), language)
    console.print(f"{safe(replay.subject)} · {replay.rulebook.label} · {when}", highlight=False)
    if console.width < NARROW:
        for event in told:
            console.print()
            console.print(event_lines(event, replay, language), highlight=False)
    else:
        console.print(rulings_table(replay, told, language, console.width))
    heading(console, word("audit.timeline", language))
    path = score_path(replay)
    say_line(console, say(Phrase("audit.score_path", {"path": path or "–"}), language))
    lines = timeline(replay, language, width=console.width if bars else 0)
    for line in lines or [word("audit.stays", language)]:
        say_line(console, line)
    heading(console, word("audit.reads", language))
    for label, meaning in citations(replay, reasons, language):
        say_line(console, f"{label}  {meaning}".rstrip())
    heading(console, word("audit.sources", language))
    for key, source in sources(replay, reasons):
        dated: dict[str, Value] = {"title": source.title, "date": source.date}
        said = say(Phrase("audit.source", dated), language) if source.date else safe(source.title)
        say_line(console, f"{key}  {said}")


def rulings_table(replay: Replay, told: list[Event], language: str, width: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=False, pad_edge=False)
    table.add_column(word("audit.time", language), no_wrap=True)
    table.add_column(word("audit.fact", language), overflow="fold")
    table.add_column(word("audit.change", language), justify="right", no_wrap=True)
    table.add_column(word("audit.score", language), justify="right", no_wrap=True)
    if width >= WIDE:
        table.add_column(word("audit.clauses", language), max_width=34, overflow="fold")
    table.add_column(word("audit.text", language), ratio=1, overflow="fold")
    for event in told:
        table.add_row(*cells(event, replay, language, wide=width >= WIDE))
    return table


def event_lines(event: Event, replay: Replay, language: str) -> Text:
    """One row without a table: what was when, and what it came to, one below the other."""
    when, fact, change, score, said = cells(event, replay, language, wide=False)
    head = [Text(" ").join(fact.split()), Text(" ").join([when, score, change])]
    return Text("\n").join([*head, said])


def cells(event: Event, replay: Replay, language: str, *, wide: bool) -> list[Text]:
    what, why = event
    said = Prose()
    if isinstance(what, Turn):
        at, fact, change, score = _time(what, replay, language)
    else:
        at, fact, change, score = _fact(what, language)
        if not what.applied:
            why_not = Phrase("audit.no_effect", {"reason": Word("why", what.reason)})
            said.append(say(why_not, language), style="yellow")
    said.append(why.text[language])
    if not wide and why.clauses:
        said.append(f"\n{listed(why.clauses, language)}", style="dim")
    row = [
        Text(clock_time(at, replay.rulebook.zone)),
        fact,
        Text(signed(change), style=colour(change)),
        Text("–" if score is None else points(score)),
    ]
    if wide:
        row.append(Prose(listed(why.clauses, language), style="dim"))
    return [*row, said]


Cells = tuple[int, Text, int | None, int | None]
"""An instant, what it is, the change, and the score after it."""


def _fact(ruling: Ruling, language: str) -> Cells:
    fact = Prose(say(Word("types", TYPE_NAME[type(ruling.envelope.fact)]), language))
    fact.append(f"\n{safe(ruling.envelope.id)}", style="dim")
    return ruling.envelope.effective_at, fact, ruling.change, ruling.score_after


def _time(turn: Turn, replay: Replay, language: str) -> Cells:
    """Of the counter that moved; of the first one where none did."""
    changes = [after - before for before, after in zip(turn.before, turn.after, strict=True)]
    counter = next((i for i, change in enumerate(changes) if change), 0)
    score = turn.after[counter] if replay.creator.enrolled else None
    return turn.at, Text(word("audit.by_time", language), style="dim"), changes[counter], score


def signed(change: int | None) -> str:
    if not change:
        return ""
    return f"+{points(change)}" if change > 0 else f"−{points(-change)}"


def colour(change: int | None) -> str:
    return "red" if (change or 0) < 0 else "green"


def citations(
    replay: Replay, reasons: list[Explanation], language: str
) -> Iterator[tuple[str, str]]:
    """Each clause once, in the rules' own words; then the figures that no source gives, by why."""
    found: dict[str, dict[str, None]] = {}
    rulebooks = {rulebook.label: rulebook for rulebook in replay.tables.rulebooks}
    references = [reference for why in reasons for reference in why.references]
    for reference in references:
        if not reference.label.startswith(ASSUMED):
            said = meaning(reference, rulebooks.get(reference.rulebook), language)
            found.setdefault(reference.label, {})[said] = None
    for label, meanings in found.items():
        yield label, " / ".join(text for text in meanings if text)
    for line in assumption_lines(assumptions(references, rulebooks), language):
        yield word("audit.assumed", language), line


def meaning(reference: Reference, rulebook: Rulebook | None, language: str) -> str:
    if reference.label.startswith(LEDGER) or rulebook is None:
        return word("audit.own", language)
    if reference.label.startswith(SCENARIO):
        return word("audit.set_by_scenario", language)
    table, _, concept = reference.path.partition(".")
    title = next((t for name, t in rulebook.clauses.items() if name == concept), None)
    if title is None or table != "clauses":
        return ""
    return safe(title.en if language == "en" else title.zh)


def listed(items: list[str], language: str) -> str:
    """Clauses in a row."""
    return say(Phrase("join.list"), language).join(items)


def sources(replay: Replay, reasons: list[Explanation]) -> Iterator[tuple[str, Source]]:
    """The documents behind the clauses."""
    cited = {r.label.partition(" ")[0] for why in reasons for r in why.references}
    cited_in: dict[str, Source] = {}
    for rulebook in replay.tables.rulebooks:
        cited_in |= {key: s for key, s in rulebook.sources.items() if key in cited}
    yield from cited_in.items()


def word(key: str, language: str) -> str:
    return say(Phrase(key), language)
