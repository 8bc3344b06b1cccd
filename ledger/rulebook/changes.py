"""A rulebook with other figures: what `--set nodes.8.below=7` and scenarios make of it.

A change names a key path and the new value as text; the struct says what type it must have. The
result is checked like a file, its label bears a `+`, and the changed figures cite no source: they
are assumed, and reports say so.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

from ledger.errors import RulebookError
from ledger.rulebook.checks.sense import family, sense
from ledger.rulebook.citations import Citation, hidden, unfit
from ledger.rulebook.figures import NONE, TEXTS, figures, plain
from ledger.rulebook.findings import Finding, near
from ledger.rulebook.model import OWN, Rulebook
from ledger.rulebook.shapes import bare, needed, shape

NOTE = "set by the scenario"
FIXED = {"name", "version", "draft", *TEXTS} - {"features"} | OWN


def with_changes(rulebook: Rulebook, changes: Mapping[str, str]) -> Rulebook:
    """The rulebook with `changes` {key path: value as text}.

    `none` takes an optional figure or table away, and empties a list of words; `a, b` is one. A
    table that is not there is begun where none of its keys is required: `expires_after.days`. A
    stop may be named by its feature: `nodes.8.stops.cart.days`. Raises `RulebookError` naming the
    key and, where it is unknown, the nearest one.
    """
    if not changes:
        return rulebook
    version = rulebook.version.rstrip("+")  # what has been changed may be changed again
    said = {**plain(rulebook), "version": version}
    citations = dict(rulebook.citations)
    for key, text in changes.items():
        path = _set(rulebook, said, key, text)
        citations[path] = Citation(assumed=True, note=NOTE)
    changed = msgspec.convert(said, Rulebook)
    changed = msgspec.structs.replace(changed, citations=citations, written=rulebook.written)
    if findings := sense(changed):
        _refuse(rulebook, findings)
    mark = repr(sorted(changes.items()))
    return msgspec.structs.replace(
        changed,
        version=f"{version}+",
        hash=sha256(f"{rulebook.hash} {mark}".encode()).hexdigest(),
    )


def with_changes_all(
    versions: Sequence[Rulebook], changes: Mapping[str, str]
) -> tuple[Rulebook, ...]:
    """All versions of a name with `changes`, in the order in which they then come into force.

    `2024-07:exam.answers` changes one version. A key without a version changes every version that
    has it; at least one must.
    """
    chosen: dict[str, dict[str, str]] = {r.version: {} for r in versions}
    for key, text in changes.items():
        version, colon, path = key.rpartition(":")
        if colon and version not in chosen:
            raise RulebookError(f'{key}: no version "{version}"{near(version, chosen)}')
        named = [r for r in versions if not colon or r.version == version]
        # Those that give the figure, else those that might, else the newest one: it says why not.
        having = [r for r in named if _has(r, path)] or [r for r in named if _may_have(r, path)]
        for rulebook in having or named[-1:]:
            chosen[rulebook.version][path] = text
    changed = [with_changes(r, chosen[r.version]) for r in versions]
    changed.sort(key=lambda r: r.in_force_from)
    if problems := family(changed):
        raise RulebookError("\n".join(problems))
    return tuple(changed)


def _table(key: str) -> str:
    return key.partition(".")[0]


def _has(rulebook: Rulebook, key: str) -> bool:
    try:
        holder, name = _find(plain(rulebook, _table(key)), key).trail[-1]
    except LookupError:
        return False
    return isinstance(holder, list) or name in holder


def _may_have(rulebook: Rulebook, key: str) -> bool:
    try:
        _find(plain(rulebook, _table(key)), key)
    except LookupError:
        return False
    return True


def _set(rulebook: Rulebook, said: dict[str, Any], key: str, text: str) -> str:
    try:
        trail, wanted = _find(said, key, table=text == NONE)
    except LookupError:
        hint = near(key, figures(rulebook))
        raise RulebookError(f'no key "{key}" in {rulebook.label}{hint}') from None
    path = ".".join(str(name) for _, name in trail)
    holder, name = trail[-1]
    if text == NONE and isinstance(wanted, inspect.UnionType) and isinstance(holder, dict):
        holder.pop(name, None)
        return path
    for (table, word), (inner, _) in pairwise(trail):
        table[word] = inner  # which is new where the key begins it
    try:
        holder[name] = value = _value(bare(wanted), text)
    except (ValueError, InvalidOperation):
        _refuse(rulebook, [Finding(path, f'found "{text}"; {_needed(wanted)} is needed')])
    if isinstance(value, int | Decimal) and (problem := unfit(value)):
        _refuse(rulebook, [Finding(path, problem)])
    return path


class _Place(NamedTuple):
    trail: list[tuple[Any, Any]]
    """From the top, what holds each part of the key, and its name or index in that."""
    wanted: inspect.Type


def _find(said: dict[str, Any], key: str, *, table: bool = True) -> _Place:
    """Where a key stands, or would; `LookupError` where nothing can be set there.

    Optional tables, which can be taken away but not set, are found where `table` asks for them.
    """
    trail: list[tuple[Any, Any]] = []
    item: Any = said
    wanted: inspect.Type = shape()
    for part in key.split("."):
        match bare(wanted):
            case inspect.StructType() as struct:
                if item is None and not any(f.required for f in struct.fields):
                    item = {}
                field = next((f for f in struct.fields if f.name == part), None)
                if field is None or item is None or (not trail and part in FIXED):
                    raise LookupError(key)
                trail.append((item, part))
                wanted, item = field.type, item.get(part)
            case inspect.DictType(value_type=inner):
                trail.append((item, part))
                wanted, item = inner, item[part]
            case inspect.VarTupleType(item_type=inner):
                name = _index(item or [], part)
                trail.append((item, name))
                wanted, item = inner, item[name]
            case _:
                raise LookupError(key)
    if not (_one_value(bare(wanted)) or (table and isinstance(wanted, inspect.UnionType))):
        raise LookupError(key)
    return _Place(trail, wanted)


def _one_value(wanted: inspect.Type) -> bool:
    """A table is not, nor is a list of tables; a list of words is."""
    if isinstance(wanted, inspect.VarTupleType):
        return not isinstance(bare(wanted.item_type), inspect.StructType)
    return not isinstance(wanted, inspect.StructType | inspect.DictType)


def _index(items: list[Any], part: str) -> int:
    if part.isdecimal() and len(part) < 10 and int(part) < len(items):
        return int(part)
    for i, item in enumerate(items):
        if isinstance(item, dict) and item.get("feature") == part:
            return i
    raise LookupError(part)


def _value(wanted: inspect.Type, text: str) -> Any:
    match wanted:
        case inspect.IntType():
            return int(text) if text.isascii() and text.lstrip("-").isdigit() else _no(text)
        case inspect.DecimalType():
            return Decimal(text) if text.isascii() and "_" not in text else _no(text)
        case inspect.BoolType():
            return {"true": True, "false": False}[text] if text in ("true", "false") else _no(text)
        case inspect.DateType():
            return date.fromisoformat(text)
        case inspect.LiteralType():
            return text if text in wanted.values else _no(text)
        case inspect.VarTupleType(item_type=inner):
            words = [] if text == NONE else [word.strip() for word in text.split(",")]
            return [_value(bare(inner), word) for word in words]
        case _:
            return _no(text) if hidden(text) else text


def _needed(wanted: inspect.Type) -> str:
    match wanted:
        case inspect.VarTupleType(item_type=inner):
            return f"{needed(bare(inner))}, or several with commas between, or {NONE}"
        case inspect.UnionType():
            return f"{needed(bare(wanted))} or {NONE}"
        case _:
            return needed(wanted)


def _no(text: str) -> Any:
    raise ValueError(text)


def _refuse(rulebook: Rulebook, findings: Sequence[Finding]) -> None:
    raise RulebookError("\n".join(f.sentence(rulebook.label) for f in findings[:5]))
