"""`scripts/make_history --parquet` makes the archive that a log with its lines would have."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from test_archive_refused import project

from projections.archive.plan import Archive
from projections.archive.reading import read
from replay.cli import main

SCRIPTS = Path(__file__).parents[2] / "scripts"


def made(*words: str) -> int:
    from make_history import main as make

    return CliRunner().invoke(make, ["--creators", "60", "--seed", "3", *words]).exit_code


def test_it_is_what_a_log_of_its_lines_becomes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    assert made("--out", str(tmp_path / "lines.jsonl")) == 0
    assert made("--parquet", str(tmp_path / "straight")) == 0
    assert made("--parquet", str(tmp_path / "straight")) == 3, "it is not empty any more"
    words = ["--db", f"sqlite:///{tmp_path}/log.db", "import", "--trust-recorded-times"]
    assert CliRunner().invoke(main, [*words, str(tmp_path / "lines.jsonl")]).exit_code == 0
    assert project(tmp_path / "log.db", tmp_path / "archive").exit_code == 0
    one, other = (Archive.open(str(tmp_path / name)) for name in ("straight", "archive"))
    assert one.facts == other.facts > 500
    for mine, theirs in zip(one.tasks(), other.tasks(), strict=True):
        a, b = read(mine), read(theirs)
        assert a.facts.equals(b.facts)
        assert a.given.keys() == b.given.keys()
        assert all(a.given[type_].table.equals(b.given[type_].table) for type_ in a.given)
    assert one.manifest.log.hash == "", "it is of nobody's log"
