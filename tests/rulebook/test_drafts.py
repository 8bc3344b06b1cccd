"""Drafts: read, checked, shown and tested like any rulebook, and never in force by their date."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ledger.errors import RulebookError
from ledger.rulebook.changes import with_changes
from ledger.rulebook.shelf import Shelf
from replay.cli import main

from .samples import SOUND, changed, put

SECOND = changed(
    'version = "1"',
    'version = "2"\ndraft = true',
    "in_force_from = 2020-01-01",
    "in_force_from = 2021-07-01",
)
CASES = """\
## a violation costs its points
start 2019-03-01 08:00
2019-03-01 09:00 | violation v1 late | -2 → 8
"""


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args])


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    put(tmp_path, SOUND)
    put(tmp_path, SECOND, "shop/2.toml")
    return tmp_path


def test_a_draft_is_not_in_force_but_found(shelf: Path) -> None:
    both = Shelf([shelf])
    assert [r.label for r in both.versions("shop")] == ["shop@1"]
    assert [r.label for r in both.versions("shop", drafts=True)] == ["shop@1", "shop@2"]
    assert both.find("shop").version == "1"
    assert both.find("shop@2").draft


def test_a_name_with_drafts_only_rules_nobody(tmp_path: Path) -> None:
    put(tmp_path, SECOND, "shop/2.toml")
    only = Shelf([tmp_path])
    assert only.find("shop").version == "2"
    with pytest.raises(RulebookError) as error:
        only.versions("shop")
    assert str(error.value) == (
        "nothing of shop is in force: shop@2 is a draft and not adopted here; "
        "`rulebook adopt` records that it is"
    )


def test_drafts_may_be_alternatives_of_one_day(shelf: Path) -> None:
    put(shelf, SECOND.replace('"2"', '"3"'), "shop/3.toml")
    assert len(Shelf([shelf]).versions("shop", drafts=True)) == 3
    assert run("rulebook", "check", shelf).exit_code == 0


def test_a_draft_that_can_not_follow_is_a_problem_of_its_own(shelf: Path) -> None:
    file = put(shelf, SECOND.replace("2021-07-01", "2020-01-01"), "shop/3.toml".replace("3", "2"))
    assert [r.label for r in Shelf([shelf]).versions("shop")] == ["shop@1"]
    result = run("rulebook", "check", shelf)
    assert result.exit_code == 4
    assert result.stderr.splitlines()[0].startswith(f"{file}: shop@")
    assert "are both in force from 2020-01-01" in result.stderr


def test_commands_say_that_it_is_a_draft(shelf: Path) -> None:
    listed = run("--rulebooks", shelf, "rulebook", "list").stdout
    assert "2021-07-01 (draft)" in listed
    rows = json.loads(run("--rulebooks", shelf, "rulebook", "list", "--json").stdout)
    assert [r["draft"] for r in rows if r["name"] == "shop"] == [False, True]
    shown = run("--rulebooks", shelf, "rulebook", "show", "shop@2")
    assert "draft, once adopted in force from 2021-07-01" in shown.stdout
    assert "shop@2: sound, draft  " in run("rulebook", "check", shelf).stdout
    told = run("--rulebooks", shelf, "rulebook", "explain", "shop@2").stdout
    assert "This is a draft" in told
    assert "This is a draft" not in run("--rulebooks", shelf, "rulebook", "explain", "shop").stdout


def test_being_a_draft_is_no_figure(shelf: Path) -> None:
    changes = run("--rulebooks", shelf, "rulebook", "diff", "shop@1", "shop@2", "--json").stdout
    assert [c["key"] for c in json.loads(changes)["changes"]] == ["in_force_from"]
    with pytest.raises(RulebookError, match='no key "draft"'):
        with_changes(Shelf([shelf]).find("shop@2"), {"draft": "false"})


def test_its_cases_are_run(shelf: Path) -> None:
    (shelf / "shop" / "2.cases.txt").write_text(CASES, encoding="utf-8")
    result = run("rulebook", "test", shelf)
    assert result.exit_code == 0, result.output
    (shelf / "shop" / "2.cases.txt").write_text(CASES.replace("8\n", "7\n"), encoding="utf-8")
    assert run("rulebook", "test", shelf / "shop" / "2.toml").exit_code == 1
