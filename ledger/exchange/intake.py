"""A file of facts into the log, page by page, at a constant use of memory.

Bad lines are set aside and the good ones kept. Each page, the count of what became of it and the
place that it reaches are committed together, so an import that is lost goes on where it stopped
and its account is that of the whole file.
"""

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import blake2b, sha256
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from msgspec import Struct

from ledger.errors import InputError
from ledger.exchange.ahead import WORTH, Page, read_ahead
from ledger.exchange.rejects import Rejects
from ledger.exchange.tally import DONE, UNDONE, Line, Tally, decode, encode
from ledger.facts.cloudevents import Refusal, parse
from ledger.facts.envelope import Envelope
from ledger.facts.jsonline import SIZE_LIMIT
from ledger.log.port import Log, Receipt

PAGE = 2_000
_SAMPLE = 64 * 1024
_BOM = b"\xef\xbb\xbf"


class How(Struct, frozen=True, kw_only=True):
    """How a file comes in."""

    page: int = PAGE
    trust: bool = False
    """Honour `recordedtime`."""
    to_come: bool = False
    """… also where it is later than this machine's clock."""
    whole: bool = False
    """All in one transaction, or nothing where a line is not taken. It is held in memory."""
    rejects: Path | None = None
    progress: Callable[[int, int], None] | None = None
    """Called after each page with the bytes done and the bytes in all."""


class Source(Protocol):
    """A file that gives lines, or a table that gives them of its rows."""

    name: str
    """For refusals."""
    path: str
    """Where it is; for rejects."""
    key: str
    """What tells it from others; `""` where it can't be read again."""
    size: int
    end: bytes
    """Of a line."""

    def lines(self, skip: int, /) -> Iterator[Line]:
        """From the first; what the first `skip` say need not be worked out."""

    def header(self) -> bytes:
        """What stands above the lines, with its end."""

    def ignored(self, page: list[Line], /) -> int:
        """How many facts of the next page come with a recorded time that is not honoured."""

    def done(self) -> int:
        """Bytes read."""


class _WithheldError(Exception):
    """Something was not taken of what was to come in whole."""


def import_jsonl(path: Path, log: Log, how: How | None = None) -> Tally:
    """Bring a JSONL file of CloudEvents in. Raises InputError where it can't be read."""
    return import_source(JsonlFile(path, how or How()), log, how or How())


def import_source(source: Source, log: Log, how: How) -> Tally:
    """Record what the lines of a source say, setting the others aside."""
    if how.rejects is not None and os.path.realpath(how.rejects) == os.path.realpath(source.path):
        raise InputError(f"{source.path!r} can't take its own rejects: name another file for them")
    undone = sorted(span for text in log.imports(UNDONE).values() for span in decode(text).spans)
    kept = None
    if source.key and not how.whole:
        kept = next(reversed(log.imports(source.key).values()), None)
    read = sha256()
    tally = decode(kept) if kept else Tally()
    lines = source.lines(tally.read)
    for line in islice(lines, tally.read):
        read.update(line[1] + b"\n")
        source.ignored([line])
    if kept and read.hexdigest() != tally.digest:  # it has changed since
        log.append([], progress=(tally.id, lambda _receipts, old: (DONE, old or "")))
        kept, tally, read = None, Tally(), sha256()
        lines = source.lines(0)
    tally.resumed_at = tally.lines
    tally.id = tally.id or _new_id(source.key)
    tally.file = source.name
    with Rejects(how.rejects, source.path, tally.aside, source.header, source.end) as rejects:
        book = _Book(tally, DONE if how.whole else source.key, kept, rejects, undone, how)
        for page in _pages(source, lines, tally.read, None if how.whole else how.page):
            read.update(b"\n".join(page.texts) + b"\n")
            try:
                book.record(log, page.lines(), page.ignored, read.hexdigest())
            except _WithheldError:
                return book.tally
            if how.progress:
                how.progress(page.done, source.size)
        book.close(log)
        return book.tally


class _Book:
    """The account of an import, carried from page to page."""

    def __init__(
        self,
        tally: Tally,
        key: str,
        kept: str | None,
        rejects: Rejects,
        undone: list[tuple[int, int]],
        how: How,
    ) -> None:
        self.tally = tally
        self._key, self._rejects, self._undone, self._how = key, rejects, undone, how
        self._answered: set[str | None] = {kept}

    def record(self, log: Log, page: list[Line], ignored: int, digest: str) -> None:
        """Record a page with its count, and what is not taken of it before."""
        if self._how.trust and not self._how.to_come:
            now = time.time_ns() // 1000
            page = [(n, text, _past(said, self.tally.file, n, now)) for n, text, said in page]
        facts = [said for _, _, said in page if type(said) is Envelope]
        start = encode(self.tally)

        def count(receipts: list[Receipt], kept: str | None) -> tuple[str, str]:
            if kept not in self._answered:
                raise InputError(
                    f"{self.tally.file!r} is being imported by another as well, which has gone on: "
                    "this one stops, nothing is lost"
                )
            after = decode(start)
            refused = after.count(page, receipts, self._undone)
            after.ignored_recorded_times += ignored
            after.digest = digest
            after.aside = self._rejects.add(refused, after.aside)
            if self._how.whole and not after.clean:
                after.withhold()
                self.tally = after
                raise _WithheldError
            self.tally = after
            text = encode(after).decode()
            self._answered.add(text)
            return self._key, text

        log.append(facts, trust_recorded_times=self._how.trust, progress=(self.tally.id, count))
        self._rejects.passed()
        self._answered = {encode(self.tally).decode()}

    def close(self, log: Log) -> None:
        """What is finished is not gone on with."""
        text = encode(self.tally).decode()
        log.append([], progress=(self.tally.id, lambda _receipts, _kept: (DONE, text)))


