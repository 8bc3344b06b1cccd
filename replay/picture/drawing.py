"""A drawing as its parts see it: the chart, where on the sheet its time lies, and how far it is."""

from typing import NamedTuple

from projections.explain.phrases import Phrase, say
from replay.picture.model import Chart, Window
from replay.picture.scales import Scale
from replay.picture.sheet import Sheet


class Layout(NamedTuple):
    """For a kind of screen: pixels, of the sheet and of what stands beside the plot."""

    kind: str
    width: int
    left: int
    right: int
    text: int
    small: int
    height: int
    """Of the first score; others have half of it."""
    tick: int
    """How far apart the axis names times, at least."""
    above: int
    """Room for the name of a lane above it; 0 where names stand at the left."""

    @property
    def narrow(self) -> bool:
        return self.above > 0


WIDE = Layout("wide", 1080, 158, 140, 12, 10, 250, 62, 0)
PRINT = Layout("print", 864, 158, 140, 12, 10, 230, 62, 0)
"""On paper all is larger: less in the same width."""
NARROW = Layout("narrow", 358, 30, 56, 11, 9, 190, 46, 15)


class Drawing:
    def __init__(self, chart: Chart, window: Window, layout: Layout, *, linked: bool) -> None:
        self.chart, self.window, self.layout = chart, window, layout
        self.linked = linked
        """Whether there is a page around it, with a row for each fact that a mark leads to."""
        self.left, self.right = layout.left, layout.width - layout.right
        self.sheet = Sheet(f"picture {layout.kind}", layout.width, layout.text, chart.name)
        self.x = Scale(window.since, window.until, self.left, self.right)
        self.y = 4.0
        """Where the next part begins."""

    @property
    def now(self) -> int:
        """Up to when something is on record in the window."""
        return max(min(self.chart.as_of, self.window.until), self.window.since)

    def say(self, key: str) -> str:
        return say(Phrase(f"pages.{key}"), self.chart.language)

    def name(self, title: str, base: float, kind: str = "name") -> None:
        """What a lane is called: left of its base line, or above it; `base` is the lane's top."""
        if self.layout.narrow:
            most = float(self.layout.width - self.layout.right)
            self.sheet.write(0, base - 4, title, kind, most=most)
        else:
            self.sheet.write(0, base + 11, title, kind, most=self.left - 8.0)

    def line(self, y: float) -> None:
        """The line that a lane stands on."""
        self.sheet.path("base", f"M{self.left},{y:g}H{self.right}")

    def aside(self, y: float, text: str, kind: str = "aside") -> bool:
        """In the right margin, shortened to it."""
        return self.sheet.write(self.right + 6, y, text, kind, most=float(self.layout.right - 8))
