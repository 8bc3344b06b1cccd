"""Changes of one figure: each that `--set` can name, with other values near and far."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec import inspect

from ledger.rulebook.changes import FIXED
from ledger.rulebook.figures import plain
from ledger.rulebook.model import NODE_LIMITS, STOP_LENGTHS, Rulebook
from ledger.rulebook.shapes import bare, shape

LEFT = FIXED | {"features", "zone"}
"""Heads that are no figures: names and texts, and the clock by which all is told."""
ONE_OF = (frozenset(NODE_LIMITS), frozenset(STOP_LENGTHS))
"""Of these exactly one stands; another one alone is refused."""


class Change(NamedTuple):
    version: str
    """Empty: in each version that has it."""
    path: str
    value: str

    @property
    def key(self) -> str:
        """As `--set` has it: `2024-07:exam.answers`."""
        return f"{self.version}:{self.path}".lstrip(":")


Changes = dict[str, dict[tuple[str, str], list[Change]]]


def changes_of(versions: Sequence[Rulebook]) -> Changes:
    """{pattern: {(version, path): changes}}; among several versions each alone, and all at once."""
    found: Changes = {}
    turns = [r.in_force_from + timedelta(days) for r in versions for days in (-1, 0, 1)]
    for rulebook in versions:
        words = _words(rulebook) | {"in_force_from": [str(day) for day in turns]}
        for path, kind, value, wanted in settable(rulebook):
            for version in ("", rulebook.version) if len(versions) > 1 else ("",):
                made = [Change(version, path, text) for text in others(path, value, wanted, words)]
                if made:
                    known = found.setdefault(kind, {}).setdefault((version, path), [])
                    known += [change for change in made if change not in known]
    return found


Leaf = tuple[str, str, Any, inspect.Type]
"""(path, pattern, value, type); the value is None where the figure is absent."""


def settable(rulebook: Rulebook) -> Iterator[Leaf]:
    """Each figure that `--set` takes."""
    said = {key: value for key, value in plain(rulebook).items() if key not in LEFT}
    yield from _leaves(said, shape(), "", "")


def _leaves(item: Any, wanted: inspect.Type, path: str, kind: str) -> Iterator[Leaf]:
    match bare(wanted):
        case inspect.StructType() as struct:
            for field in struct.fields if item is not None else ():
                name = field.name
                if name == "title" or (not path and name in LEFT) or _one_of(name, item):
                    continue
                here, there = (f"{p}.{name}".lstrip(".") for p in (path, kind))
                yield from _leaves(item.get(name), field.type, here, there)
        case inspect.DictType(value_type=inner):
            for name, value in (item or {}).items():
                yield from _leaves(value, inner, f"{path}.{name}", f"{kind}.*")
        case inspect.VarTupleType(item_type=inner) if isinstance(bare(inner), inspect.StructType):
            for i, value in enumerate(item or ()):
                yield from _leaves(value, inner, f"{path}.{i}", f"{kind}.*")
        case leaf:
            yield path, kind, item, leaf


def _one_of(name: str, item: dict[str, Any]) -> bool:
    return any(name in words and item.get(name) in (None, False) and words & _given(item)
               for words in ONE_OF)  # fmt: skip


def _given(item: dict[str, Any]) -> set[str]:
    return {name for name, value in item.items() if value not in (None, False)}


def others(path: str, value: Any, wanted: inspect.Type, words: dict[str, list[str]]) -> list[str]:
    """Other values of a figure as text, `none` included."""
    said = "none" if value in (None, ()) else _text(value)
    found = dict.fromkeys((*_values(path.rpartition(".")[2], value, wanted, words), "none"))
    return [text for text in found if text not in (said, "")]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, list) else str(value)


def _values(
    name: str, value: Any, wanted: inspect.Type, words: dict[str, list[str]]
) -> Iterator[str]:
    match wanted:
        case inspect.BoolType():
            yield from ("true", "false")
        case inspect.LiteralType(values=known):
            yield from (str(word) for word in known)
        case inspect.IntType():
            near = (1, 2, 3, 7, 30) if value is None else (value - 1, value + 1, value * 2)
            far = () if value is None else (0, 1, value // 2, value + 10, value * 50)
            yield from (str(n) for n in (*near, *far))
        case inspect.DecimalType() if value is None:
            yield from ("0", "0.5", "1", "3", "6", "12")
        case inspect.DecimalType():
            half = Decimal("0.5")
            near = (value - half, value + half, value - 1, value + 1, value - 3, value + 3)
            far = (Decimal(0), Decimal(1), value / 2, value * 2, value * 10, value * 100)
            for number in (*near, *far):
                if number == round(number, 2):
                    yield _plain(number)
        case inspect.DateType():
            for days in (-900, -400, -30, -3, -1, 1, 3, 30, 200, 800):
                yield str(value + timedelta(days))
            yield from words[name]
        case inspect.VarTupleType(item_type=inner):
            kind = bare(inner)
            known = kind.values if isinstance(kind, inspect.LiteralType) else words.get(name, [])
            yield from (str(word) for word in known)
            yield ",".join(str(word) for word in known)
            yield from (",".join(w for w in value or () if w != gone) for gone in value or ())
        case inspect.StrType():
            yield from words.get(name, [])


def _plain(number: Decimal) -> str:
    return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"


def _words(rulebook: Rulebook) -> dict[str, list[str]]:
    """What may stand where a figure is a word, by the name of the figure."""
    severities = {word for c in rulebook.categories.values() for word in c.severities}
    measures = {word for c in rulebook.categories.values() for word in c.measures}
    return {
        "counter": list(rulebook.counters),
        "feature": list(rulebook.features)[:6],
        "account": ["fine", "deposit"],
        "currency": ["CNY", "USD"],
        "on": ["01-01", "07-01", "03-15"],
        "measures": [*sorted(measures)[:2], "warning"],
        "categories": list(rulebook.categories)[:4],
        "severities": sorted(severities)[:4],
    }


def beside(written: str | None) -> Iterator[str]:
    """Values of a figure right beside what was on record."""
    if written is None:
        return
    try:
        number = Decimal(written)
    except ArithmeticError:
        day = date.fromisoformat(written)
        yield from (str(day + timedelta(days)) for days in (-1, 0, 1))
    else:
        for step in ("0", "0.01", "-0.01", "0.5", "-0.5", "1", "-1"):
            yield _plain(number + Decimal(step))
