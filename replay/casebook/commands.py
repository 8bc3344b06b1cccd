"""click: `rulebook test`, the cases beside rulebooks."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.errors import InputError, LedgerError

if TYPE_CHECKING:
    from replay.casebook.suites import Result, Suite


@click.command("test")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE|DIR]…")
@click.option("--fill", is_flag=True, help="Print the tables with what each row comes to.")
@click.option("--json", "json_", is_flag=True, help="For machines.")
@click.pass_context
def test_command(ctx: click.Context, paths: tuple[Path, ...], fill: bool, json_: bool) -> None:
    """Run the cases that stand beside rulebooks: all of them, or those of FILE and DIR.

    A FILE is a rulebook or a table of cases. Exit code 1: a case came to something else.
    """
    from replay.casebook.suites import run, suites

    if fill and json_:
        raise click.UsageError("--fill prints tables, not JSON.")
    found = [] if paths else list(suites((), ctx.obj["rulebooks"]))
    for path in paths:
        found += (there := list(suites([path], ())))
        if not any(suite.tables for suite in there):
            raise InputError(f"{path}: no cases; they stand in <version>.cases.txt or cases/*.txt")
    if fill:
        _fill(found)
        return
    results = [result for suite in found for result in run(suite)]
    if json_:
        from replay.casebook.report import document

        _print_json(document(results))
    else:
        _print(results)
    if any(result.failed for result in results):
        ctx.exit(LedgerError.exit_code)


def _fill(found: "list[Suite]") -> None:
    from replay.casebook.fill import filled

    for text in [filled(table, suite.shelf) for suite in found for table in suite.tables]:
        click.echo(text, nl=False)


def _print(results: "list[Result]") -> None:
    from replay.casebook.report import failed_lines, tallies
    from replay.console import console

    for line in failed_lines(results):
        click.echo(line)
    with console() as out:
        out.print(tallies(results))


def _print_json(document: dict[str, Any]) -> None:
    from projections.standing.writing import json_line

    click.echo(json_line(document))
