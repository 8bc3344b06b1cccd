"""What population asks beside the sums: one by one, of both engines, and on paper."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from samples import envelopes, store

from ledger.facts.types import (
    AppealDenied,
    AppealGranted,
    CreatorEnrolled,
    ExamRightClaimed,
    ExamSat,
    ExamStudied,
    ViolationFound,
)
from population.test_population import WHEN, asked, run
from projections.archive import manifest
from projections.standing.moments import read_moment
from projections.standing.question import Question
from replay.cli import main
from replay.library import Ledger
from replay.library.everybody import Answer
from replay.population.study import answer, sample
from replay.whatif.query import Query
from replay.whatif.questions.orders import orders
from replay.whatif.world import World, world_of

DECIDED = {ExamSat: "exam_sat", AppealGranted: "appeal_granted", AppealDenied: "appeal_denied"}


def test_wrongful_penalties_are_those_of_each_creator(crowd: str) -> None:
    with Ledger.open(crowd) as ledger:
        alone = [ledger.wrongful(name, as_of=WHEN) for name in ledger.creators() if name != "shop"]
    found = asked(crowd, "--wrongful")["wrongful"]
    assert found["cases"] == sum(len(each["cases"]) for each in alone) > 5
    assert found["creators"] == sum(bool(each["cases"]) for each in alone)
    lost = [days for each in alone for days in each["together"]["feature_days_lost"].values()]
    assert float(found["feature_days_lost"]) == pytest.approx(sum(map(float, lost)), abs=1)


def test_the_other_order_is_that_of_each_creator(crowd: str) -> None:
    violations = mattered = 0
    with Question(crowd, (), read_moment(WHEN)) as question:
        for name in question.creators():
            world = world_of(question, name)
            for queries in _decisions(world):
                violations += 1
                mattered += len(orders(world, queries).groups) > 1
    found = asked(crowd, "--orders")["orders"]
    assert (found["violations"], found["mattered"]) == (violations, mattered)
    assert found["changed"] <= found["creators"] <= violations > 5


def test_an_exam_after_the_decision_would_have_been_too_late(tmp_path: Path) -> None:
    """One creator passed in time, and the appeal was denied weeks later; the other only passed."""
    lines = [
        ("2024-07-08 09:00", CreatorEnrolled(level=4, reputation=480)),
        ("2024-07-09 10:00", ExamRightClaimed()),
        ("2024-07-10 09:00", ViolationFound("v1", "misleading", "user_complaint")),
        ("2024-07-10 11:00", ExamStudied("v1")),
        ("2024-07-11 15:00", ExamSat("v1", 100_00)),
        ("2024-07-30 10:00", AppealDenied("v1")),
    ]
    url = store(tmp_path, envelopes(lines, "ann"), envelopes(lines[:-1], "ben"))
    found = asked(url, "--orders")["orders"]
    assert found == {"violations": 1, "mattered": 1, "creators": 1, "changed": 1}


def _decisions(world: World) -> Iterator[list[Query]]:
    facts = [e.fact for e in world.counting() if e.effective_at <= world.as_of]
    decisions = [f for f in facts if isinstance(f, ExamSat | AppealGranted | AppealDenied)]
    for violation in dict.fromkeys(f.violation for f in decisions):
        types = {DECIDED[type(f)] for f in decisions if f.violation == violation}
        if "exam_sat" in types and len(types) > 1:
            yield [Query(violation=violation, type=each) for each in types]


def test_both_engines_are_asked(crowd: str) -> None:
    check = asked(crowd, "--set", "nodes.8.below=9", "--check", "0.5")["check"]
    assert check["difference"] is None
    assert 30 < check["creators"] < 90


def test_where_they_differ_the_first_field_is_named(
    crowd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = answer.fold

    def wrong(*args: Any, **words: Any) -> Any:
        answers = honest(*args, **words)
        column = answers.summaries[:, :, 2]
        np.copyto(column, column + 1)
        return answers

    monkeypatch.setattr(answer, "fold", wrong)
    done = run(crowd, "--check", "1")
    assert done.exit_code == 1
    assert "the engines differ on creator c-" in done.stderr
    assert "score of credit is" in done.stderr
    assert "agree" not in done.stdout


PAPERS = {
    "a scenario": ("--set", "nodes.8.below=9", "--set", "categories.off_topic_goods.points=1"),
    "a curve": ("--sweep", "nodes.8.below=6:9:0.5"),
    "a map": ("--sweep", "nodes.8.below=6:9:1", "--sweep", "exam.answers=1:3:1"),
    "a sample": ("--sweep", "nodes.8.below=6:9:1", "--sample", "70"),
    "another rulebook": ("--rulebook", "douyin-merchant"),
    "no more than what is": (),
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", PAPERS)
def test_paper(crowd: str, name: str, language: str, tmp_path: Path) -> None:
    words = (*PAPERS[name], "--lang", language)
    page, picture = tmp_path / "a.html", tmp_path / "a.svg"
    done = run(crowd, *words, "--html", str(page), "--svg", str(picture))
    assert (done.exit_code, done.stdout) == (0, ""), done.output
    view = asked(crowd, *words)
    assert msgspec.convert(view, Answer)
    held = view["held_fixed" if language == "en" else "held_fixed_zh"]
    html, svg = page.read_text("utf-8"), picture.read_text("utf-8")
    assert held in html
    assert held[:40] in svg
    assert view["manifest"]["hash"] in html
    texts = [e.text or "" for e in ElementTree.fromstring(svg).iter() if e.tag.endswith("text")]
    if view["sweep"] and len(view["sweep"]["keys"]) == 2:
        cells = [f"{point['stopped']:,}" for point in view["sweep"]["points"]]
        assert set(cells) <= set(texts)
    elif view["sweep"]:
        assert {"6", "7", "8", "9"} <= set(texts)
    if view["moves"]:
        assert f"{view['moves']['newly_stopped']:,}" in texts
    assert run(crowd, *words).stdout
    before = page.read_bytes()
    run(crowd, *words, "--html", str(page))
    assert page.read_bytes() == before


INTERVALS = [
    # drawn, of, found -> low, high: of endless many as tables have it; of all there is no doubt
    (100, 10**9, 0, 0.0, 0.0369935),
    (100, 10**9, 50, 0.4038315, 0.5961685),
    (100, 100, 50, 0.5, 0.5),
]


@pytest.mark.parametrize(("drawn", "of", "found", "low", "high"), INTERVALS)
def test_an_interval_is_wilson_s(drawn: int, of: int, found: int, low: float, high: float) -> None:
    interval = sample.Sample(drawn, of, 0).number(found)
    assert interval[0] / of == pytest.approx(low, abs=2e-6)
    assert interval[2] / of == pytest.approx(high, abs=2e-6)


@pytest.fixture(scope="session")
def archive(crowd: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the crowd's log."""
    folder = tmp_path_factory.mktemp("archive")
    words = ["--db", crowd, "project", "--parquet", str(folder), "--once"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    return folder


ARCHIVED = {
    "a scenario": ("--set", "nodes.8.below=9"),
    "other names": ("--rulebook", "douyin-deposit"),
    "as known before": ("--known-at", "2024-03-01"),
    "a sample": ("--sample", "50", "--set", "nodes.8.below=9"),
    "some": ("--where", "level>=4", "--recoveries", "due"),
    "another rulebook": ("--of", "douyin-merchant"),
    "one by one": ("--orders", "--wrongful", "--check", "0.2"),
}


@pytest.mark.parametrize("name", ARCHIVED)
def test_the_archive_says_the_same(crowd: str, archive: Path, name: str) -> None:
    words = ARCHIVED[name]
    assert asked(crowd, *words, "--archive", str(archive)) == asked(crowd, *words)


def test_the_archive_lists_the_same(crowd: str, archive: Path, tmp_path: Path) -> None:
    files = tmp_path / "log.csv", tmp_path / "archive.csv"
    for file, words in zip(files, ((), ("--archive", str(archive))), strict=True):
        asked(crowd, "--set", "nodes.8.below=9", "--list", str(file), *words)
    one, other = (file.read_bytes() for file in files)
    assert one == other
    assert one.count(b"\n") > 3


def test_an_archive_of_another_log_is_refused(crowd: str, archive: Path, tmp_path: Path) -> None:
    said = manifest.decode((archive / manifest.NAME).read_bytes(), str(archive))
    for log, sentence in (
        (replace(said.log, position=7), "has the log up to position 7 of"),
        (replace(said.log, hash="00"), "is of another log"),
        (replace(said.log, position=10**9), "is of another log"),
    ):
        (tmp_path / manifest.NAME).write_bytes(manifest.encode(replace(said, log=log)))
        done = run(crowd, "--archive", str(tmp_path))
        assert (done.exit_code, done.stdout) == (5, "")
        assert sentence in done.stderr
    done = run(crowd, "--archive", str(tmp_path / "nowhere"))
    assert done.exit_code == 5
