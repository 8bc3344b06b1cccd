"""No violation makes anything better, nothing in the creator's favour makes anything worse.

Under every rulebook of the house as it is and with figures changed: two replays, of which one has
one fact more, at the same instant.
"""

from collections.abc import Iterator
from itertools import islice, pairwise
from random import Random

import pytest
from reasons.books import book, known
from reasons.histories import DAY, HOUR, Maker, happen

from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from projections.fold.score import weighing
from projections.fold.state import (
    BALANCE,
    FOREVER,
    LIFTED,
    OCCASION_HELD,
    OCCASIONS,
    RUNNING,
    STANDING,
    SUM,
    WHILE_TRIGGERED,
    Stop,
)
from projections.standing.replay import Library, Replay, replay

CHANGED, LIVES = 6, 10
"""Of each rulebook: with how many changed figures it is tried, and how often under each of them."""
PASSED = f.RulesExamSat(100_00)
IN_FAVOUR = (f.AppealGranted, f.ExamSat, f.FactRetracted)
Life = tuple[Library, list[Envelope], Random]


def lives(name: str, *, without: tuple[type, ...] = ()) -> Iterator[Life]:
    """Random histories under a rulebook, as it is and with one figure changed."""
    random, tried = Random(name), book(name)
    words = sorted({word for version in tried.versions for word in version.categories})
    for turn in range(CHANGED + 1):
        changed = tried.changed(tried.draw(random, words)) if turn else tried.library
        for _ in range(LIVES if changed is not None else 0):
            facts = happen(tried.versions, random)
            yield changed, [e for e in facts if type(e.fact) not in without], random


def asked(library: Library, facts: list[Envelope], at: int) -> Replay:
    return replay("c", facts, library, as_of=at)


def with_more(facts: list[Envelope], at: int, *more: f.Fact) -> list[Envelope]:
    """These facts after all others of their class at the instant."""
    end = max(e.position for e in facts)
    return facts + [
        Envelope("s", f"more{n}", "c", at, fact, at, end + n, end + n)
        for n, fact in enumerate(more, 1)
    ]


def scores(r: Replay) -> list[int]:
    """Of each counter, higher the better."""
    rules = r.tables.book.versions[0].counters
    return [rule.sign * c.score for rule, c in zip(rules, r.creator.counters, strict=True)]


def ends(r: Replay) -> dict[int, int]:
    """The latest end of each feature that is stopped."""
    found: dict[int, int] = {}
    for stop in r.creator.stops[: r.creator.stops_made]:
        if stop.state == RUNNING:
            found[stop.feature] = max(found.get(stop.feature, 0), stop.until)
    return found


def owed(r: Replay) -> dict[tuple[str, str], int]:
    return {key: r.creator.accounts[slot].demanded for key, slot in r.history.accounts.items()}


def worse(one: Replay, other: Replay) -> list[str]:
    """In what one is worse than the other."""
    found = [f"score {a} < {b}" for a, b in zip(scores(one), scores(other), strict=True) if a < b]
    before, debts = ends(other), owed(other)
    found += [
        f"feature {feature} until {end}, not {before.get(feature)}"
        for feature, end in ends(one).items()
        if end > before.get(feature, 0)
    ]
    return found + [f"{a} {n}" for a, n in owed(one).items() if n > debts.get(a, 0)]


def found_now(library: Library, facts: list[Envelope], random: Random, name: str) -> Envelope:
    """One violation more, soon after the others."""
    at = max(e.effective_at for e in facts) + random.choice((1, HOUR, DAY, 40 * DAY))
    made = Maker(book(name).versions, random, ()).one_violation(at, None)
    (envelope,) = with_more(facts, at, made)[len(facts) :]
    return envelope


@pytest.mark.parametrize("name", sorted(known()))
def test_a_violation_makes_nothing_better(name: str) -> None:
    for library, facts, random in lives(name):
        more = found_now(library, facts, random, name)
        at = more.effective_at
        with_it = asked(library, [*facts, more], at)
        without = asked(library, facts, at)
        if without.creator.enrolled:
            assert not worse(without, with_it), (facts, more)


@pytest.mark.parametrize("name", sorted(known()))
def test_what_is_in_the_creators_favour_makes_nothing_worse(name: str) -> None:
    for library, facts, random in lives(name):
        at = max(e.effective_at for e in facts) + random.choice((1, HOUR, DAY, 7 * DAY))
        violation = random.choice([v.fact.violation for v in facts if named(v)] or ["v1"])
        points = random.choice((None, None, 25, 100, 300, 900))
        granted = f.AppealGranted(violation, points)
        passed = (f.ExamStudied(violation), f.ExamSat(violation, 100_00))
        denied = with_more(facts, at, f.AppealDenied(violation))  # what waited waits no longer
        for favour, other in (((granted,), denied), (passed, facts), ((PASSED,), facts)):
            more = with_more(facts, at, *favour)
            assert not worse(asked(library, more, at), asked(library, other, at)), (more, at)
            if any(version.ladder_count for version in library.tables(name).book.versions):
                continue  # a later offence that is the first again may cost more by itself
            later = asked(library, more, at + 400 * DAY)
            assert not stopped_worse(later, asked(library, other, at + 400 * DAY)), (more, at)


