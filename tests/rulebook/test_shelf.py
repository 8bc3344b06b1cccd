"""Shelves: where rulebooks are found, what may stand beside what, and what may never change."""

import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.errors import RulebookError
from ledger.rulebook.shelf import SHIPPED, Shelf, in_force, published, starts_at, verify_pins

from .samples import SOUND, changed, put

SECOND = changed('version = "1"', 'version = "2.0"', "2020-01-01", "2021-07-01")


def micros(text: str) -> int:
    since = datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)
    return since.days * 86_400_000_000 + since.seconds * 1_000_000 + since.microseconds


def test_own_directories_stand_beside_the_shipped_ones(tmp_path: Path) -> None:
    put(tmp_path, SOUND)
    put(tmp_path, SECOND, "shop/2.0.toml")
    shelf = Shelf([tmp_path])
    assert shelf.names() == tuple(sorted([*Shelf().names(), "shop"]))
    assert [r.label for r in shelf.versions("shop")] == ["shop@1", "shop@2.0"]
    assert shelf.find("shop").version == "2.0"
    assert shelf.find("shop@1").version == "1"
    assert shelf.versions("shop") is shelf.versions("shop")


def test_an_own_version_of_a_shipped_name(tmp_path: Path) -> None:
    text = (SHIPPED / "douyin-creator" / "2024-09.toml").read_text("utf-8")
    text = text.replace('"2024-09"', '"2030"').replace("value = 2024-09-24", "value = 2030-01-01")
    put(tmp_path, text, "douyin-creator/2030.toml")
    versions = Shelf([tmp_path]).versions("douyin-creator")
    assert [r.version for r in versions] == ["2022-02", "2024-07", "2024-09", "2030"]


def test_only_what_is_asked_is_read(tmp_path: Path) -> None:
    put(tmp_path, "broken", "other/1.toml")
    put(tmp_path, SOUND)
    assert Shelf([tmp_path]).versions("shop")


def test_the_same_file_twice_is_one(tmp_path: Path) -> None:
    put(tmp_path / "a", SOUND)
    put(tmp_path / "b", SOUND)
    assert len(Shelf([tmp_path / "a", tmp_path / "b"]).versions("shop")) == 1


def refused(*dirs: Path, label: str = "shop") -> str:
    with pytest.raises(RulebookError) as error:
        Shelf(dirs).find(label)
    return str(error.value)


def test_two_files_of_one_version(tmp_path: Path) -> None:
    a = put(tmp_path / "a", SOUND)
    b = put(tmp_path / "b", changed("cap = 12", "cap = 11"))
    said = refused(tmp_path / "a", tmp_path / "b")
    assert said == f"shop@1 stands in two different files: {a} and {b}"


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (
            SECOND.replace("2021-07-01", "2020-01-01"),
            "shop@1 and shop@2.0 are both in force from 2020-01-01",
        ),
        (
            SECOND.replace("Europe/Berlin", "UTC"),
            "shop@1 and shop@2.0 have different zones: Europe/Berlin and UTC",
        ),
        (
            SECOND.replace("counters.score", "counters.points"),
            "shop@1 and shop@2.0 have different counters: score (balance) and points (balance)",
        ),
    ],
)
def test_versions_that_cannot_follow_each_other(tmp_path: Path, second: str, said: str) -> None:
    put(tmp_path, SOUND)
    put(tmp_path, second, "shop/2.0.toml")
    assert refused(tmp_path) == said


def test_a_file_in_the_wrong_place(tmp_path: Path) -> None:
    file = put(tmp_path, SOUND, "shop/2.toml")
    assert refused(tmp_path) == f"{file}: says it is shop@1; its place is shop/1.toml"


