"""Our figures beside those of the peers they are measured against.

Each module in `bench_parts/` has `figures()`, which yields a dictionary for each figure: `name`,
`value`, `unit`, `against`, `ratio`, `target`, `met`. A figure without a target has `met` None.
"""

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

PARTS = Path(__file__).parent / "bench_parts"
COLUMNS = ("name", "value", "unit", "against", "ratio", "target", "met")


def names() -> list[str]:
    return sorted(path.stem for path in PARTS.glob("[a-z]*.py"))


def measured(wanted: list[str]) -> Iterator[dict[str, Any]]:
    sys.path.insert(0, str(PARTS.parent))
    for name in wanted:
        yield from import_module(f"bench_parts.{name}").figures()


def cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "[green]yes[/]" if value else "[red]no[/]"
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names_", metavar="[NAME]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON line per figure.")
def main(names_: tuple[str, ...], as_json: bool) -> None:
    """Measure; without a NAME everything. Ends with 1 if a target is missed."""
    unknown = sorted(set(names_) - set(names()))
    if unknown:
        click.echo(f"error: no part {unknown[0]!r}; there are {', '.join(names())}", err=True)
        sys.exit(2)
    table = Table(*COLUMNS, title="scripts/bench")
    missed = 0
    for figure in measured(list(names_) or names()):
        missed += figure["met"] is False
        if as_json:
            click.echo(json.dumps({key: figure[key] for key in COLUMNS}))
        else:
            table.add_row(*(cell(figure[key]) for key in COLUMNS))
    if not as_json:
        Console(width=None if sys.stdout.isatty() else 160).print(table)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
