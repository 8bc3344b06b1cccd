"""A file of facts into the log, page by page, at a constant use of memory.

Bad lines are set aside and the good ones kept. Each page and the line it reaches are committed
together, so an import that is lost goes on where it stopped; doing all of it again would be
harmless too, only slower.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import IO, BinaryIO

from msgspec import Struct, field

from ledger.errors import InputError
from ledger.facts.cloudevents import Refusal, parse
from ledger.facts.envelope import Envelope
from ledger.facts.jsonline import SIZE_LIMIT
from ledger.files import opened
from ledger.log.port import Log

PAGE = 2_000
REFUSALS_SHOWN = 20
_SAMPLE = 64 * 1024
_BOM = b"\xef\xbb\xbf"

Line = tuple[int, bytes, Envelope | Refusal]
"""Its number, its text, and what it says."""


class Tally(Struct):
    """What became of a file. `refusals` holds the first few; the reject file has them all."""

    lines: int = 0
    recorded: int = 0
    duplicates: int = 0
    conflicts: int = 0
    refused: int = 0
    ignored_recorded_times: int = 0
    resumed_at: int = 0
    """The line after which a lost import went on; 0 when it began at the first."""
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether every line was taken."""
        return not self.refused and not self.conflicts


class Rejects:
    """The lines that were not taken, as they were, and in `….why` beside it a sentence for each.

    Neither file is there unless there is something to reject. What stands at the path and has no
    `.why` beside it is somebody's file, or the store itself, and is never touched.
    """

    def __init__(self, path: Path | None, *, resumed: bool = False) -> None:
        self.path = path
        self._files: list[IO[bytes]] = []
        if path is None:
            return
        self.check(path)
        if not resumed:
            for old in self._paths(path):
                old.unlink(missing_ok=True)

    @classmethod
    def check(cls, path: Path) -> None:
        """Refuse a path where something stands that no import has put there."""
        rejected, why = cls._paths(path)
        stands = rejected.exists() or why.exists()
        if stands and not (why.is_file() and (rejected.is_file() or not rejected.exists())):
            raise InputError(
                f"{str(path)!r} is there already and holds no rejects: name another file for them"
            )

    @staticmethod
    def _paths(path: Path) -> tuple[Path, Path]:
        return path, path.with_name(path.name + ".why")

    def add(self, refusal: Refusal, text: bytes) -> None:
        """Set one line aside."""
        if self.path is None:
            return
        why = str(refusal).encode("utf-8", "backslashreplace")
        with self._told():
            if not self._files:
                paths = reversed(self._paths(self.path))
                self._files = [opened(path, "ab") for path in paths]
            for file, line in zip(self._files, (why, text), strict=True):
                file.write(line + b"\n")

    def flush(self) -> None:
        """Before the page is committed: a line passed over is a line set aside."""
        with self._told():
            for file in self._files:
                file.flush()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            path, why = str(self.path), error.strerror
            raise InputError(f"rejects can't be written to {path!r}: {why}") from error

    def __enter__(self) -> "Rejects":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for file in self._files:
            with suppress(OSError) if kind else self._told():
                file.close()


def import_jsonl(
    path: Path,
    log: Log,
    *,
    page: int = PAGE,
    trust: bool = False,
    rejects: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Tally:
    """Bring a JSONL file of CloudEvents in.

    `trust` honours `recordedtime`; `progress` is called after each page with the bytes done and the
    bytes in all. Raises InputError where the file can't be read.
    """
    key, size = fingerprint(path)
    if rejects is not None and rejects.resolve() == path.resolve():
        raise InputError(f"{str(path)!r} can't take its own rejects: name another file for them")
    start = log.progress(key)
    with path.open("rb") as file:
        lines = jsonl_lines(file, path.name, trust=trust, skip=start)
        report = (lambda: progress(file.tell(), size)) if progress else None
        return import_lines(
            lines,
            log,
            key,
            path.name,
            start=start,
            page=page,
            trust=trust,
            rejects=rejects,
            report=report,
        )


def import_lines(  # noqa: PLR0913  the two doors, JSONL and tables, share all of it
    lines: Iterable[Line],
    log: Log,
    key: str,
    file: str,
    *,
    start: int = 0,
    page: int = PAGE,
    trust: bool = False,
    rejects: Path | None = None,
    report: Callable[[], None] | None = None,
) -> Tally:
    """Record what parsed lines say, setting the others aside; `key` is the import's fingerprint."""
    tally = Tally(lines=start, resumed_at=start)
    with Rejects(rejects, resumed=start > 0) as aside:
        for batch in _pages(lines, page):
            facts, kept = [], []
            for line in batch:
                said = _not_from_the_future(line, file) if trust else line[2]
                if type(said) is Envelope:
                    facts.append(said)
                    kept.append(line)
                elif type(said) is Refusal:
                    _refuse(tally, aside, said, line[1])
            aside.flush()
            tally.lines = batch[-1][0]
            receipts = log.append(facts, trust_recorded_times=trust, progress=(key, tally.lines))
            for receipt, (number, text, _) in zip(receipts, kept, strict=True):
                if receipt.status == "recorded":
                    tally.recorded += 1
                elif receipt.status == "duplicate":
                    tally.duplicates += 1
                else:
                    tally.conflicts += 1
                    _note(tally, aside, _conflict(file, number, receipt.position), text)
            if not trust:
                tally.ignored_recorded_times += sum(b'"recordedtime"' in line[1] for line in kept)
            if report:
                report()
        log.append([], progress=(key, 0))
    return tally


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
            found = f"{size + len(rest)} bytes"
            if number > skip:
                yield number, raw[:200], Refusal(name, number, "fact", found, "at most 64 KiB")
            continue
        if number <= skip:
            continue
        text = raw.rstrip(b"\r\n")
        if number == 1:
            text = text.removeprefix(_BOM)
        if text and not text.isspace():
            said = parse(text, file=name, line_no=number, trust_recorded_times=trust)
            yield number, text, said


def fingerprint(path: Path) -> tuple[str, int]:
    """What tells a file from another, and its size: its length, its age, its two ends."""
    try:
        about = path.stat()
        with path.open("rb") as file:
            digest = blake2b(file.read(_SAMPLE), digest_size=16)
            file.seek(max(0, about.st_size - _SAMPLE))
            digest.update(file.read(_SAMPLE))
    except OSError as error:
        raise InputError(f"{str(path)!r} can't be read: {error.strerror}") from error
    return f"{about.st_size}-{about.st_mtime_ns}-{digest.hexdigest()}", about.st_size


def _pages(lines: Iterable[Line], size: int) -> Iterator[list[Line]]:
    batch = []
    for line in lines:
        batch.append(line)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _not_from_the_future(line: Line, file: str) -> Envelope | Refusal:
    number, _, said = line
    if type(said) is Envelope and said.recorded_at > time.time_ns() // 1000:
        return Refusal(file, number, "recordedtime", "an instant to come", "one that has been")
    return said


def _conflict(file: str, number: int, position: int) -> Refusal:
    found = f"source and id of the fact at position {position}, with other content"
    return Refusal(file, number, "id", found, "a new id, or the same content")


def _refuse(tally: Tally, aside: Rejects, refusal: Refusal, text: bytes) -> None:
    tally.refused += 1
    _note(tally, aside, refusal, text)


def _note(tally: Tally, aside: Rejects, refusal: Refusal, text: bytes) -> None:
    if len(tally.refusals) < REFUSALS_SHOWN:
        tally.refusals.append(refusal)
    aside.add(refusal, text)
