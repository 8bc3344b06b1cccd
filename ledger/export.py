"""The log as CloudEvents JSONL: what went in comes out, with the time at which it was recorded."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ledger.cloudevents import encode
from ledger.errors import InputError
from ledger.log import Reader


def lines(log: Reader, subject: str | None, after: int) -> Iterator[str]:
    """Each fact after a position as one line, up to where the log ended at the first of them."""
    if subject is not None:
        yield from (encode(e) for e in log.stream(subject) if e.position > after)
        return
    head = log.head()
    while after < head and (page := log.after(after)):
        for envelope in page:
            if envelope.position > head:
                return
            yield encode(envelope)
        after = page[-1].position


def write_whole(path: Path, text: Iterable[str]) -> int:
    """Write a file that is whole or not there at all; returns the number of lines."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    count = 0
    try:
        with new.open("w", encoding="utf-8", newline="\n") as out:
            for line in text:
                out.write(line)
                out.write("\n")
                count += 1
            out.flush()
            os.fsync(out.fileno())
        new.replace(path)
    except OSError as error:
        raise InputError(f"{path}: can't be written: {error.strerror}") from None
    finally:
        new.unlink(missing_ok=True)
    return count
