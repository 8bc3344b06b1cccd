"""Clocks that jump and moments that are missed: rows stay a replay, changes keep their order."""

from pathlib import Path

from readmodels.logs import DAY, Clock, by_creator, carry, followed, fresh, opened, record

from ledger.envelope import Envelope
from ledger.facts import CreatorEnrolled, ViolationFound
from ledger.log import open_log
from projections.readmodels.memory import MemoryTarget
from projections.readmodels.target import Step

HOUR = DAY // 24
FOUND_AT = 1_720_573_200_000_000
"""2024-07-10T01:00Z; what is found then stops mei for a day."""
DUE = FOUND_AT + DAY


def found(violation: str) -> ViolationFound:
    return ViolationFound(violation, "misleading", "other")


FACTS = (
    Envelope("s", "1", "mei", FOUND_AT - DAY, CreatorEnrolled(), FOUND_AT - DAY),
    Envelope("s", "2", "mei", FOUND_AT, found("v"), FOUND_AT),
    Envelope("s", "3", "ann", FOUND_AT, CreatorEnrolled(), DUE - HOUR),
)


class Frozen(MemoryTarget):
    """Hours pass while one step is applied, and something is recorded meanwhile."""

    def __init__(self, position: int, meanwhile: "object") -> None:
        super().__init__()
        self.position, self.meanwhile = position, meanwhile

    def apply(self, step: Step, owner: str, seconds: float) -> None:
        super().apply(step, owner, seconds)
        if step.after.position == self.position and callable(self.meanwhile):
            self.position = 0
            self.meanwhile()


def test_what_is_recorded_while_a_runner_is_frozen_comes_before_what_falls_due_later(
    tmp_path: Path,
) -> None:
    url, clock, expected = fresh(tmp_path / "l.db"), Clock(DUE - HOUR), MemoryTarget()
    early = Envelope("s", "4", "mei", FOUND_AT, found("w"), DUE - 1)
    with open_log(url) as log, opened(url) as source:

        def meanwhile() -> None:
            clock.now = DUE + HOUR
            record(log, [[early]])

        record(log, [[e] for e in FACTS])
        target = Frozen(3, meanwhile)
        carry(followed(source, target, clock, page=1))
        carry(followed(source, expected, clock))
    assert by_creator(target.feed) == by_creator(expected.feed)
