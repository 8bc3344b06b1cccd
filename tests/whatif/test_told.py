"""What people read: whose, as known when, ends as elsewhere, lines that fit, numbers that agree."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.cells import cell_len
from samples import EXAM_FIRST, Line, envelopes, store

from ledger.facts import types as f
from replay.cli import main
from replay.whatif.scenario import Scenario
from replay.whatif.words import ended, minute

QUESTIONS = (
    (),
    ("--orders",),
    ("--avoid", "score>=9.5"),
    ("--afford",),
    ("--wrongful",),
    ("--which-figures",),
)
HISTORY: list[Line] = [
    *EXAM_FIRST,
    ("2024-07-13 09:00", f.MeasureImposed("funds_frozen", "risk", 1_721_923_200_000_000)),
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return store(Path(tmp_path_factory.mktemp("told")), envelopes(HISTORY))


def asked(url: str, *words: str) -> str:
    line = ["--db", url, "what-if", "mei", "--drop", "e7", "--as-of", "2024-07-31", *words]
    done = CliRunner(env={"COLUMNS": "80"}).invoke(main, line)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize("words", QUESTIONS)
@pytest.mark.parametrize(
    ("language", "known"),
    [("en", "as of 2024-07-31 24:00, as known at "), ("zh", "截至2024-07-31 24:00，以")],
)
def test_every_answer_says_whose_as_known_when_and_what_differs(
    url: str, words: tuple[str, ...], language: str, known: str
) -> None:
    said = asked(url, *words, "--lang", language).splitlines()
    assert said[0].startswith("mei")
    assert known in said[0]
    assert any(Scenario.of(drop=["e7"]).hash[:12] in line for line in said[:6])
    assert max(map(cell_len, said)) <= 80


@pytest.mark.parametrize("words", QUESTIONS)
def test_every_answer_has_its_scenario(url: str, words: tuple[str, ...]) -> None:
    view = json.loads(asked(url, *words, "--json"))
    assert view["scenario"]["hash"] == Scenario.of(drop=["e7"]).hash
    assert list(view)[:3] == ["creator", "as_of", "known_at"]


def test_the_end_of_a_measure_is_the_same_in_table_and_sentence(url: str) -> None:
    said = asked(url)
    assert said.count("2024-07-25 24:00") == 2
    assert "2024-07-26 00:00" not in said


SAID = [
    (("--orders", "--among", "e5", "--among", "e6"), "2 facts: 2 orders, 1 outcome"),
    (("--avoid", "score>=9.5@2024-07-11"), "credit score to 9.5 or more by 2024-07-11 24:00?"),
    (("--avoid", "score<=7", "--lang", "zh"), "怎样才能使信用分截至2024-07-31 24:00不高于7分？"),
    (("--wrongful",), "6 hours executed"),
    (("--wrongful",), "0 still missing as of 2024-07-31 24:00"),
    (("--set", "nodes.8.below=7"), "+: this version with other figures, as the scenario has them"),
]


@pytest.mark.parametrize(("words", "text"), SAID)
def test_what_is_said(url: str, words: tuple[str, ...], text: str) -> None:
    assert text in " ".join(asked(url, *words).split("\n"))


@pytest.mark.parametrize(
    ("instant", "at", "end"),
    [
        ("2024-11-01T00:00:00+08:00", "2024-11-01 00:00", "2024-10-31 24:00"),
        ("2024-10-31T23:59:59.999999+08:00", "2024-10-31 24:00", "2024-10-31 24:00"),
        ("2024-10-31T09:00:00+08:00", "2024-10-31 09:00", "2024-10-31 09:00"),
        ("2024-10-31T09:00:07+08:00", "2024-10-31 09:00:07", "2024-10-31 09:00:07"),
    ],
)
def test_instants_are_those_of_clocks(instant: str, at: str, end: str) -> None:
    assert (minute(instant), ended(instant)) == (at, end)
