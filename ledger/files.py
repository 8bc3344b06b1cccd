"""Files that hold what creators did: for their owner alone, and never made through a link."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

SHARED = "PENALTY_LEDGER_SHARED"


def mode() -> int:
    """The rights of a new file: its owner's alone, or where the environment says so the umask's."""
    return 0o666 if os.environ.get(SHARED) else 0o600


def opener(name: str, flags: int) -> int:
    """For `open`: a new file has our rights, and a link is refused."""
    return os.open(name, flags | os.O_NOFOLLOW, mode())


def opened(path: Path, way: Literal["ab", "xb", "r+b"]) -> BinaryIO:
    """A file to write: new with our rights, and not through a link."""
    return open(path, way, opener=opener)


@contextmanager
def whole(path: Path, *, public: bool = False) -> Iterator[BinaryIO]:
    """A file that is there whole or not at all, written beside it under a name nobody can guess.

    A `public` one holds nothing of creators, and is for other programs to read.
    """
    new = path.with_name(f".{os.urandom(8).hex()}.new")
    try:
        with opened(new, "xb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
            if public:
                os.fchmod(out.fileno(), 0o644)
        new.replace(path)
    except OSError as error:
        if error.filename == str(new):  # a person knows the name that was asked for
            error.filename = str(path)
        raise
    finally:
        new.unlink(missing_ok=True)
