"""Whoever is slow, silent or greedy costs little, and holds nobody else up."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import h11
import httpx
import pytest
from web_served import MEI, event, filled, process, served

from replay.web import connection
from replay.web.settings import Settings

FACTS = "/api/v1/facts"
STANDING = "/api/v1/creators/mei/standing"
HEAD = "Host: localhost\r\nContent-Type: application/json\r\n"


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    monkeypatch.setattr(connection, "SENT", {h11.IDLE: 0.5, h11.SEND_BODY: 0.8})
    monkeypatch.setattr(connection, "TAKEN", 1.0)
    monkeypatch.setattr(connection, "MOST", 30)
    with served(Settings(filled(tmp_path, MEI))) as client:
        yield client


@contextmanager
def opened(client: httpx.Client, said: str = "", **given: int) -> Iterator[socket.socket]:
    """A connection on which something was said."""
    address = (client.base_url.host, client.base_url.port)
    with socket.socket() as own:
        for option, value in given.items():
            own.setsockopt(socket.SOL_SOCKET, getattr(socket, option), value)
        own.settimeout(10)
        own.connect(address)
        own.sendall(said.encode())
        yield own


def rest(own: socket.socket) -> bytes:
    """Until it is closed at the other end."""
    said = b""
    with suppress(ConnectionResetError):
        while more := own.recv(65536):
            said += more
    return said


DRIPS = {
    "nothing": ("", b""),
    "a line that never ends": ("GET /", b"x"),
    "headers one by one": (f"GET {STANDING} HTTP/1.1\r\n", b"X-A: b\r\n"),
    "a body bit by bit": (f"POST {FACTS} HTTP/1.1\r\n{HEAD}Content-Length: 5000\r\n\r\n", b"["),
}


@pytest.mark.parametrize("name", DRIPS)
def test_what_comes_too_slowly_is_cut_off(name: str, client: httpx.Client) -> None:
    first, more = DRIPS[name]
    begun = time.monotonic()
    with opened(client, first) as own, suppress(OSError):
        own.settimeout(0.1)
        said = b""
        while time.monotonic() < begun + 5 and b"\r\n\r\n" not in said:
            own.sendall(more)
            with suppress(TimeoutError):
                said = own.recv(4096)
    assert said.startswith(b"HTTP/1.1 408 ")
    assert b"Connection: close" in said
    assert 0.4 < time.monotonic() - begun < 5
    assert client.get(STANDING).status_code == 200


def test_those_who_drip_hold_nobody_up(client: httpx.Client) -> None:
    half = f"POST {FACTS} HTTP/1.1\r\n{HEAD}Content-Length: 5000\r\n\r\n["
    with ExitStack() as many:
        for _ in range(25):
            many.enter_context(opened(client, half))
        begun = time.monotonic()
        assert client.get(STANDING).status_code == 200
        assert time.monotonic() - begun < 1.5


def test_one_connection_too_many_is_told_to_come_again(client: httpx.Client) -> None:
    with ExitStack() as many:
        last = [many.enter_context(opened(client)) for _ in range(35)][-1]
        said = last.recv(4096)
    assert said.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 1\r\n" in said
    time.sleep(0.3)
    assert client.get(STANDING).status_code == 200


def test_whoever_never_reads_the_stream_is_let_go(client: httpx.Client, tmp_path: Path) -> None:
    ask = "GET /api/v1/events?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with opened(client, ask, SO_RCVBUF=4096) as own:
        for batch in range(6):  # more than the buffers on both sides hold
            facts = [
                event(
                    batch * 5000 + n, violation=f"v{batch}-{n}", category="misleading",
                    detected_by="other", circumstances="x" * 900,
                ) | {"type": "violation_found"}
                for n in range(5000)
            ]  # fmt: skip
            assert client.post(FACTS, json=facts, timeout=60).status_code == 201
        time.sleep(4)
        own.settimeout(5)
        said = rest(own)
    assert not said.endswith(b"0\r\n\r\n")
    assert len(said) < 12_000_000
    assert client.get(STANDING).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/events", STANDING])
def test_a_connection_that_is_half_closed_ends(path: str, client: httpx.Client) -> None:
    with opened(client, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n") as own:
        own.shutdown(socket.SHUT_WR)
        begun = time.monotonic()
        rest(own)
        assert time.monotonic() - begun < 5


def test_a_body_of_a_hundred_megabytes_is_not_read_and_takes_no_memory(tmp_path: Path) -> None:
    with process(filled(tmp_path, MEI)) as server:
        before, sent = server.held(), 0
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as own:
            own.sendall(
                f"POST {FACTS} HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode()
            )
            piece = b"100000\r\n" + b" " * (1 << 20) + b"\r\n"
            with suppress(ConnectionError):
                for _ in range(100):
                    own.sendall(piece)
                    sent += 1
            said = rest(own)
        assert said.startswith(b"HTTP/1.1 413 ") or not said  # where the end overtook it
        assert sent < 50
        assert server.held() < before + 60
        answer = httpx.get(f"http://127.0.0.1:{server.port}{STANDING}")
        assert answer.status_code == 200


def test_whoever_goes_away_in_the_middle_is_no_fault(tmp_path: Path) -> None:
    with process(filled(tmp_path, MEI)) as server:
        for asked in (f"POST {FACTS} HTTP/1.1\r\n{HEAD}Content-Length: 99\r\n\r\n[",
                      f"GET {STANDING} HTTP/1.1\r\nHost: localhost\r\n\r\n"):  # fmt: skip
            with socket.create_connection(("127.0.0.1", server.port)) as own:
                own.sendall(asked.encode())
        time.sleep(1)
        server.popen.terminate()
        _, said = server.popen.communicate(timeout=10)
    assert len(said.splitlines()) == 1, said
