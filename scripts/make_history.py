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
from history_parts.facts import CHUNK, DAY, YEAR, Columns, Rules, facts
from history_parts.lines import lines
from history_parts.order import in_order_of_recording

from ledger.errors import LedgerError
from ledger.files import whole
from ledger.rulebook.shelf import Shelf


def chunks(rules: Rules, creators: int, seed: int, years: int) -> Iterator[Columns]:
    """Facts of some creators after others."""
    for first in range(0, creators, CHUNK):
        yield facts(rules, range(first, min(first + CHUNK, creators)), seed, years * YEAR)


def history(rules: Rules, creators: int, seed: int, years: int) -> Iterator[bytes]:
    """Lines of JSON, in the order of recording."""
    last = years * YEAR + 400 * DAY
    for part in in_order_of_recording(chunks(rules, creators, seed, years), last, creators):
        yield from lines(rules, part)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--creators", type=click.IntRange(1, 10_000_000), required=True, help="How many.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Which ones.")
@click.option("--years", type=click.IntRange(1, 30), default=6, show_default=True)
@click.option("--rulebook", default="douyin-creator", show_default=True, help="What they break.")
@click.option("--rulebooks", multiple=True, metavar="DIR", help="Where rulebooks of yours are.")
@click.option("-o", "--out", metavar="FILE", help="[standard output]")
@click.option(
    "--parquet", metavar="DIR", help="Make an archive in place of lines, as of a log with them."
)
def main(
    creators: int,
    seed: int,
    years: int,
    rulebook: str,
    rulebooks: tuple[str, ...],
    out: str | None,
    parquet: str | None,
) -> None:
    """Write the histories of invented creators."""
    if out and parquet:
        raise click.UsageError("--out writes lines and --parquet an archive: name one of them")
    try:
        rules = Rules.of(rulebook, Shelf(rulebooks).versions(rulebook))
        made = history(rules, creators, seed, years)
        if parquet is not None:
            from history_parts.archive import write  # numba: where it is needed

            count = sum(len(chunk) for chunk in chunks(rules, creators, seed, years))
            write(Path(parquet), made, count, creators)
            return
    except LedgerError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    if out is None:
        sys.stdout.buffer.writelines(made)
        return
    with whole(Path(out)) as file:
        file.writelines(made)


if __name__ == "__main__":
    np.seterr(all="raise")
    main()
