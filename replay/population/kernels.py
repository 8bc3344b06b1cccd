"""The law as machine code: made for some rulebooks, kept, and found again.

What a kernel takes for granted is written beside it, so that it serves all books of which that is
true. The law as it was pruned lies there too, to be read.
"""

import hashlib
import json
import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import llvmlite
import numpy as np

from projections import fold
from projections.fold.rules import Book
from projections.fold.state import Creator
from replay.population import compiler, driver
from replay.population.cache import place
from replay.population.compiler.layout import Layouts, Memory, layout
from replay.population.compiler.machine import Loaded, compiled, described
from replay.population.compiler.program import Field, row_classes
from replay.population.constants import Constants

STATES = row_classes(Creator)
TITLE = """The law as some rulebooks need it: `projections.fold` without what they do not use.

Made by `replay.population.kernels`, for people to read: nothing else reads it.
"""
LaidOut = Callable[[tuple[Book, ...]], tuple[int, Memory]]
KEPT = 8
"""Sets of rulebooks that stay laid out: of one question, which comes with many parts."""
WISHED = ("root", "stored", "whole", "told", "device")


class Wish(NamedTuple):
    """What a kernel must be for."""

    stored: Mapping[str, np.dtype[Any]]
    """How rows are stored, and the integers of lists (`Row.field`), that are not so as ever."""
    whole: bool = False
    """Everything that a creator has is wanted in the end, not only what is summed up of it."""
    told: bool = False
    """The law tells all that it brings about (`replay.population.told`)."""
    device: bool = False
    """It is to be PTX, of a root that takes what `compiler.ptx` says."""


class Kernel:
    """Machine code in memory, and how the rows are laid out that it reads and writes."""

    def __init__(self, code: bytes, layouts: Layouts) -> None:
        self.layouts = layouts
        self.loaded = Loaded(code)
        self.books: LaidOut = lru_cache(KEPT)(self._laid_out)
        """Rulebooks as rows: where they are, for as long as what comes beside it lives."""

    def call(self, address: int) -> int:
        """Run the root on the row at an address."""
        return self.loaded.call(address)

    def _laid_out(self, books: tuple[Book, ...]) -> tuple[int, Memory]:
        memory = Memory(self.layouts)
        return memory.address(memory.rows(books, Book)), memory


class Made(NamedTuple):
    """A program as it was pruned, its machine code, and its rows."""

    text: str
    code: bytes
    layouts: Layouts


def kernel(
    known: Constants,
    wish: Wish,
    root: Callable[..., int] = driver.drive,
    task: type = driver.Task,
    own: Sequence[type] = STATES,
) -> Kernel:
    """One that takes nothing for granted but what is known."""
    return Kernel(*code(known, wish, root, task, own))


def code(
    known: Constants,
    wish: Wish,
    root: Callable[..., int],
    task: type = driver.Task,
    own: Sequence[type] = STATES,
) -> tuple[bytes, Layouts]:
    """That of a kernel, and its rows: kept, else made now and kept."""
    home = place(f"law-{_key()}")
    for granted, note in _kept(home, root, wish):
        if all(known.get(field) == value for field, value in granted.items()):
            return note["code"], _layouts(note["rows"])
    made = make(root, task, known, wish, own)
    if home is not None:
        _keep(home, root, made, known, wish)
    return made.code, made.layouts


def make(
    root: Callable[..., int],
    task: type,
    known: Mapping[Field, int],
    wish: Wish,
    own: Sequence[type] = STATES,
) -> Made:
    """Prune a program, of which all input hangs on one `task`, and compile it.

    Rows of the classes `own` are its own: there is nothing in them but what it has stored.
    """
    from replay.population.compiler.known import Known, given_rows
    from replay.population.compiler.lower import Lowered
    from replay.population.compiler.program import AS_IT_STANDS, Program, run
    from replay.population.compiler.prune import Pruned
    from replay.population.told import HEARD

    given = given_rows(task, own)
    program = Program(root, HEARD if wish.told else AS_IT_STANDS)
    pruned = Pruned(Known(program, given, known), own if wish.whole else ())
    text = pruned.text(TITLE)
    layouts = {row.__name__: layout(row) for row in given}
    for row in own:
        layouts[row.__name__] = layout(row, partial(pruned.has, row))
    layouts |= wish.stored
    program = Program(run(text, "<the law, pruned>")[root.__name__])
    instructions = str(Lowered(program, layouts, given).module)
    if not wish.device:
        return Made(text, compiled(instructions), layouts)
    from replay.population.compiler.ptx import ptx

    return Made(text, ptx(instructions), layouts)


@cache
def _key() -> str:
    """Of all that machine code depends on beside the rulebooks."""
    digest = hashlib.sha256(f"{described()} {llvmlite.__version__}".encode())
    digest.update(platform.python_version().encode())
    law = Path(fold.__path__[0])
    here = Path(__file__).parent
    sources = [*law.glob("*.py"), *here.glob("*.py"), *Path(compiler.__path__[0]).glob("*.py")]
    for source in sorted(sources):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _kept(
    home: Path | None, root: Callable[..., int], wish: Wish
) -> Iterator[tuple[Constants, dict[str, Any]]]:
    """What is there with what it takes for granted, most of it first."""
    found = []
    for path in sorted(home.glob("*.json")) if home is not None else ():
        note = _note(path)
        if note is not None and [note[name] for name in WISHED] == _wished(root, wish):
            known = {Field(*name.split(".")): value for name, value in note["known"].items()}
            found.append((known, note))
    yield from sorted(found, key=lambda each: -len(each[0]))


def _note(path: Path) -> dict[str, Any] | None:
    """What was written with the code, and the code; None where either is not as it was kept."""
    try:
        document, code = path.read_bytes(), path.with_suffix(".o").read_bytes()
    except OSError:
        return None
    if _digest(document)[:16] != path.stem:
        return None
    note: dict[str, Any] = json.loads(document)
    return note | {"code": code} if _digest(code) == note["code"] else None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _keep(home: Path, root: Callable[..., int], made: Made, known: Constants, wish: Wish) -> None:
    said = dict(zip(WISHED, _wished(root, wish), strict=True)) | {
        "known": {f"{field.row}.{field.name}": value for field, value in sorted(known.items())},
        "rows": _rows(made.layouts),
        "code": _digest(made.code),
    }
    document = json.dumps(said, indent=1).encode()
    name = home / _digest(document)[:16]
    try:
        for suffix, content in ((".py", made.text.encode()), (".o", made.code)):
            _write(name.with_suffix(suffix), content)
        _write(name.with_suffix(".json"), document)
    except OSError:  # a full disk: it is made anew next time
        return


def _wished(root: Callable[..., int], wish: Wish) -> list[Any]:
    how = wish.whole, wish.told, wish.device
    return [f"{root.__module__}.{root.__name__}", _rows(wish.stored), *how]


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)


def _rows(layouts: Layouts) -> dict[str, Any]:
    """As JSON has them."""
    return {
        row: [[name, kind[name].str] for name in kind.names] if kind.names else kind.str
        for row, kind in layouts.items()
    }


def _layouts(said: Mapping[str, Any]) -> Layouts:
    return {
        row: np.dtype(kind if isinstance(kind, str) else [tuple(field) for field in kind])
        for row, kind in said.items()
    }
