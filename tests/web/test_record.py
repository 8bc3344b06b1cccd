"""Facts in: each once, a page whole or not at all, at the version that was read."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from web_served import MEI, event, filled, served

from replay.web.settings import Limits, Settings

API = "/api/v1"


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[httpx.Client]:
    with served(Settings(filled(tmp_path, MEI))) as client:
        yield client


SINGLE = {"Content-Type": "application/cloudevents+json"}
BATCH = {"Content-Type": "application/cloudevents-batch+json"}


def test_a_fact_is_recorded_once(fresh: httpx.Client) -> None:
    said = [fresh.post(f"{API}/facts", json=event(1), headers=SINGLE) for _ in range(2)]
    assert [each.status_code for each in said] == [201, 200]
    first, again = (each.json()["receipts"][0] for each in said)
    assert (first["status"], again["status"]) == ("recorded", "duplicate")
    assert first["position"] == again["position"]


def test_a_batch_is_one_transaction(fresh: httpx.Client) -> None:
    wrong = fresh.post(f"{API}/facts", json=[event(1), {"id": "x"}], headers=BATCH)
    assert wrong.status_code == 422
    assert wrong.json()["detail"].startswith("fact 2, ")
    assert fresh.get(f"{API}/creators/mei/facts").json()["version"] == 7
    right = fresh.post(f"{API}/facts", json=[event(1), event(2)], headers=BATCH)
    assert [receipt["version"] for receipt in right.json()["receipts"]] == [8, 9]


def test_another_content_under_the_same_id_is_a_conflict(fresh: httpx.Client) -> None:
    fresh.post(f"{API}/facts", json=event(1), headers=SINGLE)
    other = event(1) | {"time": "2024-08-21T09:00:00+08:00"}
    said = fresh.post(f"{API}/facts", json=[other, event(2)], headers=BATCH)
    assert said.status_code == 409
    assert [receipt["status"] for receipt in said.json()["receipts"]] == ["conflict", "recorded"]


def test_only_at_the_version_that_was_read(fresh: httpx.Client) -> None:
    stale = fresh.post(f"{API}/facts", json=event(1), headers=SINGLE | {"If-Match": '"6"'})
    assert stale.status_code == 412
    right = fresh.post(f"{API}/facts", json=event(1), headers=SINGLE | {"If-Match": '"7"'})
    assert right.status_code == 201
    none = fresh.post(f"{API}/facts", json=event(2), headers=SINGLE | {"If-Match": "latest"})
    assert none.status_code == 422


def test_the_same_key_gets_the_same_answer_and_another_request_none(fresh: httpx.Client) -> None:
    keyed = SINGLE | {"Idempotency-Key": "a"}
    first, again = (fresh.post(f"{API}/facts", json=event(1), headers=keyed) for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.status_code == 201
    other = fresh.post(f"{API}/facts", json=event(2), headers=keyed)
    assert other.status_code == 422
    refused = fresh.post(f"{API}/facts", json={}, headers=SINGLE | {"Idempotency-Key": "b"})
    mended = fresh.post(f"{API}/facts", json=event(3), headers=SINGLE | {"Idempotency-Key": "b"})
    assert (refused.status_code, mended.status_code) == (422, 201)


def test_what_is_no_body_of_facts_is_refused(fresh: httpx.Client) -> None:
    for body, media, status in (
        (b"{}", "text/plain", 415),
        (b"", "application/json", 422),
        (b"{", "application/json", 422),
        (b"[]", "application/json", 422),
        (b"[1]", "application/json", 422),
        (b'"x"', "application/json", 422),
        (b"\xff\xfe", "application/json", 422),
        (b"[" * 100_000, "application/json", 422),
    ):
        said = fresh.post(f"{API}/facts", content=body, headers={"Content-Type": media})
        assert said.status_code == status, (body[:20], said.text)


def test_a_body_of_a_hundred_megabytes_is_refused(tmp_path: Path) -> None:
    settings = Settings(filled(tmp_path, MEI), limits=Limits(body=1 << 20))
    with served(settings) as client:
        host, port = client.base_url.host, client.base_url.port
        with socket.create_connection((host, port or 0), timeout=10) as connection:
            head = f"POST {API}/facts HTTP/1.1\r\nHost: {host}:{port}\r\n"
            told = f"Content-Type: application/json\r\nContent-Length: {100 << 20}\r\n\r\n"
            connection.sendall((head + told).encode())
            assert connection.recv(4096).startswith(b"HTTP/1.1 413")  # before any of it is sent
        answer = None
        chunks = (b" " * (1 << 20) for _ in range(100))
        with suppress(httpx.TransportError):  # as the server stops reading
            media = {"Content-Type": "application/json"}
            answer = client.post(f"{API}/facts", content=chunks, headers=media)
        assert answer is None or answer.status_code == 413
        assert client.get(f"{API}/creators").status_code == 200
