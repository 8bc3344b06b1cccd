"""`scripts/campaign` names what there is, and ends with 1 if anything was lost."""

import subprocess
import sys
from pathlib import Path

import pytest

from .sources import ROOT

SCRIPT = ROOT / "scripts" / "campaign.py"
PART = '''"""A part."""
from itertools import count
from types import SimpleNamespace as One
def rounds(random):
    for n in count(1):
        lost = {lost} if n == 2 else 0
        yield One(
            fault="a fault", round=n,
            verdict=One(lost=lost, duplicated=0, drifted=0, clean=not lost),
        )
'''


def campaign(script: Path, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(script), *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_an_unknown_campaign_lists_those_there_are() -> None:
    done = campaign(SCRIPT, "nope")
    assert done.returncode == 2
    assert "'readmodels'" in done.stderr


@pytest.mark.parametrize("lost", [0, 3])
def test_the_table_has_the_seed_and_what_is_lost_ends_with_1(tmp_path: Path, lost: int) -> None:
    script = tmp_path / "campaign.py"
    script.write_text(SCRIPT.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "campaign_parts").mkdir()
    (tmp_path / "campaign_parts" / "part.py").write_text(PART.replace("{lost}", str(lost)))
    done = campaign(script, "part", "--minutes", "0.001", "--seed", "77")
    assert done.returncode == min(lost, 1)
    assert "part: seed 77" in done.stdout
    assert "a fault" in done.stdout
