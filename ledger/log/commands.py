"""click: `verify`, whether the log is what was recorded.

What the command needs is imported when it runs, so that `--help` stays quick.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import click

from ledger.errors import StoreError

if TYPE_CHECKING:
    from ledger.log.verify import Finding, Verified, Walk

SHOWN = 50


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def verify_command(ctx: click.Context, as_json: bool) -> None:
    """Walk the whole log: is every fact as it was recorded, and in its place?

    Says what is wrong and where, and goes on to the end. Ends with 5 where anything is.
    """
    from ledger.log.port import open_reader
    from ledger.log.verify import Finding, verify

    found: list[Finding] = []
    seen: Verified | None = None
    with open_reader(ctx.obj["db"]) as log:
        walk = cast("Walk", log)
        with _bar(_end(walk), shown=not as_json) as progress:
            for item in verify(walk, progress):
                if isinstance(item, Finding):
                    found.append(item)
                else:
                    seen = item
    if as_json:
        _print_json(found, seen)
    else:
        _print_text(found, seen)
    if found:
        raise StoreError(
            f"{_count(len(found), 'place')} of the ledger {'is' if len(found) == 1 else 'are'} not "
            "as recorded: restore it from a backup, or export what is sound"
        )


def _end(walk: "Walk") -> int:
    """Where the walk ends, as far as is known before it."""
    from ledger.errors import LedgerError

    try:
        return walk.head()
    except LedgerError:
        return 0


def _print_json(found: "list[Finding]", seen: "Verified | None") -> None:
    import msgspec

    view = {
        "sound": not found,
        "facts": None if seen is None else seen.facts,
        "creators": None if seen is None else seen.creators,
        "position": None if seen is None else seen.end.position,
        "hash": None if seen is None else seen.end.hash.hex(),
        "findings": [finding._asdict() for finding in found],
    }
    click.echo(msgspec.json.encode(view).decode())


def _print_text(found: "list[Finding]", seen: "Verified | None") -> None:
    for finding in found[:SHOWN]:
        click.echo(_line(finding))
    if len(found) > SHOWN:
        click.echo(f"… and {len(found) - SHOWN} more (--json has all)")
    if seen is not None:
        facts, creators = _count(seen.facts, "fact"), _count(seen.creators, "creator")
        click.echo(f"{facts} of {creators}, up to position {seen.end.position:,}")
        click.echo(f"hash of the last page: {seen.end.hash.hex()}")
    if not found:
        click.echo("every fact is as it was recorded, and in its place")


def _line(finding: "Finding") -> str:
    where = [] if finding.position is None else [f"position {finding.position}"]
    where += [] if finding.creator is None else [f"creator {finding.creator!r}"]
    return f"{finding.what}: {', '.join(where)}{': ' if where else ''}{finding.text}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@contextmanager
def _bar(total: int, *, shown: bool) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal; nothing where nobody looks."""
    if not shown or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich import progress as rp
    from rich.console import Console

    with rp.Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("verify", total=total or None)
        yield lambda done: progress.update(task, completed=done)
