"""Decoded facts as the tables of the archive: sorted by partition, creator and order of replay."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from projections.archive.compiled import compiled
from projections.archive.decoded import Decoded, texts
from projections.archive.order import (
    LAW,
    gathered,
    grouped,
    numbered,
    partitions,
    replay_order,
    targets,
)
from projections.archive.part import RETRACTED, Given
from projections.archive.schema import (
    ATTRIBUTES,
    COLUMNS,
    FACTS,
    INTEGER,
    KINDS,
    LISTED,
    NUMBER,
    RETRACTION,
    RETRACTIONS,
    RETRACTS,
    TEXT,
)

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
    given = dict(_given(decoded, data, rows, taken, (withdrawn, outcome)))
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


@compiled
def copied(b, places, sizes, where, data):  # type: ignore[no-untyped-def]
    """Texts one after the other: `where` each begins is filled, then the bytes."""
    p = np.int64(0)
    for i in range(len(places)):
        where[i] = p
        first, n = places[i], np.int64(sizes[i])
        for j in range(n):
            data[p + j] = b[first + j]
        p += max(n, np.int64(0))
    where[len(places)] = p


def _texts(data: Array, places: Array, sizes: Array) -> pa.Array:
    where = np.empty(len(places) + 1, np.int64)
    text = np.empty(int(np.maximum(sizes, 0).sum()), np.uint8)
    copied(data, places, sizes, where, text)
    made = texts(where, text)
    made.validate(full=True)
    return made


def _optional(data: Array, places: Array, sizes: Array) -> pa.Array:
    there = sizes >= 0
    made = _texts(data, places, sizes)
    mask = pa.array(there).buffers()[1]
    nulls = int(len(there) - there.sum())
    return pa.StringArray.from_buffers(len(made), made.buffers()[1], made.buffers()[2], mask, nulls)


def _words(codes: Array, names: pa.Array) -> pa.Array:
    """Codes and names as an array of words; below 0 is null."""
    mask = codes < 0
    indices = pa.array(codes, pa.int32(), mask=mask if mask.any() else None)
    return pa.DictionaryArray.from_arrays(indices, names)


def _facts(
    taken: Array, decoded: Decoded, data: Array, numbers: Array, who: tuple[Array, Array, pa.Array]
) -> pa.Table:
    ranked, by_name, names = who
    columns = [
        _words(ranked.astype(np.int32), names.take(pa.array(by_name))),
        pa.array(taken["version"]),
        pa.array(taken["position"]),
        _words(taken["kind"].astype(np.int32), pa.array(KINDS)),
        pa.array(taken["at"]).cast(FACTS.field("effective_at").type),
        pa.array(taken["recorded"]).cast(FACTS.field("recorded_at").type),
        _optional(data, taken["about_at"], taken["about_size"]),
        pa.array(numbers),
        _words(*_categories(taken["category"], decoded.categories.names())),
        _words(taken["detected_by"], decoded.detections.names()),
        pa.array(taken["cells"] > 0),
        _words(taken["source"], decoded.sources.names()),
        _texts(data, taken["id_at"], taken["id_size"]),
    ]
    return pa.table(columns, schema=FACTS)


def _categories(codes: Array, names: pa.Array) -> tuple[Array, pa.Array]:
    """Of what breaks no rule: the empty word, which is the first."""
    return codes + 1, pa.concat_arrays([pa.array([""]), names])


def _given(
    decoded: Decoded, data: Array, rows: Array, taken: Array, retracted: tuple[Array, Array]
) -> Iterator[tuple[str, Given]]:
    """By type, what its facts give: the cells of a column stand in the order of facts."""
    cells, items = decoded.cells[: decoded.counts[0]], decoded.items[: decoded.counts[1]]
    firsts = np.zeros(len(cells), np.int64)
    lists = {NUMBER[column.name] for column in COLUMNS.values() if column.act == LISTED}
    for number in lists:
        mine = cells["column"] == number
        firsts[mine] = np.cumsum(cells["value"][mine]) - cells["value"][mine]
    places = np.full(decoded.done, -1, np.int64)
    places[rows] = np.arange(len(rows))
    kinds = decoded.facts["kind"][cells["fact"]]
    keys = kinds.astype(np.int16) * len(NUMBER) + cells["column"]
    keys[places[cells["fact"]] < 0] = -1
    by_key = np.argsort(keys, kind="stable")
    found, bounds = np.unique(keys[by_key], return_index=True)
    stretches = dict(zip(found.tolist(), np.split(by_key, bounds[1:]), strict=False))
    said = taken["cells"] > 0
    for kind, type_ in enumerate(KINDS):
        mine = np.flatnonzero(said & (taken["kind"] == kind))
        if not len(mine):
            continue
        columns: dict[str, pa.Array] = {}
        for name, number in NUMBER.items():
            chosen = stretches.get(kind * len(NUMBER) + number)
            if chosen is None:
                continue
            at = np.searchsorted(mine, places[cells["fact"][chosen]])
            order = np.argsort(at, kind="stable")
            chosen, at = chosen[order], at[order]
            own = items[items["column"] == number] if number in lists else None
            columns[name] = _column(name, cells[chosen], decoded, data, (at, len(mine)),
                                    None if own is None else (firsts[chosen], own))  # fmt: skip
        if type_ == RETRACTED:
            withdrawn, outcome = (array[mine] for array in retracted)
            columns[RETRACTS] = pa.array(withdrawn, mask=withdrawn == 0)
            columns[RETRACTION] = _words(outcome.astype(np.int32), pa.array(RETRACTIONS))
        yield type_, Given(mine, pa.table(columns))


def _column(
    name: str, cells: Array, decoded: Decoded, data: Array, where: tuple[Array, int],
    listed: tuple[Array, Array] | None,
) -> pa.Array:  # fmt: skip
    """Cells of one column at their rows, of so many; of lists also where their items are."""
    if listed is not None:
        return _lists(cells, *listed, data, *where)
    if name == ATTRIBUTES:
        return _spread(_attributes(cells, decoded), *where)
    if COLUMNS[name].act == TEXT:
        return _spread(_texts(data, cells["value"], cells["size"]), *where)
    number = COLUMNS[name].act == INTEGER
    values = pa.array(cells["value"] if number else cells["value"] > 0)
    return _spread(values, *where).cast(COLUMNS[name].arrow)


def _spread(values: pa.Array, at: Array, count: int) -> pa.Array:
    """The values at their rows, null elsewhere."""
    if len(values) == count:
        return values
    indices = np.zeros(count, np.int64)
    indices[at] = np.arange(len(at))
    empty = np.ones(count, np.bool_)
    empty[at] = False
    return values.take(pa.array(indices, mask=empty))


def _attributes(cells: Array, decoded: Decoded) -> pa.Array:
    """As JSON; each kind of attributes is read once."""
    where, arena = decoded.attributes.parts[1:3]
    read = [
        msgspec.json.encode(msgspec.msgpack.decode(arena[where[c] : where[c + 1]].tobytes()))
        for c in range(len(decoded.attributes))
    ]
    said = pa.array([text.decode() for text in read], pa.string())
    return said.take(pa.array(cells["value"]))


def _lists(
    cells: Array, firsts: Array, items: Array, data: Array, at: Array, count: int
) -> pa.Array:
    """Lists of texts: their items in the order of the facts."""
    lengths = np.zeros(count, np.int64)
    lengths[at] = cells["value"]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    starts = np.cumsum(cells["value"]) - cells["value"]
    picked = np.repeat(firsts - starts, cells["value"]) + np.arange(int(cells["value"].sum()))
    own = items[picked]
    values = _texts(data, own["value"], own["size"])
    empty = lengths == 0
    return pa.ListArray.from_arrays(
        pa.array(offsets.astype(np.int32)), values, mask=pa.array(empty)
    )


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
