"""Rulebooks looked over before they rule: each file by itself, beside its family, against pins.

What `rulebook check` does. Nothing here stops at the first problem: somebody who edits rules wants
to hear of all of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from ledger.errors import RulebookError
from ledger.rulebook.checks.sense import family
from ledger.rulebook.checks.warnings import warnings
from ledger.rulebook.file import load
from ledger.rulebook.findings import BrokenRulebookError, Finding, located
from ledger.rulebook.model import Rulebook
from ledger.rulebook.shelf import SHIPPED, Shelf, published, verify_pins

Pins = Mapping[tuple[str, str], str]


class Review(Struct):
    """One file, and what is wrong with it."""

    file: str
    label: str = ""
    hash: str = ""
    published: bool = False
    problems: list[str] = []
    warnings: list[str] = []
    """What can be ruled by and is perhaps not meant."""
    draft: bool = False


def review(paths: Sequence[Path], shelf: Shelf, recorded: Pins) -> list[Review]:
    """Look over files and directories; where none are named, all that `shelf` holds.

    `recorded` are the hashes under which the log's rulings were made.
    """
    files = _files(paths or shelf.roots)
    read: list[tuple[Review, Rulebook]] = []
    reviews = []
    for file in files:
        result, rulebook = _one(file, recorded)
        reviews.append(result)
        if rulebook is not None:
            read.append((result, rulebook))
    _families(read)
    return reviews + _withdrawn(() if paths else shelf.roots)


def _files(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted([*path.glob("*.toml"), *path.glob("*/*.toml")])
            if not inside and path != SHIPPED:
                raise RulebookError(f"{path}: no rulebooks; they are <name>/<version>.toml")
            found += inside
        else:
            found.append(path)
    return found


def _one(file: Path, recorded: Pins) -> tuple[Review, Rulebook | None]:
    result = Review(str(file))
    try:
        rulebook = load(file)
    except BrokenRulebookError as error:
        result.problems = [f.sentence(str(file)) for f in error.findings]
        return result, None
    except RulebookError as error:
        result.problems = [str(error)]
        return result, None
    result.label, result.hash, result.draft = rulebook.label, rulebook.hash, rulebook.draft
    doubts = [Finding(doubt.path, doubt.said.en) for doubt in warnings(rulebook)]
    text = file.read_text(encoding="utf-8")
    result.warnings = [finding.sentence(str(file)) for finding in located(text, doubts)]
    pins = published(SHIPPED) | published(file.parent.parent)
    result.published = (rulebook.name, rulebook.version) in pins
    for against, by in ((pins, "was published"), (recorded, "was pinned in the log")):
        try:
            verify_pins([rulebook], against, file=file, by=by)
        except RulebookError as error:
            result.problems.append(str(error))
    return result, rulebook


def _families(read: Sequence[tuple[Review, Rulebook]]) -> None:
    """What the versions of one name have against each other goes to the last of them.

    A draft must follow the others; several drafts may be alternatives.
    """
    for name in {rulebook.name for _, rulebook in read}:
        members = [(result, r) for result, r in read if r.name == name]
        members.sort(key=lambda pair: pair[1].in_force_from)
        unlike: dict[str, tuple[Review, Rulebook]] = {}
        for result, rulebook in members:
            other = unlike.setdefault(rulebook.version, (result, rulebook))
            if other[1].hash != rulebook.hash:
                said = f"{rulebook.label} is also in {other[0].file}, with other content"
                result.problems.append(f"{result.file}: {said}")
        distinct = list(unlike.values())
        ruling = [(result, rulebook) for result, rulebook in distinct if not rulebook.draft]
        _add(ruling[-1:], family([rulebook for _, rulebook in ruling]))
        for result, draft in ((result, r) for result, r in distinct if r.draft):
            beside = sorted([draft, *(r for _, r in ruling)], key=lambda r: r.in_force_from)
            _add([(result, draft)], [p for p in family(beside) if draft.label in p])


def _add(where: Sequence[tuple[Review, Rulebook]], problems: Sequence[str]) -> None:
    for result, _ in where:
        result.problems += [f"{result.file}: {problem}" for problem in problems]


def _withdrawn(roots: Iterable[Path]) -> list[Review]:
    gone = []
    for root in roots:
        for name, version in published(root):
            file = root / name / f"{version}.toml"
            if not file.is_file():
                said = f"{file}: is published and missing; rulings rest on it, put it back"
                gone.append(Review(str(file), f"{name}@{version}", "", True, [said]))
    return gone
