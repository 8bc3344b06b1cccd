"""No connection outlives its test; a log of made-up creators, and the target that followed it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import readmodels_world
from logs import Clock, carry, followed, fresh, opened, population, record

from ledger.log.port import open_log
from projections.readmodels.memory import MemoryTarget

END = 1_800_000_000_000_000


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    readmodels_world.close_all()


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = fresh(tmp_path / "ledger.db")
    with open_log(url) as log:
        record(log, population(11, creators=8, longest=20))
    return url


@pytest.fixture
def expected(url: str) -> MemoryTarget:
    target = MemoryTarget()
    with opened(url) as source:
        carry(followed(source, target, Clock(END)))
    return target
