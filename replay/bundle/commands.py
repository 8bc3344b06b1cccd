"""click: `export`, as lines or as a bundle; and what `audit --bundle` does.

What a command needs is imported when it runs, so that `--help` stays quick.
"""

from collections.abc import Sequence
from pathlib import Path

import click

from ledger.errors import InputError
from ledger.text import safe
from projections.standing.moments import Moment
from projections.standing.options import times

STDOUT = Path("-")
MAX_BYTES = 2 * 1024**3


@click.command("export")
@click.argument("creators", metavar="[CREATOR]...", nargs=-1)
@click.option("--subject", metavar="CREATOR", help="Only the facts about one creator.")
@click.option(
    "--after",
    metavar="POSITION",
    type=click.IntRange(min=0),
    default=0,
    help="Only the facts after this position.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A file, which is whole or not there; standard output if left out.",
)
@click.option(
    "--bundle",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write facts, rules and rulings of each CREATOR to FILE: `audit --bundle` asks it again.",
)
@times
@click.pass_context
def export_command(  # noqa: PLR0913, PLR0917  click hands over each option by itself
    ctx: click.Context,
    creators: tuple[str, ...],
    subject: str | None,
    after: int,
    output: Path | None,
    bundle: Path | None,
    as_of: Moment | None,
    known_at: Moment | None,
) -> None:
    """Write facts as CloudEvents JSONL, in the order of the log; or a bundle about creators.

    Imported with --trust-recorded-times into an empty store they give the same log again.
    """
    from ledger.exchange.export import lines, write_whole
    from ledger.log.port import open_reader

    if bundle is not None:
        if subject or after or output:
            raise click.UsageError("--bundle goes with CREATORs, --as-of and --known-at alone.")
        if not creators:
            raise click.UsageError("--bundle needs the CREATORs that it is about.")
        _pack(ctx, bundle, creators, as_of, known_at)
        return
    if creators or as_of or known_at:
        raise click.UsageError("CREATORs, --as-of and --known-at go with --bundle FILE.")
    with open_reader(ctx.obj["db"]) as log:
        facts = lines(log, subject, after)
        if output is not None and output != STDOUT:
            written = write_whole(output, facts)
            click.echo(f"{written:,} facts written to {safe(str(output))}", err=True)
            return
        for line in facts:
            click.echo(line)


def _pack(
    ctx: click.Context,
    file: Path,
    creators: Sequence[str],
    as_of: Moment | None,
    known_at: Moment | None,
) -> None:
    from ledger.exchange.export import write_whole
    from projections.standing.question import Question
    from replay.bundle.form import written
    from replay.bundle.pack import pack

    with Question(ctx.obj["db"], ctx.obj["rulebooks"], as_of, known_at) as question:
        text = (line.decode().removesuffix("\n") for line in written(pack(question, creators)))
        lines = write_whole(file, text)
    click.echo(f"{lines:,} lines written to {safe(str(file))}", err=True)


def check(
    ctx: click.Context, file: Path, creator: str | None, language: str, *, as_json: bool
) -> None:
    """What `audit --bundle FILE [CREATOR]` prints; ends with 1 where a ruling is another one."""
    from projections.standing.writing import json_line
    from replay.bundle.form import read
    from replay.bundle.report import head_lines, verdict_lines, verdict_view
    from replay.bundle.rerun import rerun

    name = safe(str(file))
    bundle = read(_bytes(file, name), name)
    same = True
    for line in () if as_json else head_lines(bundle, name, language):
        click.echo(line)
    for verdict in rerun(bundle, () if creator is None else (creator,)):
        same = same and verdict.difference is None
        view = verdict_view
        for line in [json_line(view(verdict))] if as_json else verdict_lines(verdict, language):
            click.echo(line)
    if not same:
        ctx.exit(1)


def _bytes(file: Path, name: str) -> bytes:
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{name} can't be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise InputError(f"{name} is larger than {MAX_BYTES // 1024**3} GiB")
    return data
