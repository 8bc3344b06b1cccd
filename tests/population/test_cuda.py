"""What a device is given, does and leaves, with this machine in a device's place.

The driver is one of our own behind the same C interface: memory of its own that only it copies to
and from, and threads that run the very same function, compiled for this machine, in any order.
"""

import ctypes
import gc
import re
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from ledger.errors import LedgerError
from ledger.rulebook.shelf import Shelf
from projections.fold.given import Fact
from projections.standing.replay import Library
from projections.standing.tables import Tables
from replay.cli import main
from replay.population import card, device, engine, kernels
from replay.population.columns import Columns, kind_of, narrow_facts
from replay.population.compiler.machine import Loaded, compiled
from replay.population.compiler.names import ENTRY, GRID
from replay.population.compiler.program import Field
from replay.population.compiler.ptx import KERNEL
from replay.population.constants import constants
from replay.population.driver import Task
from replay.population.grid import drive_each
from replay.population.kernels import Wish, make

pytestmark = pytest.mark.xdist_group("compiled")  # what one has compiled the next one loads

LAW = Path(__file__).parents[1] / "law" / "rulebooks"
LIBRARY = Library(Shelf([LAW]))


class Driver:
    """`libcuda` as far as it is called."""

    def __init__(self) -> None:
        self.memory: dict[int, Any] = {}
        self.launches: list[tuple[int, int]] = []
        """Of each the threads, and how many creators they left."""
        self.failing, self.generation, self.idle = "", 9, 0
        for name, kinds in card.CALLS.items():
            kind = ctypes.CFUNCTYPE(ctypes.c_int, *kinds)
            setattr(self, name, kind(self._answering(name)))

    def _answering(self, name: str) -> Callable[..., int]:
        work = getattr(self, f"do_{name.removesuffix('_v2')}")

        def answer(*arguments: Any) -> int:
            if name == self.failing:
                return 2
            work(*arguments)
            return 0

        return answer

    def do_cuGetErrorString(self, error: int, said: Any) -> None:
        said[0] = b"out of memory"

    def do_cuInit(self, flags: int) -> None:
        assert flags == 0

    def do_cuDeviceGet(self, number: Any, which: int) -> None:
        number[0] = 7 + which

    def do_cuDeviceGetAttribute(self, value: Any, attribute: int, number: int) -> None:
        assert number == 7
        value[0] = {card.MULTIPROCESSORS: 1, card.MAJOR: self.generation}[attribute]

    def do_cuDevicePrimaryCtxRetain(self, context: Any, number: int) -> None:
        assert number == 7
        context[0] = 70

    def do_cuCtxSetCurrent(self, context: int) -> None:
        assert context == 70

    def do_cuModuleLoadData(self, module: Any, image: int) -> None:
        (size,) = struct.unpack("<q", ctypes.string_at(image, 8))
        self.code = Loaded(ctypes.string_at(image + 8, size))
        module[0] = 71

    def do_cuModuleGetFunction(self, function: Any, module: int, name: bytes) -> None:
        assert (module, name) == (71, GRID.encode())
        kind = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_uint64] * 2, *[ctypes.c_int64] * 2)
        self.each = kind(self.code.address)
        function[0] = 72

    def do_cuMemGetInfo(self, free: Any, total: Any) -> None:
        free[0] = total[0] = 2**30

    def do_cuMemAlloc(self, place: Any, size: int) -> None:
        made = ctypes.create_string_buffer(b"\xab" * size, size)  # nobody said that it is zero
        place[0] = ctypes.addressof(made)
        self.memory[place[0]] = made

    def do_cuMemFree(self, place: int) -> None:
        ctypes.memset(place, 0xCD, len(self.memory[place]))
        del self.memory[place]

    def do_cuMemsetD8(self, place: int, value: int, size: int) -> None:
        ctypes.memset(self.within(place, size), value, size)

    def do_cuMemcpyHtoD(self, there: int, here: int, size: int) -> None:
        ctypes.memmove(self.within(there, size), here, size)

    def do_cuMemcpyDtoH(self, here: int, there: int, size: int) -> None:
        ctypes.memmove(here, self.within(there, size), size)

    def within(self, place: int, size: int) -> int:
        assert any(at <= place and place + size <= at + len(m) for at, m in self.memory.items())
        return place

    def do_cuLaunchKernel(self, function: int, *given: Any) -> None:
        blocks, _, _, size, _, _, shared, stream, places, extra = given
        assert (function, shared, stream, bool(extra)) == (72, 0, None, False)
        rows, list_ = (ctypes.c_uint64.from_address(places[n]).value for n in range(2))
        threads = list(range(self.idle, blocks * size))
        Random(1).shuffle(threads)
        with ThreadPoolExecutor(2) as pool:
            left = sum(pool.map(lambda n: self.each(rows, list_, n, blocks * size), threads))
        self.launches.append((blocks * size, left))

    def do_cuCtxSynchronize(self) -> None:
        pass


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    """In the place of a device's; code for it is this machine's, with its length before it."""
    made, whole = Driver(), kernels.code

    def code(known: Any, wish: Wish, *program: Any) -> Any:
        found, layouts = whole(known, wish._replace(device=False), *program)
        if not wish.device:
            return found, layouts
        return struct.pack("<q", len(found)) + found, layouts

    monkeypatch.setattr(kernels, "code", code)
    monkeypatch.setattr(ctypes, "CDLL", lambda _: made)
    card.card.cache_clear()
    device._written.cache_clear()
    yield made
    card.card.cache_clear()
    device._written.cache_clear()


