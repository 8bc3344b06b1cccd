"""click: `import` and `record`, the doors of the record.

What a command needs is imported when it runs, so that `--help` stays quick.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.errors import ConflictError, InputError, NoLedgerError
from ledger.text import safe

if TYPE_CHECKING:
    from ledger.exchange.intake import How
    from ledger.exchange.tally import Tally
    from ledger.log.pins import Law
    from ledger.log.port import Log

STDIN = Path("-")
GOES_ON = "the same command goes on where it stopped"
Progress = Callable[[int, int], None]


_allow_clock = click.option(
    "--allow-clock",
    is_flag=True,
    help="Record though the log's last fact lies in the future of this machine's clock.",
)


@click.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, type=click.Path(path_type=Path))
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
@click.option("--dry-run", "dry", is_flag=True, help="Say what would come of it; write nothing.")
@click.option(
    "--all-or-nothing",
    "whole",
    is_flag=True,
    help="Record nothing of a FILE if a line of it is refused or in conflict; ends with 3 then.",
)
@click.option(
    "--trust-recorded-times",
    "trust",
    is_flag=True,
    help="Honour `recordedtime` (for migrations); without it the ledger stamps its own.",
)
@_allow_clock
@click.option("--undo", metavar="ID", help="Say what retracting all that an import recorded does.")
@click.option("--yes", is_flag=True, help="With --undo: retract it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per file.")
@click.pass_context
def import_command(  # noqa: PLR0913, PLR0917  click hands over each option by itself
    ctx: click.Context,
    files: tuple[Path, ...],
    mapping: Path | None,
    rejects: Path | None,
    dry: bool,
    whole: bool,
    trust: bool,
    allow_clock: bool,
    undo: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Bring facts in from JSONL files, or from CSV tables with a mapping; `-` is standard input.

    Good lines are kept and bad ones set aside. A fact that is already there changes nothing, so a
    file may be imported again; an import that was lost goes on where it stopped. Ends with 1 if
    anything was refused or contradicts what is recorded.
    """
    if undo is not None:
        if files or mapping or rejects or dry or whole or trust:
            raise click.UsageError("--undo goes with an import's ID, --yes and --json alone.")
        click.echo(_undo(ctx.obj, undo, yes=yes, allow_clock=allow_clock, as_json=as_json))
        return
    if yes:
        raise click.UsageError("--yes goes with --undo.")
    from ledger.exchange.import_report import as_dict, as_text
    from ledger.exchange.intake import How

    if not files:
        raise click.UsageError("Missing argument 'FILE...'.")
    if rejects and len(files) > 1:
        raise click.UsageError("--rejects goes with one FILE; without it each has its own.")
    _check_import(files, mapping)
    if not dry:
        _check_rejects(ctx.obj["db"], {file: rejects or default_rejects(file) for file in files})
    clean = True
    with _log_to_fill(ctx.obj, dry=dry, allow_clock=allow_clock) as log:
        log.check_keys()
        for file in files:
            target = rejects or default_rejects(file)
            with _bar(file, shown=not as_json) as progress:
                how = How(
                    trust=trust,
                    to_come=allow_clock,
                    whole=whole,
                    rejects=None if dry else target,
                    progress=progress,
                )
                try:
                    tally = _import_one(file, mapping, log, how)
                except KeyboardInterrupt:
                    then = "nothing of it is recorded" if whole or dry else GOES_ON
                    click.echo(f"interrupted; {then}", err=True)
                    ctx.exit(130)
            report = as_dict if as_json else as_text
            click.echo(report(str(file), tally, target, dry=dry))
            clean = clean and tally.clean
    if not clean:
        ctx.exit(3 if whole else 1)


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
@_allow_clock
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
    allow_clock: bool,
    as_json: bool,
) -> None:
    """Record one fact, or with `-` one line of JSON from standard input."""
    import json

    from ledger.exchange.tally import contradiction
    from ledger.facts.cloudevents import Refusal, parse

    line: str | bytes
    if type_ == "-":
        line = sys.stdin.buffer.read(1 << 17).strip()
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
    with _log_to_fill(ctx.obj, dry=False, allow_clock=allow_clock) as log:
        [receipt] = log.append([fact], expected_version=expect_version)
    if receipt.held is not None:
        fields, given, held = contradiction(receipt.held, fact)
        raise ConflictError(
            f"source {fact.source!r} and id {fact.id!r} are those of the fact at position "
            f"{receipt.position}, which differs in {fields} ({held}, not {given}): give the new "
            "fact an id of its own"
        )
    if as_json:
        names = ("status", "position", "version")
        click.echo(json.dumps({name: getattr(receipt, name) for name in names}))
        return
    said = "recorded" if receipt.status == "recorded" else "already recorded"
    click.echo(
        f"{said} at position {receipt.position}, version {receipt.version} of {fact.subject}"
    )


