"""What the SQL target asks of a database: transactions, three kinds of statement, and its dialect.

Statements are written once, with `?` for every value: what comes from facts is only ever a value.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

Record = tuple[Any, ...]


class Dialect(NamedTuple):
    """Where the two databases say the same thing in other words."""

    types: Mapping[str, str]
    """SQL type of `text`, `int` and `bool`."""
    counted: str
    """Type of a column that numbers its rows, never using a number twice."""
    clustered: str
    """What makes a table lie in the order of its key."""
    view: str
    """The words that make a view, or make it anew."""
    among: str
    """`creator {among}`: the creator is in a list given as one value."""
    now: str
    """The clock in UTC microseconds."""
    hold: str
    """What makes a SELECT keep the rows it found as they are until the transaction ends."""
    alone: str
    """The statement after which no other transaction makes tables; empty if none ever does."""
    in_turn: str
    """The statement after which no other transaction publishes changes; empty if none ever does."""
    instant: str
    """A point in time from `{x}`, UTC microseconds."""
    tenths: tuple[str, ...]
    """By number of decimals: the decimal number from `{x}` units of the last decimal."""
    named: str
    """The name in `{x}`, a rulebook's `name@version`."""
    json: str
    """`{x}`, JSON text, as the type that the database has for it."""


class Session(Protocol):
    """A transaction. A list is a value as any other."""

    def run(self, statement: str, *values: object) -> list[Record]:
        """The rows of a statement; [] where it has none."""

    def count(self, statement: str, *values: object) -> int:
        """How many rows a statement changed."""

    def insert(
        self, table: str, columns: Mapping[str, str], records: Iterable[Record], *, new: str = ""
    ) -> None:
        """Many rows at once; {column: `text`, `int` or `bool`} says what is in them.

        `new` is a column: a row whose value in it is there already is left out.
        """


class Store(Protocol):
    """A database, reached. Every failure of it is a TargetError, in one sentence."""

    name: str
    dialect: Dialect
    warnings: list[str]
    """What a person should know of it; may grow."""

    def reading(self) -> AbstractContextManager[Session]:
        """A snapshot."""

    def writing(self) -> AbstractContextManager[Session]:
        """A durable transaction."""

    def tables(self, session: Session) -> Sequence[str]:
        """The tables in the place that is ours."""

    def close(self) -> None:
        """Give the connection back."""
