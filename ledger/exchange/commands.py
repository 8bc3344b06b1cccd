"""click: `import`, `record` and `export`, the doors of the record.

What a command needs is imported when it runs, so that `--help` stays quick.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ledger.errors import ConflictError, InputError

if TYPE_CHECKING:
    from ledger.exchange.intake import Tally
    from ledger.log.port import Log

STDIN = Path("-")
Progress = Callable[[int, int], None]


@click.command("import")
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, readable=False),
)
@click.option(
    "--mapping",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="TOML file that says how the columns of a CSV table become facts.",
)
@click.option(
    "--rejects",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where refused lines go; FILE.why beside it says why. [FILE.rejects.jsonl]",
)
@click.option(
    "--trust-recorded-times",
    "trust",
    is_flag=True,
    help="Honour `recordedtime` (for migrations); without it the ledger stamps its own.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per file.")
@click.pass_context
def import_command(
    ctx: click.Context,
    files: tuple[Path, ...],
    mapping: Path | None,
    rejects: Path | None,
    trust: bool,
    as_json: bool,
) -> None:
    """Bring facts in from JSONL files, or from CSV tables with a mapping; `-` is standard input.

    Good lines are kept and bad ones set aside. A fact that is already there changes nothing, so a
    file may be imported again; an import that was lost goes on where it stopped. Ends with 1 if
    anything was refused or contradicts what is recorded.
    """
    from ledger.exchange.import_report import as_dict, as_text
    from ledger.log.port import open_log

    _check_import(files, mapping, rejects)
    clean = True
    with open_log(ctx.obj["db"], create=True) as log:
        log.check_keys()
        for file in files:
            target = rejects or default_rejects(file)
            with _bar(file, shown=not as_json) as progress:
                try:
                    tally, skipped = _import_one(file, mapping, log, target, trust, progress)
                except KeyboardInterrupt:
                    click.echo("interrupted; the same command goes on where it stopped", err=True)
                    ctx.exit(130)
            report = as_dict if as_json else as_text
            click.echo(report(str(file), tally, skipped, target))
            clean = clean and tally.clean
    if not clean:
        ctx.exit(1)


@click.command("record")
@click.argument("type_", metavar="TYPE|-")
@click.option("--subject", metavar="CREATOR", help="Whom the fact is about.")
@click.option("--id", "id_", help="The fact's id: with the source it is recorded once only.")
@click.option("--source", default="urn:penalty-ledger:cli", show_default=True, help="Who says so.")
@click.option("--time", metavar="RFC3339", help="When it was so, with offset.")
@click.option("--data", metavar="JSON", default="{}", help="The fact's fields, as a JSON object.")
@click.option(
    "--expect-version",
    type=click.IntRange(min=0),
    metavar="N",
    help="Record only if the creator's stream is at version N; else end with 6.",
)
@click.option("--json", "as_json", is_flag=True, help="The receipt as a JSON object.")
@click.pass_context
def record_command(  # noqa: PLR0913, PLR0917  click hands over each option by itself
    ctx: click.Context,
    type_: str,
    subject: str | None,
    id_: str | None,
    source: str,
    time: str | None,
    data: str,
    expect_version: int | None,
    as_json: bool,
) -> None:
    """Record one fact, or with `-` one line of JSON from standard input."""
    import json

    from ledger.facts.cloudevents import Refusal, parse
    from ledger.log.port import open_log

    if type_ == "-":
        line = sys.stdin.read(1 << 17).strip()
        name = "standard input"
    else:
        for option, value in (("--subject", subject), ("--id", id_), ("--time", time)):
            if value is None:
                raise click.UsageError(f"Missing option {option!r}.")
        event = {"specversion": "1.0", "type": type_, "source": source, "id": id_}
        event |= {"subject": subject, "time": time}
        line = f'{json.dumps(event)[:-1]},"data":{data}}}'
        name = "command line"
    fact = parse(line, file=name, line_no=1)
    if isinstance(fact, Refusal):
        raise InputError(f"{name}, {fact.field}: found {fact.found}; wanted {fact.wanted}")
    with open_log(ctx.obj["db"], create=True) as log:
        [receipt] = log.append([fact], expected_version=expect_version)
    if receipt.status == "conflict":
        raise ConflictError(
            f"source {fact.source!r} and id {fact.id!r} are those of the fact at position "
            f"{receipt.position}, which has other content: give the new fact an id of its own"
        )
    if as_json:
        names = ("status", "position", "version")
        click.echo(json.dumps({name: getattr(receipt, name) for name in names}))
        return
    said = "recorded" if receipt.status == "recorded" else "already recorded"
    click.echo(
        f"{said} at position {receipt.position}, version {receipt.version} of {fact.subject}"
    )


@click.command("export")
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
@click.pass_context
def export_command(
    ctx: click.Context, subject: str | None, after: int, output: Path | None
) -> None:
    """Write facts as CloudEvents JSONL, in the order of the log.

    Imported with --trust-recorded-times into an empty store they give the same log again.
    """
    from ledger.exchange.export import lines, write_whole
    from ledger.log.port import open_reader

    with open_reader(ctx.obj["db"]) as log:
        facts = lines(log, subject, after)
        if output is not None and output != STDIN:
            count = write_whole(output, facts)
            click.echo(f"{count:,} facts written to {output}", err=True)
            return
        for line in facts:
            click.echo(line)


def default_rejects(file: Path) -> Path:
    """Beside the file; in the working directory where that can't be written."""
    import os

    if file == STDIN:
        return Path("stdin.rejects.jsonl")
    suffix = "csv" if ".csv" in file.suffixes else "jsonl"
    name = f"{file.name}.rejects.{suffix}"
    return file.with_name(name) if os.access(file.parent, os.W_OK) else Path(name)


