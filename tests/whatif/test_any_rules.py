"""Every question has an answer under a rulebook that has every concept, in both languages."""

from collections.abc import Callable
from datetime import date
from typing import Any

import everything
import pytest

from ledger.errors import InputError
from ledger.rulebook.figures import figures
from projections.explain.places import Place
from replay.whatif import answered
from replay.whatif.outcome import outcome
from replay.whatif.questions.afford import afford_view
from replay.whatif.questions.avoid import avoid, avoid_view
from replay.whatif.questions.figures import Figure, Trials, figures_view, which_figures
from replay.whatif.questions.orders import orders, orders_view
from replay.whatif.questions.target import read_target
from replay.whatif.questions.wrongful import wrongful_view
from replay.whatif.scenario import Scenario
from replay.whatif.told import Teller
from replay.whatif.world import World

SEEDS = range(8)


def walk(seed: int) -> World:
    facts = everything.walk(seed)[:30]
    as_of = max(e.effective_at for e in facts) + everything.DAY
    shelf = everything.SHELF
    return World("c", facts, shelf, everything.library(), "Asia/Shanghai", as_of, None)


def stops(world: World) -> dict[str, Any]:
    """What would have avoided the last stop that has a node."""
    nodes = [dict(row)["node"] for row in outcome(world.replay()).stops]
    target = next((node for node in reversed(nodes) if node), "score>=0")
    try:
        return avoid_view(avoid(world, read_target(target, world)))
    except InputError as error:  # all were lifted as they began
        assert "there is nothing to avoid" in str(error)  # noqa: PT017
        return avoid_view(avoid(world, read_target("score<=99", world)))


QUESTIONS: list[tuple[Callable[[World], dict[str, Any]], Callable[..., Any]]] = [
    (stops, answered.avoid_lines),
    (lambda world: afford_view(world.replay()), answered.afford_lines),
    (wrongful_view, answered.wrongful_lines),
    (figures_view, answered.figures_rows),
    (lambda world: orders_view(orders(world)), answered.orders_lines),
]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_question_is_answered(seed: int) -> None:
    world = walk(seed)
    for view, lines in QUESTIONS:
        try:
            said = view(world)
        except InputError as error:  # there are not two facts to order
            assert "an order takes two" in str(error)  # noqa: PT017
            continue
        for language in ("en", "zh"):
            assert list(lines(said, Teller(world.replay(), language)))


@pytest.mark.parametrize("seed", SEEDS)
def test_each_figure_that_is_named_turns_the_outcome(seed: int) -> None:
    world = walk(seed)
    ours = outcome(world.replay())
    for each in which_figures(world):
        for field, turned in (("scores", each.score), ("stops", each.stops)):
            for value in filter(None, (turned.below, turned.above)):
                reformed = Scenario.of(set={each.figure.key: value}).worlds(world)[-1]
                assert getattr(outcome(reformed.replay()), field) != getattr(ours, field)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_figure_that_no_ruling_asked_turns_nothing(seed: int) -> None:
    """Each number of the rulebook one smaller and one larger, whoever asked."""
    trials = Trials(walk(seed))
    asked = {figure.key for figure in trials.figures()}
    for rulebook in trials.baseline.tables.rulebooks:
        for path, value in figures(rulebook).items():
            figure = Figure(Place(rulebook, path, path, value, ""), set())
            if figure.key in asked or isinstance(value, bool | str | date):
                continue
            for other in (value - 1, value + 1):
                for field in ("scores", "stops"):
                    if trials.turns(figure, other, field):
                        assert not trials.confirmed(figure, other, field), (path, other)
