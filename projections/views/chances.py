"""What can still be done, by when, and what it would change: appeals and exams, open or pending.

What it would change is not worked out but ruled: the fact is added as of the replay's instant, and
the standing compared.
"""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from ledger.rulebook.model import Title
from projections.explain.phrases import Count, Phrase, Value
from projections.explain.scene import kind
from projections.explain.terms import (
    graded,
    identified,
    measure_of,
    money_of,
    role,
    stop_name,
    term,
)
from projections.fold.calendar import local_day
from projections.fold.exams import quota_free
from projections.fold.given import Fact
from projections.fold.state import (
    ABSENT,
    APPEAL_GRANTED,
    APPLIED,
    EXAM_RIGHT_CLAIMED,
    EXAM_SAT,
    EXAM_STUDIED,
    FOREVER,
    PERMANENT,
    RUNNING,
    VOID,
    Creator,
    Stop,
)
from projections.standing.naming import Naming, naming
from projections.standing.replay import Replay
from projections.standing.supposed import supposed
from projections.standing.writing import deadline, points
from projections.views.outcome import NAMED, counter_title, few, titled
from projections.views.windows import (
    Pending,
    Window,
    endless_appeals,
    longest,
    open_windows,
    pending_appeals,
)

CLEARED = ("", "not_studied", "right_not_claimed")
"""Obstacles that whoever sits the exam can clear alone."""


class Ended(NamedTuple):
    """A feature whose stop ends sooner."""

    stop: Stop
    after: Stop | None
    """What then stops it; None where nothing does."""


class Consequence(Struct):
    """What differs in the standing."""

    scores: list[tuple[int, int, int]]
    """(counter, before, after)."""
    void: bool
    """Whether the violation is void."""
    stops: list[Ended]
    measures: list[int]
    """Rows that end."""
    freed: list[int]
    """Categories, by code, whose exam right is free again."""
    money: list[tuple[int, int]]
    """(account, minor units that are due no more)."""


class Chance(Struct):
    """An appeal or an exam that can be had, or an appeal that is pending."""

    kind: str
    """appeal, exam or pending."""
    slot: int
    at: int
    """When it closes; of a pending one when it was lodged."""
    left: int
    obstacle: str
    consequence: Consequence | None
    """None where it can't be had now whatever is done."""


def chances(replay: Replay, most: int | None = None) -> list[Chance]:
    """Pending appeals first, then what closes, in the order in which it does.

    Of the first so many with what each would change; of all where `most` is not given.
    """
    names = naming(replay)
    found: list[Pending | Window] = [*pending_appeals(replay), *open_windows(replay, names)]
    stopped = longest(replay.creator)
    told = found if most is None else found[:most]
    return [_chance(each, replay, stopped) for each in told] + [
        _dated(e) for e in found[len(told) :]
    ]


def _dated(each: Pending | Window) -> Chance:
    """Only by when."""
    if isinstance(each, Pending):
        return Chance("pending", each.slot, each.lodged_at, 0, "", None)
    return Chance(each.kind, each.slot, each.until, each.left, each.obstacle, None)


def _chance(each: Pending | Window, replay: Replay, stopped: list[Stop]) -> Chance:
    if isinstance(each, Pending):
        won = consequence(replay, each.slot, granted(each.slot, replay), stopped)
        return Chance("pending", each.slot, each.lodged_at, 0, "", won)
    facts = granted(each.slot, replay)
    if each.kind == "exam":
        facts = passed(each, replay)
    won = consequence(replay, each.slot, facts, stopped) if each.obstacle in CLEARED else None
    return Chance(each.kind, each.slot, each.until, each.left, each.obstacle, won)


def granted(slot: int, replay: Replay) -> list[Fact]:
    """A full grant, now."""
    return [_now(APPEAL_GRANTED, slot, replay)]


def passed(window: Window, replay: Replay) -> list[Fact]:
    """Full marks, now, after what the exam still needs of whoever sits it."""
    violation = replay.creator.violations[window.slot]
    answer = _now(EXAM_SAT, window.slot, replay)
    answer.mark = replay.tables.book.versions[violation.version].exam_pass_mark
    before = [EXAM_RIGHT_CLAIMED] if window.obstacle == "right_not_claimed" else []
    before += [] if violation.studied else [EXAM_STUDIED]
    return [*(_now(each, window.slot, replay) for each in before), answer]


def _now(kind: int, slot: int, replay: Replay) -> Fact:
    violation, book = replay.creator.violations[slot], replay.tables.book
    today = local_day(replay.as_of, book)
    return Fact(kind, replay.as_of, today, 0, violation.version, violation=slot)


