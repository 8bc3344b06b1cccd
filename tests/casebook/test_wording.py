"""A fact is written in words that read as the same fact; what is wrong is said with the remedy."""

from zoneinfo import ZoneInfo

import pytest
from fact_strategies import facts
from hypothesis import given
from hypothesis import strategies as st

from ledger.facts import types as f
from replay.casebook.instants import when, written
from replay.casebook.wording import read_fact, write_fact

SHANGHAI, UTC = ZoneInfo("Asia/Shanghai"), ZoneInfo("UTC")
KINDS = st.one_of([facts(type_) for type_ in f.FACT_TYPES]).filter(
    lambda fact: getattr(fact, "until", None) != 0
)


def read(text: str, zone: ZoneInfo) -> f.Fact:
    said = {"source": "s", "id": "e1", "subject": "c", "time": "1970-01-01T00:00:00Z"}
    return read_fact(text, zone, **said).fact


@given(fact=KINDS)
def test_what_is_written_reads_as_the_same_fact(fact: f.Fact) -> None:
    assert read(write_fact(fact, UTC), UTC) == fact


FACTS = {
    "violation v1 misleading": f.ViolationFound("v1", "misleading", "other"),
    "violation v1 spam points=1.5 ground=minor law_breach measures=live_cut,warning": (
        f.ViolationFound(
            "v1", "spam", "other", points=150, ground="minor", law_breach=True,
            measures=("live_cut", "warning"),
        )
    ),
    "sat v1 99.5": f.ExamSat("v1", 9950),
    "posted deposit 20.00 CNY violation=v1": f.MoneyPosted("deposit", 2000, "CNY", "posted", "v1"),
    "imposed funds_frozen until=2024-07-12T09:00": f.MeasureImposed(
        "funds_frozen", "risk", when("2024-07-12 09:00", SHANGHAI)
    ),
    "retracts e1 reason='typed twice'": f.FactRetracted("e1", "typed twice"),
    "occasion race": f.OccasionHeld("race"),
}  # fmt: skip


@pytest.mark.parametrize("text", FACTS)
def test_words(text: str) -> None:
    assert read(text, SHANGHAI) == FACTS[text]
    assert write_fact(FACTS[text], SHANGHAI) == text


def test_a_stored_name_is_a_word_too() -> None:
    assert read("occasion_held race", UTC) == f.OccasionHeld("race")


@pytest.mark.parametrize(
    "text", ["2024-07-10 09:00", "2024-07-10 09:00:01", "2024-07-10 09:00:00.000001"]
)
def test_instants(text: str) -> None:
    assert written(when(text, SHANGHAI), SHANGHAI) == text


def test_the_end_of_a_day_is_the_start_of_the_next() -> None:
    assert when("2024-02-29 24:00", UTC) == when("2024-03-01 00:00", UTC)
