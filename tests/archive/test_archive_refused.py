"""What is not as it should be is said in a sentence, and nothing is half-written."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import archives
import pytest
from click.testing import CliRunner, Result
from test_kept_up import recorded

from ledger.facts.types import AppealLodged
from ledger.rulebook.shelf import Shelf
from projections.archive import runner
from projections.archive.plan import Archive
from projections.standing.replay import Library
from replay.cli import main
from replay.population.archived import columns, load

Spoil = Callable[[Path], object]


def project(db: Path, folder: Path, *more: str) -> Result:
    command = ["--db", f"sqlite:///{db}", "project", "--parquet", str(folder), "--once", *more]
    return CliRunner().invoke(main, command)


def status(db: Path, folder: Path) -> Result:
    command = ["--db", f"sqlite:///{db}", "status", "--parquet", str(folder)]
    return CliRunner().invoke(main, command)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 60 facts, the same with 20 more, another log, and the archive of the second."""
    folder = tmp_path_factory.mktemp("made")
    recorded(f"sqlite:///{folder}/log.db", archives.history(3)[:60])
    shutil.copy(folder / "log.db", folder / "older.db")
    recorded(f"sqlite:///{folder}/log.db", archives.history(3)[60:80])
    recorded(f"sqlite:///{folder}/other.db", archives.history(4)[:90])
    done = project(folder / "log.db", folder / "archive")
    assert (done.exit_code, done.output) == (0, "")
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "copy")
    return tmp_path / "copy"


def first(folder: Path, part: str = "facts") -> Path:
    return min((folder / part).iterdir())


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 64
    path.write_bytes(data)


def manifest(folder: Path, **values: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.parametrize(
    ("log", "spoil", "said"),
    [
        ("older.db", None, "holds facts up to position 80, and the log ends at 60"),
        ("other.db", None, "was made from another log"),
        ("log.db", lambda a: (a / "manifest.json").write_bytes(b'{"format": "pen'), "is damaged"),
        ("log.db", lambda a: manifest(a, schema=99), "newer version of this program (schema 99"),
        ("log.db", lambda a: manifest(a, format="other"), "holds another thing than an archive"),
        ("none.db", None, "there is no ledger at"),
    ],
)
def test_it_is_not_carried_on(copy: Path, log: str, spoil: Spoil | None, said: str) -> None:
    archive = copy / "archive"
    if spoil is not None:
        spoil(archive)
    before = {path: path.read_bytes() for path in archive.rglob("*.*")}
    done = project(copy / log, archive)
    assert (done.exit_code, said in done.output) == (5, True), done.output
    assert done.output.count("\n") == 1
    assert {path: path.read_bytes() for path in archive.rglob("*.*")} == before


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda a: first(a).unlink(), "is gone"),
        (lambda a: flip(first(a)), "is not as it was written"),
        (lambda a: flip(first(a, "details")), "is not as it was written"),
        (lambda a: first(a).write_bytes(first(a).read_bytes()[:-9]), "is not as it was written"),
    ],
)
def test_status_finds_what_is_altered(copy: Path, spoil: Spoil, said: str) -> None:
    assert status(copy / "log.db", copy / "archive").exit_code == 0
    spoil(copy / "archive")
    done = status(copy / "log.db", copy / "archive")
    assert (done.exit_code, said in done.output) == (1, True), done.output


def test_status_says_how_far_behind_it_is(copy: Path) -> None:
    recorded(f"sqlite:///{copy}/log.db", archives.history(3)[80:87])
    done = status(copy / "log.db", copy / "archive")
    assert done.exit_code == 1
    assert "it is 7 facts behind the log" in done.output


def test_a_directory_with_other_things_is_left_alone(copy: Path) -> None:
    there = sorted(copy.iterdir())
    done = project(copy / "log.db", copy)
    assert sorted(copy.iterdir()) == there
    assert (done.exit_code, "holds other things than an archive" in done.output) == (5, True)


def test_options_of_rows_do_not_go_with_it(copy: Path) -> None:
    done = project(copy / "log.db", copy / "archive", "--ndjson")
    assert (done.exit_code, "--ndjson does not go with --parquet" in done.output) == (2, True)


def test_what_the_disk_has_no_room_for_is_not_begun(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        f_bavail, f_frsize = 3, 1024

    monkeypatch.setattr(runner.os, "statvfs", lambda _: Full)
    done = project(copy / "log.db", copy / "new")
    assert (done.exit_code, "make room or name another directory" in done.output) == (5, True)
    assert not list((copy / "new" / "facts").iterdir())


def test_a_disk_that_is_full_leaves_it_as_it_was(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(f"sqlite:///{copy}/log.db", archives.history(3)[80:90])
    before = (copy / "archive" / "manifest.json").read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = project(copy / "log.db", copy / "archive")
    assert (done.exit_code, "No space left on device" in done.output) == (5, True), done.output
    assert (copy / "archive" / "manifest.json").read_bytes() == before
    monkeypatch.undo()
    assert project(copy / "log.db", copy / "archive").exit_code == 0
    assert status(copy / "log.db", copy / "archive").exit_code == 0


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE stored_events SET state = x'9a02' WHERE rowid = 30",
        "DELETE FROM stored_events WHERE rowid = 30",
        "UPDATE stored_events SET state = (SELECT state FROM stored_events WHERE rowid = 31)"
        " WHERE rowid = 30",
    ],
)
def test_a_log_that_is_damaged_is_not_copied(copy: Path, harm: str) -> None:
    with closing(sqlite3.connect(copy / "log.db")) as connection, connection:
        connection.execute(harm)
    done = project(copy / "log.db", copy / "new")
    assert (done.exit_code, "position 30" in done.output) == (5, True), done.output
    assert not (copy / "new" / "manifest.json").exists()


def test_a_log_without_facts_and_facts_without_details(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/log.db"
    recorded(url, [])
    assert project(tmp_path / "log.db", tmp_path / "archive").exit_code == 0
    assert Archive.open(str(tmp_path / "archive")).tasks() == []
    plain = [e for e in archives.history(5) if isinstance(e.fact, AppealLodged)]
    recorded(url, plain)
    assert project(tmp_path / "log.db", tmp_path / "archive").exit_code == 0
    (task,) = Archive.open(str(tmp_path / "archive")).tasks(10**6)[:1]
    part = load(task)
    made = columns(part, Library(Shelf()).tables("douyin-creator"))
    assert part.given == {}
    assert len(made.facts) == len(part.facts) > 0


@pytest.mark.parametrize(
    "url",
    [
        "s3://AKIA:sesame@bucket/archive?endpoint_override=127.0.0.1:1&scheme=http&region=x",
        "s3://AKIA:ses/ame@bucket/archive",
        "nowhere://AKIA:sesame@bucket/archive?token=sesame",
    ],
)
def test_the_keys_of_an_object_store_are_not_shown(made: Path, url: str) -> None:
    done = CliRunner().invoke(
        main, ["--db", f"sqlite:///{made}/log.db", "status", "--parquet", url]
    )
    assert done.exit_code == 5
    assert "archive" in done.output
    assert "ame" not in done.output
    assert "AKIA" not in done.output
