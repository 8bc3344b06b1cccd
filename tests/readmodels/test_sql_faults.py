"""Killed, cut off, out of space: the read models in SQL are as before a step or as after it."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import servers
import sql_writer

from projections.readmodels.contract import LATER, LEASE, row
from projections.readmodels.sql.target import SqlTarget, open_sql
from projections.readmodels.target import Change, FencedError, MovedError, Step, TargetError

STATEMENTS = 25
"""Of the second step of `sql_writer`, counted without the COMMIT."""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/rows.db"
    return request.getfixturevalue("postgres_url")


def killed(url: str, where: str) -> list[str]:
    command = [sys.executable, sql_writer.__file__, url, where]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.stdout.split()


def assert_before(target: SqlTarget) -> None:
    assert target.generations()[0].checkpoint == LATER
    assert target.inspect(1, sql_writer.first().rows) == {}
    assert target.creators(1) == sql_writer.CREATORS
    with target.store.reading() as s:
        assert s.run("SELECT COUNT(*) FROM change") == [(0,)]


def assert_after(target: SqlTarget) -> None:
    assert target.generations()[0].checkpoint == sql_writer.NEXT
    assert target.inspect(1, sql_writer.second().rows) == {}
    assert target.creators(1) == sql_writer.CREATORS[:150]
    with target.store.reading() as s:
        assert s.run("SELECT COUNT(*) FROM change") == [(150,)]


@pytest.mark.parametrize("where", ["5", "9", str(STATEMENTS), "commit"])
def test_killed_in_a_step_nothing_of_it_is_there(url: str, where: str) -> None:
    assert killed(url, where) == ["first"]
    with open_sql(url) as target:
        assert_before(target)
        target.apply(sql_writer.second(), "me", LEASE)
        assert_after(target)
        with pytest.raises(MovedError):
            target.apply(sql_writer.second(), "me", LEASE)


def test_a_step_has_so_many_statements(url: str) -> None:
    assert killed(url, str(STATEMENTS + 1 + url.startswith("postgres"))) == ["first", "second"]
    with open_sql(url) as target:
        assert_after(target)


def test_a_step_that_fails_in_this_process_leaves_nothing(url: str) -> None:
    with open_sql(url) as target:
        target.apply(sql_writer.first(), "me", LEASE)
        with pytest.raises(UnicodeDecodeError):
            target.apply(
                Step(
                    generation=1,
                    before=LATER,
                    after=sql_writer.NEXT,
                    removed=sql_writer.CREATORS,
                    changes=[Change("x", "x", b"\xff")],
                ),
                "me",
                LEASE,
            )
        assert_before(target)


def test_several_who_open_an_empty_place_together(url: str) -> None:
    together, failed = threading.Barrier(4), []

    def run() -> None:
        together.wait()
        try:
            open_sql(url).close()
        except TargetError as error:
            failed.append(str(error))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    with open_sql(url) as target, target.store.reading() as s:
        assert s.run("SELECT layout FROM meta") == [(1,)]


def cut_off_midway(target: SqlTarget, url: str) -> None:
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'penalty-ledger' AND datname = current_database()"
    )
    with target.store.writing() as s:
        s.count("DELETE FROM standing_g1 WHERE creator <> ?", "x")
        with psycopg.connect(url, autocommit=True) as other:
            other.execute(kill)
        s.count("DELETE FROM standing_g1 WHERE creator = ?", "x")


def test_a_backend_that_is_killed_midway_is_an_error_and_the_next_call_works(
    postgres_url: str,
) -> None:
    with open_sql(postgres_url) as target:
        target.apply(sql_writer.first(), "me", LEASE)
        with pytest.raises(TargetError, match=r"connection to postgresql://\S+ was lost: run it"):
            cut_off_midway(target, postgres_url)
        assert_before(target)
        target.apply(sql_writer.second(), "me", LEASE)
        assert_after(target)


def test_a_server_that_crashes_and_comes_back() -> None:
    with servers.postgres() as server:
        url = server.database()
        with open_sql(url) as target:
            target.apply(sql_writer.first(), "me", LEASE)
            server.stop(signal.SIGQUIT)
            with pytest.raises(TargetError, match=r"lost|does not answer") as caught:
                target.apply(sql_writer.second(), "me", LEASE)
            assert servers.PASSWORD not in str(caught.value)
            with pytest.raises(TargetError, match="is PostgreSQL running there"):
                target.generations()
            server.start()
            assert_before(target)
            target.apply(sql_writer.second(), "me", LEASE)
            assert_after(target)


def test_two_who_take_turns_lose_nothing(url: str) -> None:
    """Both lead under one name, which a lease can't tell apart; the checkpoint does."""
    with open_sql(url) as first:
        first.apply(Step(generation=1, before=None, after=LATER), "me", LEASE)
    won: list[str] = []

    def run(name: str) -> None:
        with open_sql(url) as target:
            for n in range(20):
                before = target.generations()[0].checkpoint
                after = type(before)(position=before.position + 1, clock=1, law="law", log="log")
                rows = [row(f"{name}{n}")]
                step = Step(generation=1, before=before, after=after, rows=rows)
                try:
                    target.apply(step, "me", LEASE)
                    won.append(f"{name}{n}")
                except MovedError:
                    pass

    threads = [threading.Thread(target=run, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open_sql(url) as target:
        assert target.creators(1) == sorted(won)
        assert target.generations()[0].checkpoint.position == LATER.position + len(won)


def test_a_lease_that_has_run_out_may_be_taken(url: str) -> None:
    with open_sql(url) as target:
        target.apply(Step(generation=1, before=None, after=LATER), "me", 0.0)
        step = Step(generation=1, before=LATER, after=LATER, rows=[row("a")])
        target.apply(step, "you", LEASE)
        with pytest.raises(FencedError, match="you leads generation 1"):
            target.apply(step, "me", LEASE)


def test_a_full_disk_is_said_and_leaves_the_rows(tmp_path: Path) -> None:
    with open_sql(f"sqlite:///{tmp_path}/rows.db") as target:
        target.apply(sql_writer.first(), "me", LEASE)
        connection = target.store._connection  # type: ignore[attr-defined]
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        many = [row(f"d{n}") for n in range(3000)]
        with pytest.raises(TargetError, match=r"disk of '.*rows.db' is full: make room"):
            target.apply(
                Step(generation=1, before=LATER, after=sql_writer.NEXT, rows=many), "me", LEASE
            )
        assert_before(target)
        target.apply(sql_writer.second(), "me", LEASE)
        assert_after(target)


def test_a_file_that_is_replaced_under_us_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "rows.db"
    with open_sql(f"sqlite:///{path}") as target:
        target.apply(sql_writer.first(), "me", LEASE)
        path.rename(tmp_path / "away.db")
        with pytest.raises(TargetError, match="no longer the file that was opened"):
            target.generations()
        with pytest.raises(TargetError, match="can't be opened"):
            target.generations()
        assert not path.exists()


def test_a_lock_that_is_not_given_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from projections.readmodels.sql import sqlite as sql_sqlite

    monkeypatch.setattr(sql_sqlite, "BUSY_SECONDS", 0.1)
    path = tmp_path / "rows.db"
    with open_sql(f"sqlite:///{path}") as target, closing(sqlite3.connect(path)) as other:
        target.apply(sql_writer.first(), "me", LEASE)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TargetError, match="locked by another program: try again"):
            target.apply(sql_writer.second(), "me", LEASE)
        assert_before(target)


def test_a_lock_that_postgresql_does_not_give(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from projections.readmodels.sql import postgres as sql_postgres

    monkeypatch.setattr(sql_postgres, "LOCK_SECONDS", 1)
    with open_sql(postgres_url) as target:
        target.apply(sql_writer.first(), "me", LEASE)
        with psycopg.connect(postgres_url) as other:
            other.execute("SELECT * FROM penalty_ledger_readmodels.generation FOR UPDATE")
            with pytest.raises(TargetError, match="locked by another program: try again"):
                target.apply(sql_writer.second(), "me", LEASE)
        assert_before(target)
