"""click: `audit`, why a creator stands as they do."""

import sys

import click

from projections.standing.moments import Moment
from projections.standing.options import MOMENT, as_json, language, times


@click.command("audit")
@click.argument("creator")
@times
@click.option(
    "--last", type=click.IntRange(0), metavar="N", help="The last N rulings only; 0: the outcome."
)
@click.option("--from", "since", type=MOMENT, metavar="TIME", help="Rulings from then on.")
@click.option("--to", "until", type=MOMENT, metavar="TIME", help="Rulings up to then.")
@click.option("--violation", metavar="ID", help="What is about one violation only.")
@click.option("--only-changes", is_flag=True, help="Only what moved, started or ended something.")
@language
@as_json
@click.pass_context
def audit_command(  # noqa: PLR0913, PLR0917  each is an option
    ctx: click.Context,
    creator: str,
    as_of: Moment | None,
    known_at: Moment | None,
    last: int | None,
    since: Moment | None,
    until: Moment | None,
    violation: str | None,
    only_changes: bool,
    language: str,
    as_json: bool,
) -> None:
    """Why CREATOR stands as they do: the outcome, what can still be done, then each ruling.

    A time without an offset is on the clocks of the creator's rulebook; a date alone is the end
    of that day, of --from its beginning.
    """
    from projections.standing.question import Question
    from replay.audit.selection import Selection, select

    with Question(ctx.obj["db"], ctx.obj["rulebooks"], as_of, known_at) as question:
        result = question.ask(creator, rulings=as_json or last != 0)
        zone = result.rulebook.zone
        wanted = Selection(
            last,
            None if since is None else since.beginning(zone),
            None if until is None else until.instant(zone),
            violation,
            only_changes,
        )
        events = None if last == 0 and not as_json else select(result, wanted)
        if as_json:
            from projections.standing.writing import json_line
            from projections.views.glance import printed_view
            from projections.views.objects import audit_view

            view = audit_view(result, events) | printed_view(question, result)
            click.echo(json_line(view))
            return
        from replay.audit.report import Page, audit_lines
        from replay.console import columns

        page = Page(language, columns(), sys.stdout.isatty(), question.now)
        for line in audit_lines(result, page, events):
            click.echo(line)
