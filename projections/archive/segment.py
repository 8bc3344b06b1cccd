"""Writing a segment: two Parquet files whose row groups are cut where creators end."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ledger.files import mode
from projections.archive.manifest import File, Group, Segment
from projections.archive.schema import DETAILS, FACTS
from projections.archive.tables import Arranged

HIDDEN = ".new"
"""Behind the name of a file until it is whole: no glob of *.parquet finds it."""
DELTA = {"version", "position", "effective_at", "recorded_at", "violation_number"}
ENCODING = dict.fromkeys(DELTA, "DELTA_BINARY_PACKED") | {
    "violation": "PLAIN",
    "id": "PLAIN",
    "details": "PLAIN",
}
DICTIONARY = [name for name in FACTS.names if name not in ENCODING]
MANY = 1_000
OPTIONS = {
    "compression": "zstd",
    "compression_level": 1,
    "write_page_checksum": True,
    "dictionary_pagesize_limit": 1 << 26,
    "data_page_size": 1 << 20,
    "write_statistics": ["creator", "position", "effective_at"],
}


def write(folder: Path, name: str, made: Arranged, *, base: bool) -> Segment:
    """Both files, under names that are not yet found; see `publish`."""
    facts = _write(folder / "facts" / f"{name}.parquet", FACTS, _groups(made), {
        "use_dictionary": DICTIONARY, "column_encoding": ENCODING,
    })  # fmt: skip
    details = _write(folder / "details" / f"{name}.parquet", DETAILS, _details(made), {
        "write_statistics": True,  # what a group has nothing of need not be read
    })  # fmt: skip
    groups = tuple(Group(*span) for span in made.spans)
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


def _details(made: Arranged) -> Iterator[pa.Table]:
    row = 0
    for span in made.spans:
        yield made.details.slice(row, span.details)
        row += span.details


def _write(path: Path, schema: Any, tables: Iterator[pa.Table], options: dict[str, Any]) -> File:
    hidden, rows = path.with_name(path.name + HIDDEN), 0
    with open(hidden, "wb", opener=_opener) as out:
        with pq.ParquetWriter(out, schema, **(OPTIONS | options)) as writer:
            for table in tables:
                rows += len(table)
                writer.write_table(table, row_group_size=max(len(table), 1))
        out.flush()
        os.fsync(out.fileno())
    with hidden.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    return File(rows, hidden.stat().st_size, digest)


def _opener(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_NOFOLLOW, mode())
