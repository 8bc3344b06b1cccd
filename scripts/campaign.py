"""Random tries for as long as wanted, and a table of what came out wrong.

Each module in `campaign_parts/` has a click command `campaign`, which ends with 1 if anything was
wrong. The seed decides what is drawn; the table names seed and commit, and a seed can be given
again.
"""

import sys
from importlib import import_module
from pathlib import Path

import click

ROOT = Path(__file__).parent.parent
PARTS = Path(__file__).parent / "campaign_parts"


class Parts(click.Group):
    """The campaigns there are."""

    def list_commands(self, _: click.Context) -> list[str]:
        return sorted(path.stem for path in PARTS.glob("[a-z]*.py"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        found = import_module(f"campaign_parts.{cmd_name}").campaign
        assert isinstance(found, click.Command)
        return found


@click.group(cls=Parts, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Try at random, and print a table of what came out wrong."""


if __name__ == "__main__":
    sys.path[:0] = [str(PARTS.parent), str(ROOT / "tests")]
    main()
