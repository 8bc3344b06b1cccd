"""No connection outlives its test."""

from collections.abc import Iterator

import pytest
import readmodels_world


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    readmodels_world.close_all()
