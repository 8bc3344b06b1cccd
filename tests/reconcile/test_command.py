"""reconcile as people type it: what it prints, its exit codes, what it proposes."""

import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from samples import APPEAL_FIRST, EXAM_FIRST, Line, envelopes, store
from schemas import problems

from ledger.facts import types as f
from ledger.log.port import open_log
from replay.cli import main

CROWD = "replay.reconcile.crowd"
GOLDEN = Path(__file__).parents[1] / "golden" / "reconcile"
LIKE_THIS = ("--as-of", "2024-09-30", "--known-at", "2024-09-30")
FRAUD: list[Line] = [
    ("2024-05-20 09:00", f.CreatorEnrolled()),
    ("2024-08-02 09:00", f.ViolationFound("v1", "prohibited_content", "other")),
    ("2024-08-03 09:00", f.ViolationFound("v2", "infringement", "other")),
    ("2024-08-04 09:00", f.ViolationFound("v3", "spam", "other")),
]


def run(url: str, *words: str) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(main, ["--db", url, *words])


def reconcile(url: str, *words: str) -> Result:
    return run(url, "reconcile", *words, *LIKE_THIS)


def answer(url: str, *words: str) -> tuple[list[Any], Any]:
    *rows, summary = map(json.loads, reconcile(url, *words, "--json").stdout.splitlines())
    return rows, summary


@pytest.fixture
def url(tmp_path: Path) -> str:
    lin, zoe = envelopes(APPEAL_FIRST, "lin"), envelopes(FRAUD, "zoe")
    return store(tmp_path, envelopes(EXAM_FIRST), lin, zoe)


@pytest.mark.parametrize(
    ("name", "words"),
    [("everybody", ("--all",)), ("one_zh", ("zoe", "--lang", "zh"))],
)
def test_transcript(url: str, name: str, words: tuple[str, ...]) -> None:
    said = reconcile(url, *words)
    assert said.exit_code == 1, said.stderr
    assert said.stdout == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_every_line_fits_its_schema(url: str) -> None:
    rows, summary = answer(url, "--all")
    assert [problem for row in rows for problem in problems(row, "reconcile")] == []
    assert problems(summary, "reconcile-summary") == []
    assert [row["finding"] for row in rows if row["creator"] == "lin"] == [
        "appeal_not_lodged", "exam_no_effect", "recovery_due"
    ]  # fmt: skip
    assert summary["found"]["recovery_due"] == {"rows": 5, "creators": 3}


def test_a_log_without_recoveries_is_told_so_and_who_has_nothing_left(url: str) -> None:
    _, summary = answer(url, "--all")
    assert summary["recoveries"] == {"recorded": 0, "stand_below": 3, "at_end": 1}
    assert summary["text"]["en"] == (
        "Your log has no recoveries at all. 5 recoveries fell due and are not recorded; 3 creators "
        "stand below where the rules would have them; 1 of them has nothing left because of it."
    )
    assert summary["text"]["zh"].startswith("台账中没有任何信用分累积的记录。")


def test_what_is_proposed_can_be_imported_and_then_nothing_is_due(url: str, tmp_path: Path) -> None:
    file = tmp_path / "due.jsonl"
    assert reconcile(url, "--all", "--propose", str(file)).exit_code == 1
    assert len(file.read_text("utf-8").splitlines()) == 5
    for counted in ("recorded", "already_there"):
        (account,) = json.loads(f"[{run(url, 'import', '--json', str(file)).stdout}]")
        assert account[counted] == 5
    now = json.loads(
        run(url, "reconcile", "zoe", "--as-of", "2024-09-30", "--json").stdout.splitlines()[-1]
    )
    assert (now["found"], now["text"], now["recoveries"]["recorded"]) == ({}, None, 3)


def test_where_all_agrees_the_exit_code_is_0(url: str) -> None:
    said = run(url, "reconcile", "mei", "--as-of", "2024-07-11")
    assert (said.exit_code, said.stderr) == (0, "")
    assert "nothing: the records agree with the rules" in said.stdout


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ((), ["2024-07-12", "2024-09-01"]),
        (("--from", "2024-07-12"), ["2024-07-12", "2024-09-01"]),
        (("--from", "2024-07-12 10:00:01"), ["2024-09-01"]),
        (("--to", "2024-09-01"), ["2024-07-12", "2024-09-01"]),
        (("--to", "2024-08-31 23:59"), ["2024-07-12"]),
    ],
)
def test_rows_of_a_while(url: str, words: tuple[str, ...], days: list[str]) -> None:
    rows, _ = answer(url, "mei", *words)
    assert [row["at"][:10] for row in rows] == days


def test_how_little_an_assumed_figure_would_have_to_be_other(url: str) -> None:
    _, summary = answer(url, "mei")
    limit = next(row for row in summary["assumed"] if row["path"] == "nodes.8.below")
    assert (limit["value"], limit["stops"], limit["running"]) == ("8", 1, 0)
    assert limit["nearest"] == [
        {"creator": "mei", "value": "7", "score": "10", "gone": 1, "new": 0, "changed": 0},
        {"creator": "mei", "value": "9", "score": "10", "gone": 0, "new": 0, "changed": 1},
    ]
    assert all(row["nearest"] == [] for row in answer(url, "--all")[1]["assumed"])


def test_several_processes_say_what_one_does(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = reconcile(url, "--all", "--json")
    monkeypatch.setattr(f"{CROWD}.GROUP", 1)
    monkeypatch.setattr(f"{CROWD}.FEW", 2)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    started = []

    def pool(*words: Any) -> ProcessPoolExecutor:
        started.append(words[0])
        return ProcessPoolExecutor(*words)

    monkeypatch.setattr(f"{CROWD}.ProcessPoolExecutor", pool)
    assert reconcile(url, "--all", "--json").stdout == alone.stdout
    assert started == [2]


def test_on_postgresql_the_same_is_found(url: str, postgres_url: str) -> None:
    with open_log(url) as log, open_log(postgres_url, create=True) as other:
        other.append(log.after(0), trust_recorded_times=True)
    assert reconcile(postgres_url, "--all").stdout == reconcile(url, "--all").stdout


def test_who_has_a_rulebook_that_is_not_here_is_left_out_and_counted(tmp_path: Path) -> None:
    other = envelopes([("2024-07-02 09:00", f.CreatorEnrolled(rulebook="not-here"))], "otto")
    url = store(tmp_path, envelopes(EXAM_FIRST), other)
    said = reconcile(url, "--all", "--json")
    assert said.exit_code == 4
    assert "left out for it: 1" in said.stderr
    assert json.loads(said.stdout.splitlines()[-1])["left_out"] == 1


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ((), 2, "Name CREATORs, or give --all."),
        (("mei", "--all"), 2, "Name CREATORs, or give --all."),
        (("ghost",), 1, 'no fact is recorded of a creator "ghost"'),
        (("mei", "--known-at", "2020-01-01"), 1, "nothing was known at that time"),
        (("mei", "--lang", "fr"), 2, "'fr' is not one of 'en', 'zh'"),
        (("mei", "--propose", "/nowhere/due.jsonl"), 3, "can't be written: No such file"),
        (("mei", "--from", "yesterday"), 2, "an instant is needed"),
        (("mei", "--from", "2024-09-01", "--to", "2024-08-31"), 2, "--from is later than --to"),
    ],
)
def test_what_is_wrong_ends_in_a_sentence(
    url: str, words: tuple[str, ...], code: int, sentence: str
) -> None:
    said = run(url, "reconcile", *words)
    assert (said.exit_code, sentence in said.stderr) == (code, True), said.stderr
