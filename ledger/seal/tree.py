"""The tree over all facts of a log (RFC 9162): its root as it grows, and proofs.

A leaf is the hash of a fact's hash; leaves are kept as bytes, 32 each, and nothing above them is.
"""

from collections.abc import Iterable

from ledger.seal.offline import node_hash

WIDTH = 32
EMPTY = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
"""The root of a tree without leaves."""


class Frontier:
    """The full subtrees on the right edge of a growing tree, largest first: its root in brief."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def grow(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes."""
        size, peaks = self.size, self.peaks
        for leaf in leaves:
            peak, below = leaf, size
            while below & 1:
                peak = node_hash(peaks.pop(), peak)
                below >>= 1
            peaks.append(peak)
            size += 1
        self.size = size

    def root(self) -> bytes:
        """The root of the tree so far."""
        if not self.peaks:
            return EMPTY
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


class Levels:
    """All full subtrees of a tree, level by level, for many proofs at once."""

    def __init__(self, leaves: bytes) -> None:
        self.size = len(leaves) // WIDTH
        self.levels = [leaves]
        while len(self.levels[-1]) >= 2 * WIDTH:
            self.levels.append(self._above(self.levels[-1]))

    @staticmethod
    def _above(level: bytes) -> bytes:
        pairs = range(0, len(level) - 2 * WIDTH + 1, 2 * WIDTH)
        return b"".join(
            [node_hash(level[i : i + WIDTH], level[i + WIDTH : i + 2 * WIDTH]) for i in pairs]
        )

    def root(self, start: int = 0, end: int | None = None) -> bytes:
        """Of the leaves from `start`, a multiple of the largest power of two below their number."""
        end = self.size if end is None else end
        number = end - start
        if number == 0:
            return EMPTY
        if number & (number - 1) == 0:
            level, place = number.bit_length() - 1, start // number
            return self.levels[level][place * WIDTH : (place + 1) * WIDTH]
        split = 1 << (number - 1).bit_length() - 1
        return node_hash(self.root(start, start + split), self.root(start + split, end))

    def inclusion(self, index: int) -> list[bytes]:
        """The hashes beside the way from a leaf to the root, from below (2.1.3.1)."""
        proof: list[bytes] = []
        start, end = 0, self.size
        while end - start > 1:
            split = 1 << (end - start - 1).bit_length() - 1
            if index < start + split:
                proof.append(self.root(start + split, end))
                end = start + split
            else:
                proof.append(self.root(start, start + split))
                start += split
        return proof[::-1]

    def consistency(self, first: int) -> list[bytes]:
        """What shows that the first leaves are the tree they once were (2.1.4.1)."""
        proof: list[bytes] = []
        start, end, whole = 0, self.size, True
        while first != end:
            split = 1 << (end - start - 1).bit_length() - 1
            if first <= start + split:
                proof.append(self.root(start + split, end))
                end = start + split
            else:
                proof.append(self.root(start, start + split))
                start += split
                whole = False
        if not whole:
            proof.append(self.root(start, end))
        return proof[::-1]
