"""A population that never was, as CloudEvents that `import` takes: the same seed, the same bytes.

A creator has thirty facts in the mean, few have thousands; most are violations. What follows a
violation (an appeal and its decision, an exam and its answers, a recovery, a retraction) follows it
by days, as it would. Most facts are recorded in minutes, some after weeks; lines stand in the order
in which they were recorded, so that `import --trust-recorded-times` takes them.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
from history_parts.facts import CHUNK, DAY, YEAR, Rules, facts
from history_parts.lines import lines
from history_parts.order import in_order_of_recording

from ledger.errors import LedgerError
from ledger.files import whole
from ledger.rulebook.shelf import Shelf


def history(rules: Rules, creators: int, seed: int, years: int) -> Iterator[bytes]:
    """Lines of JSON, in the order of recording."""
    chunks = (
        facts(rules, range(first, min(first + CHUNK, creators)), seed, years * YEAR)
        for first in range(0, creators, CHUNK)
    )
    last = years * YEAR + 400 * DAY
    for part in in_order_of_recording(chunks, last, creators):
        yield from lines(rules, part)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--creators", type=click.IntRange(1, 10_000_000), required=True, help="How many.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Which ones.")
@click.option("--years", type=click.IntRange(1, 30), default=6, show_default=True)
@click.option("--rulebook", default="douyin-creator", show_default=True, help="What they break.")
@click.option("--rulebooks", multiple=True, metavar="DIR", help="Where rulebooks of yours are.")
@click.option("-o", "--out", metavar="FILE", help="[standard output]")
def main(
    creators: int, seed: int, years: int, rulebook: str, rulebooks: tuple[str, ...], out: str | None
) -> None:
    """Write the histories of invented creators."""
    try:
        rules = Rules.of(rulebook, Shelf(rulebooks).versions(rulebook))
    except LedgerError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    made = history(rules, creators, seed, years)
    if out is None:
        sys.stdout.buffer.writelines(made)
        return
    with whole(Path(out)) as file:
        file.writelines(made)


if __name__ == "__main__":
    np.seterr(all="raise")
    main()
