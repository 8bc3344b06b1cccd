"""Every command is described, and what the documents say to type is typed here.

A block ```sh in README.md or an example's README is run from a folder that holds the project's
examples. Lines that begin with `scripts/` take long and are only looked for; a line that needs a
file which the project does not have is left out.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from replay.cli import COMMANDS, RULEBOOK, main

from .sources import ROOT, files

PROGRAM = Path(sys.executable).parent / "penalty-ledger"
READMES = sorted(ROOT.glob("README.md")) + sorted(ROOT.glob("examples/*/README.md"))
NOT_OURS = ("road_traffic_fines.csv.gz", "roads.db")


def said() -> str:
    texts = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    return "\n".join(path.read_text(encoding="utf-8") for path in texts)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_described(name: str) -> None:
    assert re.search(rf"penalty-ledger [^\n`]*\b{name}\b|`{name}\b", said())


@pytest.mark.parametrize("name", RULEBOOK)
def test_a_command_about_rulebooks_is_described(name: str) -> None:
    assert f"`rulebook {name}" in said()


def leaves(group: click.Group) -> Iterator[click.Command]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command)
        else:
            yield command


def test_every_option_says_what_it_is_for() -> None:
    commands = list(leaves(main))
    assert len(commands) >= len(COMMANDS) - 1 + len(RULEBOOK)
    for command in commands:
        assert command.help, command.name
        options = [p for p in command.params if isinstance(p, click.Option)]
        assert all(option.help for option in options), command.name


def lines(path: Path) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", path.read_text(encoding="utf-8"), re.M | re.S)
    joined = "".join(blocks).replace("\\\n", " ")
    return [line for text in joined.splitlines() if (line := text.partition(" #")[0].strip())]


@pytest.mark.parametrize("readme", READMES, ids=lambda p: str(p.relative_to(ROOT)))
def test_what_a_readme_says_to_type_works(readme: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    bin_folder = tmp_path / ".venv" / "bin"
    bin_folder.mkdir(parents=True)
    (bin_folder / "penalty-ledger").symlink_to(PROGRAM)
    path = f"{bin_folder}:/usr/bin:/bin"
    for line in lines(readme):
        if line.startswith(("scripts/", "git ", "cd ")):
            script = line.split()[0]
            assert not script.startswith("scripts/") or (ROOT / script).exists()
        elif not any(word in line for word in NOT_OURS):
            done = subprocess.run(
                ["/bin/bash", "-c", line], cwd=tmp_path, env={"PATH": path, "LANG": "C.UTF-8"},
                capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


def test_documents_are_utf_8_and_end_with_a_line() -> None:
    for path in files(".md"):
        assert path.read_bytes().decode("utf-8").endswith("\n"), path
