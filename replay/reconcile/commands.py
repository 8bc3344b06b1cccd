"""click: `reconcile`, do the records agree with the rules."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ledger.errors import LedgerError
from projections.standing.moments import Moment
from projections.standing.options import MOMENT, as_json, check_span, language, times

if TYPE_CHECKING:
    from projections.standing.question import Question
    from replay.reconcile.crowd import Asked
    from replay.reconcile.findings import Finding
    from replay.reconcile.tally import Tally

LIMIT = 50


@click.command("reconcile")
@click.argument("creators", metavar="[CREATOR]...", nargs=-1)
@click.option("--all", "everybody", is_flag=True, help="Every creator with a known fact.")
@click.option(
    "--from", "since", type=MOMENT, metavar="TIME", help="Only rows of then and later. [always]"
)
@click.option("--to", "until", type=MOMENT, metavar="TIME", help="Only rows up to then. [always]")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    metavar="N",
    default=LIMIT,
    show_default=True,
    help="How many rows people read; --json has all.",
)
@click.option(
    "--propose",
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="Write the recoveries that are due as facts, to be imported once a person agrees.",
)
@times
@language
@as_json
@click.pass_context
def reconcile_command(  # noqa: PLR0913, PLR0917  click hands over each option by itself
    ctx: click.Context,
    creators: tuple[str, ...],
    everybody: bool,
    since: Moment | None,
    until: Moment | None,
    limit: int,
    propose: Path | None,
    as_of: Moment | None,
    known_at: Moment | None,
    language: str,
    as_json: bool,
) -> None:
    """Do the records of CREATORs agree with the rules, and like cases with each other?

    Recoveries due and not recorded or recorded and not due, points of their own by ground, appeals
    late or denied and granted, exams that came to nothing, violations that look like twice, and
    what rests on figures without a source. Exit code 0: nothing was found; 1: something was.
    """
    from projections.standing.everybody import complain
    from projections.standing.question import Question
    from replay.reconcile.crowd import Asked
    from replay.reconcile.findings import Span
    from replay.reconcile.summary import group_findings, summary_view

    if everybody == bool(creators):
        raise click.UsageError("Name CREATORs, or give --all.")
    db, rulebooks = ctx.obj["db"], ctx.obj["rulebooks"]
    with Question(db, rulebooks, as_of, known_at) as question:
        check_span(since, until, question.zone([]))
        for creator in creators:
            question.known_facts(creator)
        asked = Asked(
            db, tuple(map(str, rulebooks)), as_of, known_at, question.now, question.log.head(),
            Span(since, until), as_json, limit, propose is not None, bool(creators),
        )  # fmt: skip
        tally, rows, proposed = _ask(asked, question, sorted(set(creators)), propose)
        find = question.shelf.find
        groups = list(group_findings(tally, find))
        zone = question.zone([])
        summary = summary_view(asked, tally, find, zone)
        found = sum(tally.rows.values())
    if as_json:
        from projections.standing.writing import json_line
        from replay.reconcile.findings import finding_view

        for finding in groups:
            click.echo(json_line(finding_view(finding)))
        click.echo(json_line(summary))
    else:
        from replay.console import console
        from replay.reconcile.report import Report

        with console() as out:
            report = Report(out, language, find, zone)
            report.summary(summary)
            report.rows([*groups, *rows][:limit], found)
            if propose is not None:
                report.proposed(proposed, propose)
    complain(tally.left_out)
    if found:
        ctx.exit(LedgerError.exit_code)


def _ask(
    asked: "Asked", question: "Question", named: list[str], propose: Path | None
) -> tuple["Tally", list["Finding"], int]:
    """The sums, the first rows, and how many facts are proposed.

    Rows as JSON are printed, and proposals written, as they are ready.
    """
    from ledger.exchange.export import writing
    from replay.reconcile.crowd import answers
    from replay.reconcile.tally import Tally

    tally, rows, proposed = Tally(), list["Finding"](), 0
    watched = sys.stderr.isatty() and not (asked.as_json and sys.stdout.isatty())
    total = sum(1 for _ in question.creators()) if watched and not named else len(named)
    with (
        writing(propose) if propose else nullcontext(lambda _: None) as write,
        click.progressbar(
            length=total, label="reconcile", file=sys.stderr, hidden=not watched
        ) as bar,
    ):
        for answer in answers(asked, named or question.creators()):
            tally.add(answer.tally)
            rows += answer.findings[: asked.limit - len(rows)]
            for line in answer.lines:
                click.echo(line)
            for line in answer.proposed:
                write(line)
            proposed += len(answer.proposed)
            bar.update(answer.size)
    return tally, rows, proposed