class JsonlFile:
    """A file of lines."""

    end = b"\n"

    def __init__(self, path: Path, how: How) -> None:
        self.name, self.path, self._how = printable(path.name), str(path.absolute()), how
        self.key, self.size = fingerprint(path)
        self.key += "-trusted" * how.trust
        self._path = path
        self._file: BinaryIO

    def lines(self, skip: int, /) -> Iterator[Line]:
        """See `Source`."""
        with self._path.open("rb") as file:
            self._file = file
            yield from jsonl_lines(file, self.name, trust=self._how.trust, skip=skip)

    def header(self) -> bytes:
        """See `Source`."""
        return b""

    def done(self) -> int:
        """See `Source`."""
        return self.size if self._file.closed else self._file.tell()

    def ignored(self, page: list[Line], /) -> int:
        """See `Source`."""
        if self._how.trust:
            return 0
        return sum(b'"recordedtime"' in text for _, text, said in page if type(said) is Envelope)


class Stream(JsonlFile):
    """Lines that come once, such as those of standard input."""

    def __init__(self, file: BinaryIO, name: str, how: How) -> None:
        self.name = self.path = name
        self.key, self.size, self._file, self._how = "", 0, file, how

    def lines(self, skip: int, /) -> Iterator[Line]:
        """See `Source`."""
        return jsonl_lines(self._file, self.name, trust=self._how.trust, skip=skip)

    def done(self) -> int:
        """See `Source`."""
        return 0


def jsonl_lines(file: BinaryIO, name: str, *, trust: bool, skip: int = 0) -> Iterator[Line]:
    """The lines of a JSONL file, parsed; empty ones left out. None is ever held whole if huge."""
    number = 0
    read = file.readline
    while raw := read(SIZE_LIMIT + 2):
        number += 1
        if raw[-1] != 0x0A and len(raw) > SIZE_LIMIT:
            size = len(raw)
            while (rest := read(SIZE_LIMIT)) and rest[-1] != 0x0A:
                size += len(rest)
            size += len(rest)
            found = f"{size} bytes"
            said: Envelope | Refusal | None = None
            if skip <= 0:
                said = Refusal(name, number, "fact", found, "at most 64 KiB")
            skip -= 1
            yield number, raw[:200], said
            continue
        text = raw.rstrip(b"\r\n")
        if number == 1:
            text = text.removeprefix(_BOM)
        if text and not text.isspace():
            if skip > 0:
                skip -= 1
                yield number, text, None
            else:
                said = parse(text, file=name, line_no=number, trust_recorded_times=trust)
                yield number, text, said


def fingerprint(path: Path) -> tuple[str, int]:
    """What tells a file from another, and its size: its length, its age, its two ends.

    What lies between them is compared where a lost import goes on.
    """
    try:
        about = path.stat()
        with path.open("rb") as file:
            digest = blake2b(file.read(_SAMPLE), digest_size=16)
            file.seek(max(0, about.st_size - _SAMPLE))
            digest.update(file.read(_SAMPLE))
    except OSError as error:
        raise InputError(f"{str(path)!r} can't be read: {error.strerror}") from error
    return f"{about.st_size}-{about.st_mtime_ns}-{digest.hexdigest()}", about.st_size


def printable(name: str) -> str:
    """A file's name as text, also where it is none."""
    return name.encode("utf-8", "backslashreplace").decode()


def _pages(source: Source, lines: Iterator[Line], done: int, size: int | None) -> Iterator[Page]:
    """Those that a second process reads where that is worth it, then what is left."""
    pages = _read(source, lines, size)
    if size is not None and source.key and source.size >= WORTH:
        first = next(pages, None)  # what stands above the lines is known after it
        if first is None:
            return
        yield first
        done += len(first.numbers)
        with read_ahead(pages) as ahead:
            for page in ahead:
                done += len(page.numbers)
                yield page
        if ahead.finished:
            return
        pages = _read(source, islice(source.lines(done), done, None), size)
    yield from pages


def _read(source: Source, lines: Iterator[Line], size: int | None) -> Iterator[Page]:
    while page := list(islice(lines, size)):
        yield Page.of(page, source.ignored(page), source.done())


def _past(said: object, file: str, number: int, now: int) -> Any:
    if type(said) is Envelope and said.recorded_at > now:
        return Refusal(file, number, "recordedtime", "an instant to come", "one that has been")
    return said


def _new_id(key: str) -> str:
    now = time.time_ns()
    told_apart = blake2b(f"{key} {now} {os.getpid()}".encode(), digest_size=2).hexdigest()
    return f"{datetime.fromtimestamp(now / 1e9, UTC):%Y%m%d-%H%M%S}-{told_apart}"
