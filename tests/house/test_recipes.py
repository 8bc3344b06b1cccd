"""The recipes of docs/contributing.md list every file that speaks of their examples."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from .sources import ROOT, files

PAGE = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))
SUFFIXES = (".py", ".lua", ".toml", ".md", ".json", ".txt", ".jsonl", "")
FREE = ("tests/", "docs/decisions/", "docs/contributing.md", "CHANGELOG.md", "uv.lock")
"""What may speak of an example and is no part of its recipe."""
DATA = ("ledger/rulebooks/", "examples/")
"""What uses a fact or a concept, and is a recipe's own only where it is a rulebook's."""


@cache
def texts() -> dict[str, str]:
    """{path: itself and what is in it}, of the whole project."""
    found = {}
    for path in files(*SUFFIXES):
        name = str(path.relative_to(ROOT))
        found[name] = f"{name}\n{name.replace('/', '.')}\n{path.read_text(encoding='utf-8')}"
    return found


def mention(words: list[str]) -> set[str]:
    return {path for path, text in texts().items() if any(word in text for word in words)}


@pytest.mark.parametrize("title", RECIPES)
def test_a_recipe_lists_the_files_that_its_example_touches(title: str) -> None:
    section = RECIPES[title]
    words = re.findall(r"`(.*?)`", re.findall(r"^Example: (.*)$", section, re.M)[0])
    rows = set(re.findall(r"^\| `(.*?)` \|", section, re.M))
    found = mention(words)
    assert not [row for row in rows if not (ROOT / row).is_file()]
    silent = {row for row in rows - found if not row.startswith("tests/house/")}
    assert not silent, f"nothing in {sorted(silent)} is about {words[0]}"
    free = FREE if title == "A rulebook" else (*FREE, *DATA)
    missing = {path for path in found - rows if not path.startswith(free)}
    assert not missing, f"the recipe does not have {sorted(missing)}"


def test_the_recipes_are_these() -> None:
    kinds = ("A fact type", "A concept of rules", "A rulebook", "A target", "A question")
    assert tuple(RECIPES) == kinds


SCHEMAS = dict(re.findall(r"^\| `(docs/schema/.*?)` \| `(.*?)`", PAGE, re.M))


def test_the_schemas_are_all_there() -> None:
    held = {str(path.relative_to(ROOT)) for path in (ROOT / "docs" / "schema").iterdir()}
    assert set(SCHEMAS) == held


@pytest.mark.parametrize("path", SCHEMAS)
def test_a_schema_is_made_as_it_says(path: str) -> None:
    here = str(Path(sys.executable).parent)
    command = [f"{here}/{word}" if i == 0 else word for i, word in enumerate(SCHEMAS[path].split())]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == (ROOT / path).read_text(encoding="utf-8")
