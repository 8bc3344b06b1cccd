"""The API: asked at random by its own description, with authentication, and in sequences.

Whatever is not answered as described, not refused without a token, or a failure, is shown with the
request that does the same.
"""

import sys
import tempfile
from pathlib import Path

import click
from web.test_api_schemathesis import PERHAPS, schemathesis

from campaign_parts import known, seed_option


@click.command(help=__doc__)
@click.option("--minutes", type=float, default=10.0, show_default=True)
@seed_option
def campaign(minutes: float, seed: int) -> None:
    click.echo(known(seed), err=True)
    with tempfile.TemporaryDirectory() as folder:
        said = schemathesis(
            Path(folder),
            PERHAPS,
            "--max-time",
            str(max(int(minutes * 60), 1)),
            "--seed",
            str(seed),
            seconds=minutes * 60 + 600,
        )
    click.echo(said.stdout + said.stderr)
    sys.exit(1 if said.returncode else 0)
