"""click: `standing`, where a creator stands, for people and for machines."""

import sys
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ledger.errors import NoRulebookError, RulebookError
from projections.standing.moments import Moment
from projections.standing.options import as_json, language, times

if TYPE_CHECKING:
    from projections.standing.question import Question


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
        _print_everybody(ctx, as_of, known_at, as_json=as_json)
        return
    with Question(ctx.obj["db"], ctx.obj["rulebooks"], as_of, known_at) as question:
        from projections.views.objects import standing_view

        envelopes = question.known_facts(creator)
        result = question.replay(creator, envelopes, rulings=not as_json)
        if as_json:
            click.echo(json_line(standing_view(result)))
            return
        from projections.views.report import standing_lines

        for line in standing_lines(result, language):
            click.echo(line)


def _print_everybody(
    ctx: click.Context, as_of: Moment | None, known_at: Moment | None, *, as_json: bool
) -> None:
    """All that can be judged; those whose rulebook is not here are counted in an error."""
    from projections.standing.question import Question

    left_out: Counter[str] = Counter()
    with Question(ctx.obj["db"], ctx.obj["rulebooks"], as_of, known_at) as question:
        for line in _everybody(question, left_out, as_json=as_json):
            click.echo(line)
    if left_out:
        said = (f"{why}; left out for it: {count:,}" for why, count in sorted(left_out.items()))
        raise RulebookError("\n".join(said))


def _everybody(question: "Question", left_out: Counter[str], *, as_json: bool) -> Iterator[str]:
    """One line per creator, as it is ready; how far it is goes to a terminal's error output."""
    from projections.standing.adoptions import about_creator
    from projections.standing.writing import json_line
    from projections.views.objects import standing_view
    from projections.views.report import row

    watched = sys.stderr.isatty() and not sys.stdout.isatty()
    total = sum(1 for _ in question.creators()) if watched else 0
    with click.progressbar(
        question.creators(), length=total, label="standing", file=sys.stderr, hidden=not watched
    ) as creators:
        for creator in creators:
            envelopes = question.facts(creator)
            try:
                _, known_at = question.times(envelopes)
                if not about_creator([e for e in envelopes if e.recorded_at <= known_at]):
                    continue
                result = question.replay(creator, envelopes)
            except NoRulebookError as error:
                left_out[str(error)] += 1
                continue
            yield json_line(standing_view(result)) if as_json else row(result)
