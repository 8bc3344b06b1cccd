"""Decoded facts as the tables of the archive: sorted by partition, creator and order of replay."""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from projections.archive import part
from projections.archive.decode import BITS, CATEGORY, CREATOR, DETECTED_BY, NARROW, SOURCE, WIDE
from projections.archive.decoded import Decoded
from projections.archive.giving import all_given
from projections.archive.order import (
    LAW,
    columns,
    grouped,
    numbered,
    partitions,
    replay_order,
    targets,
)
from projections.archive.part import Given
from projections.archive.schema import (
    FACTS,
    KINDS,
    NUMBER,
)
from projections.archive.spelling import copies, words

Array = NDArray[Any]
Columns = dict[str, Array]
"""The fields of `FACT`, fact by fact in an order."""
TYPES = pa.array(
    KINDS
)  # pyarrow loads pandas for it, where that is: not in a thread short of memory


class Span(NamedTuple):
    """A stretch of rows of whole creators."""

    partition: int
    facts: int
    first: str
    last: str


class Arranged(NamedTuple):
    """Facts in the order of the archive, and the stretches that become row groups."""

    facts: pa.Table
    given: dict[str, Given]
    spans: list[Span]


class GapError(Exception):
    """A creator's facts are not all there: they are numbered from 1."""


def arranged(decoded: Decoded, count: int, *, after: int, group: int) -> Arranged:
    """The facts after a position; those before are there so that all of a creator's facts are.

    `count` is the number of partitions, `group` about how many facts a row group has.
    """
    facts, names = decoded.facts[: decoded.done], decoded.names(CREATOR)
    _, where, text = names.buffers()
    homes = partitions(np.frombuffer(text, np.uint8), np.frombuffer(where, np.int32), count)
    by_name = part.numbers(
        pc.sort_indices(
            pa.table({"home": homes, "name": names}),
            sort_keys=[("home", "ascending"), ("name", "ascending")],
        )
    ).astype(np.int64)
    ranks = np.empty(len(names), np.int64)
    ranks[by_name] = np.arange(len(names))
    names = names.take(pa.array(by_name))
    rows, starts = grouped(facts["creator"], ranks, len(names))
    streams = _columns(facts, rows)
    _whole(streams["version"], starts)
    numbers, withdrawn, outcome = _named(decoded, (rows, starts), streams)
    order, _ = replay_order(
        (starts[:-1], starts[1:]),
        (streams["at"], np.zeros(0, np.int64)),
        (streams["kind"], streams["version"], numbers, withdrawn),
        keep=True,
    )
    if after:
        order = order[streams["position"][order] > after]
    taken = {name: column[order] for name, column in streams.items()}
    ranked = ranks[taken["creator"]]
    table = _facts(taken, decoded, numbers[order], words(ranked.astype(np.int32), names))
    given = dict(all_given(decoded, rows[order], taken, (withdrawn[order], outcome[order])))
    return Arranged(table, given, cut(ranked, homes[by_name], names, group))


def _columns(facts: Array, rows: Array) -> Columns:
    longs = np.empty((len(WIDE), len(rows)), np.int64)
    ints = np.empty((len(NARROW), len(rows)), np.int32)
    columns(facts, rows, longs, ints)
    return dict(zip([*WIDE, *NARROW], [*longs, *ints], strict=True))


def _whole(versions: Array, starts: Array) -> None:
    """Each creator's facts, in the order of the log, are numbered from 1 on without a gap."""
    lengths = np.diff(starts)
    due = np.arange(1, len(versions) + 1) - np.repeat(starts[:-1], lengths)
    if not np.array_equal(versions, due):
        raise GapError


def _named(
    decoded: Decoded, grouping: tuple[Array, Array], streams: Columns
) -> tuple[Array, Array, Array]:
    """Numbers of violations, versions withdrawn and what retractions come to, by row."""
    rows, starts = grouping
    base = decoded.data.ctypes.data
    numbers = numbered(base, streams["about"], BITS, np.zeros(len(rows), np.int32), starts)
    withdrawn, outcome = np.zeros(len(rows), np.int32), np.full(len(rows), -1, np.int8)
    cells = decoded.cells[: decoded.counts[0]]
    events = cells[cells["column"] == NUMBER["event"]]
    if not len(events):
        return numbers, withdrawn, outcome
    # of the creators that have one: their own ids, each with the id that is withdrawn behind it
    concerned = np.zeros(len(starts), np.bool_)
    concerned[decoded.facts["creator"][events["fact"]]] = True
    mine = concerned[streams["creator"]]
    named = np.full(decoded.done, -1, np.int64)
    named[events["fact"]] = events["value"]
    spans = np.stack([streams["id"][mine], named[rows[mine]]], axis=1).reshape(-1)
    bounds = np.concatenate([[0], np.cumsum(np.add.reduceat(mine, starts[:-1], dtype=np.int64))])
    apart = np.repeat(streams["source"][mine], 2)
    found = numbered(base, spans, BITS, apart, 2 * bounds).reshape(-1, 2)
    ids, events = np.ascontiguousarray(found[:, 0]), np.ascontiguousarray(found[:, 1])
    kinds, versions = streams["kind"][mine], streams["version"][mine]
    withdrawn[mine], outcome[mine] = targets(ids, events, kinds, versions, bounds, LAW)
    return numbers, withdrawn, outcome


def _facts(taken: Columns, decoded: Decoded, numbers: Array, creators: pa.Array) -> pa.Table:
    columns = [
        creators,
        pa.array(taken["version"]),
        pa.array(taken["position"]),
        words(taken["kind"], TYPES),
        pa.array(taken["at"]).cast(FACTS.field("effective_at").type),
        pa.array(taken["recorded"]).cast(FACTS.field("recorded_at").type),
        copies(decoded.data, taken["about"]),
        pa.array(numbers),
        words(*_categories(taken["category"], decoded.names(CATEGORY))),
        words(taken["detected_by"], decoded.names(DETECTED_BY)),
        pa.array(taken["cells"] > 0),
        words(taken["source"], decoded.names(SOURCE)),
        copies(decoded.data, taken["id"]),
    ]
    return pa.table(columns, schema=FACTS)


def _categories(codes: Array, names: pa.Array) -> tuple[Array, pa.Array]:
    """Of what breaks no rule: the empty word, which is the first."""
    return codes + 1, pa.concat_arrays([pa.array([""]), names])


def cut(ranked: Array, homes: Array, names: pa.Array, group: int) -> list[Span]:
    """Cut the rows where a creator ends, each partition into groups alike of about so many."""
    begins = np.flatnonzero(np.diff(ranked, prepend=-1))
    home = homes[ranked[begins]]
    facts = np.bincount(home, np.diff(begins, append=len(ranked))).astype(np.int64)
    groups = np.maximum(np.rint(facts / group), 1).astype(np.int64)
    number = (begins - (np.cumsum(facts) - facts)[home]) * groups[home] // facts[home]
    other = (np.diff(home, prepend=-1) != 0) | (np.diff(number, prepend=-1) != 0)
    edges = [*begins[other].tolist(), len(ranked)]
    return [
        Span(
            int(homes[ranked[a]]), z - a,
            names[int(ranked[a])].as_py(), names[int(ranked[z - 1])].as_py(),
        )
        for a, z in pairwise(edges)
    ]  # fmt: skip
