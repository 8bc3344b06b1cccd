"""Ends a leader that was stopped while it wrote to a SQLite file, and that nobody will wait for.

A stopped process keeps its locks, and SQLite's can't be taken from it: no other could lead while it
is frozen. Its death gives the lock back, and what it had not committed was never there; on waking
it would have been refused anyway. So it is ended where all of this is so: it has the lock, it is a
leader by its own entry, its lease has run out, and it is stopped (SIGSTOP, Ctrl-Z). Linux only.
"""

import os
import signal
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

WRITER = "120"
"""The byte of the `-shm` file that is locked by whoever writes to a database in WAL mode."""


def end_frozen(database: Path, run_out: Iterable[str]) -> Iterator[int]:
    """The processes that were ended. `run_out`: the owners whose leases have run out."""
    here = socket.gethostname()
    leaders = {tuple(owner.split(":")[:2]) for owner in run_out}
    with suppress(OSError):
        for pid in writers(database):
            if (here, str(pid)) in leaders and _stopped(pid):
                os.kill(pid, signal.SIGKILL)
                yield pid


def writers(database: Path) -> Iterator[int]:
    """Who has the lock of a writer; at most one, as of this moment."""
    inode = str(Path(f"{database}-shm").stat().st_ino)
    for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
        _, *kind, pid, file, start, end = line.split()
        if kind[-1:] == ["WRITE"] and file.split(":")[-1] == inode and start == end == WRITER:
            yield int(pid)


def _stopped(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    return state.rpartition(") ")[2].startswith("T")
