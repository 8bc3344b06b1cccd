"""The notebook about everybody runs from its first cell to its last, and prints what is kept."""

import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOK: dict[str, Any] = json.loads(
    (ROOT / "examples" / "notebook" / "population.ipynb").read_text(encoding="utf-8")
)


def test_its_cells_print_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples" / "notebook").mkdir(parents=True)
    (tmp_path / "scripts").symlink_to(ROOT / "scripts")
    monkeypatch.chdir(tmp_path / "examples" / "notebook")
    monkeypatch.delenv("CREATORS", raising=False)
    names: dict[str, Any] = {}
    cells = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]
    assert len(cells) > 5
    for number, cell in enumerate(cells, 1):
        said = StringIO()
        with redirect_stdout(said):
            exec(compile("".join(cell["source"]), f"cell {number}", "exec"), names)
        (output,) = cell["outputs"]
        assert said.getvalue() == "".join(output["text"]), f"cell {number}"
        assert cell["execution_count"] == number
    assert Path("both.svg").read_text("utf-8").startswith("<svg")
