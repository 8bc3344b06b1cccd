"""click: `what-if`, other facts or other rules for one creator, beside what was."""

from typing import Any

import click

from projections.standing.moments import Moment
from projections.standing.options import as_json, language, times
from replay.whatif import options


@click.command("what-if")
@click.argument("creator")
@options.interventions
@click.option("--all", "every", is_flag=True, help="Rulings that are the same, too.")
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
    --rulebook and --recoveries.
    """
    from projections.standing.question import Question
    from replay.whatif.counterfactual import compare, comparison_view

    scenario = options.scenario(**asked)
    with Question(ctx.obj["db"], ctx.obj["rulebooks"], as_of, known_at) as question:
        comparison = compare(question, creator, scenario)
    if kept is not None:
        options.save(scenario, kept)
    if as_json:
        from projections.standing.writing import json_line

        click.echo(json_line(comparison_view(comparison, every=every)))
        return
    from replay.console import console
    from replay.whatif.side_by_side import print_comparison

    with console() as out:
        print_comparison(comparison, out, every=every)
