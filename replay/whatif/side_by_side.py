"""`what-if` for people: what differs, where it began, and both standings."""

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ledger.text import safe
from projections.explain.explanation import since_last
from projections.standing.writing import asked_time
from replay.console import heading, say_line
from replay.whatif.counterfactual import (
    Comparison,
    Pair,
    comparison_view,
    divergence_view,
)
from replay.whatif.told import Teller, comparison_lines, pair_lines, scenario_lines

View = dict[str, Any]
MARK = "≠"
TIMES = {"kind", "at", "from", "until", "planned_until", "available_from"}


def print_comparison(
    comparison: Comparison, console: Console, *, every: bool = False, language: str = "en"
) -> None:
    view = comparison_view(comparison, every=every)
    tell = Teller(comparison.baseline, language)
    zone = comparison.baseline.rulebook.zone
    when = asked_time(comparison.baseline.as_of, zone)
    say_line(console, f"{safe(view['creator'])} · as of {when} ({zone})")
    for line in scenario_lines(comparison.scenario, tell):
        say_line(console, line)
    say_line(console, tell.say("told.held_fixed"))
    rulings = rulings_table(comparison, tell, every=every)
    if rulings.row_count:
        console.print(rulings)
    heading(console, "first divergence")
    say_line(console, divergence(comparison, language))
    for line in comparison_lines(view, tell):
        say_line(console, line)
    heading(console, "standings")
    console.print(standings_table(view, every=every))


def rulings_table(comparison: Comparison, tell: Teller, *, every: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    table.add_column("time", no_wrap=True)
    table.add_column("fact")
    table.add_column("baseline")
    table.add_column("counterfactual")
    for pair in comparison.differing if not every else comparison.pairs:
        view = pair.any
        fact = Text(view["type"])
        fact.append(f"\n{safe(view['event'])}", style="dim")
        for line in pair_lines(pair, comparison, tell):
            fact.append(f"\n{line}", style="yellow")
        style = "bold" if pair.differs else "dim"
        table.add_row(
            Text(MARK if pair.differs else "", style="yellow"),
            Text(view["effective_at"][:16].replace("T", " ")),
            fact,
            Text(outcome(pair.baseline, pair.any), style=style),
            Text(outcome(pair.counterfactual, pair.any), style=style),
        )
    return table


def outcome(ruling: View | None, other: View) -> str:
    """A side of a ruling in a few words."""
    if ruling is None:
        return "–"
    lines = []
    if ruling["effective_at"] != other["effective_at"]:
        lines.append(f"at {ruling['effective_at'][:16].replace('T', ' ')}")
    before, after = ruling["score_before"], ruling["score_after"]
    moved = after if before in (None, after) else f"{before} → {after}"
    lines.append(moved if moved is not None else "–")
    if ruling["outcome"] == "no_effect":
        lines.append(f"no effect: {ruling['reason']}")
    elif ruling["reason"]:
        lines.append(ruling["reason"])
    lines += [effect(e) for e in ruling["effects"]]
    return "\n".join(lines)


def effect(view: View) -> str:
    """`node_started 8 product_sharing until 2024-07-11 09:00`."""
    words = [view["kind"]]
    words += [str(v) for k, v in view.items() if k not in TIMES]
    if until := view.get("until") or view.get("available_from"):
        words.append(f"until {until[:16].replace('T', ' ')}")
    return safe(" ".join(word for word in words if word != "None"))


def divergence(comparison: Comparison, language: str = "en") -> str:
    pair = comparison.first_divergence
    if pair is None:
        return later(comparison, language)
    view = pair.any
    when = view["effective_at"][:16].replace("T", " ")
    return f"{safe(view['event'])} ({view['type']}) at {when}: {contrast(pair, language)}"


def later(comparison: Comparison, language: str) -> str:
    """Where no ruling differs: what time alone did after the last fact."""
    view = divergence_view(comparison)
    if view is None:
        return "none: every ruling is the same"
    when = view["effective_at"][:16].replace("T", " ")
    sides = (comparison.baseline, comparison.counterfactual)
    record, change = (since_last(side, language) or "Nothing happens." for side in sides)
    return f"after the last fact, at {when}. In the record: {record} With the change: {change}"


def contrast(pair: Pair, language: str) -> str:
    if pair.baseline is None:
        return f"only the counterfactual has it. {pair.any['text'][language]}"
    if pair.counterfactual is None:
        return f"only the baseline has it. {pair.any['text'][language]}"
    record, change = pair.baseline["text"][language], pair.counterfactual["text"][language]
    return f"In the record: {record} With the change: {change}"


def standings_table(view: View, *, every: bool) -> Table:
    """Of lists the rows that differ, unless every row is wanted."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("", "", "baseline", "counterfactual"):
        table.add_column(name)
    a, b = view["baseline"], view["counterfactual"]
    _row(table, "rulebook", [a["rulebook"]], [b["rulebook"]])
    for field, ours in a["standing"].items():
        theirs = b["standing"][field]
        if isinstance(ours, list):
            if not every:
                only = view["differences"].get(field, {"baseline": [], "counterfactual": []})
                ours, theirs = only["baseline"], only["counterfactual"]  # noqa: PLW2901
            left, right = [row_text(r) for r in ours], [row_text(r) for r in theirs]
        elif isinstance(ours, dict):
            if len(ours) < 2:
                continue
            left, right = ([f"{k} {v}" for k, v in side.items()] for side in (ours, theirs))
        else:
            left, right = [ours or "–"], [theirs or "–"]
        if left or right:
            _row(table, field, left, right)
    return table


def row_text(row: View) -> str:
    """Any row of a standing: its values, with times as people read them."""
    said = []
    for key, value in row.items():
        if value is None:
            continue
        text = str(value)
        if key in TIMES | {"takes_effect"}:
            text = f"{key.replace('_', ' ')} {text[:16].replace('T', ' ')}"
        elif key in ("points", "deducted", "restored", "expired", "step"):
            text = f"{key} {text}"
        said.append(text)
    return safe(", ".join(said))


def _row(table: Table, name: str, left: list[str], right: list[str]) -> None:
    same = left == right
    table.add_row(
        Text("" if same else MARK, style="yellow"),
        Text(name),
        Text("\n".join(left), style="dim" if same else "bold"),
        Text("\n".join(right), style="dim" if same else "bold"),
    )
