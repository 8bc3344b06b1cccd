"""A real `penalty-ledger project` that can be killed, frozen, stopped and listened to."""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

import redis_servers
from click.testing import CliRunner, Result
from servers import PATIENCE, die_with_parent

from .judge import ALL
from .places import Place

LEASE, PATIENCE_OF_RUNNER = 1.0, 0.25
"""Seconds; the command's own are longer, and so would each takeover and each outage be."""
PROGRAM = (
    "from projections.readmodels import follower\n"
    "follower.LEASE = {lease}\n"
    "from projections.readmodels import runner\n"
    "runner.PATIENCE = {patience}\n"
    "from projections.readmodels.sql import postgres\n"
    "postgres.IDLE_SECONDS = {lease}\n"
    "from replay.cli import main\n"
    "main()"
)


class Project:
    """One runner. Its standard error is read all the time, so that a full disk can't stop it."""

    def __init__(self, place: Place, lease: float = LEASE) -> None:
        program = PROGRAM.format(lease=lease, patience=PATIENCE_OF_RUNNER)
        command = [sys.executable, "-c", program, "--db", place.db, "project"]
        command += ["--feed", str(ALL), *place.arguments]
        self._process = subprocess.Popen(
            command,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509  only a system call, before exec
        )
        self._lines: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as stream:
            self._lines.extend(iter(stream.readline, ""))

    @property
    def said(self) -> str:
        return "".join(self._lines)

    @property
    def pid(self) -> int:
        return self._process.pid

    def until_it_says(self, words: str, times: int = 1) -> None:
        redis_servers.until(lambda: self.said.count(words) >= times or self.ended, lambda: words)
        assert self.said.count(words) >= times, self.said

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(PATIENCE)

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> float:
        """As an operator would; the seconds it took. It must end well."""
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(PATIENCE) == 0, self.said
        return time.monotonic() - began

    def limit_files(self, size: int) -> None:
        """No file may grow beyond so many bytes: to this process the disk is full."""
        _, most = resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (size, most))


def command(
    *arguments: str, given: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """The command line, to its end."""
    return subprocess.run(
        [sys.executable, "-c", "from replay.cli import main; main()", *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )


def in_process(*arguments: str) -> Result:
    """The command line without a process of its own: a start of Python is spared."""
    from replay.cli import main

    return CliRunner().invoke(main, arguments)


def check(place: Place, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`check --drift`, and it must not break down."""
    made = command("--db", place.db, "check", "--drift", *arguments, *place.arguments)
    assert "compared" in made.stdout, made.stderr
    assert made.returncode in {0, 1}
    return made


def differs(place: Place) -> bool:
    """Whether anything is held otherwise; what has fallen due since is another thing."""
    view = json.loads(check(place, "--json").stdout)
    return bool(view["differs"] or view["counts"])


def sentences(runs: Sequence[Project]) -> None:
    """Whatever happened, nobody was shown a traceback."""
    for one in runs:
        assert "Traceback" not in one.said, one.said
