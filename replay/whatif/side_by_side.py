"""`what-if` for people: what differs, where it began, and both standings."""

from collections.abc import Iterator
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ledger.text import safe
from projections.explain.explanation import since_last
from projections.explain.phrases import Word
from replay.console import Prose, heading, say_prose
from replay.whatif.counterfactual import Comparison, Pair, comparison_view, divergence_view
from replay.whatif.told import Teller, comparison_lines, head_lines, pair_lines
from replay.whatif.words import Words, minute

View = dict[str, Any]
MARK, CHANGED = "≠", "+"
SIDES = ("baseline", "counterfactual")


def words_of(comparison: Comparison, language: str) -> Words:
    """The titles of all versions on both sides."""
    sides = (comparison.baseline, comparison.counterfactual)
    return Words([r for side in sides for r in side.tables.rulebooks], language)


def print_comparison(
    comparison: Comparison, console: Console, *, every: bool = False, language: str = "en"
) -> None:
    """What is asked, each ruling on both sides, where they part, and both standings."""
    view, words = comparison_view(comparison, every=every), words_of(comparison, language)
    tell = Teller(comparison.baseline, language)
    for line in head_lines(comparison.baseline, comparison.scenario, tell):
        say_prose(console, line)
    say_prose(console, words.say("whatif.held_fixed"))
    rulings = rulings_table(comparison, words, tell, every=every)
    if rulings.row_count:
        console.print(rulings)
    heading(console, words.say("whatif.divergence"))
    say_prose(console, divergence(comparison, words))
    for line in comparison_lines(view, tell):
        say_prose(console, line)
    heading(console, words.say("whatif.standings"))
    console.print(standings_table(view, words, every=every))
    if any(view[side]["rulebook"].endswith(CHANGED) for side in SIDES):
        say_prose(console, words.say("whatif.changed"))


def rulings_table(comparison: Comparison, words: Words, tell: Teller, *, every: bool) -> Table:
    """Both sides of each ruling; what differs is marked."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    table.add_column(words.say("whatif.time"), no_wrap=True)
    for name in ("fact", *SIDES):
        table.add_column(words.say(f"whatif.{name}"))
    for pair in comparison.pairs if every else comparison.differing:
        view = pair.any
        fact = Prose(words.type(view["type"]))
        fact.append(f"\n{safe(view['event'])}", style="dim")
        for line in pair_lines(pair, comparison, tell):
            fact.append(f"\n{line}", style="yellow")
        style = "bold" if pair.differs else "dim"
        table.add_row(
            Text(MARK if pair.differs else "", style="yellow"),
            Text(minute(view["effective_at"])),
            fact,
            Prose(outcome(pair.baseline, pair.any, words), style=style),
            Prose(outcome(pair.counterfactual, pair.any, words), style=style),
        )
    return table


def outcome(ruling: View | None, other: View, words: Words) -> str:
    """A side of a ruling in a few words."""
    if ruling is None:
        return "–"
    lines = []
    if ruling["effective_at"] != other["effective_at"]:
        lines.append(words.say("whatif.at", at=minute(ruling["effective_at"])))
    before, after = ruling["score_before"], ruling["score_after"]
    moved = after if before in (None, after) else f"{before} → {after}"
    lines.append(moved if moved is not None else "–")
    if ruling["reason"]:
        reason = Word("why", ruling["reason"])
        refused = ruling["outcome"] == "no_effect"
        lines.append(words.say(f"whatif.{'no_effect' if refused else 'reason'}", reason=reason))
    lines += [words.effect(e) for e in ruling["effects"]]
    return "\n".join(lines)


def divergence(comparison: Comparison, words: Words) -> str:
    """Where the two sides part, and what each says there."""
    pair = comparison.first_divergence
    if pair is None:
        return later(comparison, words)
    view = pair.any
    values = {"event": view["event"], "at": minute(view["effective_at"])}
    where = words.say("whatif.place", type=Word("types", view["type"]), **values)
    return words.say("whatif.because", where=where, what=contrast(pair, words))


def later(comparison: Comparison, words: Words) -> str:
    """Where no ruling differs: what time alone did after the last fact."""
    view = divergence_view(comparison)
    if view is None:
        return words.say("whatif.none")
    where = words.say("whatif.later", at=minute(view["effective_at"]))
    record, change = (
        since_last(side, words.language) or words.say("whatif.quiet")
        for side in (comparison.baseline, comparison.counterfactual)
    )
    what = words.say("whatif.both", record=record, change=change)
    return words.say("whatif.because", where=where, what=what)


def contrast(pair: Pair, words: Words) -> str:
    """What both sides say of a fact, or the only one that has it."""
    texts = {
        name: view["text"][words.language]
        for name, view in zip(SIDES, (pair.baseline, pair.counterfactual), strict=True)
        if view is not None
    }
    if len(texts) > 1:
        record, change = texts.values()
        if record == change:
            assert pair.baseline is not None
            assert pair.counterfactual is not None
            times = (minute(view["effective_at"]) for view in (pair.baseline, pair.counterfactual))
            return words.say("whatif.moved", **dict(zip(("record", "change"), times, strict=True)))
        return words.say("whatif.both", record=record, change=change)
    ((name, text),) = texts.items()
    return words.say(f"whatif.only_{name}", text=text)


def standings_table(view: View, words: Words, *, every: bool) -> Table:
    """Both standings, field by field; of lists the rows that differ, unless all are wanted."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("", "", *(words.say(f"whatif.{side}") for side in SIDES)):
        table.add_column(name)
    for name, left, right in differing_rows(view, words, every=every):
        _row(table, name, left, right)
    return table


def differing_rows(
    view: View, words: Words, *, every: bool
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each field with its lines on both sides."""
    a, b = (view[side] for side in SIDES)
    yield words.say("fields.rulebook"), [a["rulebook"]], [b["rulebook"]]
    for field, ours in a["standing"].items():
        theirs = b["standing"][field]
        if isinstance(ours, list):
            if not every:
                only = view["differences"].get(field, {side: [] for side in SIDES})
                ours, theirs = (only[side] for side in SIDES)  # noqa: PLW2901
            left, right = [words.row(r) for r in ours], [words.row(r) for r in theirs]
        elif isinstance(ours, dict):
            if len(ours) < 2:
                continue
            left, right = ([words.scored(k, v) for k, v in s.items()] for s in (ours, theirs))
        else:
            left, right = [ours or "–"], [theirs or "–"]
        if left or right:
            yield words.say(f"fields.{field}"), left, right


def _row(table: Table, name: str, left: list[str], right: list[str]) -> None:
    same = left == right
    table.add_row(
        Text("" if same else MARK, style="yellow"),
        Text(name),
        Prose("\n".join(left), style="dim" if same else "bold"),
        Prose("\n".join(right), style="dim" if same else "bold"),
    )
