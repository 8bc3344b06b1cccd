"""A server that is told to end does: soon, quietly, and whatever is open."""

import signal
import socket
import time
from pathlib import Path

import pytest
from web_served import MEI, Process, filled, process

ENDS = {"Ctrl-C": signal.SIGINT, "SIGTERM": signal.SIGTERM}
STREAM = "/api/v1/events"
LONG = "/api/v1/standings?limit=200"
IN_TIME = 4.0
"""Seconds: it takes two, and other tests run beside."""


def opened(server: Process, path: str) -> socket.socket:
    """A connection on which something was asked."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return connection


@pytest.mark.parametrize("how", ENDS)
def test_it_ends_under_an_open_stream_within_two_seconds_and_says_nothing(
    how: str, tmp_path: Path
) -> None:
    with process(filled(tmp_path, MEI)) as server, opened(server, STREAM) as stream:
        assert stream.recv(4096).startswith(b"HTTP/1.1 200")
        begun = time.monotonic()
        server.popen.send_signal(ENDS[how])
        _, said = server.popen.communicate(timeout=10)
        assert time.monotonic() - begun < IN_TIME
        assert server.popen.returncode == 0
        assert said.splitlines() == [f"serving on http://127.0.0.1:{server.port}/ (Ctrl-C ends it)"]
        rest = b""
        while more := stream.recv(4096):
            rest += more
        assert rest.endswith(b"0\r\n\r\n")  # an end, not a cut


def test_it_ends_while_it_computes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "sitecustomize.py"  # any answer takes ten seconds
    slow.write_text(
        "import time\nfrom projections.standing.question import Question\n"
        "Question.creators = lambda *_: iter(time.sleep(10) or ())\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    with process(filled(tmp_path, MEI)) as server:
        for path in (LONG, "/overview"):
            opened(server, path).close()
        with opened(server, LONG):
            time.sleep(0.5)
            begun = time.monotonic()
            server.popen.send_signal(signal.SIGTERM)
            _, said = server.popen.communicate(timeout=10)
    assert time.monotonic() - begun < IN_TIME
    assert server.popen.returncode == 0
    assert "Traceback" not in said
