"""Reasons: one figure changed, and the first ruling that comes out otherwise must cite it.

What counts as what is told in docs/reasons.md. Defects are uncited figures, noise, false citations
and sums that don't add up; of each group of them the smallest case is kept.
"""

import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from itertools import islice

import click
from reasons.report import COLUMNS, groups, line, runnable, shown
from reasons.search import Result, smallest, units, work
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from campaign_parts import known, seed_option, show


@click.command(help=__doc__)
@click.option("--pairs", type=int, default=100_000, show_default=True)
@click.option("--rulebook", help="Only this one, and mixtures that begin with it.")
@click.option("--processes", type=int, default=2, show_default=True)
@click.option("--show", "show_number", type=int, help="Print case N of the groups in full.")
@click.option("--full/--brief", help="Print the smallest case of every group in full.")
@seed_option
def campaign(
    pairs: int,
    rulebook: str | None,
    processes: int,
    show_number: int | None,
    full: bool,
    seed: int,
) -> None:
    click.echo(known(seed), err=True)
    result = Result()
    with ProcessPoolExecutor(processes) as pool, Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("pairs", total=pairs)
        drawn = units(seed, rulebook)
        while result.counts["pairs"] < pairs:
            for made in pool.map(work, islice(drawn, 4 * processes)):
                result.merge(made)
                bar.update(task, completed=min(pairs, result.counts["pairs"]))
        found = groups(result)
        task = bar.add_task("smallest cases", total=len(found))
        cases = []
        for case in pool.map(smallest, (case for _, case in found)):
            cases.append(case)
            bar.advance(task)
    for number, ((count, _), case) in enumerate(zip(found, cases, strict=True), 1):
        click.echo(f"{number:3} {count:6,} x {case.kind}: {case.group}\n              {line(case)}")
    for number, case in enumerate(cases, 1):
        if full or number == show_number:
            click.echo(f"\n{number}. {shown(case)}")
        if number == show_number:
            click.echo(f"\n{runnable(case)}")
    show(_table(result.counts, f"reasons: {known(seed)}"))
    sys.exit(1 if result.defects else 0)


def _table(counts: Counter[str], title: str) -> Table:
    table = Table(*COLUMNS, title=title)
    table.add_row(*(f"{counts[column]:,}" for column in COLUMNS))
    return table
