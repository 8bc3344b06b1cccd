"""What stands in several places of a rulebook, checked alike in each: stops, fines, lengths."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from ledger.facts.currencies import DECIMALS
from ledger.rulebook.figures import TEXTS
from ledger.rulebook.findings import Finding, near
from ledger.rulebook.model import (
    DURATIONS,
    OWN,
    STOP_LENGTHS,
    Counter,
    Duration,
    Fine,
    Rulebook,
    Stop,
)

WORD = re.compile(r"[a-z][a-z0-9_]{0,63}")
CURRENCY = re.compile(r"[A-Z]{3}")
LONGEST = {"hours": 876_000, "days": 36_500, "natural_days": 36_500, "months": 1_200}
"""A hundred years; `permanent` is the word for longer."""


def counter_of(r: Rulebook, name: str) -> Counter | None:
    """The counter that something names, or the first; None where there is no such counter."""
    return r.counters.get(name or next(iter(r.counters), ""))


def words(path: str, found: Iterable[str]) -> Iterator[Finding]:
    """Keys that facts name."""
    for word in found:
        if not WORD.fullmatch(word):
            yield Finding(f"{path}.{word}", "a word is needed: lower-case letters, digits, _")


def measures(path: str, found: Sequence[str]) -> Iterator[Finding]:
    """Measures are words of their own."""
    for i, measure in enumerate(found):
        if not WORD.fullmatch(measure):
            said = f'found "{measure}"; a word is needed, [a-z][a-z0-9_]*'
            yield Finding(f"{path}.{i}", said)


def stops(r: Rulebook, path: str, found: Sequence[Stop], *, whose: str) -> Iterator[Finding]:
    """Features that exist, each once, with one length; `whose` they are, for the sentence."""
    seen = set[str]()
    for i, stop in enumerate(found):
        at = f"{path}.{i}"
        if stop.feature not in r.features:
            said = f'unknown feature "{stop.feature}" (see [features])'
            yield Finding(f"{at}.feature", said + near(stop.feature, r.features))
        elif stop.feature in seen:
            yield Finding(f"{at}.feature", f'"{stop.feature}" is stopped twice by one {whose}')
        seen.add(stop.feature)
        yield from one_of(at, stop, STOP_LENGTHS)
        yield from lengths(at, stop)
        if stop.while_triggered and whose != "node":
            said = f"a {whose} has no limit that a score could come back over; give a length"
            yield Finding(f"{at}.while_triggered", said)


def fines(path: str, found: Sequence[Fine]) -> Iterator[Finding]:
    """Money on accounts that are words, in currencies there are, exact to the minor unit."""
    for i, fine in enumerate(found):
        at = f"{path}.{i}"
        if not WORD.fullmatch(fine.account):
            said = f'found "{fine.account}"; a word is needed, [a-z][a-z0-9_]*'
            yield Finding(f"{at}.account", said)
        decimals = DECIMALS.get(fine.currency)
        if not CURRENCY.fullmatch(fine.currency):
            said = f'found "{fine.currency}"; three capital letters are needed, as in CNY'
            yield Finding(f"{at}.currency", said)
        elif decimals is None:
            hint = near(fine.currency, DECIMALS)
            yield Finding(f"{at}.currency", f'unknown currency "{fine.currency}"{hint}')
        elif fine.amount != round(fine.amount, decimals):
            most = f"{decimals} decimals at most" if decimals else "no decimals"
            yield Finding(f"{at}.amount", f"found {fine.amount}; {fine.currency} has {most}")
        if not fine.amount:
            yield Finding(f"{at}.amount", "found 0; a fine is more than nothing")


def durations(r: Rulebook) -> Iterator[Finding]:
    """One length each, and one that makes sense, wherever the rulebook has some."""
    said = {name: getattr(r, name) for name in r.__struct_fields__ if name not in {*OWN, *TEXTS}}
    for path, found in _durations(said, ""):
        yield from one_of(path, found, DURATIONS[:-1])
        yield from lengths(path, found)


def _durations(item: Any, path: str) -> Iterator[tuple[str, Duration]]:
    if isinstance(item, Struct):
        inside: Any = ((field, getattr(item, field)) for field in item.__struct_fields__)
    else:
        inside = item.items() if isinstance(item, dict) else enumerate(item)
    for word, value in inside:
        if isinstance(value, Duration):
            yield f"{path}{word}", value
        elif isinstance(value, Struct | dict | tuple):
            yield from _durations(value, f"{path}{word}.")


def known(path: str, found: Sequence[str], allowed: Iterable[str], what: str) -> Iterator[Finding]:
    """Words of a list that exist, each named once."""
    words = list(allowed)
    for i, word in enumerate(found):
        if word not in words:
            yield Finding(f"{path}.{i}", f'unknown {what} "{word}"{near(word, words)}')
        elif word in found[:i]:
            yield Finding(f"{path}.{i}", f'"{word}" is named twice')


def above_zero(path: str, value: Decimal | int | None) -> Iterator[Finding]:
    """A figure that would do nothing at 0."""
    if value is not None and value <= 0:
        yield Finding(path, f"found {value}; more than 0 is needed")


def whole(path: str, value: int | None, most: int = LONGEST["days"]) -> Iterator[Finding]:
    """A count of days, months or answers."""
    if value is not None and not 1 <= value <= most:
        yield Finding(path, f"found {value}; 1 to {most} are allowed")


def one_of(path: str, item: Struct, fields: Sequence[str]) -> Iterator[Finding]:
    """Exactly one of several keys."""
    # Identity, not equality: a limit of 0 equals False.
    given = [f for f in fields if getattr(item, f) is not None and getattr(item, f) is not False]
    if len(given) != 1:
        found = " and ".join(given) if given else "none"
        yield Finding(path, f"found {found}; exactly one is needed of {', '.join(fields)}")


def lengths(path: str, item: Duration | Stop) -> Iterator[Finding]:
    """Each length a positive one, of a hundred years at most."""
    for field in DURATIONS:
        yield from whole(f"{path}.{field}", getattr(item, field, None), LONGEST.get(field, 1_000))
