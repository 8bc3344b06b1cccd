"""One question of what-if, answered as JSON and as text."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import click
from msgspec import Struct
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from projections.standing.question import Question
from replay.console import say_prose
from replay.whatif import answered
from replay.whatif.counterfactual import Comparison, compare, comparison_view
from replay.whatif.questions.afford import afford_view
from replay.whatif.questions.avoid import avoid, avoid_view
from replay.whatif.questions.figures import figures_view
from replay.whatif.questions.orders import orders, orders_view
from replay.whatif.questions.target import read_target
from replay.whatif.questions.wrongful import wrongful_view
from replay.whatif.scenario import Scenario
from replay.whatif.stated import with_scenario
from replay.whatif.told import Teller, head_lines
from replay.whatif.world import World, asked_world

View = dict[str, Any]
Tried = TypeVar("Tried")
Lines = Callable[[View, Teller], Iterator[str]]


class Beside(Struct):
    """The comparison, where nothing else is asked."""

    comparison: Comparison

    def view(self, *, every: bool) -> View:
        return comparison_view(self.comparison, every=every)

    def show(self, console: Console, language: str, *, every: bool) -> None:
        from replay.whatif.side_by_side import print_comparison

        print_comparison(self.comparison, console, every=every, language=language)


class Answer(Struct):
    """What else may be asked, of a world."""

    world: World
    lines: Lines
    said: View
    scenario: Scenario
    table: Callable[[View, Teller], Iterator[tuple[str, ...]]] | None = None

    def view(self, *, every: bool) -> View:  # noqa: ARG002  all of it is shown
        return with_scenario(self.said, self.scenario, self.world.zone)

    def show(self, console: Console, language: str, *, every: bool) -> None:  # noqa: ARG002
        replay = self.world.replay()
        tell = Teller(replay, language)
        for line in head_lines(replay, self.scenario, tell):
            say_prose(console, line)
        if self.table is not None:
            head, *rows = self.table(self.said, tell)
            table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
            for name in head:
                table.add_column(name, overflow="fold", no_wrap=name == head[0])
            for row in rows:
                table.add_row(*map(Text, row))
            console.print(table)
        for line in self.lines(self.said, tell):
            say_prose(console, line)


class Mode(NamedTuple):
    view: Callable[[World, Any], View]
    lines: Lines
    table: Callable[[View, Teller], Iterator[tuple[str, ...]]] | None = None


def _watched(found: Sequence[Tried]) -> Iterable[Tried]:
    """With a bar on a terminal while each is replayed."""
    hidden = not sys.stderr.isatty()
    with click.progressbar(found, label="what-if", file=sys.stderr, hidden=hidden) as bar:
        yield from bar


MODES: dict[str, Mode] = {
    "orders": Mode(
        lambda world, among: orders_view(orders(world, among, _watched)), answered.orders_lines
    ),
    "avoid": Mode(
        lambda world, text: avoid_view(avoid(world, read_target(text, world), _watched)),
        answered.avoid_lines,
    ),
    "afford": Mode(lambda world, _: afford_view(world.replay()), answered.afford_lines),
    "wrongful": Mode(lambda world, _: wrongful_view(world), answered.wrongful_lines),
    "which_figures": Mode(
        lambda world, _: figures_view(world), answered.figures_lines, answered.figures_rows
    ),
}


def mode_of(asked: dict[str, Any]) -> tuple[str, Any]:
    """What is asked by an option, taken out of them, and its words. Raises UsageError for two."""
    among = asked.pop("among")
    chosen = {name: asked.pop(name) for name in MODES}
    names = [name for name, value in chosen.items() if value not in (None, False)]
    if len(names) > 1:
        said = " and ".join("--" + name.replace("_", "-") for name in names)
        raise click.UsageError(f"found {said}; one question at a time")
    mode = names[0] if names else ""
    if among and mode != "orders":
        raise click.UsageError("--among says whose orders are meant: it goes with --orders")
    return mode, among if mode == "orders" else chosen.get(mode)


def answer(
    question: Question, creator: str, scenario: Scenario, mode: str, words: Any
) -> Beside | Answer:
    """Of the record as the scenario has it. Raises as the scenario does."""
    if not mode:
        return Beside(compare(question, creator, scenario))
    world = asked_world(question, creator, scenario)
    view, lines, table = MODES[mode]
    return Answer(world, lines, view(world, words), scenario, table)
