"""Envelopes as bytes: positional msgpack, the version of the layout first, and read back typed.

The row of the log holds subject, version, position and type; the bytes hold the rest, as
`[1, source, id, effective_at, recorded_at, [type, …fields], attributes]`. They are plain msgpack,
so anything can read them. A change of layout raises the version by one and adds the function that
lifts the one before: old bytes are never rewritten, and every version ever written can be read.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Union

import msgpack  # type: ignore[import-untyped]
import msgspec
from msgspec import Struct

from ledger.envelope import Envelope
from ledger.errors import InputError, StoreError
from ledger.facts import FACT_TYPES

AnyFact = Union[FACT_TYPES]  # type: ignore[valid-type]  # noqa: UP007  a union made of a tuple

Row = tuple[int, str, int, bytes]
"""Position, subject, version, bytes."""

Upcaster = Callable[[list[Any]], list[Any]]
"""Takes the array of one version and returns that of the next, its version element included."""

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
NO_ARRAY = (ValueError, TypeError, IndexError, KeyError)

VERSION = 1
UPCASTERS: dict[int, Upcaster] = {}
"""{version: what lifts it to the next}, oldest first."""


class Stored(Struct, frozen=True, array_like=True, tag=VERSION, gc=False):
    """What the bytes hold, in this order."""

    source: str
    id: str
    effective_at: int
    recorded_at: int
    fact: AnyFact
    attributes: dict[str, str | int | bool] | None = None


_encode = msgspec.msgpack.Encoder().encode
_decode_one = msgspec.msgpack.Decoder(Stored).decode
_decode_list = msgspec.msgpack.Decoder(list[Stored]).decode


def encode(envelope: Envelope, recorded_at: int) -> bytes:
    """The bytes of a fact as recorded at an instant. Check a page of them with `canonical`."""
    e = envelope
    return _encode(Stored(e.source, e.id, e.effective_at, recorded_at, e.fact, e.attributes))


def canonical(states: Sequence[bytes], facts: Sequence[Envelope]) -> None:
    """Refuse to record what would not be read back as the same: a wrong type, a value out of range.

    What comes through `cloudevents` never is; a fact built in code can be.
    """
    try:
        read = _decode_list(_array(states))
    except UNREADABLE as error:
        raise InputError(f"a fact can't be recorded: {error}") from error
    if [stored.fact for stored in read] != [e.fact for e in facts]:
        raise InputError("a fact can't be recorded: it is not read back the same")


def decode(row: Row, upcasters: Mapping[int, Upcaster] = UPCASTERS) -> Envelope:
    """One row of the log, of whichever version it was written."""
    position, subject, version, state = row
    try:
        stored = _decode_one(state)
    except UNREADABLE as error:
        stored = _lifted(state, position, upcasters, error)
    return _envelope(stored, position, subject, version)


def decode_many(rows: Sequence[Row]) -> list[Envelope]:
    """Many rows of the log: one call of the decoder for all of them."""
    try:
        stored = _decode_list(_array([row[3] for row in rows]))
    except UNREADABLE:
        return [decode(row) for row in rows]
    return [
        Envelope(
            s.source,
            s.id,
            row[1],
            s.effective_at,
            s.fact,
            s.recorded_at,
            row[0],
            row[2],
            s.attributes,
        )
        for s, row in zip(stored, rows, strict=True)
    ]


def _envelope(s: Stored, position: int, subject: str, version: int) -> Envelope:
    return Envelope(
        s.source,
        s.id,
        subject,
        s.effective_at,
        s.fact,
        s.recorded_at,
        position,
        version,
        s.attributes,
    )


def _array(states: Sequence[bytes]) -> bytes:
    """The msgpack array of encoded values."""
    return b"\xdd" + len(states).to_bytes(4, "big") + b"".join(states)


def _lifted(
    state: bytes, position: int, upcasters: Mapping[int, Upcaster], error: Exception
) -> Stored:
    try:
        array = msgpack.unpackb(state)
        version = array[0]
        while version in upcasters:
            array = upcasters[version](array)
            version = array[0]
        if isinstance(version, int) and version > VERSION:
            raise StoreError(
                f"the fact at position {position} was written by a newer version of this program: "
                "upgrade it to read this ledger"
            )
        return msgspec.convert(array, Stored)
    except (*UNREADABLE, *NO_ARRAY, msgpack.UnpackException) as cause:
        raise StoreError(
            f"the fact at position {position} can't be read ({error}): the store is damaged, "
            "restore it from a backup"
        ) from cause