def consequence(
    replay: Replay, slot: int, facts: Sequence[Fact], stopped: Sequence[Stop]
) -> Consequence | None:
    """What these facts would change; None where the last of them would have no effect.

    `stopped` has per feature the stop that counts now.
    """
    after, reason = supposed(replay, facts)
    if reason != APPLIED:
        return None
    before, violation = replay.creator, replay.creator.violations[slot]
    scores = zip(before.counters, after.counters, strict=True)
    now = {stop.feature: stop for stop in longest(after)}
    return Consequence(
        [(i, a.score, b.score) for i, (a, b) in enumerate(scores) if a.score != b.score],
        after.violations[slot].state == VOID,
        [
            Ended(stop, now.get(stop.feature))
            for stop in stopped
            if _end(now.get(stop.feature)) != _end(stop)
        ],
        [
            row
            for row in range(violation.measures_from, violation.measures_to)
            if before.measures[row].state == RUNNING != after.measures[row].state
            and replay.as_of < before.measures[row].until
        ],
        _freed(before, after, local_day(replay.as_of, replay.tables.book)),
        [
            (i, was.demanded - is_.demanded)
            for i, (was, is_) in enumerate(zip(before.accounts, after.accounts, strict=True))
            if was.demanded != is_.demanded
        ],
    )


def _end(stop: Stop | None) -> tuple[int, ...]:
    return () if stop is None else (stop.until, stop.kind, stop.occasions)


def _freed(before: Creator, after: Creator, today: int) -> list[int]:
    codes = range(len(before.quotas))
    return [c for c in codes if quota_free(after, c, today) > quota_free(before, c, today)]


def chance_phrase(chance: Chance, replay: Replay, names: Naming) -> Phrase:
    """What can be had, by when."""
    zone = replay.rulebook.zone
    values: dict[str, Value] = {
        "violation": titled(chance.slot, replay, names),
        "at": deadline(chance.at, zone),
        "left": Count("answers" if chance.kind == "exam" else "appeals_left", str(chance.left)),
    }
    said = Phrase(f"chances.{chance.kind}", values)
    if chance.obstacle:
        reason = Phrase(f"obstacles.{chance.obstacle}")
        said = Phrase("chances.obstacle", {"said": said, "reason": reason})
    return said


def endless_phrase(replay: Replay, names: Naming) -> Phrase | None:
    """Which violations may be appealed where no source gives a time limit; None if there are none.

    That is no promise: whoever has decided may have set one.
    """
    slots = endless_appeals(replay)
    if not slots:
        return None
    values: dict[str, Value] = {
        "violations": few([identified(names.violations[slot]) for slot in slots]),
        "count": Count("violations", str(len(slots))),
        "authority": role(replay.rulebook, "authority"),
    }
    return Phrase("chances.endless" + ("_many" if len(slots) > NAMED else ""), values)


def consequence_phrase(chance: Chance, replay: Replay, names: Naming) -> Phrase | None:
    """What it would change; None where nobody can say."""
    won = chance.consequence
    if won is None:
        return None
    parts: list[Value] = []
    for counter, before, after in won.scores:
        tally = replay.rulebook.counters[names.counters[counter]].direction == "tally"
        noun = "taken_off" if tally else "come_back"
        values: dict[str, Value] = {
            "counter": counter_title(counter, replay, names),
            "change": Count(noun, points(abs(after - before))),
            "before": points(before),
            "after": points(after),
        }
        key = "score_of" if len(names.counters) > 1 else "score"
        parts.append(Phrase(f"chances.{key}", values))
    if won.void and not won.scores:
        waits = replay.creator.violations[chance.slot].waiting_until != ABSENT
        parts.append(Phrase("chances.never_waits" if waits else "chances.no_points"))
    for ended in won.stops:
        parts.append(_stop_phrase(ended, replay, names))
    for row in won.measures:
        measure = measure_of(names.measure(replay.creator.measures[row]), replay.rulebook)
        parts.append(Phrase("chances.measure", {"measure": measure}))
    for code in won.freed:
        title = graded(names.categories[code], "", replay.rulebook)
        parts.append(Phrase("chances.freed", {"category": title}))
    for row, amount in won.money:
        account, currency = names.accounts[row]
        said: dict[str, Value] = {"account": term(replay.rulebook, "words", account)}
        parts.append(Phrase("chances.money", said | {"amount": money_of(amount, currency)}))
    key = "passed" if chance.kind == "exam" else "granted"
    return Phrase(f"chances.{key}", {"parts": parts or [Phrase("chances.nothing")]})


def _stop_phrase(ended: Ended, replay: Replay, names: Naming) -> Phrase:
    stop, after = ended
    feature, rulebook = names.feature(stop), names.book(stop.version)
    values: dict[str, Value] = {
        "feature": rulebook.features.get(feature) or Title(feature, feature),
        "stop": stop_name(feature, rulebook, for_good=stop.kind == PERMANENT),
    }
    if after is None:
        return Phrase(f"chances.lifted.{kind(stop, names)}", values)
    if after.until >= FOREVER:
        return Phrase("chances.shorter", values)
    until = deadline(after.until, replay.rulebook.zone)
    return Phrase("chances.sooner", values | {"until": until})