def test_unknown_names(tmp_path: Path) -> None:
    assert refused(label="douyin-creater") == (
        'no rulebook "douyin-creater"; did you mean "douyin-creator"?'
    )
    outside = "../rulebooks/douyin-creator"
    assert refused(label=outside).startswith(f'no rulebook "{outside}"')
    assert refused(label="douyin-creator@2024-08") == (
        'no version "2024-08" of douyin-creator; did you mean "2024-09"?'
    )
    missing = tmp_path / "none"
    assert refused(missing) == f"{missing}: no such directory of rulebooks"


@pytest.mark.parametrize(
    ("instant", "version"),
    [
        ("1970-01-01T00:00+00:00", "1"),  # earlier than all: the first one judges
        ("2019-12-31T22:59:59.999999+00:00", "1"),
        ("2021-06-30T21:59:59.999999+00:00", "1"),  # 23:59 in summer in Berlin
        ("2021-06-30T22:00+00:00", "2.0"),
        ("2099-01-01T00:00+00:00", "2.0"),
    ],
)
def test_a_version_is_in_force_from_midnight_in_its_zone(
    tmp_path: Path, instant: str, version: str
) -> None:
    put(tmp_path, SOUND)
    put(tmp_path, SECOND, "shop/2.0.toml")
    versions = Shelf([tmp_path]).versions("shop")
    assert versions[in_force(versions, micros(instant))].version == version
    assert starts_at(versions[1]) == micros("2021-06-30T22:00+00:00")


def test_a_published_version_never_changes(tmp_path: Path) -> None:
    file = put(tmp_path, SOUND)
    old = sha256(file.read_bytes()).hexdigest()
    (tmp_path / "PUBLISHED").write_text(f"shop/1 {old}\n")
    assert Shelf([tmp_path]).find("shop@1").hash == old
    file.write_text(SOUND + "# only a comment\n")
    new = sha256(file.read_bytes()).hexdigest()
    assert refused(tmp_path) == (
        f"{file}: shop@1 has changed: it was published with hash {old[:12]}…, the file's is "
        f"{new[:12]}…; restore the file and put the change into a new version"
    )


def test_a_shipped_version_is_not_replaced_by_an_own_file(tmp_path: Path) -> None:
    text = (SHIPPED / "douyin-creator" / "2024-07.toml").read_text("utf-8")
    put(tmp_path, text + "\n", "douyin-creator/2024-07.toml")
    assert "douyin-creator@2024-07 has changed" in refused(tmp_path, label="douyin-creator")


def test_a_damaged_list_of_hashes(tmp_path: Path) -> None:
    put(tmp_path, SOUND)
    (tmp_path / "PUBLISHED").write_text("shop 1\n")
    wanted = "name/version, a space and the SHA-256 in hex needed"
    assert refused(tmp_path) == f"{tmp_path}/PUBLISHED, line 1: found 'shop 1'; {wanted}"


def test_a_directory_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda path, _: path != tmp_path)
    assert refused(tmp_path) == f"{tmp_path}: can't be read: ask for the right to"


def test_what_ruled_in_a_log_is_compared_too() -> None:
    versions = Shelf().versions("douyin-creator")
    verify_pins(versions, {("douyin-creator", r.version): r.hash for r in versions})
    verify_pins(versions, {("shop", "1"): "0" * 64})
    with pytest.raises(RulebookError, match=r"^douyin-creator@2024-07 has changed: it ruled with"):
        verify_pins(versions, {("douyin-creator", "2024-07"): "0" * 64}, by="ruled")


def test_every_shipped_version_is_published() -> None:
    shelf = Shelf()
    shipped = {(r.name, r.version): r.hash for n in shelf.names() for r in shelf.versions(n)}
    assert published(SHIPPED) == shipped


AT_ONCE = """
import sys, threading
from ledger.rulebook.shelf import Shelf
sys.setswitchinterval(1e-6)
together = threading.Barrier(8)
def load():
    together.wait()
    assert len(Shelf().versions("douyin-creator")) > 1
    sys.stdout.write("loaded ")
for _ in range(8):
    threading.Thread(target=load).start()
"""


def test_many_threads_may_load_the_first_one_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", AT_ONCE], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, "loaded " * 8), done.stderr
