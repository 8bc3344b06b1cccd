"""The archive is kept up with the log, step by step, and is whole whenever it is killed."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import archives
import pytest
from killing import carry, held, logged

from ledger.errors import StoreError
from ledger.facts.envelope import Envelope
from ledger.log.bulk import open_bulk
from ledger.log.port import open_log
from projections.archive import runner
from projections.archive.plan import Archive
from projections.archive.source import Source
from projections.archive.status import status


def recorded(url: str, facts: list[Envelope], *, page: int = 37) -> None:
    with open_log(url, create=True) as log:
        for first in range(0, len(facts), page):
            log.append(facts[first : first + page], trust_recorded_times=True)


def sound(url: str, folder: Path) -> None:
    assert held(folder) == logged(url)
    log = open_bulk(url)
    assert status(Source(log), str(folder))["shortfalls"] == []
    log.close()
    there = {path.name for path in folder.iterdir()}
    assert there == {"facts", "details", "manifest.json", "lock"}


@pytest.mark.parametrize("seed", range(3))
def test_it_follows_the_log_in_any_steps(seed: int, small: None, tmp_path: Path) -> None:
    url, folder = f"sqlite:///{tmp_path}/l.db", tmp_path / "archive"
    facts, done = archives.history(seed), 0
    names = set()
    for more in (130, 5, 1, 35, 3, 1, 1, 30, 2, 100, 40):
        recorded(url, facts[done : done + more])
        done += more
        carry(url, folder)
        sound(url, folder)
        names |= {path.name.partition("-")[0] for path in (folder / "facts").iterdir()}
    assert names == {"base", "added"}
    before = {p.name: p.stat().st_mtime_ns for p in (folder / "facts").iterdir()}
    carry(url, folder)
    assert before == {p.name: p.stat().st_mtime_ns for p in (folder / "facts").iterdir()}


def test_postgresql_is_copied_alike(postgres_url: str, small: None, tmp_path: Path) -> None:
    facts = archives.history(5)
    for done, more in ((0, 200), (200, 11)):
        recorded(postgres_url, facts[done : done + more])
        carry(postgres_url, tmp_path / "archive")
        sound(postgres_url, tmp_path / "archive")


def test_the_slow_way_writes_the_same(
    small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, slow = f"sqlite:///{tmp_path}/l.db", tmp_path / "slow"
    facts = archives.history(1)
    recorded(url, facts[:300])
    carry(url, tmp_path / "fast")
    joined = "ledger.log.sqlite.reads.SQLiteReader.joined"
    monkeypatch.setattr(joined, lambda self, after, until: b"\x9a\x02")
    monkeypatch.setattr(joined + "_streams", lambda self, names, until: b"\x9a\x02")
    carry(url, slow)
    recorded(url, facts[300:340])
    carry(url, slow)
    sound(url, slow)
    monkeypatch.undo()
    carry(url, tmp_path / "fast")
    sound(url, tmp_path / "fast")


def test_it_is_whole_wherever_it_is_killed(tmp_path: Path) -> None:
    """What a reader finds after a kill is the archive as it was before, or after, a step."""
    url = f"sqlite:///{tmp_path}/l.db"
    recorded(url, archives.history(7))
    script = Path(__file__).with_name("killing.py")
    ended = subprocess.run(
        [sys.executable, str(script), url, str(tmp_path / "archive")],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert len(ended.stdout.splitlines()) == 4


def test_one_runner_leads_and_another_stands_by(small: None, tmp_path: Path) -> None:
    url, folder = f"sqlite:///{tmp_path}/l.db", tmp_path / "archive"
    recorded(url, archives.history(2)[:50])
    stop, said = threading.Event(), list[str]()
    with runner.leading(folder, lambda: False) as mine:
        assert mine
        with pytest.raises(StoreError, match="another runner leads"):
            carry(url, folder)
        log = open_bulk(url)
        follow = threading.Thread(
            target=runner.run,
            args=(Source(log), folder, stop),
            kwargs={"once": False, "report": said.append},
        )
        follow.start()
        while not said:
            time.sleep(0.01)
        assert not (folder / "manifest.json").exists()
    while not (folder / "manifest.json").exists():
        time.sleep(0.01)
    recorded(url, archives.history(2)[50:60])
    while Archive.open(str(folder)).facts < 60:
        time.sleep(0.01)
    stop.set()
    follow.join()
    log.close()
    sound(url, folder)
