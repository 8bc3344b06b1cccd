"""click: `audit`, why a creator stands as they do."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from projections.standing.moments import Moment
from projections.standing.options import MOMENT, MomentType, as_json, language, times

if TYPE_CHECKING:
    from projections.standing.question import Question


class OrNow(MomentType):
    """The same, or `now`: None."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        return None if value == "now" else super().convert(value, param, ctx)


OR_NOW = OrNow()


@click.command("audit")
@click.argument("creator", required=False)
@times
@click.option(
    "--compare",
    nargs=2,
    type=(MOMENT, OR_NOW),
    metavar="K1 K2",
    help="What was known at K1, and at K2 (a time, or now), about K1 or --as-of.",
)
@click.option(
    "--at-day",
    type=MOMENT,
    metavar="DAY",
    help="What was believed on the evening of a day, and what is true of it now.",
)
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
@click.option(
    "--bundle",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Without a ledger: do the rulings of a bundle (`export --bundle`) come out again?",
)
@language
@as_json
@click.pass_context
def audit_command(  # noqa: PLR0913  each is an option
    ctx: click.Context,
    creator: str | None,
    *,
    as_of: Moment | None,
    known_at: Moment | None,
    compare: tuple[Moment, Moment | None] | None,
    at_day: Moment | None,
    statement: str | None,
    template: Path | None,
    bundle: Path | None,
    language: str,
    as_json: bool,
) -> None:
    """Why CREATOR stands as they do: one ruling per fact, with its clause and a plain sentence.

    A time without an offset is on the clocks of the creator's rulebook; a date alone is the end
    of that day. --compare and --at-day show two times on one page: what was known then, what is
    known now, which facts made the difference, and what was executed meanwhile.
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
    if at_day is not None:
        if compare is not None or as_of is not None or not at_day.whole_day:
            raise click.UsageError("--at-day takes a date, and neither --compare nor --as-of.")
        compare = at_day, None
    if compare is not None and known_at is not None:
        raise click.UsageError("--compare and --at-day say themselves what was known when.")
    if statement is None and template is not None:
        raise click.UsageError("--template goes with --statement.")
    if statement is not None and as_json:
        raise click.UsageError("--statement is a text for people; --json goes without it.")
    from projections.standing.question import Question

    with Question(ctx.obj["db"], ctx.obj["rulebooks"], as_of, known_at) as question:
        if compare is not None:
            _print_compared(question, creator, compare, language, as_json=as_json)
            return
        if statement is not None:
            from replay.statement.commands import statement_lines

            for line in statement_lines(question, creator, statement, language, template):
                click.echo(line)
            return
        facts = question.known_facts(creator)
        result = question.replay(creator, facts, rulings=True)
        if as_json:
            from projections.standing.executed import told
            from projections.standing.writing import json_line
            from projections.views.objects import audit_view

            click.echo(json_line(audit_view(result, told(result, facts, question))))
            return
        from replay.audit.report import print_audit
        from replay.console import console

        with console() as out:
            print_audit(result, out, language, bars=sys.stdout.isatty())


def _print_compared(
    question: "Question",
    creator: str,
    times: tuple[Moment, Moment | None],
    language: str,
    *,
    as_json: bool,
) -> None:
    """Two times on one page."""
    from replay.audit.compare import compare

    compared = compare(question, creator, *times)
    if as_json:
        from projections.standing.writing import json_line
        from replay.audit.then_and_now import compare_view

        click.echo(json_line(compare_view(compared)))
        return
    from replay.audit.side_by_side import compared_lines
    from replay.console import columns

    for line in compared_lines(compared, language, columns()):
        click.echo(line)
