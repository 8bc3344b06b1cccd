"""What numba compiled lies where nobody but its user can put anything: it is loaded as code."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from replay.population.cache import place

SPOILED: dict[str, Callable[[Path], object]] = {
    "a link": lambda path: path.symlink_to(path.parent),
    "a file": Path.touch,
    "open to others": lambda path: (path.mkdir(), path.chmod(0o755)),
}
if not os.getuid():
    SPOILED["of another"] = lambda path: (path.mkdir(0o700), os.chown(path, 65534, 65534))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_it_is_the_user_s_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = place("key")
    assert found == home / ".cache" / "penalty-ledger" / "key"
    assert found.stat().st_mode & 0o777 == found.parent.stat().st_mode & 0o777 == 0o700
    assert place("key") == found
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "xdg"))
    assert place("key") == home / "xdg" / "penalty-ledger" / "key"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # is to be passed over
    assert place("key") == found


@pytest.mark.parametrize("inside", [False, True], ids=["itself", "in it"])
@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_one_that_others_may_have_written_is_not_used(
    home: Path, spoil: Callable[[Path], object], inside: bool
) -> None:
    ours = home / ".cache" / "penalty-ledger"
    (ours if inside else ours.parent).mkdir(0o700, parents=True)
    ours.parent.chmod(0o700)
    spoil(ours / "key" if inside else ours)
    with pytest.warns(UserWarning, match="^compiled without a cache: "):
        assert place("key") is None


def test_without_one_it_is_compiled_all_the_same(home: Path) -> None:
    """A file that numba would load is there, and is left alone."""
    (home / ".cache").touch()
    code = (
        "from replay.population import kernel; import os;"
        "assert 'NUMBA_CACHE_DIR' not in os.environ; print(type(kernel._drive._cache).__name__)"
    )
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout == "NullCache\n"
    assert "compiled without a cache" in done.stderr
