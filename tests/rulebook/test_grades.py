"""A category at a severity: what the severity gives itself, and where each figure stands."""

from decimal import Decimal

import pytest

from ledger.rulebook.model import OVERRIDES, Category, Fine, Severity, Title
from ledger.rulebook.prose.sentences import SENTENCES

NAME = Title("Spam", "垃圾")
FINE = Fine("deposit", Decimal(10), "EUR")
SPAM = Category(
    NAME,
    points=Decimal(4),
    restorable=Decimal(1),
    measures=("warning",),
    fines=(FINE,),
    severities={
        "slight": Severity(restorable=Decimal(0), measures=("notice",), fines=()),
        "grave": Severity(points=Decimal(8)),
    },
)


def test_a_severity_gives_figures_in_the_stead_of_the_category() -> None:
    slight, grave = SPAM.at("slight"), SPAM.at("grave")
    assert (slight.points, slight.restorable, slight.fines) == (4, 0, ())
    assert slight.measures == ("warning", "notice")
    assert (grave.points, grave.restorable, grave.fines) == (8, 1, (FINE,))
    assert SPAM.at("") == SPAM.at("unheard_of") == SPAM


@pytest.mark.parametrize(
    ("severity", "field", "place"),
    [
        ("slight", "points", "points"),
        ("slight", "restorable", "severities.slight.restorable"),
        ("slight", "fines", "severities.slight.fines"),
        ("slight", "stops", "stops"),
        ("slight", "measures", "severities.slight.measures"),
        ("slight", "expires_after", "expires_after"),
        ("grave", "points", "severities.grave.points"),
        ("", "points", "points"),
        ("unheard_of", "points", "points"),
    ],
)
def test_a_figure_stands_where_it_is_given(severity: str, field: str, place: str) -> None:
    assert SPAM.place(severity, field) == place
    item = SPAM
    for part in place.split(".")[:-1]:
        item = item[part] if isinstance(item, dict) else getattr(item, part)
    assert field == "measures" or getattr(item, field) == getattr(SPAM.at(severity), field)


def test_grades_begin_with_the_category_itself() -> None:
    assert list(SPAM.grades()) == [
        ("", SPAM), ("slight", SPAM.at("slight")), ("grave", SPAM.at("grave"))
    ]  # fmt: skip


def test_what_a_severity_may_give_a_category_has_and_says_alike() -> None:
    assert set(OVERRIDES) < set(Category.__struct_fields__)
    for field in (*OVERRIDES, "measures"):
        assert SENTENCES[f"Severity.{field}"] == SENTENCES[f"Category.{field}"]
