"""Tables and views: the same in both databases, of a known layout, and always of the live rows."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from projections.readmodels.contract import HOSTILE, HOUR, LATER, LEASE, parked, row
from projections.readmodels.rows import Measure, Money, Row
from projections.readmodels.sql import layout as sql_layout
from projections.readmodels.sql import sqlite as sql_sqlite
from projections.readmodels.sql.postgres import DIALECT as POSTGRES
from projections.readmodels.sql.postgres import SCHEMA
from projections.readmodels.sql.schema import (
    SHARED,
    TABLES,
    generation_tables,
    shared_tables,
    view_names,
    views,
)
from projections.readmodels.sql.sqlite import DIALECT as SQLITE
from projections.readmodels.sql.store import Dialect, Session
from projections.readmodels.sql.target import SqlTarget, open_sql
from projections.readmodels.target import Change, Step, TargetError

GOLDEN = Path(__file__).parents[1] / "golden" / "readmodels"
BEFORE_1970 = -1_500_000


def rows() -> list[Row]:
    odd = row("odd", score=-5, due=BEFORE_1970, as_of=1_720_000_000_123_456)
    odd.money = (Money("fine", "JPY", 7), Money("fine", "KWD", -1), Money("fine", "CLF", 10_001))
    odd.measures = (Measure("warning", None, HOUR, None), Measure("label", "v1", HOUR, 2 * HOUR))
    return [*(row(c, score=n * 50) for n, c in enumerate(HOSTILE)), odd, parked("stuck")]


def fill(target: SqlTarget) -> None:
    changes = [Change("7", "a", b'{"id": "7"}'), Change("8", "a", '{"id":"中"}'.encode())]
    step = Step(generation=1, before=None, after=LATER, rows=rows(), changes=changes)
    target.apply(step, "me", LEASE)
    assert target.swap(1, "me", None)


@pytest.fixture
def both(tmp_path: Path, postgres_url: str) -> Iterator[tuple[SqlTarget, SqlTarget]]:
    with open_sql(f"sqlite:///{tmp_path}/rows.db") as one, open_sql(postgres_url) as two:
        yield one, two


@pytest.fixture(params=["sqlite", "postgresql"])
def target(
    request: pytest.FixtureRequest, both: tuple[SqlTarget, SqlTarget]
) -> Iterator[SqlTarget]:
    return both[request.param == "postgresql"]


def ask(target: SqlTarget, query: str, *values: object) -> list[tuple[Any, ...]]:
    with target.store.reading() as s:
        return s.run(query, *values)


def names(target: SqlTarget, table: str) -> list[str]:
    if target.name.startswith("sqlite"):
        return [name for (name,) in ask(target, "SELECT name FROM pragma_table_info(?)", table)]
    query = (
        "SELECT attname::text FROM pg_attribute WHERE attrelid = ?::regclass AND attnum > 0"
        " ORDER BY attnum"
    )
    return [name for (name,) in ask(target, query, table)]


def target_tables(target: SqlTarget) -> list[str]:
    with target.store.reading() as s:
        return list(target.store.tables(s))


def test_the_same_rows_make_the_same_tables(both: tuple[SqlTarget, SqlTarget]) -> None:
    for target in both:
        fill(target)
    for table in [t.of(1) for t in TABLES] + [name for name in SHARED if name != "lease"]:
        assert names(both[0], table) == names(both[1], table)
        columns = ", ".join(names(both[0], table))
        order = "ORDER BY 1, 2" if "," in columns else ""
        one, two = (ask(t, f"SELECT {columns} FROM {table} {order}") for t in both)
        assert one, table
        assert one == two, table


def plain(value: object) -> object:
    """A value of PostgreSQL as SQLite says it."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value


def test_and_the_same_views(both: tuple[SqlTarget, SqlTarget]) -> None:
    for target in both:
        fill(target)
    for view in view_names():
        columns = names(both[0], view)
        assert columns == names(both[1], view)
        exact = [f"CAST({c} AS TEXT)" if c in {"standing", "event"} else c for c in columns]
        one, two = (ask(t, f"SELECT {', '.join(exact)} FROM {view}") for t in both)
        found = sorted((tuple(map(plain, r)) for r in two), key=repr)
        assert sorted(one, key=repr) == found, view


