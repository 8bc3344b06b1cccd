"""Text on a page: times and sums stay on one line, an effect of a score has its colour."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from replay.picture.elements import Child, add, node

WHOLE = re.compile(
    r"(\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d(?:\.\d+)?)?)?"
    r"|[\d.]+分? ?→ ?[\d.]+|[\d.]+(?: [−+=] [\d.]+)+)"
)


def prose(text: str) -> Iterator[Child]:
    """A text in pieces of which the second, the fourth … must not be broken."""
    for i, part in enumerate(WHOLE.split(text)):
        yield node("span", "nb", part) if i % 2 else part


def said(tag: str, kind: str, text: str) -> Element:
    return add(node(tag, kind), *prose(text))


def cell(text: str, kind: str = "", label: str = "") -> Element:
    """Of a table; `label` stands before it where a narrow screen has no head of columns."""
    made = said("td", kind, text)
    if label:
        made.set("data-l", f"{label} ")
    return made


def table(heads: list[tuple[str, str]], rows: list[Element]) -> Element:
    """Heads are (text, class)."""
    head = node("tr", "", *(node("th", kind, text, scope="col") for text, kind in heads))
    return node("table", "stack", node("thead", "", head), node("tbody", "", *rows))


def heading(text: str, note: str = "") -> Element:
    return node("h2", "", text, node("small", "", note) if note else None)


def fold(name: str, title: str, note: str, *inside: Child, is_open: bool = False) -> Element:
    """What is folded, and open in print."""
    summary = node("summary", "", title, node("small", "", note) if note else None)
    made = node("details", "", summary, node("div", "", *inside), id=name)
    if is_open:
        made.set("open", "open")
    return made
