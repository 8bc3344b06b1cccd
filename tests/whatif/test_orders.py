"""Orders: all that are legal and no others, grouped by what comes out."""

from collections.abc import Iterator, Sequence
from itertools import permutations

import pytest
from hypothesis import assume, given, settings
from model.histories import histories
from msgspec.structs import replace
from samples import EXAM_FIRST, START, Line

from ledger.errors import InputError
from ledger.facts import types as f
from ledger.facts.envelope import Envelope, replay_order
from replay.whatif.outcome import outcome
from replay.whatif.query import Query
from replay.whatif.questions.legal_orders import EXACT, PROCEDURE, Order
from replay.whatif.questions.orders import orders, orders_view
from replay.whatif.world import World

from .worlds import of, world


def named(*ids: str) -> list[Query]:
    return [Query(event=name) for name in ids]


def test_exam_and_appeal_in_both_orders_come_to_the_same_by_two_ways() -> None:
    """002 §10(3): after the appeal the exam has no effect, and takes no exam right."""
    view = orders_view(orders(of(EXAM_FIRST), named("e5", "e6")))
    assert (view["orders"], view["exact"]) == (2, True)
    (group,) = view["groups"]
    assert group["recorded"]
    first, then = group["ways"]
    assert first["examples"] == [["e5", "e6"]]
    assert [r["change"] for r in first["rulings"]] == ["1.5", "1.5"]
    assert then["always"] == [["e6", "e5"]]
    granted, exam = then["rulings"]
    assert (granted["change"], exam["reason"]) == ("3", "closed_by_appeal")
    assert exam["clauses"] == ["002 §10(3)"]


def test_of_a_few_facts_all_of_the_procedure_is_ordered_and_not_decisions_alone() -> None:
    lines: list[Line] = [
        *EXAM_FIRST[:-1],
        ("2024-07-11 09:00", f.AppealLodged("v1")),
        EXAM_FIRST[-1],
    ]
    view = orders_view(orders(of(lines)))
    assert [fact["type"] for fact in view["facts"]] == [
        "exam_studied",
        "exam_sat",
        "appeal_lodged",
        "appeal_granted",
    ]
    assert view["exact"]


def test_an_order_that_matters_makes_two_groups() -> None:
    """Of two exams of one category only the first takes its right (002 §5)."""
    lines: list[Line] = [
        *START[:2],
        ("2024-07-10 09:00", f.ViolationFound("v1", "misleading", "other")),
        ("2024-07-10 10:00", f.ViolationFound("v2", "misleading", "other", None, 100, "minor")),
        ("2024-07-10 11:00", f.ExamStudied("v1")),
        ("2024-07-10 11:00", f.ExamStudied("v2")),
        ("2024-07-10 15:00", f.ExamSat("v1", 100_00)),
        ("2024-07-10 16:00", f.ExamSat("v2", 100_00)),
    ]  # fmt: skip
    view = orders_view(orders(of(lines), named("e7", "e8")))
    scores = {g["outcome"]["score"]: g["ways"][0]["examples"] for g in view["groups"]}
    assert scores == {"7.5": [["e7", "e8"]], "7": [["e8", "e7"]]}
    assert view["groups"][0]["always"] in ([["e7", "e8"]], [["e8", "e7"]])


@settings(max_examples=40)
@given(histories(most=8))
def test_all_legal_orders_and_no_others(history: list[Envelope]) -> None:
    """Beside every permutation, looked at one by one."""
    chosen = [e for e in history if type(e.fact) in PROCEDURE][:4]
    assume(len(chosen) > 1)
    here = world(history)
    found = orders(here, named(*(e.id for e in chosen)))
    facts = found.facts
    legal = set()
    for order in permutations(range(len(facts))):
        at = {facts[n].position: facts[s].effective_at for s, n in enumerate(order)}
        if keeps(history, at):
            legal.add(frozenset(at.items()))
    given_back = [
        frozenset((facts[n].position, facts[s].effective_at) for s, n in enumerate(order))
        for group in found.groups
        for order in group.orders
    ]
    assert set(given_back) == legal
    assert len(given_back) == len(legal)
    for group in found.groups:
        for order in group.orders:
            assert outcome(found.replay(order)) == group.outcome


def keeps(history: list[Envelope], moved: dict[int, int]) -> bool:
    """Whether no two facts of one procedure, and no violation and its own, have changed places."""
    before = replay_order(history)
    place = {e.position: i for i, e in enumerate(before)}
    first: dict[str, Envelope] = {}
    for e in before:
        if isinstance(e.fact, f.ViolationFound):
            first.setdefault(e.fact.violation, e)
    new = {e.position: moved.get(e.position, e.effective_at) for e in history}
    for a in history:
        for b in history:
            if a is b or getattr(a.fact, "violation", 0) != getattr(b.fact, "violation", 1):
                continue
            kinds = {PROCEDURE.get(type(a.fact)), PROCEDURE.get(type(b.fact))}
            found = a is first.get(getattr(a.fact, "violation", ""))
            bound = len(kinds) == 1 and None not in kinds
            bound |= found and b.position in moved and b.effective_at >= a.effective_at
            if not bound or not (a.position in moved or b.position in moved):
                continue
            earlier = place[a.position] < place[b.position] or found
            if earlier and new[a.position] > new[b.position]:
                return False
    return True


