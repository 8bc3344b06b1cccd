"""Other programs, in an environment of their own: pm4py is under the AGPL, nothing imports it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PYTHON = HERE.parents[1] / ".venv" / ".peers" / "bin" / "python"
SCHEMAS = HERE / "schemas"


def ask(folder: Path, *arguments: object) -> Any:
    """What a peer says of a file (`peer.py`); skipped where there is none, but never in CI."""
    if not PYTHON.exists():  # `scripts/prepare` says how they come
        missing = "scripts/test could not install pm4py and jsonschema: no package index"
        assert not os.environ.get("CI"), missing
        pytest.skip(missing)
    done = subprocess.run(
        [PYTHON, HERE / "peer.py", *map(str, arguments)],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads((folder / "answer.json").read_text(encoding="utf-8"))
