"""A store that can't be used says so in one sentence, with what to do, and is left as it was."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import servers
from conftest import Store
from writer import at

from ledger.errors import StoreError
from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled
from ledger.log.port import open_log
from ledger.log.sqlite import recorder as sqlite_store

FACT = Envelope("s", "e", "c", 1, CreatorEnrolled())


READ_ONLY = """
import os
from ledger.facts.envelope import Envelope
from ledger.errors import StoreError
from ledger.facts.types import CreatorEnrolled
from ledger.log.port import open_log
import ledger.log.sqlite.store  # before the rights are given up, where its files may be hidden
if os.geteuid() == 0:
    os.setgroups([]); os.setgid({nobody}); os.setuid({nobody})
try:
    with open_log({url!r}) as log:
        log.append([Envelope("s", "e", "c", 1, CreatorEnrolled())])
except StoreError as error:
    print(error)
"""

READ_FROZEN = """
import os
import ledger.log.sqlite.reads  # before the rights are given up, where its files may be hidden
from ledger.log.port import open_reader
if os.geteuid() == 0:
    os.setgroups([]); os.setgid({nobody}); os.setuid({nobody})
with open_reader({url!r}) as log:
    print(len(log.stream("c")), log.head())
"""


def fails(url: str, *, create: bool = False) -> str:
    with pytest.raises(StoreError) as caught:
        open_log(url, create=create)
    sentence = str(caught.value)
    assert caught.value.exit_code == 5
    assert "\n" not in sentence
    assert servers.PASSWORD not in sentence
    return sentence


class TestAnyStore:
    def test_an_unknown_kind(self) -> None:
        assert "a store is sqlite:///path/to/file.db or postgresql" in fails("mysql://x/y")
        assert "names no store" in fails("ledger.db")

    def test_one_that_is_newer(self, store: Store) -> None:
        if store.name == "sqlite":
            store.sql("PRAGMA user_version = 3")
        else:
            store.sql("UPDATE ledger_schema SET version = 3")
        for create in (False, True):
            assert "newer version of this program (layout 3, this one knows 2): upgrade" in fails(
                store.url, create=create
            )

    def test_one_that_is_damaged_under_us(self, store: Store) -> None:
        with open_log(store.url) as log:
            store.sql("DROP TABLE fact_keys")
            with pytest.raises(StoreError, match="lacks a table of the ledger"):
                log.append([FACT])
            assert log.after(0) == []


class TestSQLiteFile:
    def test_none_there(self, tmp_path: Path) -> None:
        path = tmp_path / "none.db"
        assert "there is no ledger at" in fails(f"sqlite:///{path}")
        assert not path.exists()
        assert "there is no directory" in fails(f"sqlite:///{tmp_path}/no/x.db", create=True)

    @pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite://host/x.db"])
    def test_no_file_named(self, url: str) -> None:
        assert "names no file" in fails(url, create=True)

    def test_a_row_that_holds_text(self, tmp_path: Path) -> None:
        path = tmp_path / "l.db"
        with open_log(f"sqlite:///{path}", create=True) as log:
            log.append([FACT])
            with closing(sqlite3.connect(path)) as other, other:
                other.execute("UPDATE stored_events SET state = 'text'")
            with pytest.raises(
                StoreError, match=r"the fact at position 1 .* is not as it was recorded"
            ):
                log.after(0)

    def test_an_unknown_mode(self, tmp_path: Path) -> None:
        assert "it is ro or rw" in fails(f"sqlite:///{tmp_path}/x.db?mode=memory", create=True)

    def test_empty(self, tmp_path: Path) -> None:
        (tmp_path / "x.db").touch()
        assert "is empty" in fails(f"sqlite:///{tmp_path}/x.db")
        open_log(f"sqlite:///{tmp_path}/x.db", create=True).close()

    def test_a_path_with_strange_characters(self, tmp_path: Path) -> None:
        path = tmp_path / "a b?c#d%41é"
        path.mkdir()
        url = f"sqlite:///{path}/l.db".replace("%", "%25").replace("?", "%3F").replace("#", "%23")
        with open_log(url, create=True) as log:
            log.append([FACT])
        assert (path / "l.db").exists()

    @pytest.mark.parametrize("create", [False, True])
    def test_another_database(self, tmp_path: Path, create: bool) -> None:
        path = tmp_path / "other.db"
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("CREATE TABLE stored_events (x)")
        before = path.read_bytes()
        assert "but not a ledger" in fails(f"sqlite:///{path}", create=create)
        assert path.read_bytes() == before

    @pytest.mark.parametrize("create", [False, True])
    def test_no_database(self, tmp_path: Path, create: bool) -> None:
        path = tmp_path / "notes.txt"
        path.write_text("dear diary, " * 100)
        assert "is not a ledger" in fails(f"sqlite:///{path}", create=create)
        assert path.read_text().startswith("dear diary, ")

    def test_a_directory(self, tmp_path: Path) -> None:
        assert "can't be opened" in fails(f"sqlite:///{tmp_path}", create=True)

    def test_opened_to_read_only(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/l.db"
        with open_log(url, create=True) as log:
            log.append([FACT])
        with open_log(f"{url}?mode=ro") as log:
            assert len(log.stream("c")) == 1
            with pytest.raises(StoreError, match="may only be read: nothing was recorded"):
                log.append([FACT])

    def test_read_only_by_its_rights(self) -> None:
        with servers.temporary_home("read-only-") as home:
            path = home / "l.db"
            open_log(f"sqlite:///{path}", create=True).close()
            path.chmod(0o444)
            home.chmod(0o755)
            code = READ_ONLY.format(url=f"sqlite:///{path}", nobody=servers.NOBODY)
            said = subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, check=True
            )
        assert "may only be read" in said.stdout or "can't be opened" in said.stdout

    def test_a_snapshot_in_a_directory_that_takes_no_files_answers(self) -> None:
        with servers.temporary_home("frozen-") as home:
            path = home / "l.db"
            with open_log(f"sqlite:///{path}", create=True) as log:
                log.append([FACT])
            path.chmod(0o444)
            home.chmod(0o555)
            code = READ_FROZEN.format(url=f"sqlite:///{path}", nobody=servers.NOBODY)
            said = subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, check=False
            )
            home.chmod(0o755)
        assert said.stdout == "1 1\n", said.stderr

    def test_locked(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sqlite_store, "BUSY_SECONDS", 0.05)
        path = tmp_path / "l.db"
        with (
            open_log(f"sqlite:///{path}", create=True) as log,
            closing(sqlite3.connect(path, isolation_level=None)) as other,
        ):
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="is locked by another program: try again"):
                log.append([FACT])
            other.execute("ROLLBACK")
            assert log.append([FACT])[0].status == "recorded"

    def test_full_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        connect = sqlite_store.Pool._create_connection

        def small(pool: sqlite_store.Pool) -> object:
            connection = connect(pool)
            connection.cursor().execute("PRAGMA max_page_count = 20")
            return connection

        url = f"sqlite:///{tmp_path}/l.db"
        open_log(url, create=True).close()
        many = [Envelope("s", f"e{n}", "c", 1, CreatorEnrolled()) for n in range(2000)]
        with monkeypatch.context() as patched:
            patched.setattr(sqlite_store.Pool, "_create_connection", small)
            with open_log(url) as log:
                log.append(many[:10])
                with pytest.raises(StoreError, match="is full: what is recorded stays"):
                    log.append(many, progress=at(9))
                assert (log.head(), log.imports()) == (10, {})
        with open_log(url) as log:
            assert [r.position for r in log.append(many)] == list(range(1, 2001))

    def test_durability_is_asserted(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        url = f"sqlite:///{tmp_path}/l.db"
        with open_log(url, create=True) as log, log.datastore.reading() as c:  # type: ignore[attr-defined]
            assert c.execute("PRAGMA synchronous").fetchone() == (2,)
            assert c.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        monkeypatch.setattr(sqlite_store, "FULL_SYNC", "PRAGMA synchronous=NORMAL")
        assert "synchronous=1" in fails(url)


class TestPostgres:
    def test_no_ledger_there(self, postgres_url: str) -> None:
        assert "there is no ledger at" in fails(postgres_url)
        assert "there is no ledger at" in fails(postgres_url), "looking made none"

    def test_not_reached(self, postgres_server: servers.Postgres) -> None:
        url = postgres_server.url
        assert "does not answer" in fails(url("x", port=servers.free_port()))
        assert "refuses this user or password" in fails(url("postgres", password="wrong"))
        assert "has no such database" in fails(url("nobody_made_this"))
        assert "is not right" in fails("postgresql://localhost/x?no_such_setting=1")
        assert "is not known by that name" in fails("postgresql://no.such.host.invalid/x")

    @pytest.mark.parametrize("table", ["stored_events", "fact_keys", "ledger_schema"])
    def test_tables_of_another_program(self, postgres_url: str, table: str) -> None:
        import psycopg

        with psycopg.connect(postgres_url) as connection:
            connection.execute(f"CREATE TABLE {table} (version integer)".encode())
        assert "that are no ledger" in fails(postgres_url, create=True)

    def test_read_only(self, postgres_url: str) -> None:
        open_log(postgres_url, create=True).close()
        read_only = f"{postgres_url}?options=-cdefault_transaction_read_only%3Don"
        with open_log(read_only) as log:
            assert log.after(0) == []
            with pytest.raises(StoreError, match="may only be read: nothing was recorded"):
                log.append([FACT])

    def test_no_right_to_write(self, postgres_url: str) -> None:
        import psycopg

        open_log(postgres_url, create=True).close()
        with psycopg.connect(postgres_url) as connection:
            connection.execute("DROP ROLE IF EXISTS reader")
            connection.execute("CREATE ROLE reader LOGIN PASSWORD 'r'")
            connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        url = postgres_url.replace(f"ledger:{servers.PASSWORD}", "reader:r")
        with open_log(url) as log:
            assert log.after(0) == []
            with pytest.raises(StoreError, match="does not let this user do that"):
                log.append([FACT])
        with psycopg.connect(postgres_url) as connection:
            connection.execute("DROP OWNED BY reader")
            connection.execute("DROP ROLE reader")

    def test_locked_for_readers_too(
        self, postgres_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import psycopg

        from ledger.log.postgres import recorder as postgres_store

        monkeypatch.setattr(postgres_store, "LOCK_SECONDS", 0.2)
        with open_log(postgres_url, create=True) as log, psycopg.connect(postgres_url) as other:
            other.execute("SET statement_timeout = 5000")
            other.execute("LOCK TABLE stored_events")
            with pytest.raises(StoreError, match="is locked by another program: try again"):
                log.head()

    def test_commits_are_on_disk_before_they_are_answered(self, postgres_url: str) -> None:
        import psycopg

        name = postgres_url.rpartition("/")[2]
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off".encode())
        with open_log(postgres_url, create=True) as log, log.datastore.cursor() as c:  # type: ignore[attr-defined]
            row = c.execute("SHOW synchronous_commit").fetchone()
            assert row == {"synchronous_commit": "on"}

    def test_the_library_s_lockless_function_is_not_there(self, postgres_url: str) -> None:
        import psycopg

        open_log(postgres_url, create=True).close()
        with psycopg.connect(postgres_url) as connection:
            query = "SELECT proname FROM pg_proc WHERE proname LIKE 'es\\_%'"
            assert connection.execute(query).fetchall() == []

    def test_creators_and_keys_have_one_order_in_any_language(self, postgres_url: str) -> None:
        """The test server knows no language but C, so the columns are asked."""
        import psycopg

        open_log(postgres_url, create=True).close()
        with psycopg.connect(postgres_url) as connection:
            columns = connection.execute(
                "SELECT table_name, column_name, collation_name FROM information_schema.columns"
                " WHERE table_schema = 'public'"
                " AND column_name IN ('originator_id', 'source', 'id') ORDER BY 1, 2"
            ).fetchall()
        assert columns == [
            ("fact_keys", "id", "C"),
            ("fact_keys", "source", "C"),
            ("imports", "id", "C"),
            ("stored_events", "originator_id", "C"),
        ]

    def test_without_the_package(self) -> None:
        code = """
import sys
sys.modules["psycopg"] = None
from ledger.errors import StoreError
from ledger.log.port import open_log
try:
    open_log("postgresql://localhost/x")
except StoreError as error:
    print(error)
"""
        said = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert "pip install 'penalty-ledger[postgres]'" in said.stdout

    def test_a_server_that_would_lose_facts(self) -> None:
        with servers.postgres("-c", "fsync=off") as server:
            assert "fsync=off" in fails(server.url("postgres"), create=True)

    def test_a_server_that_crashes_loses_nothing(self) -> None:
        import signal

        with (
            servers.postgres() as server,
            open_log(server.url("postgres"), create=True) as log,
        ):
            for n in range(20):
                log.append([Envelope("s", f"e{n}", "c", 1, FACT.fact)])
            server.stop(signal.SIGQUIT)
            server.start()
            assert [e.id for e in log.stream("c")] == [f"e{n}" for n in range(20)]
            assert log.append([FACT])[0].version == 21