WORDS = ("ctaid", "nctaid", "ntid", "tid")
DRIVE = f"""
define i64 @{ENTRY}(ptr %rows, ptr %list, i64 %thread, i64 %threads) {{
  %mine = getelementptr i64, ptr %list, i64 %thread
  %before = load i64, ptr %mine
  %after = add i64 %before, %threads
  store i64 %after, ptr %mine
  ret i64 0
}}
"""
"""In the place of the law: each thread adds the number of threads to its own item."""


def test_each_thread_has_a_number_of_its_own() -> None:
    """What the kernel does with what a device knows of itself, which here is given in a list."""
    text = KERNEL.replace("ptx_kernel", "").replace("llvm.nvvm.read.ptx.sreg.", "") + DRIVE
    for word in WORDS:
        said = f"define i32 @{word}.x() {{ %1 = load i32, ptr @{word}\n ret i32 %1 }}"
        text = text.replace(f"declare i32 @{word}.x()", f"@{word} = global i32 0\n{said}")
    engine_ = Loaded(compiled(text))._engine
    begin = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(
        engine_.get_function_address(GRID)
    )
    seen = np.zeros(3 * 5, np.int64)
    for block, within in product(range(3), range(5)):
        for word, value in zip(WORDS, (block, 3, 5, within), strict=True):
            ctypes.c_int32.from_address(engine_.get_global_value_address(word)).value = value
        begin(None, seen.ctypes.data)
    assert seen.tolist() == [15] * 15


