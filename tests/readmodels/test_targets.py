"""Every target keeps the contract, with the real server behind it."""

import pytest

from projections.readmodels.contract import TargetContract
from projections.readmodels.memory import MemoryTarget
from projections.readmodels.target import Change, Target


class TestMemory(TargetContract):
    @pytest.fixture
    def target(self) -> Target:
        return MemoryTarget()

    def changes(self, target: Target) -> list[Change]:
        assert isinstance(target, MemoryTarget)
        return target.feed
