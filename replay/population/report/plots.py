"""Plots of an answer: scores on both sides, a sweep as curves or as a map, who moved where.

Each draws on a sheet from a height downwards, and returns the height below it.
"""

from collections.abc import Iterator, Sequence
from math import floor, log10
from typing import Any, NamedTuple

from replay.picture.elements import node, number
from replay.picture.sheet import GAP, Sheet, text_width
from replay.population.report.words import Teller, bins, commas

View = dict[str, Any]
LEFT, RIGHT = 70.0, 16.0
CELL, MOST_TINT = 30.0, 0.62
LINES = 4
"""Of a grid, at most."""


class Series(NamedTuple):
    """A quantity at each value of a sweep, and the interval around it where there is one."""

    title: str
    values: list[float]
    low: list[float]
    high: list[float]


class Label(NamedTuple):
    """Of a row or column, and what is noted of it where there is room."""

    text: str
    note: str = ""

    @property
    def full(self) -> str:
        return f"{self.text} ({self.note})" if self.note else self.text


class Line(NamedTuple):
    """From numbers to pixels; the latter may run backwards."""

    first: float
    last: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (value - self.first) / (self.last - self.first)
        return self.start + share * (self.end - self.start)


def title(sheet: Sheet, top: float, text: str, note: str = "") -> float:
    sheet.write(0, top + 14, text, "strong")
    if note:
        left = text_width(text, sheet.size * 1.13) + 10
        if not sheet.write(left, top + 14, note, "aside", most=sheet.width - left):
            sheet.write(0, top + 30, note, "aside", most=sheet.width)
            return top + 40
    return top + 26


def distribution(sheet: Sheet, top: float, view: View, counter: str, tell: Teller) -> float:
    """How many creators have which score: bars in force, an outline under the other rules."""
    names, counts = bins(view, counter)
    y = _axis(sheet, top + 6, 190.0, max(max(side) for side in counts.values()))
    left, right, foot = LEFT, sheet.width - RIGHT, top + 196.0
    wide = (right - left) / len(names)
    for n, count in enumerate(counts.get("baseline", ())):
        x = left + n * wide
        if count:
            sheet.bar("mass", x + 2, x + wide - 2, y(count), foot - y(count))
    if other := counts.get("counterfactual"):
        steps = "".join(
            f"V{number(y(count))}H{number(left + (n + 1) * wide)}" for n, count in enumerate(other)
        )
        sheet.path("outline", f"M{number(left)},{number(foot)}{steps}V{number(foot)}")
    for n, name in enumerate(names):
        sheet.write(left + n * wide, foot + 15, name, "scale", anchor="middle")
    signs = {"baseline": ("mass", "in_force"), "counterfactual": ("outline", "changed")}
    entries = [(signs[side][0], tell.say(signs[side][1])) for side in counts]
    return _key(sheet, foot + 34, entries)


def curves(sheet: Sheet, top: float, view: View, tell: Teller) -> float:
    """A sweep of one key: who is stopped, and for how long, over its values."""
    key, points = view["sweep"]["keys"][0], view["sweep"]["points"]
    places = _numbers([point["values"][key["key"]] for point in points])
    here = _place(key)
    low, high = min(places), max(places)
    across = Line(low, high if high > low else low + 1, LEFT, sheet.width - RIGHT)
    for tall, series in zip((170.0, 110.0), _series(points, tell), strict=True):
        sheet.write(0, top + 10, series.title, "strong")
        y = _axis(sheet, top + 20, tall, max(series.high))
        foot = top + 20 + tall
        if series.low != series.high:
            _band(sheet, [across(v) for v in places], series, y)
        line = "L".join(
            f"{number(across(at))},{number(y(value))}"
            for at, value in zip(places, series.values, strict=True)
        )
        if here is not None and low <= here <= high:
            sheet.path("here", f"M{number(across(here))},{number(top + 20)}V{number(foot)}")
            said, x = tell.say("in_force"), across(here)
            if not sheet.write(x, top + 14, said, "aside", anchor="middle"):
                sheet.write(x + 6, top + 32, said, "aside")
        sheet.path("curve", f"M{line}")
        for at, value in zip(places, series.values, strict=True):
            sheet.put(node("circle", "dot", cx=across(at), cy=y(value), r=3))
        for at, point in zip(places, points, strict=True):
            sheet.write(
                across(at), foot + 20, point["values"][key["key"]], "scale", anchor="middle"
            )
        top = foot + 36
    sheet.write(LEFT, top, key["key"], "name", most=sheet.width - LEFT)
    return top + 14


def heat(sheet: Sheet, top: float, view: View, tell: Teller) -> float:
    """A sweep of two keys: who is stopped at each pair, as a map."""
    first, second = view["sweep"]["keys"]
    points = {tuple(p["values"].values()): p for p in view["sweep"]["points"]}
    cells = [[points[a, b]["stopped"] for b in second["values"]] for a in first["values"]]
    base = view["baseline"]["stopped"]
    axes = [
        [Label(value, tell.say("in_force") if _same(value, key) else "") for value in key["values"]]
        for key in (first, second)
    ]
    sheet.write(0, top + 12, f"↓ {first['key']}    → {second['key']}", "name", most=sheet.width)
    top = _cells(sheet, top + 18, axes[0], axes[1], cells, base)
    return _key(
        sheet, top + 22, [("less", tell.say("fewer", n=f"{base:,}")), ("more", tell.say("more"))]
    )


