"""A real server for a test, on a port of its own: in a thread, or as a process."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec

from replay.library import Ledger
from replay.web.access.grants import Role
from replay.web.access.tokens import Tokens
from replay.web.app import make
from replay.web.server import Server
from replay.web.settings import Settings

ROOT = Path(__file__).parents[1]
PROGRAM = Path(sys.executable).parent / "penalty-ledger"
MEI = ROOT / "examples" / "exam-in-place" / "exam_then_appeal.jsonl"


def filled(place: Path, *files: Path) -> str:
    """The URL of a ledger that holds the facts of some files."""
    url = f"sqlite:///{place}/ledger.db"
    with Ledger.open(url, create=True) as ledger:
        for file in files:
            ledger.append(file.read_text("utf-8").splitlines())
    return url


def event(number: int, subject: str = "mei", **data: object) -> dict[str, Any]:
    """A CloudEvent whose type others replace."""
    made = {
        "specversion": "1.0", "source": "urn:test", "id": f"n{number}", "subject": subject,
        "time": "2024-08-20T09:00:00+08:00", "type": "exam_right_claimed",
    }  # fmt: skip
    return made | ({"data": data} if data else {})


def token(access: Path, role: Role, creator: str = "", *, seconds: int = 600) -> dict[str, str]:
    """The header of a new token."""
    with Tokens(access, create=True) as tokens:
        shown = tokens.new(f"the {role}", role, seconds, creator)
    return {"Authorization": f"Bearer {shown}"}


@contextmanager
def served(settings: Settings) -> Iterator[httpx.Client]:
    """A client of it; its `base_url` says where it is."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        server = Server(make(settings), "127.0.0.1", port)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


class Process(NamedTuple):
    """A server as `serve` starts it."""

    popen: "subprocess.Popen[str]"
    port: int

    def held(self) -> float:
        """MB that it holds."""
        status = Path(f"/proc/{self.popen.pid}/status").read_text("ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1000


@contextmanager
def process(db: str, *more: str) -> Iterator[Process]:
    """One that has begun; it is ended, if it has not."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(PROGRAM), "--db", db, "serve", "--port", str(port), *more]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as popen:
        try:
            while True:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                assert popen.poll() is None, popen.communicate()
                time.sleep(0.05)
            yield Process(popen, port)
        finally:
            popen.kill()


def changed(settings: Settings, **other: object) -> Settings:
    """The same but for some."""
    return msgspec.structs.replace(settings, **other)
