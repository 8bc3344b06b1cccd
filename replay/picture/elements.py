"""Elements of HTML and SVG as trees: what is written is well formed, and nobody's text is markup.

`node` is the only way that text and attributes go in, so whatever facts and rulebooks say is
escaped, and shows what would steer a reader (bidi, zero-width) as `\\u202e`.
"""

from xml.etree.ElementTree import Element, tostring

from ledger.text import safe

Child = str | Element | None


def node(tag: str, kind: str = "", *children: Child, **attributes: str | float) -> Element:
    """An element of a class (`kind`); an underscore in an attribute's name is a hyphen."""
    made = Element(tag, {"class": kind} if kind else {})
    for name, value in attributes.items():
        said = safe(value) if isinstance(value, str) else number(value)
        made.set(name.replace("_", "-"), said)
    return add(made, *children)


def add(parent: Element, *children: Child) -> Element:
    """Text and elements after what is in it; None is nothing."""
    for child in children:
        if isinstance(child, Element):
            parent.append(child)
        elif child and len(parent):
            parent[-1].tail = (parent[-1].tail or "") + safe(child)
        elif child:
            parent.text = (parent.text or "") + safe(child)
    return parent


def style(sheet: str) -> Element:
    """A style sheet of ours, as it is."""
    made = Element("style")
    made.text = sheet
    return made


def number(value: float) -> str:
    """A length in pixels: one decimal, where it has one."""
    return f"{value:.1f}".removesuffix(".0")


def as_html(page: Element) -> str:
    return "<!doctype html>\n" + tostring(page, encoding="unicode", method="html") + "\n"


def as_svg(drawing: Element) -> str:
    """A document of its own."""
    drawing.set("xmlns", "http://www.w3.org/2000/svg")
    return tostring(drawing, encoding="unicode") + "\n"
