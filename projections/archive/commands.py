"""`project --parquet` and `status --parquet`: the archive for people who keep it."""

import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import click
from msgspec import json

from ledger.log.bulk import open_bulk
from projections.archive.build import Seen
from projections.archive.runner import run
from projections.archive.source import Source
from projections.archive.status import lines, status


def keep(
    db: str,
    folder: str,
    stop: threading.Event,
    *,
    once: bool,
    report: Callable[[str], None],
    seen: Seen,
) -> None:
    """Keep the archive in a directory up with the log."""
    with closing(open_bulk(db)) as log:
        run(Source(log), Path(folder), stop, once=once, report=report, seen=seen)


def tell(db: str, url: str, *, as_json: bool) -> bool:
    """Print how far an archive is; whether it is whole."""
    with closing(open_bulk(db)) as log:
        view: dict[str, Any] = status(Source(log), url)
    if as_json:
        click.echo(json.encode(view))
    else:
        for line in lines(view):
            click.echo(line)
    return not view["shortfalls"]
