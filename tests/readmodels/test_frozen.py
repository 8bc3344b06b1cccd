"""A leader that is frozen, wherever in a step, keeps nobody from leading; it does no harm after."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sql_writer
from test_sql_faults import STATEMENTS, assert_after, assert_before

from projections.readmodels.runner import owner
from projections.readmodels.sql import postgres
from projections.readmodels.sql.target import SqlTarget, open_sql

WAIT = 1.0
"""Seconds: the frozen one's lease, and how long PostgreSQL waits for its next statement."""
MOMENTS = ["1", "2", "5", "9", str(STATEMENTS), "commit"]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/rows.db"
    return request.getfixturevalue("postgres_url")


@contextmanager
def frozen(url: str, where: str, name: str = "") -> Iterator[subprocess.Popen[str]]:
    """A process that leads, has written one step and stops itself in the second."""
    command = [sys.executable, sql_writer.__file__, url, where, "STOP", str(WAIT), name]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as one:
        try:
            assert one.stdout is not None
            assert one.stdout.readline() == "first\n"
            while Path(f"/proc/{one.pid}/stat").read_text().rpartition(") ")[2][0] != "T":
                time.sleep(0.01)
            yield one
        finally:
            one.kill()


def lead(target: SqlTarget, seconds: float) -> float:
    """Until it leads; how long that took."""
    began = time.monotonic()
    while target.lead(1, owner(), 60):
        assert time.monotonic() - began < seconds
        time.sleep(0.05)
    return time.monotonic() - began


@pytest.mark.parametrize("where", MOMENTS)
def test_another_leads_when_one_is_frozen_in_a_step(url: str, where: str) -> None:
    with frozen(url, where) as one, open_sql(url) as target:
        lead(target, WAIT + 5)
        assert_before(target)
        target.apply(sql_writer.second(), owner_of(target), 60)
        os.kill(one.pid, signal.SIGCONT)
        assert one.wait(20) != 0
        assert_after(target)


def owner_of(target: SqlTarget) -> str:
    with target.store.reading() as s:
        return str(s.run("SELECT owner FROM lease")[0][0])


def test_one_that_is_frozen_is_left_alone_while_its_lease_lasts(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/rows.db"
    with frozen(url, "5") as one, open_sql(url) as target:
        leader = target.lead(1, owner(), 60)
        assert str(one.pid) in leader
        assert one.poll() is None
        assert lead(target, WAIT + 5) > WAIT / 10
        assert one.wait(20) == -signal.SIGKILL
        (said,) = target.warnings()
        assert f"process {one.pid} was stopped while it wrote" in said


def test_no_process_is_ended_that_does_not_lead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else has the file locked: that is waited for, and told."""
    from projections.readmodels.sql import sqlite
    from projections.readmodels.target import TargetError

    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 2 * WAIT)
    url = f"sqlite:///{tmp_path}/rows.db"
    with frozen(url, "5", name="elsewhere:1:x") as one, open_sql(url) as target:
        with pytest.raises(TargetError, match="is locked by another program"):
            lead(target, 20)
        assert one.poll() is None
        assert target.warnings() == []


def test_who_stands_by_takes_no_lock(tmp_path: Path) -> None:
    """Beside a living leader it only reads."""
    with open_sql(f"sqlite:///{tmp_path}/rows.db") as target:
        assert target.lead(1, "me", 60) == ""
        with open_sql(f"sqlite:///{tmp_path}/rows.db") as other, target.store.writing():
            began = time.monotonic()
            assert other.lead(1, "you", 60) == "me"
            assert time.monotonic() - began < 1


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "IDLE_SECONDS", WAIT)
