"""JSON as the line of a fact must be: one object, each key once, numbers only, not too long."""

import json
import re
from typing import Any

import msgspec

from ledger.facts.forms import Wrong, show

SIZE_LIMIT = 64 * 1024

_decode = msgspec.json.Decoder().decode


def keys_are_distinct(raw: bytes, keys: int) -> bool:
    """Whether a text with so many distinct keys surely has none twice.

    Every key is followed by `":` when written without a space before the colon. Text that looks
    like a key makes it unsure, no more: then the keys are counted one by one.
    """
    return (
        raw.count(b'":') == keys
        and b" :" not in raw
        and b"\t" not in raw
        and b"\n" not in raw
        and b"\r" not in raw
        and len(raw) <= SIZE_LIMIT
    )


def refuse_size(size: int) -> None:
    """A whole fact is at most 64 KiB."""
    if size > SIZE_LIMIT:
        raise Wrong("at most 64 KiB", field="fact", found=f"{size} bytes")


def read_object(raw: bytes) -> dict[str, Any]:
    """The one object of a line; Wrong says what is there instead."""
    refuse_size(len(raw))
    try:
        record = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed(raw, error) from error
    if type(record) is not dict:
        raise Wrong("one JSON object", field="fact", found=show(record))
    data = record.get("data")
    keys = len(record) + (len(data) if type(data) is dict else 0)
    if not keys_are_distinct(raw, keys):
        _refuse_duplicates(raw)
    return record


def _malformed(raw: bytes, error: Exception) -> Wrong:
    if isinstance(error, RecursionError):
        return Wrong("an object that is not nested", field="fact", found="too many brackets")
    number = re.search(rb"(?<![\w\"])-?(NaN|Infinity)\b", raw)
    if number:
        return Wrong("a decimal string", field="fact", found=number[0].decode())
    why = str(error).removeprefix("JSON is malformed: ")
    return Wrong("one JSON object", field="fact", found=f"malformed JSON ({why})")


def _refuse_duplicates(raw: bytes) -> None:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        record = dict(pairs)
        if len(record) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise Wrong("each key once", field=show(twice)[1:-1], found="the key twice")
        return record

    json.loads(raw, object_pairs_hook=unique, parse_int=str)
