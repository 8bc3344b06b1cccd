"""The answer as a page that needs nothing beside itself, and its plots as one picture."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from projections.views.wrapping import wrapped
from replay.pages.files import ALONE, PAGE
from replay.pages.page import document
from replay.pages.prose import cell, fold, heading, said, table
from replay.picture.elements import as_svg, node, style
from replay.picture.sheet import Sheet
from replay.picture.styles import PICTURE, sheet
from replay.population.report import plots
from replay.population.report.words import (
    Teller,
    aligned,
    beginning,
    commas,
    counters,
    shown,
)

View = dict[str, Any]
OWN = Path(__file__).parent / "population.css"
WIDTHS = {"wide": (1080.0, 12.0), "narrow": (358.0, 11.0), "print": (864.0, 12.0)}


class Paper:
    """One answer in one language."""

    def __init__(self, view: View, tell: Teller) -> None:
        self.view, self.tell = view, tell

    def svg(self) -> str:
        """All plots, one below the other, with what they are of and what is held fixed."""
        width, size = WIDTHS["wide"]
        drawn = Sheet("picture wide", width, size, self.tell.say("paper"))
        y = 16.0
        for line in (*self.tell.head(self.view), *self.tell.outcome(self.view)):
            drawn.write(0, y, line, "strong" if y == 16 else "", most=width)
            y += 18
        for line in wrapped(self.tell.say("held_fixed"), 150):
            drawn.write(0, y, line, "aside", most=width)
            y += 18
        for name, note, draw in self._plots():
            y = draw(drawn, plots.title(drawn, y + 14, name, note)) + 10
        root = drawn.close(y)
        root.insert(0, style(sheet(*PICTURE, OWN) + ALONE))
        root.set("width", f"{width:g}")
        return as_svg(root)

    def html(self) -> str:
        """A document that needs nothing beside itself."""
        tell = self.tell
        return document(tell.say("paper"), tell.language, sheet(*PAGE, OWN), *self.parts())

    def parts(self) -> tuple[Element, Element]:
        """What it is about; then the outcome, what that does not say, plots, and the tables."""
        tell, view = self.tell, self.view
        head, *more = tell.head(view)
        first, *rest = [*tell.outcome(view), *tell.besides(view)]
        main = node(
            "main", "", said("h1", "", first),
            *(said("p", "second", line) for line in rest),
            self._numbers(),
            said("p", "held", tell.say("held_fixed")),
            *(element for plot in self._plots() for element in self._figure(*plot)),
            *self._tables(), self._made(),
        )  # fmt: skip
        top = node("header", "head", said("span", "", head), *(said("span", "", m) for m in more))
        return top, main

    def _plots(self) -> Iterator[tuple[str, str, Any]]:
        """Name, note, and what draws it on a sheet from a height."""
        view, tell = self.view, self.tell
        if view["sweep"]:
            draw = plots.heat if len(view["sweep"]["keys"]) > 1 else plots.curves
            note = tell.say("points_note", n=f"{len(view['sweep']['points']):,}")
            yield tell.title("sweep"), note, lambda s, y: draw(s, y, view, tell)
        for counter in counters(view):
            name = beginning(tell.counter(counter))
            yield (
                name,
                tell.say("creators_by_score"),
                lambda s, y, c=counter: plots.distribution(s, y, view, c, tell),
            )
        if view["moves"]:
            yield (
                tell.title("moved"),
                tell.say("moved_note"),
                lambda s, y: plots.moved(s, y, view, tell),
            )

    def _figure(self, name: str, note: str, draw: Any) -> Iterator[Element]:
        yield heading(name, note)
        drawings = []
        for kind, (width, size) in WIDTHS.items():
            drawn = Sheet(f"picture {kind}", width, size, name)
            drawings.append(drawn.close(draw(drawn, 4.0)))
        yield node("figure", "", *drawings)

    def movers(self, rows: Sequence[View], link: Callable[[str], str]) -> Element:
        """Who is stopped on one side only; each name leads to `link` of it."""
        say = self.tell.say
        kinds = {"creator": "", "change_of": "", "in_force": "n", "changed": "n", "features": "",
                 "until": ""}  # fmt: skip
        heads = [(say(name), kind) for name, kind in kinds.items()]
        made = []
        for row in rows:
            name = node("td", "", node("a", "", row["creator"], href=link(row["creator"])))
            way = say("newly" if row["change"] == "newly_stopped" else "freed")
            stops = ", ".join(self.tell.named(feature=f) for f in row["features"].split())
            scores = (cell(row[f"score_{side}"], "n") for side in ("before", "after"))
            until = cell((row["until"] or say("ever"))[:16].replace("T", " "))
            made.append(node("tr", "", name, cell(way), *scores, cell(stops), until))
        return table(heads, made)

    def _numbers(self) -> Element:
        """The few that matter, large."""
        say, view = self.tell.say, self.view
        one, other, moves = view["baseline"], view["counterfactual"], view["moves"]
        rows = [(say("stopped"), f"{one['stopped']:,}", ""),
                (say("creator_days_stopped"), commas(one["creator_days"]), "")]  # fmt: skip
        if other:
            more = other["stopped"] - one["stopped"]
            before = f"{say('in_force')}: {commas(one['creator_days'])}"
            rows = [
                (say("newly"), f"{moves['newly_stopped']:,}", ""),
                (say("freed"), f"{moves['freed']:,}", ""),
                (say("difference"), f"{more:+,}".replace("-", "−"), ""),
                (say("creator_days_stopped"), commas(other["creator_days"]), before),
            ]
        return node("dl", "big", *(
            node("div", "", node("dt", "", name),
                 node("dd", "", value, node("small", "", note) if note else None))
            for name, value, note in rows
        ))  # fmt: skip

    def _tables(self) -> Iterator[Element]:
        say, tell = self.tell.say, self.tell
        if self.view["sweep"]:
            yield self._sweep()
        yield self._table(
            "features", ("feature",), {"stopped": "stopped", "for_good": "for_good",
            "days": "feature_days"}, lambda row: tell.named(feature=row["feature"]),
        )  # fmt: skip
        yield self._table(
            "nodes", ("rulebook", "node"), {"crossed": "times", "creators": "crossers"},
            tell.node,
        )  # fmt: skip
        yield self._table(
            "categories", ("category", "severity"),
            {"violations": "violations", "points": "points"},
            lambda row: tell.named(category=row["category"], severity=row["severity"]),
        )  # fmt: skip
        yield self._table(
            "clauses", ("clause",),
            {"violations": "violations", "points": "points", "crossed": "crossed"},
            lambda row: row["clause"],
        )  # fmt: skip
        parts = {"creators": "creators", "stopped": "stopped", "creator_days": "creator_days",
                 "mean_score": "mean"}  # fmt: skip
        for name, key in (("cohorts", "year"), ("levels", "level")):
            yield self._table(name, (key,), parts, lambda row, k=key: str(row[k] or say("none")))

    def _table(self, name: str, keys: Sequence[str], fields: dict[str, str], title: Any) -> Element:
        """Folded: a row for each name, with both sides where they differ."""
        say = self.tell.say
        heads = [("", ""), *((say(word), "n") for word in fields.values())]
        rows = [
            node("tr", "", cell(title(row.any)), *(
                cell(row.pair(field), "n", say(word)) for field, word in fields.items()
            ))
            for row in aligned(self.view, name, keys)
        ]  # fmt: skip
        return fold(name, self.tell.title(name), "", table(heads, rows))

    def _sweep(self) -> Element:
        say, sweep = self.tell.say, self.view["sweep"]
        fields = {"stopped": "stopped", "newly_stopped": "newly", "freed": "freed",
                  "creator_days": "creator_days", "mean_score": "mean"}  # fmt: skip
        heads = [(key["key"], "") for key in sweep["keys"]]
        heads += [(say(word), "n") for word in fields.values()]
        rows = [
            node("tr", "", *(cell(value) for value in point["values"].values()), *(
                cell(shown(point[field]), "n", say(word)) for field, word in fields.items()
            ))
            for point in sweep["points"]
        ]  # fmt: skip
        return fold("points", self.tell.title("as_table"), say("points_note", n=f"{len(rows):,}"),
                    table(heads, rows))  # fmt: skip

    def _made(self) -> Element:
        """What it was made from."""
        made, say = self.view["manifest"], self.tell.say
        log = made["log"]
        lines = [
            say("made_from", head=f"{log['head']:,}", hash=log["hash"]),
            *(f"{label}: {value}" for label, value in made["rulebooks"].items()),
            f"{say('scenario')}: {made['scenario']}",
            " · ".join(f"{name} {value}" for name, value in made["versions"].items()),
            say("manifest_hash", hash=made["hash"]),
        ]
        return fold(
            "manifest", self.tell.title("manifest"), "", *(node("p", "sub", line) for line in lines)
        )
