"""A process that ends, by itself, in the middle of a step: `sql_writer.py URL WHERE`.

It writes one step whole, says so, and dies in the second: `WHERE` is the number of statements of
the transaction that are done by then; `commit` is after the last one, before the COMMIT. With
`STOP SECONDS [OWNER]` behind it it freezes there, as the owner of a lease of so many seconds.
"""

import os
import signal
import sys
from typing import Any

from projections.readmodels import runner
from projections.readmodels.contract import LATER, LEASE, row
from projections.readmodels.sql import postgres
from projections.readmodels.sql.target import open_sql
from projections.readmodels.target import Change, Checkpoint, Step

CREATORS = [f"c{n:03}" for n in range(200)]
NEXT = Checkpoint(position=11, clock=2000, law="law", log="log")


def first() -> Step:
    return Step(generation=1, before=None, after=LATER, rows=[row(c, 700) for c in CREATORS])


def second() -> Step:
    rows = [row(c, 800, due=None, as_of=9) for c in CREATORS[:150]]
    changes = [Change(c, c, b"{}") for c in CREATORS[:150]]
    return Step(
        generation=1, before=LATER, after=NEXT, rows=rows, removed=CREATORS[150:], changes=changes
    )


class Dying:
    """A session that counts what is done in it."""

    def __init__(self, session: Any, left: int, how: str) -> None:
        self.session, self.left, self.how = session, left, how

    def __getattr__(self, name: str) -> Any:
        def done(*args: Any, **more: Any) -> Any:
            found = getattr(self.session, name)(*args, **more)
            self.left -= 1
            if self.left == 0:
                die(self.how)
            return found

        return done


def die(how: str) -> None:
    os.kill(os.getpid(), signal.Signals[f"SIG{how}"])


def main(url: str, where: str, how: str = "KILL", lease: str = "", owner: str = "") -> None:
    seconds, me = float(lease or LEASE), owner or (runner.owner() if lease else "me")
    postgres.IDLE_SECONDS = seconds
    target = open_sql(url)
    target.apply(first(), me, seconds)
    print("first", flush=True)
    writing = target.store.writing
    from contextlib import contextmanager

    @contextmanager
    def dying() -> Any:
        with writing() as session:
            yield Dying(session, -1 if where == "commit" else int(where), how)
            if where == "commit":
                die(how)

    target.store.writing = dying  # type: ignore[method-assign]
    target.apply(second(), me, seconds)
    print("second", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
