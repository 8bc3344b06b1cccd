"""Recoveries as due: the same as a simulation grants, and none is due once all are recorded."""

from random import Random

import pytest
from everything import library as everything
from everything import walk as any_history
from msgspec.structs import replace

from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from ledger.rulebook.shelf import Shelf
from projections.fold.state import RECOVERY_DUE
from projections.standing.replay import DEFAULT_RULEBOOK, Library, replay
from projections.standing.writing import day_date
from replay.population.synthetic import DAY, history
from replay.reconcile.findings import Case
from replay.reconcile.proposal import SOURCE, fact

from .worlds import case

SEEDS = range(60)
AS_OF = "2026-06-15 12:00"
SHIPPED = Library(Shelf())
CATEGORIES = list(SHIPPED.tables(DEFAULT_RULEBOOK).names.categories)


def random_history(seed: int) -> list[Envelope]:
    random = Random(seed)
    gap, ties = random.choice((3, 10, 30, 60)) * DAY, random.choice((0.1, 0.5))
    return list(history(random, "c", random.randrange(3, 60), CATEGORIES, gap=gap, ties=ties))


def without_recoveries(facts: list[Envelope]) -> list[Envelope]:
    return [e for e in facts if not isinstance(e.fact, f.RecoveryGranted)]


def simulated(one: Case) -> list[tuple[int, str, int]]:
    """(instant, last day, points) of each recovery that `--recoveries due` grants to an effect."""
    recorded = one.recorded
    facts = recorded.history.envelopes
    other = replay("c", facts, SHIPPED, as_of=recorded.as_of, rulings=True, simulate=True)
    turns = [turn for ruling in other.rulings for turn in ruling.turns] + other.turns
    return [
        (at, day_date(day), change)
        for turn in turns
        for code, day, change, at in turn.effects
        if code == RECOVERY_DUE and change
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_without_recorded_ones_all_that_a_simulation_grants_are_missing(seed: int) -> None:
    one = case(without_recoveries(random_history(seed)), AS_OF, SHIPPED)
    wanted = simulated(one)
    assert [(due.at, due.points) for due in one.walk.missing] == [(a, p) for a, _, p in wanted]
    for due, (_, last, _) in zip(one.walk.missing, wanted, strict=True):
        assert last.startswith(due.period)


def test_some_are_missing_and_some_are_not() -> None:
    missing = [case(random_history(seed), AS_OF, SHIPPED).walk.missing for seed in SEEDS]
    assert sum(map(bool, missing)) > len(SEEDS) / 2
    assert not all(missing)


@pytest.mark.parametrize("seed", SEEDS)
def test_whoever_records_what_is_proposed_is_told_of_none_again(seed: int) -> None:
    facts = random_history(seed)
    before = case(facts, AS_OF, SHIPPED)
    proposed = [fact("c", due) for due in before.walk.missing]
    last = max(e.position for e in facts)
    recorded = [replace(e, position=last + n, version=last + n) for n, e in enumerate(proposed, 1)]
    after = case(facts + recorded, AS_OF, SHIPPED)
    assert after.walk.missing == []
    ours = [row for row in after.walk.not_due if own(after, row.row)]
    assert (ours, after.walk.amounts) == ([], before.walk.amounts)
    due = [counter.score for counter in before.walk.creator.counters]
    assert [counter.score for counter in after.recorded.creator.counters] == due


def own(one: Case, row: int) -> bool:
    return one.recorded.history.envelopes[row].source == SOURCE


@pytest.mark.parametrize("seed", SEEDS)
def test_where_nothing_is_missing_the_record_is_what_is_due(seed: int) -> None:
    """Under rules that grant them by themselves, too."""
    for one in (
        case(random_history(seed), AS_OF, SHIPPED),
        case(any_history(seed), AS_OF, everything()),
    ):
        if not one.walk.missing:
            assert one.walk.creator.counters[0].score == one.recorded.creator.counters[0].score
            assert one.walk.creator.stops_made == one.recorded.creator.stops_made
