"""The SQL target keeps the contract on both databases, and both hold the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from projections.readmodels.contract import TargetContract
from projections.readmodels.sql.target import SqlTarget, open_sql
from projections.readmodels.target import Change, Target


class SqlContract(TargetContract):
    @pytest.fixture
    def url(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    def target(self, url: str) -> Iterator[Target]:
        target = open_sql(url)
        self.url_ = url
        self.others: list[SqlTarget] = []
        yield target
        for one in (*self.others, target):
            one.close()

    def again(self, target: Target) -> Target:
        self.others.append(open_sql(self.url_))
        return self.others[-1]

    def changes(self, target: Target) -> list[Change]:
        assert isinstance(target, SqlTarget)
        with target.store.reading() as s:
            rows = s.run("SELECT id, creator, event FROM change ORDER BY seq")
        return [Change(id_, creator, event.encode()) for id_, creator, event in rows]


class TestSQLite(SqlContract):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/rows.db"


class TestPostgres(SqlContract):
    @pytest.fixture
    def url(self, postgres_url: str) -> str:
        return postgres_url
