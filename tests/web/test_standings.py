"""Standings out of a read model: as a replay has them, and none that is known to be old."""

import hashlib
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from draft_rulebooks import LABEL, draft
from web_served import changed, event, filled, served

from replay.library import Ledger
from replay.web import following
from replay.web.settings import Settings

from .rows import (
    API,
    EXAMPLES,
    RACES,
    REPLAY,
    ROWS,
    ask,
    assert_as_replayed,
    placed,
    project,
    source,
    until,
)


def races(place: Path) -> str:
    """The other example, by rulebooks of its own."""
    url = f"sqlite:///{place}/races.db"
    with Ledger.open(url, rulebooks=RACES / "rulebooks", create=True) as ledger:
        ledger.append((RACES / "races.jsonl").read_text("utf-8").splitlines())
    return url


def test_every_example_stands_as_replayed(reading: httpx.Client, rows: Settings) -> None:
    with Ledger.open(rows.db) as ledger:
        creators = [*ledger.creators()]
    assert len(creators) > 2
    for creator in creators:
        assert_as_replayed(reading, creator)


def test_so_it_does_by_rulebooks_of_ones_own(tmp_path: Path, valkey_url: str) -> None:
    own = {"db": races(tmp_path), "rulebooks": (str(RACES / "rulebooks"),)}
    settings = placed(tmp_path, valkey_url, **own)
    with served(settings) as client, Ledger.open(own["db"], rulebooks=RACES / "rulebooks") as log:
        creators = [*log.creators()]
        until(client, ROWS, creators[0])
        for creator in creators[:40]:
            assert_as_replayed(client, creator)
    with served(changed(settings, rulebooks=())) as client:  # others than the rows are by
        time.sleep(1.5)
        assert source(ask(client, creators[0])) == REPLAY


def test_a_replay_answers_with_the_same_bytes(reading: httpx.Client, rows: Settings) -> None:
    row = ask(reading)
    with served(changed(rows, prefix="nothing-here")) as other:
        replayed = ask(other)
    assert (source(row), source(replayed)) == (ROWS, REPLAY)
    assert row.content == replayed.content
    assert row.headers["ETag"] == replayed.headers["ETag"]
    with Ledger.open(rows.db) as ledger:
        assert row.headers["Log-Position"] == replayed.headers["Log-Position"] == str(ledger.head())
    had = ask(reading, **{"If-None-Match": row.headers["ETag"]})
    assert (had.status_code, had.content) == (304, b"")
    assert had.headers["Log-Position"]


def test_who_records_reads_it_at_once(reading: httpx.Client, rows: Settings) -> None:
    before = ask(reading)
    with Ledger.open(rows.db) as ledger:
        other = next(each for each in ledger.creators() if each != "mei")
    found = event(1, **{"violation": "v9", "category": "spam", "detected_by": "platform_screening"})
    found |= {"type": "violation_found", "time": datetime.now(UTC).isoformat()}
    recorded = reading.post(f"{API}/facts", json=found).json()["receipts"][0]["position"]
    after = ask(reading)
    assert source(after) == REPLAY
    assert after.json()["position"] == recorded == int(after.headers["Log-Position"])
    assert after.json()["standing"]["violations"]["standing"] == 1
    assert after.headers["ETag"] != before.headers["ETag"]
    assert source(ask(reading, other)) == ROWS  # nothing was recorded of others
    project(rows)
    assert until(reading, ROWS).content == after.content


def test_what_others_record_is_seen(reading: httpx.Client, rows: Settings) -> None:
    with Ledger.open(rows.db) as ledger:
        (receipt,) = ledger.append([event(2)])
    assert until(reading, REPLAY).json()["position"] == receipt["position"]
    project(rows)
    assert until(reading, ROWS).json()["position"] == receipt["position"]


def test_what_was_recorded_before_the_start_is_seen_too(rows: Settings) -> None:
    with Ledger.open(rows.db) as ledger:
        ledger.append([event(3)])
    with served(rows) as client:
        time.sleep(1.5)
        assert source(ask(client)) == REPLAY  # whose fact it was, nobody has looked
        project(rows)
        until(client, ROWS)


def test_a_row_counts_until_time_changes_it(tmp_path: Path, valkey_url: str) -> None:
    ends = datetime.now(UTC) + timedelta(seconds=4)
    begun = {"time": (ends - timedelta(days=30)).isoformat(), "type": "creator_enrolled"}
    found = event(2, violation="v", category="misleading", detected_by="platform_screening")
    found |= {"time": (ends - timedelta(days=1)).isoformat(), "type": "violation_found"}
    db = filled(tmp_path)
    with Ledger.open(db) as ledger:
        ledger.append([event(1) | begun, found])
    with served(placed(tmp_path, valkey_url, db=db)) as client:
        row = until(client, ROWS).json()
        assert [stop["feature"] for stop in row["standing"]["stops"]] == ["product_sharing"]
        assert datetime.fromisoformat(row["next_change_at"]) == ends
        time.sleep(max((ends - datetime.now(UTC)).total_seconds(), 0) + 0.05)
        after = ask(client)
        assert (source(after), after.json()["standing"]["stops"]) == (REPLAY, [])


def test_nobody_is_there_whom_the_log_does_not_know(reading: httpx.Client) -> None:
    said = ask(reading, "nobody")
    assert said.status_code == 404
    assert said.json()["detail"] == 'no fact is recorded of a creator "nobody"'


def test_an_adopted_draft_rules_at_once(tmp_path: Path, valkey_url: str) -> None:
    file = draft(tmp_path / "rules")
    own = {"rulebooks": (str(tmp_path / "rules"),)}
    settings = placed(tmp_path, valkey_url, *EXAMPLES, **own)
    with served(settings) as client:
        before = until(client, ROWS).json()
        which = {"rulebook": "douyin-creator", "version": "2025-01"}
        which["hash"] = hashlib.sha256(file.read_bytes()).hexdigest()
        adopted = event(1, "douyin-creator", **which)
        adopted |= {"type": "rulebook_adopted", "time": "2024-07-01T00:00:00+08:00"}
        assert client.post(f"{API}/facts", json=adopted).status_code == 201
        after = ask(client)
        assert source(after) == REPLAY
        assert before["standing"]["rulebook"] != after.json()["standing"]["rulebook"] == LABEL
        project(settings)
        assert until(client, ROWS).json()["standing"]["rulebook"] == LABEL


def test_of_whom_it_is_forgotten_what_came_last_rows_wait(
    rows: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "KNOWN", 2)
    with served(rows) as client:
        until(client, ROWS)
        for number, subject in enumerate(("a", "b", "c"), 10):
            new = event(number, subject) | {"type": "creator_enrolled"}
            assert client.post(f"{API}/facts", json=new).status_code == 201
        assert source(ask(client)) == REPLAY  # a's fact may have been mei's
        project(rows)
        until(client, ROWS)
