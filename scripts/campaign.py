"""Random faults for as long as wanted, and a table of what was lost, doubled or wrong afterwards.

Each module in `campaign_parts/` has `rounds(random)`, which yields `Suffered` without end. The seed
decides which faults are drawn, in which order, and what is recorded meanwhile; how the processes
interleave is the machine's. The table names seed and commit; a seed can be given again.
"""

import subprocess
import sys
import time
from collections import Counter
from importlib import import_module
from pathlib import Path
from random import Random, SystemRandom

import click
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent
PARTS = Path(__file__).parent / "campaign_parts"
COLUMNS = ("lost", "duplicated", "drifted")


def names() -> list[str]:
    return sorted(path.stem for path in PARTS.glob("[a-z]*.py"))


def commit() -> str:
    asked = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    made = subprocess.run(asked, capture_output=True, text=True, check=False, cwd=ROOT)
    return made.stdout.strip() or "no commit"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name", type=click.Choice(names()))
@click.option("--minutes", type=float, default=10.0, show_default=True)
@click.option("--seed", type=int, help="[a random one]")
def main(name: str, minutes: float, seed: int | None) -> None:
    """Suffer; ends with 1 if anything is lost, doubled or wrong."""
    seed = SystemRandom().randrange(2**32) if seed is None else seed
    known = f"seed {seed}, {commit()}"
    click.echo(known, err=True)
    sys.path[:0] = [str(PARTS.parent), str(ROOT / "tests")]
    end = time.monotonic() + minutes * 60
    counts: dict[str, Counter[str]] = {}
    wrong = 0
    for one in import_module(f"campaign_parts.{name}").rounds(Random(seed)):
        here = counts.setdefault(one.fault, Counter())
        here.update({"count": 1} | {column: getattr(one.verdict, column) for column in COLUMNS})
        if not one.verdict.clean:
            wrong += 1
            click.echo(f"{one.fault}, round {one.round}: {one.verdict}", err=True)
        if time.monotonic() > end:
            break
    table = Table("fault", "count", *COLUMNS, title=f"{name}: {known}")
    counts["all"] = sum(counts.values(), Counter())
    for fault, counted in counts.items():
        table.add_row(fault, *(f"{counted[column]:,}" for column in ("count", *COLUMNS)))
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
