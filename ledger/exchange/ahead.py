"""The next pages of a large file, read and judged by a second process while one is recorded.

Reading a line takes about as long as recording its fact, and one core does one of them at a time.
The second process reads on where the first stopped, and sends pages through a pipe that holds few
of them; it never touches the log. Where it fails, or where there can be none, the first goes on by
itself: what is recorded is the same.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import msgspec
from msgspec import Struct

from ledger.exchange.tally import Line, Skipped
from ledger.facts.cloudevents import Refusal
from ledger.facts.envelope import Envelope

WORTH = 4 * 1024 * 1024
"""Bytes of a file from which a second process is worth its start."""
_PREFIX = 8


class Page(Struct, array_like=True, gc=False):
    """Lines, and what goes with them to the first process."""

    numbers: list[int]
    texts: list[bytes]
    facts: list[Envelope]
    others: dict[int, Refusal | Skipped]
    """What is no fact, by its place in the page."""
    ignored: int
    """Facts whose recorded time is not honoured."""
    done: int
    """Bytes of the file that are read."""

    @classmethod
    def of(cls, lines: list[Line], ignored: int, done: int) -> "Page":
        """Of lines that were not counted before."""
        said = [line[2] for line in lines]
        return cls(
            [line[0] for line in lines],
            [line[1] for line in lines],
            [each for each in said if type(each) is Envelope],
            {n: each for n, each in enumerate(said) if isinstance(each, Refusal | Skipped)},
            ignored,
            done,
        )

    def lines(self) -> list[Line]:
        """As they were."""
        facts = iter(self.facts)
        said = (self.others.get(n) or next(facts) for n in range(len(self.numbers)))
        return list(zip(self.numbers, self.texts, said if self.others else facts, strict=True))


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Page).decode


class Ahead:
    """Pages from the second process. `finished` once all of them have come."""

    def __init__(self, pipe: BinaryIO | None) -> None:
        self._pipe = pipe
        self.finished = False

    def __iter__(self) -> Iterator[Page]:
        while self._pipe is not None:
            prefix = self._pipe.read(_PREFIX)
            length = int.from_bytes(prefix, "big")
            if length == 0:
                self.finished = len(prefix) == _PREFIX
                return
            data = self._pipe.read(length)
            if len(data) < length:
                return
            yield _decode(data)


@contextmanager
def read_ahead(pages: Iterator[Page]) -> Iterator[Ahead]:
    """Pages, made by a second process; none where there can't be one, or one only with risk."""
    if not hasattr(os, "fork") or threading.active_count() > 1:
        yield Ahead(None)
        return
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        _send(pages, ours, theirs)
    os.close(theirs)
    try:
        with os.fdopen(ours, "rb") as pipe:
            yield Ahead(pipe)
    finally:
        os.waitpid(child, 0)


def _send(pages: Iterator[Page], ours: int, theirs: int) -> None:
    """All that the second process does. It ends when nobody reads any more."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.close(ours)
        with os.fdopen(theirs, "wb") as pipe:
            for page in pages:
                data = _encode(page)
                pipe.write(len(data).to_bytes(_PREFIX, "big"))
                pipe.write(data)
                pipe.flush()
            pipe.write(bytes(_PREFIX))
    finally:
        os._exit(0)  # nothing that the first process holds is to be let go of twice
