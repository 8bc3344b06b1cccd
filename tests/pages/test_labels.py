"""No label touches another or leaves the sheet, however many facts there are."""

from itertools import combinations

import everything
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.histories import histories
from msgspec.structs import replace as changed

from ledger.facts.envelope import Envelope
from ledger.rulebook.shelf import Shelf
from pages.charts import LANGUAGES, LAYOUTS, languages, layouts, library, long, of
from projections.standing.replay import replay
from replay.pages.adapter import chart
from replay.picture.drawing import Layout
from replay.picture.model import Chart, Window
from replay.picture.sheet import Sheet, fitted, text_width
from replay.picture.whole import draw
from replay.whatif.counterfactual import counterfactual
from replay.whatif.drawn import compared_chart
from replay.whatif.query import Query
from replay.whatif.scenario import Scenario


def check(shown: Chart, window: Window, layout: Layout) -> Sheet:
    sheet = draw(shown, window, layout, captioned=True)
    boxes = sheet.labels
    assert len(boxes) == sum(1 for _ in sheet.root.iter("text"))
    assert not [(a, b) for a, b in combinations(boxes, 2) if a.touches(b)]
    height = float(sheet.root.get("viewBox", "").split()[3])
    for box in boxes:
        assert 0 <= box.left < box.right <= layout.width
        assert 0 <= box.top < box.bottom <= height
    return sheet


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.kind)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("facts", [5, 50, 500])
def test_at_any_number_of_facts(facts: int, language: str, layout: Layout) -> None:
    shown = of(facts, language)
    for window in {shown.window(), shown.whole()}:
        check(shown, window, layout)


@given(histories(), layouts, languages)
@settings(max_examples=30)
def test_of_any_history(facts: list[Envelope], layout: Layout, language: str) -> None:
    as_of = max(e.effective_at for e in facts) + 3 * 86_400_000_000
    result = replay("c", facts, library(), as_of=as_of, known_at=2 * as_of, rulings=True)
    shown = chart(result, language, {})
    check(shown, shown.window(), layout)


@given(st.integers(0, 10_000), layouts, languages)
@settings(max_examples=30)
def test_under_a_rulebook_that_has_everything(seed: int, layout: Layout, language: str) -> None:
    shown = chart(everything.walked(seed), language, {})
    check(shown, shown.window(), layout)
    check(shown, shown.whole(), layout)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.kind)
@pytest.mark.parametrize("facts", [5, 50, 500])
def test_of_two_histories_side_by_side(facts: int, layout: Layout) -> None:
    result = long(facts)
    known = [ruling.envelope for ruling in result.rulings]
    for number in (1, 2):
        without = Scenario.of(drop=[Query(type="violation_found", first=number)])
        shown = compared_chart(counterfactual(without, result, known, Shelf([])), "en")
        check(shown, shown.window(), layout)


@given(histories(), layouts, st.text(min_size=1))
@settings(max_examples=40)
def test_whatever_names_it_has(facts: list[Envelope], layout: Layout, name: str) -> None:
    as_of = max(e.effective_at for e in facts)
    result = replay("c", facts, library(), as_of=as_of, known_at=as_of, rulings=True)
    shown = chart(result, "en", {})
    lanes = [changed(lane, title=name) for lane in shown.lanes]
    check(changed(shown, lanes=lanes, caption=name * 9), shown.window(), layout)


def test_the_value_that_counts_now_is_there() -> None:
    for facts in (5, 50, 500):
        shown = of(facts)
        sheet = check(shown, shown.whole(), LAYOUTS[0])
        values = [e.text for e in sheet.root.iter("text") if e.get("class") == "value"]
        assert f"{shown.panels[0].steps[-1][1] / 100:g}" == values[0]


def test_a_label_has_its_place_to_itself() -> None:
    sheet = Sheet("wide", 100, 10, "")
    assert sheet.write(10, 20, "one")
    assert not sheet.write(15, 24, "two")
    assert not sheet.write(95, 50, "beyond the edge")
    assert not sheet.write(3, 70, "before it", anchor="end")
    assert sheet.write(10, 40, "three")
    assert len(sheet.labels) == 2


@given(st.text(), st.floats(0, 200))
def test_what_is_shortened_fits_and_says_so(text: str, width: float) -> None:
    shown = fitted(text, width, 12)
    assert shown == text or text_width(shown, 12) <= width
    assert shown == text or not shown or shown.endswith("…")
