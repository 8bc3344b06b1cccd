"""click: `audit`, why a creator stands as they do."""

import sys

import click

from projections.standing.moments import Moment
from projections.standing.options import MOMENT, as_json, language, times

FILES_TAKE = (
    "--html and --svg show the whole record, and of the options about what is shown take only"
    " --from and --to, which the picture then shows closely"
)


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
@click.option("--html", metavar="FILE", help="Write one page that needs nothing else.")
@click.option("--svg", metavar="FILE", help="Write the picture alone; - is stdout.")
@click.pass_context
def audit_command(  # noqa: PLR0913  each is an option
    ctx: click.Context,
    creator: str,
    *,
    as_of: Moment | None,
    known_at: Moment | None,
    last: int | None,
    since: Moment | None,
    until: Moment | None,
    violation: str | None,
    only_changes: bool,
    language: str,
    as_json: bool,
    html: str | None,
    svg: str | None,
) -> None:
    """Why CREATOR stands as they do: the outcome, what can still be done, then each ruling.

    A time without an offset is on the clocks of the creator's rulebook; a date alone is the end
    of that day, of --from its beginning.
    """
    from projections.standing.question import Question
    from replay.audit.selection import Selection, select

    with Question(ctx.obj["db"], ctx.obj["rulebooks"], as_of, known_at) as question:
        files = bool(html or svg)
        if files and (as_json or last is not None or violation is not None or only_changes):
            raise click.UsageError(FILES_TAKE)
        result = question.ask(creator, rulings=files or as_json or last != 0)
        zone = result.rulebook.zone
        wanted = Selection(
            last,
            None if since is None else since.beginning(zone),
            None if until is None else until.instant(zone),
            violation,
            only_changes,
        )
        if files:
            from replay.pages.files import documents, write

            made = documents(question, result, language, wanted.since, wanted.until)
            if html:
                write(made.html(), html)
            if svg:
                write(made.svg(), svg)
            return
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
