"""What the facts of a part give, as integers by what is done with them: words as codes."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from projections.archive.part import Part, codes_of, numbers, whole
from projections.archive.schema import RETRACTION
from projections.fold import state
from projections.fold.state import ABSENT, FOREVER, KINDS
from replay.population import unpack

Array = NDArray[Any]

ACTS = {
    state.VIOLATION_FOUND: unpack.VIOLATION,
    state.CREATOR_ENROLLED: unpack.PROFILE,
    state.PROFILE_CHANGED: unpack.PROFILE,
    state.APPEAL_GRANTED: unpack.POINTS,
    state.RECOVERY_GRANTED: unpack.RECOVERY,
    state.EXAM_SAT: unpack.MARK,
    state.RULES_EXAM_SAT: unpack.MARK,
    state.MEASURE_IMPOSED: unpack.IMPOSED,
    state.MEASURE_LIFTED: unpack.LIFTED,
    state.MONEY_POSTED: unpack.MONEY,
    state.COURSE_TAKEN: unpack.COURSE,
    state.FEATURE_OPENED: unpack.FEATURE,
    state.FEATURE_USED: unpack.FEATURE,
    state.FACT_RETRACTED: unpack.RETRACTION,
}
"""By kind of fact; of others nothing is looked at here."""
FLAG, NUMBER, WORD, LIST = range(4)
GIVES: dict[int, dict[str, tuple[str, int]]] = {
    unpack.VIOLATION: {
        "severity": ("severity", WORD),
        "taken": ("points", NUMBER),
        "side": ("ground", WORD),
        "breach": ("law_breach", FLAG),
        "batch": ("batch", WORD),
        "item": ("item", WORD),
        "since": ("offended_at", NUMBER),
        "listed": ("measures", LIST),
    },
    unpack.PROFILE: {"level": ("level", NUMBER), "reputation": ("reputation", NUMBER)},
    unpack.POINTS: {"returned": ("points", NUMBER)},
    unpack.RECOVERY: {"recovered": ("points", NUMBER), "period": ("period", WORD)},
    unpack.MARK: {"mark": ("mark", NUMBER)},
    unpack.IMPOSED: {"imposed": ("measure", WORD), "until": ("until", NUMBER)},
    unpack.LIFTED: {"lifted": ("measure", WORD)},
    unpack.MONEY: {
        "account": ("account", WORD),
        "currency": ("currency", WORD),
        "amount": ("amount", NUMBER),
    },
    unpack.COURSE: {"course": ("course", WORD)},
    unpack.FEATURE: {"feature": ("feature", WORD)},
    unpack.RETRACTION: {"outcome": (RETRACTION, WORD)},
}
"""By what is done with a fact: the fields of `Unpacking` that it fills, and from which columns."""
DETAILS = {column for fields in GIVES.values() for column, _ in fields.values()}


class Gives:
    """`places` has, by row of the part, where in the arrays of its act a fact's own are."""

    def __init__(self, part: Part) -> None:
        self.places = np.full(len(part.facts), ABSENT, np.int32)
        self.numbers: dict[str, Array] = {}
        self.words: dict[str, list[str]] = {}
        for act, fields in GIVES.items():
            found = [
                part.given[KINDS[kind]]
                for kind, its in ACTS.items()
                if its == act and KINDS[kind] in part.given
            ]
            count = 0
            for given in found:
                self.places[given.rows] = np.arange(count, count + len(given.rows))
                count += len(given.rows)
            for field, (column, form) in fields.items():
                self._fill(field, form, _one([given.table for given in found], column), count)
        currencies = self.words.pop("currency")
        self.accounts = [(a, c) for a in self.words["account"] for c in currencies]
        """By the code of both."""
        money = self.numbers["account"] * len(currencies) + self.numbers.pop("currency")
        self.numbers["account"] = money

    def _fill(self, field: str, form: int, values: pa.Array | None, count: int) -> None:
        if values is None:
            self._nothing(field, form, count)
        elif form == LIST:
            self.numbers["list_starts"] = numbers(values.offsets)
            self.numbers[field], self.words[field] = codes_of(values.values)
        elif form == WORD:
            self.numbers[field], self.words[field] = codes_of(values)
        else:
            self.numbers[field] = numbers(values, _absent(field, form))

    def _nothing(self, field: str, form: int, count: int) -> None:
        """A column that no fact of the part fills."""
        if form == LIST:
            self.numbers["list_starts"] = np.zeros(count + 1, np.int32)
            self.numbers[field], self.words[field] = np.zeros(0, np.int64), []
        elif form == WORD:
            self.numbers[field], self.words[field] = np.full(count, ABSENT, np.int32), []
        else:
            width = np.int8 if form == FLAG else np.int64
            self.numbers[field] = np.full(count, _absent(field, form), width)

    def narrow(self, widths: dict[str, str]) -> bool:
        """Whether figures fit in the narrow record of a fact."""
        fields = ("taken", "points"), ("returned", "points"), ("recovered", "points")
        same = ((name, name) for name in ("level", "reputation", "mark"))
        return all(
            self.numbers[mine].max(initial=0) <= np.iinfo(widths[field]).max
            for mine, field in chain(fields, same)
        )


def _absent(field: str, form: int) -> int:
    if form == FLAG:
        return 0
    return FOREVER if field == "until" else ABSENT


def _one(tables: Sequence[pa.Table], column: str) -> pa.Array | None:
    """A column of tables, one after the other; None where none has it."""
    there = [table for table in tables if column in table.column_names]
    if not there:
        return None
    if len(tables) == 1:
        return whole(tables[0], column)
    kind = there[0].schema.field(column).type
    parts = [
        table.select([column]) if table in there else pa.table({column: pa.nulls(len(table), kind)})
        for table in tables
    ]
    return whole(pa.concat_tables(parts), column)
