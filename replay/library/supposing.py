"""What a `Ledger` answers about other facts and other rules."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal, cast

import msgspec

from replay.library import answers
from replay.library.asking import Asking
from replay.library.scenarios import Query, Scenario, Time, queries, read_scenario, stacked
from replay.whatif.counterfactual import compare, comparison_view
from replay.whatif.questions.afford import afford_view
from replay.whatif.questions.avoid import avoid, avoid_view
from replay.whatif.questions.figures import figures_view
from replay.whatif.questions.orders import orders, orders_view
from replay.whatif.questions.target import read_target
from replay.whatif.questions.wrongful import wrongful_view
from replay.whatif.scenario import Scenario as Steps
from replay.whatif.stated import with_scenario
from replay.whatif.world import World, asked_world

Fact = Mapping[str, object] | str | bytes
"""A CloudEvent, as a mapping or as JSON (`docs/facts.md`)."""


class Supposing(Asking):
    """The part of `Ledger` that asks what would be. Nothing is written."""

    def what_if(  # noqa: PLR0913  each is an intervention by itself
        self,
        creator: str,
        *,
        scenario: Scenario = (),
        drop: Iterable[str | Query] = (),
        add: Iterable[Fact] = (),
        move: Mapping[str, Time] | None = None,
        amend: Mapping[str, Mapping[str, object]] | None = None,
        remap: Mapping[str, str] | None = None,
        rulebook: str = "",
        set: Mapping[str, str | int | Decimal] | None = None,
        recoveries: Literal["recorded", "due"] = "recorded",
        every: bool = False,
        as_of: Time | None = None,
        known_at: Time | None = None,
    ) -> answers.WhatIf:
        """The record beside the same with other facts or other rules. Nothing is written.

        `scenario` is a file, or the steps of one (`docs/what-if.md`); what else is said comes after
        it. `drop` names facts by id (`SOURCE#ID` where several sources use one) or by conditions,
        `add` brings some in (type, time and data are enough), `move` is {id: time, or "-7d"},
        `amend` {id: {field: value}} where None takes a field away, `remap` {category: category}.
        `rulebook` is `name` or `name@version`, `set` {key path: value} of figures; `recoveries` may
        be those that the rules make due in place of the recorded ones. `every` has the rulings that
        are the same too. Raises InputError, RulebookError.
        """
        given = read_scenario(scenario) + stacked(
            move=move or {},
            drop=drop,
            amend=amend or {},
            add=[text(fact) for fact in add],
            remap=remap or {},
            rulebook=rulebook,
            set={key: _figure(value) for key, value in (set or {}).items()},
            recoveries=recoveries,
        )
        comparison = compare(self._at(as_of, known_at), creator, given)
        return cast(answers.WhatIf, comparison_view(comparison, every=every))

    def orders(
        self,
        creator: str,
        *,
        among: Iterable[str | Query] = (),
        scenario: Scenario = (),
        as_of: Time | None = None,
        known_at: Time | None = None,
    ) -> answers.Orders:
        """Every legal order of some facts, by what comes out; of all appeals and exams by itself.

        Raises InputError where there are not two.
        """
        world, steps = self._world(creator, scenario, as_of, known_at)
        said = orders_view(orders(world, queries(among)))
        return cast(answers.Orders, with_scenario(said, steps, world.zone))

    def avoid(
        self,
        creator: str,
        target: str,
        *,
        scenario: Scenario = (),
        as_of: Time | None = None,
        known_at: Time | None = None,
    ) -> answers.Avoided:
        """The smallest sets of single changes that avoid a stop, or reach a score.

        `target` is `NODE`, `FEATURE` or `NODE.FEATURE`, or `score>=X`; then perhaps `@DATE`. Raises
        InputError for what is none.
        """
        world, steps = self._world(creator, scenario, as_of, known_at)
        said = avoid_view(avoid(world, read_target(target, world)))
        return cast(answers.Avoided, with_scenario(said, steps, world.zone))

    def afford(
        self,
        creator: str,
        *,
        scenario: Scenario = (),
        as_of: Time | None = None,
        known_at: Time | None = None,
    ) -> answers.Afford:
        """How many more points can be lost before each node. Raises InputError before enrolment."""
        world, steps = self._world(creator, scenario, as_of, known_at)
        said = afford_view(world.replay())
        return cast(answers.Afford, with_scenario(said, steps, world.zone))

    def wrongful(
        self,
        creator: str,
        *,
        scenario: Scenario = (),
        as_of: Time | None = None,
        known_at: Time | None = None,
    ) -> answers.Wrongful:
        """What each granted appeal had cost that would not have been lost without its violation."""
        world, steps = self._world(creator, scenario, as_of, known_at)
        return cast(answers.Wrongful, with_scenario(wrongful_view(world), steps, world.zone))

    def which_figures(
        self,
        creator: str,
        *,
        scenario: Scenario = (),
        as_of: Time | None = None,
        known_at: Time | None = None,
    ) -> answers.WhichFigures:
        """Which figures, changed alone by how little, would have changed score or stops."""
        world, steps = self._world(creator, scenario, as_of, known_at)
        return cast(answers.WhichFigures, with_scenario(figures_view(world), steps, world.zone))

    def _world(
        self, creator: str, scenario: Scenario, as_of: Time | None, known_at: Time | None
    ) -> tuple[World, Steps]:
        question, steps = self._at(as_of, known_at), read_scenario(scenario)
        return asked_world(question, creator, steps), steps


def text(fact: Fact) -> str:
    """A fact as JSON."""
    if isinstance(fact, str):
        return fact
    said = fact if isinstance(fact, bytes) else msgspec.json.encode(dict(fact))
    return said.decode("utf-8", "backslashreplace")


def _figure(value: str | int | Decimal) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
