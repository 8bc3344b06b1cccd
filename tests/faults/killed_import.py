"""`killed_import.py POINT ARGS…`: the program, killed by itself at one of the points of an import.

Points are counted through: before and after each page goes to the log, and each time that
something is to be on disk before it.
"""

import os
import signal
import sys
from typing import Any

from ledger.log.sqlite.store import SQLiteLog
from replay.cli import main

left = int(sys.argv.pop(1))


def point() -> None:
    global left  # noqa: PLW0603  a program of its own
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)


def append(log: SQLiteLog, *args: Any, _append: Any = SQLiteLog.append, **named: Any) -> Any:
    point()
    answer = _append(log, *args, **named)
    point()
    return answer


def fsync(fd: int, _fsync: Any = os.fsync) -> None:
    point()
    _fsync(fd)


SQLiteLog.append, os.fsync = append, fsync  # type: ignore[method-assign,assignment]
main()
