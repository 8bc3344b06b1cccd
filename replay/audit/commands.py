"""click: `audit`, why a creator stands as they do."""

import sys
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
@click.argument("creator")
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
@times
@language
@as_json
@click.pass_context
def audit_command(  # noqa: PLR0913, PLR0917  click hands over each option by itself
    ctx: click.Context,
    creator: str,
    compare: tuple[Moment, Moment | None] | None,
    at_day: Moment | None,
    as_of: Moment | None,
    known_at: Moment | None,
    language: str,
    as_json: bool,
) -> None:
    """Why CREATOR stands as they do: one ruling per fact, with its clause and a plain sentence.

    A time without an offset is on the clocks of the creator's rulebook; a date alone is the end
    of that day. --compare and --at-day show two times on one page: what was known then, what is
    known now, which facts made the difference, and what was executed meanwhile.
    """
    from projections.standing.question import Question

    if at_day is not None:
        if compare is not None or as_of is not None or not at_day.whole_day:
            raise click.UsageError("--at-day takes a date, and neither --compare nor --as-of.")
        compare = at_day, None
    if compare is not None:
        if known_at is not None:
            raise click.UsageError("--compare and --at-day say themselves what was known when.")
        with Question(ctx.obj["db"], ctx.obj["rulebooks"], as_of) as question:
            _print_compared(question, creator, compare, language, as_json=as_json)
        return
    with Question(ctx.obj["db"], ctx.obj["rulebooks"], as_of, known_at) as question:
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
