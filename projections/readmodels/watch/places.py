"""Which targets a command is about: an address, opened with what its kind needs."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple, TypeVar, cast

import click
from click.core import ParameterSource

from projections.readmodels.target import Target

F = TypeVar("F", bound=Callable[..., Any])
FEED_LENGTH = 100_000
OPTIONS = (
    click.option(
        "--redis",
        metavar="URL",
        envvar="PENALTY_LEDGER_REDIS",
        help="redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://…",
    ),
    click.option(
        "--sql",
        metavar="URL",
        envvar="PENALTY_LEDGER_SQL",
        help="Tables in sqlite:///file.db (not the ledger's own) or postgresql://…",
    ),
    click.option(
        "--prefix",
        default="pl",
        show_default=True,
        help="Of the keys in Redis: several read models can share a server.",
    ),
)


class Place(NamedTuple):
    """Where a read model is, as it was named on the command line."""

    redis: str | None
    sql: str | None
    prefix: str

    def open(self, *, feed_length: int = FEED_LENGTH) -> list[Target]:
        """Its targets. What only the environment names gives way to the command line."""
        source = click.get_current_context().get_parameter_source
        named = {name for name in ("redis", "sql") if getattr(self, name) is not None}
        named = {name for name in named if source(name) is ParameterSource.COMMANDLINE} or named
        if not named:
            raise click.UsageError(
                "Name a place: --redis URL (or PENALTY_LEDGER_REDIS) or --sql URL (or "
                "PENALTY_LEDGER_SQL)."
            )
        if len(named) > 1:
            raise click.UsageError("Give --redis or --sql, not both.")
        if self.sql is not None and "sql" in named:
            from projections.readmodels.sql.target import open_sql

            return [open_sql(self.sql)]
        from projections.readmodels.redis.target import open_redis

        assert self.redis is not None
        return list(open_redis(self.redis, prefix=self.prefix, feed_length=feed_length))


def place(command: F) -> F:
    """`--redis`, `--sql` and `--prefix`, as one argument `place`."""

    @wraps(command)
    def called(*args: Any, redis: str | None, sql: str | None, prefix: str, **more: Any) -> Any:
        return command(*args, place=Place(redis, sql, prefix), **more)

    wrapped: Any = called
    for option in reversed(OPTIONS):
        wrapped = option(wrapped)
    return cast(F, wrapped)


def lines() -> list[Target]:
    """Standard output."""
    from projections.readmodels.lines import LinesTarget

    return [LinesTarget(_write)]


def _write(lines: bytes) -> None:
    sys.stdout.buffer.write(lines)
    sys.stdout.buffer.flush()