def test_views_show_decimals_amounts_and_points_in_time(
    both: tuple[SqlTarget, SqlTarget],
) -> None:
    for target in both:
        fill(target)
    lite, real = both
    money = "SELECT currency, due FROM money_due WHERE creator = 'odd' ORDER BY currency"
    assert ask(lite, money) == [("CLF", 1.0001), ("JPY", 7), ("KWD", -0.001)]
    assert [(c, str(due)) for c, due in ask(real, money)] == [
        ("CLF", "1.0001"), ("JPY", "7"), ("KWD", "-0.001"),
    ]  # fmt: skip
    score = "SELECT score FROM scores WHERE creator = 'odd' AND counter = 'credit'"
    assert ask(lite, score) == [(-0.05,)]
    assert str(ask(real, score)[0][0]) == "-0.05"
    times = "SELECT as_of, next_change_at, next_change_at_us FROM standings WHERE creator = 'odd'"
    assert ask(lite, times) == [
        ("2024-07-03T09:46:40.123456Z", "1969-12-31T23:59:58.500000Z", BEFORE_1970)
    ]
    assert ask(real, times) == [
        (
            datetime(2024, 7, 3, 9, 46, 40, 123456, UTC),
            datetime(1969, 12, 31, 23, 59, 58, 500000, UTC),
            BEFORE_1970,
        )
    ]
    assert ask(real, "SELECT standing ->> 'score' FROM standings WHERE creator = 'odd'") == [
        ("-5",)
    ]
    spread = "SELECT rulebook, counter, creators FROM score_distribution WHERE score = 0.5"
    assert ask(lite, spread) == ask(real, spread) == [("r", "credit", 1)]


def test_a_swap_sends_the_views_on(target: SqlTarget) -> None:
    fill(target)
    again = Step(generation=2, before=None, after=LATER, rows=[row("a", score=100)])
    target.apply(again, "me", LEASE)
    assert len(ask(target, "SELECT creator FROM standings")) == len(rows())
    assert target.swap(2, "me", LATER)
    assert ask(target, "SELECT creator FROM standings") == [("a",)]
    with pytest.raises(TargetError, match=r"generation 2 of .* is live: swap it first"):
        target.drop(2)
    target.drop(1)
    for view in view_names():
        assert ask(target, f"SELECT * FROM {view}") or view == "measures", view
    assert "standing_g1" not in target_tables(target)


def test_rights_on_views_and_views_over_them_outlive_a_swap(postgres_url: str) -> None:
    with open_sql(postgres_url) as target:
        fill(target)
        with psycopg.connect(postgres_url, autocommit=True) as other:
            other.execute(f"CREATE VIEW mine AS SELECT creator FROM {SCHEMA}.stops")
            other.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO PUBLIC")
            other.execute(f"GRANT SELECT ON {SCHEMA}.stops TO PUBLIC")
            target.apply(Step(generation=2, before=None, after=LATER, rows=[row("a")]), "me", LEASE)
            target.swap(2, "me", LATER)
            target.drop(1)
            assert other.execute("SELECT DISTINCT creator FROM mine").fetchall() == [("a",)]
            granted = other.execute(
                f"SELECT has_table_privilege('pg_monitor', '{SCHEMA}.stops', 'SELECT')"
            )
            assert granted.fetchone() == (True,)


@pytest.mark.parametrize(
    ("question", "index"),
    [
        ("SELECT creator FROM stops WHERE feature = ? AND state = 'running' ORDER BY until_us",
         "stop_g1_1"),
        ("SELECT creator FROM violations WHERE category = ? AND found_at_us > 5", "violation_g1_1"),
        ("SELECT creator FROM windows WHERE kind = ? AND until_us < 5", "window_g1_1"),
        ("SELECT creator FROM scores WHERE counter = ? AND score_hundredths < 5", "score_g1_1"),
        ("SELECT creator FROM standings WHERE next_change_at_us < 5 AND creator <> ?"
         " ORDER BY next_change_at_us LIMIT 9", "standing_g1_1"),
    ],
)  # fmt: skip
def test_what_people_ask_goes_through_an_index(
    target: SqlTarget, question: str, index: str
) -> None:
    fill(target)
    explain = "EXPLAIN QUERY PLAN " if target.name.startswith("sqlite") else "EXPLAIN "
    assert index in str(ask(target, explain + question, "x"))


def layout(dialect: Dialect) -> str:
    statements = [*shared_tables(dialect), *generation_tables(dialect, 1), *views(dialect, 1)]
    return ";\n".join(statements) + ";\n"


