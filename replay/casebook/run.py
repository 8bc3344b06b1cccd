"""A case run: what its facts come to under a rulebook, beside what the table says."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from msgspec.structs import replace

from ledger.rulebook.model import Rulebook
from projections.explain.explanation import explain
from projections.explain.grounds import LEDGER
from projections.explain.places import ASSUMED, SCENARIO
from projections.standing.replay import Library, Replay, replay
from replay.casebook.cases import CREATOR, Case, Row
from replay.casebook.words import Wording
from replay.whatif.reform import Shelf

ALWAYS = date(1970, 1, 1)
IDLE = "nothing runs"
LEFT_OUT = "left out"
"""The outcome of a recorded recovery in a case that simulates them."""


class Failure(NamedTuple):
    """A row that came to something else."""

    row: Row
    rulebook: str
    expected: str
    got: str


class Only:
    """A shelf of which one version of a name is taken and is in force from always."""

    def __init__(self, shelf: Shelf, label: str) -> None:
        self.name, _, self.version = label.partition("@")
        self.shelf = shelf

    def versions(self, name: str) -> tuple[Rulebook, ...]:
        """All versions of other names; of the one, the version or, where none is named, all.

        A draft is taken where it is named.
        """
        if name != self.name or not self.version:
            return self.shelf.versions(name)
        named = self.shelf.find(f"{name}@{self.version}")
        return (replace(named, in_force_from=ALWAYS),)


class Libraries:
    """The rulebooks of one shelf, compiled once for each label that cases name."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._by_label: dict[str, Library] = {}

    def library(self, label: str) -> Library:
        """Of `NAME` or `NAME@VERSION`."""
        if label not in self._by_label:
            self._by_label[label] = Library(Only(self.shelf, label))
        return self._by_label[label]


def failures(case: Case, libraries: Libraries) -> Iterator[Failure]:
    """Each row that came to something else, under each rulebook the case names."""
    for label in case.rulebooks:
        library = libraries.library(label)
        whole = _replay(case, library, case.last, None)
        words = Wording(whole)
        by_id = {ruling.envelope.id: ruling for ruling in whole.rulings}
        for row in case.rows:
            if row.envelope is None:
                yield from _standing(case, row, library, label)
                continue
            ruling = by_id.get(row.envelope.id)
            got = (LEFT_OUT, "")
            if ruling is not None:
                got = (words.outcome(ruling), words.effects(ruling.with_time))
            said = [(row.outcome, got[0]), (row.effects, got[1])]
            asked = [(wanted, so) for wanted, so in said if wanted is not None]
            if any(wanted != so for wanted, so in asked):
                expected, came = zip(*asked, strict=True)
                yield Failure(row, label, _columns(*expected), _columns(*came))


def ruled(case: Case, libraries: Libraries) -> Iterator[Replay]:
    """The whole case with its rulings, under each rulebook it names."""
    for label in case.rulebooks:
        yield _replay(case, libraries.library(label), case.last, None)


def clauses(result: Replay) -> set[str]:
    """The clauses of sources that the rulings relied on."""
    labels = {label for why in explain(result, ()) for label in why.clauses}
    return {label for label in labels if not label.startswith((ASSUMED, LEDGER, SCENARIO))}


def answer(case: Case, row: Row, libraries: Libraries) -> str:
    """The outcome columns of a row as they come to be under the first rulebook of the case.

    Of a standing it says what is otherwise than right after the start, and that nothing runs.
    """
    library = libraries.library(case.rulebooks[0])
    if row.envelope is None:
        words = Wording(_replay(case, library, row.at, row.known_at))
        fresh = Wording(_replay(case.begun, library, row.at, row.known_at)).truths() - {IDLE}
        return _columns(words.score(), "; ".join(sorted(words.truths() - fresh)))
    whole = _replay(case, library, case.last, None)
    words = Wording(whole)
    for ruling in whole.rulings:
        if ruling.envelope.id == row.envelope.id:
            return _columns(words.outcome(ruling), words.effects(ruling.with_time))
    return LEFT_OUT


def _replay(case: Case, library: Library, as_of: int, known_at: int | None) -> Replay:
    return replay(
        CREATOR,
        case.facts,
        library,
        as_of=as_of,
        known_at=known_at,
        rulings=True,
        simulate=case.simulate,
    )


def _standing(case: Case, row: Row, library: Library, label: str) -> Iterator[Failure]:
    words = Wording(_replay(case, library, row.at, row.known_at))
    if row.outcome is not None and row.outcome != words.score():
        yield Failure(row, label, row.outcome, words.score())
    true = words.truths()
    stated = [s.strip() for s in (row.effects or "").split(";") if s.strip()]
    for statement in stated:
        if statement not in true:
            yield Failure(row, label, statement, _nearest(statement, true))
    if any(s.startswith(("runs ", IDLE)) for s in stated):
        for running in sorted(s for s in true - set(stated) if s.startswith("runs ")):
            yield Failure(row, label, "nothing else runs", running)


def _nearest(statement: str, true: set[str]) -> str:
    """What is so of the same thing; everything, where nothing is."""
    first, _, _ = statement.partition(" ")
    about = [s for s in true if s.split(" ")[0] == first]
    if first in {"runs", "nothing"}:
        about = [s for s in true if s.startswith(("runs ", IDLE))]
    return "; ".join(sorted(about or true))


def _columns(*columns: str) -> str:
    return " | ".join(part for part in columns if part)
