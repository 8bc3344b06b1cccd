"""docs/architecture.md shows the rooms that there are, and its walk runs and names what exists."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from documents import DOCS, run

from .sources import ROOMS as TOPS
from .sources import ROOT, modules
from .test_imports import ROOMS

PAGE = (DOCS / "architecture.md").read_text(encoding="utf-8")
NAMES = sorted(set(re.findall(rf"`((?:{'|'.join(TOPS)})\.[\w.]+)`", PAGE)))


def test_the_plan_has_every_room() -> None:
    tree = next(
        block for block in re.findall(r"^```\n(.*?)^```", PAGE, re.M | re.S) if "/" in block
    )
    above: list[str] = []
    shown = []
    for indent, name in re.findall(r"^( *)(\w+)/", tree, re.M):
        above[len(indent) // 2 :] = [name]
        shown.append(".".join(above))
    assert sorted(shown) == sorted(ROOMS)


def test_the_walk_prints_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    run(PAGE, "architecture.md")


@pytest.mark.parametrize("name", NAMES)
def test_what_is_named_is_there(name: str) -> None:
    module = name
    while module not in modules():
        module = module.rpartition(".")[0]
    found: Any = import_module(module)
    for part in name.removeprefix(module).split(".")[1:]:
        found = getattr(found, part)


def test_every_file_of_the_law_and_of_read_models_is_in_its_table() -> None:
    for heading, room in (
        ("The fold", "projections.fold"),
        ("Read models", "projections.readmodels"),
    ):
        section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
        named = set(re.findall(r"`(\w+)/?`", "".join(re.findall(r"^\| (.*?) \|", section, re.M))))
        living = {
            n.removeprefix(f"{room}.").partition(".")[0]
            for n in modules()
            if n.startswith(f"{room}.")
        }
        assert named <= living
        if room == "projections.readmodels":
            assert named == living
