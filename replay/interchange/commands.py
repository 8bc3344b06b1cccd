"""click: `export-as`, the record in the formats of others."""

from collections.abc import Iterator
from pathlib import Path

import click

from projections.standing.moments import Moment
from projections.standing.options import times

STDOUT = Path("-")


@click.command("export-as")
@click.argument("format_", metavar="dsa|ocel|xes", type=click.Choice(["dsa", "ocel", "xes"]))
@click.option("--subject", "subjects", metavar="CREATOR", multiple=True, help="Only of these.")
@click.option(
    "--dsa-mapping",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="TOML file that says what your words are in the DSA Transparency Database.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default=STDOUT,
    help="A file, which is whole or not there; standard output if left out.",
)
@times
@click.pass_context
def export_as_command(
    ctx: click.Context,
    format_: str,
    subjects: tuple[str, ...],
    dsa_mapping: Path | None,
    output: Path,
    as_of: Moment | None,
    known_at: Moment | None,
) -> None:
    """Write the record for other programs, creator by creator.

    `dsa`: a statement of reasons for each decision that restricts something, as the EU DSA
    Transparency Database takes it, one JSON object a line. `ocel`: OCEL 2.0 as JSON. `xes`: XES, a
    trace for each creator.
    """
    from ledger.exchange.export import write_whole
    from ledger.text import safe
    from projections.standing.everybody import LeftOut, complain, everybody
    from projections.standing.question import Question
    from replay.interchange import dsa, ocel, words, xes

    if dsa_mapping is not None and format_ != "dsa":
        raise click.UsageError("--dsa-mapping goes with dsa.")
    mapping = words.load(dsa_mapping or words.SHIPPED) if format_ == "dsa" else words.Mapping()
    unjudged, no_row = LeftOut(), dsa.LeftOut()
    with Question(ctx.obj["db"], ctx.obj["rulebooks"], as_of, known_at) as question:
        for creator in subjects:  # before anything is written
            question.known_facts(creator)
        creators = subjects or question.creators()
        replays = everybody(question, creators, unjudged, rulings=True)
        lines: Iterator[str] = {
            "dsa": lambda: dsa.dsa(replays, mapping, no_row),
            "ocel": lambda: ocel.ocel(replays),
            "xes": lambda: xes.xes(replays),
        }[format_]()
        if output == STDOUT:
            for line in lines:
                click.echo(line)
        else:
            count = write_whole(output, lines)
            click.echo(f"{count:,} lines written to {safe(str(output))}", err=True)
    for why, count in sorted(no_row.items()):
        click.echo(f"left out, {why}: {count:,}", err=True)
    complain(unjudged)
    if any(why.startswith("no ") for why in no_row):
        ctx.exit(1)
