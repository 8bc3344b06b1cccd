"""Does a rulebook make sense? Each check yields findings about one concept.

Types and unknown keys are no longer a question here. What is asked: do the words exist that are
named, is exactly one of several ways chosen, can the figures be true together, and do the versions
of one name fit each other.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger.rulebook import (
    DURATIONS,
    NODE_LIMITS,
    STOP_LENGTHS,
    Category,
    CleanRun,
    Duration,
    Node,
    Recovery,
    Rulebook,
)
from ledger.rulebook_findings import Finding, near

NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,63}")
WORD = re.compile(r"[a-z][a-z0-9_]{0,63}")
CURRENCY = re.compile(r"[A-Z]{3}")
LONGEST = {"hours": 876_000, "days": 36_500, "natural_days": 36_500, "months": 1_200}
"""A hundred years; `permanent` is the word for longer."""
DAYS = (  # figures of whole days or answers, which make no sense below 1
    ("appeal", "window_days"),
    ("appeal", "attempts"),
    ("exam", "window_days"),
    ("exam", "answers"),
    ("exam", "quota_days"),
    ("accrual_exam", "per_days"),
)


def sense(rulebook: Rulebook) -> list[Finding]:
    """All findings about one rulebook."""
    return [finding for check in CHECKS for finding in check(rulebook)]


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
    named: dict[str, Iterable[str]] = {
        "counters": r.counters,
        "features": r.features,
        "categories": r.categories,
    }
    for table, entries in named.items():
        for word in entries:
            if not WORD.fullmatch(word):
                yield Finding(f"{table}.{word}", "a word is needed: lower-case letters, digits, _")
    for name, category in r.categories.items():
        for i, measure in enumerate(category.measures):
            if not WORD.fullmatch(measure):
                path = f"categories.{name}.measures.{i}"
                yield Finding(path, f'found "{measure}"; a word is needed, [a-z][a-z0-9_]*')


def _counters(r: Rulebook) -> Iterator[Finding]:
    if not r.counters:
        yield Finding("counters", "none given; a rulebook has at least one counter")
    for name, c in r.counters.items():
        path = f"counters.{name}"
        if c.cap is not None and c.cap < c.floor:
            yield Finding(f"{path}.cap", f"found {c.cap}, below the floor {c.floor}")
        elif c.initial < c.floor or (c.cap is not None and c.initial > c.cap):
            limits = f"from {c.floor}" + (f" to {c.cap}" if c.cap is not None else " on")
            yield Finding(f"{path}.initial", f"found {c.initial}; the score goes {limits}")
        if c.expires_after is not None:
            yield from _one_of(f"{path}.expires_after", c.expires_after, DURATIONS[:-1])
            yield from _lengths(f"{path}.expires_after", c.expires_after)


def _named_counter(r: Rulebook) -> Iterator[Finding]:
    users: list[tuple[str, Category | Node | Recovery | None]] = [
        *((f"nodes.{k}", v) for k, v in r.nodes.items()),
        *((f"categories.{k}", v) for k, v in r.categories.items()),
        ("recovery", r.recovery),
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
        yield from _one_of(path, node, NODE_LIMITS)
        counter = r.counters.get(node.counter or next(iter(r.counters), ""))
        if counter is not None:
            yield from _direction(path, node, counter.direction)
        if not node.stops:
            yield Finding(f"{path}.stops", "none given; a node stops at least one feature")
        seen = set[str]()
        for i, stop in enumerate(node.stops):
            at = f"{path}.stops.{i}"
            if stop.feature not in r.features:
                said = f'unknown feature "{stop.feature}" (see [features])'
                yield Finding(f"{at}.feature", said + near(stop.feature, r.features))
            elif stop.feature in seen:
                yield Finding(f"{at}.feature", f'"{stop.feature}" is stopped twice by one node')
            seen.add(stop.feature)
            yield from _one_of(at, stop, STOP_LENGTHS)
            yield from _lengths(at, stop)


def _direction(path: str, node: Node, direction: str) -> Iterator[Finding]:
    allowed = NODE_LIMITS[:2] if direction == "balance" else NODE_LIMITS[2:]
    for limit in NODE_LIMITS:
        if getattr(node, limit) is not None and limit not in allowed:
            said = f"a {direction} never reaches it by a violation; use {' or '.join(allowed)}"
            yield Finding(f"{path}.{limit}", said)
    if node.removes is not None and direction == "balance":
        yield Finding(f"{path}.removes", "points are removed from a tally only")


def _categories(r: Rulebook) -> Iterator[Finding]:
    for name, c in r.categories.items():
        path = f"categories.{name}"
        if c.restorable is not None:
            if c.points is not None and c.restorable > c.points:
                said = f"found {c.restorable}; an exam restores at most the {c.points} points taken"
                yield Finding(f"{path}.restorable", said)
            if r.exam is None:
                yield Finding(f"{path}.restorable", "there is no [exam] that could restore it")
        for i, fine in enumerate(c.fines):
            if not CURRENCY.fullmatch(fine.currency):
                said = f'found "{fine.currency}"; three capital letters are needed, as in CNY'
                yield Finding(f"{path}.fines.{i}.currency", said)
            if not WORD.fullmatch(fine.account):
                said = f'found "{fine.account}"; a word is needed, [a-z][a-z0-9_]*'
                yield Finding(f"{path}.fines.{i}.account", said)


def _recovery(r: Rulebook) -> Iterator[Finding]:
    if r.recovery is None:
        return
    runs = r.recovery.runs
    if r.recovery.cadence == "monthly" and runs:
        yield Finding("recovery.runs", 'belongs to cadence = "clean_days"')
    if r.recovery.cadence == "clean_days" and not runs:
        yield Finding("recovery.runs", "missing; clean days need at least one run")
    for i, run in enumerate(runs):
        path = f"recovery.runs.{i}"
        if not 1 <= run.days <= LONGEST["days"]:
            yield Finding(f"{path}.days", f"found {run.days}; 1 to {LONGEST['days']} are allowed")
        if i and not _after(runs[i - 1], run):
            said = "never reached; runs stand in rising order of `below`, one without it last"
            yield Finding(path, said)


def _after(run: CleanRun, following: CleanRun) -> bool:
    if run.below is None:
        return False
    return following.below is None or following.below > run.below


def _windows(r: Rulebook) -> Iterator[Finding]:
    for table, field in DAYS:
        value = getattr(getattr(r, table), field, None)
        if value is not None and not 1 <= value <= LONGEST["days"]:
            said = f"found {value}; 1 to {LONGEST['days']} are allowed"
            yield Finding(f"{table}.{field}", said)
    for table in ("exam", "accrual_exam"):
        mark = getattr(getattr(r, table), "pass_mark", 0)
        if mark > 100:
            yield Finding(f"{table}.pass_mark", f"found {mark}; marks go from 0 to 100")


def _clauses(r: Rulebook) -> Iterator[Finding]:
    for concept in r.clauses:
        path = f"clauses.{concept}"
        if not r.citations.keys() & {path, "clauses", ""}:
            yield Finding(path, "no citation; name the clause and the source of these words")


def _one_of(path: str, item: Struct, fields: Sequence[str]) -> Iterator[Finding]:
    # Identity, not equality: a limit of 0 equals False.
    given = [f for f in fields if getattr(item, f) is not None and getattr(item, f) is not False]
    if len(given) != 1:
        found = " and ".join(given) if given else "none"
        yield Finding(path, f"found {found}; exactly one is needed of {', '.join(fields)}")


def _lengths(path: str, item: Duration | Struct) -> Iterator[Finding]:
    for field in DURATIONS:
        value, most = getattr(item, field, None), LONGEST.get(field, 1_000)
        if value is not None and not 1 <= value <= most:
            yield Finding(f"{path}.{field}", f"found {value}; 1 to {most} are allowed")


CHECKS = (
    _identity,
    _words,
    _counters,
    _named_counter,
    _nodes,
    _categories,
    _recovery,
    _windows,
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
