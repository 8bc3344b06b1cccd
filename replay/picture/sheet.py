"""A sheet to draw on: lines, bars and shapes anywhere, labels only where they touch no other.

How wide a text is depends on the reader's font, which nobody knows here: widths are those of the
widest of the usual fonts, so that what does not touch here touches nowhere.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from xml.etree.ElementTree import Element

from replay.picture.elements import add, node

WIDTHS = {
    **dict.fromkeys(" ijl|.,:;'`!·", 0.34),
    **dict.fromkeys('ftrI()[]-/\\"°–“”’', 0.48),
    **dict.fromkeys("aceksvxyzJLTEF?", 0.62),
    **dict.fromkeys("ABCDGHKNOPQRSUVXYZ&", 0.79),
    **dict.fromkeys("wmMW@%+=<>→−×…", 1.0),
}
"""In sizes of the font, of the widest usual ones; of other Latin letters and figures 0.64."""
LATIN_ENDS = "ɐ"
SEMIBOLD = 1.13
"""How much wider a heavier text is."""
HEAVY = ("strong", "value")
GAP = 2.0
"""Pixels that are left around a label."""


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def touches(self, other: "Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@lru_cache(maxsize=4096)
def text_width(text: str, size: float) -> float:
    """At most so many pixels wide."""
    return size * sum(_wide(c) for c in text)


def _wide(character: str) -> float:
    if character in WIDTHS:
        return WIDTHS[character]
    if unicodedata.combining(character):
        return 0.0
    return 0.64 if character < LATIN_ENDS else 1.0


def fitted(text: str, width: float, size: float) -> str:
    """As much of a text as there is room for."""
    if text_width(text, size) <= width:
        return text
    kept = text
    while kept and text_width(kept + "…", size) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…" if kept else ""


class Sheet:
    """An SVG element that grows; `labels` are the boxes of all text on it."""

    def __init__(self, kind: str, width: float, size: float, name: str) -> None:
        self.width, self.size = width, size
        self.root = node("svg", kind, role="group", aria_label=name)
        self.labels: list[Box] = []
        self._rows: dict[int, list[Box]] = defaultdict(list)

    def path(self, kind: str, d: str) -> None:
        """A line or an area; nothing where it is empty."""
        if d:
            add(self.root, node("path", kind, d=d))

    def bar(self, kind: str, left: float, right: float, top: float, height: float) -> None:
        """Never so short that nobody sees it."""
        width = max(right - left, 1.5)
        add(self.root, node("rect", kind, x=left, y=top, width=width, height=height))

    def put(self, element: Element) -> None:
        add(self.root, element)

    def write(
        self, x: float, y: float, text: str, kind: str = "", *, anchor: str = "start",
        size: float = 0, most: float = 0,
    ) -> bool:  # fmt: skip
        """Text on a base line, shortened to `most` pixels where that is given.

        False, and nothing is written, where it would touch a label or leave the sheet at a side.
        """
        size = size or self.size
        heavy = SEMIBOLD if kind.startswith(HEAVY) else 1.0
        shown = fitted(text, most, size * heavy) if most else text
        width = text_width(shown, size * heavy)
        left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        box = Box(left, y - size, left + width, y + size / 4)
        if not shown or left < 0 or box.right > self.width or not self._claim(box):
            return False
        element = node("text", kind, shown, x=x, y=y)
        if anchor != "start":
            element.set("text-anchor", anchor)
        if shown != text:
            add(element, node("title", "", text))
        self.put(element)
        return True

    def _claim(self, box: Box) -> bool:
        wanted = Box(box.left - GAP, box.top, box.right + GAP, box.bottom)
        rows = list(_rows(box))
        if any(wanted.touches(other) for row in rows for other in self._rows[row]):
            return False
        self.labels.append(box)
        for row in rows:
            self._rows[row].append(box)
        return True

    def close(self, height: float) -> Element:
        """The finished drawing."""
        self.root.set("viewBox", f"0 0 {self.width:g} {height:.0f}")
        return self.root


def _rows(box: Box) -> Iterator[int]:
    """The horizontal stripes that a box lies in, so that only near labels are compared."""
    yield from range(int(box.top // 32), int(box.bottom // 32) + 1)
