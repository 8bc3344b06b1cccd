"""From the log to segments: all of it anew, or what has come since.

The log lies in the order of recording, the archive creator by creator. So bytes are first spread to
one file for each partition, in pages, and then each partition is made from its own.
"""

import shutil
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from ledger.errors import StoreError
from ledger.files import opened
from projections.archive import segment
from projections.archive.decode import CREATOR, MARGIN, scattered
from projections.archive.manifest import Log, Segment
from projections.archive.source import Source, decoded, padded
from projections.archive.tables import GapError, arranged

GROUP = 262_144
"""Facts of a row group, about."""
PAGE, AHEAD = 20_000, 2
"""Facts that are read at a time, and how often before they are looked at."""
SHARE = 500_000
"""Facts of a partition, about, when it is made."""
MOST, FEWEST = 256, 4
WORKERS = 2
SPREAD = ".spread"
"""The folder of what is only needed while the archive is made."""

Seen = Callable[[int], None]
"""Told how many facts are done; may raise to stop."""


def partitions_for(facts: int) -> int:
    """A power of two, so that one has about SHARE facts."""
    count = FEWEST
    while count < MOST and count * SHARE < facts:
        count *= 2
    return count


def whole(
    source: Source, folder: Path, log: Log, serial: int, partitions: int, seen: Seen
) -> list[Segment]:
    """Segments of all facts up to an end of the log, one for each partition."""
    spread = folder / SPREAD
    shutil.rmtree(spread, ignore_errors=True)
    spread.mkdir(mode=0o700)
    try:
        _spread(source, spread, log.position, partitions, seen)
        with ThreadPoolExecutor(WORKERS) as pool:
            made = pool.map(
                lambda n: _partition(
                    spread / str(n), folder, f"base-{serial:06}-{n:03}", (n, partitions)
                ),
                range(partitions),
            )
            segments, creators = [], 0
            for one, count in made:
                segments += [one] if one is not None else []
                creators += count
                seen(log.position)
    finally:
        shutil.rmtree(spread, ignore_errors=True)
    if (sum(s.facts.rows for s in segments), creators) != (log.position, log.creators):
        raise StoreError(
            "the log does not have the facts and the creators that it says: `verify` says what "
            "is left"
        )
    return segments


def _spread(source: Source, spread: Path, end: int, partitions: int, seen: Seen) -> None:
    """The bytes of all facts, each to the file of its partition, while the next page is fetched."""
    stretches = [(p, min(p + PAGE, end)) for p in range(0, end, PAGE)]
    with ExitStack() as stack, ThreadPoolExecutor(1) as reader:
        files: list[BinaryIO] = [
            stack.enter_context(opened(spread / str(n), "xb")) for n in range(partitions)
        ]
        coming = deque(reader.submit(source.stretch, *each) for each in stretches[:AHEAD])
        for n, (after, until) in enumerate(stretches):
            found = coming.popleft().result()
            coming += [reader.submit(source.stretch, *each) for each in stretches[n + AHEAD :][:1]]
            for home, piece in _pieces(*source.sound(found, after, until, partitions), partitions):
                files[home].write(piece)
            seen(until)


def _pieces(data: Any, begins: Any, homes: Any, partitions: int) -> Iterator[tuple[int, Any]]:
    """The bytes of each partition, in the order of the log."""
    sizes = np.bincount(homes, np.diff(begins), partitions).astype(np.int64)
    ends = np.cumsum(sizes)
    out = np.empty(len(data) - MARGIN, np.uint8)
    scattered(data.ctypes.data, begins, homes, ends - sizes, out.ctypes.data)
    for home in range(partitions):
        yield home, out[ends[home] - sizes[home] : ends[home]].data


def _partition(
    path: Path, folder: Path, name: str, which: tuple[int, int]
) -> tuple[Segment | None, int]:
    """The segment of a partition's bytes, and how many creators it has."""
    facts = decoded([padded(path.read_bytes())])
    path.unlink()
    if not facts.done:
        return None, 0
    try:
        made = arranged(facts, which[1], after=0, group=GROUP)
    except GapError as gap:
        raise _gap(gap) from gap
    return segment.write(folder, name, made, base=True), len(facts.names(CREATOR))


def added(
    source: Source, folder: Path, known: Log, until: Log, serial: int, partitions: int
) -> Segment:
    """A segment of the facts between two ends of the log."""
    found = source.stretch(known.position, until.position)
    new, _, _ = source.sound(found, known.position, until.position)
    fresh = decoded([new])
    facts, names = fresh.facts[: fresh.done], fresh.names(CREATOR)
    earliest = np.full(len(names), 2**31 - 1, np.int64)
    np.minimum.at(earliest, facts["creator"], facts["version"])
    before = names.filter(pa.array(earliest > 1)).to_pylist()
    both = source.decoded(before, known.position, new)
    try:
        made = arranged(both, partitions, after=known.position, group=GROUP)
    except GapError as gap:
        raise _gap(gap) from gap
    if len(made.facts) != until.position - known.position:
        raise StoreError("the log has other facts than it says: `verify` says what is left")
    return segment.write(folder, f"added-{serial:06}", made, base=False)


def _gap(_: GapError) -> StoreError:
    return StoreError("facts of a creator are gone from the log: `verify` says which are left")
