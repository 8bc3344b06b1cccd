"""The demo meets the published figures, says the same each time, and fails where one differs."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from .sources import ROOT

PROGRAM = ".venv/bin/penalty-ledger "
COMMAND = [sys.executable, str(ROOT / "scripts" / "demo.py")]


def demo(cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        COMMAND, cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_demo_meets_the_figures_and_is_deterministic(tmp_path: Path) -> None:
    first, second = demo(tmp_path), demo(tmp_path)
    assert first.returncode == 0, first.stdout + first.stderr
    assert first.stdout == second.stdout
    for figure in ("7.5", "8.5", "227", "kevin-magnussen", "closed_by_appeal"):
        assert figure in first.stdout


def test_what_it_suggests_shows_the_ban_as_served(tmp_path: Path) -> None:
    """The commands that it prints, one after the other, in a folder of their own."""
    said = [line.strip() for line in demo(tmp_path).stdout.splitlines()]
    commands = [line.removeprefix(PROGRAM) for line in said if line.startswith(PROGRAM)]
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-c", "from replay.cli import main; main()", *shlex.split(command)],
            cwd=tmp_path, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert "2024-09-15 00:00 served" in " ".join(done.stdout.split())
    assert "running" not in done.stdout


def test_a_figure_that_differs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    from demo_parts.checks import Checks

    checks = Checks()
    assert checks.equal("score", "7", "7")
    assert not checks.equal("score", "6", "7")
    assert (checks.met, checks.failed) == (1, ["score: '6', published '7'"])
