"""Whether the answers of a bundle come out again, by its facts under its rules.

Compared is what the writer's program and this one both know how to say; the wording of sentences
may change from one to the other, and is counted only.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import zip_longest
from typing import Any

import msgspec
from msgspec import Struct

from ledger.errors import InputError, NoRulebookError
from ledger.facts.forms import Wrong, read_instant
from ledger.rulebook.model import Rulebook
from projections.standing.adoptions import adopted, ruling
from projections.standing.replay import Library, Replay, replay
from projections.standing.writing import json_line
from replay.bundle.form import Audit, Bundle
from replay.bundle.pack import answer, vocabulary

View = dict[str, Any]
LANGUAGES = {"en", "zh"}
LATER = {"void_at"}
"""What became of a violation since: the doing of a later fact, which has a ruling of its own."""
NOTHING: View = {}


class Difference(Struct, frozen=True):
    """The first place at which an answer is another one."""

    part: str
    """`rulings`, `time`, or a field of the answer."""
    at: View
    """Of a ruling its position and event, of what time did its instant; else nothing."""
    fields: dict[str, tuple[Any, Any]]
    """{field that differs: what the bundle has there, what came out}."""


class Verdict(Struct, frozen=True):
    """What came of asking again."""

    replay: Replay
    rulings: int
    difference: Difference | None
    worded: int
    """Rulings that are the same in other words."""


def rerun(bundle: Bundle, creators: Sequence[str] = ()) -> Iterator[Verdict]:
    """Each answer asked again, or those about some creators.

    Raises InputError for a creator whom the bundle does not have, RulebookError for rules.
    """
    has = {answer.audit.creator: answer.audit for answer in bundle.answers}
    for creator in creators:
        if creator not in has:
            raise InputError(f"the bundle has no answer about {creator!r}; it has {_named(has)}")
    libraries = cache(lambda known_at: Library(_Shelf(bundle, known_at)))
    other = set(vocabulary()) ^ set(bundle.head.fields)
    for creator in dict.fromkeys(creators or has):
        said = has[creator]
        as_of, known_at = (_instant(text) for text in (said.as_of, said.known_at))
        facts, library = bundle.facts.get(creator, []), libraries(known_at)
        result = replay(creator, facts, library, as_of=as_of, known_at=known_at, rulings=True)
        yield _judged(result, said, other)


def _named(creators: Mapping[str, Audit]) -> str:
    return ", ".join(list(creators)[:5]) + (", …" if len(creators) > 5 else "")


def _instant(text: str) -> int:
    try:
        return read_instant(text, {})
    except Wrong as wrong:
        raise InputError(f"the bundle asks about {text!r}; {wrong.wanted} is needed") from None


class _Shelf:
    """The rules of a bundle as its log knew them at an instant."""

    def __init__(self, bundle: Bundle, known_at: int) -> None:
        self._bundle, self._known_at = bundle, known_at

    def versions(self, name: str) -> tuple[Rulebook, ...]:
        """Those in force. Raises RulebookError where there are none."""
        every = self._bundle.rulebooks.get(name)
        if every is None:
            raise NoRulebookError(f"the bundle has no rulebook {name}")
        return ruling(every, adopted(self._bundle.facts.get(name, []), name, self._known_at))


def _judged(result: Replay, said: Audit, other: set[str]) -> Verdict:
    found = msgspec.json.decode(json_line(answer(result)), type=Audit)
    try:
        difference = None if said == found else _difference(said, found, other)
    except RecursionError:
        name = result.subject
        raise InputError(f"the answer about {name!r} nests deeper than any of ours") from None
    worded = 0
    if difference is None:
        pairs = zip(said.rulings, found.rulings, strict=True)
        worded = sum(_bare(a, other, words=True) != _bare(b, other, words=True) for a, b in pairs)
    return Verdict(result, len(said.rulings), difference, worded)


def _difference(said: Audit, found: Audit, other: set[str]) -> Difference | None:
    for part, names in (("rulings", ("position", "event")), ("time", ("at",))):
        for a, b in zip_longest(getattr(said, part), getattr(found, part), fillvalue=NOTHING):
            if fields := _unlike(a, b, other | LATER):
                return Difference(part, {name: (a or b).get(name) for name in names}, fields)
    for part in ("rulebook", "rulebooks", "standing"):
        if fields := _unlike({part: getattr(said, part)}, {part: getattr(found, part)}, other):
            return Difference(part, {}, fields)
    return None


def _unlike(a: View, b: View, other: set[str]) -> dict[str, tuple[Any, Any]]:
    """The fields in which two objects differ."""
    one, two = _bare(a, other), _bare(b, other)
    keys = [] if one == two else [*one, *(key for key in two if key not in one)]
    return {key: (one.get(key), two.get(key)) for key in keys if one.get(key) != two.get(key)}


def _bare(value: Any, other: set[str], *, words: bool = False) -> Any:
    """A value without fields that only one of two programs knows, and without its wording."""
    if isinstance(value, dict):
        if value and value.keys() <= LANGUAGES and not words:
            return None
        kept = ((key, inner) for key, inner in value.items() if key not in other)
        return {key: _bare(inner, other, words=words) for key, inner in kept}
    if isinstance(value, list):
        return [_bare(inner, other, words=words) for inner in value]
    return value
