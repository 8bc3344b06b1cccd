"""What makes the fold's row classes fast to fill and to read."""

from __future__ import annotations

from typing import Any


class Row(type):
    """A class of integer fields: a slot for each, and an `__init__` that sets those with defaults.

    Slots fill and read several times faster than a dictionary; much of the fold's time is that.
    """

    def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, Any]) -> Row:
        fields = tuple(space["__annotations__"])
        defaults = {field: space.pop(field) for field in fields if field in space}
        if defaults:

            def __init__(self: object) -> None:  # noqa: N807  it becomes the class's
                for field, value in defaults.items():
                    setattr(self, field, value)

            space["__init__"] = __init__
        return super().__new__(cls, name, bases, {**space, "__slots__": fields})
