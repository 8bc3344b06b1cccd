"""What is worth another look in a sound rulebook, and that nothing else is said of it."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ledger.rulebook.checks.warnings import CHECKS, warnings
from ledger.rulebook.file import load
from replay.cli import main

from .samples import SOUND, changed, put

CASES = tomllib.loads(Path(__file__).with_name("odd.toml").read_text("utf-8"))["case"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_is_odd(case: dict[str, Any]) -> None:
    found = warnings(load(changed(case["old"], case["new"]).encode()))
    assert [f"{doubt.path}: {doubt.said.en}" for doubt in found] == case["says"]
    assert all(doubt.said.zh != doubt.said.en for doubt in found)


def test_there_is_a_case_for_each_check() -> None:
    assert len(CASES) >= len(CHECKS) + 5


def test_points_that_may_be_gone_before_they_count() -> None:
    file = Path(__file__).parents[1] / "law" / "rulebooks" / "once-final" / "1.toml"
    found = [doubt for doubt in warnings(load(file)) if doubt.path.startswith("counters.")]
    assert [doubt.path for doubt in found] == ["counters.early.expires_from"]
    assert found[0].said.en.endswith('before they count; "effect" lets it begin when they do')


def test_a_warning_changes_no_exit_code(tmp_path: Path) -> None:
    file = put(tmp_path, changed("below = 8", "below = 0"))
    result = CliRunner().invoke(main, ["rulebook", "check", str(file)])
    assert result.exit_code == 0
    assert result.stdout == f"shop@1: sound  {file}\n"
    assert result.stderr == (
        f"warning: {file}, line 29: nodes.8.below: nobody gets there: "
        "the score ends at 0, the node asks for below 0\n"
    )
    told = json.loads(CliRunner().invoke(main, ["rulebook", "check", str(file), "--json"]).stdout)
    assert [len(told[0][key]) for key in ("problems", "warnings")] == [0, 1]


def test_explain_ends_with_them(tmp_path: Path) -> None:
    file = put(tmp_path, changed("below = 8", "below = 0"))
    for language, heading in (("en", "## Worth another look"), ("zh", "## 值得复核之处")):
        result = CliRunner().invoke(main, ["rulebook", "explain", str(file), "--lang", language])
        assert result.stdout.splitlines()[-3] == heading
        assert "- nodes.8.below" in result.stdout.splitlines()[-1]
    assert "Worth" not in CliRunner().invoke(
        main, ["rulebook", "explain", str(put(tmp_path, SOUND))]
    ).stdout  # fmt: skip
