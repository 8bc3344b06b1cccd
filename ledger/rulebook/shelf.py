"""Where rulebooks are found: the shipped ones and those of the user's own directories.

A shelf is a directory `<name>/<version>.toml`. Several shelves are read as one; the same name and
version in two places must be the same file. A shelf may hold a file `PUBLISHED` with a line
`name/version sha256` for each version that is never to change again: a changed file is refused
wherever it is read, because rulings already rest on the old one.

Reading is lazy (a command needs one name, not all) and a name is read once per shelf object.
"""

import os
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ledger.errors import NoRulebookError, RulebookError
from ledger.rulebook.checks.sense import family
from ledger.rulebook.file import load
from ledger.rulebook.findings import near
from ledger.rulebook.model import Rulebook

__all__ = ["SHIPPED", "Shelf", "in_force", "load", "published", "starts_at", "verify_pins"]

SHIPPED = Path(__file__).parents[1] / "rulebooks"
DEFAULT = "douyin-creator"
NAME = 128
"""Characters of a name that are repeated."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Shelf:
    """The shipped rulebooks and, beside them, those of `own_dirs`."""

    def __init__(self, own_dirs: Sequence[Path | str] = ()) -> None:
        self.roots = (SHIPPED, *(Path(d) for d in own_dirs))
        for root in self.roots:
            if not root.is_dir():
                raise RulebookError(f"{root}: no such directory of rulebooks")
            if not os.access(root, os.R_OK | os.X_OK):
                raise RulebookError(f"{root}: can't be read: ask for the right to")
        self._read: dict[str, tuple[Rulebook, ...]] = {}
        self._ruling: dict[str, tuple[Rulebook, ...]] = {}

    def names(self) -> tuple[str, ...]:
        """Every name of which there is a version."""
        return tuple(sorted({f.parent.name for root in self.roots for f in root.glob("*/*.toml")}))

    def files(self, name: str) -> list[Path]:
        """Every file of a name, in the order of the shelves and of their versions."""
        return [f for root in self.roots for f in sorted((root / name).glob("*.toml"))]

    def versions(self, name: str, *, drafts: bool = False) -> tuple[Rulebook, ...]:
        """All versions of a name in the order in which they come into force; drafts if asked."""
        if name not in self._read:
            self._read[name] = found = self._versions(name)
            self._ruling[name] = tuple(r for r in found if not r.draft)
        if drafts or self._ruling[name]:
            return self._read[name] if drafts else self._ruling[name]
        raise nothing_in_force(self._read[name])

    def find(self, label: str) -> Rulebook:
        """`name@version`, or the newest version of `name`: a draft where there is nothing else."""
        name, _, version = label.partition("@")
        versions = self.versions(name, drafts=True)
        if not version:
            return (self._ruling[name] or versions)[-1]
        for rulebook in versions:
            if rulebook.version == version:
                return rulebook
        known = [r.version for r in versions]
        said = version[:NAME]
        raise RulebookError(f'no version "{said}" of {name}{near(said, known)}')

    def _versions(self, name: str) -> tuple[Rulebook, ...]:
        names = self.names()
        if name not in names:
            raise NoRulebookError(f'no rulebook "{name[:NAME]}"{near(name[:NAME], names)}')
        files = self.files(name)
        found: dict[str, tuple[Rulebook, Path]] = {}
        for file in files:
            rulebook = self._checked(file)
            other = found.setdefault(rulebook.version, (rulebook, file))
            if other[0].hash != rulebook.hash:
                places = f"{other[1]} and {file}"
                raise RulebookError(f"{rulebook.label} stands in two different files: {places}")
        versions = sorted((r for r, _ in found.values()), key=lambda r: r.in_force_from)
        if problems := family([r for r in versions if not r.draft]):
            raise RulebookError("\n".join(problems))
        return tuple(versions)

    def _checked(self, file: Path) -> Rulebook:
        rulebook = load(file)
        if (rulebook.name, rulebook.version) != (file.parent.name, file.stem):
            place = f"{rulebook.name}/{rulebook.version}.toml"
            raise RulebookError(f"{file}: says it is {rulebook.label}; its place is {place}")
        pins: dict[tuple[str, str], str] = {}
        for root in (SHIPPED, file.parent.parent):
            pins |= published(root)
        verify_pins([rulebook], pins, file=file)
        return rulebook


def nothing_in_force(drafts: Sequence[Rulebook]) -> RulebookError:
    """Why a name with drafts only can't rule anybody."""
    labels = ", ".join(r.label for r in drafts)
    said = f"nothing of {drafts[0].name} is in force: {labels} is a draft and not adopted here"
    return NoRulebookError(f"{said}; `rulebook adopt` records that it is")


def published(root: Path) -> dict[tuple[str, str], str]:
    """{(name, version): hash} of the versions that a shelf promises never to change."""
    file = root / "PUBLISHED"
    pins = {}
    if file.is_file():
        try:
            text = file.read_text(encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise RulebookError(f"{file}: can't be read: {error.strerror}") from None
        for number, line in enumerate(text.splitlines(), 1):
            label, _, digest = line.partition(" ")
            name, slash, version = label.partition("/")
            if not (slash and version and len(digest) == 64):
                wanted = "name/version, a space and the SHA-256 in hex"
                raise RulebookError(f"{file}, line {number}: found {line[:80]!r}; {wanted} needed")
            pins[name, version] = digest
    return pins


def verify_pins(
    rulebooks: Iterable[Rulebook],
    pins: Mapping[tuple[str, str], str],
    *,
    file: Path | None = None,
    by: str = "was published",
) -> None:
    """Refuse rulebooks whose content is not what was pinned. Versions without a pin are new.

    `pins` is {(name, version): hash}, from `published` or from the log; `by` says which in the
    error. Raises `RulebookError`, one line for each changed version.
    """
    changed = []
    for r in rulebooks:
        pin = pins.get((r.name, r.version))
        if pin is not None and pin != r.hash:
            where = f"{file}: " if file else ""
            said = f"{r.label} has changed: it {by} with hash {pin[:12]}…, the file's is"
            advice = "restore the file and put the change into a new version"
            changed.append(f"{where}{said} {r.hash[:12]}…; {advice}")
    if changed:
        raise RulebookError("\n".join(changed))


def starts_at(rulebook: Rulebook) -> int:
    """The instant from which a version is in force: 00:00 of its date in its zone."""
    day = rulebook.in_force_from
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(rulebook.zone))
    return (local - _EPOCH) // timedelta(microseconds=1)


def in_force(versions: Sequence[Rulebook], instant: int) -> int:
    """Index of the version in force at an instant; the first one judges what came before it.

    `versions` in the order of `Shelf.versions`; the instant in microseconds since 1970 UTC.
    """
    return max(bisect_right([starts_at(r) for r in versions], instant) - 1, 0)
