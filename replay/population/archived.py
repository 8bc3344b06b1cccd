"""Creators of the archive as the rows that the fold reads, as `standing.history` builds them."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from threading import Lock
from typing import Any, get_type_hints

import numpy as np
from numpy.typing import NDArray

from ledger.facts.envelope import REPLAY_CLASS, REST
from ledger.facts.types import FACT_TYPES, NAMES_VIOLATION, MoneyPosted
from projections.archive.part import RETRACTED, Part, numbers, whole
from projections.archive.plan import Task
from projections.archive.reading import read
from projections.archive.schema import KINDS, RETRACTS
from projections.fold.given import Fact, MeasureRow, Sizes
from projections.fold.rules import Book
from projections.fold.state import (
    ABSENT,
    APPLIED,
    FOREVER,
    NOT_RETRACTABLE,
    UNKNOWN_EVENT,
)
from projections.standing.history import SIDES, period_end
from projections.standing.tables import Tables
from replay.population import unpack
from replay.population.columns import WIDTHS, Columns, kind_of, narrow_facts, objects, records
from replay.population.compiler.layout import Memory
from replay.population.engine import attempted, switched_off
from replay.population.gives import ACTS, DETAILS, Gives
from replay.population.unpack import Unpacking
from replay.population.workers import Law

Array = NDArray[Any]

FACTS = ("violation_number", "category", "effective_at", "type", "version")
OUTCOMES = {
    "withdrawn": APPLIED,
    "unknown_event": UNKNOWN_EVENT,
    "not_retractable": NOT_RETRACTABLE,
}
STORED = {
    f"Unpacking.{name}": np.dtype(kind)
    for kind, names in (
        ("i4", "retracted kinds versions numbers categories places severity batch item list_starts"
         " period account"),
        ("i1", "breach"),
    )
    for name in names.split()
}  # fmt: skip
"""Lists that are as they were read."""


def load(task: Task, *, known_at: int | None = None) -> Part:
    """What `columns` needs of a task. Several rulebooks may read one part."""
    facts = FACTS if known_at is None else (*FACTS, "recorded_at")
    return read(task, facts, DETAILS | {"rulebook"}, coded=True)


def columns(
    part: Part, tables: Tables, *, as_of: int = FOREVER, known_at: int | None = None
) -> Columns:
    """Rows of all creators of a part, in the order of `part.names`, as a rulebook reads them.

    Facts with an effect up to `as_of`, as known at `known_at` (None: all that is recorded). A
    creator of whom nothing was known by then, or nothing is in effect, has no facts.
    """
    gives = Gives(part)
    narrow = gives.narrow(WIDTHS) and len(tables.rulebooks) < 128
    kind = narrow_facts() if narrow else kind_of(Fact)
    given = _facts(part, as_of, known_at) | _law(tables) | _words(part, gives, tables)
    creators = len(part.names)
    sizes = np.zeros(creators, kind_of(Sizes))
    sizes["counters"] = len(tables.names.counters)
    sizes["categories"] = len(tables.book.versions[0].categories)
    sizes["features"] = len(tables.names.lapses)
    out = {
        "facts": np.empty(int((given["last"] - given["first"]).sum()), kind),
        "starts": np.zeros(creators + 1, np.int64),
        "sizes": sizes,
        "measures": np.empty(_most(gives, given), kind_of(MeasureRow)),
        "first_measures": np.zeros(creators + 1, np.int64),
    }
    law = None if switched_off() else _law_for(kind)
    count = interpret(given, tables.book, out) if law is None else run(law, given, tables.book, out)
    facts, measures = out["facts"][: out["starts"][-1]], out["measures"][:count]
    return Columns.of(facts, out["starts"], sizes, measures, out["first_measures"])


def _law_for(facts: np.dtype[Any]) -> Law | None:
    with _one_at_a_time:
        return _compiled(facts)


_one_at_a_time = Lock()
"""Whoever comes second finds what the first has made."""


@cache
def _compiled(facts: np.dtype[Any]) -> Law | None:
    def made() -> Law:
        from replay.population.kernels import Wish, kernel  # llvmlite: where it is needed

        wish = Wish(STORED | {"Fact": facts}, whole=True)
        return kernel({}, wish, unpack.unpack, Unpacking, (Fact, MeasureRow, Sizes))

    return attempted(made)


def run(law: Law, given: Mapping[str, Any], book: Book, out: Mapping[str, Array]) -> int:
    """Compiled: the arrays as they are."""
    memory = Memory(law.layouts)
    task = np.zeros(1, law.layouts["Unpacking"])
    for name, value in chain(given.items(), out.items()):
        if isinstance(value, int):
            task[name] = value
            continue
        stored = law.layouts.get(f"Unpacking.{name}", np.dtype("i8"))
        task[name] = memory.address(_as(value, stored))
    task["book"], _kept = law.books((book,))
    return law.call(memory.address(task))


def _as(values: Array, kind: np.dtype[Any]) -> Array:
    """Of that width, one after the other, and never nothing: an address must be somewhere."""
    if not values.dtype.names:
        values = np.ascontiguousarray(values, kind)
    return values if len(values) else np.zeros(1, values.dtype)


def interpret(given: Mapping[str, Any], book: Book, out: Mapping[str, Array]) -> int:
    """CPython: for comparison, and where nothing can be compiled."""
    task: Any = Unpacking()
    for name, value in given.items():
        setattr(task, name, value if isinstance(value, int) else value.tolist())
    task.book = [book]
    rows = {"facts": Fact, "sizes": Sizes, "measures": MeasureRow}
    for name, array in out.items():
        if name not in rows:
            setattr(task, name, array)
            continue
        made = (
            objects(rows[name], array)
            if name == "sizes"
            else [rows[name](*[0] * len(get_type_hints(rows[name]))) for _ in range(len(array))]
        )
        setattr(task, name, made)
    count = unpack.unpack(task)
    for name, row in rows.items():
        array = out[name]
        found = records(row, getattr(task, name))
        for field in array.dtype.names or ():
            array[field] = found[field]
    return count


def _facts(part: Part, as_of: int, known_at: int | None) -> dict[str, Any]:
    """The facts, and in which order they are ruled."""
    kinds, types = part.coded("type")
    versions = part.number("version")
    given: dict[str, Any] = {
        "creators": len(part.names),
        "as_of": as_of,
        "sorted": 0,
        "first": part.first,
        "last": part.last,
        "order": np.zeros(0, np.int64),
        "retracted_rows": np.array([FOREVER]),
        "retracted": np.zeros(1, np.int64),
        "ats": part.number("effective_at"),
        "kinds": kinds,
        "versions": versions,
        "numbers": part.number("violation_number"),
        "categories": part.coded("category")[0],
        "kind_of": np.array([KINDS.index(name) for name in types]),
        "gone": np.zeros(int(versions.max(initial=0)) + 1, np.int64),
    }
    if known_at is not None or (part.first[1:] != part.last[:-1]).any():
        order, starts = part.order(as_of, FOREVER if known_at is None else known_at)
        return given | {"sorted": 1, "order": order, "first": starts[:-1], "last": starts[1:]}
    retracted = part.given.get(RETRACTED)
    if retracted is not None and RETRACTS in retracted.table.column_names:
        versions = numbers(whole(retracted.table, RETRACTS))
        there = versions > 0
        given["retracted_rows"] = np.append(retracted.rows[there], FOREVER)
        given["retracted"] = np.append(versions[there], 0)
    return given


def _most(gives: Gives, given: Mapping[str, Any]) -> int:
    """More measure rows than there can be: room that is not used costs nothing."""
    most = int((given["grade_ends"] - given["grade_starts"]).max(initial=0))
    imposed, listed = len(gives.numbers["imposed"]), len(gives.numbers["listed"])
    return imposed + listed + most * len(given["ats"])


def _law(tables: Tables) -> dict[str, Any]:
    """What is done with a kind of fact."""
    return {
        "acts": np.array([ACTS.get(kind, unpack.NOTHING) for kind in range(len(FACT_TYPES))]),
        "names_violation": np.array(
            [t in NAMES_VIOLATION and t is not MoneyPosted for t in FACT_TYPES]
        ),
        "classes": np.array([REPLAY_CLASS.get(t, REST) for t in FACT_TYPES]),
        "first_at": tables.first_at,
        "own_accounts": len(tables.names.accounts),
    }


def _words(part: Part, gives: Gives, tables: Tables) -> dict[str, Any]:
    """What a rulebook makes of words, and room for those that it has no name for."""
    words, numbers = gives.words, gives.numbers
    names: dict[str, int] = {}
    of_rules = chain.from_iterable(
        measures for grades in tables.grades for _, measures in grades.values()
    )
    for name in chain(words["listed"], words["imposed"], words["lifted"], of_rules):
        names.setdefault(name, len(names))
    own, sides = tables.names, [SIDES.get(word, 0) for word in words["side"]]
    room = {
        "violation": int(part.number("violation_number").max(initial=0)) + 1,
        "batch": len(words["batch"]),
        "item": len(words["item"]),
        "name": len(names),
        "in_force": len(names),
        "period": len(words["period"]),
        "account": len(gives.accounts),
    }
    return (
        numbers
        | {"places": gives.places}
        | _grades(part, words["severity"], tables, names)
        | {
            "side": _through(sides, numbers["side"]),
            "listed": _through([names[word] for word in words["listed"]], numbers["listed"]),
            "imposed": _through([names[word] for word in words["imposed"]], numbers["imposed"]),
            "lifted": _through([names[word] for word in words["lifted"]], numbers["lifted"]),
            "course": _through(
                [own.courses.get(word, ABSENT) for word in words["course"]], numbers["course"]
            ),
            "feature": _through(
                [own.lapses.get(word, ABSENT) for word in words["feature"]], numbers["feature"]
            ),
            "outcome": _through([OUTCOMES[word] for word in words["outcome"]], numbers["outcome"]),
            "account_of": np.array([own.accounts.get(pair, ABSENT) for pair in gives.accounts]),
            "period_ends": np.array([period_end(word) for word in words["period"]]),
        }
        | {f"{name}_owner": np.zeros(count, np.int64) for name, count in room.items()}
        | {f"{name}_slot": np.zeros(count, np.int64) for name, count in room.items()}
        | {
            "used": np.zeros(unpack.ACCOUNTS + 1, np.int64),
            "batch_row": np.zeros(room["batch"], np.int64),
            "name_row": np.full(room["name"], ABSENT, np.int64),
        }
    )


def _through(meanings: Sequence[int], codes: Array) -> Array:
    """What codes mean; ABSENT (the last) what is none."""
    made: Array = np.array([*meanings, 0], np.int64)[codes]
    return made


def _grades(
    part: Part, severities: Sequence[str], tables: Tables, names: Mapping[str, int]
) -> dict[str, Any]:
    """The table of grades: by version, category and severity, 0 for one that is not known."""
    known = _numbered(category for grades in tables.grades for category, _ in grades)
    graded = _numbered(word for grades in tables.grades for _, word in grades if word)
    shape = len(tables.grades), len(known) + 1, len(graded) + 1
    codes, spans = np.full(shape, ABSENT, np.int64), np.zeros((2, *shape), np.int64)
    of_rules: list[int] = []
    for version, grades in enumerate(tables.grades):
        for category, c in known.items():
            for severity, s in (("", 0), *graded.items()):
                found = grades.get((category, severity)) or grades.get((category, ""))
                if found is not None:
                    codes[version, c, s] = found[0]
                    spans[:, version, c, s] = len(of_rules), len(of_rules) + len(found[1])
                    of_rules += [names[name] for name in found[1]]
    _, said = part.coded("category")
    return {
        "category_of": np.array([known.get(word, 0) for word in said]),
        "severity_of": np.array([0, *(graded.get(word, 0) for word in severities)]),
        "words": shape[1],
        "severities": shape[2],
        "grades": codes.reshape(-1),
        "grade_starts": spans[0].reshape(-1),
        "grade_ends": spans[1].reshape(-1),
        "grade_names": np.array(of_rules, np.int64),
    }


def _numbered(words: Iterable[str]) -> dict[str, int]:
    """From 1 on."""
    return {word: n for n, word in enumerate(dict.fromkeys(words), 1)}
