"""An archive read: a plan of small tasks, and the columns of one of them."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ledger.errors import StoreError
from projections.archive import manifest as file
from projections.archive.compiled import compiled
from projections.archive.manifest import MENDED, Manifest, Place, Segment
from projections.archive.order import FOREVER, replay_order
from projections.archive.schema import DETAILS, FACTS, KINDS, RETRACTS, WORD

Array = NDArray[Any]
ORDER = ("creator", "version", "type", "effective_at", "violation_number", "details")
"""Columns without which there is no order."""


class Piece(NamedTuple):
    """Some row groups of a segment."""

    name: str
    groups: tuple[int, ...]
    sizes: tuple[int, int]
    """Bytes that the two files must have."""


class Task(NamedTuple):
    """Some creators of one partition: it can be sent anywhere, and is read there by itself."""

    url: str
    partition: int
    facts: int
    after: str
    """The creators after this one,"""
    until: str
    """and up to this one; empty: to the end."""
    base: tuple[Piece, ...]
    added: tuple[Piece, ...]
    """Where facts of these creators have come later."""


class Part:
    """What a task reads.

    - `names`: the creators (strings);
    - `first`, `last` (int64): the rows of creator k are those from `first[k]` to before `last[k]`,
      in the order of replay of all that is recorded;
    - `facts`, `details`: tables with the columns that were asked for, see `docs/archive.md`;
    - `rows_of_details` (int64): by row of `facts` the row of `details`, -1 for none.
    """

    def __init__(self, facts: pa.Table, details: pa.Table, anew: int = 0) -> None:
        """From row `anew` on stand creators of whom no other row counts."""
        self.facts, self.details = facts, details
        flags = whole(facts, "details").to_numpy(zero_copy_only=False)
        self.rows_of_details = np.where(flags, np.cumsum(flags) - 1, -1)
        creators = whole(facts, "creator")
        names = creators.dictionary
        first, last = runs(creators.indices.to_numpy(), len(names), anew)
        there = last > first
        if not there.all():
            names = names.filter(pa.array(there))
            first, last = first[there], last[there]
        self.names, self.first, self.last = names, first, last

    def number(self, name: str) -> Array:
        """A column of `facts` as integers: instants in UTC microseconds."""
        values = whole(self.facts, name)
        if pa.types.is_timestamp(values.type):
            values = values.view(pa.int64())
        array: Array = values.to_numpy(zero_copy_only=False)
        return array

    def coded(self, name: str) -> tuple[Array, list[str]]:
        """A column of words as codes (-1: null) and the words."""
        return codes_of(whole(self.facts, name))

    @cached_property
    def kinds(self) -> Array:
        """int8, by row: the place of its type in `FACT_TYPES`."""
        codes, names = self.coded("type")
        return np.array([KINDS.index(name) for name in names], np.int8)[codes]

    @cached_property
    def withdrawn(self) -> Array:
        """int32, by row: the version of the fact that it retracts, 0 for none."""
        if not len(self.details):
            return np.zeros(len(self.facts), np.int32)
        values = whole(self.details, RETRACTS).fill_null(0).to_numpy()
        return np.where(self.rows_of_details >= 0, values[self.rows_of_details], 0)

    def order(
        self, as_of: int = FOREVER, known_at: int = FOREVER, *, keep: bool = False
    ) -> tuple[Array, Array]:
        """(rows, starts): the facts of each creator as they are ruled, as known at an instant.

        Those that were withdrawn by then are left out unless `keep`.
        """
        recorded = np.zeros(0, np.int64) if known_at >= FOREVER else self.number("recorded_at")
        rows = self.kinds, self.number("version"), self.number("violation_number"), self.withdrawn
        return replay_order(
            (self.first, self.last), (self.number("effective_at"), recorded), rows,
            as_of=as_of, known_at=known_at, keep=keep,
        )  # fmt: skip


class Archive:
    """An archive opened for reading. Threads and processes may share it."""

    def __init__(self, place: Place, manifest: Manifest) -> None:
        self.place, self.manifest = place, manifest

    @classmethod
    def open(cls, url: str) -> "Archive":
        """At a directory or a URL. Raises StoreError where none is that can be read."""
        place = file.place(url)
        return cls(place, file.read(place))

    @property
    def facts(self) -> int:
        return sum(segment.facts.rows for segment in self.manifest.segments)

    def tasks(self, size: int = 1) -> list[Task]:
        """Who can be read apart from whom: about `size` facts each, never less than a row group."""
        return list(self._tasks(size))

    def _tasks(self, size: int) -> Iterator[Task]:
        base: dict[int, list[tuple[Segment, int]]] = {}
        added: dict[int, list[tuple[Segment, int]]] = {}
        for segment in self.manifest.segments:
            for number, group in enumerate(segment.groups):
                homes = base if segment.base else added
                homes.setdefault(group.partition, []).append((segment, number))
        for partition in sorted(base.keys() | added.keys()):
            after, cuts = "", list(_cut(base.get(partition, []), size)) or [[]]
            for n, cut in enumerate(cuts):
                last = n == len(cuts) - 1
                until = "" if last else cut[-1][0].groups[cut[-1][1]].last
                late = [
                    (s, g)
                    for s, g in added.get(partition, [])
                    if s.groups[g].last > after and (last or s.groups[g].first <= until)
                ]
                count = sum(s.groups[g].facts for s, g in (*cut, *late))
                yield Task(
                    self.place.url, partition, count, after, until,
                    tuple(_pieces(cut)), tuple(_pieces(late)),
                )  # fmt: skip
                after = until


def _cut(groups: Sequence[tuple[Segment, int]], size: int) -> Iterator[list[tuple[Segment, int]]]:
    taken: list[tuple[Segment, int]] = []
    count = 0
    for segment, number in groups:
        taken.append((segment, number))
        count += segment.groups[number].facts
        if count >= size:
            yield taken
            taken, count = [], 0
    if taken:
        yield taken


def _pieces(groups: Sequence[tuple[Segment, int]]) -> Iterator[Piece]:
    by_name: dict[str, tuple[Segment, list[int]]] = {}
    for segment, number in groups:
        by_name.setdefault(segment.name, (segment, []))[1].append(number)
    for name, (segment, numbers) in by_name.items():
        yield Piece(name, tuple(numbers), (segment.facts.bytes, segment.details.bytes))


def read(
    task: Task,
    facts: Sequence[str] = tuple(FACTS.names),
    details: Sequence[str] = tuple(DETAILS.names),
    *,
    coded: bool = False,
) -> Part:
    """The named columns of a task's creators; those that order needs are among them in any case.

    `coded` has the texts of `details` as words with codes, which costs less to work with.
    """
    wanted = [name for name in FACTS.names if name in facts or name in ORDER]
    rare = [name for name in DETAILS.names if name in details or name == RETRACTS]
    place = file.place(task.url)
    base = [load(place, piece, wanted, rare, coded=coded) for piece in task.base]
    added = [load(place, piece, wanted, rare, coded=coded) for piece in task.added]
    if not added and len(base) == 1:
        return Part(*base[0])
    if not added:
        return Part(joined([f for f, _ in base]), joined([d for _, d in base]))
    return _merged(task, base, added)


def load(
    place: Place,
    piece: Piece,
    facts: Sequence[str],
    details: Sequence[str],
    *,
    coded: bool = False,
) -> tuple[pa.Table, pa.Table]:
    """The named columns of some row groups. Raises StoreError where they are not as written."""
    rare = [_coded(DETAILS.field(name)) if coded else DETAILS.field(name) for name in details]
    both = ("facts", [FACTS.field(name) for name in facts]), ("details", rare)
    found = []
    for (part, columns), size in zip(both, piece.sizes, strict=True):
        path = place.at(f"{part}/{piece.name}.parquet")
        words = [field.name for field in columns if pa.types.is_dictionary(field.type)]
        try:
            with place.system.open_input_file(path) as source:
                if source.size() != size:
                    raise StoreError(
                        f"{path!r} is not as it was written ({source.size():,} bytes, not "
                        f"{size:,}): {MENDED}"
                    )
                parquet = pq.ParquetFile(
                    source, read_dictionary=words, page_checksum_verification=True
                )
                found.append(_columns(parquet, piece.groups, columns))
        except FileNotFoundError:
            raise StoreError(f"{path!r} is gone: {MENDED}") from None
        except (OSError, pa.ArrowException) as error:
            raise StoreError(f"{path!r} can't be read ({error}): {MENDED}") from error
    return found[0], found[1]


def _coded(field: Any) -> Any:
    return pa.field(field.name, WORD) if pa.types.is_string(field.type) else field


def _columns(parquet: pq.ParquetFile, groups: Sequence[int], columns: Sequence[Any]) -> pa.Table:
    """Of some row groups; what they have nothing of is not read."""
    rows = [parquet.metadata.row_group(group) for group in groups]
    empty = set.intersection(*(_empty(row) for row in rows))
    there = [field.name for field in columns if field.name not in empty]
    table = parquet.read_row_groups(list(groups), columns=there, use_threads=False)
    count = sum(row.num_rows for row in rows)
    made = [
        pa.nulls(count, field.type) if field.name in empty else table.column(field.name)
        for field in columns
    ]
    return pa.table(made, schema=pa.schema(columns))


def _empty(group: Any) -> set[str]:
    """The columns of which a row group has nothing."""
    found = set()
    for place in range(group.num_columns):
        column = group.column(place)
        said = column.statistics
        if said is not None and said.null_count == group.num_rows == column.num_values:
            found.add(column.path_in_schema.partition(".")[0])
    return found


def joined(tables: Sequence[pa.Table]) -> pa.Table:
    """One after the other, as one array for each column."""
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def _merged(
    task: Task,
    base: Sequence[tuple[pa.Table, pa.Table]],
    added: Sequence[tuple[pa.Table, pa.Table]],
) -> Part:
    """Creators of whom facts have come later, behind the others: with all of their facts."""
    late = [_between(facts, details, task) for facts, details in added]
    new = pa.chunked_array([f.column("creator").cast(pa.string()) for f, _ in late], pa.string())
    touched = pc.unique(new)
    whose = [pc.is_in(f.column("creator").cast(pa.string()), value_set=touched) for f, _ in base]
    old = [_picked(f, d, mask) for (f, d), mask in zip(base, whose, strict=True)]
    facts, details = (joined([pair[i] for pair in (*old, *late)]) for i in (0, 1))
    mixed = in_order(facts, details)
    both = [*base, mixed]
    anew = sum(len(f) for f, _ in base)
    return Part(joined([f for f, _ in both]), joined([d for _, d in both]), anew)


def _between(facts: pa.Table, details: pa.Table, task: Task) -> tuple[pa.Table, pa.Table]:
    creators = facts.column("creator").cast(pa.string())
    mask = pc.greater(creators, task.after)
    if task.until:
        mask = pc.and_(mask, pc.less_equal(creators, task.until))
    return _picked(facts, details, mask)


def _picked(facts: pa.Table, details: pa.Table, mask: Any) -> tuple[pa.Table, pa.Table]:
    """The rows of a mask, and their details."""
    return facts.filter(mask), details.filter(mask.filter(facts.column("details")))


def in_order(facts: pa.Table, details: pa.Table) -> tuple[pa.Table, pa.Table]:
    """By creator and order of replay."""
    by_creator = pc.sort_indices(
        pa.table({"c": facts.column("creator").cast(pa.string()), "v": facts.column("version")}),
        sort_keys=[("c", "ascending"), ("v", "ascending")],
    )
    facts, details = _taken(facts, details, by_creator.to_numpy())
    part = Part(facts, details)
    order, _ = part.order(keep=True)
    return _taken(facts, details, order)


def _taken(facts: pa.Table, details: pa.Table, rows: Array) -> tuple[pa.Table, pa.Table]:
    flags = whole(facts, "details").to_numpy(zero_copy_only=False)
    of_details = (np.cumsum(flags) - 1)[rows][flags[rows]]
    return facts.take(pa.array(rows)), details.take(pa.array(of_details))


def whole(table: pa.Table, name: str) -> Any:
    """A column as one array."""
    column = table.column(name)
    if column.num_chunks == 1:
        return column.chunk(0)
    if column.num_chunks == 0:
        return pa.array([], column.type)
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    return column.combine_chunks()


def codes_of(words: Any) -> tuple[Array, list[str]]:
    """Codes of a dictionary array (-1: null), and its words."""
    indices = words.indices
    if indices.null_count:
        indices = indices.fill_null(-1)
    return indices.to_numpy(), words.dictionary.to_pylist()


@compiled
def runs(codes, count, anew):  # type: ignore[no-untyped-def]
    """(first, last) row of each code; of one that comes again from row `anew` on, there."""
    first = np.zeros(count, np.int64)
    last = np.zeros(count, np.int64)
    i = np.int64(0)
    while i < len(codes):
        j = i + 1
        while j < len(codes) and j != anew and codes[j] == codes[i]:
            j += 1
        first[codes[i]], last[codes[i]] = i, j
        i = j
    return first, last
