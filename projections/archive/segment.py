"""Writing a segment: two Parquet files whose row groups are cut where creators end."""

import hashlib
import os
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ledger.files import mode
from projections.archive.manifest import File, Group, Said, Segment
from projections.archive.part import numbers, whole
from projections.archive.schema import DETAILS, FACTS, PLACE
from projections.archive.tables import Arranged

Array = NDArray[Any]

HIDDEN = ".new"
"""Behind the name of a file until it is whole: no glob of *.parquet finds it."""
DELTA = "DELTA_BINARY_PACKED"
COUNTED = ("version", "position", "effective_at", "recorded_at", "violation_number")
ENCODING = dict.fromkeys(COUNTED, DELTA) | dict.fromkeys(("violation", "id", "details"), "PLAIN")
DICTIONARY = [name for name in FACTS.names if name not in ENCODING]
MANY = 1_000
FEW = 4_096
"""Facts in a row group, in the mean, below which a row group of `details` has all their types."""
TEXTS = {"violation", "id", "attributes"}
"""What is large, and read by nobody who is in a hurry: the rest is quicker read than unpacked."""
DETAILED = pa.schema([*DETAILS, PLACE])
ROWS = ("position", PLACE.name)
OPTIONS = {
    "compression": {
        name: "zstd" if name in TEXTS else "none" for name in (*FACTS.names, *DETAILED.names)
    },
    "write_page_checksum": True,
    "dictionary_pagesize_limit": 1 << 26,
    "data_page_size": 1 << 20,
    "write_batch_size": 1 << 16,
    "write_statistics": ["creator", "position", "effective_at"],
}


def write(folder: Path, name: str, made: Arranged, *, base: bool) -> Segment:
    """Both files, under names that are not yet found; see `publish`."""
    facts = _write(folder / "facts" / f"{name}.parquet", FACTS, _groups(made), {
        "use_dictionary": DICTIONARY, "column_encoding": ENCODING,
    })  # fmt: skip
    said: list[list[Said]] = []
    spelt = _together if not base and len(made.facts) < FEW * len(made.spans) else _details
    details = _write(folder / "details" / f"{name}.parquet", DETAILED, spelt(made, said), {
        "use_dictionary": [name for name in DETAILED.names if name not in ROWS],
        "column_encoding": dict.fromkeys(ROWS, DELTA),
    })  # fmt: skip
    groups = tuple(
        Group(span.partition, span.facts, tuple(given), span.first, span.last)
        for span, given in zip(made.spans, said, strict=True)
    )
    return Segment(name, base, facts, details, groups)


def publish(folder: Path, segments: list[Segment]) -> None:
    """Give the files of segments their names, durably."""
    for part in ("facts", "details"):
        for segment in segments:
            path = folder / part / f"{segment.name}.parquet"
            path.with_name(path.name + HIDDEN).replace(path)
        sync(folder / part)