def _check_import(files: tuple[Path, ...], mapping: Path | None, rejects: Path | None) -> None:
    """What can be seen before a store is opened, or made."""
    if rejects and len(files) > 1:
        raise click.UsageError("--rejects goes with one FILE; without it each has its own.")
    for file in files:
        if file == STDIN and mapping:
            raise click.UsageError("A table can't come from standard input: give its FILE.")
        if not mapping and {".csv", ".tsv"} & set(file.suffixes):
            raise click.UsageError(f"{file} is a table: --mapping says how it becomes facts.")
        if file != STDIN:
            try:
                file.open("rb").close()
            except OSError as error:
                raise InputError(f"{str(file)!r} can't be read: {error.strerror}") from None
    from ledger.exchange.intake import Rejects

    for file in files:
        Rejects.check(rejects or default_rejects(file))
    if mapping:
        from ledger.exchange.mapping import load_mapping

        load_mapping(mapping)


def _import_one(
    file: Path,
    mapping: Path | None,
    log: "Log",
    rejects: Path,
    trust: bool,
    progress: Progress | None,
) -> tuple["Tally", dict[str, int]]:
    from ledger.exchange.intake import import_jsonl, import_lines, jsonl_lines

    if mapping is not None:
        from ledger.exchange.table_import import import_table

        return import_table(file, mapping, log, trust=trust, rejects=rejects, progress=progress)
    if file == STDIN:
        lines = jsonl_lines(sys.stdin.buffer, "-", trust=trust)
        return import_lines(lines, log, "stdin", "-", trust=trust, rejects=rejects), {}
    return import_jsonl(file, log, trust=trust, rejects=rejects, progress=progress), {}


@contextmanager
def _bar(file: Path, *, shown: bool) -> Iterator[Progress | None]:
    """A progress bar on a terminal; nothing where nobody looks."""
    if not shown or file == STDIN or not sys.stderr.isatty():
        yield None
        return
    from rich import progress as rp
    from rich.console import Console

    columns = (rp.TextColumn("{task.description}"), rp.BarColumn(), rp.DownloadColumn())
    with rp.Progress(*columns, rp.TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(file.name)
        yield lambda done, total: bar.update(task, completed=done, total=total)
