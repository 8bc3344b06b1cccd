"""The answer for people: sums first, then what they rest on, then the rows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ledger.text import safe
from projections.explain.phrases import Count, Phrase, Value, Word, say
from projections.explain.scene import graded
from projections.standing.writing import clock_time
from replay.console import heading, say_line
from replay.reconcile.findings import Finding, told
from replay.reconcile.summary import Find

View = dict[str, Any]
TOP = 10
"""Rows of the sums that people read; --json has all."""


class Report:
    """Prints an answer in a language."""

    def __init__(self, out: Console, language: str, find: Find, zone: str) -> None:
        self.out, self.language, self.find, self.zone = out, language, find, zone

    def summary(self, summary: View) -> None:
        """Who was looked at, what was found, what rests on what."""
        looked: dict[str, Value] = {
            name: Count(name, f"{summary[name]:,}") for name in ("creators", "facts")
        }
        for name in ("as_of", "known_at"):
            looked[name] = summary[name][:16].replace("T", " ")
        looked["zone"] = self.zone
        say_line(self.out, self.say("report.looked", looked))
        if summary["text"]:
            say_line(self.out, summary["text"][self.language])
        self._found(summary["found"])
        if summary["overrides"]:
            self._overrides(summary["overrides"])
        if summary["assumed"]:
            self._assumed(summary["assumed"])

    def rows(self, findings: Sequence[Finding], of: int) -> None:
        """A line or two for each."""
        if not findings:
            return
        title = self.say("report.listed")
        if len(findings) < of:
            said = self.say("report.first", {"n": f"{len(findings):,}", "of": f"{of:,}"})
            title = f"{title} ({said})" if self.language == "en" else f"{title}（{said}）"
        heading(self.out, title)
        for finding in findings:
            whose = finding.creator or self.say("report.several")
            when = "" if finding.at is None else clock_time(finding.at, finding.zone)
            say_line(self.out, safe(" · ".join(part for part in (whose, when) if part)))
            cited = safe("; ".join(finding.clauses))
            text = told(finding, self.language)
            say_line(self.out, f"  {text}" + (f"  [{cited}]" if cited else ""))

    def proposed(self, count: int, file: Path) -> None:
        """That facts are in a file, for a person to look at."""
        values: dict[str, Value] = {"count": Count("recoveries", f"{count:,}"), "file": str(file)}
        say_line(self.out, self.say("report.proposed", values))

    def say(self, key: str, values: dict[str, Value] | None = None) -> str:
        return say(Phrase(f"reconcile.{key}", values or {}), self.language)

    def _found(self, found: View) -> None:
        heading(self.out, self.say("report.found"))
        if not found:
            say_line(self.out, self.say("report.nothing"))
            return
        table = self._table("", "rows", "creators")
        for kind, sums in found.items():
            table.add_row(self.say(f"kinds.{kind}"), number(sums["rows"]), number(sums["creators"]))
        self.out.print(table)

    def _overrides(self, groups: list[View]) -> None:
        heading(self.out, self.say("report.overrides"))
        table = self._table("category", "ground", "cases", "table", "spread")
        for group in groups[:TOP]:
            rulebook = self.find(group["rulebook"])
            category = graded(group["category"], group["severity"] or "", rulebook)
            spread = [group[name] for name in ("least", "median", "most")]
            table.add_row(
                Text(f"{say(category, self.language)}\n{safe(group['rulebook'])}"),
                Text(say(Word("words", group["ground"]), self.language)),
                number(group["cases"]),
                group["table"] or "–",
                " – ".join(spread),
            )
        self._print(table, len(groups))

    def _assumed(self, figures: list[View]) -> None:
        heading(self.out, self.say("report.assumed"))
        table = self._table(
            "figure", "value", "creators", "points", "stops", "running", "recoveries"
        )
        for figure in figures[:TOP]:
            table.add_row(
                Text(f"{safe(figure['path'])}\n{safe(figure['rulebook'])}"),
                figure["value"] or "–",
                number(figure["creators"]),
                figure["points"],
                *(number(figure[name]) for name in ("stops", "running", "recoveries")),
            )
        self._print(table, len(figures))
        for figure in figures:
            for near in figure["nearest"]:
                say_line(self.out, f"{safe(figure['path'])} · {self._near(near)}")

    def _near(self, near: View) -> str:
        values: dict[str, Value] = {
            "creator": near["creator"],
            "value": near["value"],
            "score": near["score"] or "–",
            "gone": str(near["gone"]),
            "new": str(near["new"]),
            "changed": str(near["changed"]),
        }
        return self.say("report.nearest", values)

    def _print(self, table: Table, rows: int) -> None:
        """The first rows, and how many there are beside."""
        self.out.print(table)
        if rows > TOP:
            say_line(self.out, self.say("report.more", {"n": number(rows - TOP)}))

    def _table(self, *columns: str) -> Table:
        """The first column is text, the others stand to the right."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for name in columns:
            title = self.say(f"report.{name}") if name else ""
            words = name in {"", "figure", "category", "ground"}
            table.add_column(title, justify="left" if words else "right", overflow="fold")
        return table


def number(value: int) -> str:
    """With thousands apart; a dash for none."""
    return f"{value:,}" if value else "–"
