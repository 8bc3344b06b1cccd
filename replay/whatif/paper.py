"""The comparison of a what-if as files: a page that needs nothing beside itself, and the picture.

What it comes to on both sides, where they part, the picture, and each ruling that differs.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from projections.explain.phrases import Value, say
from replay.pages import answers
from replay.pages.case import Case
from replay.pages.files import PAGE, alone
from replay.pages.page import document, figures
from replay.pages.prose import cell, heading, prose, said, table
from replay.picture.elements import add, node
from replay.picture.styles import sheet
from replay.whatif.counterfactual import Comparison, Pair, Told, comparison_view
from replay.whatif.document import written
from replay.whatif.drawn import compared_chart
from replay.whatif.side_by_side import SIDES, View, differing_rows, divergence, words_of
from replay.whatif.told import Teller, grounds_lines, pair_lines, scenario_lines, suspended_lines

MOST = 500
"""Rulings that a page shows; the rest it counts."""


class Paper:
    """Both sides of a comparison in one language; `printed_at` is an instant."""

    def __init__(self, comparison: Comparison, language: str, printed_at: int) -> None:
        self.comparison, self.language = comparison, language
        self.cases = [
            Case(side.replay, language, {}, printed_at)
            for side in (comparison.stages[0], comparison.stages[-1])
        ]
        self.tell = Teller(comparison.baseline, language)
        self.words = words_of(comparison, language)

    def say(self, key: str, **values: Value) -> str:
        """A sentence of `[whatif.paper]`."""
        return self.tell.say(f"paper.{key}", **values)

    def svg(self) -> str:
        """The picture by itself."""
        return alone(compared_chart(self.comparison, self.language))

    def html(self) -> str:
        """The page."""
        title = f"{self.comparison.baseline.subject} · {self.say('picture')}"
        head = answers.head(self.cases[0])
        return document(title, self.language, sheet(*PAGE), head, self.main())

    def main(self, *, movable: bool = False) -> Element:
        """What stands below its head."""
        view = comparison_view(self.comparison)
        chart = compared_chart(self.comparison, self.language)
        chart.movable = movable
        parts = node(
            "main", "", said("h1", "", self._title()),
            *(said("p", "second", line) for line in suspended_lines(view, self.tell)),
            *self._asked(), self._sides(),
            heading(self.words.say("whatif.divergence")),
            said("p", "", divergence(self.comparison, self.words)),
            *(said("p", "sub", line) for line in grounds_lines(view, self.tell)),
        )  # fmt: skip
        add(parts, heading(self.say("picture")), *figures(self.cases[0], chart))
        return add(parts, *self._rulings(), *self._standings(view), *self._scenario())

    def _title(self) -> str:
        ours, theirs = (
            say([h.said for h in case.headlines if h.kind == "score"], self.language)
            for case in self.cases
        )
        if ours == theirs:
            return self.say("same", record=ours)
        return self.say("title", record=ours, change=theirs)

    def _asked(self) -> Iterator[Element]:
        yield node("ul", "asked", *(
            said("li", "", line) for line in scenario_lines(self.comparison.scenario, self.tell)
        ))  # fmt: skip
        yield said("p", "sub", self.words.say("whatif.held_fixed"))

    def _sides(self) -> Element:
        """What it comes to, one beside the other."""
        made = node("div", "sides")
        for name, case in zip(SIDES, self.cases, strict=True):
            label = said("p", f"side {name}", self.words.say(f"whatif.{name}"))
            block = node("section", "", label)
            for element in answers.outcome(case):
                element.tag = "h2" if element.tag == "h1" else element.tag
                add(block, element)
            add(made, block)
        return made

    def _rulings(self) -> Iterator[Element]:
        differing = self.comparison.differing
        same = len(self.comparison.pairs) - len(differing)
        counts: dict[str, Value] = {"differ": str(len(differing)), "same": str(same)}
        yield heading(self.say("rulings"), self.say("counts", **counts))
        if not differing:
            return
        if len(differing) > MOST:
            yield said("p", "sub", self.say("first", shown=str(MOST)))
        heads = [self.words.say(f"whatif.{key}") for key in ("time", "fact", *SIDES)]
        first = differing[0]
        rows = [self._ruling(pair, is_first=pair is first) for pair in differing[:MOST]]
        yield table([(head, "") for head in heads], rows)

    def _ruling(self, pair: Pair, *, is_first: bool) -> Element:
        view = pair.any
        fact = cell(self.words.type(view["type"]))
        add(fact, node("small", "", view["event"]))
        if is_first:
            add(fact, node("span", "tag", self.words.say("whatif.divergence")))
        for line in pair_lines(pair, self.comparison, self.tell):
            add(fact, node("small", "", line))
        sides = [
            self._side(side, case, pair, name)
            for side, case, name in zip(pair.sides, self.cases, SIDES, strict=True)
        ]
        rulings = (side.rulings.get(pair.key) for side in pair.sides)
        when = min(ruling.envelope.effective_at for ruling in rulings if ruling is not None)
        return node("tr", "", cell(self.cases[0].clock(when)), fact, *sides)

    def _side(self, side: Told, case: Case, pair: Pair, name: str) -> Element:
        label = f"{self.words.say(f'whatif.{name}')} "
        ruling, view = side.rulings.get(pair.key), side.view(pair.key)
        if ruling is None or view is None:
            return node("td", "full", self.say("absent"), data_l=label)
        made = node("td", "full", answers.total(case, ruling, mark=""), data_l=label)
        return add(made, *prose(view["text"][self.language]))

    def _standings(self, view: View) -> Iterator[Element]:
        yield heading(self.words.say("whatif.standings"), self.say("only"))
        rows = [
            node("tr", "", cell(name, "nb"), *(node("td", "full", *_lines(side)) for side in sides))
            for name, *sides in differing_rows(view, self.words, every=False)
            if sides[0] != sides[1]
        ]
        if not rows:
            yield said("p", "", self.say("alike"))
            return
        heads = [self.say("part"), *(self.words.say(f"whatif.{side}") for side in SIDES)]
        yield table([(head, "") for head in heads], rows)

    def _scenario(self) -> Iterator[Element]:
        """So that whoever has the ledger can ask the same."""
        yield heading(self.say("again"))
        lines = written(self.comparison.scenario).splitlines()
        yield node("pre", "", *(part for line in lines for part in (line, node("br"))))


def _lines(texts: list[str]) -> Iterator[Element]:
    return (said("div", "", text) for text in texts or ["–"])
