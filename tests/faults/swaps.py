"""The ledger's file taken away, renamed, replaced or restored under a program that records.

Nothing may be recorded or read there any more. What was acknowledged is in the file that was
renamed, or in its copy; and one that is shorter than what was sealed of it must be told.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

from ledger.errors import ReplacedError, StoreError
from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled
from ledger.log.port import Log, open_log

from .kills import KEY, PRIVATE_KEY, Ended, facts
from .processes import in_process


def copied(path: Path) -> None:
    """In its place comes a file with the same bytes."""
    shutil.copyfile(path, path.with_name("copy"))
    path.with_name("copy").replace(path)


def renamed(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def restored(path: Path) -> None:
    """An older copy comes in its place."""
    halfway_restored(path)
    for name in ("ledger.db-wal", "ledger.db-shm"):
        path.with_name(name).unlink()


def halfway_restored(path: Path) -> None:
    """Beside it stays what SQLite has not yet brought into the newer one."""
    path.with_name("backup").replace(path)


SWAPS: dict[str, Callable[[Path], object]] = {
    "deleted": Path.unlink,
    "renamed": renamed,
    "replaced": copied,
    "restored from an older copy": restored,
    "restored, beside the newer WAL": halfway_restored,
}


def swaps(home: Path, random: Random) -> Iterator[tuple[str, Ended]]:
    """Each in turn, on and on, after some facts and some more."""
    while True:
        for name, harm in SWAPS.items():
            folder = home / "ledger"
            folder.mkdir()
            yield name, _swap(folder, harm, random)
            shutil.rmtree(folder)


def _swap(folder: Path, harm: Callable[[Path], object], random: Random) -> Ended:
    path, key = folder / "ledger.db", folder / "private.key"
    url = f"sqlite:///{path}"
    key.write_text(PRIVATE_KEY + "\n")
    told = list[str]()

    def append(log: Log) -> None:
        name = f"e{len(told)}"
        log.append([Envelope("s", name, f"c{len(told) % 5}", len(told), CreatorEnrolled())])
        told.append(name)

    def record(times: int) -> None:
        with open_log(url, create=True) as log:
            for _ in range(times):
                append(log)

    record(random.randrange(1, 6))
    shutil.copyfile(path, folder / "backup")
    older = len(told)
    record(random.randrange(4))
    sealed = in_process("--db", url, "seal", "--key", str(key))
    assert sealed.exit_code == 0, sealed.output
    closed, unnoticed = len(told), 0
    with open_log(url) as log:
        append(log)
        harm(path)
        for ask in (lambda: append(log), log.head, log.pins, lambda: log.stream("c0")):
            with suppress(ReplacedError):
                ask()
                unnoticed += 1
    if harm is renamed:
        path.with_name("elsewhere").rename(path)
    owed = {renamed: len(told), copied: closed, restored: older, halfway_restored: older}
    seals = ("--seals", f"{path}.seals", "--key", KEY)
    verified = in_process("--db", url, "verify", *seals).exit_code
    try:
        left = {fact[1] for fact in facts(folder)}
    except StoreError:  # a mixture: refused
        left = set()
        owed.clear()
    untrue = bool(verified) is not (len(left) < closed)
    return Ended(
        lost=len(set(told[: owed.get(harm, 0)]) - left),
        phantom=len(left - set(told)),
        forked=int(untrue),
        undetected=unnoticed,
        why=f"{harm}: verify ended with {verified}" if untrue or unnoticed else "",
    )