def test_six_facts_have_720_orders_and_eight_are_drawn() -> None:
    lines: list[Line] = [*START[:2]]
    for i in range(1, 9):
        lines.append((f"2024-07-{9 + i:02} 09:00", f.ViolationFound(f"v{i}", "spam", "other")))
    for i in range(1, 9):
        lines.append((f"2024-07-20 {9 + i:02}:00", f.AppealGranted(f"v{i}")))
    ids = [f"e{10 + i}" for i in range(1, 9)]
    assert orders(of(lines), named(*ids[:6])).total == 720
    many = orders(of(lines), named(*ids))
    assert len(ids) > EXACT
    assert (many.drawn, many.total) == (True, 1000)
    again = orders(of(lines), named(*ids))
    assert [g.orders for g in again.groups] == [g.orders for g in many.groups]
    view = orders_view(many)
    assert (view["exact"], view["seed"]) == (False, 0)


def test_what_is_undecided_is_taken_to_succeed() -> None:
    lines: list[Line] = [
        *START,
        ("2024-07-10 12:00", f.AppealLodged("v1")),
        ("2024-07-11 09:00", f.ViolationFound("v2", "misleading", "other")),
        ("2024-07-11 10:00", f.ExamStudied("v2")),
    ]
    view = orders_view(orders(of(lines, "2024-07-12")))
    kinds = [(fact["type"], fact["violation"], fact["supposed"]) for fact in view["facts"]]
    assert sorted(kinds) == [
        ("appeal_granted", "v1", True), ("exam_sat", "v1", True), ("exam_sat", "v2", True),
    ]  # fmt: skip
    assert view["orders"] == 6
    assert view["as_of"].startswith("2024-07-12T00:00:03")


def test_one_fact_has_no_order() -> None:
    with pytest.raises(InputError, match="has 1 such facts"):
        orders(of(EXAM_FIRST), named("e6"))
    with pytest.raises(InputError, match="has 0 such facts"):
        orders(of(START[:2]))


def test_a_grant_never_comes_before_it_was_lodged() -> None:
    lines: list[Line] = [*EXAM_FIRST[:5], ("2024-07-11 10:00", f.AppealLodged("v1")), EXAM_FIRST[5]]
    assert orders(of(lines), named("e5", "e7")).total == 1
    assert orders(of(lines), named("e5", "e6", "e7")).total == 3


def test_orders_are_of_the_history_that_a_scenario_has_made() -> None:
    here = of(EXAM_FIRST)
    later = here.with_facts(
        [replace(e, effective_at=e.effective_at + 1) if e.id == "e6" else e for e in here.facts]
    )
    assert (
        orders(later, named("e5", "e6")).instants[1]
        == orders(here, named("e5", "e6")).instants[1] + 1
    )


def chain(violations: int) -> World:
    """Violations, each with its appeal and its exam decided before the next is found."""
    lines: list[Line] = [*START[:2]]
    for i in range(violations):
        day = f"2024-{8 + i // 28:02}-{1 + i % 28:02}"
        lines += [
            (f"{day} 09:00", f.ViolationFound(f"v{i}", "spam", "other")),
            (f"{day} 10:00", f.AppealLodged(f"v{i}")),
            (f"{day} 11:00", f.AppealDenied(f"v{i}")),
        ]
    return of(lines, "2025-12-31")


@pytest.mark.parametrize("violations", [5, 60, 120])
def test_a_set_with_one_legal_order_is_exact_however_large(violations: int) -> None:
    found = orders(chain(violations), [Query(type="appeal_lodged"), Query(type="appeal_denied")])
    assert (len(found.facts), found.drawn, found.total) == (2 * violations, False, 1)


def test_of_a_large_set_in_a_long_record_few_orders_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As many as so many facts replayed allow: 800,000 in earnest."""
    monkeypatch.setattr("replay.whatif.questions.legal_orders.EFFORT", 2000)
    lines: list[Line] = [*START[:2]]
    lines += [
        (f"2024-07-{10 + i} 09:00", f.ViolationFound(f"v{i}", "spam", "other")) for i in range(9)
    ]
    lines += [(f"2024-07-20 {9 + i:02}:00", f.AppealGranted(f"v{i}")) for i in range(9)]
    seen: list[int] = []

    def watch(chosen: Sequence[Order]) -> Iterator[Order]:
        seen.append(len(chosen))
        yield from chosen

    found = orders(of(lines), [Query(type="appeal_granted")], watch)
    assert (found.drawn, found.total, seen) == (True, 100, [100])


def test_what_is_not_decided_yet_comes_to_the_same_a_second_later() -> None:
    """No outcome is on record, and none is another because a supposed second is."""
    lines: list[Line] = [
        *START,
        ("2024-07-10 12:00", f.AppealLodged("v1")),
        ("2024-07-11 08:00", f.ViolationFound("v2", "misleading", "other")),
        ("2024-07-11 09:00", f.AppealLodged("v2")),
    ]
    view = orders_view(orders(of(lines, "2024-07-11 12:00")))
    assert view["orders"] == 6
    assert [group["outcome"]["score"] for group in view["groups"]] == ["10"]
    assert [group["recorded"] for group in view["groups"]] == [False]
