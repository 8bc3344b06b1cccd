"""The fold, compiled: the functions of `projections.fold` as they stand, over numpy records.

There is no second implementation. Each row class of `fold.state` becomes a record type of the same
field names; numba compiles the functions with `trace` None, which removes every line that writes to
it. With NUMBA_DISABLE_JIT=1 the driver runs the same functions on the same records, uncompiled.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from projections.fold import (
    appeals,
    begin,
    calendar,
    consequences,
    courses,
    exams,
    features,
    given,
    ladders,
    measures,
    moves,
    nodes,
    recovery,
    resets,
    rules,
    score,
    state,
    step,
    stops,
    trace,
    violations,
    waiting,
)
from projections.standing.history import History, sizes_of
from projections.standing.tables import Tables
from replay.population.cache import place

LAW: tuple[ModuleType, ...] = (
    calendar,
    trace,
    score,
    measures,
    moves,
    stops,
    nodes,
    recovery,
    courses,
    resets,
    features,
    ladders,
    consequences,
    violations,
    waiting,
    appeals,
    exams,
    step,
    begin,
)

Records = NDArray[Any]


def _key() -> str:
    """numba's own cache sees only the driver's file: key it by all the sources of the law."""
    digest = hashlib.sha256()
    for module in (*LAW, state, given, rules):
        digest.update(Path(str(module.__file__)).read_bytes())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()[:16]


if "NUMBA_CACHE_DIR" not in os.environ and (_place := place(_key())):
    os.environ["NUMBA_CACHE_DIR"] = str(_place)
from numba import njit, types  # noqa: E402 - the cache's place must be known before
from numba.extending import register_jitable  # noqa: E402


@cache
def _digest(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest()[:15], 16)


def _name_by_content(self: types.Type) -> tuple[str, tuple[int]]:
    """What stands for a record type in the names of compiled functions.

    numba takes a number that only this process knows, so that a function loaded from the cache and
    one compiled here could bear one name for two types, and one of them would run the other's code.
    """
    return type(self).__name__, (_digest(self.name),)


for _type in (types.Record, types.NestedArray):
    setattr(_type, "mangling_args", property(_name_by_content))  # noqa: B010  no plain method

for _module in LAW:
    for _function in [f for f in vars(_module).values() if isinstance(f, FunctionType)]:
        if _function.__module__ == _module.__name__:
            register_jitable(_function)

WAS_FULL = -1
"""Instead of a reason: the creator has more stops or crossings than rows."""


def record_type(row: type, sizes: Mapping[str, int]) -> np.dtype[Any]:
    """The record of a row class; `sizes` gives the length of each list field, by name."""
    fields: list[Any] = []
    for name, hint in get_type_hints(row).items():
        if get_origin(hint) is list:
            (item,) = get_args(hint)
            inner = "i8" if item is int else record_type(item, sizes)
            fields.append((name, inner, (sizes[f"{row.__name__}.{name}"],)))
        else:
            fields.append((name, "i8"))
    return np.dtype((np.record, np.dtype(fields, align=True)))


def _room(needed: int, least: int = 4) -> int:
    """A power of two, so that rulebooks of like size share one compilation."""
    while least < needed:
        least *= 2
    return least


def fill(record: Any, row: object) -> None:
    """Copy a row, and the rows in its lists, into a record of the same fields."""
    for name, hint in get_type_hints(type(row)).items():
        value = getattr(row, name)
        if get_origin(hint) is not list:
            record[name] = value
        elif get_args(hint) == (int,):
            record[name][: len(value)] = value
        else:
            for i, item in enumerate(value):
                fill(record[name][i], item)


def book_record(tables: Tables) -> Records:
    """The rulebook's versions and zone as one record."""
    book = tables.book
    versions = book.versions
    every_node = [node for version in versions for node in version.nodes]
    every_category = [category for version in versions for category in version.categories]
    every_ladder = [ladder for version in versions for ladder in version.ladders]
    every_step = [step for ladder in every_ladder for step in ladder.steps]
    sizes = {
        "Book.versions": _room(len(versions)),
        "Book.zone_from": _room(book.zone_count, 32),
        "Book.zone_offset": _room(book.zone_count, 32),
        "Rules.counters": _room(len(tables.names.counters)),
        "Rules.nodes": _room(max(len(version.nodes) for version in versions)),
        "Rules.categories": _room(len(versions[0].categories), 16),
        "Rules.runs": _room(max(len(version.runs) for version in versions)),
        "NodeRule.stops": _room(max((len(node.stops) for node in every_node), default=0)),
        "CategoryRule.fines": _room(max((c.fine_count for c in every_category), default=0)),
        "CategoryRule.stops": _room(max((c.stop_count for c in every_category), default=0)),
        "NodeRule.fines": _room(max((node.fine_count for node in every_node), default=0)),
        "CounterRule.dates": _room(max(len(c.dates) for v in versions for c in v.counters)),
        "Rules.ladders": _room(max(len(v.ladders) for v in versions), 1),
        "LadderRule.steps": _room(max((len(x.steps) for x in every_ladder), default=0)),
        "LadderRule.members": _room(len(versions[0].categories), 16),
        "StepRule.fines": _room(max((s.fine_count for s in every_step), default=0)),
        "StepRule.stops": _room(max((s.stop_count for s in every_step), default=0)),
        "Rules.courses": _room(len(tables.names.courses)),
        "Rules.lapses": _room(len(tables.names.lapses), 1),
        "LapseRule.stops": 1,
    }
    records = np.zeros(1, record_type(rules.Book, sizes))
    fill(records[0], book)
    return records


