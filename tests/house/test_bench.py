"""`scripts/bench` finds its parts, names them, and speaks JSON; what it measures is not tested."""

import json
import subprocess
import sys
from pathlib import Path

from .sources import ROOT

SCRIPT = str(ROOT / "scripts" / "bench.py")
PART = '''"""A part."""
def figures():
    yield {"name": "a", "value": 1.5, "unit": "s", "against": "b", "ratio": 2.0,
           "target": "<= 1", "met": False}
'''


def bench(script: str, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, script, *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_an_unknown_part_lists_those_there_are() -> None:
    done = bench(SCRIPT, "nope")
    assert done.returncode == 2
    assert done.stderr.startswith("error: no part 'nope'; there are ")
    assert "cli" in done.stderr


def test_a_missed_target_ends_with_1_and_is_shown(tmp_path: Path) -> None:
    script = tmp_path / "bench.py"
    script.write_text(Path(SCRIPT).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "bench_parts").mkdir()
    (tmp_path / "bench_parts" / "part.py").write_text(PART)
    told, shown = bench(str(script), "--json"), bench(str(script), "part")
    assert (told.returncode, shown.returncode) == (1, 1)
    assert json.loads(told.stdout)["met"] is False
    assert "<= 1" in shown.stdout


def test_every_part_says_what_it_measures() -> None:
    for path in (ROOT / "scripts" / "bench_parts").glob("[a-z]*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith('"""'), path
        assert "def figures()" in text, path
