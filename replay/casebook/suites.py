"""Tables of cases beside rulebooks: found, run, and counted.

    <name>/cases/*.txt            rule by date: each fact under the version then in force
    <name>/<version>.cases.txt    this version alone, whatever the dates

Cases are run on the shipped rulebooks and those of the directory they stand in, so that a table
comes to the same whoever runs it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger.errors import InputError
from ledger.rulebook.model import Rulebook
from ledger.rulebook.shelf import SHIPPED, Shelf, load
from projections.standing.writing import zone_info
from replay.casebook.cases import Case, parse
from replay.casebook.run import Failure, Libraries, clauses, failures, ruled
from replay.whatif.reform import Shelf as AnyShelf

MAX_BYTES = 4 * 1024 * 1024
ENDING = ".cases.txt"
FOLDER = "cases"
_RULE = re.compile(r"\bC-\d+[a-z]?\b")


class Table(NamedTuple):
    """A file of cases and the rulebook that rules where they name none."""

    file: Path
    rulebook: str
    """NAME or NAME@VERSION."""


class Suite(NamedTuple):
    """Tables that are run on one shelf."""

    shelf: AnyShelf
    tables: tuple[Table, ...]


class Result(Struct):
    """What the cases beside one rulebook came to."""

    rulebook: str
    """Its name."""
    cases: int = 0
    failed: list[tuple[Case, list[Failure]]] = []
    rules: set[str] = set()
    """C-numbers in the names of the cases."""
    clauses: set[str] = set()
    """What the rulings relied on, of what a source says."""

    @property
    def passed(self) -> int:
        """Cases of which every row came out as written."""
        return self.cases - len(self.failed)


class Draft:
    """A shelf of one file that stands in no directory of rulebooks, beside the shipped ones."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._draft, self._shipped = rulebook, Shelf()

    def versions(self, name: str) -> tuple[Rulebook, ...]:
        """The draft alone under its own name."""
        return (self._draft,) if name == self._draft.name else self._shipped.versions(name)

    def find(self, label: str) -> Rulebook:
        """The draft under its own label or name."""
        own = label in {self._draft.label, self._draft.name}
        return self._draft if own else self._shipped.find(label)


def suites(paths: Sequence[Path], own: Sequence[Path | str]) -> Iterator[Suite]:
    """The tables that files and directories mean; where none is named, all of every shelf."""
    for path in paths or [SHIPPED, *map(Path, own)]:
        if path.is_dir():
            yield from _directory(path)
        elif path.suffix == ".toml":
            yield _of_rulebook(path)
        else:
            yield _of_table(path)


def tables(root: Path) -> list[Table]:
    """Every table of a directory of rulebooks."""
    return [t for folder in sorted(root.iterdir()) if folder.is_dir() for t in _beside(folder)]


def run(suite: Suite) -> list[Result]:
    """All cases of a suite, by the name of the rulebook."""
    libraries = Libraries(suite.shelf)
    results: dict[str, Result] = {}
    for case in cases(suite):
        name = case.rulebooks[0].partition("@")[0]
        result = results.setdefault(name, Result(name))
        result.cases += 1
        result.rules |= set(_RULE.findall(case.name))
        if failed := list(failures(case, libraries)):
            result.failed.append((case, failed))
        for replay in ruled(case, libraries):
            result.clauses |= clauses(replay)
    return list(results.values())


def cases(suite: Suite, *, blank: bool = False) -> Iterator[Case]:
    """The cases of a suite, read; `blank` as for `parse`."""
    zone = zone_of(suite.shelf)
    for file, rulebook in suite.tables:
        yield from parse(text(file), str(file), (rulebook,), zone, blank=blank)


def zone_of(shelf: AnyShelf) -> Callable[[str], ZoneInfo]:
    """From NAME or NAME@VERSION to the zone its versions share; both must be on the shelf."""

    def zone(label: str) -> ZoneInfo:
        name, _, version = label.partition("@")
        named = shelf.find(label) if version else shelf.versions(name)[0]
        return zone_info(named.zone)

    return zone


def _directory(path: Path) -> Iterator[Suite]:
    """A directory of rulebooks, one rulebook's own, or one that holds several of the first."""
    if _is_folder(path):
        yield Suite(_shelf(path.parent), tuple(_beside(path)))
        return
    roots = {f.parent for f in path.rglob("*") if f.is_dir() and _is_folder(f)}
    if not roots:
        raise InputError(f"{path}: no rulebooks; they are <name>/<version>.toml")
    for root in sorted(roots):
        yield Suite(_shelf(root), tuple(tables(root)))


def _is_folder(path: Path) -> bool:
    """Whether a directory is that of one rulebook: its versions bear its name."""
    return any(f'name = "{path.name}"' in text(file) for file in path.glob("*.toml"))


def _beside(folder: Path) -> Iterator[Table]:
    for file in sorted(folder.glob(f"*{ENDING}")):
        yield Table(file, f"{folder.name}@{file.name.removesuffix(ENDING)}")
    for file in sorted(folder.glob(f"{FOLDER}/*.txt")):
        yield Table(file, folder.name)


def _of_rulebook(file: Path) -> Suite:
    rulebook = load(file)
    if (rulebook.name, rulebook.version) == (file.resolve().parent.name, file.stem):
        found = _beside(file.resolve().parent)
        wanted = (rulebook.name, rulebook.label)
        chosen = tuple(table for table in found if table.rulebook in wanted)
        return Suite(_shelf(file.resolve().parent.parent), chosen)
    beside = file.with_name(file.stem + ENDING)
    named = (Table(beside, rulebook.name),) if beside.is_file() else ()
    return Suite(Draft(rulebook), named)


def _of_table(file: Path) -> Suite:
    """A table by itself: its place says what rules it."""
    place = file.resolve()
    folder = place.parent.parent if place.parent.name == FOLDER else place.parent
    for table in _beside(folder):
        if table.file == place and _is_folder(folder):
            return Suite(_shelf(folder.parent), (Table(file, table.rulebook),))
    draft = place.with_name(place.name.removesuffix(ENDING) + ".toml")
    if place.name.endswith(ENDING) and draft.is_file():
        rulebook = load(draft)
        return Suite(Draft(rulebook), (Table(file, rulebook.name),))
    if not place.is_file():
        raise InputError(f"{file}: no such file")
    wanted = f"<name>/{FOLDER}/*.txt or <name>/<version>{ENDING}, next to <name>/<version>.toml"
    raise InputError(f"{file}: no rulebook stands beside it; tables are {wanted}")


def _shelf(root: Path) -> Shelf:
    return Shelf() if root.resolve() == SHIPPED.resolve() else Shelf([root])


def text(file: Path) -> str:
    """The content of a table, which may come from anybody."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{file}: can't be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise InputError(f"{file}: larger than {MAX_BYTES // 2**20} MiB; split the table")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{file}, line {line}: the file must be UTF-8") from error