def sync(folder: Path) -> None:
    """What was made, renamed or removed in a folder is so after a power loss too."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _groups(made: Arranged) -> Iterator[pa.Table]:
    """Row group by row group, each with a dictionary of its own creators alone."""
    row = 0
    for span in made.spans:
        table = made.facts.slice(row, span.facts)
        creators = table.column("creator").combine_chunks()
        if isinstance(creators, pa.ChunkedArray):
            creators = creators.chunk(0)
        first, last = creators.indices[0].as_py(), creators.indices[-1].as_py()
        names = creators.dictionary.slice(first, last - first + 1)
        indices = pa.array(creators.indices.to_numpy() - first, pa.int32())
        own = pa.DictionaryArray.from_arrays(indices, names)
        yield _own_sources(table.set_column(0, FACTS.field("creator"), own))
        row += span.facts


def _own_sources(table: pa.Table) -> pa.Table:
    """A group with a dictionary of its own sources alone, where there are many in all."""
    place = FACTS.names.index("source")
    sources = table.column(place).chunk(0)
    if len(sources.dictionary) <= MANY:
        return table
    own = sources.cast(pa.string()).dictionary_encode()
    return table.set_column(place, FACTS.field(place), own)


def _details(made: Arranged, said: list[list[Said]]) -> Iterator[pa.Table]:
    """Row group by row group and type by type, so that what a type never has is not spelt out.

    What each has is noted.
    """
    spell, row = _Speller(made), 0
    for span in made.spans:
        said.append([])
        for type_, given in sorted(made.given.items()):
            first, last = np.searchsorted(given.rows, [row, row + span.facts])
            if first < last:
                table, filled = spell(given.table[first:last], given.rows[first:last], row)
                said[-1].append(Said(type_, len(table), filled))
                yield table
        row += span.facts


def _together(made: Arranged, said: list[list[Said]]) -> Iterator[pa.Table]:
    """The same where there is little in each row group of `facts`: all its types in one."""
    types = sorted(made.given)
    if not types:
        said += [[] for _ in made.spans]
        return
    spell, given = _Speller(made), [made.given[type_] for type_ in types]
    spelt = [spell(one.table, one.rows, 0) for one in given]
    rows = np.concatenate([one.rows for one in given])
    kinds = np.repeat(np.arange(len(types)), [len(one.rows) for one in given])
    ends = np.cumsum([span.facts for span in made.spans])
    homes = np.searchsorted(ends, rows, side="right")
    order = np.lexsort((rows, kinds, homes))
    table = pa.concat_tables([table for table, _ in spelt]).unify_dictionaries()
    table = table.combine_chunks().take(pa.array(order))
    within = rows - (ends - [span.facts for span in made.spans])[homes]
    table = table.set_column(len(DETAILED) - 1, PLACE, pa.array(within[order].astype(np.int32)))
    counts = np.bincount(homes * len(types) + kinds, minlength=len(ends) * len(types))
    row = 0
    for found in counts.reshape(-1, len(types)).tolist():
        begins = accumulate(found, initial=0)
        said.append(
            [
                Said(type_, count, filled, first)
                for type_, count, (_, filled), first in zip(
                    types, found, spelt, begins, strict=False
                )
                if count
            ]
        )
        if sum(found):
            yield table[row : row + sum(found)]
        row += sum(found)


class _Speller:
    """All columns of `details` for facts of one type: those that none of them fills too."""

    def __init__(self, made: Arranged) -> None:
        self.positions = numbers(whole(made.facts, "position"))
        most = max((len(given.rows) for given in made.given.values()), default=0)
        self.nulls = {type_: pa.nulls(most, type_) for type_ in set(DETAILED.types)}

    def __call__(self, own: pa.Table, rows: Array, before: int) -> tuple[pa.Table, tuple[str, ...]]:
        """The table, and the names of the columns that are filled."""
        filled = [n for n in own.column_names if own.column(n).null_count < len(own)]
        there = {name: own.column(name) for name in filled}
        there |= {
            "position": pa.array(self.positions[rows]),
            PLACE.name: pa.array((rows - before).astype(np.int32)),
        }
        columns = [there.get(f.name, self.nulls[f.type][: len(own)]) for f in DETAILED]
        return pa.table(columns, schema=DETAILED), tuple(sorted(filled))


def _write(path: Path, schema: Any, tables: Iterator[pa.Table], options: dict[str, Any]) -> File:
    sink, rows = pa.BufferOutputStream(), 0
    with pq.ParquetWriter(sink, schema, **(OPTIONS | options)) as writer:
        for table in tables:
            rows += len(table)
            writer.write_table(table, row_group_size=max(len(table), 1))
    made = sink.getvalue()
    with open(path.with_name(path.name + HIDDEN), "wb", opener=_opener) as out:
        out.write(made)
        out.flush()
        os.fsync(out.fileno())
    return File(rows, made.size, hashlib.sha256(made).hexdigest())


def _opener(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_NOFOLLOW, mode())
