"""What is compiled here: functions over bytes and columns, without the interpreter's lock.

numba keeps what it compiled beside the source, under the source's own time and size: so a compiled
function calls only compiled functions of its own file, and the three here. These go by addresses:
an array that is handed to another function is counted there and back, which costs more than what
is done with a byte of it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ledger.errors import StoreError

try:
    import numba
    from numba.core import config, types
    from numba.core.cgutils import intp_t, raw_memcpy, voidptr_t
    from numba.extending import intrinsic
except ImportError as missing:
    raise StoreError(
        f"the archive needs a package that is not installed ({missing.name}): "
        "pip install 'penalty-ledger[archive]'"
    ) from missing

native: Callable[[Callable[..., Any]], Any] = intrinsic
settings: Any = config


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiled at the first call, and kept where that can be written.

    NUMBA_DISABLE_JIT is for others: CPython knows no addresses.
    """
    asked, settings.DISABLE_JIT = settings.DISABLE_JIT, 0
    try:
        made: Any = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # neither beside the source nor in the user's cache
        made = numba.njit(nogil=True)(function)
    finally:
        settings.DISABLE_JIT = asked
    result: Callable[..., Any] = made
    return result


@native
def byte(_: Any, at: Any) -> Any:
    """The byte at an address."""

    def made(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        return builder.zext(builder.load(builder.inttoptr(given[0], voidptr_t)), intp_t)

    return types.intp(at), made


@native
def word(_: Any, at: Any) -> Any:
    """The eight bytes from an address on as an integer with a sign, the first of them highest."""

    def made(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        found = builder.load(builder.inttoptr(given[0], intp_t.as_pointer()))
        found.align = 1
        return builder.bswap(found) if np.little_endian else found

    return types.intp(at), made


@native
def copy(_: Any, to: Any, start: Any, size: Any) -> Any:
    """Copy bytes from one address to another."""

    def made(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        into, out_of = (builder.inttoptr(at, voidptr_t) for at in given[:2])
        raw_memcpy(builder, into, out_of, given[2], 1)  # type: ignore[no-untyped-call]
        return context.get_dummy_value()

    return types.void(to, start, size), made
