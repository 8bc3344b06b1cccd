"""Where pages and pictures go: files, each there whole or not at all; `-` is standard output."""

import sys
from pathlib import Path
from typing import NamedTuple

from ledger.files import whole
from ledger.text import safe
from projections.standing.question import Question
from projections.standing.replay import Replay
from replay.pages.adapter import Executed, chart, told_then
from replay.pages.case import Case
from replay.pages.page import page
from replay.picture.elements import as_svg, style
from replay.picture.model import Chart
from replay.picture.styles import PICTURE, sheet
from replay.picture.symbols import definitions
from replay.picture.whole import WIDE, draw

ALONE = "svg:root{background:var(--paper);padding:16px}"
STANDARD_OUTPUT = "-"
PAGE = (*PICTURE, Path(__file__).parent / "page.css")


def documents(
    question: Question,
    replay: Replay,
    language: str,
    since: int | None = None,
    until: int | None = None,
) -> "Documents":
    """What can be written of a replay with its rulings; the picture is of a time, where given."""
    facts = question.known_facts(replay.subject)
    then = told_then(replay, facts, question)
    return Documents(replay, language, then, question.now, since, until)


class Documents(NamedTuple):
    """The page and the picture of one replay."""

    replay: Replay
    language: str
    then: Executed
    printed_at: int
    since: int | None = None
    until: int | None = None
    """What the picture shows closely; None: as `model.Chart.window` finds it."""

    def html(self) -> str:
        """A page that needs nothing beside itself."""
        shown = self._chart()
        case = Case(self.replay, self.language, self.then, self.printed_at)
        return page(case, shown, sheet(*PAGE))

    def svg(self) -> str:
        """The picture by itself, light or dark as its reader has it."""
        return alone(self._chart())

    def _chart(self) -> Chart:
        shown = chart(self.replay, self.language, self.then)
        shown.asked = self.since, self.until
        return shown


def alone(chart: Chart) -> str:
    """A picture as a file of its own, light or dark as its reader has it."""
    drawing = draw(chart, chart.window(), WIDE, captioned=True).root
    drawing.insert(0, definitions())
    drawing.insert(0, style(sheet(*PICTURE) + ALONE))
    drawing.set("width", str(WIDE.width))
    return as_svg(drawing)


def write(text: str, place: str) -> None:
    """For its owner alone, as it holds what a creator did; says so on standard error.

    Raises OSError where it can't be.
    """
    if place == STANDARD_OUTPUT:
        sys.stdout.write(text)
        return
    with whole(Path(place)) as out:
        out.write(text.encode())
    print(f"{safe(place)} written", file=sys.stderr)
