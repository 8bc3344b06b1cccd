"""The options that questions share on the command line."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

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
