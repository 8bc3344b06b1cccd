"""Every rule of the sources has a case that bears its number, and none says what no source says."""

import re

import pytest

from law.reading import library
from law.table import cases
from law.test_door import CASES
from projections.fold.state import KINDS

MANDATORY = (
    *(1, 4, 5, 9, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 22, 23, 24, 25, 26, 28, 29, 30, 31, 32),
    *(33, 34, 39, 40),  # source 003
    *(41, 42, 43, 44, 46, 48, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 63, 64, 65, 66, 67),
    *(68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79),  # source 002
    *(80, 81, 82, 84, 85, 86, 87, 88, 89, 90),  # source 001, of creators
)
POSSIBLE = (7, 8, 10, 27, 35, 36, 37, 45, 62, 95)
"""What the platform may do: it can be said, and is never done by itself."""
VECTORS = (1, 2, 3, "3x", 4, 5, 6, 7, 8, 9, "10a", "10b", 11, 12, 13, 14, 15)
READINGS = (1, 3, 4, 5, 6, 8, 9, 10, *range(15, 30), 31, 32, 33, 34, 35, 36, 39, 40, 41, 42)
NAMED = set(re.findall(r"\b[CIV]-?\d+[abx]?\b", " ".join([*cases(), *CASES])))


@pytest.mark.parametrize("number", [*MANDATORY, *POSSIBLE])
def test_rule_has_a_case(number: int) -> None:
    assert f"C-{number:03}" in NAMED


@pytest.mark.parametrize("number", VECTORS)
def test_vector_has_a_case(number: int | str) -> None:
    assert f"V{number}" in NAMED


@pytest.mark.parametrize("number", READINGS)
def test_reading_has_a_case(number: int) -> None:
    assert f"I-{number:02}" in NAMED


def test_c_091_c_093_nothing_but_the_named_facts_moves_a_score() -> None:
    scored = {"creator_enrolled", "violation_found", "appeal_granted", "exam_sat"}
    scored |= {"rules_exam_sat", "recovery_granted"}
    assert scored < set(KINDS)
    assert not {k for k in KINDS if "like" in k or "share" in k or "reach" in k}  # C-096


def test_c_039_no_creator_rulebook_resets_by_calendar() -> None:
    for rulebook in library().tables("douyin-creator").rulebooks:
        assert all(c.expires_after is None for c in rulebook.counters.values())
