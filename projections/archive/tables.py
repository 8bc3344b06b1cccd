"""Decoded facts as the tables of the archive: sorted by partition, creator and order of replay."""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from projections.archive.decoded import Decoded
from projections.archive.giving import all_given
from projections.archive.order import (
    LAW,
    gathered,
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
from projections.archive.spelling import copies, optional, words

Array = NDArray[Any]


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


def arranged(decoded: Decoded, data: Array, count: int, *, after: int, group: int) -> Arranged:
    """The facts after a position; those before are there so that all of a creator's facts are.

    `data` are the bytes that were decoded, `count` the number of partitions, `group` about how many
    facts a row group has.
    """
    facts = decoded.facts[: decoded.done]
    names = decoded.creators.names()
    where, arena = decoded.creators.parts[1:3]
    homes = partitions(arena, where[: len(names) + 1], count)
    by_name = pc.sort_indices(
        pa.table({"home": homes, "name": names}),
        sort_keys=[("home", "ascending"), ("name", "ascending")],
    ).to_numpy()
    ranks = np.empty(len(names), np.int64)
    ranks[by_name] = np.arange(len(names))
    rows, starts = grouped(facts["creator"], ranks, len(names))
    streams = _taken(facts, rows)
    kinds, versions, at = (
        np.ascontiguousarray(streams[name]) for name in ("kind", "version", "at")
    )
    _whole(versions, starts)
    numbers, withdrawn, outcome = _named(decoded, data, (rows, starts), streams)
    order, _ = replay_order(
        (starts[:-1], starts[1:]),
        (at, np.zeros(0, np.int64)),
        (kinds, versions, numbers, withdrawn),
        keep=True,
    )
    if after:
        order = order[streams["position"][order] > after]
    rows = rows[order]
    numbers, withdrawn, outcome = numbers[order], withdrawn[order], outcome[order]
    taken = _taken(streams, order)
    ranked = ranks[taken["creator"]]
    table = _facts(taken, decoded, data, numbers, (ranked, by_name, names))
    given = dict(all_given(decoded, data, rows, taken, (withdrawn, outcome)))
    spans = cut(ranked, homes[by_name], names.take(pa.array(by_name)), group)
    return Arranged(table, given, spans)


def _taken(facts: Array, rows: Array) -> Array:
    out = np.empty(len(rows), facts.dtype)
    gathered(facts, rows, out)
    return out


def _whole(versions: Array, starts: Array) -> None:
    """Each creator's facts, in the order of the log, are numbered from 1 on without a gap."""
    lengths = np.diff(starts)
    due = np.arange(1, len(versions) + 1) - np.repeat(starts[:-1], lengths)
    if not np.array_equal(versions, due):
        raise GapError


def _named(
    decoded: Decoded, data: Array, grouping: tuple[Array, Array], streams: Array
) -> tuple[Array, Array, Array]:
    """Numbers of violations, versions withdrawn and what retractions come to, by row."""
    rows, starts = grouping
    facts = decoded.facts[: decoded.done]
    alone, as_they_are = np.zeros(len(facts), np.int32), np.arange(len(facts))
    named = streams["about_at"], streams["about_size"]
    numbers = numbered(data, *named, alone, as_they_are, starts)
    kinds = streams["kind"]
    cells = decoded.cells[: decoded.counts[0]]
    events = cells[cells["column"] == NUMBER["event"]]
    if not len(events):
        return numbers, np.zeros(len(rows), np.int32), np.full(len(rows), -1, np.int8)
    # of the creators that have one: their own ids, and after these the ids that are withdrawn
    n = len(facts)
    concerned = np.zeros(len(starts), np.bool_)
    concerned[facts["creator"][events["fact"]]] = True
    mine = concerned[streams["creator"]]
    places, sizes = np.zeros(2 * n, np.int64), np.full(2 * n, -1, np.int64)
    places[:n], sizes[:n] = facts["id_at"], facts["id_size"]
    places[n + events["fact"]], sizes[n + events["fact"]] = events["value"], events["size"]
    apart = np.concatenate([facts["source"], facts["source"]])
    picked = rows[mine]
    bounds = np.concatenate([[0], np.cumsum(np.add.reduceat(mine, starts[:-1]))])
    both = np.stack([picked, picked + n], axis=1).reshape(-1)
    found = numbered(data, places, sizes, apart, both, 2 * bounds).reshape(-1, 2)
    withdrawn, outcome = np.zeros(len(rows), np.int32), np.full(len(rows), -1, np.int8)
    ids, events = np.ascontiguousarray(found[:, 0]), np.ascontiguousarray(found[:, 1])
    versions = streams["version"][mine]
    withdrawn[mine], outcome[mine] = targets(ids, events, kinds[mine], versions, bounds, LAW)
    return numbers, withdrawn, outcome


def _facts(
    taken: Array, decoded: Decoded, data: Array, numbers: Array, who: tuple[Array, Array, pa.Array]
) -> pa.Table:
    ranked, by_name, names = who
    columns = [
        words(ranked.astype(np.int32), names.take(pa.array(by_name))),
        pa.array(taken["version"]),
        pa.array(taken["position"]),
        words(taken["kind"].astype(np.int32), pa.array(KINDS)),
        pa.array(taken["at"]).cast(FACTS.field("effective_at").type),
        pa.array(taken["recorded"]).cast(FACTS.field("recorded_at").type),
        optional(data, taken["about_at"], taken["about_size"]),
        pa.array(numbers),
        words(*_categories(taken["category"], decoded.categories.names())),
        words(taken["detected_by"], decoded.detections.names()),
        pa.array(taken["cells"] > 0),
        words(taken["source"], decoded.sources.names()),
        copies(data, taken["id_at"], taken["id_size"]),
    ]
    return pa.table(columns, schema=FACTS)


def _categories(codes: Array, names: pa.Array) -> tuple[Array, pa.Array]:
    """Of what breaks no rule: the empty word, which is the first."""
    return codes + 1, pa.concat_arrays([pa.array([""]), names])


def cut(ranked: Array, homes: Array, names: pa.Array, group: int) -> list[Span]:
    """Cut the rows where a creator ends, and a partition ends, into groups of about so many."""
    if not len(ranked):
        return []
    edges = np.concatenate([[0], np.flatnonzero(np.diff(ranked)) + 1, [len(ranked)]])
    spans, lo = [], 0
    while lo < len(edges) - 1:
        home = homes[ranked[edges[lo]]]
        hi = int(np.searchsorted(edges, edges[lo] + group, side="right")) - 1
        hi = max(hi, lo + 1)
        same = homes[ranked[edges[lo : min(hi, len(edges) - 1)]]] == home
        if not same.all():
            hi = lo + int(np.argmin(same))
        a, z = edges[lo], edges[hi]
        spans.append(
            Span(
                int(home), int(z - a),
                names[int(ranked[a])].as_py(), names[int(ranked[z - 1])].as_py(),
            )
        )  # fmt: skip
        lo = hi
    return spans
