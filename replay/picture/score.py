"""The score: the whole record as a strip, and the window as steps over the bands of the nodes."""

from projections.standing.writing import points
from replay.picture.drawing import Drawing
from replay.picture.elements import number
from replay.picture.model import Panel
from replay.picture.scales import Scale, ticks
from replay.picture.sheet import text_width
from replay.picture.thinning import joined, levels, outline, risers

TITLE = 22
"""Room for what a score is called, above it."""
STRIP = 38
"""Height of the whole record."""
DENSE = 7
"""Pixels for each change, below which colours on the risers would cover the line."""


def overview(drawing: Drawing) -> None:
    """The whole record, the window marked on it; nothing where the window is the whole."""
    chart, sheet = drawing.chart, drawing.sheet
    whole = chart.whole()
    if drawing.window == whole or not chart.panels:
        return
    panel = chart.panels[0]
    drawing.y += drawing.layout.above
    top = drawing.y
    x = Scale(whole.since, whole.until, drawing.left, drawing.right)
    y = Scale(panel.low, panel.high, top + STRIP + 4, top + 4)
    shown = x.within(drawing.window.since), x.within(drawing.window.until)
    drawing.name(drawing.say("whole"), top if drawing.layout.narrow else top + 15)
    sheet.bar("lens", *shown, top, STRIP + 8)
    for band in panel.bands[:1]:
        edge = number(y.within(band.edge))
        sheet.path("edge", f"M{drawing.left},{edge}H{drawing.right}")
    line = [(x(at), y(score)) for at, score in panel.steps if at <= chart.as_of]
    sheet.path("strip", outline(line, x.within(chart.as_of)))
    other = [(x(at), y(score)) for at, score in panel.supposed if at <= chart.as_of]
    if other and panel.supposed != panel.steps:
        sheet.path("other step", outline(other, x.within(chart.as_of)))
    bars = [bar for lane in chart.lanes for bar in lane.bars]
    spans = joined((x.within(bar.start), x.within(min(bar.end, chart.as_of))) for bar in bars)
    foot = top + STRIP + 9
    sheet.path(
        "stop",
        "".join(
            f"M{number(a)},{foot:g}H{number(max(b, a + 1.5))}v3H{number(a)}Z" for a, b in spans
        ),
    )
    _years(drawing, x, foot + 3)
    a, b = (number(edge) for edge in shown)
    left, right = drawing.left, drawing.right
    sheet.path(
        "beam", f"M{a},{foot + 23:g}L{left},{foot + 36:g}M{b},{foot + 23:g}L{right},{foot + 36:g}"
    )
    drawing.y = foot + 38


