"""Each fault once, on each kind of place, with real servers and real runners.

`scripts/campaign readmodels` does the same for as long as wanted.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from random import Random

import pytest

from .places import PLACES, made
from .scene import Scene
from .table import FAULTS, Fault


class Stage:
    """One scene of each kind for all tests of a worker; another after one that failed."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[Scene, ExitStack]] = {}

    def scene(self, kind: str) -> Scene:
        if kind not in self._open:
            stack = ExitStack()
            scene = Scene(stack.enter_context(made(kind)), Random(kind))
            stack.callback(scene.close)
            self._open[kind] = scene, stack
        return self._open[kind][0]

    def clear(self, kind: str) -> None:
        if kind in self._open:
            self._open.pop(kind)[1].close()


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    for kind in PLACES:
        stage.clear(kind)


CASES = [(kind, fault) for kind in PLACES for fault in FAULTS if kind in fault.places]


@pytest.mark.parametrize(("kind", "fault"), CASES, ids=[f"{f.name}, {k}" for k, f in CASES])
def test_nothing_is_lost_or_doubled_or_wrong_after(stage: Stage, kind: str, fault: Fault) -> None:
    scene = stage.scene(kind)
    try:
        fault.do(scene)
        verdict = scene.judge()
        assert verdict.clean, verdict
    except BaseException:
        stage.clear(kind)
        raise
