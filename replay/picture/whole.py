"""The picture: overview, scores, lanes, marks, the axis below them, and the key."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from replay.picture.drawing import NARROW, PRINT, WIDE, Drawing, Layout
from replay.picture.elements import node, number
from replay.picture.lanes import facts, measures, stops
from replay.picture.model import Chart, Window
from replay.picture.scales import ticks
from replay.picture.score import TITLE, overview, scores
from replay.picture.sheet import Sheet, text_width
from replay.picture.symbols import DRAWN, cross, use

__all__ = ["NARROW", "PRINT", "WIDE", "draw"]


def draw(chart: Chart, window: Window, layout: Layout, *, captioned: bool = False) -> Sheet:
    """A finished sheet. `captioned`: it stands by itself, and says whose it is."""
    drawing = Drawing(chart, window, layout, linked=not captioned)
    if captioned:
        drawing.sheet.write(0, 16, chart.caption, "strong", most=float(layout.width))
        drawing.y = 28
    overview(drawing)
    top = drawing.y + TITLE
    scores(drawing)
    for lane in chart.lanes:
        stops(drawing, lane)
    for measure in chart.measures:
        measures(drawing, measure)
    facts(drawing)
    _axis(drawing, top)
    _parts(drawing, top)
    _key(drawing)
    if chart.movable:
        for name, value in (
            ("since", window.since),
            ("until", window.until),
            ("left", drawing.left),
            ("right", drawing.right),
        ):
            drawing.sheet.root.set(f"data-{name}", str(value))
    drawing.sheet.close(drawing.y)
    return drawing.sheet


def _axis(drawing: Drawing, top: float) -> None:
    """Times below, a thin line up through all of them, and a dotted one at as_of."""
    chart, foot = drawing.chart, drawing.y
    room = int((drawing.right - drawing.left) // drawing.layout.tick)
    grid, before = "", ""
    for tick in ticks(drawing.window, room, chart.zone, chart.language):
        x = drawing.x(tick.at)
        grid += f"M{number(x)},{number(top)}V{number(foot)}"
        drawing.sheet.write(x, foot + 15, tick.fine, "scale", anchor="middle")
        if tick.coarse and tick.coarse != before:
            drawing.sheet.write(x, foot + 30, tick.coarse, "strong scale", anchor="middle")
            before = tick.coarse
    drawing.sheet.root.insert(0, node("path", "grid", d=grid or "M0,0"))
    if drawing.window.since <= chart.as_of <= drawing.window.until:
        now = f"M{number(drawing.x(chart.as_of))},{number(top - 4)}V{number(foot)}"
        drawing.sheet.root.insert(1, node("path", "now", d=now))
    drawing.y = foot + 40


def _parts(drawing: Drawing, top: float) -> None:
    """A line where two histories part, and what it is."""
    at = drawing.chart.parts_at
    if at is None or not drawing.window.since <= at <= drawing.window.until:
        return
    x, foot = drawing.x(at), drawing.y - 40
    drawing.sheet.path("other parts", f"M{number(x)},{number(top - 4)}V{number(foot)}")
    text = drawing.say("part_here")
    if not drawing.sheet.write(x + 4, top + 9, text, "other aside"):
        drawing.sheet.write(x - 4, top + 9, text, "other aside", anchor="end")


Entry = tuple[str, list[Element]]
"""What a sign means, and the sign around 8,0."""


def _key(drawing: Drawing) -> None:
    """Each sign that is in use, in as many rows as it takes."""
    x, y = 0.0, drawing.y + 10
    for title, signs in _entries(drawing):
        wide = 22 + text_width(title, drawing.sheet.size)
        if x and x + wide > drawing.layout.width:
            x, y = 0.0, y + 20
        drawing.sheet.put(
            node("g", "", *signs, transform=f"translate({number(x + 8)},{number(y)})")
        )
        drawing.sheet.write(x + 22, y + 4, title, "name")
        x += wide + 16
    drawing.y = y + 14


def _entries(drawing: Drawing) -> Iterator[Entry]:
    window = drawing.window
    marks = [m for m in drawing.chart.marks if window.since <= m.at <= window.until]
    used = {mark.shape for mark in marks if not mark.void}
    for shape in DRAWN:
        if shape in used:
            yield drawing.say(f"shapes.{shape}"), [use(shape, 0, 0)]
    if any(mark.void for mark in marks):
        struck = node("g", "void", use("violation", 0, 0), cross(0, 0))
        yield drawing.say("shapes.void"), [struck]
    if any(mark.idle and not mark.void for mark in marks):
        yield drawing.say("shapes.idle"), [node("g", "idle", use("other", 0, 0))]
    if any(mark.supposed for mark in marks):
        ring = node("circle", "other ring", cx=0, cy=0, r=7)
        yield drawing.say("shapes.supposed"), [ring]
    if drawing.chart.compared:
        for key, kind in (("on_record", "step"), ("supposed", "other step")):
            yield drawing.say(key), [node("path", kind, d="M-9,0H9")]
    bars = [bar for lane in drawing.chart.lanes for bar in lane.bars]
    as_of = drawing.chart.as_of
    signs = {
        "stop": any(bar.start < as_of for bar in bars),
        "stop due": any(bar.end > as_of for bar in bars),
        "lifted": any(bar.planned > bar.end for bar in bars),
    }
    for kind, there in signs.items():
        if there:
            sign = node("rect", kind, x=-8, y=-5, width=16, height=10)
            yield drawing.say(f"shapes.{kind.split()[-1]}"), [sign]
    if any(lane.executed for lane in drawing.chart.lanes):
        sign = node("rect", "told", x=-8, y=-3, width=16, height=6)
        yield drawing.say("executed"), [sign]
