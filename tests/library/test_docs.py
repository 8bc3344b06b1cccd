"""docs/library.md is one program: it runs, prints what is shown, and is well typed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from documents import DOCS, blocks, run

import replay.library
from replay.library import Ledger

PAGE = (DOCS / "library.md").read_text(encoding="utf-8")


def test_it_prints_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(PAGE, "library.md")


def test_it_is_well_typed(tmp_path: Path) -> None:
    """As somebody sees it who has installed the package: without `py.typed` this is an error."""
    program = tmp_path / "walk.py"
    program.write_text("\n".join(code for code, _ in blocks(PAGE)), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", str(program)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_names_everything_that_is_public() -> None:
    public = {name for name in vars(Ledger) if not name.startswith("_")}
    for name in public | {n for n in replay.library.__all__ if n not in ("Fact", "Time")}:
        assert re.search(rf"\b{name}\b", PAGE), name
