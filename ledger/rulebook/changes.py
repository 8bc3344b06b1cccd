"""A rulebook with other figures: what `--set nodes.8.below=7` and scenarios make of it.

A change names a key path and the new value as text; the struct says what type it must have. The
result is checked like a file, its label bears a `+`, and the changed figures cite no source: they
are assumed, and reports say so.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import inspect

from ledger.errors import RulebookError
from ledger.rulebook.checks.sense import family, sense
from ledger.rulebook.citations import HIDDEN, Citation, unfit
from ledger.rulebook.figures import figures, plain
from ledger.rulebook.findings import Finding, near
from ledger.rulebook.model import OWN, Rulebook
from ledger.rulebook.shapes import bare, needed, shape

NOTE = "set by the scenario"
NONE = "none"
FIXED = {"name", "version", "draft", "sources", "title", "clauses"} | OWN


def with_changes(rulebook: Rulebook, changes: Mapping[str, str]) -> Rulebook:
    """The rulebook with `changes` {key path: value as text}; `none` takes an optional figure away.

    A stop may be named by its feature: `nodes.8.stops.cart.days`. Raises `RulebookError` naming
    the key and, where it is unknown, the nearest one.
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


def _has(rulebook: Rulebook, key: str) -> bool:
    try:
        holder, name, _, _ = _find(plain(rulebook), key)
    except LookupError:
        return False
    return isinstance(holder, list) or name in holder


def _may_have(rulebook: Rulebook, key: str) -> bool:
    try:
        _find(plain(rulebook), key)
    except LookupError:
        return False
    return True


def _set(rulebook: Rulebook, said: dict[str, Any], key: str, text: str) -> str:
    try:
        holder, name, wanted, path = _find(said, key)
    except LookupError:
        hint = near(key, figures(rulebook))
        raise RulebookError(f'no key "{key}" in {rulebook.label}{hint}') from None
    optional = isinstance(wanted, inspect.UnionType)
    if text == NONE and optional and isinstance(holder, dict):
        holder.pop(name, None)
        return path
    try:
        holder[name] = _value(bare(wanted), text)
    except (ValueError, InvalidOperation):
        also = f" or {NONE}" if optional else ""
        problem = f'found "{text}"; {needed(bare(wanted))}{also} is needed'
        _refuse(rulebook, [Finding(path, problem)])
    value = holder[name]
    if isinstance(value, int | Decimal) and (problem := unfit(value)):
        _refuse(rulebook, [Finding(path, problem)])
    return path


def _find(said: dict[str, Any], key: str) -> tuple[Any, Any, inspect.Type, str]:
    """(what holds the key, name or index in it, wanted type, path); `LookupError` if none does."""
    holder: Any = None
    name: Any = ""
    item: Any = said
    wanted: inspect.Type = shape()
    path: list[str] = []
    for part in key.split("."):
        holder, name = item, part
        match bare(wanted):
            case inspect.StructType() as struct:
                field = next((f for f in struct.fields if f.name == part), None)
                if field is None or item is None or (not path and part in FIXED):
                    raise LookupError(key)
                wanted, item = field.type, item.get(part)
            case inspect.DictType() as table:
                wanted, item = table.value_type, item[part]
            case inspect.VarTupleType() as row:
                name = _index(item or [], part)
                wanted, item = row.item_type, item[name]
            case _:
                raise LookupError(key)
        path.append(str(name))
    if holder is None or not _settable(bare(wanted)):
        raise LookupError(key)
    return holder, name, wanted, ".".join(path)


def _settable(wanted: inspect.Type) -> bool:
    """Whether it is one value: a table is not, nor is a list of tables; a list of words is."""
    if isinstance(wanted, inspect.VarTupleType):
        return not isinstance(bare(wanted.item_type), inspect.StructType)
    return not isinstance(wanted, inspect.StructType | inspect.DictType)


def _index(items: list[Any], part: str) -> int:
    if part.isdecimal() and int(part) < len(items):
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
            return _no(text) if HIDDEN.search(text) else text


def _no(text: str) -> Any:
    raise ValueError(text)


def _refuse(rulebook: Rulebook, findings: Sequence[Finding]) -> None:
    raise RulebookError("\n".join(f.sentence(rulebook.label) for f in findings[:5]))
