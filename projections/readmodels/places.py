"""Which targets a command is about: an address, opened with what its kind needs."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from projections.readmodels.target import Target

F = TypeVar("F", bound=Callable[..., Any])
FEED_LENGTH = 100_000


def place(command: F) -> F:
    """`--redis` or `--sql`."""
    redis = click.option(
        "--redis",
        metavar="URL",
        envvar="PENALTY_LEDGER_REDIS",
        help="redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://…",
    )
    sql = click.option(
        "--sql",
        metavar="URL",
        help="Tables in sqlite:///file.db (not the ledger's own) or postgresql://…",
    )
    prefix = click.option(
        "--prefix",
        default="pl",
        show_default=True,
        help="Of the keys in Redis: several read models can share a server.",
    )
    return redis(sql(prefix(command)))


def open_targets(
    redis: str | None,
    sql: str | None,
    prefix: str,
    *,
    lines: bool = False,
    feed_length: int = FEED_LENGTH,
) -> list[Target]:
    """The one place that is named; Redis, which may be named by the environment, comes last."""
    if lines and sql is not None:
        raise click.UsageError("Give --sql or --ndjson, not both.")
    if lines:
        from projections.readmodels.lines import LinesTarget

        return [LinesTarget(_write)]
    if sql is not None:
        from projections.readmodels.sql import open_sql

        return [open_sql(sql)]
    if redis is not None:
        from projections.readmodels.redis import open_redis

        return list(open_redis(redis, prefix=prefix, feed_length=feed_length))
    raise click.UsageError("Name a place: --redis URL (or PENALTY_LEDGER_REDIS) or --sql URL.")


def _write(lines: bytes) -> None:
    sys.stdout.buffer.write(lines)
    sys.stdout.buffer.flush()
