"""Marks: each clause has a number, in the order of the page; each assumed figure has a °."""

from collections.abc import Iterator

from msgspec import Struct

from projections.explain.explanation import Explanation
from projections.explain.grounds import Reference
from projections.explain.messages import table
from replay.pages.case import Case
from replay.pages.figures import Quote, figure_title, figure_value, is_assumed, quote

BRIEF = 64
"""Characters of a clause in the margin; the whole stands below."""


class Clause(Struct):
    """One label, and all that is quoted under it."""

    number: int
    label: str
    words: list[str]
    documents: list[str]
    figures: list[tuple[str, str]]
    """Title and value of each figure that is relied on and stands in it."""


class Assumed(Struct):
    """One figure of one version that no source gives."""

    title: str
    path: str
    value: str
    note: str
    rulings: int


class Footnotes:
    """Of a whole story; numbers are given when they are asked for, so that the page counts up."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._found: dict[str, list[Reference]] = {}
        self._rulings: dict[tuple[str, str], int] = {}
        for _, why in case.story:
            for reference in why.references:
                known = self._found.setdefault(reference.label, [])
                if reference not in known:
                    known.append(reference)
                if is_assumed(reference):
                    key = reference.rulebook, reference.path
                    self._rulings[key] = self._rulings.get(key, 0) + 1
        self._numbers: dict[str, int] = {}

    def number(self, label: str) -> int:
        return self._numbers.setdefault(label, len(self._numbers) + 1)

    def sourced(self, why: Explanation) -> list[str]:
        """The labels of a ruling's clauses that somebody wrote."""
        return list(dict.fromkeys(r.label for r in why.references if not is_assumed(r)))

    def assumed_in(self, why: Explanation) -> Iterator[Reference]:
        yield from (r for r in why.references if is_assumed(r))

    def brief(self, label: str) -> str:
        """The first words of a clause; empty where it was said before or is not quoted."""
        words = next((q.words for q in self._quotes(label) if q.words), "")
        first = words.split("；")[0].split("; ")[0]
        return first if len(first) <= BRIEF else first[: BRIEF - 2].rstrip() + "…"

    def figure(self, reference: Reference) -> tuple[str, str]:
        """Title and value."""
        rulebook = self.case.rulebooks.get(reference.rulebook)
        if rulebook is None:
            return reference.path, ""
        title = figure_title(reference.path, rulebook, self.case.language)
        return title, figure_value(reference.path, rulebook, self.case.language)

    def clauses(self) -> list[Clause]:
        """Every one that the story relies on; those that the page has named come first."""
        for label, references in self._found.items():
            if not is_assumed(references[0]):
                self.number(label)
        listed = []
        for label, number in self._numbers.items():
            quotes = self._quotes(label)
            listed.append(
                Clause(
                    number,
                    label,
                    list(dict.fromkeys(q.words for q in quotes if q.words)),
                    list(dict.fromkeys(q.document for q in quotes if q.document)),
                    [
                        self.figure(r)
                        for r in self._found.get(label, ())
                        if "clauses." not in r.path
                    ],
                )
            )
        return listed

    def _quotes(self, label: str) -> list[Quote]:
        case = self.case
        return [
            quote(reference, case.rulebooks[reference.rulebook], case.language)
            for reference in self._found.get(label, ())
            if reference.rulebook in case.rulebooks
        ]

    def assumed(self) -> list[Assumed]:
        found: dict[tuple[str, str, str], Assumed] = {}
        default = str(table(self.case.language)["pages.default"])
        for (label, path), count in self._rulings.items():
            rulebook = self.case.rulebooks[label]
            title, value = self.figure(Reference("", label, path))
            note = rulebook.cite(path).note or default
            known = found.setdefault((path, value, note), Assumed(title, path, value, note, 0))
            known.rulings += count
        return list(found.values())
