"""A device of NVIDIA's by the driver that it came with: `libcuda`, and nothing beside it."""

import ctypes
from collections.abc import Sequence
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_ubyte, c_uint, c_uint64, c_void_p
from functools import cache
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ledger.errors import LedgerError

LIBRARY = "libcuda.so.1"
Pointer = POINTER(c_void_p)
CALLS: dict[str, list[Any]] = {
    "cuGetErrorString": [c_int, POINTER(c_char_p)],
    "cuInit": [c_uint],
    "cuDeviceGet": [POINTER(c_int), c_int],
    "cuDeviceGetAttribute": [POINTER(c_int), c_int, c_int],
    "cuDevicePrimaryCtxRetain": [Pointer, c_int],
    "cuCtxSetCurrent": [c_void_p],
    "cuModuleLoadData": [Pointer, c_void_p],
    "cuModuleGetFunction": [Pointer, c_void_p, c_char_p],
    "cuMemGetInfo_v2": [POINTER(c_size_t), POINTER(c_size_t)],
    "cuMemAlloc_v2": [POINTER(c_uint64), c_size_t],
    "cuMemFree_v2": [c_uint64],
    "cuMemsetD8_v2": [c_uint64, c_ubyte, c_size_t],
    "cuMemcpyHtoD_v2": [c_uint64, c_void_p, c_size_t],
    "cuMemcpyDtoH_v2": [c_void_p, c_uint64, c_size_t],
    "cuLaunchKernel": [c_void_p, *[c_uint] * 7, c_void_p, Pointer, Pointer],
    "cuCtxSynchronize": [],
}
"""What is called, with what: what a pointer leads to is filled in. Each returns 0, or an error."""
MULTIPROCESSORS, MAJOR = 16, 75
"""Attributes of a device."""
OLDEST = 8
"""The major number of the oldest that `compiler.ptx` writes for."""
BLOCK, BLOCKS = 128, 3
"""Threads that are launched together, and how many times that each multiprocessor is given: of its
65,536 registers each takes 124 to 168, and up to 200 where recoveries are as due."""


class Card:
    """The first device. Whoever holds `lock` has it for himself; any thread may."""

    def __init__(self, library: Any) -> None:
        self._library = library
        for name, kinds in CALLS.items():
            getattr(library, name).argtypes = kinds
        self.lock = RLock()
        self._context = c_void_p()
        number, processors, major = c_int(), c_int(), c_int()
        self._ask("cuInit", 0)
        self._ask("cuDeviceGet", number, 0)
        self._ask("cuDeviceGetAttribute", processors, MULTIPROCESSORS, number)
        self._ask("cuDeviceGetAttribute", major, MAJOR, number)
        if major.value < OLDEST:
            raise LedgerError(f"the device is of generation {major.value}, and {OLDEST} is needed")
        self._ask("cuDevicePrimaryCtxRetain", self._context, number)
        self.threads = processors.value * BLOCK * BLOCKS
        """As many as are at work at once."""

    def function(self, code: bytes, name: str) -> c_void_p:
        """One of a text of PTX: assembled by the driver, which keeps what it has assembled."""
        module, found = c_void_p(), c_void_p()
        self._do("cuModuleLoadData", module, code)
        self._do("cuModuleGetFunction", found, module, name.encode())
        return found

    def free_bytes(self) -> int:
        free, total = c_size_t(), c_size_t()
        self._do("cuMemGetInfo_v2", free, total)
        return free.value

    def allot(self, size: int) -> int:
        """The address of so many bytes, all zero."""
        place = c_uint64()
        self._do("cuMemAlloc_v2", place, max(size, 1))
        self._do("cuMemsetD8_v2", place, 0, max(size, 1))
        return place.value

    def release(self, places: Sequence[int]) -> None:
        for place in places:
            self._do("cuMemFree_v2", place)

    def put(self, place: int, array: NDArray[Any]) -> None:
        self._do("cuMemcpyHtoD_v2", place, array.ctypes.data, array.nbytes)

    def take(self, array: NDArray[Any], place: int) -> None:
        self._do("cuMemcpyDtoH_v2", array.ctypes.data, place, array.nbytes)

    def launch(self, function: c_void_p, threads: int, rows: int, list_: int) -> None:
        """Run one to its end, by a multiple of BLOCK threads."""
        given = np.array([rows, list_], np.uint64)
        places = (c_void_p * 2)(given.ctypes.data, given.ctypes.data + given.itemsize)
        grid = (threads // BLOCK, 1, 1, BLOCK, 1, 1)
        self._do("cuLaunchKernel", function, *grid, 0, None, places, None)
        self._do("cuCtxSynchronize")

    def _do(self, name: str, *arguments: Any) -> None:
        self._ask("cuCtxSetCurrent", self._context)  # it is that of a thread
        self._ask(name, *arguments)

    def _ask(self, name: str, *arguments: Any) -> None:
        failed = getattr(self._library, name)(*arguments)
        if failed:
            said = c_char_p()
            self._library.cuGetErrorString(failed, said)
            why = (said.value or b"").decode() or f"error {failed}"
            raise LedgerError(f"the device can't be used ({name}: {why}); --engine threads does")


@cache
def card() -> Card:
    """That of this machine. Raises LedgerError, with the remedy, where there is none."""
    try:
        return Card(ctypes.CDLL(LIBRARY))
    except (OSError, AttributeError) as error:  # no driver, or one too old
        raise LedgerError(
            f"no device of NVIDIA's can be used here ({error}): its driver brings that, and "
            "--engine threads needs none"
        ) from None
