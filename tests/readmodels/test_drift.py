"""A check names what a target holds otherwise than a replay says, and a repair mends that."""

import pytest
from logs import (
    Clock,
    opened,
    runner_of,
    states,
    to_the_end,
)
from msgspec.structs import replace

from projections.readmodels.memory import MemoryTarget
from projections.readmodels.target import TargetError
from projections.readmodels.watch import drift

END = 1_800_000_000_000_000


def test_drift_is_named_and_repaired(url: str, expected: MemoryTarget) -> None:
    target = MemoryTarget()
    with opened(url) as source:
        to_the_end(runner_of(source, target, Clock(END)))
        runner_of(source, target, Clock(END))
        (live,) = target.generations()
        target.release(1, "me")
        assert drift.check(source, target, live).left == 0
        rows = target.rows[1]
        first, second, third, *_ = sorted(rows)
        rows[first].standing = rows[first].standing.replace(b'"score":"', b'"score":"1')
        rows[second].next_change_at = 1
        del rows[third]
        rows["ghost"] = replace(rows[second], creator="ghost", position=1)
        found = drift.check(source, target, live)
        assert found.differs == {
            first: ["standing"],
            second: ["next_change_at"],
            third: ["missing"],
            "ghost": ["stray"],
        }
        assert found.left >= 4
        target.lead(1, "other:1:x", 60)
        with pytest.raises(TargetError, match=r"other:1 leads memory: stop that runner"):
            drift.repair(source, target, live, found, "fixer")
        target.release(1, "other:1:x")
        drift.repair(source, target, live, found, "fixer")
        assert drift.check(source, target, live).left == 0
    assert states(target) == states(expected)


def test_a_sample_takes_some(url: str) -> None:
    target = MemoryTarget()
    with opened(url) as source:
        to_the_end(runner_of(source, target, Clock(END)))
        (live,) = target.generations()
        found = drift.check(source, target, live, sample=0.5, seed=4)
        assert 0 < found.compared < len(target.rows[1])
        assert not found.counted
