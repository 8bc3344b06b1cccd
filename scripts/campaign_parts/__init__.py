"""What campaigns share: the seed, and the table that names it with the commit."""

import subprocess
import sys
from pathlib import Path
from random import SystemRandom

import click
from rich import box
from rich.console import Console
from rich.table import Table

seed_option = click.option(
    "--seed", type=int, default=lambda: SystemRandom().randrange(2**32), help="[a random one]"
)


def known(seed: int) -> str:
    """Seed and commit, as one finds them again."""
    asked = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    root = Path(__file__).parent
    made = subprocess.run(asked, capture_output=True, text=True, check=False, cwd=root)
    return f"seed {seed}, {made.stdout.strip() or 'no commit'}"


def show(table: Table) -> None:
    """As a table of Markdown where nobody looks: so that it can be kept."""
    if sys.stdout.isatty():
        Console().print(table)
        return
    table.box, table.title_justify = box.MARKDOWN, "left"
    Console(width=200).print(table)
