"""The full diagnosis of a rulebook that does not fit the structs: every unknown key, every type.

`msgspec` stops at the first error and doesn't name the keys of tables. This walk is asked only
after it has refused, so it may take its time.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import Any

from msgspec import inspect

from ledger.rulebook.citations import KEYS
from ledger.rulebook.findings import MANY, Finding, near
from ledger.rulebook.model import OWN, Rulebook

SHOWN = 3
"""Places of a key that are named at once."""


@cache
def shape() -> inspect.StructType:
    """The structs as `msgspec` sees them."""
    described = inspect.type_info(Rulebook)
    assert isinstance(described, inspect.StructType)
    return described


@cache
def places() -> dict[str, tuple[str, ...]]:
    """{key: the tables that may have it}, `counters.…` standing for each counter's."""
    found: dict[str, dict[str, None]] = {}
    for key, place in _keys(shape(), ""):
        found.setdefault(key, {})[place] = None
    return {key: tuple(tables) for key, tables in found.items()}


def _keys(wanted: inspect.Type, path: str) -> Iterator[tuple[str, str]]:
    match bare(wanted):
        case inspect.StructType() as struct:
            for field in struct.fields:
                if path or field.name not in OWN:
                    yield field.name, path or "the head of the file"
                    yield from _keys(field.type, f"{path}.{field.name}".lstrip("."))
        case inspect.DictType(value_type=inner) | inspect.VarTupleType(item_type=inner):
            yield from _keys(inner, f"{path}.…")


def misshapen(plain: dict[str, Any]) -> list[Finding]:
    """Each place where plain data (citations already taken out) doesn't fit `Rulebook`."""
    return list(islice(_walk(plain, shape(), ""), MANY))


def _walk(value: Any, wanted: inspect.Type, path: str) -> Iterator[Finding]:
    wanted = bare(wanted)
    match wanted:
        case inspect.StructType():
            yield from _struct(value, wanted, path)
        case inspect.DictType():
            if not isinstance(value, dict):
                yield Finding(path, f"found {_found(value)}; a table is needed")
                return
            for key, item in value.items():
                if isinstance(wanted.key_type, inspect.LiteralType):
                    words = [str(v) for v in wanted.key_type.values]
                    if key not in words:
                        yield Finding(f"{path}.{key}", f"unknown concept{near(key, words)}")
                        continue
                yield from _walk(item, wanted.value_type, f"{path}.{key}")
        case inspect.VarTupleType():
            if not isinstance(value, list):
                yield Finding(path, f"found {_found(value)}; a list in [ ] is needed")
                return
            for i, item in enumerate(value):
                yield from _walk(item, wanted.item_type, f"{path}.{i}")
        case _:
            yield from _leaf(value, wanted, path)


def _struct(value: Any, wanted: inspect.StructType, path: str) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield Finding(path, f"found {_found(value)}; a table is needed")
        return
    fields = {f.name: f for f in wanted.fields if path or f.name not in OWN}
    for key, item in value.items():
        below = f"{path}.{key}" if path else key
        if key in fields:
            yield from _walk(item, fields[key].type, below)
        else:
            others = places().get(key, ())
            hint = f"; it belongs to {' or '.join(others[:SHOWN])}" if others else ""
            yield Finding(below, f"unknown key{hint or near(key, [*fields, *KEYS])}")
    for name, field in fields.items():
        if field.required and name not in value:
            yield Finding(path, f"{name} is missing; {needed(bare(field.type))} is needed")


def _leaf(value: Any, wanted: inspect.Type, path: str) -> Iterator[Finding]:
    fits = {
        inspect.StrType: isinstance(value, str),
        inspect.BoolType: isinstance(value, bool),
        inspect.IntType: isinstance(value, int) and not isinstance(value, bool),
        inspect.DecimalType: isinstance(value, int | Decimal) and not isinstance(value, bool),
        inspect.DateType: isinstance(value, date) and not isinstance(value, datetime),
    }
    if isinstance(wanted, inspect.LiteralType):
        words = [str(v) for v in wanted.values]
        if value not in words:
            hint = near(str(value), words)
            hint += "" if "allowed" in hint else f" (allowed: {', '.join(words)})"
            yield Finding(path, f"found {_found(value)}{hint}")
    elif not fits.get(type(wanted), True):
        yield Finding(path, f"found {_found(value)}; {needed(wanted)} is needed")


def bare(wanted: inspect.Type) -> inspect.Type:
    """The type without `| None`: TOML has no null, an absent key says it."""
    if isinstance(wanted, inspect.UnionType):
        return next(t for t in wanted.types if not isinstance(t, inspect.NoneType))
    return wanted


def needed(wanted: inspect.Type) -> str:
    """What a person must write there."""
    match wanted:
        case inspect.IntType():
            return "a whole number"
        case inspect.DecimalType():
            return "a number"
        case inspect.DateType():
            return "a date, as in 2024-07-06"
        case inspect.BoolType():
            return "true or false"
        case inspect.LiteralType():
            return " or ".join(f'"{v}"' for v in wanted.values)
        case inspect.StructType() | inspect.DictType():
            return "a table"
        case inspect.VarTupleType():
            return "a list in [ ]"
        case _:
            return "text in quotes"


def _found(value: object) -> str:
    match value:
        case dict():
            return "a table"
        case list():
            return "a list"
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"' if len(value) <= 40 else f'"{value[:37]}…"'
        case _:
            return str(value)[:40]
