"""Where pages and pictures go: files of their own, each there whole or not at all; `-` is stdout."""

import sys
from collections.abc import Sequence
from pathlib import Path

from ledger.files import whole
from projections.standing.replay import Replay
from replay.pages.adapter import chart
from replay.pages.case import Case
from replay.pages.elements import as_svg, style
from replay.pages.page import page
from replay.pages.picture import WIDE, draw
from replay.pages.styles import PAGE, PICTURE, sheet
from replay.pages.symbols import definitions

ALONE = "svg:root{background:var(--paper);padding:16px}"
STANDARD_OUTPUT = "-"


def html(replay: Replay, language: str, printed_at: int, command: Sequence[str]) -> str:
    """The page of a replay with its rulings; `command` is what asks the same again."""
    shown = chart(replay, language)
    return page(Case(replay, language, printed_at, command), shown, sheet(PAGE))


def svg(replay: Replay, language: str) -> str:
    """The picture by itself, light or dark as its reader has it."""
    shown = chart(replay, language)
    drawing = draw(shown, shown.window(), WIDE, captioned=True).root
    drawing.insert(0, definitions())
    drawing.insert(0, style(sheet(PICTURE) + ALONE))
    drawing.set("width", str(WIDE.width))
    return as_svg(drawing)


def write(text: str, place: str) -> None:
    """For its owner alone, as it holds what a creator did. Raises OSError where it can't be."""
    if place == STANDARD_OUTPUT:
        sys.stdout.write(text)
        return
    with whole(Path(place)) as out:
        out.write(text.encode())
