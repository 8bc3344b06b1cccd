"""The log as CloudEvents JSONL: what went in comes out, with the time at which it was recorded."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.errors import InputError
from ledger.facts.cloudevents import encode
from ledger.files import whole
from ledger.log.port import Reader
from ledger.text import safe

_SQLITE = b"SQLite format 3\0"


def lines(log: Reader, subject: str | None, after: int) -> Iterator[str]:
    """Each fact after a position as one line, up to where the log ended at the first of them."""
    if subject is not None:
        yield from (safe(encode(e)) for e in log.stream(subject) if e.position > after)
        return
    head = log.head()
    while after < head and (page := log.after(after)):
        for envelope in page:
            if envelope.position > head:
                return
            yield safe(encode(envelope))
        after = page[-1].position


def write_whole(path: Path, text: Iterable[str]) -> int:
    """Write a file that is whole or not there at all; returns the number of lines."""
    count = 0
    with writing(path) as write:
        for line in text:
            write(line)
            count += 1
    return count


@contextmanager
def writing(path: Path) -> Iterator[Callable[[str], object]]:
    """What writes a line to a file that will be whole or not there at all."""
    _free(path)
    try:
        with whole(path) as out:
            yield lambda line: out.write(line.encode() + b"\n")
    except BrokenPipeError:
        raise  # of somebody else's: a reader had enough
    except OSError as error:
        raise InputError(f"{path}: can't be written: {error.strerror}") from None


def _free(path: Path) -> None:
    """Refuse to put an export in the place of a store or of a device."""
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: can't be written: it is there and is no file; name another")
    try:
        with path.open("rb") as file:
            store = file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return  # not there, or for `open` to complain about
    if store:
        raise InputError(f"{path}: can't be written: it is a database; name another file")
