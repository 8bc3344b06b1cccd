"""click: `standing`, where a creator stands, for people and for machines."""

import shutil
import sys

import click

from projections.standing.moments import Moment
from projections.standing.options import as_json, language, times


@click.command("standing")
@click.argument("creator", required=False)
@click.option("--all", "everybody", is_flag=True, help="Every creator with a known fact.")
@times
@language
@as_json
@click.pass_context
def standing_command(
    ctx: click.Context,
    creator: str | None,
    everybody: bool,
    as_of: Moment | None,
    known_at: Moment | None,
    language: str,
    as_json: bool,
) -> None:
    """Where CREATOR stands: score, stops with their ends, open windows, and what changes next.

    A time without an offset is on the clocks of the creator's rulebook; a date alone is the end
    of that day.
    """
    from projections.standing.question import Question
    from projections.standing.writing import json_line

    if everybody == (creator is not None):
        raise click.UsageError("Name one CREATOR, or give --all.")
    if creator is None:
        _print_everybody(ctx, as_of, known_at, language, as_json=as_json)
        return
    with Question(ctx.obj["db"], ctx.obj["rulebooks"], as_of, known_at) as question:
        result = question.ask(creator, rulings=True)
        if as_json:
            from projections.views.glance import printed_view
            from projections.views.objects import whole_standing_view

            view = whole_standing_view(result) | printed_view(question, result)
            click.echo(json_line(view))
            return
        from projections.views.report import standing_lines
        from projections.views.wrapping import WIDTH, set_in

        width = shutil.get_terminal_size((WIDTH, 24)).columns
        for text in standing_lines(result, language, question.now):
            for line in set_in(text, width):
                click.echo(line)


def _print_everybody(
    ctx: click.Context,
    as_of: Moment | None,
    known_at: Moment | None,
    language: str,
    *,
    as_json: bool,
) -> None:
    """One line per creator, as it is ready; how far it is goes to a terminal's error output."""
    from projections.standing.everybody import LeftOut, complain, everybody
    from projections.standing.question import Question
    from projections.standing.writing import json_line
    from projections.views.objects import standing_view
    from projections.views.report import row

    left_out = LeftOut()
    watched = sys.stderr.isatty() and not sys.stdout.isatty()
    with Question(ctx.obj["db"], ctx.obj["rulebooks"], as_of, known_at) as question:
        total = sum(1 for _ in question.creators()) if watched else 0
        with click.progressbar(
            question.creators(), length=total, label="standing", file=sys.stderr, hidden=not watched
        ) as creators:
            for result in everybody(question, creators, left_out):
                click.echo(json_line(standing_view(result)) if as_json else row(result, language))
    complain(left_out)
