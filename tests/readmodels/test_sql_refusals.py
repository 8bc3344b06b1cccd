"""A database that can't hold read models says so in one sentence, and is left as it was."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import servers

from ledger.log.port import open_log
from projections.readmodels.contract import LATER, LEASE, row
from projections.readmodels.sql.postgres import SCHEMA
from projections.readmodels.sql.target import open_sql
from projections.readmodels.target import Step, TargetError


def fails(url: str) -> str:
    with pytest.raises(TargetError) as caught, open_sql(url) as target:
        target.generations()
    sentence = str(caught.value)
    assert caught.value.exit_code == 5
    assert "\n" not in sentence
    assert servers.PASSWORD not in sentence
    return sentence


def test_an_unknown_kind() -> None:
    assert "it is sqlite:///path/to/file.db or postgresql" in fails("mysql://x/y")


class TestSQLite:
    @pytest.mark.parametrize(
        "url", ["sqlite://", "sqlite:///", "sqlite://host/x.db", "sqlite:///x.db?mode=ro"]
    )
    def test_no_file_named(self, url: str) -> None:
        assert "names no file: three slashes and a path" in fails(url)

    def test_no_directory(self, tmp_path: Path) -> None:
        assert "create it first" in fails(f"sqlite:///{tmp_path}/no/rows.db")

    def test_a_directory(self, tmp_path: Path) -> None:
        assert "can't be opened" in fails(f"sqlite:///{tmp_path}")

    def test_the_ledger_itself(self, tmp_path: Path) -> None:
        path = tmp_path / "ledger.db"
        open_log(f"sqlite:///{path}", create=True).close()
        before = path.read_bytes()
        assert "holds a ledger: read models need a file of their own" in fails(f"sqlite:///{path}")
        assert path.read_bytes() == before

    def test_somebody_elses(self, tmp_path: Path) -> None:
        path = tmp_path / "other.db"
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("CREATE TABLE meta (layout)")
        before = path.read_bytes()
        assert "holds no read models: name another" in fails(f"sqlite:///{path}")
        assert path.read_bytes() == before

    def test_no_database(self, tmp_path: Path) -> None:
        path = tmp_path / "notes.txt"
        path.write_text("dear diary, " * 100)
        assert "holds no read models" in fails(f"sqlite:///{path}")
        assert path.read_text().startswith("dear diary")

    def test_damaged(self, tmp_path: Path) -> None:
        path = tmp_path / "rows.db"
        url = f"sqlite:///{path}"
        with open_sql(url) as target:
            target.apply(Step(generation=1, before=None, after=LATER, rows=[row("a")]), "me", LEASE)
        whole = path.read_bytes()
        path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
        assert "is damaged: delete it and rebuild" in fails(url)

    @pytest.mark.parametrize(
        ("harm", "said"),
        [
            ("UPDATE generation SET checkpoint = 'x'", "a checkpoint in it can't be read"),
            ("DROP TABLE generation", "is damaged: delete it and rebuild"),
            ("UPDATE meta SET layout = 'x'", "its layout is unknown: drop it and rebuild"),
            ("DELETE FROM meta", "its layout is unknown: drop it and rebuild"),
            ("DROP TABLE meta", "has tables that are no read models"),
            ("UPDATE meta SET layout = 9", "newer version of this program (layout 9"),
        ],
    )
    def test_harmed(self, tmp_path: Path, harm: str, said: str) -> None:
        url = f"sqlite:///{tmp_path}/rows.db"
        with open_sql(url) as target:
            target.apply(Step(generation=1, before=None, after=LATER), "me", LEASE)
            with target.store.writing() as s:
                s.run(harm)
        assert said in fails(url)

    def test_read_only(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        url = f"sqlite:///{tmp_path}/rows.db"
        with open_sql(url) as target:
            target.store._connect().execute("PRAGMA query_only = 1")  # type: ignore[attr-defined]
            with pytest.raises(TargetError, match="may only be read: ask for the right"):
                target.lead(1, "me", LEASE)

    def test_strange_characters_in_the_path(self, tmp_path: Path) -> None:
        folder = tmp_path / "a b#c%41é"
        folder.mkdir()
        url = f"sqlite:///{folder}/rows.db".replace("%", "%25").replace("#", "%23")
        open_sql(url).close()
        assert (folder / "rows.db").exists()

    def test_not_durable(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from projections.readmodels.sql import sqlite as sql_sqlite

        monkeypatch.setattr(sql_sqlite, "FULL", 3)
        assert "synchronous=2 and journal_mode=wal" in fails(f"sqlite:///{tmp_path}/rows.db")


class TestPostgres:
    def test_nobody_there(self) -> None:
        port = servers.free_port()
        url = f"postgresql://ledger:{servers.PASSWORD}@127.0.0.1:{port}/x"
        assert "does not answer: is PostgreSQL running there?" in fails(url)

    def test_no_url(self) -> None:
        assert "the URL of PostgreSQL is not right" in fails("postgresql://h:port/x?nonsense=1")

    def test_wrong_password(self, postgres_server: servers.Postgres) -> None:
        url = postgres_server.url("postgres", password="wrong")
        assert "refuses this user or password" in fails(url)

    def test_no_database(self, postgres_server: servers.Postgres) -> None:
        assert "has no such database" in fails(postgres_server.url("nowhere"))

    def test_no_right(self, postgres_server: servers.Postgres) -> None:
        url = postgres_server.database()
        name = url.rpartition("/")[2]
        with psycopg.connect(url, autocommit=True) as other:
            other.execute(f"CREATE ROLE guest_{name} LOGIN PASSWORD '{servers.PASSWORD}'")
        guest = url.replace("ledger:", f"guest_{name}:")
        assert "ask for the right to create a schema" in fails(guest)
        open_sql(url).close()
        assert "ask for the right" in fails(guest)

    @pytest.mark.parametrize(
        ("harm", "said"),
        [
            ("UPDATE meta SET layout = 9", "newer version of this program (layout 9"),
            ("DROP TABLE meta", "has tables that are no read models"),
            ("DROP TABLE generation", "lacks a table of the read models: drop its schema"),
        ],
    )
    def test_harmed(self, postgres_url: str, harm: str, said: str) -> None:
        with open_sql(postgres_url) as target, target.store.writing() as s:
            s.run(harm)
        assert said in fails(postgres_url)

    def test_read_only(self, postgres_url: str) -> None:
        with psycopg.connect(postgres_url, autocommit=True) as other:
            name = postgres_url.rpartition("/")[2]
            other.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        assert "may only be read: name the primary server" in fails(postgres_url)

    def test_an_encoding_that_lacks_characters(self, postgres_server: servers.Postgres) -> None:
        with psycopg.connect(postgres_server.url("postgres"), autocommit=True) as other:
            other.execute("CREATE DATABASE latin ENCODING LATIN1 TEMPLATE template0 LOCALE 'C'")
        assert "is encoded in LATIN1" in fails(postgres_server.url("latin"))

    def test_a_commit_is_on_disk(self, postgres_url: str) -> None:
        with psycopg.connect(postgres_url, autocommit=True) as other:
            name = postgres_url.rpartition("/")[2]
            other.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
        with open_sql(postgres_url) as target, target.store.reading() as s:
            assert s.run("SHOW synchronous_commit") == [("on",)]

    def test_beside_a_ledger(self, postgres_url: str) -> None:
        open_log(postgres_url, create=True).close()
        with open_sql(postgres_url) as target:
            target.apply(Step(generation=1, before=None, after=LATER, rows=[row("a")]), "me", LEASE)
        with open_log(postgres_url) as log:
            assert log.head() == 0
        with psycopg.connect(postgres_url) as other:
            names = other.execute(f"SELECT creator FROM {SCHEMA}.standing_g1").fetchall()
        assert names == [("a",)]
