"""The answer for people: what differs, then tables with bars."""

from collections.abc import Iterable
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ledger.text import safe
from replay.console import heading, say_line
from replay.population.report.words import Teller, aligned, bins, commas, counters

View = dict[str, Any]
BAR = 24
"""Characters of the longest bar."""
TOP = 12
"""Rows that people read; --json has all."""


class Report:
    """Prints an answer in a language."""

    def __init__(self, out: Console, tell: Teller) -> None:
        self.out, self.tell = out, tell

    def show(self, view: View) -> None:
        for line in (*self.tell.head(view), *self.tell.outcome(view), *self.tell.besides(view)):
            say_line(self.out, line)
        say_line(self.out, self.tell.say("held_fixed"))
        if view["sweep"]:
            self._sweep(view)
        for counter in counters(view):
            self._scores(view, counter)
        self._features(view)
        if view["moves"]:
            self._moved(view["moves"])
        self._nodes(view)
        self._categories(view)
        self._clauses(view)
        self._parts(view, "cohorts", "year")
        self._parts(view, "levels", "level")
        self._money(view)
        made = view["manifest"]
        log = made["log"]
        heading(self.out, self.tell.say("manifest"))
        say_line(
            self.out, self.tell.say("made_from", head=f"{log['head']:,}", hash=log["hash"][:16])
        )
        say_line(self.out, self.tell.say("manifest_hash", hash=made["hash"][:16]))

    def _table(self, title: str, first: Iterable[str], numbers: Iterable[str]) -> Table:
        heading(self.out, self.tell.say(title))
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for name in first:
            table.add_column(name, overflow="fold")
        for name in numbers:
            table.add_column(name, justify="right" if name else "left", no_wrap=True)
        return table

    def _scores(self, view: View, counter: str) -> None:
        names, counts = bins(view, counter)
        longest = max(max(side) for side in counts.values()) or 1
        heading(self.out, self.tell.counter(counter))
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column(self.tell.say("score"), justify="right")
        for side in counts:
            table.add_column(self._side(side), justify="right")
            table.add_column("")
        for n, name in enumerate(names):
            cells = [name]
            for numbers in counts.values():
                cells += [f"{numbers[n]:,}", bar(numbers[n], longest)]
            table.add_row(*cells)
        means = [view[side]["scores"][counter]["mean"] or "–" for side in counts]
        table.add_section()
        cells = [self.tell.say("mean")]
        for value in means:
            cells += [value, ""]
        table.add_row(*cells)
        self.out.print(table)

    def _side(self, side: str) -> str:
        return self.tell.say("in_force" if side == "baseline" else "changed")

    def _features(self, view: View) -> None:
        say = self.tell.say
        columns = [say(name) for name in ("stopped", "for_good", "feature_days")]
        table = self._table("features", [say("feature")], columns)
        for row in aligned(view, "features", ("feature",)):
            cells = map(row.pair, ("stopped", "for_good", "days"))
            table.add_row(Text(self.tell.named(feature=row.any["feature"])), *cells)
        self.out.print(table)

    def _nodes(self, view: View) -> None:
        say, rows = self.tell.say, aligned(view, "nodes", ("rulebook", "node"))
        if not rows:
            return
        table = self._table("nodes", [say("node"), say("clause")], [say("times"), say("crossers")])
        for row in rows:
            name = self.tell.node(row.any)
            cells = map(row.pair, ("crossed", "creators"))
            table.add_row(Text(name), Text(safe(row.any["clause"])), *cells)
        self.out.print(table)

    def _categories(self, view: View) -> None:
        say = self.tell.say
        rows = aligned(view, "categories", ("category", "severity"))
        if not rows:
            return
        table = self._table("categories", [say("category")], [say("violations"), say("points"), ""])
        most = max(float(row.any["points"]) for row in rows) or 1
        for row in rows[:TOP]:
            name = self.tell.named(category=row.any["category"], severity=row.any["severity"])
            cells = map(row.pair, ("violations", "points"))
            table.add_row(Text(name), *cells, bar(float(row.any["points"]), most))
        self.out.print(table)

    def _clauses(self, view: View) -> None:
        say = self.tell.say
        columns = [say("violations"), say("points"), say("crossed")]
        table = self._table("clauses", [say("clause")], columns)
        for row in aligned(view, "clauses", ("clause",))[:TOP]:
            cells = map(row.pair, ("violations", "points", "crossed"))
            table.add_row(Text(safe(row.any["clause"])), *cells)
        self.out.print(table)

    def _parts(self, view: View, name: str, key: str) -> None:
        say = self.tell.say
        columns = [say(each) for each in ("creators", "stopped", "creator_days", "mean")]
        table = self._table(name, [say(key)], columns)
        for row in aligned(view, name, (key,)):
            cells = map(row.pair, ("creators", "stopped", "creator_days", "mean_score"))
            table.add_row(str(row.any[key] or "–"), *cells)
        self.out.print(table)

    def _money(self, view: View) -> None:
        say, rows = self.tell.say, aligned(view, "money", ("account", "currency"))
        if not rows:
            return
        table = self._table("money", [say("account")], [say("creators"), say("owed")])
        for row in rows:
            name = f"{self.tell.named(account=row.any['account'])} {row.any['currency']}"
            table.add_row(Text(name), row.pair("creators"), row.pair("owed"))
        self.out.print(table)

    def _moved(self, moves: View) -> None:
        names = self.tell.classes()
        used = _used(moves["matrix"])
        table = self._table("moved", [""], [names[n] for n in used])
        for row in used:
            cells = [
                f"{moves['matrix'][row][n]:,}" if moves["matrix"][row][n] else "" for n in used
            ]
            table.add_row(Text(names[row], style="bold"), *cells)
        say_line(self.out, self.tell.say("moved_note"))
        self.out.print(table)

    def _sweep(self, view: View) -> None:
        say, sweep = self.tell.say, view["sweep"]
        keys = [key["key"] for key in sweep["keys"]]
        columns = ("stopped", "newly", "freed", "creator_days", "mean")
        table = self._table("sweep", map(safe, keys), [say(name) for name in columns])
        table.add_column("", no_wrap=True)
        most = max(point["stopped"] for point in sweep["points"]) or 1
        here = {key["key"]: key["in_force"] for key in sweep["keys"]}
        for point in sweep["points"]:
            now = all(_same(point["values"][key], here[key]) for key in keys)
            numbers = [f"{point[f]:,}" for f in ("stopped", "newly_stopped", "freed")]
            table.add_row(
                *point["values"].values(),
                *numbers,
                commas(point["creator_days"]),
                point["mean_score"] or "–",
                bar(point["stopped"], most) + (f" ← {say('in_force')}" if now else ""),
            )
        self.out.print(table)


def bar(value: float, longest: float) -> str:
    """Eighths of characters, so that small numbers are seen too."""
    eighths = round(value / longest * BAR * 8)
    if value and not eighths:
        eighths = 1
    whole, rest = divmod(eighths, 8)
    return "█" * whole + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[rest]


def _used(matrix: list[list[int]]) -> list[int]:
    """The classes in which somebody is, on one side or the other."""
    return [n for n, row in enumerate(matrix) if any(row) or any(r[n] for r in matrix)]


def _same(value: str, here: str | None) -> bool:
    try:
        return here is not None and float(value) == float(here)
    except ValueError:
        return value == here
