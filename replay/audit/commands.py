"""click: `audit`, why a creator stands as they do."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from projections.standing.moments import Moment
from projections.standing.options import MOMENT, MomentType, as_json, check_span, language, times

if TYPE_CHECKING:
    from projections.standing.question import Question

FILE = click.Path(path_type=Path)
FORMS = ("bundle", "compare", "at_day", "statement", "html", "svg")
"""Options that each ask for something of its own; only --html and --svg go together."""
CHOSEN = ("last", "violation", "only_changes")
"""Which rulings are listed: of a list of rulings only."""


class OrNow(MomentType):
    """The same, or `now`: None."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        return None if value == "now" else super().convert(value, param, ctx)


OR_NOW = OrNow()


@click.command("audit")
@click.argument("creator", required=False)
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
    type=FILE,
    help="With --statement: your own text, with fields in braces.",
)
@click.option(
    "--bundle",
    metavar="FILE",
    type=FILE,
    help="Without a ledger: do the rulings of a bundle (`export --bundle`) come out again?",
)
@click.pass_context
def audit_command(
    ctx: click.Context,
    /,
    creator: str | None,
    as_of: Moment | None,
    known_at: Moment | None,
    **o: Any,
) -> None:
    """Why CREATOR stands as they do: the outcome, what can still be done, then each ruling.

    A time without an offset is on the clocks of the creator's rulebook; a date alone is the end
    of that day, of --from its beginning. --compare and --at-day show two times on one page: what
    was known then, what is known now, which facts made the difference, and what was executed
    meanwhile.
    """
    _check(as_of, known_at, o)
    if o["bundle"] is not None:
        from replay.bundle.commands import check

        check(ctx, o["bundle"], creator, o["language"], as_json=o["as_json"])
        return
    if creator is None:
        raise click.UsageError("Missing argument 'CREATOR'.")
    from projections.standing.question import Question

    with Question(ctx.obj["db"], ctx.obj["rulebooks"], as_of, known_at) as question:
        if o["compare"] or o["at_day"]:
            _compared(question, creator, o)
        elif o["statement"] is not None:
            from replay.statement.commands import statement_lines

            for line in statement_lines(
                question, creator, o["statement"], o["language"], o["template"]
            ):
                click.echo(line)
        else:
            _audit(question, creator, o)


def _check(as_of: Moment | None, known_at: Moment | None, o: dict[str, Any]) -> None:
    """Refuse options that say nothing together."""
    asked = [name for name in FORMS if o[name] is not None]
    chosen = [name for name in CHOSEN if o[name] not in (None, False)]
    if len(asked) > 1 and asked != ["html", "svg"]:
        raise click.UsageError(f"{_option(asked[0])} and {_option(asked[1])} ask different things.")
    form = asked[0] if asked else ""
    if form in ("html", "svg") and (o["as_json"] or chosen):
        raise click.UsageError(
            "--html and --svg show the whole record, and of the options about what is shown take"
            " only --from and --to, which the picture then shows closely"
        )
    if form not in ("", "html", "svg") and (chosen or o["since"] or o["until"]):
        raise click.UsageError(f"{_option(form)} lists no rulings to choose from.")
    if form == "bundle" and (as_of or known_at):
        raise click.UsageError("--bundle FILE says as of when: leave --as-of and --known-at out.")
    if form == "at_day" and (as_of is not None or not o["at_day"].whole_day):
        raise click.UsageError("--at-day takes a date, and neither --compare nor --as-of.")
    if form in ("compare", "at_day") and known_at is not None:
        raise click.UsageError("--compare and --at-day say themselves what was known when.")
    if form != "statement" and o["template"] is not None:
        raise click.UsageError("--template goes with --statement.")
    if form == "statement" and o["as_json"]:
        raise click.UsageError("--statement is a text for people; --json goes without it.")


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _audit(question: "Question", creator: str, o: dict[str, Any]) -> None:
    """The outcome and the rulings, in the form that is asked for."""
    from replay.audit.selection import Selection, select

    files, as_json, last = bool(o["html"] or o["svg"]), o["as_json"], o["last"]
    facts = question.known_facts(creator)
    result = question.replay(creator, facts, rulings=files or as_json or last != 0)
    zone = result.rulebook.zone
    check_span(o["since"], o["until"], zone)
    wanted = Selection(
        last,
        None if o["since"] is None else o["since"].beginning(zone),
        None if o["until"] is None else o["until"].instant(zone),
        o["violation"],
        o["only_changes"],
    )
    if files:
        from replay.pages.files import documents, write

        made = documents(question, result, o["language"], wanted.since, wanted.until)
        if o["html"]:
            write(made.html(), o["html"])
        if o["svg"]:
            write(made.svg(), o["svg"])
        return
    events = None if last == 0 and not as_json else select(result, wanted)
    if as_json:
        from projections.standing.executed import told
        from projections.standing.writing import json_line
        from projections.views.glance import printed_view
        from projections.views.objects import audit_view

        view = audit_view(result, events, told(result, facts, question))
        click.echo(json_line(view | printed_view(question, result)))
        return
    from replay.audit.report import Page, audit_lines
    from replay.console import columns

    page = Page(o["language"], columns(), sys.stdout.isatty(), question.now)
    for line in audit_lines(result, page, events):
        click.echo(line)


def _compared(question: "Question", creator: str, o: dict[str, Any]) -> None:
    """Two times on one page."""
    from replay.audit.compare import compare

    compared = compare(question, creator, *(o["compare"] or (o["at_day"], None)))
    if o["as_json"]:
        from projections.standing.writing import json_line
        from replay.audit.then_and_now import compare_view

        click.echo(json_line(compare_view(compared)))
        return
    from replay.audit.side_by_side import compared_lines
    from replay.console import columns

    for line in compared_lines(compared, o["language"], columns()):
        click.echo(line)
