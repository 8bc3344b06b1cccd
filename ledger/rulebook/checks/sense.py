"""Does a rulebook make sense? Each check yields findings about one concept.

Types and unknown keys are no longer a question here. What is asked: do the words exist that are
named, is exactly one of several ways chosen, can the figures be true together, and do the versions
of one name fit each other.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain, islice, pairwise
from zoneinfo import ZoneInfo

from ledger.rulebook.checks.offences import categories, ladders
from ledger.rulebook.checks.pieces import (
    LONGEST,
    above_zero,
    counter_of,
    durations,
    fines,
    one_of,
    stops,
    whole,
    words,
)
from ledger.rulebook.checks.returns import courses, lapses, recovery, windows
from ledger.rulebook.findings import MANY, Finding, near
from ledger.rulebook.model import (
    NODE_LIMITS,
    Category,
    Counter,
    Courses,
    Node,
    Recovery,
    Reset,
    Rulebook,
)

NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,63}")
DATE = re.compile(r"\d\d-\d\d", re.ASCII)


def sense(rulebook: Rulebook) -> list[Finding]:
    """The findings about one rulebook."""
    return list(islice(chain.from_iterable(check(rulebook) for check in CHECKS), MANY))


def _identity(r: Rulebook) -> Iterator[Finding]:
    if not NAME.fullmatch(r.name):
        yield Finding("name", f'found "{r.name}"; lower-case letters, digits and - are allowed')
    if not VERSION.fullmatch(r.version):
        yield Finding("version", f'found "{r.version}"; letters, digits, . and - are allowed')
    try:
        ZoneInfo(r.zone)
    except (KeyError, ValueError, OSError):  # unknown names, and paths that are no zone
        from zoneinfo import available_timezones

        yield Finding("zone", f'unknown zone "{r.zone}"{near(r.zone, available_timezones())}')


def _words(r: Rulebook) -> Iterator[Finding]:
    for table in ("counters", "features", "words", "categories"):
        yield from words(table, getattr(r, table))


def _counters(r: Rulebook) -> Iterator[Finding]:
    if not r.counters:
        yield Finding("counters", "none given; a rulebook has at least one counter")
    for name, c in r.counters.items():
        path = f"counters.{name}"
        if c.cap is not None and c.cap < c.floor:
            yield Finding(f"{path}.cap", f"found {c.cap}, below the floor {c.floor}")
        elif not _within(c, c.initial):
            yield Finding(f"{path}.initial", f"found {c.initial}; the score goes {_range(c)}")
        mine = [k for k in r.categories.values() if counter_of(r, k.counter) is c]
        expires = c.expires_after or any(k.expires_after for k in mine)
        for word, given in (
            ("expires_from", c.expires_from != "found"),
            ("expiry_pauses", c.expiry_pauses),
        ):
            if given and not expires:
                yield Finding(f"{path}.{word}", "no points expire; expires_after is missing")
        if c.reset is not None:
            yield from _reset(r, f"{path}.reset", c, c.reset)


def _within(counter: Counter, score: Decimal) -> bool:
    above = counter.cap is None or score <= counter.cap
    return counter.floor <= score and above


def _range(counter: Counter) -> str:
    return f"from {counter.floor}" + (f" to {counter.cap}" if counter.cap is not None else " on")


def _reset(r: Rulebook, path: str, counter: Counter, reset: Reset) -> Iterator[Finding]:
    if not reset.on and reset.every_months is None:
        yield Finding(path, "found neither on nor every_months; at least one is needed")
    yield from whole(f"{path}.every_months", reset.every_months, LONGEST["months"])
    for i, day in enumerate(reset.on):
        if not _is_date(day):
            said = f'found "{day}"; a date of every year is needed, month and day, as in 12-31'
            yield Finding(f"{path}.on.{i}", said)
        elif day in reset.on[:i]:
            yield Finding(f"{path}.on.{i}", f'"{day}" is named twice')
    if reset.on and not r.cite(f"{path}.on").label:
        said = "the dates have no citation; name clause and source, or assumed = true and a note"
        yield Finding(f"{path}.on", said)
    if (reset.carry is None) != (reset.carry_from is None):
        missing = "carry" if reset.carry is None else "carry_from"
        yield Finding(path, f"{missing} is missing; carry and carry_from go together")
    if reset.carry is not None and not _within(counter, reset.carry):
        yield Finding(f"{path}.carry", f"found {reset.carry}; the score goes {_range(counter)}")
    yield from _thresholds(path, counter, reset)


def _thresholds(path: str, counter: Counter, reset: Reset) -> Iterator[Finding]:
    """Each lies where violations lead, and what is carried over is not kept from the reset."""
    sign, word = (1, "below") if counter.direction == "balance" else (-1, "above")
    for field in ("not_from", "carry_from"):
        value = getattr(reset, field)
        if value is not None and (sign * value >= sign * counter.initial):
            said = f"found {value}; on a {counter.direction} it lies {word} the initial"
            yield Finding(f"{path}.{field}", f"{said} {counter.initial}")
        elif value is not None and not _within(counter, value):
            yield Finding(f"{path}.{field}", f"found {value}; the score goes {_range(counter)}")
    kept, carried = reset.not_from, reset.carry_from
    if kept is not None and carried is not None and sign * carried <= sign * kept:
        said = f"found {carried}; never reached, as there is no reset from {kept} on"
        yield Finding(f"{path}.carry_from", said)


def _is_date(text: str) -> bool:
    """A day that every year has: 02-29 is none."""
    if not DATE.fullmatch(text):
        return False
    try:
        date(2023, int(text[:2]), int(text[3:]))
    except ValueError:
        return False
    return True


def _named_counter(r: Rulebook) -> Iterator[Finding]:
    users: list[tuple[str, Category | Node | Recovery | Courses | None]] = [
        *((f"nodes.{k}", v) for k, v in r.nodes.items()),
        *((f"categories.{k}", v) for k, v in r.categories.items()),
        ("recovery", r.recovery),
        ("courses", r.courses),
    ]
    for path, user in [*users, ("accrual_exam", r.accrual_exam)]:
        if user is None:
            continue
        if not user.counter and len(r.counters) > 1:
            names = ", ".join(sorted(r.counters))
            yield Finding(path, f"counter is missing; this rulebook has several: {names}")
        elif user.counter and user.counter not in r.counters:
            said = f'unknown counter "{user.counter}"{near(user.counter, r.counters)}'
            yield Finding(f"{path}.counter", said)


def _nodes(r: Rulebook) -> Iterator[Finding]:
    for name, node in r.nodes.items():
        path = f"nodes.{name}"
        yield from one_of(path, node, NODE_LIMITS)
        counter = counter_of(r, node.counter)
        if counter is not None:
            yield from _direction(path, node, counter.direction)
            yield from _release(path, node, counter)
        if not node.stops and not node.fines:
            said = "none given; a node stops at least one feature, or has fines"
            told = "to inform only, stop a feature of its own while_triggered"
            yield Finding(f"{path}.stops", f"{said}; {told}")
        yield from stops(r, f"{path}.stops", node.stops, whose="node")
        yield from fines(f"{path}.fines", node.fines)
        yield from above_zero(f"{path}.every", node.every)
        yield from above_zero(f"{path}.removes", node.removes)
        if node.removes is not None and not node.stops:
            yield Finding(f"{path}.removes", "there is no stop after which they would be removed")


def _direction(path: str, node: Node, direction: str) -> Iterator[Finding]:
    allowed = NODE_LIMITS[:2] if direction == "balance" else NODE_LIMITS[2:]
    for limit in NODE_LIMITS:
        if getattr(node, limit) is not None and limit not in allowed:
            said = f"a {direction} never reaches it by a violation; use {' or '.join(allowed)}"
            yield Finding(f"{path}.{limit}", said)
    if node.removes is not None and direction == "balance":
        yield Finding(f"{path}.removes", "points are removed from a tally only")


def _release(path: str, node: Node, counter: Counter) -> Iterator[Finding]:
    """Back over the limit, where the score can get, and for a stop that waits for it."""
    at = f"{path}.release_at"
    release = node.release_at
    if release is None:
        return
    if not any(stop.while_triggered for stop in node.stops):
        yield Finding(at, "belongs to a stop with while_triggered = true; the node has none")
    sign = 1 if counter.direction == "balance" else -1
    for word in NODE_LIMITS:
        value = getattr(node, word)
        if value is None:
            continue
        back = sign * (release - value)
        if back < 0 or (back == 0 and word.startswith("at_or")):
            strict, side = ("above", "more") if sign > 0 else ("below", "less")
            wanted = f"{strict} {value}" if word.startswith("at_or") else f"at {value} or {side}"
            yield Finding(at, f"found {release}; the score is back over the limit {wanted}")
    if not _within(counter, release):
        yield Finding(at, f"found {release}; the score goes {_range(counter)}")


def _clauses(r: Rulebook) -> Iterator[Finding]:
    for concept in r.clauses:
        path = f"clauses.{concept}"
        if not r.citations.keys() & {path, "clauses", ""}:
            yield Finding(path, "no citation; name the clause and the source of these words")


CHECKS = (
    _identity,
    _words,
    durations,
    _counters,
    _named_counter,
    _nodes,
    categories,
    ladders,
    recovery,
    courses,
    lapses,
    windows,
    _clauses,
)


def family(versions: Sequence[Rulebook]) -> list[str]:
    """What keeps the versions of one name, ordered by date, from following each other."""
    found = []
    for before, after in pairwise(versions):
        if before.in_force_from == after.in_force_from:
            day = after.in_force_from
            found.append(f"{before.label} and {after.label} are both in force from {day}")
        if before.zone != after.zone:
            zones = f"{before.zone} and {after.zone}"
            found.append(f"{before.label} and {after.label} have different zones: {zones}")
        if _counted(before) != _counted(after):
            names = " and ".join(_counted(r) for r in (before, after))
            found.append(f"{before.label} and {after.label} have different counters: {names}")
    return found


def _counted(r: Rulebook) -> str:
    return ", ".join(f"{name} ({counter.direction})" for name, counter in r.counters.items())
