"""Like cases side by side: which were judged at other points, and which far from the others."""

import pytest

from ledger.facts import types as f
from ledger.rulebook.shelf import Shelf
from replay.reconcile.findings import told
from replay.reconcile.overrides import Cell, Like, outliers, overrides, put, spread, unlike

from .worlds import case_of

LIKE = Like("douyin-creator@2024-07", "spam", "", "minor")
RULEBOOK = Shelf().find(LIKE.rulebook)


def cells(*figures: int) -> dict[int, Cell]:
    made: dict[int, Cell] = {}
    for n, figure in enumerate(figures):
        put(made, figure, Cell(1, [(f"c{n}", f"v{n}", "demo", f"e{n}")]))
    return made


@pytest.mark.parametrize(
    ("figures", "least_to_most", "beyond"),
    [
        ((50,), [50, 50, 50, 50, 50], []),
        ((50, 50, 50), [50, 50, 50, 50, 50], []),
        ((50, 100), [50, 62, 75, 88, 100], []),
        ((50, 50, 50, 50, 25), [25, 50, 50, 50, 50], [25]),
        ((10, 20, 30, 40, 200), [10, 20, 30, 40, 200], [200]),
        ((10, 20, 30, 40, 70), [10, 20, 30, 40, 70], []),
        ((10, 20, 30, 40, 71), [10, 20, 30, 40, 71], [71]),
    ],
)
def test_spread_and_outliers(
    figures: tuple[int, ...], least_to_most: list[int], beyond: list[int]
) -> None:
    assert spread(cells(*figures)) == least_to_most
    assert outliers(cells(*figures)) == beyond


def test_cases_that_were_treated_alike_are_no_finding() -> None:
    assert unlike(LIKE, cells(50, 50, 50), RULEBOOK) is None


def test_the_outlier_is_named_with_its_creator() -> None:
    found = unlike(LIKE, cells(50, 50, 50, 50, 25), RULEBOOK)
    assert found is not None
    assert (found.creator, found.at, found.events) == (None, None, [("demo", "e4")])
    assert found.figures | {"cases": "5", "least": "0.25", "outliers": "1"} == found.figures
    assert told(found, "en").endswith("in the middle at 0.5; far from the others: c4 v4.")
    assert told(found, "zh").endswith("中位数0.5；明显偏离的为c4 v4。")
    plain = unlike(LIKE, cells(50, 100), RULEBOOK)
    assert plain is not None
    assert told(plain, "en") == (
        "2 cases of flooding and malicious comments on one ground (minor case) under "
        "douyin-creator@2024-07 were judged at 0.5 to 1 point, in the middle at 0.75."
    )


def test_only_what_was_honoured_is_compared() -> None:
    def spam(name: str, points: int, *, law_breach: bool = False) -> f.ViolationFound:
        return f.ViolationFound(
            name, "spam", "other", points=points, ground="minor", law_breach=law_breach
        )

    lines = [
        ("2024-07-08 09:00", f.CreatorEnrolled()),
        ("2024-07-09 09:00", spam("v1", 50)),
        ("2024-07-10 09:00", spam("v2", 25, law_breach=True)),
        ("2024-07-11 09:00", spam("v1", 75)),
        ("2024-07-12 09:00", f.ViolationFound("v3", "spam", "other")),
    ]
    assert [(like, points) for like, points, _ in overrides(case_of(lines))] == [(LIKE, 50)]
