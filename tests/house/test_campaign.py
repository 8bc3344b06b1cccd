"""`scripts/campaign` names what there is, and ends with 1 if anything was wrong."""

import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import count
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from faults.judge import Verdict
from reasons.search import Result

from .sources import ROOT

SCRIPT = ROOT / "scripts" / "campaign.py"


@pytest.fixture
def part(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(SCRIPT.parent)
    return import_module(f"campaign_parts.{request.param}")


def test_the_campaigns_are_listed() -> None:
    command = [sys.executable, str(SCRIPT), "--help"]
    listed = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert "readmodels" in listed
    assert "reasons" in listed


@pytest.mark.parametrize("part", ["readmodels"], indirect=True)
@pytest.mark.parametrize("lost", [0, 3])
def test_what_is_lost_ends_with_1(part: Any, monkeypatch: pytest.MonkeyPatch, lost: int) -> None:
    def rounds(_: Random) -> Iterator[Any]:
        for n in count(1):
            yield part.Suffered("a fault", n, Verdict(lost=lost if n == 2 else 0))

    monkeypatch.setattr(part, "rounds", rounds)
    done = CliRunner().invoke(part.campaign, ["--minutes", "0.001", "--seed", "77"])
    assert done.exit_code == min(lost, 1)
    assert "readmodels: seed 77" in done.stdout
    assert "a fault" in done.stdout


@pytest.mark.parametrize("part", ["reasons"], indirect=True)
def test_defects_end_with_1(part: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    args = ["--pairs", "60", "--rulebook", "idle", "--processes", "1", "--seed", "77"]
    for defects in (0, 2):
        monkeypatch.setattr(Result, "defects", defects)
        done = CliRunner().invoke(part.campaign, args)
        assert done.exit_code == min(defects, 1)
        assert "reasons: seed 77" in done.stdout
        assert "uncited" in done.stdout
