"""Every sanction has a decision, and what a person types finds it."""

from collections import Counter
from pathlib import Path

import pytest
from everything import asked, walked
from samples import Line, envelopes, when

from ledger.errors import LedgerError
from ledger.facts.types import (
    AppealGranted,
    CreatorEnrolled,
    FeatureOpened,
    MeasureImposed,
    ViolationFound,
)
from ledger.rulebook.shelf import Shelf
from projections.fold.state import NONE
from projections.standing.naming import naming
from projections.standing.replay import Library, Replay
from projections.standing.replay import replay as replayed
from replay.statement.decisions import Decision, decisions
from replay.statement.reasons import Reasons
from replay.statement.references import find, reference

ZONE = "Europe/Paris"


def of(replay: Replay) -> list[Decision]:
    return decisions(replay, naming(replay))


@pytest.mark.parametrize("seed", range(150))
def test_every_stop_and_measure_is_of_one_decision(seed: int) -> None:
    replay = walked(seed)
    found = Counter(id(s.what) for decision in of(replay) for s in decision.sanctions)
    creator = replay.creator
    stops = creator.stops[: creator.stops_made]
    measures = [measure for measure in creator.measures if measure.state != NONE]
    assert found == Counter(map(id, [*stops, *measures]))


@pytest.mark.parametrize("seed", range(0, 150, 5))
def test_each_reference_that_is_listed_finds_its_own_or_asks_which(seed: int) -> None:
    replay = walked(seed)
    made = of(replay)
    zone = replay.rulebook.zone
    for decision in made:
        for sanction in decision.sanctions:
            text = reference(sanction, zone)
            word, time = sanction.words[0], text.rpartition("@")[2]
            others = [
                other
                for other in made
                if any(
                    word in s.words and reference(s, zone).endswith(time) for s in other.sanctions
                )
            ]
            if len(others) == 1:
                assert find(text, made, zone).at == decision.at
                assert sanction in find(text, made, zone).sanctions
                continue
            with pytest.raises(LedgerError, match="may be one of several"):
                find(text, made, zone)


LINES: list[Line] = [
    ("2024-03-01 09:00", ViolationFound("v1", "spam", "other", severity="serious")),
    ("2024-03-02 09:00", ViolationFound("b1", "fraud", "other", batch="b")),
    ("2024-03-02 09:00", ViolationFound("b2", "spam", "other", batch="b", severity="serious")),
    ("2024-03-05 09:00", MeasureImposed("campaigns_restricted", "risk")),
    ("2024-03-06 09:00", MeasureImposed("campaigns_restricted", "media")),
    ("2024-03-07 09:00", FeatureOpened("shop")),
    ("2024-03-08 09:00", AppealGranted("v1")),
]
FOUND = [
    # what is typed, whose decision it is, which sanctions are meant
    ("v1", ["v1", "e2"], []),
    ("e2", ["v1", "e2"], []),
    ("b1", ["b1", "b2", "e3", "e4"], ["dozen", "dozen", "warning", "speech"]),
    ("b2@2024-03-02", ["b1", "b2", "e3", "e4"], ["dozen", "dozen", "warning", "speech"]),
    ("dozen", ["b1", "b2", "e3", "e4"], ["dozen", "dozen"]),
    ("speech", ["b1", "b2", "e3", "e4"], ["dozen", "speech"]),
    ("warning@2024-03-10", ["b1", "b2", "e3", "e4"], ["warning"]),
    ("campaigns_restricted@2024-03-05", ["e5"], ["campaigns_restricted"]),
    ("campaigns_restricted@2024-03-06T02:00", ["e6"], ["campaigns_restricted"]),
    ("shop@2024-09", [], ["shop"]),
]


def history() -> Replay:
    return asked(LINES, "2024-10-01 09:00")


@pytest.mark.parametrize(("text", "names", "words"), FOUND)
def test_what_a_person_types(text: str, names: list[str], words: list[str]) -> None:
    decision = find(text, of(history()), ZONE)
    assert decision.names == names
    assert [sanction.words[0] for sanction in decision.sanctions] == words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("campaigns_restricted", "may be one of several; those that may be named are campaigns_"),
        ("v9", "is no sanction of this record; those that may be named are v1, b1, b2, dozen@"),
        ("warning@2024-03-11", "is no sanction"),
        ("", "is no sanction"),
        ("@", "is no sanction"),
        ("\u202e", r'"\u202e" is no sanction'),
    ],
)
def test_what_fits_none_or_several_is_refused_with_those_there_are(text: str, said: str) -> None:
    with pytest.raises(LedgerError) as refused:
        find(text, of(history()), ZONE)
    assert said in str(refused.value)
    assert refused.value.exit_code == 1


def test_what_a_grant_leaves_in_the_place_of_a_deeper_stop_is_of_the_same_decision() -> None:
    lines: list[Line] = [
        ("2023-02-01 08:00", CreatorEnrolled(rulebook="only-deepest")),
        (
            "2023-03-01 10:00",
            ViolationFound("v1", "offence", "other", points=500, ground="unstated"),
        ),
        ("2023-03-02 10:00", AppealGranted("v1", points=200)),
    ]
    library = Library(Shelf([Path(__file__).parents[1] / "law" / "rulebooks"]))
    at = when("2023-03-03 10:00")
    replay = replayed("mei", envelopes(lines), library, as_of=at, known_at=at, rulings=True)
    [decision] = of(replay)
    assert [s.words for s in decision.sanctions] == [("6", "live"), ("6", "cart"), ("8", "live")]
    said = Reasons(replay, decision, "v1", "en").said("restrictions", "explanation", "since")
    assert "5 points deducted (10 → 5)" in said["restrictions"]
    assert not [text for text in said["restrictions"] if "2 points" in text]
    assert len(said["explanation"]) == 1
    assert said["since"][0].startswith("2023-03-02 10:00: The appeal was granted in part")
