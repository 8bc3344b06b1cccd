"""`--where`: whom a question is about, by what they come to under the rules in force.

A condition is a word, a comparison and a value: `level>=4`, `cohort=2024`, `violations>3`,
`score<8`, `category=misleading`, `stopped=any`, `node=8`. Several must all hold.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal, InvalidOperation
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ledger.errors import InputError
from ledger.rulebook.findings import near
from ledger.text import safe
from projections.fold.state import ABSENT
from replay.population.layout import Layout

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    ">=": ge, "<=": le, "!=": ne, "=": eq, ">": gt, "<": lt,
}  # fmt: skip
_SHAPE = re.compile(r"\s*([a-z_]+)\s*(>=|<=|!=|=|>|<)\s*(.+?)\s*")
NUMBERS = ("level", "cohort", "violations", "score")
NAMES = ("category", "stopped", "node")
ANY, NONE = "any", "none"


class Condition(NamedTuple):
    word: str
    compare: str
    value: str

    def __str__(self) -> str:
        return f"{self.word}{self.compare}{self.value}"


def read_condition(text: str) -> Condition:
    """Raises InputError with what was found and what would be right."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise InputError(f"found {safe(text)!r}; a condition is as level>=4 or category=misleading")
    condition = Condition(*match.groups())
    word, compare, value = condition
    if word not in (*NUMBERS, *NAMES):
        raise InputError(f'no condition on "{word}"{near(word, (*NUMBERS, *NAMES))}')
    if word in NAMES and compare not in ("=", "!="):
        raise InputError(f"{condition}: a {word} is = or !=")
    if word in NUMBERS:
        _number(condition, value)
    return condition


def chosen(conditions: Iterable[Condition], rows: Rows, layout: Layout) -> Mask:
    """Which rows of summaries meet all conditions; nobody who is not enrolled does.

    Raises InputError for a name that the rulebook does not have.
    """
    mask: Mask = rows[:, 0] != ABSENT
    for condition in conditions:
        mask &= _meets(condition, rows, layout)
    return mask


def cohorts(rows: Rows) -> Rows:
    """The year of enrolment of each; 1969 before it."""
    days = rows[:, 0].astype("datetime64[D]")
    return days.astype("datetime64[Y]").astype(np.int64) + 1970


def _meets(condition: Condition, rows: Rows, layout: Layout) -> Mask:
    word, compare, value = condition
    match word:
        case "category":
            columns = _columns(value, [g.category for g in layout.grades], condition)
            found = rows[:, layout.violations][:, columns].any(axis=1)
        case "node":
            columns = _columns(value, [node.name for node in layout.nodes], condition)
            found = rows[:, layout.crossed][:, columns].any(axis=1)
        case "stopped":
            found = _stopped(condition, rows, layout)
        case _:
            return np.asarray(
                COMPARE[compare](_values(word, rows, layout), _number(condition, value))
            )
    return np.asarray(~found if compare == "!=" else found)


def _stopped(condition: Condition, rows: Rows, layout: Layout) -> Mask:
    until = rows[:, layout.until] != ABSENT
    if condition.value in (ANY, NONE):
        any_ = until.any(axis=1)
        return np.asarray(any_ if condition.value == ANY else ~any_)
    names = (*layout.features, ANY, NONE)
    if condition.value not in names:
        raise InputError(
            f'{condition}: no feature "{safe(condition.value)}"{near(condition.value, names)}'
        )
    return np.asarray(until[:, layout.features.index(condition.value)])


def _columns(value: str, names: Sequence[str], condition: Condition) -> list[int]:
    columns = [i for i, name in enumerate(names) if name == value]
    if not columns:
        said = near(value, dict.fromkeys(names))
        raise InputError(f'{condition}: no {condition.word} "{safe(value)}"{said}')
    return columns


def _values(word: str, rows: Rows, layout: Layout) -> Rows:
    if word == "level":
        return rows[:, 1]
    if word == "cohort":
        return cohorts(rows)
    if word == "violations":
        return np.asarray(rows[:, layout.violations].sum(axis=1))
    return rows[:, layout.scores][:, 0]


def _number(condition: Condition, value: str) -> int:
    """Scores are hundredths."""
    try:
        found = Decimal(value) * (100 if condition.word == "score" else 1)
        if found == int(found):
            return int(found)
    except (InvalidOperation, OverflowError, ValueError):
        pass
    kind = "a score of at most two decimals" if condition.word == "score" else "a whole number"
    raise InputError(f"{condition}: found {safe(value)!r}; {kind} is needed")
