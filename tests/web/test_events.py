"""The log as it grows: nothing is missed and nothing is out of order, whoever writes."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from web_served import MEI, filled, served, token

from replay.library import Ledger
from replay.web.access.grants import Role
from replay.web.access.tokens import Tokens
from replay.web.settings import Settings


def fact(number: int, subject: str = "mei") -> dict[str, Any]:
    return {
        "specversion": "1.0", "source": "urn:test", "id": f"n{number}", "subject": subject,
        "time": "2024-08-20T09:00:00+08:00", "type": "exam_right_claimed",
    }  # fmt: skip


def read(stream: httpx.Response, count: int) -> list[tuple[int, dict[str, Any]]]:
    """The next events: position and fact."""
    found, position = [], 0
    for line in stream.iter_lines():
        name, _, value = line.partition(": ")
        if name == "id":
            position = int(value)
        elif name == "data":
            found.append((position, json.loads(value)))
            if len(found) == count:
                break
    return found


@pytest.fixture
def place(tmp_path: Path) -> str:
    return filled(tmp_path, MEI)


@pytest.fixture
def client(place: str) -> Iterator[httpx.Client]:
    with served(Settings(place)) as client:
        yield client


def test_a_fact_recorded_elsewhere_arrives_within_a_second(
    client: httpx.Client, place: str
) -> None:
    with client.stream("GET", "/api/v1/events") as stream, Ledger.open(place) as ledger:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        time.sleep(0.3)
        (receipt,) = ledger.append([fact(1)])
        begun = time.monotonic()
        ((position, event),) = read(stream, 1)
        assert time.monotonic() - begun < 3  # others use the machine too
        assert (position, event["id"], event["subject"]) == (receipt["position"], "n1", "mei")


def test_a_reader_that_was_cut_off_misses_nothing(client: httpx.Client, place: str) -> None:
    with Ledger.open(place) as ledger:
        ledger.append([fact(n) for n in range(1200)])
        every = [(one["position"], one["event"]) for one in ledger.recorded(0, 5000)]
    with client.stream("GET", "/api/v1/events?after=0") as stream:
        first = read(stream, 700)
    header = {"Last-Event-ID": str(first[-1][0])}
    with client.stream("GET", "/api/v1/events", headers=header) as stream:
        rest = read(stream, len(every) - len(first))
    assert first + rest == every


def test_many_read_while_many_write_and_all_see_the_same(client: httpx.Client, place: str) -> None:
    seen: list[list[int]] = []

    def follow() -> None:
        with client.stream("GET", "/api/v1/events?after=0") as stream:
            seen.append([position for position, _ in read(stream, 100)])

    def write(part: int) -> None:
        with Ledger.open(place) as ledger:
            for n in range(part, 120, 3):
                ledger.append([fact(n)])

    threads = [threading.Thread(target=follow) for _ in range(8)]
    threads += [threading.Thread(target=write, args=(part,)) for part in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert seen == [list(range(1, 101))] * 8


def test_a_creators_stream_has_the_own_facts_alone(client: httpx.Client, place: str) -> None:
    with client.stream("GET", "/api/v1/creators/bo/events?after=0") as stream:
        with Ledger.open(place) as ledger:
            ledger.append([fact(1), fact(2, "bo"), fact(3), fact(4, "bo")])
        assert [event["id"] for _, event in read(stream, 2)] == ["n2", "n4"]


def test_a_stream_ends_with_its_token(tmp_path: Path) -> None:
    place, access = filled(tmp_path, MEI), tmp_path / "tokens.db"
    header = token(access, Role.CREATOR, "mei")
    with served(Settings(place, access=access)) as client, Tokens(access) as tokens:
        assert client.get("/api/v1/events", headers=header).status_code == 403
        foreign = client.get("/api/v1/creators/bo/events", headers=header)
        assert foreign.status_code == 403
        with client.stream("GET", "/api/v1/creators/mei/events", headers=header) as stream:
            tokens.revoke(tokens.all()[0].id)
            with Ledger.open(place) as ledger:
                time.sleep(0.3)
                ledger.append([fact(1)])
            assert read(stream, 1) == []


def test_positions_that_are_none_are_refused(client: httpx.Client) -> None:
    for query in ("after=-1", "after=x", f"after={2**63}"):
        assert client.get(f"/api/v1/events?{query}").status_code == 422
