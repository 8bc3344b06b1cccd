"""Where a figure comes from: its own citation, else that of the nearest table around it."""

import pytest

from ledger.errors import RulebookError
from ledger.rulebook.citations import UNSAID, Citation
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
        ("appeal.attempts", UNSAID),
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


BOTH = 'note = { en = "no copy has it", zh = "各副本均无" }'


def test_a_note_may_be_in_both_languages() -> None:
    own = f"{{ value = 8, assumed = true, {BOTH} }}"
    cited = load(changed("below = 8", f"below = {own}").encode()).cite("nodes.8.below")
    assert (cited.why("en"), cited.why("zh")) == ("no copy has it", "各副本均无")
    table = changed("[nodes.8]", f"[nodes.8]\nassumed = true\n{BOTH}").replace(
        'clause = "§3"\nsource = "r"\n', ""
    )
    assert load(table.encode()).cite("nodes.8.below") == cited


def test_a_note_in_one_language_is_said_in_both() -> None:
    cited = Citation(assumed=True, note="read so")
    assert cited.why("en") == cited.why("zh") == "read so"


def test_a_word_or_a_feature_may_be_called_note() -> None:
    named = 'note = { en = "a note", zh = "附注" }'
    rulebook = load(
        (SOUND.replace("[features]", f"[features]\n{named}") + f"\n[words]\n{named}").encode()
    )
    assert rulebook.features["note"].zh == rulebook.words["note"].zh == "附注"


def test_a_note_in_a_third_language_is_refused() -> None:
    own = '{ value = 8, assumed = true, note = { en = "so", fr = "ainsi" } }'
    with pytest.raises(RulebookError, match=r"nodes\.8\.below\.note: found .*text in quotes"):
        load(changed("below = 8", f"below = {own}").encode())
