"""Where the fields of a row are in memory: a row is an address, a list in it the address of rows.

A field is worth an int64, however wide it is stored. How many rows a list has is nowhere said.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from replay.population.compiler.program import fields, is_list

Array = NDArray[Any]
Layouts = Mapping[str, np.dtype[Any]]
"""By the name of the row class."""


def layout(row: type, wanted: Callable[[str], bool] = bool) -> np.dtype[Any]:
    """One int64, or one address, for each field that is wanted."""
    kinds = {name: kind for name, kind in fields(row).items() if wanted(name)}
    return np.dtype([(name, "u8" if is_list(kind) else "i8") for name, kind in kinds.items()])


class Memory:
    """Rows, and the arrays that they point to, for as long as it lives."""

    def __init__(self, layouts: Layouts) -> None:
        self.layouts = layouts
        self.kept: list[Array] = []

    def address(self, array: Array) -> int:
        """Where an array begins, from now on kept."""
        assert array.flags.c_contiguous
        self.kept.append(array)
        return int(array.ctypes.data)

    def rows(self, objects: Sequence[object], row: type) -> Array:
        """Objects of one row class as an array, the rows in their lists beneath them."""
        array = np.zeros(max(len(objects), 1), self.layouts[row.__name__])
        for name, kind in fields(row).items():
            if name in (array.dtype.names or ()):
                found = [getattr(each, name, 0) for each in objects]  # unused rows are not filled
                array[name][: len(found)] = [self._value(each, kind) for each in found]
        return array

    def _value(self, value: Any, kind: Any) -> int:
        if not is_list(kind):
            return int(value)
        (item,) = get_args(kind)
        if item is int:
            return self.address(np.array([*value, 0], np.int64))
        return self.address(self.rows(value, item))