@pytest.mark.parametrize(("name", "dialect"), [("sqlite", SQLITE), ("postgresql", POSTGRES)])
def test_another_layout_has_another_number(name: str, dialect: Dialect) -> None:
    """What is here was made in somebody's database: add a migration, and a file beside these."""
    path = GOLDEN / f"layout-{sql_layout.newest()}.{name}.sql"
    assert layout(dialect) == path.read_text(encoding="utf-8")


class TestMigration:
    @staticmethod
    def add_a_note(session: Session) -> None:
        session.run("ALTER TABLE change ADD COLUMN note TEXT")

    @staticmethod
    def fill_the_note(session: Session) -> None:
        session.count("UPDATE change SET note = ?", "old")

    def test_an_older_one_goes_step_by_step(
        self, target: SqlTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fill(target)
        monkeypatch.setattr(sql_layout, "MIGRATIONS", [self.add_a_note, self.fill_the_note])
        for _ in range(2):
            sql_layout.prepare(target.store)
            assert ask(target, "SELECT layout FROM meta") == [(3,)]
            assert ask(target, "SELECT id, note FROM change ORDER BY seq") == [
                ("7", "old"), ("8", "old"),
            ]  # fmt: skip
            assert len(ask(target, "SELECT creator FROM standings")) == len(rows())

    def test_one_that_fails_leaves_the_old_layout(
        self, target: SqlTarget, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fill(target)

        def fails(session: Session) -> None:
            session.run("SELECT nothing FROM nowhere")

        monkeypatch.setattr(sql_layout, "MIGRATIONS", [self.add_a_note, fails])
        with pytest.raises(TargetError):
            sql_layout.prepare(target.store)
        assert ask(target, "SELECT layout FROM meta") == [(1,)]
        assert "note" not in names(target, "change")

    def test_a_newer_one_is_refused(self, target: SqlTarget) -> None:
        fill(target)
        with target.store.writing() as s:
            s.run("UPDATE meta SET layout = 4")
        with pytest.raises(TargetError, match=r"newer version .* \(layout 4, this one knows 1\)"):
            sql_layout.prepare(target.store)


def test_sqlite_numbers_changes_once(tmp_path: Path) -> None:
    with open_sql(f"sqlite:///{tmp_path}/rows.db") as target:
        fill(target)
        with closing(sqlite3.connect(tmp_path / "rows.db")) as other, other:
            other.execute("DELETE FROM change WHERE id = '8'")
        more = Step(generation=1, before=LATER, after=LATER, changes=[Change("9", "a", b"{}")])
        target.apply(more, "me", LEASE)
        assert ask(target, "SELECT seq, id FROM change ORDER BY seq") == [(1, "7"), (3, "9")]
        assert ask(target, "PRAGMA application_id")[0][0] == sql_sqlite.APPLICATION_ID


def test_a_change_is_there_once(target: SqlTarget) -> None:
    fill(target)
    twice = [Change("8", "a", b'{"id":"other"}'), Change("9", "a", b'{"id":"9"}')]
    target.apply(Step(generation=1, before=LATER, after=LATER, changes=twice), "me", LEASE)
    assert [i for (i,) in ask(target, "SELECT id FROM change ORDER BY seq")] == ["7", "8", "9"]


def test_only_what_differs_is_written(target: SqlTarget) -> None:
    target.apply(Step(generation=1, before=None, after=LATER, rows=[row("a")]), "me", LEASE)
    written: list[str] = []
    with target.store.writing() as s:
        insert = type(s).insert

    def noting(session: Session, table: str, *args: Any, **more: Any) -> None:
        written.append(table)
        insert(session, table, *args, **more)

    try:
        type(s).insert = noting  # type: ignore[method-assign]
        changed = row("a", due=9 * HOUR)
        target.apply(Step(generation=1, before=LATER, after=LATER, rows=[changed]), "me", LEASE)
    finally:
        type(s).insert = insert  # type: ignore[method-assign]
    assert written == ["standing_g1", "stop_g1"]
    assert target.inspect(1, [changed]) == {}


def test_parts_that_differ_are_named(target: SqlTarget) -> None:
    target.apply(Step(generation=1, before=None, after=LATER, rows=[row("a")]), "me", LEASE)
    with target.store.writing() as s:
        s.count("UPDATE violation_g1 SET points = ? WHERE creator = 'a'", 1)
        s.count("DELETE FROM money_g1 WHERE creator = ?", "a")
        s.count("UPDATE standing_g1 SET rulebook = ?", "r@2")
    assert target.inspect(1, [row("a")]) == {"a": ["rulebook", "money_due", "violations"]}
