"""What is said of a sanction that stops nothing, of counters with any title, of stops by count."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from samples import Line, envelopes, store, when

from ledger.facts import types as f
from ledger.rulebook.shelf import Shelf
from projections.explain.explanation import story
from projections.explain.messages import LANGUAGES
from projections.standing.replay import Library, replay
from replay.cli import main

BOOK = """
name = "club"
version = "1"
in_force_from = 2020-01-01
zone = "Asia/Shanghai"
title = { en = "Club", zh = "俱乐部" }
assumed = true
note = "made up"
[counters.points]
direction = "tally"
initial = 0
title = { en = "Penalty points", zh = "罚分" }
[counters.credit]
direction = "balance"
initial = 10
title = { en = "Credit", zh = "信用分" }
[features]
listings = { en = "new listings", zh = "新增上架" }
race = { en = "taking part in a race", zh = "参赛" }
warning = { en = "a warning", zh = "警告", kind = "sanction" }
[categories.foul]
title = { en = "Foul", zh = "犯规" }
counter = "points"
points = 4
[categories.rude]
title = { en = "Rudeness", zh = "失礼" }
counter = "credit"
points = 1
stops = [{ feature = "warning", permanent = true }]
[nodes.4]
counter = "points"
at_or_above = 4
stops = [{ feature = "warning", days = 1 }, { feature = "listings", days = 2 }]
lifted_by = ["appeal"]
[nodes.8]
counter = "points"
at_or_above = 8
stops = [{ feature = "race", occasions = 1 }]
lifted_by = ["appeal"]
[nodes.12]
counter = "points"
at_or_above = 12
stops = [{ feature = "race", occasions = 2 }, { feature = "warning", while_triggered = true }]
lifted_by = ["appeal"]
"""
START: list[Line] = [
    ("2024-03-01 09:00", f.CreatorEnrolled(rulebook="club")),
    ("2024-03-02 09:00", f.ViolationFound("v1", "foul", "other")),
]
TOLD: dict[str, tuple[list[Line], tuple[str, str]]] = {
    "the counters at the start": (
        START[:1],
        (
            "under “Club” (1), and starts with the penalty points at 0 and the credit at 10.",
            "罚分初始为0分、信用分初始为10分。",
        ),
    ),
    "begins": (
        START,
        (
            "the penalty points reached 4 or more, which brings a warning for 1 day "
            "(until 2024-03-03 "
            "09:00) and stops new listings for 2 days (until 2024-03-04 09:00).",
            "罚分累计达到4分，触发节点处罚：警告1天至2024-03-03 09:00、"
            "新增上架停用2天至2024-03-04 09:00。",
        ),
    ),
    "withdrawn": (
        [*START, ("2024-03-02 10:00", f.AppealGranted("v1"))],
        (
            "the warning (node 4) is withdrawn at once, where it would have lasted until "
            "2024-03-03 09:00: with the penalty points at 0, less than 4 is enough; the stop of "
            "new listings (node 4) is lifted at once, where it would have lasted until 2024-03-04 "
            "09:00: with the penalty points at 0, less than 4 is enough.",
            "罚分0分，低于4分，节点处罚不成立，警告（4分节点）即时撤销（原至2024-03-03 09:00）；"
            "罚分0分，低于4分，节点处罚不成立，新增上架的停用（4分节点）即时撤销"
            "（原至2024-03-04 09:00）。",
        ),
    ),
    "stays": (
        [
            START[0],
            (
                "2024-03-02 09:00",
                f.ViolationFound("v1", "foul", "other", points=600, ground="minor"),
            ),
            ("2024-03-02 10:00", f.AppealGranted("v1", points=100)),
        ],
        (
            "the warning (node 4) stays until 2024-03-03 09:00: with the penalty points at 5, "
            "less than 4 is needed; the stop of new listings (node 4) stays until",
            "罚分5分，不低于4分，节点处罚仍然成立，警告（4分节点）维持不变，"
            "至2024-03-03 09:00；罚分5分，",
        ),
    ),
    "ends": (
        [*START, ("2024-03-05 09:00", f.ExamRightClaimed())],
        (
            "The warning (node 4) ended on 2024-03-03 09:00.",
            "警告（4分节点）已于2024-03-03 09:00结束。",
        ),
    ),
    "for good, by itself": (
        [START[0], ("2024-03-02 09:00", f.ViolationFound("v1", "rude", "other"))],
        ("it brings a warning for good.", "并处永久警告。"),
    ),
    "for the next occasion": (
        [*START, ("2024-03-02 10:00", f.ViolationFound("v2", "foul", "other"))],
        (
            "reached 8 or more, which stops taking part in a race for the next occasion",
            "罚分累计达到8分，触发节点处罚：参赛自下一场起停用1场",
        ),
    ),
    "for the next occasions, and as long as the score is there": (
        [
            *START,
            ("2024-03-02 10:00", f.ViolationFound("v2", "foul", "other")),
            ("2024-03-02 11:00", f.ViolationFound("v3", "foul", "other")),
        ],
        (
            "reached 12 or more, which stops taking part in a race for the next 2 occasions "
            "and brings a "
            "warning as long as that lasts",
            "参赛自下一场起停用2场、警告（直至分数恢复）",
        ),
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("books")
    (folder / "club").mkdir()
    (folder / "club" / "1.toml").write_text(BOOK, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", TOLD)
def test_what_is_said(name: str, folder: Path) -> None:
    lines, wanted = TOLD[name]
    at = when(lines[-1][0])
    library = Library(Shelf([folder]))
    result = replay("mei", envelopes(lines), library, as_of=at, known_at=at, rulings=True)
    told = [why.text for _, why in story(result)]
    for language, part in zip(LANGUAGES, wanted, strict=True):
        assert any(part in text[language] for text in told), told


def asked(folder: Path, log: Path, lines: list[Line], *words: str) -> str:
    url = store(log, envelopes(lines))
    command = ["--db", url, "--rulebooks", str(folder), *words]
    result = CliRunner(env={"COLUMNS": "150"}).invoke(main, command)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_standing_tells_sanctions_and_stops_apart(folder: Path, tmp_path: Path) -> None:
    for language, stops, sanctions, ends in (
        ("en", "  New listings is stopped until 2024-03-04 09:00.",
         "  A warning, until 2024-03-03 09:00.", "the warning ends"),
        ("zh", "  新增上架停用至2024-03-04 09:00。",
         "  警告，至2024-03-03 09:00。", "警告结束"),
    ):  # fmt: skip
        words = ("standing", "mei", "--as-of", "2024-03-02 12:00", "--lang", language)
        (tmp_path / language).mkdir()
        told = asked(folder, tmp_path / language, START, *words)
        for line in (stops, sanctions):
            assert f"\n{line}\n" in told
        assert ends in told


def test_a_timeline_says_how_a_sanction_ended(folder: Path, tmp_path: Path) -> None:
    lines: list[Line] = [*START, ("2024-03-02 10:00", f.AppealGranted("v1"))]
    told = asked(folder, tmp_path, lines, "audit", "mei", "--as-of", "2024-03-10")
    assert "a warning (node 4)  2024-03-02 09:00 – 2024-03-02 10:00  withdrawn" in told
    assert "new listings (node 4)  2024-03-02 09:00 – 2024-03-02 10:00  lifted" in told


def test_a_rulebook_explains_a_sanction(folder: Path) -> None:
    file = str(folder / "club" / "1.toml")
    for language, said in (
        ("en", ("- Then: a warning for 1 day of 24 hours. [", "- It comes with a warning for ever.",
                "- Then: new listings stopped for 2 days of 24 hours. [")),
        ("zh", ("- 触发时警告1天（按24小时计）。", "- 并处警告（永久）。",
                "- 触发时新增上架停用2天（按24小时计）。")),
    ):  # fmt: skip
        result = CliRunner().invoke(main, ["rulebook", "explain", file, "--lang", language])
        for line in said:
            assert line in result.stdout
