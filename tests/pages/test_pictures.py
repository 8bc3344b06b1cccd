"""What is drawn: golden files, how large they get, and what becomes of many things."""

import re
from time import process_time

import pytest

from pages.charts import NARROW, WIDE, long, of
from pages.examples import PICTURES, made
from projections.fold.state import FOREVER
from replay.pages.adapter import chart
from replay.picture.elements import as_svg
from replay.picture.lanes import CROWDED, MANY
from replay.picture.model import Bar, Chart, Lane, Mark, Panel, Window
from replay.picture.thinning import clusters, counts, joined, levels, outline
from replay.picture.whole import draw

DAY = 86_400_000_000
KB = 1024


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    return dict(made())


@pytest.mark.parametrize("creator", ["mei", "mei-without-exam", "kevin-magnussen"])
@pytest.mark.parametrize("form", ["svg", "html"])
def test_the_examples_are_as_they_were(creator: str, form: str, written: dict[str, str]) -> None:
    """`python -m pages.examples` writes them anew."""
    name = f"{creator}.{form}"
    assert written[name] == (PICTURES / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(("facts", "most"), [(5, 11), (50, 27), (500, 48), (10_000, 70)])
def test_both_drawings_stay_small(facts: int, most: int) -> None:
    shown = of(facts)
    for window in (shown.window(), shown.whole()):
        size = sum(len(as_svg(draw(shown, window, layout).root)) for layout in (WIDE, NARROW))
        assert size <= most * KB


def test_ten_thousand_facts_are_drawn_in_no_time() -> None:
    result = long(10_000)
    started = process_time()
    shown = chart(result, "en", {})
    as_svg(draw(shown, shown.whole(), WIDE).root)
    assert process_time() - started < 2  # ten times what it takes here


def a_chart(**given: object) -> Chart:
    """A score of 10, and what is given."""
    usual = {
        "language": "en", "zone": "UTC", "caption": "", "name": "", "since": 0, "as_of": 100 * DAY,
        "panels": [Panel("Score", [(0, 1000)], [], 0, 1200, True, False)],
        "lanes": [], "measures": [], "marks": [],
    }  # fmt: skip
    return Chart(**(usual | given))  # type: ignore[arg-type]


def kinds(shown: Chart, window: Window | None = None) -> list[str]:
    root = draw(shown, window or shown.whole(), WIDE).root
    return [element.get("class", "") for element in root.iter() if element.tag != "text"]


def mark(at: int, **given: object) -> Mark:
    usual = {"group": "violations", "shape": "violation", "void": False, "idle": False}
    return Mark(at=at, told=lambda: "told", position=1, **(usual | given))  # type: ignore[arg-type]


def test_a_stop_is_filled_then_outlined_and_what_was_lifted_is_hatched() -> None:
    served = Bar(10 * DAY, 20 * DAY, 20 * DAY, False, "")
    runs = Bar(95 * DAY, 110 * DAY, 110 * DAY, False, "")
    lifted = Bar(30 * DAY, 40 * DAY, 60 * DAY, True, "")
    coming = Bar(105 * DAY, 110 * DAY, 110 * DAY, False, "")
    for bar, drawn in (
        (served, {"stop": 1, "stop due": 0, "lifted": 0}),
        (runs, {"stop": 1, "stop due": 1, "lifted": 0}),
        (lifted, {"stop": 1, "stop due": 0, "lifted": 1}),
        (coming, {"stop": 0, "stop due": 1, "lifted": 0}),
    ):
        root = draw(a_chart(lanes=[Lane("sharing", [bar])]), Window(0, 120 * DAY), WIDE).root
        bars = [e.get("class") for e in root.findall("rect")]
        assert {kind: bars.count(kind) for kind in drawn} == drawn


def test_what_was_executed_has_a_thin_lane_only_where_something_is_known_of_it() -> None:
    bar = Bar(10 * DAY, 20 * DAY, 20 * DAY, False, "")
    assert "told" not in kinds(a_chart(lanes=[Lane("sharing", [bar])]))
    told = Lane("sharing", [bar], [Window(10 * DAY, 25 * DAY)])
    assert "told" in kinds(a_chart(lanes=[told]))
    assert "told" in kinds(a_chart(lanes=[Lane("sharing", [], [Window(10 * DAY, 25 * DAY)])]))


def test_void_facts_are_struck_out() -> None:
    assert "cross" not in kinds(a_chart(marks=[mark(DAY)]))
    assert "cross" in kinds(a_chart(marks=[mark(DAY, void=True)]))


def test_many_stops_are_one_bar_with_their_number() -> None:
    bars = [Bar(i * DAY, i * DAY + 1, i * DAY + 1, False, "") for i in range(MANY + 1)]
    root = draw(a_chart(lanes=[Lane("sharing", bars)]), Window(0, 100 * DAY), WIDE).root
    assert str(MANY + 1) in [e.text for e in root.iter("text")]
    assert len([e for e in root.findall("rect") if e.get("class") == "stop"]) == 0


def test_many_marks_are_columns_and_their_number() -> None:
    cells = (WIDE.width - WIDE.left - WIDE.right) // 9
    few, many = int(cells * CROWDED) - 5, int(cells * CROWDED) + 5
    window = Window(0, cells * DAY)
    for number, columns in ((few, False), (many, True)):
        shown = a_chart(marks=[mark(i * DAY) for i in range(number)])
        assert ("many violations" in kinds(shown, window)) is columns


def test_what_lies_together_is_one_mark_with_its_number() -> None:
    shown = a_chart(marks=[mark(DAY), mark(DAY + 1), mark(80 * DAY)])
    root = draw(shown, shown.whole(), WIDE).root
    assert [e.text for e in root.iter("text") if e.get("class") == "more"] == ["2"]
    assert "told · told" in [e.text for e in root.iter("title")]


def test_a_picture_alone_has_no_links() -> None:
    shown = a_chart(marks=[mark(DAY)])
    assert list(draw(shown, shown.whole(), WIDE).root.iter("a"))
    assert not list(draw(shown, shown.whole(), WIDE, captioned=True).root.iter("a"))


@pytest.mark.parametrize(
    ("bars", "steps", "as_of", "days"),
    [
        ([], [], 100, (0, 100)),
        ([(40, 41, 41)], [(40, 700)], 100, (40, 41)),
        ([(40, 41, 41)], [(40, 700)], 42, (40, 42)),
        ([(40, 41, 50)], [(40, 700), (41, 850)], 100, (40, 50)),
        ([(40, 45, 45)], [(30, 900), (40, 700)], 100, (30, 45)),
        ([(40, 45, 45)], [(20, 900), (25, 1000), (40, 700)], 100, (40, 45)),
        ([(10, 11, 11), (60, 62, 62)], [(60, 700)], 100, (60, 62)),
        ([(95, None, None)], [(95, 0)], 100, (95, 100)),
    ],
)
def test_the_window_holds_the_last_stop_and_what_led_to_it(
    bars: list[tuple[int, int | None, int | None]],
    steps: list[tuple[int, int]],
    as_of: int,
    days: tuple[int, int],
) -> None:
    lanes = [
        Lane("sharing", [Bar(a * DAY, FOREVER if b is None else b * DAY,
                             FOREVER if c is None else c * DAY, b != c, "") for a, b, c in bars])
    ]  # fmt: skip
    line = [(0, 1000), *((at * DAY, score) for at, score in steps)]
    panel = Panel("Score", line, [], 0, 1200, True, False)
    window = a_chart(lanes=lanes, panels=[panel], as_of=as_of * DAY).window()
    since, until = days[0] * DAY, days[1] * DAY
    margin = (until - since) // 12
    assert window == Window(since - margin, until + margin)


def test_a_pixel_keeps_its_lowest_highest_and_last_level() -> None:
    line = outline([(0.0, 5.0), (3.1, 9.0), (3.2, 1.0), (3.3, 7.0), (3.4, 4.0), (8.0, 2.0)], 10)
    assert line == "M0,5H3.1V1V9V4H8V2H10"
    assert len(re.findall("V", outline([(i / 1000, i % 7) for i in range(9000)], 9))) <= 3 * 9
    assert outline([], 10) == ""


def test_the_few_rules_of_thinning() -> None:
    assert joined([(6, 7), (0, 2), (2.5, 4)]) == [(0, 4), (6, 7)]
    assert clusters([0, 4, 9, 30], float, 10) == [[0, 4, 9], [30]]
    assert counts([0, 2], [2, 5]) == [(0, 1), (2, 1), (5, 0)]
    assert levels([(0, 10), (3, 7), (4, 7), (9, 8)], 8) == [(0, 3, 10), (3, 8, 7)]
