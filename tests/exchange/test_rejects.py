"""Reject files: what a person has done with one is never undone, nor is a link followed."""

import json
import os
from pathlib import Path
from typing import Any, cast

import pytest

from ledger.exchange.dry_run import DryRun
from ledger.exchange.intake import How, import_jsonl
from ledger.log.port import Log

from .program import line, run
from .tables import AT, FOUND, HEADER, written


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "facts.jsonl"
    path.write_text("{\n" + line("1"))
    return path


def rejects(file: Path) -> Path:
    return file.with_name(file.name + ".rejects.jsonl")


@pytest.mark.parametrize(
    "mended",
    [line("2"), "{\n" + line("2"), "[\n"],
    ids=["mended", "longer", "of the same length"],
)
def test_what_a_person_has_mended_is_not_written_over(file: Path, mended: str) -> None:
    db = file.parent / "a.db"
    assert run(db, "import", str(file)).exit_code == 1
    rejects(file).write_text(mended)
    again = run(db, "import", str(file))
    assert again.exit_code == 3
    assert "were changed since they were set aside" in again.output
    assert rejects(file).read_text() == mended
    rejects(file).unlink()
    assert run(db, "import", str(file)).exit_code == 1
    assert rejects(file).read_text() == "{\n"


def test_rejects_of_another_file_are_not_written_over(file: Path) -> None:
    db, aside = file.parent / "a.db", str(file.parent / "r")
    other = file.with_name("other.jsonl")
    other.write_text("[\n")
    assert run(db, "import", str(file), "--rejects", aside).exit_code == 1
    assert run(db, "import", str(file), "--rejects", aside).exit_code == 1
    refused = run(db, "import", str(other), "--rejects", aside)
    assert (refused.exit_code, Path(aside).read_text()) == (3, "{\n")
    assert "holds lines of another file" in refused.output


def test_rejects_of_standard_input_are_never_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for text in ("{\n", "[\n", "(\n"):
        assert run(tmp_path / "a.db", "import", "-", stdin=text).exit_code == 1
    kept = [path.read_text() for path in sorted(tmp_path.glob("stdin.rejects*.jsonl"))]
    assert sorted(kept) == ["(\n", "[\n", "{\n"]


@pytest.mark.parametrize("target", ["o", "nowhere", "facts.jsonl", "victim"])
def test_a_link_is_never_followed(file: Path, target: str) -> None:
    victim = file.with_name("victim")
    victim.write_text("mine")
    link = file.with_name("o")
    link.symlink_to(target)
    result = run(file.parent / "a.db", "import", str(file), "--rejects", str(link))
    assert result.exit_code == 3, result.output
    assert result.output.startswith("error: ")
    assert "name another file for them" in result.output
    assert (victim.read_text(), link.is_symlink()) == ("mine", True)
    assert not file.with_name("nowhere").exists()


def test_rejects_of_a_table_are_in_its_encoding(tmp_path: Path) -> None:
    for encoding in ("gb18030", "utf-16"):
        mapping = written(tmp_path, f'[csv]\nencoding = "{encoding}"\n' + FOUND)
        table = tmp_path / f"{encoding}.csv"
        rows = f"{HEADER}\n1,陈美,{AT},x,\n2,陈美,不详,x,\n"
        table.write_text(rows, encoding=encoding)
        db = tmp_path / f"{encoding}.db"
        args = ("--mapping", str(mapping), "--json")
        assert json.loads(run(db, "import", str(table), *args).output)["refused"] == 1
        aside = table.with_name(table.name + ".rejects.csv")
        assert aside.read_text(encoding=encoding) == f"{HEADER}\n2,陈美,不详,x,\n"
        text = aside.read_text(encoding=encoding)
        aside.write_text(text.replace("不详", AT), encoding=encoding)
        assert json.loads(run(db, "import", str(aside), *args).output)["recorded"] == 1


def test_lines_are_on_disk_before_their_page_is_committed(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    synced = os.fsync

    def fsync(fd: int) -> None:
        events.append(Path(f"/proc/self/fd/{fd}").resolve().name)
        synced(fd)

    class Watched(DryRun):
        def append(self, *args: Any, **named: Any) -> Any:
            answer = super().append(*args, **named)
            events.append("committed")
            return answer

    monkeypatch.setattr(os, "fsync", fsync)
    file.write_text("{\n" + line("1") + line("1", level=4) + line("2"))
    how = How(page=2, rejects=rejects(file))
    assert import_jsonl(file, cast(Log, Watched(None)), how).conflicts == 1
    name = rejects(file).name
    page = [f"{name}.why", name, "committed"]
    assert events == [file.parent.name, *page, *page, "committed"]