def _years(drawing: Drawing, x: Scale, y: float) -> None:
    """The axis of the strip: a time in full where its coarse part changes."""
    room = int((drawing.right - drawing.left) // 76)
    before = ""
    for tick in ticks(drawing.chart.whole(), room, drawing.chart.zone, drawing.chart.language):
        label = tick.full if tick.coarse != before else tick.fine
        before = tick.coarse
        drawing.sheet.path("tick", f"M{number(x(tick.at))},{y:g}v4")
        drawing.sheet.write(x(tick.at), y + 16, label, "scale", anchor="middle")


def score(drawing: Drawing, panel: Panel, height: float) -> None:
    """One counter: its bands, the line, and the value of each level that has room for it."""
    drawing.y += TITLE
    top = drawing.y
    y = Scale(panel.low, panel.high, top + height, top)
    drawing.sheet.write(0, top - 8, panel.title, "strong", most=float(drawing.right))
    _bands(drawing, panel, y)
    seen = [step for step in panel.steps if step[0] <= drawing.now]
    if not seen:
        drawing.y = top + height + 14
        return
    before = [step for step in seen if step[0] <= drawing.window.since][-1:]
    inside = [step for step in seen if step[0] > drawing.window.since]
    steps = [(max(at, drawing.window.since), value) for at, value in before] + inside
    points_ = [(drawing.x(at), y(value)) for at, value in steps]
    drawing.sheet.path("step", outline(points_, drawing.x(drawing.now)))
    _risers(drawing, panel, steps, y)
    _supposed(drawing, panel, y)
    _values(drawing, steps, y)
    drawing.y = top + height + 14


def _supposed(drawing: Drawing, panel: Panel, y: Scale) -> None:
    """The other history, from where the two part; its value at the end where that is another."""
    chart = drawing.chart
    edges = "".join(
        f"M{drawing.left},{number(y(edge))}H{drawing.right}" for edge in panel.other_edges
    )
    drawing.sheet.path("other edge", edges)
    since = drawing.window.since
    if chart.parts_at is not None:
        since = max(since, chart.parts_at)
    seen = [step for step in panel.supposed if step[0] <= drawing.now]
    before = [step for step in seen if step[0] <= since][-1:]
    steps = [(since, value) for _, value in before] + [step for step in seen if step[0] > since]
    if not steps or since > drawing.now:
        return
    points_ = [(drawing.x(at), y(value)) for at, value in steps]
    drawing.sheet.path("other step", outline(points_, drawing.x(drawing.now)))
    ours = [value for at, value in panel.steps if at <= drawing.now][-1:]
    at, value = steps[-1]
    if ours != [value]:
        label = points(value)
        places = ((drawing.x(drawing.now) + 4, y(value) + 4), (drawing.x(at) + 3, y(value) - 6))
        any(drawing.sheet.write(*place, label, "value other") for place in places)


def _bands(drawing: Drawing, panel: Panel, y: Scale) -> None:
    sheet, left, right = drawing.sheet, drawing.left, drawing.right
    for band in panel.bands:
        edge, end = y(band.edge), y(panel.high if band.upward else panel.low)
        sheet.bar("band", left, right, min(edge, end), max(abs(edge - end), 1))
        sheet.path("edge", f"M{left},{number(edge)}H{right}")
    for value in (panel.high, panel.low):
        if all(band.edge != value for band in panel.bands):
            sheet.path("grid", f"M{left},{number(y(value))}H{right}")
    capped = [(panel.high, False)] if panel.capped else []
    named = [*((band.edge, band.assumed) for band in panel.bands)]
    for value, assumed in [*named, (panel.low, False), *capped]:
        mark = "°" if assumed and drawing.layout.narrow else ""
        sheet.write(left - 5, y(value) + 4, points(value) + mark, "scale", anchor="end")
    for band in panel.bands:
        inside = y(band.edge) + (-5 if band.upward else 14)
        said = band.short if drawing.layout.narrow else band.label
        if not drawing.aside(inside, said, "aside node"):
            drawing.aside(y(band.edge) + 4, said, "aside node")


def _risers(drawing: Drawing, panel: Panel, steps: list[tuple[int, int]], y: Scale) -> None:
    """Losses and gains in colour, where there are not so many that they would hide the line."""
    changes = risers(steps)
    if len(changes) * DENSE > drawing.right - drawing.left:
        return
    drawn: dict[str, str] = {"loss": "", "gain": ""}
    for at, before, after in changes:
        kind = "loss" if panel.worse(before, after) else "gain"
        drawn[kind] += f"M{number(drawing.x(at))},{number(y(before))}V{number(y(after))}"
    for kind, d in drawn.items():
        drawing.sheet.path(kind, d)


def _values(drawing: Drawing, steps: list[tuple[int, int]], y: Scale) -> None:
    """The last one before all others, then those of the longest levels."""
    sheet, x = drawing.sheet, drawing.x
    found = levels(steps, drawing.now)
    at, until, value = found[-1]
    label = points(value)
    room, size = x(until) - x(at), sheet.size
    places = [
        (x(at) + 3, y(value) - 6),
        (x(until) + 4, y(value) + 4),
        (x(until) - 2, y(value) + 15),
    ]
    if room < text_width(label, size) + 4:
        places = [*places[1:2], *places[:1]]
    any(sheet.write(*place, label, "value") for place in places)
    for at, until, value in sorted(found[:-1], key=lambda level: level[0] - level[1]):
        label = points(value)
        if x(until) - x(at) < text_width(label, size) + 4:
            break
        sheet.write(
            x(at) + 3,
            max(y(value) - 6, y.end + 10 if y(value) > y.end else y.end - 2),
            label,
            "value",
        )


def scores(drawing: Drawing) -> None:
    """Each counter below the other; the first one large."""
    for i, panel in enumerate(drawing.chart.panels):
        score(drawing, panel, drawing.layout.height if not i else drawing.layout.height / 2)
