"""A writer in a process of its own: `writer.py URL NAME COUNT PAGE [die]`.

It prints each id once the log has answered for it. With `die` it is killed, by itself, in the
middle of its last page: written, not committed.
"""

import os
import signal
import sys
from typing import Any

from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled
from ledger.log.page import Progress
from ledger.log.port import open_log


def fact(name: str, number: int, subject: str = "") -> Envelope:
    return Envelope(
        f"writer-{name}", f"e{number}", subject or f"c{number % 7}", 1, CreatorEnrolled()
    )


def at(line: int, id_: str = "w") -> Progress:
    """An import that keeps the line it has reached."""
    return id_, lambda receipts, kept: ("file", str(line))


def main(url: str, name: str, count: int, page: int, *, die: bool) -> None:
    with open_log(url, create=True) as log:
        for start in range(0, count, page):
            if die and start + page >= count:
                die_when_written(log)
            facts = [fact(name, number) for number in range(start, start + page)]
            receipts = log.append(facts, progress=at(start + page))
            assert all(r.status != "conflict" for r in receipts)
            print(*[e.id for e in facts], flush=True)


def die_when_written(log: Any) -> None:
    write = log._write

    def killed(*args: Any) -> None:
        write(*args)
        os.kill(os.getpid(), signal.SIGKILL)

    log._write = killed


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), die=len(sys.argv) > 5)
