"""The simplest target that others can read: a line of JSON for each row, change and checkpoint.

Nothing is read back. Each run begins with the rows as they are and goes on with what changes; who
needs to know where to go on keeps rows in a target that keeps them.
"""

from collections.abc import Callable

from msgspec import Raw

from projections.readmodels.memory import MemoryTarget
from projections.readmodels.rows import document
from projections.readmodels.target import Step
from projections.standing.writing import json_line


class LinesTarget(MemoryTarget):
    """Rows in this process, told line by line. A line is whole or was never acknowledged."""

    name = "standard output"

    def __init__(self, write: Callable[[bytes], None]) -> None:
        super().__init__()
        self._write = write

    def apply(self, step: Step, owner: str, seconds: float) -> None:
        super().apply(step, owner, seconds)
        self.feed.clear()
        lines = [{"row": Raw(document(row))} for row in step.rows]
        lines += [{"change": Raw(change.event)} for change in step.changes]
        if lines or step.before is None or step.before.phase != step.after.phase:
            written = [json_line(line) for line in (*lines, {"checkpoint": step.after})]
            self._write("".join(f"{line}\n" for line in written).encode())
