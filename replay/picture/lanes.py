"""Below the score: a lane for each feature with its stops, for measures, for each kind of fact."""

from projections.fold.state import FOREVER
from replay.picture.drawing import Drawing
from replay.picture.elements import add, node, number
from replay.picture.model import Bar, Lane, Mark, Measure, Window
from replay.picture.sheet import text_width
from replay.picture.symbols import GROUPS, cross, use
from replay.picture.thinning import clusters, counts, joined

BAR, THIN = 13, 6
"""Heights of a stop as judged, and as executed."""
MANY, ROWS = 60, 8
"""Stops in the window, and beside each other, above which they are one bar with their number."""
CELL = 9
"""Pixels: marks nearer than that become one, with their number."""
CROWDED = 0.45
"""Of a lane's cells taken: columns of counts in place of marks."""
COLUMN = 14
TOLD = 4
"""Facts that a mark names, where it stands for several."""


def stops(drawing: Drawing, lane: Lane) -> None:
    """As judged by what is known; below, thin, as it was executed by what was known then."""
    drawing.y += drawing.layout.above
    drawing.y += 8 * drawing.chart.compared  # room for what the rows are called
    drawing.name(lane.title, drawing.y)
    _judged(drawing, lane.bars, "")
    if drawing.chart.compared:
        _judged(drawing, lane.supposed, "other ")
    drawing.y += 5
    if lane.executed:
        _executed(drawing, lane.executed)


def _judged(drawing: Drawing, bars: list[Bar], side: str) -> None:
    """Of one history; `side` is how what it draws is called besides."""
    window, top = drawing.window, drawing.y
    shown = [bar for bar in bars if bar.start < window.until and bar.planned > window.since]
    rows = _rows(shown)
    if len(shown) > MANY or len(rows) > ROWS:
        _merged(drawing, shown, side)
        rows = []
    for i, row in enumerate(rows):
        _row(drawing, row, top + i * (BAR + 2), side)
    drawing.y += max(len(rows), 1) * (BAR + 2)
    drawing.line(drawing.y - 1.5)
    drawing.y += 1
    if drawing.chart.compared:
        which = drawing.say("supposed" if side else "on_record")
        drawing.aside(top + 10.5, which, f"aside {side}".strip())


def _merged(drawing: Drawing, bars: list[Bar], side: str) -> None:
    x, y = drawing.x, drawing.y
    spans = joined(
        (x.within(bar.start), max(x.within(bar.end), x.within(bar.start) + 1.5)) for bar in bars
    )
    d = "".join(f"M{number(a)},{y:g}H{number(b)}v{BAR}H{number(a)}Z" for a, b in spans)
    drawing.sheet.path(f"{side}stop", d)
    if not side:
        drawing.aside(y + 10.5, str(len(bars)))


def _rows(bars: list[Bar]) -> list[list[Bar]]:
    """A row more for a stop that runs beside others."""
    rows: list[list[Bar]] = []
    for bar in sorted(bars, key=lambda bar: bar.start):
        row = next((row for row in rows if row[-1].planned <= bar.start), None)
        if row is None:
            rows.append([bar])
        else:
            row.append(bar)
    return rows


def _row(drawing: Drawing, row: list[Bar], y: float, side: str) -> None:
    for bar in row:
        _bar(drawing, bar, y, side)
    for bar in row:
        _label(drawing, bar, row, y + 10.5)


def _bar(drawing: Drawing, bar: Bar, y: float, side: str) -> None:
    """Served is filled, still to run outlined, lifted hatched."""
    x, sheet = drawing.x, drawing.sheet
    now = max(drawing.chart.as_of, bar.start)
    start, end, planned = (x.within(at) for at in (bar.start, bar.end, bar.planned))
    if end > x.within(now):
        sheet.bar(f"{side}stop due", x.within(now), end, y, BAR)
    if bar.planned > bar.end:
        sheet.bar(f"{side}lifted", end, planned, y, BAR)
    if min(bar.end, now) > bar.start:
        sheet.bar(f"{side}stop", start, x.within(min(bar.end, now)), y, BAR)


def _label(drawing: Drawing, bar: Bar, row: list[Bar], y: float) -> None:
    """In what was served, else in what is to come, else at the right if nothing begins there."""
    x, sheet = drawing.x, drawing.sheet
    now = max(drawing.chart.as_of, bar.start)
    start, served = x.within(bar.start), x.within(min(bar.end, now))
    end, planned = x.within(bar.end), x.within(bar.planned)
    wide = text_width(bar.label, sheet.size) + 8
    if wide < served - start and sheet.write(start + 4, y, bar.label, "on"):
        return
    if bar.end > now and wide < end - served and sheet.write(served + 4, y, bar.label, "ink"):
        return
    others = [x(other.start) for other in row if other is not bar]
    if planned + wide < drawing.right and not any(start < at < planned + wide for at in others):
        sheet.write(planned + 4, y, bar.label, "aside")
    elif bar.end > now and not drawing.chart.compared:
        drawing.aside(y, bar.label)


