"""The worked examples of 002 §10 and the one ban of the F1 record: golden comparisons.

The first line of a transcript is the command that it shows, asked of a ledger with the examples.
"""

import json
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from samples import when

from replay.cli import main

ROOT = Path(__file__).parents[2]
TRANSCRIPTS = sorted((ROOT / "tests" / "golden" / "whatif").glob("*.txt"))
LICENCE = ROOT / "examples" / "super-licence"
PROMPT = "$ penalty-ledger "
NOW = when("2100-01-01 12:00")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    made = f"sqlite:///{tmp_path_factory.mktemp('examples')}/ledger.db"
    exams = sorted(map(str, (ROOT / "examples" / "exam-in-place").glob("*.jsonl")))
    mapping = str(LICENCE / "mapping.toml")
    for words in (
        ("import", *exams),
        ("import", str(LICENCE / "decisions.csv"), "--mapping", mapping),
        ("import", str(LICENCE / "races.jsonl")),
    ):
        assert run(made, *words).exit_code == 0
    return made


def run(url: str, *words: str) -> Result:
    shelf = str(LICENCE / "rulebooks")
    return CliRunner(env={"COLUMNS": "120"}).invoke(
        main, ["--db", url, "--rulebooks", shelf, *words]
    )


@pytest.mark.parametrize("file", TRANSCRIPTS, ids=lambda p: p.stem)
def test_transcript(file: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked later than anything is recorded, always at the same instant."""
    monkeypatch.setattr("projections.standing.question.time.time_ns", lambda: NOW * 1000)
    expected = file.read_text(encoding="utf-8")
    command, _, _ = expected.partition("\n")
    result = run(url, *shlex.split(command.removeprefix(PROMPT)))
    assert result.exit_code == 0, result.output
    assert f"{command}\n{result.stdout}" == expected


def test_which_decision_gone_the_other_way_would_have_avoided_the_ban(url: str) -> None:
    """Each of the five that had points in the twelve months before: ten were not enough."""
    asked = ("what-if", "kevin-magnussen", "--as-of", "2024-12-31", "--json")
    view = json.loads(run(url, *asked, "--avoid", "12.race_participation").stdout)
    assert {change["violation"] for (change,) in view["sets"]} == {
        "2024 Saudi Arabian Grand Prix 45",
        "2024 Chinese Grand Prix 66",
        "2024 Miami Grand Prix 52",
        "2024 Miami Grand Prix 81",
        "2024 Italian Grand Prix 57",
    }
    assert view["all_sets_up_to"] == 3
    dropped = json.loads(
        run(url, *asked, "--drop", '{ violation = "2024 Miami Grand Prix 81" }').stdout
    )
    assert dropped["counterfactual"]["standing"]["sanctions"] == []
    (stop,) = dropped["baseline"]["standing"]["sanctions"]
    assert stop["node"] == "12"
