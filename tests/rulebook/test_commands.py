"""`penalty-ledger rulebook …` as a person and a program meet it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ledger.rulebook.shelf import Shelf
from replay.cli import main

from .samples import SOUND, changed, put

OLD, NEW = "douyin-creator@2024-07", "douyin-creator@2024-09"


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args])


def answer(*args: str | Path) -> Any:
    result = run(*args, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_list(tmp_path: Path) -> None:
    put(tmp_path, SOUND)
    rows = answer("--rulebooks", tmp_path, "rulebook", "list")
    by_label = {f"{r['name']}@{r['version']}": r for r in rows}
    assert NEW in by_label
    assert by_label["shop@1"]["in_force_from"] == "2020-01-01"
    table = run("rulebook", "list").stdout
    assert "2024-07-06" in table
    assert "电商创作者违规与信用分管理规则" in table


def test_the_environment_names_directories_as_path_does(tmp_path: Path) -> None:
    one, two = tmp_path / "with a blank", tmp_path / "two"
    for n, folder in enumerate((one, two)):
        put(folder, SOUND.replace('"shop"', f'"shop{n}"'), f"shop{n}/1.toml")
    said = {"PENALTY_LEDGER_RULEBOOKS": f"{one}{os.pathsep}{two}"}
    listed = CliRunner().invoke(main, ["rulebook", "list"], env=said)
    assert listed.exit_code == 0, listed.output
    assert {"shop0", "shop1"} <= set(listed.output.split())


@pytest.mark.parametrize(
    "name", ["x" * 5_000, "x" * 256, "a\0b", "../x", ".", "", "@", "*", "x@" + "1" * 5_000]
)
def test_a_name_of_which_there_is_nothing(name: str) -> None:
    result = run("rulebook", "show", name)
    assert result.exit_code == 4, (result.output, result.exception)
    assert result.output.startswith("error: ")
    assert len(result.output) < 400


def test_show_gives_every_figure_its_citation() -> None:
    shown = answer("rulebook", "show", OLD)
    by_key = {f["key"]: f for f in shown["figures"]}
    assert by_key["exam.answers"] == {
        "key": "exam.answers",
        "value": 2,
        "clause": "§7",
        "source": "002",
        "assumed": False,
        "note": "",
        "note_zh": "",
    }
    assert by_key["nodes.6.below"]["assumed"] is True
    assert by_key["categories.spam.points"]["value"] == "1"
    assert by_key["exam.reputation_above"]["value"] == "4.6"
    assert shown["titles"]["categories.spam"]["zh"] == "刷屏、恶意留言"
    table = run("rulebook", "show", OLD).stdout
    for text in (
        "8.stops.product_sharing.days",
        "002 §10(1)",
        "assumed",
        "刷屏、恶意留言",
        "appeal",
    ):
        assert text in table


def test_show_takes_the_newest_version_and_files(tmp_path: Path) -> None:
    assert answer("rulebook", "show", "douyin-creator")["version"] == "2024-09"
    assert answer("rulebook", "show", put(tmp_path, SOUND))["name"] == "shop"
    result = run("rulebook", "show", "douyin-creator@2024")
    assert result.exit_code == 4
    assert result.stderr.startswith('error: no version "2024" of douyin-creator')


def test_diff() -> None:
    changes = answer("rulebook", "diff", OLD, NEW)["changes"]
    assert [c["key"] for c in changes] == [
        "in_force_from",
        "recovery.cadence",
        "recovery.runs.0.days",
        "recovery.runs.0.below",
        "recovery.runs.1.days",
    ]
    assert changes[1]["old"]["value"] == "monthly"
    assert changes[2]["old"] is None
    assert changes[2]["new"]["clause"] == "Q3 A"
    table = run("rulebook", "diff", OLD, NEW).stdout
    assert "clean_days" in table
    assert "assumed (faq Q3 A)" in table
    assert "rule alike" in run("rulebook", "diff", OLD, OLD).stdout


def test_schema() -> None:
    assert json.loads(run("rulebook", "schema").stdout)["title"]


def test_check_all_that_is_shipped() -> None:
    result = run("rulebook", "check")
    assert result.exit_code == 0
    told = [line.split("  ")[0] for line in result.stdout.splitlines()]
    for version in ("2022-02", "2024-07", "2024-09"):
        assert f"douyin-creator@{version}: sound, published" in told
    assert len(told) == sum(len(list(Shelf().files(name))) for name in Shelf().names())


def test_check_says_all_that_is_wrong(tmp_path: Path) -> None:
    good = put(tmp_path, SOUND)
    bad = put(tmp_path, changed("cap = 12", "cpa = 12", "below = 8", "belwo = 8"), "shop/2.toml")
    result = run("rulebook", "check", tmp_path)
    assert result.exit_code == 4
    assert result.stdout == f"shop@1: sound  {good}\n"
    assert result.stderr.splitlines() == [
        f'{bad}, line 15: counters.score.cpa: unknown key; did you mean "cap"?',
        f'{bad}, line 29: nodes.8.belwo: unknown key; did you mean "below"?',
    ]
    reports = json.loads(run("rulebook", "check", bad, "--json").stdout)
    assert [len(r["problems"]) for r in reports] == [2]


def test_check_looks_at_the_family(tmp_path: Path) -> None:
    put(tmp_path, SOUND)
    other = put(tmp_path, changed('version = "1"', 'version = "2"'), "shop/2.toml")
    result = run("rulebook", "check", tmp_path)
    assert result.exit_code == 4
    assert result.stderr == f"{other}: shop@1 and shop@2 are both in force from 2020-01-01\n"


def test_check_refuses_a_changed_or_missing_published_file(tmp_path: Path) -> None:
    file = put(tmp_path, SOUND)
    gone = tmp_path / "shop" / "0.toml"
    (tmp_path / "PUBLISHED").write_text(f"shop/1 {'0' * 64}\nshop/0 {'0' * 64}\n")
    result = run("--rulebooks", tmp_path, "rulebook", "check")
    assert result.exit_code == 4
    told = result.stderr.splitlines()
    changed_, missing = (line for line in told if not line.startswith("warning: "))
    assert changed_.startswith(f"{file}: shop@1 has changed: it was published with hash 0000")
    assert missing == f"{gone}: is published and missing; rulings rest on it, put it back"


def test_check_against_the_log(tmp_path: Path) -> None:
    from ledger.log.port import open_log

    url = f"sqlite:///{tmp_path}/l.db"
    with open_log(url, create=True) as log:
        log.pin("douyin-creator", "2022-02", "0" * 64)
    result = run("--db", url, "rulebook", "check", "--log")
    assert result.exit_code == 4
    assert "douyin-creator@2022-02 has changed: it has ruled in the log with hash" in result.stderr


@pytest.mark.parametrize("args", [("check", "none.toml"), ("show", "none.toml")])
def test_no_such_file(args: tuple[str, ...]) -> None:
    result = run("rulebook", *args)
    assert result.exit_code == 4
    assert "none.toml: can't be read: No such file" in result.stderr