def many(tables: Tables) -> Columns:
    """More than a device of one multiprocessor has threads."""
    columns = engine.sample(tables)
    return columns.some(np.tile(np.arange(len(columns)), 500 // len(columns) + 1))


QUESTIONS: dict[str, dict[str, Any]] = {
    "douyin-creator": {},
    "nine-then-two": {"per_fact": True, "simulate": True},
}
LITTLE = {"all": (128, 512), "few stops": (24, 512), "few violations": (128, 3)}
"""Stops, and other rows, that a thread has room for."""


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_device_says_what_this_machine_says(
    driver: Driver, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = LIBRARY.tables(name)
    columns, books = many(tables), [tables] * 2
    how = {"as_of": engine.LATER} | QUESTIONS[name]
    here = engine.fold(columns, books, **how)
    left = {}
    for which, (room, most) in LITTLE.items():
        monkeypatch.setattr(device, "ROOM", room)
        monkeypatch.setattr(device, "MOST", most)
        there = device.fold(columns, books, **how)
        for one, other in zip(here, there, strict=True):
            assert np.array_equal(one, other)
        left[which] = driver.launches[-1][1]
    assert [threads for threads, _ in driver.launches] == [128, 384, 384, 384]  # the check first
    assert driver.launches[0][1] == left["all"] == 0
    assert 0 < left["few violations"] < len(columns) > 384
    assert (left["few stops"] > 0) == (name == "douyin-creator")  # the other book stops nobody


def test_what_is_asked_again_is_there_and_all_is_given_back(driver: Driver) -> None:
    asked = device.Asked([LIBRARY.tables("douyin-creator")], engine.LATER, False, False)
    columns = many(asked.books[0])
    there = device.Device(columns, asked, device.law(asked, columns.facts.dtype))
    for _ in range(2):
        there.order.answers.summaries[:] = -7
        assert np.array_equal(there.fold().summaries, asked.here(columns).summaries)
    assert driver.memory
    del there
    device._written.cache_clear()
    gc.collect()
    assert driver.memory == {}


def test_no_two_threads_have_a_row_in_common(driver: Driver) -> None:
    asked = device.Asked([LIBRARY.tables("douyin-creator")], engine.LATER, False, False)
    columns = many(asked.books[0])
    law = device.law(asked, columns.facts.dtype)
    there, memory = device.Device(columns, asked, law), device.There(law.layouts, law.card)
    assert there._make_room(memory) == 384
    made = np.empty(384, law.layouts["Creator"])
    law.card.take(made, int(there.task["creators"][0]))
    sizes = {"stops": device.ROOM, "violations": int(columns.sizes["violations"].max())}
    for name, count in sizes.items():
        row = law.layouts[name.removesuffix("s").capitalize()].itemsize
        places = np.append(np.sort(made[name]), made[name].max())
        assert (np.diff(places[:-1]) >= count * row).all()
        assert driver.within(int(places[-1]), count * row)


def test_facts_that_lie_anyhow_are_aligned() -> None:
    """A device reads no number of eight bytes at a place that eight does not divide."""
    columns = many(LIBRARY.tables("douyin-creator"))
    assert device.aligned(columns) is columns
    kind = columns.facts.dtype
    names = list(kind_of(Fact).names or ())
    packed = copy(columns)
    packed.facts = columns.facts[names].astype([(name, kind[name].str) for name in names])
    found = device.aligned(packed).facts
    for each, right in ((kind, True), (packed.facts.dtype, False), (found.dtype, True)):
        places = dict(each.fields or {}).values()
        assert all(at % field.itemsize == each.itemsize % 8 == 0 for field, at in places) == right
    assert all(np.array_equal(found[name], columns.facts[name]) for name in names)


def test_one_that_says_something_else_is_refused(driver: Driver) -> None:
    tables = LIBRARY.tables("douyin-creator")
    driver.idle = 1
    for _ in range(2):
        with pytest.raises(LedgerError, match="does not say what the rules say: --engine threads"):
            device.fold(many(tables), [tables], as_of=engine.LATER)
    assert len(driver.launches) == 1  # it is not asked again


@pytest.mark.parametrize("call", ["cuInit", "cuModuleLoadData", "cuMemAlloc_v2", "cuLaunchKernel"])
def test_what_fails_is_said(driver: Driver, call: str) -> None:
    driver.failing = call
    tables = LIBRARY.tables("douyin-creator")
    sentence = re.escape(f"the device can't be used ({call}: out of memory); --engine threads does")
    with pytest.raises(LedgerError, match=sentence):
        device.fold(many(tables), [tables], as_of=engine.LATER)


def test_one_that_is_too_old_is_refused(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "generation", 7)
    with pytest.raises(LedgerError, match="is of generation 7, and 8 is needed"):
        card.card()


def test_the_answer_has_the_same_bytes(crowd: str, driver: Driver) -> None:
    words = ["--sweep", "nodes.8.below=7:8:1", "--where", "level>=3"]
    here, there = (asked(crowd, *words, "--engine", which) for which in ("threads", "cuda"))
    assert here.exit_code == 0, here.output
    assert here.output == there.output
    assert len(driver.launches) > 1


def asked(url: str, *words: str) -> Result:
    whole = ["--db", url, "population", "--as-of", "2025-12-31", "--json", *words]
    return CliRunner().invoke(main, whole)


def test_without_a_device_nothing_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card, "LIBRARY", "libnowhere.so.1")
    done = asked("sqlite:////nowhere/ledger.db", "--engine", "cuda")
    assert done.exit_code == 1
    assert "error: no device of NVIDIA's can be used here (libnowhere.so.1: " in done.output
    assert "--engine threads needs none" in done.output


@pytest.fixture(scope="module")
def written() -> bytes:
    """A shipped rulebook's law as a device gets it."""
    book = LIBRARY.tables("douyin-diversion").book
    known = constants((book,)) | {Field("Task", "simulate"): 0, Field("Task", "per_fact"): 0}
    return make(drive_each, Task, known, Wish({"Fact": narrow_facts()}, device=True)).code


def test_a_shipped_rulebook_is_written_for_a_device(written: bytes) -> None:
    text = written.decode()
    assert text.endswith("\0")
    assert ".target sm_80" in text
    assert re.findall(r"\.entry (\w+)\(", text) == [GRID]
    assert text.count(".param .u64") == text.count(".param .u64 .ptr") == 2
    assert ".extern" not in text


def test_what_is_written_can_be_assembled(written: bytes, tmp_path: Path) -> None:
    if shutil.which("ptxas") is None:
        pytest.skip("no ptxas here: it is in the wheel nvidia-cuda-nvcc, and in CUDA's toolkit")
    path = tmp_path / "law.ptx"
    path.write_bytes(written.rstrip(b"\0"))
    words = ["ptxas", "-v", "-arch", "sm_80", "-o", str(tmp_path / "law.cubin"), str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (registers,) = re.findall(r"Used (\d+) registers", done.stderr)
    assert int(registers) * card.BLOCK * card.BLOCKS <= 65_536
    assert "0 bytes stack frame, 0 bytes spill stores" in done.stderr