def _executed(drawing: Drawing, spans: list[Window]) -> None:
    drawing.y += drawing.layout.above - 2
    name = drawing.say("executed")
    if drawing.layout.narrow:
        drawing.name(name, drawing.y, "aside")
    else:
        drawing.sheet.write(10, drawing.y + 7, name, "aside", most=drawing.left - 20.0)
    shown = [s for s in spans if s.since < drawing.window.until and s.until > drawing.window.since]
    pixels = joined((drawing.x.within(s.since), drawing.x.within(s.until)) for s in shown)
    for left, right in pixels:
        drawing.sheet.bar("told", left, right, drawing.y, THIN)
    drawing.line(drawing.y + THIN + 1.5)
    drawing.y += THIN + 8


def measures(drawing: Drawing, measure: Measure) -> None:
    """A bar where one runs at a time, an area as high as their number where there are more."""
    window, now = drawing.window, drawing.now
    spans = [s for s in measure.spans if s.since < min(now, s.until) and s.until > window.since]
    if not spans:
        return
    drawing.y += drawing.layout.above
    running = counts([s.since for s in spans], [s.until for s in spans if s.until < FOREVER])
    most = max(number_ for _, number_ in running)
    height = BAR - 4 if most == 1 else BAR + 3
    drawing.name(measure.title, drawing.y)
    foot = drawing.y + height
    d = [f"M{drawing.left},{foot:g}"]
    for at, number_ in running:
        if at <= now:
            d.append(f"H{number(drawing.x.within(at))}V{number(foot - height * number_ / most)}")
    end = drawing.x(now)
    drawing.sheet.path("measure", "".join(d) + f"H{number(end)}V{foot:g}Z")
    left_ = sum(s.until > now for s in spans)
    if left_:
        said = str(left_) if most > 1 else ""
        if most == 1 and spans[-1].until == FOREVER:
            said = drawing.say("no_end")
        drawing.sheet.write(end + 5, foot - 1, said, "aside")
    drawing.line(foot + 0.5)
    drawing.y = foot + 9


def facts(drawing: Drawing) -> None:
    """One lane for each kind of fact; marks, or columns of counts where they would be a smear."""
    window = drawing.window
    for group in GROUPS:
        inside = [
            m
            for m in drawing.chart.marks
            if m.group == group and window.since <= m.at <= window.until
        ]
        if not inside:
            continue
        drawing.y += drawing.layout.above
        drawing.name(
            drawing.say(f"groups.{group}"), drawing.y + (2 if drawing.layout.narrow else 0)
        )
        middle = drawing.y + 8
        drawing.line(middle)
        inside.sort(key=lambda m: m.at)
        cells = {int((drawing.x(m.at) - drawing.left) // CELL) for m in inside}
        if len(cells) * CELL > CROWDED * (drawing.right - drawing.left):
            _columns(drawing, group, inside, middle + 8)
        else:
            for marks in clusters(inside, lambda m: drawing.x(m.at), CELL + 1):
                _mark(drawing, marks, middle)
        drawing.y = middle + 11


def _columns(drawing: Drawing, group: str, marks: list[Mark], foot: float) -> None:
    """How many there are in each cell; heights as their square roots."""
    cells: dict[int, int] = {}
    for mark in marks:
        cell = int((drawing.x(mark.at) - drawing.left) // CELL)
        cells[cell] = cells.get(cell, 0) + 1
    most = max(cells.values())
    d = []
    for cell, count in cells.items():
        left, height = drawing.left + cell * CELL + 1, 2 + COLUMN * (count / most) ** 0.5
        d.append(f"M{left},{foot:g}v{number(-height)}h{CELL - 2}V{foot:g}Z")
    drawing.sheet.path(f"many {group}", "".join(d))
    drawing.aside(foot - 3, str(len(marks)))


def _mark(drawing: Drawing, marks: list[Mark], y: float) -> None:
    """One for all that lie there: the weightiest of them, and how many there are."""
    x = (drawing.x(marks[0].at) + drawing.x(marks[-1].at)) / 2
    first = min(marks, key=lambda m: (m.shape == "step", m.idle, m.shape == "failed"))
    shown = len(marks) if len(marks) <= TOLD else TOLD - 1
    told = [m.told() for m in marks[:shown]]
    if shown < len(marks):
        told.append(f"+ {len(marks) - shown}")
    kind = "void" if first.void else "idle" if first.idle else ""
    link = node("a" if drawing.linked else "g", kind, node("title", "", " · ".join(told)))
    if drawing.linked:
        link.set("href", f"#f{first.position}")
    if drawing.chart.movable and len(marks) == 1 and first.event:
        link.set("data-event", first.event)
        link.set("data-at", str(first.at))
    add(link, use(first.shape, x, y), cross(x, y) if first.void else None)
    if any(mark.supposed for mark in marks):
        add(link, node("circle", "other ring", cx=x, cy=y, r=8.5))
    drawing.sheet.put(link)
    if len(marks) > 1:
        size = float(drawing.layout.small)
        drawing.sheet.write(x + 6, y - 2, str(len(marks)), "more", size=size)