def creator_records(count: int, histories: Sequence[History], tables: Tables) -> Records:
    """Room for `count` creators at once, each as large as the largest of the histories needs."""
    sizes = [sizes_of(history, tables) for history in histories]
    causes = [
        s.violations + sum(row.kind == state.FEATURE_OPENED for row in history.rows)
        for s, history in zip(sizes, histories, strict=True)
    ]
    started = _room((max(causes) + 1) * tables.book.widest * 2, 64)
    room = {
        "Creator.counters": _room(len(tables.names.counters)),
        "Creator.violations": _room(max(s.violations for s in sizes), 64),
        "Creator.crossings": started,
        "Creator.stops": started,
        "Creator.quotas": _room(len(tables.book.versions[0].categories), 16),
        "Creator.measures": _room(max(s.measures for s in sizes), 16),
        "Creator.accounts": _room(max(s.accounts for s in sizes)),
        "Creator.periods": _room(max(s.periods for s in sizes), 16),
        "Creator.features": _room(len(tables.names.lapses), 1),
    }
    return np.zeros(count, record_type(state.Creator, room))


class Columns:
    """Histories one after the other: facts, where each creator begins, sizes, measures."""

    def __init__(self, histories: Sequence[History], tables: Tables) -> None:
        sizes = [sizes_of(history, tables) for history in histories]
        self.facts = _records(given.Fact, [row for h in histories for row in h.rows])
        self.sizes = _records(given.Sizes, sizes)
        self.measures = _records(given.MeasureRow, [row for h in histories for row in h.measures])
        self.starts = np.cumsum([0, *(len(h.rows) for h in histories)])
        self.first_measures = np.cumsum([0, *(len(h.measures) for h in histories)])


def _records(row: type, rows: Sequence[Any]) -> Records:
    names = list(get_type_hints(row))
    values = [tuple(getattr(item, name) for name in names) for item in rows]
    return np.array(values, dtype=record_type(row, {}))


@register_jitable
def _full(creator: Any, law: Any) -> bool:
    """Whether one step more may start more than there are rows; see `replay.make_room`."""
    causes = 1
    if creator.next_effect < state.FOREVER:
        causes += min(len(creator.violations), creator.violation_slots)
    if law.falls_back:
        causes += creator.crossings_made - creator.crossings_open
    made = max(creator.stops_made, creator.crossings_made)
    return bool(made + law.widest * causes > len(creator.stops))


@njit(cache="NUMBA_CACHE_DIR" in os.environ, nogil=True)
def _drive(creators, columns, book, reasons, scores, options):  # type: ignore[no-untyped-def]
    facts, starts, sizes, measures, first_measures = columns
    recoveries, as_of = options
    law = book[0]
    for k in range(len(starts) - 1):
        creator = creators[k % len(creators)]
        begin.begin(creator, sizes[k], measures, first_measures[k], recoveries)
        for i in range(starts[k], starts[k + 1]):
            fact = facts[i]
            if recoveries == state.GRANTED_AS_DUE and fact.kind == state.RECOVERY_GRANTED:
                continue
            if _full(creator, law):
                reasons[i] = WAS_FULL
                break
            reasons[i] = step.step(creator, fact, law, None)
            scores[i] = creator.counters[creator.touched].score
        if _full(creator, law):
            reasons[starts[k + 1] - 1] = WAS_FULL
            continue
        if recoveries:
            step.advance_simulated(creator, as_of, True, law, None)
        step.advance(creator, as_of, law, None)


def fold(
    columns: Columns,
    tables: Tables,
    creators: Records,
    *,
    book: Records | None = None,
    as_of: int,
    simulate: bool = False,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Replay every creator; returns the reason and the score after, fact by fact.

    `creators` is filled in turn; with fewer records than creators the last ones remain.
    """
    reasons = np.zeros(len(columns.facts), np.int64)
    scores = np.zeros(len(columns.facts), np.int64)
    parts = (
        columns.facts,
        columns.starts,
        columns.sizes,
        columns.measures,
        columns.first_measures,
    )
    by_rule = state.GRANTED_BY_RULE if tables.book.automatic else state.GRANTED_BY_FACT
    recoveries = state.GRANTED_AS_DUE if simulate else by_rule
    options = (recoveries, as_of)
    _drive(creators, parts, book_record(tables) if book is None else book, reasons, scores, options)
    return reasons, scores