def named(e: Envelope) -> bool:
    return type(e.fact) is f.ViolationFound


def stopped_worse(one: Replay, other: Replay) -> list[str]:
    return [said for said in worse(one, other) if not said.startswith("score")]


@pytest.mark.parametrize("name", sorted(known()))
def test_nothing_serves_what_it_caused(name: str) -> None:
    for library, facts, random in lives(name):
        more = found_now(library, facts, random, name)
        at = more.effective_at
        r = asked(library, with_more([*facts, more], at, f.OccasionHeld("now")), at)
        for stop in r.creator.stops[: r.creator.stops_made]:
            if stop.kind == OCCASIONS and stop.state == RUNNING and stop.started_at >= at:
                assert stop.occasions == stop.length


@pytest.mark.parametrize("name", sorted(known()))
def test_what_has_come_back_once_does_not_come_back_again(name: str) -> None:
    """What is missing is what the violations still weigh; no less where nothing was withdrawn."""
    for library, facts, _ in lives(name, without=IN_FAVOUR):
        at = max(e.effective_at for e in facts)
        for when in (at, at + 200 * DAY):
            r = asked(library, facts, when)
            for i in range(len(r.creator.counters)):
                if r.creator.enrolled and plainly_counted(r, i):
                    standing = [
                        v for v in r.creator.violations if v.state == STANDING and v.counter == i
                    ]
                    weight = sum(map(weighing, standing))
                    assert missing(r, i) == weight, (i, facts, when)


def plainly_counted(r: Replay, i: int) -> bool:
    """Whether it begins where it is best, under every version, and nothing is carried over."""
    return r.tables.book.expires != 0 and all(
        (rule.initial == (rule.cap if rule.sign == BALANCE else rule.floor))
        and rule.initial == r.tables.book.versions[0].counters[i].initial
        and rule.reset_carry_from == FOREVER
        for rule in (version.counters[i] for version in r.tables.book.versions)
    )


def missing(r: Replay, i: int) -> int:
    rule = r.tables.book.versions[0].counters[i]
    return rule.sign * (rule.initial - r.creator.counters[i].score)


SUMS = [name for name, versions in known().items() if any(v.overlap == "sum" for v in versions)]


@pytest.mark.parametrize("name", SUMS)
def test_stops_that_add_up_last_as_long_as_all_of_them(name: str) -> None:
    """One after the other, each served in full by the time or the occasions after it began."""
    for library, facts, _ in lives(name):
        at = max(e.effective_at for e in facts)
        r = asked(library, facts, at)
        if any(version.overlap != SUM for version in r.tables.book.versions):
            continue
        held = [row.at for row in r.history.rows if row.kind == OCCASION_HELD]
        by_feature: dict[int, list[Stop]] = {}
        for stop in r.creator.stops[: r.creator.stops_made]:
            if stop.kind <= OCCASIONS and stop.state != LIFTED and stop.started_at < FOREVER:
                by_feature.setdefault(stop.feature, []).append(stop)
                if stop.kind == OCCASIONS:
                    before = sum(stop.started_at < t < stop.until for t in held)
                    upto = sum(stop.started_at < t <= stop.until for t in held)
                    assert before <= stop.length - stop.occasions <= upto, facts
        for stops in by_feature.values():
            stops.sort(key=lambda s: (s.started_at, s.until))
            for before, after in pairwise(stops):
                assert before.until <= after.started_at, facts


def test_the_laws_are_tried_where_they_matter() -> None:
    """Some rulebook stops for occasions, adds stops up, falls back, lets points expire."""
    kinds = set()
    for name in known():
        law = book(name).library.tables(book(name).name).book
        kinds |= {("sum", v.overlap == SUM) for v in law.versions}
        kinds |= {("deepest", v.deepest) for v in law.versions} | {("expires", law.expires)}
        for version in law.versions:
            stops = [s for c in version.categories for s in c.stops]
            stops += [s for node in version.nodes for s in node.stops]
            kinds |= {(s.kind, 1) for s in stops}
    assert {
        ("sum", 1),
        ("deepest", 1),
        ("expires", 1),
        (OCCASIONS, 1),
        (WHILE_TRIGGERED, 1),
    } <= kinds
    assert list(islice(lives("bans"), 1))
