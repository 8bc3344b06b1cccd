"""A rulebook is pinned with the facts that are recorded, whoever asks and whenever."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from samples import Line, envelopes

from ledger.facts import types as f
from ledger.log.port import open_log
from ledger.rulebook.pinning import Pinning
from ledger.rulebook.shelf import Shelf
from replay.cli import main
from replay.library import Ledger

from .samples import SOUND, changed, put

SHOP = ("2021-01-01 09:00", f.CreatorEnrolled(rulebook="shop"))
SPAM = f.ViolationFound("v1", "spam", "other")
WITHDRAWN = f.FactRetracted("e1", "an error")


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """`shop` 1 in force from 2020, 2 from 2024, 3 only a draft."""
    folder = tmp_path / "rules"
    put(folder, SOUND)
    for version, since, draft in ((2, 2024, ""), (3, 2026, "\ndraft = true")):
        text = changed('version = "1"', f'version = "{version}"{draft}')
        put(folder, text.replace("2020-01-01", f"{since}-01-01"), f"shop/{version}.toml")
    return folder


@pytest.mark.parametrize(
    ("pages", "pinned"),
    [
        ([[SHOP]], "shop@1"),
        ([[SHOP, ("2025-01-01 09:00", SPAM)]], "shop@1 shop@2"),
        ([[SHOP], [("2025-01-01 09:00", SPAM)]], "shop@1 shop@2"),
        ([[SHOP], [("2026-07-01 09:00", SPAM)]], "shop@1 shop@2"),  # no draft was adopted
        ([[("2019-01-01 09:00", f.CreatorEnrolled(rulebook="shop"))]], "shop@1"),  # the first one
        ([[("2024-08-01 09:00", f.CreatorEnrolled())]], "douyin-creator@2024-07"),
        ([[("2024-08-01 09:00", SPAM)]], "douyin-creator@2024-07"),  # not enrolled
        ([[("2024-08-01 09:00", SPAM), SHOP]], "shop@1 shop@2"),
        # enrolled later: the versions of what is there already, of what is in use those of its time
        (
            [[("2025-01-01 09:00", SPAM)], [SHOP]],
            "douyin-creator@2022-02 douyin-creator@2024-09 shop@1 shop@2",
        ),
        # no longer enrolled: the default rules all that is left
        (
            [
                [SHOP, ("2023-01-01 09:00", SPAM)],
                [("2026-01-01 09:00", WITHDRAWN)],
            ],
            "douyin-creator@2022-02 douyin-creator@2024-09 shop@1 shop@2",
        ),
        ([[("2021-01-01 09:00", f.CreatorEnrolled(rulebook="nosuch"))]], ""),
        ([[("2024-01-01 09:00", f.RulebookAdopted("shop", "3", "0" * 64))]], ""),
    ],
)
def test_the_versions_of_the_facts_own_time_are_pinned(
    tmp_path: Path, shelf: Path, pages: Sequence[Sequence[Line]], pinned: str
) -> None:
    told: list[str] = []
    facts = envelopes([line for page in pages for line in page])
    url = f"sqlite:///{tmp_path}/ledger.db"
    for page in pages:
        taken, facts = facts[: len(page)], facts[len(page) :]
        with open_log(url, create=True, law=Pinning(Shelf([shelf]), told.append)) as log:
            log.append(taken)
            found = log.pins()
    assert " ".join(sorted(f"{name}@{version}" for name, version in found)) == pinned
    assert all(
        found[r.name, r.version] == r.hash
        for r in Shelf([shelf]).versions("shop")
        if (r.name, r.version) in found
    )
    assert len(told) == ("nosuch" in str(pages))


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def line(id_: str, kind: str, **data: object) -> dict[str, object]:
    event = {"specversion": "1.0", "type": kind, "source": "urn:test", "id": id_, "subject": "mei"}
    return {**event, "time": "2021-01-01T09:00:00Z", "data": data}


FACT = line("e1", "creator_enrolled", rulebook="shop")


def imported(url: str, shelf: Path, folder: Path) -> Result:
    file = folder / "facts.jsonl"
    file.write_text(json.dumps(FACT) + "\n")
    return run("--db", url, "--rulebooks", shelf, "import", file)


def recorded(url: str, shelf: Path, folder: Path) -> Result:
    words = ("--subject", "mei", "--id", "e1", "--time", FACT["time"])
    own = ("--data", '{"rulebook":"shop"}')
    return run("--db", url, "--rulebooks", shelf, "record", FACT["type"], *words, *own)


def appended(url: str, shelf: Path, folder: Path) -> Result:
    with Ledger.open(url, rulebooks=shelf, create=True) as ledger:
        ledger.append([FACT])
    return run("--version")


@pytest.mark.parametrize("way", [imported, recorded, appended])
def test_a_file_that_is_edited_after_the_facts_came_in_is_refused(
    tmp_path: Path, shelf: Path, way: object
) -> None:
    url = f"sqlite:///{tmp_path}/l.db"
    assert way(url, shelf, tmp_path).exit_code == 0  # type: ignore[operator]
    put(shelf, SOUND.replace("initial = 10", "initial = 9") + "\n# other points\n")
    for command in ("standing", "audit", "what-if"):
        refused = run("--db", url, "--rulebooks", shelf, command, "mei")
        assert refused.exit_code == 4
        assert "shop@1 has changed: it was pinned in this ledger with hash" in refused.stderr
        assert "restore the file and put the change into a new version" in refused.stderr
    again = recorded(url, shelf, tmp_path)
    assert again.exit_code in (0, 6)


def test_facts_are_recorded_whatever_is_wrong_with_the_rules(tmp_path: Path, shelf: Path) -> None:
    url = f"sqlite:///{tmp_path}/l.db"
    put(shelf, "nothing = [")
    said = imported(url, shelf, tmp_path)
    assert (said.exit_code, said.stderr.count("\n")) == (0, 1)
    assert said.stderr.startswith("warning: ")
    assert "recorded all the same" in said.stderr
    put(shelf, SOUND)  # and the first question pins
    assert run("--db", url, "--rulebooks", shelf, "standing", "mei").exit_code == 0
    with open_log(url) as log:
        assert set(log.pins()) == {("shop", "1")}
    put(shelf, SOUND + "\n# another\n")
    more = tmp_path / "more.jsonl"
    more.write_text(json.dumps(line("e2", "exam_right_claimed")) + "\n")
    said = run("--db", url, "--rulebooks", shelf, "import", more)
    assert said.exit_code == 0
    assert "shop@1 has changed: it was pinned in this ledger" in said.stderr
