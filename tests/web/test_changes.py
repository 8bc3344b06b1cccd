"""What became of a standing, as it happens: the feed of a read model, for whoever has none."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from population.conftest import invented
from samples import EXAM_FIRST, envelopes, store
from web_served import MEI, event, filled, served, token

from projections.readmodels.memory import MemoryTarget
from replay.library import Ledger
from replay.web import following
from replay.web.access.grants import Role
from replay.web.settings import Settings

MEIS = "/api/v1/creators/mei/changes"


@pytest.fixture
def place(tmp_path: Path) -> str:
    crowd = tmp_path / "crowd.jsonl"
    crowd.write_bytes(invented(12, seed=4))
    url = filled(tmp_path, crowd)
    with Ledger.open(url) as ledger:
        for line in MEI.read_text("utf-8").splitlines():
            ledger.append([line])
    return url


@pytest.fixture
def client(place: str) -> Iterator[httpx.Client]:
    with served(Settings(place)) as client:
        yield client


def found(number: int, at: datetime) -> dict[str, Any]:
    data = {"violation": f"w{number}", "category": "misleading", "detected_by": "other"}
    return event(number, **data) | {"type": "violation_found", "time": at.isoformat()}


def told(stream: httpx.Response, count: int) -> list[tuple[int, dict[str, Any]]]:
    """The next changes, each with its id as the stream has it."""
    read, position = [], 0
    for line in stream.iter_lines():
        name, _, value = line.partition(": ")
        if name == "id":
            position = int(value)
        elif name == "data":
            read.append((position, json.loads(value)))
            if len(read) == count:
                break
    return read


def test_changes_are_those_of_a_read_model(client: httpx.Client, place: str) -> None:
    target = MemoryTarget()
    with Ledger.open(place) as ledger:
        ledger.project(target)
        for creator in ledger.creators():
            feed = [json.loads(each.event) for each in target.feed if each.creator == creator]
            assert ledger.changes(creator)["changes"] == feed != []
    walked: list[Any] = []
    url = httpx.URL(f"{MEIS}?limit=2")
    while True:
        page = client.get(url)
        walked += page.json()["changes"]
        if "next" not in page.links:
            break
        url = page.url.join(page.links["next"]["url"])
    assert walked == [json.loads(each.event) for each in target.feed if each.creator == "mei"]
    assert len(walked) > 4


def test_a_change_arrives_with_the_fact_that_made_it(client: httpx.Client, place: str) -> None:
    with client.stream("GET", f"{MEIS}/events") as stream, Ledger.open(place) as ledger:
        time.sleep(0.5)
        ledger.append([event(1, "bo") | {"type": "creator_enrolled"}])
        (receipt,) = ledger.append([found(2, datetime.now(UTC))])
        ((position, change),) = told(stream, 1)
        assert position == change["data"]["position"] == receipt["position"]
        assert [each["event"] for each in change["data"]["cause"]["facts"]] == ["n2"]
        assert change["data"]["old"]["violations"] != change["data"]["new"]["violations"]
        assert change == ledger.changes("mei")["changes"][-1]


def test_what_time_alone_changes_is_told_too(
    client: httpx.Client, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "BEAT", 0.1)
    with client.stream("GET", f"{MEIS}/events") as stream, Ledger.open(place) as ledger:
        time.sleep(0.5)
        ledger.append([found(3, datetime.now(UTC) + timedelta(seconds=1))])
        ((_, change),) = told(stream, 1)
        assert "@" in change["id"]
        assert [each["event"] for each in change["data"]["cause"]["facts"]] == ["n3"]


def test_nothing_is_told_twice_and_what_was_before_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "BEAT", 0.05)
    place = store(tmp_path, envelopes(EXAM_FIRST))
    with Ledger.open(place) as ledger, served(Settings(place)) as client:
        assert "@" in ledger.changes("mei")["changes"][-1]["id"]  # time has changed something
        with client.stream("GET", f"{MEIS}/events") as stream:
            time.sleep(0.5)
            first = ledger.append([found(4, datetime.now(UTC))])
            time.sleep(0.5)
            second = ledger.append([found(5, datetime.now(UTC))])
            ids = [change["id"] for _, change in told(stream, 2)]
    assert ids == [str(receipt["position"]) for receipt in (*first, *second)]


def test_a_reader_that_was_cut_off_misses_nothing(client: httpx.Client, place: str) -> None:
    with Ledger.open(place) as ledger:
        every = ledger.changes("mei")["changes"]
    with client.stream("GET", f"{MEIS}/events?after=0") as stream:
        first = told(stream, 3)
    header = {"Last-Event-ID": str(first[-1][0])}
    with client.stream("GET", f"{MEIS}/events", headers=header) as stream:
        rest = told(stream, len(every) - 3)
    assert [change for _, change in first + rest] == every


def test_whose_record_it_is_may_follow_it_and_nobody_else(place: str, tmp_path: Path) -> None:
    access = tmp_path / "tokens.db"
    own, foreign = (token(access, Role.CREATOR, name) for name in ("mei", "bo"))
    with served(Settings(place, access=access)) as client:
        for path in (MEIS, f"{MEIS}/events"):
            assert client.get(path, headers=foreign).status_code == 403
        assert client.get(MEIS, headers=own).status_code == 200
        assert client.get("/api/v1/creators/bo/changes", headers=foreign).status_code == 404


def test_somebody_may_be_waited_for(client: httpx.Client, place: str) -> None:
    with client.stream("GET", "/api/v1/creators/zoe/changes/events") as stream:
        late = threading.Timer(0.5, lambda: enrol(place))
        late.start()
        ((_, change),) = told(stream, 1)
        assert change["data"]["old"] is None
        late.join()


def enrol(place: str) -> None:
    with Ledger.open(place) as ledger:
        ledger.append([event(9, "zoe") | {"type": "creator_enrolled"}])
