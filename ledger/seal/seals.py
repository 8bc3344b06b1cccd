"""A directory of seals: the leaves of the tree, every signed checkpoint, and what goes with it.

    leaves              32 bytes for each sealed fact, in the order of positions
    checkpoint          the newest, signed (c2sp.org/tlog-checkpoint)
    checkpoints/SIZE    each of them
    statements/SIZE     what else was so at each, signed as well

A seal is there once `checkpoint` names it: leaves behind it are what a sealer that died had begun.
"""

import fcntl
import os
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from ledger.errors import InputError, StoreError
from ledger.files import opened, whole
from ledger.log.bond import REMEDY, DamagedError
from ledger.log.verify import Walk
from ledger.seal.note import Signer, checkpoint
from ledger.seal.offline import (
    HEADER,
    SINCE,
    Checkpoint,
    Key,
    WrongError,
    leaf_hash,
    read_checkpoint,
)
from ledger.seal.tree import WIDTH, Frontier, Levels

STEP = 10_000
Seen = Callable[[int], None]


class Sealed(NamedTuple):
    """The newest seal of a directory, and the leaves under it."""

    note: str
    checkpoint: Checkpoint
    leaves: bytes


def newest(folder: Path, key: Key) -> Sealed | None:
    """The newest seal, whose leaves come to its root; None where nothing was sealed."""
    path = folder / "checkpoint"
    if not path.exists():
        return None
    try:
        note = path.read_text(encoding="utf-8")
        signed = read_checkpoint(note, key)
        leaves = (folder / "leaves").read_bytes()[: signed.size * WIDTH]
    except (WrongError, UnicodeDecodeError, OSError) as error:
        raise StoreError(f"the seals in {str(folder)!r} can't be used: {error}") from error
    grown = Frontier()
    grown.grow(leaves[i : i + WIDTH] for i in range(0, len(leaves), WIDTH))
    if (grown.size, grown.root()) != (signed.size, signed.root):
        raise StoreError(f"the leaves in {str(folder)!r} are not those of its checkpoint")
    return Sealed(note, signed, leaves)


def leaves_of(walk: Walk, seen: Seen = lambda _: None) -> Iterator[bytes]:
    """The leaf of each fact of a log, made anew of its bytes."""
    position = 0
    while rows := walk.stored_after(position, STEP):
        for place, _, _, _, state, _ in rows:
            if place != position + 1 or not isinstance(state, bytes):
                raise DamagedError(f"the fact at position {position + 1} is gone: {REMEDY}")
            position = place
            yield leaf_hash(sha256(state).digest())
        seen(position)


def seal(
    folder: Path,
    walk: Walk,
    signer: Signer,
    state: Callable[[int], str],
    seen: Seen = lambda _: None,
) -> Sealed:
    """Seal all that is recorded: sign the root of the tree, and beside it what `state` says.

    Before it signs, each fact under the last checkpoint is read again: one that is another now is a
    DamagedError, and nothing is signed.
    """
    key = signer.public()
    with _alone(folder):
        before = newest(folder, key)
        known = before.leaves if before else b""
        fresh, grown = [], Frontier()
        for at, leaf in enumerate(leaves_of(walk, seen)):
            if (old := known[at * WIDTH : (at + 1) * WIDTH]) and old != leaf:
                raise DamagedError(
                    f"the fact at position {at + 1} is another one than was sealed: {REMEDY}"
                )
            grown.grow((leaf,))
            if not old:
                fresh.append(leaf)
        if grown.size * WIDTH < len(known):
            raise DamagedError(
                f"{len(known) // WIDTH} facts were sealed, and {grown.size} are there: {REMEDY}"
            )
        if before is not None and not fresh:
            return before
        note = signer.sign(checkpoint(signer.name, grown.size, grown.root()))
        text = f"penalty-ledger/seal@v1\n{checkpoint(signer.name, grown.size, grown.root())}"
        statement = signer.sign(text + state(grown.size))
        _write_leaves(folder / "leaves", len(known), fresh)
        _write(folder / "statements" / str(grown.size), statement)
        _write(folder / "checkpoints" / str(grown.size), note)
        _write(folder / "checkpoint", note)
        signed = Checkpoint(signer.name, grown.size, grown.root())
        return Sealed(note, signed, known + b"".join(fresh))


def prove(sealed: Sealed, facts: list[tuple[int, bytes]]) -> Iterator[tuple[int, str]]:
    """(position, proof) of facts, given as position and bytes, that were sealed."""
    tree = Levels(sealed.leaves)
    for position, state in facts:
        leaf = leaf_hash(sha256(state).digest())
        place = (position - 1) * WIDTH
        if position > sealed.checkpoint.size:
            raise StoreError(f"the fact at position {position} is not sealed yet: seal first")
        if sealed.leaves[place : place + WIDTH] != leaf:
            raise DamagedError(
                f"the fact at position {position} is another one than was sealed: {REMEDY}"
            )
        yield position, _proof(position - 1, state, tree.inclusion(position - 1), sealed.note)


def since(sealed: Sealed, older: str, key: Key) -> str:
    """The proof that the ledger of an older checkpoint is the beginning of this one."""
    try:
        old = read_checkpoint(older, key)
    except WrongError as error:
        raise InputError(f"the older checkpoint can't be used: {error}") from error
    tree = Levels(sealed.leaves)
    if not 0 < old.size <= sealed.checkpoint.size or tree.root(0, old.size) != old.root:
        raise DamagedError(
            f"the ledger of {old.size} facts that was signed is not the beginning of this one"
        )
    return _consistency(old.size, tree.consistency(old.size), sealed.note)


def _proof(index: int, state: bytes, proof: Sequence[bytes], checkpoint: str) -> str:
    """The proof of one fact; its bytes stand in it as `extra`."""
    lines = [HEADER, f"extra {_base64(state)}", f"index {index}", *map(_base64, proof), ""]
    return "\n".join(lines) + "\n" + checkpoint


def _consistency(first: int, proof: Sequence[bytes], checkpoint: str) -> str:
    """The proof that a ledger of `first` facts is the beginning of that of a checkpoint."""
    lines = [SINCE, f"first {first}", *map(_base64, proof), ""]
    return "\n".join(lines) + "\n" + checkpoint


def _base64(data: bytes) -> str:
    """As the formats write it."""
    return b64encode(data).decode()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One sealer at a time: never two roots for one size."""
    for name in ("statements", "checkpoints"):
        (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    with opened(folder / "lock", "ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(f"another sealer is at work in {str(folder)!r}") from error
        yield


def _write_leaves(path: Path, end: int, leaves: list[bytes]) -> None:
    """Behind those that were sealed; what lies there of a sealer that died is cut off."""
    with opened(path, "ab") as file:
        file.truncate(end)
        file.seek(end)
        file.write(b"".join(leaves))
        file.flush()
        os.fsync(file.fileno())


def _write(path: Path, text: str) -> None:
    """Whole, or not at all; and on disk, with its name."""
    with whole(path) as file:
        file.write(text.encode())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
