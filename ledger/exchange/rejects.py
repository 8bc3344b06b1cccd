"""The lines that were not taken, as they were, and in `….why` beside it a sentence for each.

Both are on disk before the page that passes them over is committed; what a page wrote that was then
lost is written over. The last line of `….why` says which file the lines came from and what they
were (size and SHA-256, also those before the last page): so lines that a person has mended since
are known, and never touched. Neither file is there unless there is something to reject.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import IO

from ledger.errors import InputError
from ledger.exchange.tally import Aside
from ledger.facts.cloudevents import Refusal
from ledger.files import opened

_SEAL = re.compile(
    rb"# from (.*): (\d+) bytes with SHA-256 ([0-9a-f]{64}), before (\d+) with ([0-9a-f]{64})\n\Z"
)
_TAIL = 8192
SECTOR = 512
"""Bytes that a disk writes together, or not at all."""


class Rejects:
    """The reject file of one import; `source` names the file that is read."""

    def __init__(
        self,
        path: Path | None,
        source: str,
        aside: Aside,
        header: Callable[[], bytes] = bytes,
        end: bytes = b"\n",
    ) -> None:
        self.path, self._source = path, source.encode("utf-8", "backslashreplace")
        self._header, self._end = header, end
        self._files: list[IO[bytes]] = []
        self._hash = self._next = sha256()
        if path is None:
            return
        if aside.size:
            self._go_on(path, aside)
        else:
            check(path, source)
            for old in _paths(path):
                old.unlink(missing_ok=True)

    def add(self, refused: Sequence[tuple[Refusal, bytes]], before: Aside) -> Aside:
        """Set lines aside behind those before, on disk; returns how far it went."""
        if self.path is None or not refused:
            return before
        body = b"" if before.size else self._header()
        body += b"".join(text + self._end for _, text in refused)
        why = "".join(f"{refusal}\n" for refusal, _ in refused).encode("utf-8", "backslashreplace")
        self._next = self._hash.copy()
        self._next.update(body)
        size, digest = before.size + len(body), self._next.hexdigest()
        seal = (
            f": {size} bytes with SHA-256 {digest},"
            f" before {before.size} with {self._hash.hexdigest()}\n"
        )
        with self._told():
            self._open()
            reasons, lines = self._files
            _put(reasons, before.why, why + b"# from " + self._source + seal.encode())
            _put(lines, before.size, body)
        return Aside(str(self.path.absolute()), size, before.why + len(why), digest)

    def passed(self) -> None:
        """The page is committed: what comes next goes behind its lines."""
        self._hash = self._next

    def _open(self) -> None:
        assert self.path is not None
        if self._files:
            return
        # made anew only: nobody's file is opened through a name or a link that was not there
        self._files = [opened(path, "xb") for path in reversed(_paths(self.path))]
        if hasattr(os, "O_DIRECTORY"):
            folder = os.open(self.path.absolute().parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _go_on(self, path: Path, aside: Aside) -> None:
        """Behind the lines of the part that was committed before an import was lost."""
        if aside.path != str(path.absolute()):
            raise InputError(
                f"the import that goes on here has set lines aside in {aside.path!r}: name that "
                "with --rejects"
            )
        if not any(os.path.lexists(one) for one in _paths(path)):
            aside.size = aside.why = 0  # somebody has taken them away
            return
        with self._told():
            if any(one.is_symlink() for one in _paths(path)):
                raise _changed(path)
            self._files = [opened(one, "r+b") for one in reversed(_paths(path))]
            self._hash.update(self._files[1].read(aside.size))
        if self._hash.hexdigest() != aside.sha256:
            raise _changed(path)

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


def check(path: Path, source: str) -> None:
    """Refuse a path where something stands that this import may not replace."""
    lines, why = _paths(path)
    stands = [one for one in (lines, why) if os.path.lexists(one)]
    if not stands:
        return
    seal = None
    if all(one.is_file() and not one.is_symlink() for one in stands) and why in stands:
        sizes = {one: one.stat().st_size for one in stands}
        if not any(sizes.values()) or sizes.get(lines) == 0:
            return  # an import was lost before it had written any: reasons come first
        with suppress(OSError), why.open("rb") as file:
            file.seek(max(0, why.stat().st_size - _TAIL))
            seal = _SEAL.search(file.read())
    if seal is None:
        raise InputError(
            f"{str(path)!r} is there already and holds no rejects: name another file for them"
        )
    if seal[1] != source.encode("utf-8", "backslashreplace") or (
        lines in stands and not _sealed(lines, seal)
    ):
        raise _changed(path)


def _sealed(path: Path, seal: re.Match[bytes]) -> bool:
    """Whether the lines are as they were written, the last page of them whole or not."""
    now, before = int(seal[2]), int(seal[4])
    size = path.stat().st_size
    if not before <= size <= now:
        return False
    data = path.read_bytes()
    if size == now and sha256(data).hexdigest().encode() == seal[3]:
        return True
    lost = size < now or _torn(data, before)
    return lost and sha256(data[:before]).hexdigest().encode() == seal[5]


def _torn(data: bytes, start: int) -> bool:
    """Whether a sector behind the start is empty: power was lost before it was written."""
    edges = [start, *range(start - start % SECTOR + SECTOR, len(data), SECTOR), len(data)]
    return any(not any(data[one:end]) for one, end in pairwise(edges))


def _changed(path: Path) -> InputError:
    return InputError(
        f"{str(path)!r} holds lines of another file, or that were changed since they were set "
        "aside: import or move them, or name another file with --rejects"
    )


def _paths(path: Path) -> tuple[Path, Path]:
    return path, path.with_name(path.name + ".why")


def _put(file: IO[bytes], at: int, text: bytes) -> None:
    file.seek(at)
    file.write(text)
    file.truncate()
    file.flush()
    os.fsync(file.fileno())
