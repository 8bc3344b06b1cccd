"""The log as it is copied: joined bytes, looked at; the slow way where they are not as known."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ledger.errors import StoreError
from ledger.facts.codec import encode
from ledger.facts.envelope import LAYOUT, Envelope
from ledger.log.bond import Mark
from ledger.log.bulk import Bulk
from projections.archive.decode import MARGIN, scan
from projections.archive.decoded import Decoded
from projections.archive.manifest import Log
from projections.archive.order import crc_table

Array = NDArray[Any]
CRC = crc_table()


NOT_KNOWN = "a fact can't be put into the archive: `verify` says whether it is as it was recorded"


class Source:
    """A log that is read by copies."""

    def __init__(self, log: Bulk) -> None:
        self.log = log

    def end(self) -> Log:
        """Up to where it is, and what stands there."""
        return _log(self.log.end())

    def other(self, known: Log) -> str:
        """How this is not the log that an archive was made from; empty where it is that one."""
        end = self.log.end()
        if end.position < known.position:
            return (
                f"holds facts up to position {known.position:,}, and the log ends at "
                f"{end.position:,}"
            )
        if not known.position:
            return ""
        marks = self.log.marks_after(known.position - 1, 1)
        return "" if marks and _log(marks[0]) == known else "was made from another log"

    def until(self, position: int, most: int) -> Log:
        """The end of a page about so many facts after a position, or of the next one."""
        end = self.log.end()
        if end.position - position <= most:
            return _log(end)
        marks = self.log.marks_after(position, most)
        near = [mark for mark in marks if mark.position <= position + most]
        return _log(near[-1] if near else marks[0])

    def stretch(self, after: int, until: int) -> bytes:
        """The bytes of the facts between two positions."""
        return self.log.joined(after, until)

    def sound(
        self, found: bytes, after: int, until: int, partitions: int = 1
    ) -> tuple[Array, Array, Array]:
        """The bytes of a stretch, each fact there and in the layout that is decoded; where each
        begins, and in which partition its creator is.

        Raises StoreError where one is not.
        """
        count = until - after
        begins, homes = np.empty(count + 1, np.int64), np.empty(count, np.int64)
        data = padded(found)
        for _ in range(2):
            size = len(data) - MARGIN
            last = scan(data.ctypes.data, size, after + 1, LAYOUT, partitions, CRC, begins, homes)
            if last == (count, size):
                return data, begins, homes
            data = _encoded(self.log.after(after, count))
        raise UnknownBytesError(NOT_KNOWN)

    def streams(self, creators: Sequence[str], until: int) -> Array:
        """The same of all facts of some creators up to a position."""
        return padded(self.log.joined_streams(creators, until))

    def decoded(self, creators: Sequence[str], until: int, new: Array) -> Decoded:
        """The facts of some creators up to a position, and new ones after them."""
        earlier = self.streams(creators, until) if creators else padded(b"")
        try:
            return decoded([earlier, new])
        except UnknownBytesError:
            facts = self.log.streams(creators, until)
            return decoded([_encoded(facts), new])


class UnknownBytesError(StoreError):
    """The bytes of facts that the decoder does not know."""


def decoded(parts: Sequence[Array]) -> Decoded:
    """All facts of some bytes."""
    made = Decoded(np.concatenate([*(part[:-MARGIN] for part in parts[:-1]), parts[-1]]))
    if made.end != len(made.data) - MARGIN:
        raise UnknownBytesError(NOT_KNOWN)
    return made


def padded(data: bytes) -> Array:
    """Bytes for the decoder."""
    return np.frombuffer(data + bytes(MARGIN), np.uint8)


def _encoded(facts: Sequence[Envelope]) -> Array:
    one: Callable[[Envelope], bytes] = encode
    return padded(b"".join(map(one, facts)))


def _log(mark: Mark) -> Log:
    return Log(mark.position, mark.creators, mark.hash.hex())
