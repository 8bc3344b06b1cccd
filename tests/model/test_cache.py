"""What was compiled lies where nobody but its user can put anything: it is loaded as code."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from projections.fold.row import Row
from replay.population import kernels
from replay.population.cache import place
from replay.population.columns import narrow_facts
from replay.population.compiler.layout import Memory
from replay.population.compiler.program import Field, run

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
    (home / ".cache").touch()
    with pytest.warns(UserWarning, match="^compiled without a cache: "):
        assert answer(compiled()) == 24


@pytest.fixture
def kept(home: Path) -> Path:
    """Where the one kernel lies that was made."""
    compiled()
    (found,) = (home / ".cache" / "penalty-ledger").glob("*/*.json")
    return found


def compiled(**settled: int) -> kernels.Kernel:
    known = {Field("Sum", name): value for name, value in settled.items()}
    return kernels.kernel(known, kernels.Wish({"Fact": narrow_facts()}), total, Sum)


class Sum(metaclass=Row):
    """A task for a program that is compiled in no time."""

    times: int
    more: int
    numbers: list[int]


def total(task: Sum) -> int:
    found = task.more
    for i in range(3):
        found += task.numbers[i] * task.times
    return found


def answer(law: kernels.Kernel, times: int = 4, more: int = 0) -> int:
    task: Any = Sum()
    task.times, task.more, task.numbers = times, more, [1, 2, 3]
    memory = Memory(law.layouts)
    return law.call(memory.address(memory.rows([task], Sum)))


def test_what_was_made_is_found_again(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "make", None)
    assert answer(compiled()) == 24
    assert answer(compiled(times=5), times=5) == 30  # takes nothing for granted: it serves all


def test_one_that_takes_more_for_granted_serves_where_it_is_so(home: Path) -> None:
    assert answer(compiled(more=0, times=2), times=2) == 12
    assert answer(compiled(more=0), times=4) == 24
    (ours,) = (home / ".cache" / "penalty-ledger").iterdir()
    assert len(list(ours.glob("*.o"))) == 2
    assert answer(compiled(more=0, times=7), times=7) == 42
    assert len(list(ours.glob("*.o"))) == 2


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(b"?"), Path.unlink])
def test_code_that_is_not_what_was_kept_is_made_anew(
    kept: Path, spoil: Callable[[Path], object]
) -> None:
    for suffix in (".o", ".json"):
        spoil(kept.with_suffix(suffix))
        assert answer(compiled()) == 24
        assert kept.with_suffix(suffix).stat().st_size > 100


def test_the_law_as_it_is_compiled_lies_there_to_be_read(kept: Path) -> None:
    defined = run(kept.with_suffix(".py").read_text(), "<kept>")
    task: Any = Sum()
    task.times, task.more, task.numbers = 4, 1, [1, 2, 3]
    assert defined["total"](task) == 25
