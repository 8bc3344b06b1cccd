"""click: `audit`, why a creator stands as they do."""

import sys
from pathlib import Path

import click

from projections.standing.moments import Moment
from projections.standing.options import as_json, language, times


@click.command("audit")
@click.argument("creator", required=False)
@click.option(
    "--bundle",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Without a ledger: do the rulings of a bundle (`export --bundle`) come out again?",
)
@times
@language
@as_json
@click.option(
    "--statement",
    metavar="SANCTION",
    help="The statement of reasons for one: a violation, a node, a feature or a measure, @TIME.",
)
@click.option(
    "--template",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="With --statement: your own text, with fields in braces.",
)
@click.pass_context
def audit_command(  # noqa: PLR0913, PLR0917  click hands over each option by itself
    ctx: click.Context,
    creator: str | None,
    bundle: Path | None,
    as_of: Moment | None,
    known_at: Moment | None,
    language: str,
    as_json: bool,
    statement: str | None,
    template: Path | None,
) -> None:
    """Why CREATOR stands as they do: one ruling per fact, with its clause and a plain sentence.

    A time without an offset is on the clocks of the creator's rulebook; a date alone is the end
    of that day.
    """
    if bundle is not None:
        from replay.bundle.commands import check

        if as_of or known_at:
            raise click.UsageError(
                "--bundle FILE says as of when: leave --as-of and --known-at out."
            )
        check(ctx, bundle, creator, language, as_json=as_json)
        return
    if creator is None:
        raise click.UsageError("Missing argument 'CREATOR'.")
    from projections.standing.question import Question

    if statement is None and template is not None:
        raise click.UsageError("--template goes with --statement.")
    if statement is not None and as_json:
        raise click.UsageError("--statement is a text for people; --json goes without it.")
    with Question(ctx.obj["db"], ctx.obj["rulebooks"], as_of, known_at) as question:
        if statement is not None:
            from replay.statement.commands import statement_lines

            for line in statement_lines(question, creator, statement, language, template):
                click.echo(line)
            return
        result = question.ask(creator, rulings=True)
        if as_json:
            from projections.standing.writing import json_line
            from projections.views.objects import audit_view

            click.echo(json_line(audit_view(result)))
            return
        from replay.audit.report import print_audit
        from replay.console import console

        with console() as out:
            print_audit(result, out, language, bars=sys.stdout.isatty())
