"""What changed when in a rulebook, in force when, since when pinned, and adopted by whom."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from draft_rulebooks import draft

from ledger.rulebook.shelf import SHIPPED, Shelf
from replay.cli import main

ENROLLED = {"type": "creator_enrolled", "time": "2024-08-01T09:00:00+08:00"}
MILDER = ("points = 3\nrestorable = 1.5", "points = 2\nrestorable = 1.5")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A draft from 2030 that takes fewer points, and one from 2031 that nobody adopts."""
    draft(tmp_path / "own", MILDER, since="2030-01-01", version="2030-01")
    draft(tmp_path / "own", since="2031-01-01", version="2031-01")
    return tmp_path / "own"


def run(own: Path, *words: str) -> Result:
    db = f"sqlite:///{own.parent}/l.db"
    return CliRunner().invoke(main, ["--db", db, "--rulebooks", str(own), *words])


def filled(own: Path) -> None:
    words = ("--subject", "mei", "--id", "e1", "--time", ENROLLED["time"])
    assert run(own, "record", ENROLLED["type"], *words).exit_code == 0
    assert run(own, "rulebook", "adopt", "douyin-creator@2030-01", "--id", "a1").exit_code == 0


def told(own: Path, *words: str) -> Any:
    result = run(own, "rulebook", "history", "douyin-creator", *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_each_version_says_what_it_is_and_what_it_changed(own: Path) -> None:
    filled(own)
    versions = {v["version"]: v for v in told(own)["versions"]}
    assert list(versions) == ["2022-02", "2024-07", "2024-09", "2030-01", "2031-01"]
    until = [v["in_force_until"] for v in versions.values()]
    assert until == ["2024-07-06", "2024-09-24", "2030-01-01", None, None]
    assert [v["in_force"] for v in versions.values()] == [True, True, True, True, False]
    assert {n for n, v in versions.items() if v["pinned"]} == {"2024-07"}
    assert {n for n, v in versions.items() if v["adopted"]} == {"2030-01"}
    assert versions["2030-01"]["adopted"]["position"] == 2
    assert [row["key"] for row in versions["2030-01"]["changes"]] == [
        "categories.misleading.points"
    ]
    assert (versions["2022-02"]["before"], versions["2022-02"]["changes"]) == (None, None)
    # an alternative that is not adopted is compared with what it would follow
    assert versions["2031-01"]["before"] == "2030-01"
    hashes = {r.version: r.hash for r in Shelf([own]).versions("douyin-creator", drafts=True)}
    assert {n: v["hash"] for n, v in versions.items()} == hashes


@pytest.mark.parametrize(
    ("since", "versions", "changed"),
    [
        ("2024-07-06", ["2024-07", "2024-09", "2030-01", "2031-01"], 4),
        ("2024-09-23", ["2024-07", "2024-09", "2030-01", "2031-01"], 3),
        ("2024-09-24", ["2024-09", "2030-01", "2031-01"], 3),
        ("2024-09-25", ["2024-09", "2030-01", "2031-01"], 2),
    ],
)
def test_from_a_day_on(own: Path, since: str, versions: list[str], changed: int) -> None:
    filled(own)
    found = told(own, "--from", since)["versions"]
    assert [v["version"] for v in found] == versions
    assert sum(v["changes"] is not None for v in found) == changed


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            [
                "in force from 2024-07-06, until 00:00 of 2024-09-24",
                "pinned in this ledger since 20",
                "not pinned in this ledger: no fact of its time is recorded",
                "adopted by a1 on 20",
                "a draft, not adopted in this ledger; it would be in force from 2031-01-01",
                "categories.misleading.points: 3 (assumed) → 2 (assumed)",
                "recovery.runs.0.days: none → 7 (assumed, faq Q3 A)",
            ],
        ),
        (
            "zh",
            [
                "自2024-07-06起施行，至2024-09-24零时止",
                "起由本台账锁定",
                "本台账未锁定：尚无其施行期间的记录",
                "采纳，记录于第2位",
                "草案，本台账尚未采纳；如采纳，自2031-01-01起施行",
                "recovery.runs.0.days: 无 → 7（假定，faq Q3 A）",
            ],
        ),
    ],
)
def test_people_read_the_same_in_both_languages(own: Path, language: str, said: list[str]) -> None:
    filled(own)
    result = run(own, "rulebook", "history", "douyin-creator", "--lang", language)
    assert result.exit_code == 0
    for words in said:
        assert words in result.stdout


def test_without_a_ledger_it_tells_what_the_files_say(own: Path) -> None:
    assert all(v["pinned"] is None for v in told(own)["versions"])
    result = run(own, "rulebook", "history", "douyin-creator")
    assert "there is no ledger here, so nothing is pinned" in result.stdout


def test_a_file_that_changed_or_is_gone_is_told(own: Path, tmp_path: Path) -> None:
    filled(own)
    shop = SHIPPED / "douyin-membership" / "2024-05.toml"
    mine = own / "mine" / "1.toml"
    mine.parent.mkdir()
    text = shop.read_text(encoding="utf-8").replace('name = "douyin-membership"', 'name = "mine"')
    mine.write_text(text.replace('version = "2024-05"', 'version = "1"'))
    words = ("--subject", "ann", "--id", "e2", "--time", ENROLLED["time"])
    data = ("--data", '{"rulebook":"mine"}')
    assert run(own, "record", "creator_enrolled", *words, *data).exit_code == 0
    mine.write_text(mine.read_text() + "\n# another\n")
    changed = run(own, "rulebook", "history", "mine")
    assert changed.exit_code == 4
    assert "with another hash" in changed.stdout
    assert "mine@1 has changed: it was pinned in this ledger" in changed.stderr
    mine.rename(mine.with_name("2.toml"))
    mine.with_name("2.toml").write_text(text.replace('version = "2024-05"', 'version = "2"'))
    gone = run(own, "rulebook", "history", "mine")
    assert "mine@1  pinned in this ledger since" in gone.stdout
    assert [
        v["version"]
        for v in json.loads(run(own, "rulebook", "history", "mine", "--json").stdout)["missing"]
    ] == ["1"]


def test_an_unknown_name_is_one_sentence(own: Path) -> None:
    result = run(own, "rulebook", "history", "douyin-creater")
    assert (result.exit_code, result.stderr.count("\n")) == (4, 1)
    assert 'no rulebook "douyin-creater"' in result.stderr


def test_what_is_no_date_says_what_a_date_is(own: Path) -> None:
    result = run(own, "rulebook", "history", "douyin-creator", "--from", "foo")
    assert result.exit_code == 2
    assert "found 'foo'; a date is needed, as 2024-07-11" in result.stderr
