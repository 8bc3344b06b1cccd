"""What a sample says of everybody: an estimate, and the interval around it."""

from math import sqrt

from msgspec import Struct

CONFIDENCE = 95
_Z = 1.959963984540054


class Sample(Struct, frozen=True):
    """So many creators, drawn from all of a log."""

    drawn: int
    of: int
    seed: int

    @property
    def rest(self) -> float:
        """The share that was not drawn: nothing is uncertain where it is 0."""
        return 1 - self.drawn / self.of if self.of else 0.0

    def number(self, found: int) -> tuple[float, float, float]:
        """Low, estimate and high of how many there are where `found` of those drawn are so.

        Wilson's interval, narrower by what was drawn of all.
        """
        if not self.drawn or not self.rest:
            return (float(found),) * 3
        n, p = self.drawn / self.rest, found / self.drawn
        middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * sqrt(p * (1 - p) / n + _Z**2 / (4 * n * n))
        low, high = max(middle - half, 0.0), min(middle + half, 1.0)
        return low * self.of, p * self.of, high * self.of

    def total(self, total: float, squares: float) -> tuple[float, float, float]:
        """The same of a sum over all of them, from the sum and the sum of squares of those drawn.

        By the normal approximation: of few it says too little, where few have most of it.
        """
        if self.drawn < 2 or not self.rest:
            return (total,) * 3
        mean = total / self.drawn
        spread = max(squares / self.drawn - mean * mean, 0.0) * self.drawn / (self.drawn - 1)
        half = _Z * sqrt(spread / self.drawn * self.rest) * self.of
        return mean * self.of - half, mean * self.of, mean * self.of + half
