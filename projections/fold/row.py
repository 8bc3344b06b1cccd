"""What makes the fold's row classes fast to fill, to read and to copy."""

from __future__ import annotations

from typing import Any


class Row(type):
    """A class of integer fields: a slot for each, and an `__init__` that sets those with defaults.

    Slots fill and read several times faster than a dictionary; much of the fold's time is that.
    `copy` takes rows of which every field is set.
    """

    def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any]) -> Row:
        fields = tuple(space["__annotations__"])
        defaults = {field: space.pop(field) for field in fields if field in space}
        if defaults:

            def __init__(self: object) -> None:  # noqa: N807  it becomes the class's
                for field, value in defaults.items():
                    setattr(self, field, value)

            space["__init__"] = __init__
        space["__copy__"] = _copier(fields)
        return super().__new__(cls, name, bases, {**space, "__slots__": fields})


def _copier(fields: tuple[str, ...]) -> Any:
    """Written out for each class: eight times as fast as a loop of `setattr`."""
    lines = [f"    other.{field} = self.{field}" for field in fields]
    begin, end = "def copied(self):\n    other = new(type(self))\n", "\n    return other\n"
    made: dict[str, Any] = {"new": object.__new__}
    exec(begin + "\n".join(lines) + end, made)  # noqa: S102  the fields are ours
    return made["copied"]