def default_rejects(file: Path) -> Path:
    """Beside the file; in the working directory where that can't be written.

    What came through standard input is nowhere else, so that its rejects are never replaced.
    """
    import os

    if file == STDIN:
        names = chain(["stdin.rejects.jsonl"], (f"stdin.rejects.{n}.jsonl" for n in count(2)))
        return next(Path(name) for name in names if not os.path.lexists(name))
    suffix = "csv" if ".csv" in file.suffixes else "jsonl"
    name = f"{file.name}.rejects.{suffix}"
    return file.with_name(name) if os.access(file.parent, os.W_OK) else Path(name)


def _check_import(files: tuple[Path, ...], mapping: Path | None) -> None:
    """What can be seen before a store is opened, or made."""
    for file in files:
        if file == STDIN and mapping:
            raise click.UsageError("A table can't come from standard input: give its FILE.")
        if not mapping and {".csv", ".tsv"} & set(file.suffixes):
            name = safe(str(file))
            raise click.UsageError(f"{name} is a table: --mapping says how it becomes facts.")
        if file != STDIN:
            try:
                file.open("rb").close()
            except OSError as error:
                raise InputError(f"{str(file)!r} can't be read: {error.strerror}") from None
    if mapping:
        from ledger.exchange.table_import import check_table

        for file in files:
            check_table(file, mapping)


def _check_rejects(url: str, targets: dict[Path, Path]) -> None:
    """Refuse what may not be replaced before the first file is read.

    What an import that was lost has set aside may be half written: it knows that itself.
    """
    from ledger.exchange.rejects import check
    from ledger.exchange.tally import decode
    from ledger.log.port import open_reader

    for file, target in targets.items():
        try:
            check(target, str(file.absolute()))
        except InputError:
            own = set[str]()
            with suppress(NoLedgerError), open_reader(url) as log:
                own = {decode(kept).aside.path for kept in log.imports().values()}
            if str(target.absolute()) not in own:
                raise


@contextmanager
def _log_to_fill(obj: dict[str, Any], *, dry: bool, allow_clock: bool) -> Iterator["Log"]:
    """The log that facts go to, made where it is not there; or what stands for it in a dry run."""
    from typing import cast

    from ledger.exchange.clock import check_clock
    from ledger.exchange.dry_run import DryRun
    from ledger.log.port import open_log, open_reader

    url = obj["db"]
    if not dry:
        with open_log(url, create=True, law=_law(obj)) as log:
            check_clock(log, allow=allow_clock)
            yield log
        return
    try:
        reader = open_reader(url)
    except NoLedgerError:
        yield cast("Log", DryRun(None))
        return
    with reader:
        check_clock(reader, allow=allow_clock)
        yield cast("Log", DryRun(reader))


def _law(obj: dict[str, Any]) -> "Law":
    """What pins rulebooks with the facts that come in."""
    from ledger.rulebook.pinning import Pinning
    from ledger.rulebook.shelf import Shelf

    return Pinning(
        Shelf(obj["rulebooks"]), lambda said: click.echo(safe(f"warning: {said}"), err=True)
    )


def _undo(obj: dict[str, Any], id_: str, *, yes: bool, allow_clock: bool, as_json: bool) -> str:
    from ledger.exchange.clock import check_clock
    from ledger.exchange.import_report import undo_as_dict, undo_as_text
    from ledger.exchange.undo import look, undo
    from ledger.log.port import open_log, open_reader

    if yes:
        with open_log(obj["db"], law=_law(obj)) as log:
            check_clock(log, allow=allow_clock)
            result = undo(log, id_)
    else:
        with open_reader(obj["db"]) as reader:
            result = look(reader, id_)
    return undo_as_dict(result) if as_json else undo_as_text(result)


def _import_one(file: Path, mapping: Path | None, log: "Log", how: "How") -> "Tally":
    from ledger.exchange.intake import Stream, import_jsonl, import_source

    if mapping is not None:
        from ledger.exchange.table_import import import_table

        return import_table(file, mapping, log, how)
    if file == STDIN:
        return import_source(Stream(sys.stdin.buffer, "-", how), log, how)
    return import_jsonl(file, log, how)


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
