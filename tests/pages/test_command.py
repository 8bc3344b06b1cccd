"""`audit --html FILE --svg FILE`: files of one's own, whole or not there, and what goes wrong."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from samples import EXAM_FIRST, envelopes, store

from replay.cli import main


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    return store(tmp_path, envelopes(EXAM_FIRST))


def audit(ledger: str, *words: str) -> Result:
    return CliRunner().invoke(main, ["--db", ledger, "audit", *words])


def test_it_writes_a_page_and_a_picture_for_their_owner(ledger: str, tmp_path: Path) -> None:
    page, picture = tmp_path / "mei.html", tmp_path / "mei.svg"
    done = audit(ledger, "mei", "--html", str(page), "--svg", str(picture), "--lang", "zh")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.count(" written\n") == 2  # which files, for whoever waits
    assert page.read_text("utf-8").startswith('<!doctype html>\n<html lang="zh-CN">')
    assert picture.read_text("utf-8").startswith("<svg ")
    assert {page.stat().st_mode & 0o777, picture.stat().st_mode & 0o777} == {0o600}


def test_a_hyphen_is_standard_output(ledger: str) -> None:
    assert audit(ledger, "mei", "--svg", "-").output.startswith("<svg ")


def test_an_old_file_stays_where_the_new_one_fails(ledger: str, tmp_path: Path) -> None:
    old = tmp_path / "mei.html"
    old.write_text("old")
    assert audit(ledger, "nobody", "--html", str(old)).exit_code == 1
    assert old.read_text() == "old"


def test_the_picture_is_of_the_time_asked_for(ledger: str) -> None:
    at = ("--as-of", "2024-07-20")
    close = ("--from", "2024-07-12", "--to", "2024-07-12 12:00")
    assert ">10:00</text>" not in audit(ledger, "mei", *at, "--svg", "-").output
    assert ">10:00</text>" in audit(ledger, "mei", *at, "--svg", "-", *close).output


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nobody", "--svg", "x.svg"), 1, 'no fact is recorded of a creator "nobody"'),
        (("mei", "--svg", "missing/x.svg"), 1, "No such file or directory"),
        (("mei", "--html", "x.html", "--lang", "fr"), 2, "'fr' is not one of"),
        (("mei", "--html"), 2, "requires an argument"),
        (("mei", "--html", "x.html", "--json"), 2, "show the whole record"),
        (("mei", "--svg", "x.svg", "--last", "3"), 2, "take only --from and --to"),
    ],
)
def test_what_goes_wrong_is_said(
    ledger: str, words: tuple[str, ...], code: int, said: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    done = audit(ledger, *words)
    assert done.exit_code == code
    assert said in done.output
