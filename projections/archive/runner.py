"""Keeps an archive up with the log: who leads, what is next, and what a kill has left."""

import fcntl
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from ledger.errors import ReplacedError, StoreError
from ledger.files import SHARED, mode, whole
from projections.archive import build, manifest, merge, segment
from projections.archive.build import Seen
from projections.archive.manifest import NAME, Log, Manifest, Place, Segment
from projections.archive.schema import SCHEMA
from projections.archive.source import Source

LOCK = "lock"
STEP = 20_000
"""Facts that are added at once."""
FEW = 50_000
ANEW = 50
"""The archive is made anew where more than one in so many facts is new, and not only a few."""
PILE = 16
"""So many added segments become one."""
GROWN = 5
"""What was added is merged into the base once it is one in so many facts."""
POLL, STAND_BY, PATIENCE = 0.05, 0.5, 30.0
"""Seconds between two looks at the log, between two tries to lead, at most before another try."""


class StoppedError(Exception):
    """Asked to stop while something long was under way: nothing of it is left."""


class Runner:
    """One archive, led by this process. Use `leading`."""

    def __init__(self, source: Source, folder: Path, report: Callable[[str], None]) -> None:
        self.source, self.folder, self.report = source, folder, report
        self.place = manifest.place(str(folder))
        self.manifest = _found(self.place)
        if self.manifest is not None and (how := source.other(self.manifest.log)):
            raise StoreError(
                f"the archive at {str(folder)!r} {how}: name the right log, or another directory"
            )
        self._sweep()

    def step(self, seen: Seen = lambda _: None) -> bool:
        """Do what is next; False if there is nothing to do."""
        known, end = self.manifest, self.source.end()
        if known is None or end.position - known.log.position > max(FEW, end.position // ANEW):
            self._anew(end, seen)
        elif end.position > known.log.position:
            self._add(known)
        else:
            return self._tidy(known, seen)
        return True

    def _anew(self, end: Log, seen: Seen) -> None:
        _room(self.source, self.folder, end)
        partitions = build.partitions_for(end.position)
        serial = (self.manifest.serial if self.manifest else 0) + 1
        segments = build.whole(self.source, self.folder, end, serial, partitions, seen)
        self._swap(segments, segments, end, partitions, serial)

    def _add(self, known: Manifest) -> None:
        until = self.source.until(known.log.position, STEP)
        serial = known.serial + 1
        new = build.added(self.source, self.folder, known.log, until, serial, known.partitions)
        self._swap([new], [*known.segments, new], until, known.partitions, serial)

    def _tidy(self, known: Manifest, seen: Seen) -> bool:
        """Merge what was added, where there is much of it."""
        base = [s for s in known.segments if s.base]
        added = [s for s in known.segments if not s.base]
        rows = sum(s.facts.rows for s in added)
        serial = known.serial + 1
        if rows * GROWN > known.log.position and rows > FEW:
            homes = {g.partition for s in known.segments for g in s.groups}
            new = []
            for n in sorted(homes):
                name = f"base-{serial:06}-{n:03}"
                new.append(merge.rebased(self.place, known.segments, n, name))
                seen(known.log.position)
            self._swap(new, new, known.log, known.partitions, serial)
        elif len(added) > PILE:
            homes = {g.partition for s in added for g in s.groups}
            one = merge.together(self.place, added, sorted(homes), f"added-{serial:06}")
            self._swap([one], [*base, one], known.log, known.partitions, serial)
        else:
            return False
        return True

    def _swap(
        self, new: list[Segment], segments: list[Segment], log: Log, partitions: int, serial: int
    ) -> None:
        """Show readers the new files, all at once; then remove what is named no more."""
        segment.publish(self.folder, new)
        made = Manifest(
            manifest.FORMAT, SCHEMA, version("penalty-ledger"), partitions, serial, log,
            tuple(segments),
        )  # fmt: skip
        with whole(self.folder / NAME) as out:
            out.write(manifest.encode(made))
        segment.sync(self.folder)
        self.manifest = made
        self._sweep()

    def _sweep(self) -> None:
        """Remove the files that are not named: old ones, and those of a run that was killed."""
        segments = self.manifest.segments if self.manifest else ()
        named = {name for one in segments for name in manifest.paths(one)}
        for part in ("facts", "details"):
            for path in sorted((self.folder / part).iterdir()):
                if f"{part}/{path.name}" not in named:
                    path.unlink()
        for path in self.folder.glob(".*.new"):
            path.unlink()
        shutil.rmtree(self.folder / build.SPREAD, ignore_errors=True)


def _found(place: Place) -> Manifest | None:
    """The archive that is there."""
    return manifest.read(place) if (Path(place.path) / NAME).exists() else None


def _ours(folder: Path) -> None:
    """Refuse a directory that holds something else."""
    if not folder.is_dir() or (folder / NAME).exists():
        return
    ours = {LOCK, "facts", "details", build.SPREAD}
    there = sorted(path.name for path in folder.iterdir())
    others = [name for name in there if name not in ours and not name.endswith(".new")]
    if others:
        raise StoreError(
            f"{str(folder)!r} holds other things than an archive ({others[0]!r}): name another "
            "directory"
        )


def _room(source: Source, folder: Path, end: Log) -> None:
    """Refuse to begin what the disk has no room for: once as bytes, once as columns."""
    sample = min(end.position, build.PAGE)
    if not sample:
        return
    needed = int(len(source.log.joined(0, sample)) / sample * end.position * 1.4)
    status = os.statvfs(folder)
    if (free := status.f_bavail * status.f_frsize) < needed:
        raise StoreError(
            f"the archive needs about {needed / 1e9:,.1f} GB at {str(folder)!r}, and "
            f"{free / 1e9:,.1f} are free: make room or name another directory"
        )


@contextmanager
def leading(folder: Path, stand_by: Callable[[], bool]) -> Iterator[bool]:
    """Hold the directory for this process; False if `stand_by` gave up while another had it."""
    rights = 0o777 if os.environ.get(SHARED) else 0o700
    try:
        _ours(folder)
        for part in (folder, folder / "facts", folder / "details"):
            part.mkdir(mode=rights, exist_ok=True)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, mode())
    except OSError as error:
        raise StoreError(f"{str(folder)!r} can't be written: {error.strerror}") from error
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if stand_by():
                    continue
                yield False
                return
            yield True
            return
    finally:
        os.close(handle)


