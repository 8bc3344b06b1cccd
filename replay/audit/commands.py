"""click: `audit`, why a creator stands as they do."""

import sys

import click

from projections.standing.moments import Moment
from projections.standing.options import as_json, language, times


@click.command("audit")
@click.argument("creator")
@times
@language
@as_json
@click.option("--html", "page", metavar="FILE", help="Write one page that needs nothing else.")
@click.option("--svg", "picture", metavar="FILE", help="Write the picture alone; - is stdout.")
@click.pass_context
def audit_command(  # noqa: PLR0913  each is an option
    ctx: click.Context,
    creator: str,
    *,
    as_of: Moment | None,
    known_at: Moment | None,
    language: str,
    as_json: bool,
    page: str | None,
    picture: str | None,
) -> None:
    """Why CREATOR stands as they do: one ruling per fact, with its clause and a plain sentence.

    A time without an offset is on the clocks of the creator's rulebook; a date alone is the end
    of that day.
    """
    from projections.standing.question import Question

    with Question(ctx.obj["db"], ctx.obj["rulebooks"], as_of, known_at) as question:
        result = question.ask(creator, rulings=True)
        if page or picture:
            if as_json:
                raise click.UsageError("--html and --svg write files, not JSON.")
            from replay.pages.files import documents, write

            of_it = documents(question, result, language)
            if page:
                write(of_it.html(), page)
            if picture:
                write(of_it.svg(), picture)
            return
        if as_json:
            from projections.standing.writing import json_line
            from projections.views.objects import audit_view

            click.echo(json_line(audit_view(result)))
            return
        from replay.audit.report import print_audit
        from replay.console import console

        with console() as out:
            print_audit(result, out, language, bars=sys.stdout.isatty())
