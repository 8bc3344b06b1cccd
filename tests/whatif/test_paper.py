"""Both histories as one picture and one page: what is drawn of which side, and what goes wrong."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from samples import EXAM_FIRST, Line, envelopes, store

from ledger.facts import types as f
from projections.standing.writing import clock_time
from replay.cli import main
from replay.pages.files import alone
from replay.picture.model import Chart
from replay.whatif.counterfactual import counterfactual
from replay.whatif.drawn import compared_chart
from replay.whatif.query import read_shift
from replay.whatif.scenario import Scenario
from whatif.worlds import SHELF, THREE, of

ADDED = (
    '{"type": "violation_found", "time": "2024-07-13T09:00:00+08:00",'
    ' "data": {"violation": "v9", "category": "spam", "detected_by": "other"}}'
)
SHIFT = read_shift("-1h")
assert SHIFT is not None


def drawn(scenario: Scenario) -> Chart:
    world = of(THREE, "2024-07-16")
    return compared_chart(
        counterfactual(scenario, world.replay(rulings=True), world.facts, SHELF), "en"
    )


@pytest.mark.parametrize(
    ("scenario", "parts", "struck", "ringed"),
    [
        (Scenario.of(), None, 0, 0),
        (Scenario.of(drop=["e5"]), "2024-07-12T09:00", 1, 0),
        (Scenario.of(add=[ADDED]), "2024-07-13T09:00", 0, 1),
        (Scenario.of(move=[("e5", SHIFT)]), "2024-07-12T08:00", 1, 1),
        (Scenario.of(set={"nodes.8.below": "6.5"}), "2024-07-10T09:00", 0, 0),
    ],
)
def test_what_is_drawn_of_which_side(
    scenario: Scenario, parts: str | None, struck: int, ringed: int
) -> None:
    plain, shown = drawn(Scenario.of()), drawn(scenario)
    void = sum(mark.void for mark in shown.marks) - sum(mark.void for mark in plain.marks)
    assert (void, sum(mark.supposed for mark in shown.marks)) == (struck, ringed)
    assert shown.compared
    at = shown.parts_at and clock_time(shown.parts_at, "Asia/Shanghai")
    assert at == (parts and parts.replace("T", " "))
    (panel,) = shown.panels
    reformed = "nodes.8.below" in str(scenario)
    assert (panel.steps == panel.supposed) is (parts is None or reformed)
    assert panel.other_edges == ([650] if reformed else [])


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    return store(tmp_path, envelopes(EXAM_FIRST))


def what_if(ledger: str, *words: str) -> Result:
    return CliRunner().invoke(main, ["--db", ledger, "what-if", "mei", "--drop", "e5", *words])


def test_a_page_and_a_picture_are_written(ledger: str, tmp_path: Path) -> None:
    page, picture = tmp_path / "beside.html", tmp_path / "beside.svg"
    at = ("--as-of", "2024-07-20", "--known-at", "2024-07-20")
    done = what_if(ledger, "--html", str(page), "--svg", str(picture), *at)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"{page} written\n{picture} written\n"
    assert "other step" in page.read_text("utf-8")
    assert picture.read_text("utf-8").startswith("<svg ")
    assert what_if(ledger, "--svg", "-", *at).output == picture.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--html", "x.html", "--json"), 2, "no other form goes with it"),
        (("--html", "x.html", "--all"), 2, "no other form goes with it"),
        (("--svg", "x.svg", "--afford"), 2, "no other form goes with it"),
        (("--svg", "missing/x.svg"), 1, "No such file or directory"),
    ],
)
def test_what_goes_wrong_is_said(
    ledger: str, words: tuple[str, ...], code: int, said: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    done = what_if(ledger, *words)
    assert done.exit_code == code
    assert said in done.output
    assert not list(tmp_path.glob("x.*"))


def test_the_window_and_the_strip_have_all_of_the_other_line() -> None:
    """A recovery months after the last stop: within the close look, and on the whole record."""
    lines: list[Line] = [
        *THREE[:3],
        ("2024-07-20 09:00", f.ExamRightClaimed()),
        ("2025-12-30 09:00", f.ExamRightClaimed()),
    ]
    world = of(lines, "2026-12-31")
    scenario = Scenario.of(recoveries="due")
    shown = compared_chart(
        counterfactual(scenario, world.replay(rulings=True), world.facts, SHELF), "en"
    )
    (panel,) = shown.panels
    assert shown.window().until >= panel.supposed[-1][0]
    assert panel.supposed[-1][1] == 1200
    assert shown.window() != shown.whole()
    assert alone(shown).count('"other step"') == 2
