"""`scripts/demo --serve` leaves the page open on the examples, until it is interrupted."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from .sources import ROOT

EXAMPLES = ("mei", "kevin-magnussen")


def test_the_examples_are_open_until_it_is_interrupted(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    command = [sys.executable, str(ROOT / "scripts" / "demo.py"), "--serve", "--port", port]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    ) as demo:  # fmt: skip
        try:
            said = {name: _page(f"http://127.0.0.1:{port}/creators/{name}") for name in EXAMPLES}
        finally:
            signal_of_terminal(demo)
        out, _ = demo.communicate(timeout=30)
    for name, text in said.items():
        assert name in text
        assert f"http://127.0.0.1:{port}/creators/{name}" in out
    assert demo.returncode == 0, out


def signal_of_terminal(demo: subprocess.Popen[str]) -> None:
    """Ctrl-C, which everything that a terminal runs gets."""
    os.killpg(demo.pid, signal.SIGINT)


def _page(url: str) -> str:
    for _ in range(300):
        try:
            return httpx.get(url, headers={"Accept": "text/html"}).raise_for_status().text
        except httpx.ConnectError:
            time.sleep(0.2)
    raise AssertionError("nobody answers")
