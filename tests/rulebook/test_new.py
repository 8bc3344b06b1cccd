"""What `rulebook new` writes is sound, tested, and shows every concept."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ledger.rulebook.checks.warnings import warnings
from ledger.rulebook.figures import figures
from ledger.rulebook.file import load
from replay.cli import main


@dataclass
class Started:
    result: Result
    file: Path


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(main, ["rulebook", *(str(a) for a in args)])


@pytest.fixture
def started(tmp_path: Path) -> Started:
    result = run("new", "my-shop", "--version", "2026-01", "--dir", tmp_path)
    return Started(result, tmp_path / "my-shop" / "2026-01.toml")


def test_it_is_sound_and_every_figure_is_assumed(started: Started) -> None:
    assert started.result.exit_code == 0, started.result.output
    book = load(started.file)
    assert book.label == "my-shop@2026-01"
    assert all(book.cite(path).assumed for path in figures(book))
    assert warnings(book) == []
    assert run("check", started.file).exit_code == 0


def test_its_cases_pass(started: Started) -> None:
    for place in (started.file, started.file.parent, started.file.with_suffix(".cases.txt")):
        result = run("test", place)
        assert "2 of 2 passed" in result.stdout, result.output


def test_what_is_commented_out_is_sound_too(started: Started) -> None:
    text = started.file.read_text("utf-8")
    live = re.sub(r"^#(?=\S)", "", text, flags=re.M)
    assert live.count("\n#") < text.count("\n#")
    book = load(live.encode())
    for concept in ("sources", "ladders", "courses", "accrual_exam", "exam", "clauses"):
        assert getattr(book, concept), concept


def test_nothing_is_overwritten(started: Started) -> None:
    folder = started.file.parent
    started.file.write_text("mine")
    result = run("new", "my-shop", "--version", "2026-01", "--dir", folder.parent)
    assert result.exit_code == 3
    assert result.stderr == (
        f"error: {started.file} is there already; choose another --version or --dir\n"
    )
    assert started.file.read_text() == "mine"
    started.file.unlink()
    assert run("new", "my-shop", "--version", "2026-01", "--dir", folder.parent).exit_code == 3
    assert not started.file.exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("My shop",), 'found "My shop"; lower-case letters, digits and - are allowed'),
        (("../shop",), 'found "../shop"'),
        (("shop", "--version", "a/b"), 'found "a/b"; letters, digits, . and - are allowed'),
    ],
)
def test_a_name_that_is_none(tmp_path: Path, args: tuple[str, ...], said: str) -> None:
    result = run("new", *args, "--dir", tmp_path)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_place_that_can_not_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("a file where the directory should be")
    result = run("new", "shop", "--dir", tmp_path)
    assert result.exit_code == 3
    assert "can't be written: " in result.stderr
