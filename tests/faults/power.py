"""Power that is lost at any moment of a command, by a record of what it asked of the disk.

What was written before a file's last sync is there. Of what was written since, each sector of 512
bytes is or is not, in no order. Names (a new file, one taken away or renamed) are kept in their
order up to some moment, at least to the last sync of the file or of its folder; so do file systems
with a journal. The index of the WAL in shared memory (`-shm`) is not on any disk.
"""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeAlias

from ledger.exchange.rejects import SECTOR

from .kills import Ended, Theatre, run

TRACED = "openat,lseek,write,pwrite64,ftruncate,fsync,fdatasync,unlink,rename,link"
_CALL = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+)")
_HEX = re.compile(r"\\x([0-9a-f]{2})")
_FD = re.compile(r"^(\d+)<([^>]*)>")
_STRING = re.compile(r'"([^"]*)"')


@dataclass(eq=False)
class File:
    """One file, whatever its names: what is on the disk for sure, and what was written since."""

    kept: bytearray = field(default_factory=bytearray)
    since: list[tuple[int, bytes] | int] = field(default_factory=list)
    """Writes by offset, and cuts to a size."""

    def synced(self) -> None:
        for change in self.since:
            apply(self.kept, change)
        self.since.clear()

    def found(self, random: Random) -> bytes:
        """What may be there when the power is back."""
        data = bytearray(self.kept)
        some = random.random()
        for change in self.since:
            if isinstance(change, int):
                if random.random() < some:
                    apply(data, change)
                continue
            offset, written = change
            end = offset + len(written)
            for at in range(offset - offset % SECTOR, end, SECTOR):
                if random.random() < some:
                    part = written[max(at - offset, 0) : at + SECTOR - offset]
                    apply(data, (max(at, offset), part))
        return bytes(data)


Names: TypeAlias = dict[str, File]


def apply(data: bytearray, change: tuple[int, bytes] | int) -> None:
    if isinstance(change, int):
        del data[change:]
        data.extend(bytes(change - len(data)))
        return
    offset, written = change
    data.extend(bytes(max(0, offset - len(data))))
    data[offset : offset + len(written)] = written


class Call(NamedTuple):
    """One call that concerned the folder; or an answer, where `name` is `told`."""

    name: str
    path: str = ""
    other: str = ""
    offset: int = 0
    data: bytes = b""


class Disk:
    """The folder as a program sees it, and as the disk has it."""

    def __init__(self, folder: Path) -> None:
        files = [path for path in folder.iterdir() if path.is_file()]
        self.names: Names = {path.name: File(bytearray(path.read_bytes())) for path in files}
        self.kept: Names = dict(self.names)
        """Those that are on the disk for sure."""
        self.since: list[Names] = []
        """What the names were after each change since."""
        self._ages = {path.name: path.stat().st_mtime_ns for path in files}
        """An import that is lost knows the file that it reads by its age too."""

    def do(self, call: Call) -> None:
        file = self.names.get(call.path)
        match call.name:
            case "create":
                if file is None:
                    self._name({**self.names, call.path: File()})
            case "unlink":
                self._name({n: f for n, f in self.names.items() if n != call.path})
            case "rename" | "link":
                assert file is not None, call
                gone = call.path if call.name == "rename" else ""
                self._name({n: f for n, f in self.names.items() if n != gone} | {call.other: file})
            case "write" if file is not None:
                file.since.append((call.offset, call.data))
            case "cut" if file is not None:
                file.since.append(call.offset)
            case "sync":
                if file is not None:
                    file.synced()
                self.kept, self.since = self.names, []

    def _name(self, names: Names) -> None:
        self.names = names
        self.since.append(names)

    def lose(self, folder: Path, random: Random) -> None:
        """Write what is left of it to a folder."""
        names = random.choice([self.kept, *self.since])
        folder.mkdir()
        for name, file in names.items():
            (folder / name).write_bytes(file.found(random))
            if age := self._ages.get(name):
                os.utime(folder / name, ns=(age, age))


class Power:
    """What a deed asked of the disk, and the power lost after any of its calls."""

    def __init__(self, home: Path, name: str, ignored: str = "") -> None:
        self.theatre = Theatre(home, name)
        folder, trace = self.theatre.copy("traced"), home / "trace"
        done = run(folder, self.theatre.deed.args, "-xx", "-s", "10000000", "-o", str(trace),
                   calls=TRACED)  # fmt: skip
        assert done.returncode == self.theatre.deed.exit_code, done.stderr
        self.calls = [
            call for call in read(trace.read_text("ascii"), folder) if call.name != ignored
        ]
        shutil.rmtree(folder)

    def states(self, random: Random) -> Iterator[Ended]:
        """One state after each call, on and on: all calls of one round, in their order."""
        while True:
            disk, answered = Disk(self.theatre.start), False
            for call in self.calls:
                answered |= call.name == "told"
                disk.do(call)
                if call.name != "told" or answered:
                    yield self._look(disk, random, answered=answered)

    def _look(self, disk: Disk, random: Random, *, answered: bool) -> Ended:
        folder = self.theatre.start.with_name("traced")  # rejects are known by their path
        disk.lose(folder, random)
        try:
            return self.theatre.judge(folder, answered=answered)
        finally:
            shutil.rmtree(folder)


def read(trace: str, folder: Path) -> Iterator[Call]:
    """The calls of a trace that concern a folder, and what was said on standard output."""
    assert "unfinished" not in trace, "several threads wrote"
    places: dict[tuple[str, str], int] = {}
    appends: set[tuple[str, str]] = set()
    for text in trace.splitlines():
        found = _CALL.match(text)
        if found is None or int(found[3]) < 0:
            continue
        name, args, result = found[1], found[2], int(found[3])
        strings = [_decoded(s) for s in _STRING.findall(args)]
        if name == "openat":
            path = _inside(strings[0].decode(), folder)
            if path:
                places[str(result), path] = 0
                if "O_APPEND" in args:
                    appends.add((str(result), path))
                if "O_CREAT" in args:
                    yield Call("create", path)
                if "O_TRUNC" in args:
                    yield Call("cut", path)
            continue
        if name in {"unlink", "rename", "link"}:
            one, *others = [_inside(s.decode(), folder) for s in strings]
            if one:
                yield Call(name, one, *others)
            continue
        fd = _FD.match(args)
        if fd is None:
            continue
        where = _decoded(fd[2]).decode(errors="replace")
        path = _inside(where, folder)
        rest = args[fd.end() :]
        if fd[1] == "1" and name == "write":
            yield Call("told")
        elif name in {"fsync", "fdatasync"} and (path or where == str(folder)):
            yield Call("sync", path)
        elif not path:
            continue
        elif name == "lseek":
            places[fd[1], path] = result
        elif name == "ftruncate":
            yield Call("cut", path, offset=int(rest.strip(", ")))
        elif name == "pwrite64":
            yield Call("write", path, offset=int(rest.rsplit(", ", 1)[1]), data=strings[0][:result])
        elif name == "write":
            at = places.get((fd[1], path), 0)
            assert (fd[1], path) not in appends or at, f"where {path} ended is not known"
            places[fd[1], path] = at + result
            yield Call("write", path, offset=at, data=strings[0][:result])


def _decoded(text: str) -> bytes:
    return bytes.fromhex("".join(_HEX.findall(text))) if "\\x" in text else text.encode()


def _inside(path: str, folder: Path) -> str:
    """The name of a file of the folder; empty for any other, and for the WAL's index."""
    there = Path(path) if path.startswith("/") else folder / path
    return there.name if there.parent == folder and not path.endswith("-shm") else ""
