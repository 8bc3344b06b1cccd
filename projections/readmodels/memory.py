"""The simplest target: dictionaries. It is what the others are compared with."""

import time
from collections.abc import Callable, Iterable, Sequence

from projections.readmodels.rows import Row, Stored
from projections.readmodels.target import (
    Change,
    Checkpoint,
    FencedError,
    Generation,
    MovedError,
    Step,
    SupersededError,
    count_totals,
)


class MemoryTarget:
    """Rows in this process; they go with it."""

    name = "memory"

    def __init__(
        self, *, history: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.history = history
        self.rows: dict[int, dict[str, Row]] = {}
        self.feed: list[Change] = []
        self._checkpoints: dict[int, Checkpoint] = {}
        self._leases: dict[int, tuple[str, float]] = {}
        self._live: int | None = None
        self._clock = clock

    def owns(self, creator: str) -> bool:
        del creator
        return True

    def generations(self) -> list[Generation]:
        return [Generation(n, n == self._live, c) for n, c in sorted(self._checkpoints.items())]

    def lead(self, generation: int, owner: str, seconds: float) -> str:
        leader, until = self._leases.get(generation, (owner, 0.0))
        if leader != owner and self._clock() < until:
            return leader
        self._leases[generation] = owner, self._clock() + seconds
        return ""

    def release(self, generation: int, owner: str) -> None:
        if self._leases.get(generation, ("", 0.0))[0] == owner:
            del self._leases[generation]

    def apply(self, step: Step, owner: str, seconds: float) -> None:
        number = step.generation
        if leader := self.lead(number, owner, seconds):
            raise FencedError(f"{leader} leads generation {number}")
        if self._live is not None and self._live > number:
            raise SupersededError(f"generation {self._live} is live")
        if self._checkpoints.get(number) != step.before:
            raise MovedError(f"generation {number} is at another checkpoint")
        rows = self.rows.setdefault(number, {})
        for creator in step.removed:
            rows.pop(creator, None)
        rows.update((row.creator, row) for row in step.rows)
        self.feed += step.changes
        self._checkpoints[number] = step.after

    def swap(self, generation: int, owner: str, replaces: Checkpoint | None) -> bool:
        live = None if self._live is None else self._checkpoints[self._live]
        if live != replaces or self._leases.get(generation, (owner, 0.0))[0] != owner:
            return False
        self._live = generation
        return True

    def drop(self, generation: int) -> None:
        self.rows.pop(generation, None)
        self._checkpoints.pop(generation, None)
        self._leases.pop(generation, None)

    def stored(self, generation: int, creators: Sequence[str]) -> dict[str, Stored]:
        rows = self.rows.get(generation, {})
        return {
            c: Stored(row.position, row.as_of, row.next_change_at, row.standing)
            for c in creators
            if (row := rows.get(c)) is not None
        }

    def due(self, generation: int, until: int, limit: int) -> list[str]:
        rows = self.rows.get(generation, {}).values()
        due = [
            (at, r.creator) for r in rows if (at := r.next_change_at) is not None and at <= until
        ]
        return [creator for _, creator in sorted(due)[:limit]]

    def creators(self, generation: int, after: str = "", limit: int = 1000) -> list[str]:
        rows = self.rows.get(generation, {})
        return sorted(c for c in rows if c > after)[:limit]

    def parked(self, generation: int) -> dict[str, str]:
        rows = self.rows.get(generation, {}).values()
        return {row.creator: row.parked for row in rows if row.parked}

    def inspect(self, generation: int, rows: Iterable[Row]) -> dict[str, list[str]]:
        held = self.rows.get(generation, {})
        found: dict[str, list[str]] = {}
        for row in rows:
            old = held.get(row.creator)
            if old is None:
                found[row.creator] = ["missing"]
                continue
            parts = ("standing", "position", "as_of", "next_change_at", "parked")
            differs = [part for part in parts if getattr(old, part) != getattr(row, part)]
            if differs:
                found[row.creator] = differs
        return found

    def totals(self, generation: int) -> dict[str, int]:
        counted: dict[str, int] = {}
        for row in self.rows.get(generation, {}).values():
            count_totals(counted, row)
        return counted

    def warnings(self) -> list[str]:
        return []

    def losses(self) -> list[str]:
        return []

    def close(self) -> None:
        """Nothing is held."""
