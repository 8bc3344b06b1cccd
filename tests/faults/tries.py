"""A try: a reader is given bytes, and what it ends in; of what is wrong, the fewest such bytes."""

import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import FrameType
from typing import NamedTuple

import click

from ledger.errors import LedgerError
from ledger.seal.offline import WrongError

from .mutations import mutated

ROOT = Path(__file__).parents[2]
LIMIT = 5.0
"""Seconds of the processor that a try may take."""
ACCEPTED, REFUSED, TRACEBACK, HANG = "accepted", "refused", "tracebacks", "hangs"
SENTENCES = (LedgerError, WrongError, click.ClickException)
CUTS = 400
"""Tries that the search for smaller bytes may take."""


class Reader(NamedTuple):
    """What takes bytes of somebody: raises one of `SENTENCES`, or has taken them."""

    name: str
    samples: list[bytes]
    read: Callable[[bytes], object]


class Ended(NamedTuple):
    """How a try ended; `what` and `where` only of what should not be."""

    how: str
    what: str = ""
    where: str = ""

    @property
    def wrong(self) -> bool:
        return self.how in (TRACEBACK, HANG)


class HangError(BaseException):
    """The limit of a try; no `except Exception` takes it."""


def drawn(reader: Reader, seed: int, number: int) -> bytes:
    """What the try of that number is given, whatever came before it."""
    random = Random(f"{seed} {reader.name} {number}")
    return mutated(random, random.choice(reader.samples), random.choice(reader.samples))


def tried(reader: Reader, data: bytes, limit: float = LIMIT) -> Ended:
    try:
        with _limited(limit):
            reader.read(data)
    except SENTENCES as said:
        return Ended(REFUSED) if str(said).strip() else _wrong(TRACEBACK, said)
    except HangError as hang:
        return _wrong(HANG, hang)
    except Exception as error:
        return _wrong(TRACEBACK, error)
    return Ended(ACCEPTED)


def smallest(reader: Reader, data: bytes, ended: Ended) -> bytes:
    """Fewer bytes that end alike, as far as some hundred tries find them."""
    left, size = CUTS if ended.how == TRACEBACK else 12, max(1, len(data) // 2)
    while left > 0:
        at = 0
        while at < len(data) and left > 0:
            left -= 1
            shorter = data[:at] + data[at + size :]
            if tried(reader, shorter) == ended:
                data = shorter
            else:
                at += size
        if size == 1:
            break
        size //= 2
    return data


def _wrong(how: str, error: BaseException) -> Ended:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if Path(f.filename).is_relative_to(ROOT)]
    own = [f for f in ours if not Path(f.filename).is_relative_to(ROOT / "tests")] or ours
    place = own[-1] if own else frames[-1]
    file = Path(place.filename)
    shown = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file.name
    # how far a loop has come says nothing of where it hangs
    line = "" if how == HANG else f":{place.lineno}"
    return Ended(how, type(error).__name__, f"{shown}{line} {place.name}")


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Time of the processor, so that a busy machine hangs nobody; pytest has the other alarm."""

    def over(_number: int, _frame: FrameType | None) -> None:
        raise HangError(f"{seconds} s")

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
