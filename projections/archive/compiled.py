"""What is compiled here: functions over bytes and columns, without the interpreter's lock.

numba keeps what it compiled beside the source, under the source's own time and size: so a compiled
function calls only compiled functions of its own file.
"""

from collections.abc import Callable
from typing import Any

from ledger.errors import StoreError

try:
    import numba
except ImportError as missing:
    raise StoreError(
        f"the archive needs a package that is not installed ({missing.name}): "
        "pip install 'penalty-ledger[archive]'"
    ) from missing


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiled at the first call, and kept where that can be written."""
    try:
        made: Any = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # neither beside the source nor in the user's cache
        made = numba.njit(nogil=True)(function)
    result: Callable[..., Any] = made
    return result
