"""The tables and views of the SQL target, the same in SQLite and PostgreSQL.

A base table holds the fields of a struct of `rows` as they are: exact integers. Each generation has
its own (`stop_g3`), so that a rebuild disturbs nobody. A view of a plain name (`stops`) shows the
live generation to people: decimals, amounts of money, points in time. What the tables and views of
a layout are is kept in `tests/golden/readmodels`: another struct makes another layout.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import UnionType
from typing import NamedTuple, get_args, get_type_hints

from msgspec import Struct, structs

from ledger.facts.currencies import DECIMALS
from projections.readmodels.rows import (
    Appeal,
    Measure,
    Money,
    Quota,
    Row,
    Score,
    Stop,
    Violation,
    Window,
)
from projections.readmodels.sql.store import Dialect, Record

INSTANTS = {
    "as_of",
    "next_change_at",
    "started_at",
    "until",
    "available_from",
    "found_at",
    "lodged_at",
}
POINTS = {"score", "points", "deducted", "restored"}
_TYPES = {str: "text", int: "int", bool: "bool"}


class Standing(Struct, frozen=True):
    """The one record of a creator that every row has."""

    position: int
    as_of: int
    next_change_at: int | None
    rulebook: str
    standing: str
    parked: str


class Index(NamedTuple):
    columns: str
    where: str = ""


class Table(NamedTuple):
    """A base table and its view. `many`: a creator may have several records, counted by `nth`."""

    name: str
    view: str
    struct: type[Struct]
    parts: Callable[[Row], Sequence[Struct]]
    indexes: tuple[Index, ...] = ()
    many: bool = True

    def of(self, generation: int) -> str:
        """Its name."""
        return f"{self.name}_g{generation}"

    def columns(self) -> dict[str, str]:
        """{column: kind}."""
        return {"creator": "text"} | ({"nth": "int"} if self.many else {}) | self.fields()

    def fields(self) -> dict[str, str]:
        hints = get_type_hints(self.struct)
        return {f: _TYPES[next(iter(get_args(t) or (t,)))] for f, t in hints.items()}

    def records(self, row: Row) -> list[Record]:
        """What a row is in this table."""
        parts, tuple_ = self.parts(row), structs.astuple
        if not self.many:
            return [(row.creator, *tuple_(part)) for part in parts]
        return [(row.creator, n, *tuple_(part)) for n, part in enumerate(parts)]


STANDING = Table(
    "standing",
    "standings",
    Standing,
    lambda r: (
        Standing(r.position, r.as_of, r.next_change_at, r.rulebook, r.standing.decode(), r.parked),
    ),
    (
        Index("next_change_at, creator", "next_change_at IS NOT NULL"),
        Index("creator", "parked <> ''"),
    ),
    many=False,
)
PARTS = (
    Table("score", "scores", Score, lambda r: r.scores, (Index("counter, score"),)),
    Table(
        "stop",
        "stops",
        Stop,
        lambda r: r.stops,
        (Index("feature, until", "state = 'running'"), Index("until", "state = 'running'")),
    ),
    Table("measure", "measures", Measure, lambda r: r.measures, (Index("measure, until"),)),
    Table("window", "windows", Window, lambda r: r.windows, (Index("kind, until"),)),
    Table("appeal", "appeals", Appeal, lambda r: r.appeals, (Index("lodged_at"),)),
    Table("quota", "quotas", Quota, lambda r: r.quotas, (Index("category, available_from"),)),
    Table("money", "money_due", Money, lambda r: r.money, (Index("account, currency"),)),
    Table(
        "violation",
        "violations",
        Violation,
        lambda r: r.violations,
        (Index("category, found_at"),),
    ),
)
TABLES = (STANDING, *PARTS)

CHANGE = {"id": "text", "source": "text", "creator": "text", "event": "text"}
SHARED: dict[str, dict[str, str]] = {
    "meta": {"layout": "int"},
    "generation": {"number": "key", "live": "bool", "checkpoint": "text"},
    "lease": {"generation": "key", "owner": "text", "until": "int"},
    "change": {
        "seq": "counted",
        "id": "text",
        "source": "text",
        "creator": "text",
        "event": "text",
    },
}


def shared_tables(dialect: Dialect) -> Iterator[str]:
    """Statements that make what all generations share."""
    whole = dialect.types["int"]
    kinds = {kind: f"{sql} NOT NULL" for kind, sql in dialect.types.items()}
    kinds["key"] = f"{whole} NOT NULL PRIMARY KEY"
    kinds["counted"] = dialect.counted
    for table, columns in SHARED.items():
        yield f"CREATE TABLE {table} ({', '.join(f'{c} {kinds[k]}' for c, k in columns.items())})"
    yield "CREATE UNIQUE INDEX change_key ON change (id, source)"
    yield "CREATE INDEX change_creator ON change (creator, seq)"


def generation_tables(dialect: Dialect, generation: int) -> Iterator[str]:
    """Statements that make what a generation has."""
    for table in TABLES:
        hints, name = get_type_hints(table.struct), table.of(generation)
        lines = [
            f"{column} {dialect.types[kind]}" + ("" if _may_lack(hints, column) else " NOT NULL")
            for column, kind in table.columns().items()
        ]
        key = "creator, nth" if table.many else "creator"
        yield f"CREATE TABLE {name} ({', '.join(lines)}, PRIMARY KEY ({key})){dialect.clustered}"
        for number, index in enumerate(table.indexes, 1):
            where = f" WHERE {index.where}" if index.where else ""
            yield f"CREATE INDEX {name}_{number} ON {name} ({index.columns}){where}"


def _may_lack(hints: Mapping[str, object], column: str) -> bool:
    return isinstance(hints.get(column), UnionType)


def view_names() -> list[str]:
    return [*(table.view for table in TABLES), "score_distribution", "changes"]


def views(dialect: Dialect, generation: int) -> Iterator[str]:
    """Statements that send readers to a generation."""
    for table in TABLES:
        columns = ", ".join(_shown(dialect, table))
        yield f"{dialect.view} {table.view} AS SELECT {columns} FROM {table.of(generation)}"
    name = dialect.named.format(x="h.rulebook")
    points = dialect.tenths[2].format(x="s.score")
    yield (
        f"{dialect.view} score_distribution AS"
        f" SELECT {name} AS rulebook, s.counter AS counter, {points} AS score,"
        " COUNT(*) AS creators"
        f" FROM {PARTS[0].of(generation)} s JOIN {STANDING.of(generation)} h"
        " ON h.creator = s.creator"
        f" WHERE s.score IS NOT NULL GROUP BY {name}, s.counter, s.score"
    )
    event = dialect.json.format(x="event")
    yield f"{dialect.view} changes AS SELECT seq, id, source, creator, {event} AS event FROM change"


def _shown(dialect: Dialect, table: Table) -> Iterator[str]:
    """The columns of a view; behind them the exact integers that indexes are over."""
    indexed = {c for index in table.indexes for c in index.columns.split(", ")}
    exact = []
    yield "creator"
    for column in table.fields():
        if column in INSTANTS:
            yield f"{dialect.instant.format(x=column)} AS {column}"
            exact += [f"{column} AS {column}_us"] if column in indexed else []
        elif column in POINTS:
            yield f"{dialect.tenths[2].format(x=column)} AS {column}"
            exact += [f"{column} AS {column}_hundredths"] if column in indexed else []
        elif column == "due":
            yield f"{_major(dialect)} AS due"
            exact.append("due AS due_minor")
        elif column == "standing":
            yield f"{dialect.json.format(x=column)} AS {column}"
        else:
            yield column
    yield from exact


def _major(dialect: Dialect) -> str:
    """An amount in the currency itself; two decimals are the rule."""
    cases = []
    for decimals in sorted(set(DECIMALS.values()) - {2}):
        codes = ", ".join(f"'{code}'" for code, d in DECIMALS.items() if d == decimals)
        cases.append(f"WHEN currency IN ({codes}) THEN {dialect.tenths[decimals].format(x='due')}")
    return f"CASE {' '.join(cases)} ELSE {dialect.tenths[2].format(x='due')} END"


def drops(generation: int) -> Iterable[str]:
    """Statements that take a generation away."""
    return (f"DROP TABLE IF EXISTS {table.of(generation)}" for table in TABLES)
