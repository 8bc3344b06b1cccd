"""`--sweep key=a:b:step`: one figure, or two, at each of several values."""

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from itertools import product

from msgspec import Struct

from ledger.errors import InputError
from ledger.text import safe

MOST = 1_000
"""Points of a sweep, of all its keys together: each is a rulebook for everybody."""


class Sweep(Struct, frozen=True):
    """A figure, and the values that it takes."""

    key: str
    values: tuple[str, ...]


def read_sweep(text: str) -> Sweep:
    """Raises InputError with what was found and what would be right."""
    key, equals, span = text.partition("=")
    parts = span.split(":")
    wrong = InputError(
        f"found {safe(text)!r}; a sweep is KEY=FIRST:LAST:STEP, as nodes.8.below=6:9:0.5"
    )
    if not (key and equals and len(parts) == 3):
        raise wrong
    try:
        first, last, step = map(Decimal, parts)
    except InvalidOperation:
        raise wrong from None
    if not all(map(Decimal.is_finite, (first, last, step))):
        raise wrong
    if step <= 0 or last < first:
        raise InputError(f"{safe(text)}: values go up: LAST not below FIRST, and STEP above 0")
    number = (last - first) / step
    if number >= MOST:
        raise _too_many(f"{safe(key)} takes {int(number) + 1:,} values")
    return Sweep(key, tuple(_plain(first + i * step) for i in range(int(number) + 1)))


def points(sweeps: Sequence[Sweep]) -> list[dict[str, str]]:
    """{key: value} of each point, the last key fastest. Raises InputError for too many."""
    if len(sweeps) > 2 or len({sweep.key for sweep in sweeps}) < len(sweeps):
        raise InputError("a sweep has one key or two, each once")
    number = 1
    for sweep in sweeps:
        number *= len(sweep.values)
    if number > MOST:
        raise _too_many(f"there are {number:,} points")
    return list(_points(sweeps)) if sweeps else []


def _points(sweeps: Sequence[Sweep]) -> Iterator[dict[str, str]]:
    for values in product(*(sweep.values for sweep in sweeps)):
        yield {sweep.key: value for sweep, value in zip(sweeps, values, strict=True)}


def _too_many(found: str) -> InputError:
    return InputError(
        f"{found}; {MOST:,} are the most, as each is a rulebook for everybody: "
        "take a wider STEP, or sweep twice"
    )


def _plain(value: Decimal) -> str:
    """`2`, `2.5`; never an exponent."""
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
