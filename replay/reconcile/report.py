"""The answer for people: sums first, then what they rest on, then the rows."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ledger.text import safe
from projections.explain.assumptions import Figures
from projections.explain.grounds import Reference
from projections.explain.phrases import Count, Phrase, Value, Word, say
from projections.explain.places import ASSUMED
from projections.explain.terms import clause_of, graded
from projections.standing.moments import read_moment
from projections.standing.writing import clock_time
from replay.console import heading, say_prose
from replay.reconcile.findings import Finding, told
from replay.reconcile.summary import Find

View = dict[str, Any]
TOP = 10
"""Rows of the sums that people read; --json has all."""


class Report:
    """Prints an answer in a language."""

    def __init__(self, out: Console, language: str, find: Find, zone: str) -> None:
        self.out, self.language, self.find, self.zone = out, language, find, zone
        self._figures: dict[str, Figures] = {}

    def summary(self, summary: View) -> None:
        """Who was looked at, what was found, what rests on what."""
        looked: dict[str, Value] = {
            name: Count(name, f"{summary[name]:,}") for name in ("creators", "facts")
        }
        for name in ("as_of", "known_at"):
            moment = read_moment(summary[name])
            looked[name] = clock_time(moment.instant(self.zone), self.zone)
        looked["zone"] = Word("zones", self.zone)
        say_prose(self.out, self.say("report.looked", looked))
        if summary["text"]:
            say_prose(self.out, summary["text"][self.language])
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
            say_prose(self.out, safe(" · ".join(part for part in (whose, when) if part)))
            clauses = (self._clause(label, finding.rulebook) for label in finding.clauses)
            cited = safe(say(Phrase("join.list"), self.language).join(clauses))
            text = told(finding, self.language)
            say_prose(self.out, f"  {text}" + (f"  [{cited}]" if cited else ""))

    def proposed(self, count: int, file: Path) -> None:
        """That facts are in a file, for a person to look at."""
        values: dict[str, Value] = {"count": Count("recoveries", f"{count:,}"), "file": str(file)}
        say_prose(self.out, self.say("report.proposed", values))

    def say(self, key: str, values: dict[str, Value] | None = None) -> str:
        return say(Phrase(f"reconcile.{key}", values or {}), self.language)

    def _found(self, found: View) -> None:
        heading(self.out, self.say("report.found"))
        if not found:
            say_prose(self.out, self.say("report.nothing"))
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
        self.out.print(table)
        self._more(len(groups))

    def _assumed(self, figures: list[View]) -> None:
        heading(self.out, self.say("report.assumed"))
        for figure in figures[:TOP]:
            said = self._says(figure["path"], figure["rulebook"])
            say_prose(self.out, f"{say(said, self.language)} · {safe(figure['rulebook'])}")
            rests: list[Value] = [Count("creators", f"{figure['creators']:,}")]
            if number := figure["violations"]:
                taken: dict[str, Value] = {
                    "points": Count("points", figure["points"]),
                    "violations": Count("violations", f"{number:,}"),
                }
                rests.append(Phrase("reconcile.rests.taken", taken))
            rests += [
                Phrase(f"reconcile.rests.{name}", {name: counted(name, figure[name])})
                for name in ("stops", "running", "recoveries")
                if figure[name]
            ]
            say_prose(self.out, f"  {self._listed(rests)}")
            for near in figure["nearest"]:
                say_prose(self.out, f"  {self._near(near)}")
        self._more(len(figures))

    def _clause(self, label: str, rulebook: str) -> str:
        """A clause as it is; a figure that no source gives in words."""
        if not label.startswith(ASSUMED):
            return say(clause_of(label), self.language)
        figure = self._says(label.removeprefix(ASSUMED), rulebook)
        return say(Phrase("assumed.alone", {"figure": figure}), self.language)

    def _says(self, path: str, rulebook: str) -> Value:
        figures = self._figures.setdefault(rulebook, Figures([self.find(rulebook)]))
        return figures.says(Reference(ASSUMED + path, rulebook, path))

    def _near(self, near: View) -> str:
        parts: list[Value] = [Phrase("reconcile.near.score", {"score": near["score"] or "–"})]
        parts += [
            Phrase(f"reconcile.near.{name}", {name: Count("stops", str(near[name]))})
            for name in ("gone", "new", "changed")
            if near[name]
        ]
        values: dict[str, Value] = {"creator": near["creator"], "value": near["value"]}
        return f"{self.say('near.with', values)}{self._listed(parts)}"

    def _listed(self, parts: list[Value]) -> str:
        return self.say("report.comma").join(say(part, self.language) for part in parts)

    def _more(self, rows: int) -> None:
        """How many there are beside those shown."""
        if rows > TOP:
            say_prose(self.out, self.say("report.more", {"n": f"{rows - TOP:,}"}))

    def _table(self, *columns: str) -> Table:
        """The first column is text, the others stand to the right."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for name in columns:
            title = self.say(f"report.{name}") if name else ""
            words = name in {"", "category", "ground"}
            table.add_column(title, justify="left" if words else "right", overflow="fold")
        return table


def number(value: int) -> str:
    """With thousands apart; a dash for none."""
    return f"{value:,}" if value else "–"


def counted(name: str, value: int) -> Value:
    """What rests on a figure; those that run are of those before."""
    return f"{value:,}" if name == "running" else Count(name, f"{value:,}")
