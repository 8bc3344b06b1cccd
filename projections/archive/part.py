"""Columns of some row groups, and what their facts give beside, type by type."""

from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ledger.errors import StoreError
from ledger.facts.types import TYPE_NAME, FactRetracted
from projections.archive.manifest import MENDED, Place
from projections.archive.plan import Piece, Rows
from projections.archive.schema import DETAILS, FACTS, KINDS, PLACE, RETRACTION, RETRACTS

Array = NDArray[Any]
FOREVER = 2**62
RETRACTED = TYPE_NAME[FactRetracted]
CODED = [
    f"{field.name}.list.element" if pa.types.is_list(field.type) else field.name
    for field in DETAILS
    if pa.types.is_list(field.type) or pa.types.is_string(field.type)
]
"""Texts of `details` that can be read as words with codes."""


class Given(NamedTuple):
    """What the facts of one type give."""

    rows: Array
    """Rows of `facts`, ascending."""
    table: pa.Table
    """One row for each of them; the columns that some of them fill."""


class Part:
    """What a task reads.

    - `names`: the creators (strings);
    - `first`, `last` (int64): the rows of creator k are those from `first[k]` to before `last[k]`,
      in the order of replay of all that is recorded;
    - `facts`: a table with the columns that were asked for, see `docs/archive.md`;
    - `given`: by type of fact, what its facts give beside.
    """

    def __init__(self, facts: pa.Table, given: Mapping[str, Given], anew: int = 0) -> None:
        """From row `anew` on stand creators of whom no other row counts."""
        self.facts, self.given = facts, given
        creators = whole(facts, "creator")
        names = creators.dictionary
        first, last = runs(numbers(creators.indices), len(names), anew)
        there = last > first
        if not there.all():
            names = names.filter(pa.array(there))
            first, last = first[there], last[there]
        self.names, self.first, self.last = names, first, last

    def number(self, name: str) -> Array:
        """A column of `facts` as integers: instants in UTC microseconds."""
        return numbers(whole(self.facts, name))

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
        found = np.zeros(len(self.facts), np.int32)
        retracted = self.given.get(RETRACTED)
        if retracted is not None and RETRACTS in retracted.table.column_names:
            found[retracted.rows] = numbers(whole(retracted.table, RETRACTS))
        return found

    def order(
        self, as_of: int = FOREVER, known_at: int = FOREVER, *, keep: bool = False
    ) -> tuple[Array, Array]:
        """(rows, starts): the facts of each creator as they are ruled, as known at an instant.

        Those that were withdrawn by then are left out unless `keep`.
        """
        from projections.archive.order import replay_order  # numba: where it is needed

        recorded = np.zeros(0, np.int64) if known_at >= FOREVER else self.number("recorded_at")
        rows = self.kinds, self.number("version"), self.number("violation_number"), self.withdrawn
        return replay_order(
            (self.first, self.last), (self.number("effective_at"), recorded), rows,
            as_of=as_of, known_at=known_at, keep=keep,
        )  # fmt: skip


Loaded = tuple[pa.Table, dict[str, Given]]
"""Facts, and by type what they give."""


def load(
    place: Place, piece: Piece, facts: Sequence[str], details: Set[str], *, coded: bool = False
) -> Loaded:
    """The named columns of some row groups. Raises StoreError where they are not as written."""
    schema = pa.schema([FACTS.field(name) for name in facts])
    words = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    with _opened(place, "facts", piece, piece.sizes[0], words) as parquet:
        table = parquet.read_row_groups(list(piece.groups), columns=facts, use_threads=False)
    made = pa.table([table.column(name) for name in facts], schema=schema)
    by_type: dict[str, list[Rows]] = {}
    for rows in piece.details:
        if not details.isdisjoint(rows.fields):
            by_type.setdefault(rows.type, []).append(rows)
    if not by_type:
        return made, {}
    words = [RETRACTION, *(CODED if coded else ())]
    with _opened(place, "details", piece, piece.sizes[1], words) as parquet:
        return made, {type_: _given(parquet, rows, details) for type_, rows in by_type.items()}


