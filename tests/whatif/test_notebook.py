"""The notebook runs from its first cell to its last, and prints what is kept in it."""

import json
import shutil
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
PLACE = EXAMPLES / "notebook"
NOTEBOOK: dict[str, Any] = json.loads((PLACE / "what_if.ipynb").read_text(encoding="utf-8"))


def test_its_cells_print_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(EXAMPLES / "exam-in-place", tmp_path / "exam-in-place")
    (tmp_path / "notebook").mkdir()
    monkeypatch.chdir(tmp_path / "notebook")
    names: dict[str, Any] = {}
    for number, cell in enumerate(code(), 1):
        said = StringIO()
        with redirect_stdout(said):
            exec(compile("".join(cell["source"]), f"cell {number}", "exec"), names)
        (output,) = cell["outputs"]
        assert said.getvalue() == "".join(output["text"]), f"cell {number}"
        assert cell["execution_count"] == number


def code() -> list[dict[str, Any]]:
    return [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]


def test_it_is_a_notebook() -> None:
    """By the fields that version 4.5 of the format requires."""
    assert (NOTEBOOK["nbformat"], NOTEBOOK["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in NOTEBOOK["cells"]}) == len(NOTEBOOK["cells"])
    assert all({"cell_type", "id", "metadata", "source"} <= set(c) for c in NOTEBOOK["cells"])
    assert len(code()) > 5
