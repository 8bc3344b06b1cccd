"""Envelopes as bytes: positional msgpack, the version of the layout first, and read back typed.

The bytes are an envelope's fields in their order, `[1, source, id, subject, effective_at,
[type, …fields], recorded_at, position, version, attributes]`: a row needs nothing beside them, and
one that was moved says so. They are plain msgpack, so anything can read them. A change of layout
raises the version by one and adds the function that lifts the one before: old bytes are never
rewritten, and every version ever written can be read.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from ledger.errors import InputError, UnreadableError
from ledger.facts.envelope import LAYOUT, Envelope

Upcaster = Callable[[list[Any]], list[Any]]
"""Takes the array of one version and returns that of the next, its version element included."""

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TypeError)
NO_ARRAY = (ValueError, TypeError, IndexError, KeyError)

VERSION = LAYOUT
UPCASTERS: dict[int, Upcaster] = {}
"""{version: what lifts it to the next}, oldest first."""

encode: Callable[[Envelope], bytes] = msgspec.msgpack.Encoder().encode
"""The bytes of a fact that has its place. Check a page of them with `canonical`."""
_decode_one = msgspec.msgpack.Decoder(Envelope).decode
_decode_list = msgspec.msgpack.Decoder(list[Envelope]).decode


def canonical(states: Sequence[bytes], placed: Sequence[Envelope]) -> None:
    """Refuse to record what would not be read back as the same: a wrong type, a value out of range.

    What comes through `cloudevents` never is; a fact built in code can be.
    """
    try:
        read = _decode_list(_array(states))
    except UNREADABLE as error:
        raise InputError(f"a fact can't be recorded: {error}") from error
    if read != placed:
        raise InputError("a fact can't be recorded: it is not read back the same")


def decode(
    state: bytes, position: int | None = None, upcasters: Mapping[int, Upcaster] = UPCASTERS
) -> Envelope:
    """One fact of the log, of whichever version it was written; `position` is for the error."""
    try:
        return _decode_one(state)
    except UNREADABLE as error:
        where = "a fact" if position is None else f"the fact at position {position}"
        return _lifted(state, where, upcasters, error)


def decode_many(states: Sequence[bytes], positions: Callable[[], Sequence[int]]) -> list[Envelope]:
    """Many facts of the log: one call of the decoder for all of them.

    `positions` is asked only where that fails, for the error and for bytes of an older layout.
    """
    try:
        return _decode_list(_array(states))
    except UNREADABLE:
        return [decode(s, p) for s, p in zip(states, positions(), strict=False)]


def _array(states: Sequence[bytes]) -> bytes:
    """The msgpack array of encoded values."""
    return b"\xdd" + len(states).to_bytes(4, "big") + b"".join(states)


def _lifted(
    state: bytes, where: str, upcasters: Mapping[int, Upcaster], error: Exception
) -> Envelope:
    import msgpack  # type: ignore[import-untyped]  # only bytes of another layout need it

    try:
        array = msgpack.unpackb(state)
        version = array[0]
        while version in upcasters:
            array = upcasters[version](array)
            version = array[0]
        if isinstance(version, int) and version > VERSION:
            raise UnreadableError(
                f"{where} was written by a newer version of this program: "
                "upgrade it to read this ledger"
            )
        return msgspec.convert(array, Envelope)
    except (*UNREADABLE, *NO_ARRAY, msgpack.UnpackException) as cause:
        raise UnreadableError(
            f"{where} can't be read ({error}): the store is damaged, restore it from a backup"
        ) from cause
