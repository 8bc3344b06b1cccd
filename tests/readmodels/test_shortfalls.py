"""A read model that is not whole says so, in every command that speaks of it, and ends with 1."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from logs import Clock, opened, runner_of, to_the_end
from readmodels_world import opened as open_shard
from samples import EXAM_FIRST, envelopes, store

from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled
from ledger.log.port import open_log
from projections.readmodels.memory import MemoryTarget
from replay.cli import main

END = 1_800_000_000_000_000


class Home:
    """A ledger and a read model that has been carried to its end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = store(folder, envelopes(EXAM_FIRST))
        self.ledger = Path(self.url.removeprefix("sqlite:///"))
        self.rows = folder / "rows.db"
        assert self.run("project", "--once").exit_code == 0

    def run(self, *words: str) -> Result:
        place = ("--sql", f"sqlite:///{self.rows}")
        return CliRunner().invoke(main, ["--db", self.url, *words, *place])

    def record(self, creator: str = "ada", rulebook: str | None = None) -> None:
        with open_log(self.url) as log:
            log.append([Envelope("s", creator, creator, 1, CreatorEnrolled(rulebook=rulebook))])


def is_behind(home: Home) -> None:
    home.record("ada")
    home.record("bo")


def cannot_be_read(home: Home) -> None:
    with sqlite3.connect(home.ledger) as file:
        file.execute("UPDATE stored_events SET state = x'c1' WHERE rowid = 3")
    home.record("mei")
    home.run("project", "--once")


def has_no_rulebook(home: Home) -> None:
    home.record("ada", "nowhere")
    home.run("project", "--once")


def older_rows(home: Home) -> None:
    shutil.copy(home.rows, home.folder / "copy.db")
    home.record()
    assert home.run("project", "--once").exit_code == 0
    for file in home.folder.glob("rows.db*"):
        file.unlink()
    shutil.copy(home.folder / "copy.db", home.rows)


def fell_due(home: Home) -> None:
    with sqlite3.connect(home.rows) as file:
        file.execute("UPDATE standing_g2 SET next_change_at = as_of + 1")


def other_law(home: Home) -> None:
    with sqlite3.connect(home.rows) as file:
        file.execute("UPDATE generation SET checkpoint = json_set(checkpoint, '$.law', 'old')")


COMMANDS = ("status", "status --json", "check --drift", "check --drift --json")
REBUILD, ONCE = "rebuild", "project --once"
CASES = [
    (is_behind, "2 facts behind the ledger", (*COMMANDS, REBUILD)),
    (cannot_be_read, "1 creators can't be judged: mei", (*COMMANDS, REBUILD, ONCE)),
    (has_no_rulebook, "1 creators can't be judged: ada", (*COMMANDS, REBUILD, ONCE)),
    (older_rows, "1 facts behind the ledger", (*COMMANDS, REBUILD)),
    (fell_due, "what fell due since is not in the rows of 1 creators", COMMANDS),
    (other_law, "rows are by other rulebooks, or another version of the program", COMMANDS),
]


@pytest.mark.parametrize(
    ("spoil", "said", "command"),
    [(spoil, said, command) for spoil, said, commands in CASES for command in commands],
    ids=lambda x: getattr(x, "__name__", None) or (x if x in {*COMMANDS, REBUILD, ONCE} else ""),
)
def test_what_is_lacking_is_said(
    tmp_path: Path, spoil: Callable[[Home], None], said: str, command: str
) -> None:
    home = Home(tmp_path)
    for whole in (*COMMANDS, REBUILD):
        assert home.run(*whole.split()).exit_code == 0, whole
    spoil(home)
    result = home.run(*command.split())
    assert result.exit_code == 1, result.output
    if "--json" in command:
        (sentence, *_) = json.loads(result.stdout)["shortfalls"]
        assert said in sentence
    else:
        assert said in result.output


def test_a_ledger_that_lacks_what_is_in_the_rows_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    shutil.copy(home.ledger, tmp_path / "copy.db")
    home.record()
    assert home.run("project", "--once").exit_code == 0
    for file in tmp_path.glob(f"{home.ledger.name}*"):
        file.unlink()
    shutil.copy(tmp_path / "copy.db", home.ledger)
    for words in (["status"], ["status", "--json"]):
        result = home.run(*words)
        assert result.exit_code == 1
        assert "has facts up to position 7, the log ends at 6" in result.stdout


def test_a_check_says_up_to_where_it_compared(tmp_path: Path) -> None:
    home = Home(tmp_path)
    is_behind(home)
    view = json.loads(home.run("check", "--drift", "--json").stdout)
    assert (view["position"], view["head"], view["differs"]) == (6, 8, {})
    assert "1 creators compared, 0 differ (up to position 6)" in home.run("check", "--drift").stdout
    assert home.run("project", "--once").exit_code == 0
    assert home.run("check", "--drift").exit_code == 0


def test_a_runner_tells_that_an_older_copy_was_restored(url: str) -> None:
    target, said = MemoryTarget(), list[str]()
    with opened(url) as source:
        one = runner_of(source, target, Clock(END))
        one.report = said.append
        one.step()
        early = target.generations()[0].checkpoint
        to_the_end(one)
        reached = target.generations()[0].checkpoint
        target._checkpoints[1] = early
        target.rows[1].clear()
        with open_log(url) as log:
            log.append([Envelope("s", "new", "ada", 1, CreatorEnrolled())])
        to_the_end(one)
    assert one.lost_ground == [
        f"memory went back from position {reached.position:,} to {early.position:,}: an older "
        "copy of it was restored, or it was emptied; what came since is published again"
    ]
    assert set(one.lost_ground) < set(said)


def test_a_group_that_was_overtaken_is_told(tmp_path: Path, valkey_url: str) -> None:
    url = store(tmp_path, envelopes(EXAM_FIRST))
    place = ["--redis", valkey_url, "--prefix", "overtaken"]

    def run(command: str) -> Result:
        return CliRunner().invoke(main, ["--db", url, *command.split(), *place])

    assert run(ONCE).exit_code == 0
    shard = open_shard(valkey_url, "overtaken")
    first, *_ = shard._do("XRANGE", shard.keys.feed, "-", "+")
    shard._do("XGROUP CREATE", shard.keys.feed, "slow", first[0])
    for command in (*COMMANDS, REBUILD, ONCE):
        assert run(command).exit_code == 0, command
    shard._do("XTRIM", shard.keys.feed, "MAXLEN", 1)
    for command in (*COMMANDS, REBUILD, ONCE):
        result = run(command)
        assert result.exit_code == 1, command
        assert "the feed was trimmed past the group slow" in result.output


def test_lines_of_a_creator_who_cannot_be_judged_end_with_1(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.record("ada", "nowhere")
    result = CliRunner().invoke(main, ["--db", home.url, "project", "--ndjson", "--once"])
    assert result.exit_code == 1
    assert "standard output is not whole: 1 creators can't be judged: ada" in result.stderr
