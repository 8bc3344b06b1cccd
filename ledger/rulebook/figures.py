"""A rulebook flattened: every value with its key path. What people list, compare and change."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias

import msgspec

from ledger.rulebook.citations import Citation
from ledger.rulebook.model import OWN, Roles, Rulebook, Title

Value: TypeAlias = str | int | bool | Decimal | date
NONE = "none"
"""In place of a value: there is none."""
TEXTS = ("title", "sources", "features", "roles", "words", "redress", "clauses")
"""Tables that hold words for people; all else decides rulings."""


def plain(rulebook: Rulebook, *tables: str) -> dict[str, Any]:
    """The rulebook as its file says it, without citations and without what it leaves out.

    Where `tables` are named, these alone.
    """
    return {
        name: _given(value)
        for name, value in _there(rulebook)
        if (name in tables if tables else name not in OWN)
    }


def figures(rulebook: Rulebook) -> dict[str, Value]:
    """{key path: value} of everything that decides rulings, in the order of the file's concepts."""
    found = {}
    for path, value in _leaves(plain(rulebook), ""):
        parts = path.split(".")
        if parts[0] not in (*TEXTS, "name", "version", "draft") and "title" not in parts:
            found[path] = value
    return found


def as_text(value: Any) -> str:
    """A figure, or a list of words, as `--set` takes it."""
    if isinstance(value, list | tuple):
        return ", ".join(value) or NONE
    return str(value).lower() if isinstance(value, bool) else str(value)


def titles(rulebook: Rulebook) -> dict[str, Title]:
    """{key path: title} of each thing that has a name for people."""
    found = {f"features.{name}": Title(f.en, f.zh) for name, f in rulebook.features.items()}
    for role in Roles.__struct_fields__:
        if (title := getattr(rulebook.roles, role)) is not None:
            found[f"roles.{role}"] = title
    found |= {f"words.{word}": title for word, title in rulebook.words.items()}
    for table in ("counters", "categories", "nodes", "ladders"):
        for name, item in getattr(rulebook, table).items():
            if item.title is not None:
                found[f"{table}.{name}"] = item.title
    for name, category in rulebook.categories.items():
        for word, severity in category.severities.items():
            if severity.title is not None:
                found[f"categories.{name}.severities.{word}"] = severity.title
    return found


def differences(
    old: Rulebook, new: Rulebook
) -> Iterator[tuple[str, Value | None, Value | None, Citation | None, Citation | None]]:
    """(key path, old value, new value, old citation, new citation) of all that differs.

    A value is `None` where a side does not have it, and so is its citation.
    """
    before, after = figures(old), figures(new)
    for path in [*before, *(p for p in after if p not in before)]:
        was, now = before.get(path), after.get(path)
        if was != now:
            yield (
                path,
                was,
                now,
                old.cite(path) if path in before else None,
                new.cite(path) if path in after else None,
            )


def _there(item: msgspec.Struct) -> Iterator[tuple[str, Any]]:
    """The fields that a file gives, or that are something else than nothing."""
    for name, often_empty in _fields(type(item)):
        value = getattr(item, name)
        if not (value is None or (often_empty and value == ())):
            yield name, value


@cache
def _fields(struct: type[msgspec.Struct]) -> list[tuple[str, bool]]:
    """Each field, and whether it is an empty list where it is left out."""
    return [(field.name, field.default == ()) for field in msgspec.structs.fields(struct)]


def _given(item: Any) -> Any:
    if isinstance(item, str | int | Decimal):  # most of it
        return item
    if isinstance(item, msgspec.Struct):
        return {name: _given(value) for name, value in _there(item)}
    if isinstance(item, dict):
        return {k: _given(v) for k, v in item.items()}
    if isinstance(item, tuple):
        return [_given(v) for v in item]
    return item


def _leaves(item: Any, path: str) -> Iterator[tuple[str, Value]]:
    if isinstance(item, dict | list):
        pairs = item.items() if isinstance(item, dict) else enumerate(item)
        if isinstance(item, list) and not (item and isinstance(item[0], dict)):
            yield path, as_text(item)  # a list of words is one value, and so is none
            return
        for key, value in pairs:
            yield from _leaves(value, f"{path}.{key}" if path else str(key))
    elif item != "" and (item is not False or path.startswith("exam.")):
        # A stop that is not permanent says nothing; an exam without study does.
        yield path, item
