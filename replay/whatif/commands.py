"""click: `what-if`, other facts or other rules for one creator, beside what was."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from projections.standing.moments import Moment
from projections.standing.options import as_json, language, times
from replay.whatif import options

if TYPE_CHECKING:
    from replay.whatif.counterfactual import Comparison

F = TypeVar("F", bound=Callable[..., Any])


def modes(command: F) -> F:
    """The options that ask something else than for a comparison; one at a time."""
    for option in (
        click.option(
            "--which-figures", is_flag=True,
            help="Which figure of the rulebook, changed alone, would have changed the outcome?",
        ),
        click.option(
            "--wrongful", is_flag=True,
            help="What did penalties cost whose appeals were granted?",
        ),
        click.option(
            "--afford", is_flag=True, help="How many more points can be lost before each node?"
        ),
        click.option(
            "--avoid", metavar="STOP|score>=X[@DATE]",
            help="Which smallest sets of single changes would have avoided a stop, as 8 or "
            "8.product_sharing@2024-07-10, or reached a score?",
        ),
        click.option(
            "--among", multiple=True, metavar="EVENT", callback=options.facts,
            help="With --orders: these facts, in place of all appeals and exams.",
        ),
        click.option(
            "--orders", is_flag=True,
            help="Every legal order of appeals and exams, by what comes out.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


@click.command("what-if")
@click.argument("creator")
@options.interventions
@modes
@click.option("--all", "every", is_flag=True, help="Rulings that are the same, too.")
@click.option("--html", metavar="FILE", help="Write one page with both histories side by side.")
@click.option("--svg", metavar="FILE", help="Write both as one picture; - is stdout.")
@times
@language
@as_json
@click.pass_context
def what_if_command(  # noqa: PLR0913  click hands over each option by itself
    ctx: click.Context,
    /,
    creator: str,
    *,
    every: bool,
    html: str | None,
    svg: str | None,
    as_of: Moment | None,
    known_at: Moment | None,
    language: str,
    as_json: bool,
    kept: str | None,
    **asked: Any,
) -> None:
    """Replay the record of CREATOR with other facts or other rules, beside the record as it is.

    Nothing is written. What people did is held fixed: only what you name differs. EVENT is the id
    of a fact or conditions as { category = "spam", first = 1 }. Every option may be given again but
    --rulebook and --recoveries. With --orders, --avoid, --afford, --wrongful or --which-figures
    that is asked, of the record as the other options have it.
    """
    from projections.standing.question import Question
    from projections.standing.writing import json_line
    from replay.whatif.asked import Beside, answer, mode_of

    mode, words = mode_of(asked)
    files = html is not None or svg is not None
    if files and (mode or every or as_json):
        raise click.UsageError("--html and --svg show the comparison: no other form goes with it.")
    scenario = options.scenario(**asked)
    with Question(ctx.obj["db"], ctx.obj["rulebooks"], as_of, known_at) as question:
        result = answer(question, creator, scenario, mode, words)
        now = question.now
    if kept is not None:
        options.save(scenario, kept)
    if files:
        assert isinstance(result, Beside)
        _write(result.comparison, language, now, html, svg)
        return
    if as_json:
        click.echo(json_line(result.view(every=every)))
        return
    from replay.console import console

    with console() as out:
        result.show(out, language, every=every)


def _write(
    comparison: "Comparison", language: str, now: int, html: str | None, svg: str | None
) -> None:
    from replay.pages.files import write
    from replay.whatif.paper import Paper

    paper = Paper(comparison, language, now)
    if html is not None:
        write(paper.html(), html)
    if svg is not None:
        write(paper.svg(), svg)
