"""What travels: a wheel holds the code, and what the code reads beside itself."""

import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

from .sources import ROOMS, ROOT

BUILD = "import sys; from {backend} import build_wheel; build_wheel(sys.argv[1])"
READ = (".css", ".lua", ".toml", ".txt", ".typed", "PUBLISHED")
"""What is read by code, by people's checkers or by `rulebook test`."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel that pyproject's own backend builds, without a network."""
    backend = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-c", BUILD.format(backend=backend["build-backend"]), str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    with ZipFile(built) as archive:
        return set(archive.namelist())


def test_everything_that_the_code_reads_is_in_it(wheel: set[str]) -> None:
    ours = {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.name.endswith((".py", *READ))
    }
    assert ours <= wheel


@pytest.mark.parametrize(
    "name",
    [
        *(f"{room}/py.typed" for room in ROOMS),
        "ledger/rulebooks/PUBLISHED",
        "ledger/rulebooks/douyin-creator/2024-07.toml",
        "ledger/rulebooks/douyin-creator/cases/exams.txt",
        "ledger/templates/cases.txt",
        "ledger/templates/rulebook.toml",
        "projections/explain/messages/en.toml",
        "projections/explain/messages/zh.toml",
        "projections/readmodels/redis/apply.lua",
        "projections/readmodels/redis/common.lua",
        "replay/pages/page.css",
        "replay/picture/palette.css",
    ],
)
def test_each_kind_of_file_is_in_it(wheel: set[str], name: str) -> None:
    assert name in wheel


def test_nothing_else_is_in_it(wheel: set[str]) -> None:
    tops = {Path(name).parts[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(ROOMS)
    assert not {name for name in wheel if "__pycache__" in name}
