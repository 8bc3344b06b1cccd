"""The options that questions share on the command line."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

import click

from ledger.text import safe
from projections.standing.moments import EXAMPLES, Moment, read_moment

F = TypeVar("F", bound=Callable[..., Any])


class MomentType(click.ParamType[Moment]):
    """An instant: RFC 3339, or a date or time on the clocks of the creator's rulebook."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Moment:
        """As typed; the zone comes from the rulebook later."""
        if isinstance(value, Moment):
            return value
        try:
            return read_moment(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


MOMENT = MomentType()


class DayType(click.ParamType[date]):
    """A date of the calendar."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Of ten characters: `2024-07-06`."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()
        except ValueError:
            self.fail(f"found {safe(value[:60])!r}; a date is needed, as 2024-07-11", param, ctx)


DAY = DayType()


def check_span(since: Moment | None, until: Moment | None, zone: str) -> None:
    """Raises UsageError where nothing lies between `--from` and `--to`."""
    if since is not None and until is not None and since.beginning(zone) > until.instant(zone):
        raise click.UsageError("--from is later than --to: nothing lies between them.")


def times(command: F) -> F:
    """`--as-of` and `--known-at`."""
    as_of = click.option(
        "--as-of",
        type=MOMENT,
        metavar="TIME",
        help=f"Facts up to then: {EXAMPLES} (to the end of that day). [now]",
    )
    known_at = click.option(
        "--known-at",
        type=MOMENT,
        metavar="TIME",
        help="What the ledger had been told by then. [now]",
    )
    return as_of(known_at(command))


def as_json(command: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="JSON, one object a line.")(command)


def language(command: F) -> F:
    """`--lang`."""
    return click.option(
        "--lang",
        "language",
        type=click.Choice(["en", "zh"]),
        default="en",
        show_default=True,
        help="English or Chinese sentences.",
    )(command)
