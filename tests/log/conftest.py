"""Each contract test runs on every store, with the real server behind it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ledger.log.port import Log, open_log

BACKENDS = ["sqlite", "postgresql"]


class Store(NamedTuple):
    """A ledger that is there and empty; `sql` goes past the log, as an intruder would."""

    name: str
    url: str
    sql: Callable[[str], list[Any]]


def sqlite_sql(path: Path) -> Callable[[str], list[Any]]:
    def run(statement: str) -> list[Any]:
        with closing(sqlite3.connect(path)) as connection, connection:
            return connection.execute(statement).fetchall()

    return run


def postgres_sql(url: str) -> Callable[[str], list[Any]]:
    import psycopg

    def run(statement: str) -> list[Any]:
        with psycopg.connect(url) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    return run


@pytest.fixture(params=BACKENDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "sqlite":
        path = tmp_path / "ledger.db"
        made = Store("sqlite", f"sqlite:///{path}", sqlite_sql(path))
    else:
        url = request.getfixturevalue("postgres_url")
        made = Store("postgresql", url, postgres_sql(url))
    open_log(made.url, create=True).close()
    return made


@pytest.fixture
def log(store: Store) -> Iterator[Log]:
    with open_log(store.url) as opened:
        yield opened
