"""What campaigns share: the seed, and the table that names it with the commit."""

import subprocess
import sys
from pathlib import Path
from random import SystemRandom

import click
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
    Console(width=None if sys.stdout.isatty() else 120).print(table)
