"""rulebook shadow: a draft beside the version in force, creator by creator and in total."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from draft_rulebooks import LABEL, draft
from samples import APPEAL_FIRST, EXAM_FIRST, envelopes, store, when
from views.test_documents import SHADOW

from ledger.facts import types as f
from ledger.log.port import open_log
from ledger.rulebook.shelf import load
from projections.standing.question import Question
from replay.cli import main
from replay.drafts.shadow import Shadow, suspended

MILDER = ("points = 3\nrestorable = 1.5", "points = 2\nrestorable = 1.5")
HARDER = ("points = 1\nrestorable = 1\n", "points = 4\nrestorable = 1\n")
ADA = [("2024-07-02 09:00", f.CreatorEnrolled()), ("2024-07-09 09:00", f.ExamRightClaimed())]
ZOE = [
    ("2024-07-08 09:00", f.CreatorEnrolled()),
    ("2024-07-10 09:00", f.ViolationFound("v1", "spam", "other")),
]
FROM = ("--from", "2024-07-07")
DAY_OF = ("--as-of", "2024-07-10 12:00")


@pytest.fixture
def url(tmp_path: Path) -> str:
    other = [("2024-07-02 09:00", f.CreatorEnrolled(rulebook="not-here"))]
    never = [("2024-07-02 09:00", f.ExamRightClaimed())]
    return store(
        tmp_path,
        envelopes(EXAM_FIRST),
        envelopes(ADA, "ada"),
        envelopes(ZOE, "zoe"),
        envelopes(other, "otto"),
        envelopes(never, "nemo"),
    )


def shadow(url: str, folder: Path, *words: str, label: str = LABEL) -> Result:
    command = ["--db", url, "--rulebooks", str(folder), "rulebook", "shadow", label]
    return CliRunner(env={"COLUMNS": "120"}).invoke(main, [*command, *words])


def answer(url: str, folder: Path, *words: str) -> tuple[list[Any], Any]:
    lines = shadow(url, folder, *words, "--json").stdout.splitlines()
    *rows, totals = [json.loads(line) for line in lines]
    return rows, totals


def test_what_changes_nothing_agrees_everywhere(url: str, tmp_path: Path) -> None:
    draft(tmp_path / "own")
    result = shadow(url, tmp_path / "own")
    assert result.exit_code == 0, result.output
    assert "3 creators, 0 disagree\n2 left out" in result.stdout
    assert result.stdout.startswith(f"{LABEL} from 2025-01-01 on, beside douyin-creator@2022-02, ")


def test_one_who_would_be_freed_and_one_who_would_be_stopped(url: str, tmp_path: Path) -> None:
    draft(tmp_path / "own", MILDER, HARDER)
    rows, totals = answer(url, tmp_path / "own", *FROM, *DAY_OF)
    mei, zoe = rows
    assert (mei["creator"], zoe["creator"]) == ("mei", "zoe")
    assert mei["first_divergence"]["event"] == "e3"
    assert mei["differences"]["score"] == {"baseline": "7", "counterfactual": "8"}
    assert [r["points"] for r in mei["differences"]["violations"]["counterfactual"]] == ["2"]
    (stop,) = mei["differences"]["sanctions"]["baseline"]
    assert (stop["feature"], stop["until"]) == ("product_sharing", "2024-07-11T09:00:00+08:00")
    assert mei["stopped"] == {"baseline": ["product_sharing"], "counterfactual": []}
    assert mei["suspended_days"] == {"baseline": "0.13", "counterfactual": "0"}
    assert mei["rulings"][0]["counterfactual"] == {
        "change": "-2", "outcome": "applied", "reason": None
    }  # fmt: skip
    assert zoe["stopped"] == {"baseline": [], "counterfactual": ["product_sharing"]}
    assert {key: totals[key] for key in ("creators", "disagree", "newly_stopped", "freed")} == {
        "creators": 3, "disagree": 2, "newly_stopped": 1, "freed": 1
    }  # fmt: skip
    assert totals["points"] == {
        "baseline": {"credit": "26"}, "counterfactual": {"credit": "24"}
    }  # fmt: skip
    assert totals["suspended_days"] == {"baseline": "0.13", "counterfactual": "0.13"}
    assert totals["left_out"] == 2


def test_the_lines_shown_are_such_lines(url: str, tmp_path: Path) -> None:
    draft(tmp_path / "own", MILDER)
    (mei,), totals = answer(url, tmp_path / "own", *FROM, *DAY_OF)
    shown = [line for line in SHADOW.splitlines() if line]
    for view, text in ((mei, "".join(shown[:6])), (totals, "".join(shown[6:]))):
        keys = [key for key in re.findall(r'"(\w+)":', text) if key in view]
        assert list(dict.fromkeys(keys)) == list(view)


def test_people_see_the_same(url: str, tmp_path: Path) -> None:
    draft(tmp_path / "own", MILDER)
    result = shadow(url, tmp_path / "own", *FROM, *DAY_OF)
    assert result.exit_code == 1
    for text in (
        "mei\n  score: 7 ≠ 8\n",
        "stops, in force: node 8, product sharing, from 2024-07-10 09:00, until 2024-07-11 09:00, "
        "running\n",
        "e3 (violation found): -3 ≠ -2\n",
        "first divergence: e3 (violation found) at 2024-07-10 09:00\n",
        "newly stopped 0, freed 1\n",
        "sum of points, credit score: 26 in force, 27 under the draft\n",
        "creator-days of suspension: 0.13 in force, 0 under the draft\n",
    ):
        assert text in result.stdout


def test_people_see_it_in_chinese(url: str, tmp_path: Path) -> None:
    draft(tmp_path / "own", MILDER)
    told = shadow(url, tmp_path / "own", *FROM, *DAY_OF, "--lang", "zh").stdout
    for text in (
        "mei\n  分数：7 ≠ 8\n",
        "停用与处罚（现行）：8分节点，商品分享功能，自2024-07-10 09:00，至2024-07-11 09:00，"
        "执行中\n",
        "e3（违规判定）：-3 ≠ -2\n",
        "首处不同：e3（违规判定），2024-07-10 09:00\n",
        "新停用0名，免于停用1名\n",
        "信用分合计：现行26，草案27\n",
        "停用人日：现行0.13，草案0\n",
    ):
        assert text in told
    assert not re.search("[a-z]_[a-z]", told)


def test_another_reason_is_a_difference(url: str, tmp_path: Path) -> None:
    draft(tmp_path / "own", ("[categories.spam]", "[categories.flooding]"))
    (zoe,), _ = answer(url, tmp_path / "own", *FROM, *DAY_OF)
    assert zoe["rulings"][0]["counterfactual"]["reason"] == "unknown_category"


def test_the_draft_begins_at_its_own_date(url: str, tmp_path: Path) -> None:
    draft(tmp_path / "own", MILDER)
    result = shadow(url, tmp_path / "own", *DAY_OF)
    assert result.exit_code == 0
    assert "the draft begins only at 2025-01-01 00:00, after the time asked about" in result.stdout


def test_versions_after_the_draft_are_left_out_and_those_before_judge(
    url: str, tmp_path: Path
) -> None:
    draft(tmp_path / "own", MILDER)
    with Question(url, [tmp_path / "own"]) as question:
        found = Shadow(question, question.shelf.find(LABEL), date(2024, 7, 7))
        compared = found.creator("mei", question.facts("mei"))
    assert compared is not None
    labels = [r.label for r in compared.counterfactual.tables.rulebooks]
    assert labels == [f"douyin-creator@{v}" for v in ("2022-02", "2024-07", "2025-01")]


def test_a_changed_copy_takes_the_place_of_what_it_copies(url: str, tmp_path: Path) -> None:
    text = draft(tmp_path / "own", MILDER, since="2024-10-01").read_text(encoding="utf-8")
    copy = tmp_path / "copy.toml"
    copy.write_text(text.replace('"2025-01"', '"2024-09"'), encoding="utf-8")
    with Question(url) as question:
        found = Shadow(question, load(copy)).creator("mei", question.facts("mei"))
    assert found is not None
    labels = [r.label for r in found.counterfactual.tables.rulebooks]
    assert labels == [f"douyin-creator@{v}" for v in ("2022-02", "2024-07", "2024-09")]


def test_who_is_not_enrolled_yet_or_under_another_rulebook_is_left_out(
    url: str, tmp_path: Path
) -> None:
    draft(tmp_path / "own", MILDER)
    _, totals = answer(url, tmp_path / "own", *FROM, "--as-of", "2024-07-05")
    assert (totals["creators"], totals["left_out"]) == (1, 4)
    both = [
        ("2024-07-01 09:00", f.CreatorEnrolled(rulebook="not-here")),
        ("2024-07-02 09:00", f.CreatorEnrolled()),
    ]
    with open_log(url) as log:
        log.append(envelopes(both, "both"))
    _, totals = answer(url, tmp_path / "own", *FROM, *DAY_OF)
    assert (totals["creators"], totals["left_out"]) == (3, 3)


def test_who_is_stopped_on_both_sides_is_neither_stopped_nor_freed(
    url: str, tmp_path: Path
) -> None:
    draft(tmp_path / "own", ("points = 12\n", "points = 11\n"))
    lines = [ZOE[0], ("2024-07-10 09:00", f.ViolationFound("v1", "fraud", "other"))]
    with open_log(url) as log:
        log.append(envelopes(lines, "lin"))
        log.append(envelopes([*lines[:1], *EXAM_FIRST[2:3]], "max"))
    found = shadow(url, tmp_path / "own", *FROM, *DAY_OF).stdout
    assert "newly stopped 0, freed 0" in found


def test_another_reason_for_the_same_standing_is_a_difference(url: str, tmp_path: Path) -> None:
    draft(tmp_path / "own", ("minimum_level = 4", "minimum_level = 5"))
    lines = [
        ("2024-07-08 09:00", f.CreatorEnrolled(level=4, reputation=480)),
        ("2024-07-10 09:00", f.ViolationFound("v1", "spam", "other")),
        ("2024-07-10 10:00", f.ExamSat("v1", 100_00)),
    ]
    with open_log(url) as log:
        log.append(envelopes(lines, "ben"))
    (ben,), _ = answer(url, tmp_path / "own", *FROM, *DAY_OF)
    assert ben["differences"] == {}
    (ruling,) = ben["rulings"]
    reasons = [ruling[side]["reason"] for side in ("baseline", "counterfactual")]
    assert reasons == ["right_not_claimed", "not_eligible"]
    told = shadow(url, tmp_path / "own", *FROM, *DAY_OF).stdout
    sides = ("0 no effect: right not claimed", "0 no effect: conditions not met")
    assert f"e3 (exam answered): {' ≠ '.join(sides)}" in told


def test_a_file_that_stands_on_no_shelf(url: str, tmp_path: Path) -> None:
    file = draft(tmp_path / "own", MILDER).rename(tmp_path / "mine.toml")
    (tmp_path / "none").mkdir()
    assert shadow(url, tmp_path / "none", *FROM, *DAY_OF, label=str(file)).exit_code == 1


def test_some_creators_only(url: str, tmp_path: Path) -> None:
    draft(tmp_path / "own", MILDER)
    names = tmp_path / "names"
    names.write_text("zoe\n\nada\nzoe\n", encoding="utf-8")
    rows, totals = answer(url, tmp_path / "own", *FROM, *DAY_OF, "--creators", str(names))
    assert (rows, totals["creators"]) == ([], 2)
    _, first = answer(url, tmp_path / "own", *FROM, *DAY_OF, "--limit", "2")
    assert (first["creators"], first["disagree"]) == (2, 1)
    names.write_text("zoe\nno\u202ebody\n", encoding="utf-8")
    result = shadow(url, tmp_path / "own", "--creators", str(names))
    assert result.exit_code == 3
    assert 'no fact is recorded of a creator "no\\u202ebody"' in result.stderr
    both = shadow(url, tmp_path / "own", "--creators", str(names), "--limit", "1")
    assert both.exit_code == 2


def test_what_was_known(url: str, tmp_path: Path) -> None:
    draft(tmp_path / "own", MILDER)
    early = ("--known-at", "2024-07-10 08:00")
    assert shadow(url, tmp_path / "own", *FROM, *DAY_OF, *early).exit_code == 0


def test_nothing_is_written_of_the_draft(url: str, tmp_path: Path) -> None:
    draft(tmp_path / "own", MILDER)
    assert shadow(url, tmp_path / "own", *FROM).exit_code == 1
    with open_log(url) as log:
        assert ("douyin-creator", "2025-01") not in log.pins()


def test_a_draft_of_nothing_in_force_and_one_that_can_not_follow(url: str, tmp_path: Path) -> None:
    text = draft(tmp_path / "own").read_text(encoding="utf-8")
    own = tmp_path / "own" / "mine" / "2025-01.toml"
    own.parent.mkdir()
    own.write_text(text.replace('name = "douyin-creator"', 'name = "mine"'), encoding="utf-8")
    alone = shadow(url, tmp_path / "own", label="mine@2025-01")
    assert (alone.exit_code, "nothing of mine is in force" in alone.stderr) == (4, True)
    draft(tmp_path / "utc", ('zone = { value = "Asia/Shanghai"', 'zone = { value = "UTC"'))
    unlike = shadow(url, tmp_path / "utc")
    assert (unlike.exit_code, "have different zones" in unlike.stderr) == (4, True)


def test_stops_that_overlap_count_once(tmp_path: Path) -> None:
    lines = [
        ("2024-07-08 09:00", f.CreatorEnrolled()),
        ("2024-07-09 09:00", f.ViolationFound("v1", "misleading", "other")),
        ("2024-07-09 21:00", f.ViolationFound("v2", "misleading", "other")),
        ("2024-07-20 09:00", f.AppealGranted("v2")),
        ("2024-07-25 09:00", f.ViolationFound("v3", "fraud", "other")),
    ]
    url = store(tmp_path, envelopes(lines, "lin"))
    with Question(url) as question:
        found = question.replay("lin", question.facts("lin"))
        assert found.as_of > when("2026-01-01")
        # 12 hours of node 8, then 3 days of node 6 which outlast it; then for good
        forever = found.as_of - when("2024-07-25 09:00")
        assert suspended(found) - forever == 3.5 * 86_400_000_000


def test_both_histories_of_the_worked_example_agree(tmp_path: Path) -> None:
    url = store(tmp_path, envelopes(EXAM_FIRST), envelopes(APPEAL_FIRST, "lin"))
    draft(tmp_path / "own", MILDER)
    rows, _ = answer(url, tmp_path / "own", *FROM, "--as-of", "2024-07-31")
    assert [row["creator"] for row in rows] == ["lin", "mei"]
