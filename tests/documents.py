"""Documents whose blocks of Python are one program: each is run, and prints the block below it."""

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs"
Block = tuple[str, str]
"""Code, and what it prints."""


def blocks(text: str) -> list[Block]:
    """The blocks ```python, each with the block ```text that follows it at once."""
    return re.findall(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```)?", text, re.M | re.S)


def run(text: str, name: str) -> None:
    """Raises AssertionError where a block prints something else."""
    names: dict[str, Any] = {}
    for code, shown in blocks(text):
        said = StringIO()
        with redirect_stdout(said):
            exec(compile(code, name, "exec"), names)
        assert said.getvalue() == shown, code