def _given(parquet: pq.ParquetFile, groups: Sequence[Rows], wanted: Set[str]) -> Given:
    """The named columns of the row groups of one type."""
    filled = {name for group in groups for name in group.fields}
    names = [PLACE.name, *sorted(wanted & filled)]
    table = parquet.read_row_groups([g.number for g in groups], columns=names, use_threads=False)
    if len(table) > sum(g.rows for g in groups):  # other types are in these row groups too
        sizes = [parquet.metadata.row_group(g.number).num_rows for g in groups]
        begins = accumulate(sizes, initial=0)
        table = pa.concat_tables(
            [table.slice(a + g.first, g.rows) for a, g in zip(begins, groups, strict=False)]
        ).unify_dictionaries()
    rows = numbers(whole(table, PLACE.name))
    if any(group.before for group in groups):
        rows = rows + np.repeat([g.before for g in groups], [g.rows for g in groups])
    return Given(rows, table.drop_columns(PLACE.name))


@contextmanager
def _opened(
    place: Place, part: str, piece: Piece, size: int, words: Sequence[str]
) -> Iterator[pq.ParquetFile]:
    """One of the files of a piece; what is wrong with it is told as that."""
    path = place.at(f"{part}/{piece.name}.parquet")
    try:
        with place.system.open_input_file(path) as source:
            if source.size() != size:
                raise StoreError(
                    f"{path!r} is not as it was written ({source.size():,} bytes, not {size:,}): "
                    f"{MENDED}"
                )
            yield pq.ParquetFile(source, read_dictionary=words, page_checksum_verification=True)
    except FileNotFoundError:
        raise StoreError(f"{path!r} is gone: {MENDED}") from None
    except MemoryError:  # pyarrow's too
        raise
    except (OSError, pa.ArrowException) as error:
        raise StoreError(f"{path!r} can't be read ({error}): {MENDED}") from error


def joined(parts: Sequence[Loaded]) -> Loaded:
    """One after the other."""
    if len(parts) == 1:
        return parts[0]
    facts = pa.concat_tables([facts for facts, _ in parts]).unify_dictionaries().combine_chunks()
    before = [0, *accumulate(len(facts) for facts, _ in parts)]
    types = {type_: None for _, given in parts for type_ in given}
    return facts, {
        type_: _one(
            [
                Given(given[type_].rows + first, given[type_].table)
                for (_, given), first in zip(parts, before, strict=False)
                if type_ in given
            ]
        )
        for type_ in types
    }


def _one(given: Sequence[Given]) -> Given:
    if len(given) == 1:
        return given[0]
    tables = pa.concat_tables([each.table for each in given], promote_options="default")
    rows = np.concatenate([each.rows for each in given])
    return Given(rows, tables.unify_dictionaries().combine_chunks())


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
    return numbers(words.indices, -1), words.dictionary.to_pylist()


def numbers(values: pa.Array, absent: int = 0) -> Array:
    """What an array of integers, instants or flags holds; pyarrow's own way there loads pandas."""
    validity, data = values.buffers()
    if not len(values):
        return np.zeros(0, np.int64)
    if pa.types.is_boolean(values.type):
        made = _bits(data, values)
    else:
        size = values.type.bit_width // 8
        made = np.frombuffer(data, f"i{size}", len(values), values.offset * size)
    return np.where(_bits(validity, values), made, absent) if values.null_count else made


def _bits(data: pa.Buffer, values: pa.Array) -> Array:
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    return bits[values.offset : values.offset + len(values)]


def runs(codes: Array, count: int, anew: int) -> tuple[Array, Array]:
    """(first, last) row of each code; of one that comes again from row `anew` on, there."""
    edges = np.ones(len(codes), np.bool_)
    np.not_equal(codes[1:], codes[:-1], out=edges[1:])
    edges[anew : anew + 1] = True
    begins = np.flatnonzero(edges)
    first, last = np.zeros(count, np.int64), np.zeros(count, np.int64)
    first[codes[begins]] = begins  # of a code that comes twice, what comes last stays
    last[codes[begins]] = np.append(begins[1:], len(codes))
    return first, last