def run(
    source: Source,
    folder: Path,
    stop: threading.Event,
    *,
    once: bool,
    report: Callable[[str], None],
    seen: Seen = lambda _: None,
) -> None:
    """Keep it up until `stop`, or with `once` until there is nothing to do."""
    said: list[bool] = []

    def wait() -> bool:
        if once:
            raise StoreError(f"another runner leads {str(folder)!r}: nothing was done here")
        if not said:
            report(f"{folder}: another runner leads; standing by")
            said.append(True)
        return not stop.wait(STAND_BY)

    def look(done: int) -> None:
        seen(done)
        if stop.is_set():
            raise StoppedError

    with leading(folder, wait) as mine:
        if mine:
            _carry(Runner(source, folder, report), stop, once=once, look=look)


def _carry(runner: Runner, stop: threading.Event, *, once: bool, look: Seen) -> None:
    pause, began = 0.0, False
    while not stop.is_set():
        try:
            busy = runner.step(look)
        except StoppedError:
            return
        except ReplacedError:
            raise  # waiting mends nothing
        except (StoreError, OSError) as error:
            failure = error if isinstance(error, StoreError) else _failed(runner.folder, error)
            if once or not began:
                raise failure from error
            pause = min(max(pause * 2, 0.5), PATIENCE)
            runner.report(f"{failure}; trying again in {pause:g} s")
            stop.wait(pause)
            continue
        began, pause = True, 0.0
        if not busy:
            if once:
                return
            stop.wait(POLL)


def _failed(folder: Path, error: OSError) -> StoreError:
    return StoreError(
        f"the archive at {str(folder)!r} can't be written ({error.strerror or error}): it is as it "
        "was before"
    )
