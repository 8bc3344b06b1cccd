"""Where a figure stands that the law has asked: its key path in the file, its value, its clause.

The law names a figure by a key with a `*` for each thing that it knows as a number. Here the
numbers become names again, and the figure is found in the one place that gives it: the severity's,
else the category's; the category's time to expiry, else its counter's; whichever limit a node has.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from msgspec import Struct

from ledger.rulebook.changes import NOTE
from ledger.rulebook.model import NODE_LIMITS, STOP_LENGTHS, Category, Duration, Rulebook, Stop
from projections.fold.trace import Ground
from projections.standing.naming import Naming

SCENARIO, ASSUMED = "scenario: ", "assumed: "


class Place(NamedTuple):
    rulebook: Rulebook
    path: str
    """`nodes.8.stops.0.days`, or a behaviour: `clauses.exam_pass`."""
    shown: str
    """The same as people read it: a stop by its feature."""
    value: Any
    """What the file says there; None where it says nothing, and of behaviours."""
    clause: str
    """`002 §10(1)`, `assumed: …`, `scenario: …`; empty where the rulebook says nothing of it."""


def place_of(ground: Ground, names: Naming) -> Place:
    """Where the figure of a ground stands."""
    rulebook = names.book(ground.version)
    key, about = ground.key, ground.about
    if key == "categories.*.expires_after":
        category = rulebook.categories[names.category_at(about[0])[0]]
        if category.expires_after is None:
            counter = category.counter or names.counters[0]
            key, about = "counters.*.expires_after", (names.counters.index(counter),)
    steps = list(_walk(rulebook, key.split("."), iter(about), names))
    path, shown = [step[0] for step in steps], [step[1] for step in steps]
    clause = cited(rulebook, path, shown)
    return Place(rulebook, ".".join(path), ".".join(shown), steps[-1][2], clause)


def cited(rulebook: Rulebook, path: list[str], shown: list[str]) -> str:
    """A reference as text; empty where the rulebook says nothing of the kind."""
    if path[0] == "clauses":
        if path[1] not in rulebook.clauses:
            return ""
    elif getattr(rulebook, path[0], None) is None:
        return ""
    citation = rulebook.cite(".".join(path))
    if citation.note == NOTE:
        return SCENARIO + ".".join(shown)
    where = f"{citation.source} {citation.clause}".strip()
    return ASSUMED + ".".join(shown) if citation.assumed or not where else where


Step = tuple[str, str, Any]
"""A part of the path, the same as shown, and what stands there."""


def _walk(
    rulebook: Rulebook, parts: list[str], about: Iterator[int], names: Naming
) -> Iterator[Step]:
    if parts[0] == "clauses":
        yield from ((part, part, None) for part in parts)
        return
    item: Any = rulebook
    severity = table = ""
    for part in parts:
        if part == "severities":
            steps = [(part, part, item.severities)]
        elif part != "*":
            steps = _field(item, part, severity)
        elif table == "categories":
            code = next(about)
            word, severity = names.category_at(code)
            steps = [(word, word, item[word])]
        elif table == "severities":
            steps = [(severity, severity, item[severity])]
        else:
            steps = [_member(table, next(about), item, names)]
        yield from steps
        table, item = part, steps[-1][2]
    if isinstance(item, Duration):
        unit = length_word(item)
        yield unit, unit, getattr(item, unit)


def _field(item: Any, field: str, severity: str) -> list[Step]:
    """A field where it stands: of a category at a severity perhaps with that."""
    if isinstance(item, Category):
        value = getattr(item.at(severity), field)
        return [(part, part, value) for part in item.place(severity, field).split(".")]
    word = _word(field, item)
    return [(word, word, getattr(item, word, None))]


def _member(table: str, number: int, item: Any, names: Naming) -> Step:
    """One of a table or a list by the fold's number."""
    if table == "steps":  # the fold has them in the order of `nth`
        number = sorted(range(len(item)), key=lambda i: item[i].nth)[number]
    if isinstance(item, tuple):
        member = item[number]
        return str(number), member.feature if isinstance(member, Stop) else str(number), member
    by_table = {
        "counters": names.counters,
        "lapses": names.lapsing,
        "points": names.courses,
    }
    word = by_table.get(table, tuple(item))[number]
    return word, word, item.get(word)


def _word(part: str, item: Struct | None) -> str:
    """The field that is meant: of a node whichever limit it has, of a stop its length."""
    if part == "limit":
        return next(word for word in NODE_LIMITS if getattr(item, word) is not None)
    return length_word(item) if part == "length" else part


def length_word(length: Any) -> str:
    """Which of its fields says how long it lasts."""
    return next(word for word in STOP_LENGTHS if getattr(length, word, None))
