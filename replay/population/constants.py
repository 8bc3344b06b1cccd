"""What rulebooks leave unsaid, or say alike in every version: the law need not ask it.

Figures are not among it, so that books which differ in them alone are served by one compilation:
the rulebook of today, a scenario, and every point of a sweep.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, get_args

from projections.fold.rules import Book
from projections.fold.state import ABSENT, FOREVER
from replay.population.compiler.program import Field, fields, is_list

SETTLED = (0, 1, ABSENT, FOREVER, -FOREVER)
"""Not there, yes or no, the first or the only one, never."""

Constants = dict[Field, int]


@lru_cache(64)
def constants(books: tuple[Book, ...]) -> Mapping[Field, int]:
    """The fields of rules that have one of the SETTLED values throughout the books."""
    found: dict[Field, set[int]] = {}
    for book in books:
        _look(book, found)
    return {
        field: value
        for field, values in found.items()
        if len(values) == 1
        for value in values
        if value in SETTLED
    }


def _look(row: Any, found: dict[Field, set[int]]) -> None:
    kind_of_row: type = type(row)
    for name, kind in fields(kind_of_row).items():
        value = getattr(row, name)
        if not is_list(kind):
            found.setdefault(Field(type(row).__name__, name), set()).add(int(value))
        elif get_args(kind) != (int,):
            for each in value:
                _look(each, found)