def moved(sheet: Sheet, top: float, view: View, tell: Teller) -> float:
    """Who moved where: rows in force, columns under the other rules."""
    matrix, names = view["moves"]["matrix"], tell.classes()
    used = [n for n, row in enumerate(matrix) if any(row) or any(r[n] for r in matrix)]
    labels = [Label(names[n]) for n in used]
    cells = [[matrix[a][b] for b in used] for a in used]
    top = _cells(sheet, top, labels, labels, cells, None)
    return _key(sheet, top + 22, [("less", tell.say("milder")), ("more", tell.say("harder"))])


def _cells(
    sheet: Sheet,
    top: float,
    rows: Sequence[Label],
    columns: Sequence[Label],
    cells: Sequence[Sequence[int]],
    base: int | None,
) -> float:
    """Tinted numbers: by what they differ from `base`, or by the side of the diagonal."""
    left = max((text_width(name.full, sheet.size) for name in rows), default=0) + 12
    wide = min((sheet.width - left) / max(len(columns), 1), 110.0)
    for n, name in enumerate(columns):
        fits = text_width(name.full, sheet.size) < wide
        text = name.full if fits else name.text
        sheet.write(left + (n + 0.5) * wide, top + 14, text, "scale", anchor="middle", most=wide)
    top += 22
    most = max((abs(c - (base or 0)) for row in cells for c in row), default=0) or 1
    longest = max((f"{c:,}" for row in cells for c in row), key=len, default="")
    numbered = text_width(longest, sheet.size) + 2 * GAP < wide
    for r, name in enumerate(rows):
        y = top + r * CELL
        sheet.write(left - 8, y + CELL / 2 + 4, name.full, "name", anchor="end")
        for c, count in enumerate(cells[r]):
            if not count and base is None:
                continue
            kind, tint = _tint(count, base, (r, c), most)
            place = {"x": left + c * wide + 1, "y": y + 1, "width": wide - 2, "height": CELL - 2}
            sheet.put(node("rect", kind, fill_opacity=f"{tint:.2f}", **place))
            if name.note and columns[c].note:
                sheet.put(node("rect", "ring", **place))
            if numbered:
                middle = left + (c + 0.5) * wide
                sheet.write(middle, y + CELL / 2 + 4, f"{count:,}", anchor="middle")
    return top + len(rows) * CELL


def _tint(count: int, base: int | None, place: tuple[int, int], most: int) -> tuple[str, float]:
    """Less is milder."""
    row, column = place
    if base is not None:
        share = (count - base) / most
    elif row == column:
        return "same", 1.0
    else:
        share = (1 if column > row else -1) * log10(count + 1) / log10(most + 1)
    kind = "more" if share > 0 else "less" if share < 0 else "same"
    return kind, 1.0 if kind == "same" else 0.1 + (MOST_TINT - 0.1) * abs(share)


def _same(value: str, key: View) -> bool:
    """Whether it is the value in force."""
    return key["in_force"] is not None and _numbers([value]) == _numbers([key["in_force"]])


def _series(points: Sequence[View], tell: Teller) -> Iterator[Series]:
    """Estimates for everybody where only some were drawn."""
    for field, name in (("stopped", "stopped"), ("creator_days", "creator_days_stopped")):
        if "estimates" in points[0]:
            low, middle, high = (
                [float(p["estimates"][field][n]) for p in points] for n in range(3)
            )
            yield Series(tell.say(name), middle, low, high)
        else:
            values = [float(p[field]) for p in points]
            yield Series(tell.say(name), values, values, values)


def _band(sheet: Sheet, across: Sequence[float], series: Series, y: Line) -> None:
    there = [f"{number(x)},{number(y(v))}" for x, v in zip(across, series.high, strict=True)]
    back = [f"{number(x)},{number(y(v))}" for x, v in zip(across, series.low, strict=True)]
    sheet.path("interval", f"M{'L'.join([*there, *reversed(back)])}Z")


def _axis(sheet: Sheet, top: float, high: float, most: float) -> Line:
    """Lines at round numbers, from 0 up; the scale from numbers to heights."""
    step = _step(max(most, 1.0))
    ceiling = max(most, 1.0) * 1.04
    y = Line(0, ceiling, top + high, top)
    lines = ""
    n = 0
    while n * step <= ceiling:
        at = y(n * step)
        lines += f"M{number(LEFT)},{number(at)}H{number(sheet.width - RIGHT)}"
        text = commas(f"{n * step:.2f}".rstrip("0").rstrip("."))
        sheet.write(LEFT - 8, at + 4, text, "scale", anchor="end")
        n += 1
    sheet.path("grid", lines)
    return y


def _step(most: float) -> float:
    """1, 2 or 5 times a power of ten, such that few lines are drawn."""
    size = 10.0 ** floor(log10(most / LINES))
    return next(size * n for n in (1, 2, 5, 10, 20) if most / (size * n) <= LINES)


def _numbers(values: Sequence[str]) -> list[float]:
    """Values as numbers; their places in line where they are none."""
    try:
        return [float(value) for value in values]
    except ValueError:
        return [float(n) for n in range(len(values))]


def _place(key: View) -> float | None:
    try:
        return float(key["in_force"])
    except (TypeError, ValueError):
        return None


def _key(sheet: Sheet, top: float, entries: Sequence[tuple[str, str]]) -> float:
    """What each sign means, one after the other."""
    x = 0.0
    for kind, text in entries:
        sheet.put(node("rect", f"{kind} sign", x=x, y=top - 8, width=14, height=10))
        sheet.write(x + 20, top + 1, text, "name")
        x += 20 + text_width(text, sheet.size) + 18
    return top + 14
