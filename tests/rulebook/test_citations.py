"""Where a figure comes from: its own citation, else that of the nearest table around it."""

import pytest

from ledger.rulebook.citations import Citation
from ledger.rulebook.file import load

from .samples import SOUND, changed

RULE = {n: Citation(clause=f"§{n}", source="r") for n in range(1, 7)}


@pytest.mark.parametrize(
    ("path", "citation"),
    [
        ("counters.score.initial", RULE[1]),
        ("categories.late.points", RULE[2]),
        ("categories.late.restorable", Citation(assumed=True, note="a guess")),
        ("nodes.8.below", RULE[3]),
        ("nodes.8.stops.0.days", RULE[3]),
        ("recovery.runs.1.days", RULE[4]),
        ("clauses.appeal", RULE[6]),
        ("appeal.attempts", Citation(assumed=True, note="not said: the default")),
    ],
)
def test_cite(path: str, citation: Citation) -> None:
    assert load(SOUND.encode()).cite(path) == citation


def test_the_four_keys_are_never_mixed_from_two_places() -> None:
    own = '{ value = 8, assumed = true, note = "read so" }'
    rulebook = load(changed("below = 8", f"below = {own}").encode())
    assert rulebook.cite("nodes.8.below") == Citation(assumed=True, note="read so")
    assert rulebook.cite("nodes.8.stops.0.days") == RULE[3]


def test_a_stop_has_its_own() -> None:
    text = changed('"sell", days = 3', '"sell", days = 3, clause = "§9", source = "r"')
    assert load(text.encode()).cite("nodes.8.stops.0.days").label == "r §9"


def test_one_citation_for_the_whole_file() -> None:
    text = changed('points = { value = 2, clause = "§2", source = "r" }', "points = 2")
    rulebook = load(('clause = "all"\nsource = "r"\n' + text).encode())
    assert rulebook.cite("categories.late.points").label == "r all"


def test_a_thing_may_bear_the_name_of_a_citation_key() -> None:
    text = SOUND.replace("categories.late", "categories.note").replace("nodes.8", "nodes.value")
    rulebook = load(text.encode())
    assert list(rulebook.categories) == ["note"]
    assert rulebook.nodes["value"].below == 8


@pytest.mark.parametrize(
    ("citation", "label"),
    [
        (Citation(clause="§10(1)", source="002"), "002 §10(1)"),
        (Citation(assumed=True, note="why"), "assumed"),
        (Citation(clause="Q3", source="faq", assumed=True, note="why"), "assumed (faq Q3)"),
    ],
)
def test_label(citation: Citation, label: str) -> None:
    assert citation.label == label
