"""Where compiled functions are kept. They are loaded as code, so nobody else may write there."""

import os
import stat
import warnings
from pathlib import Path


def place(key: str) -> Path | None:
    """A directory of the user's own cache; None, with a sentence, where others may have written."""
    said = Path(os.environ.get("XDG_CACHE_HOME") or "")
    try:
        path = (said if said.is_absolute() else Path.home() / ".cache") / "penalty-ledger"
        path.parent.mkdir(0o700, parents=True, exist_ok=True)
        _take(path)
        path /= key
        _take(path)
    except (OSError, RuntimeError) as error:
        warnings.warn(f"compiled without a cache: {error}", stacklevel=2)
        return None
    return path


def _take(path: Path) -> None:
    path.mkdir(0o700, exist_ok=True)
    found = path.lstat()
    if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise PermissionError(f"{path} is not yours alone")
