"""Marks: each clause has a number, in the order of the page; each assumed figure has a °."""

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from projections.explain.assumptions import Figures, assumptions
from projections.explain.explanation import Explanation
from projections.explain.grounds import Reference
from projections.explain.phrases import say
from projections.explain.terms import clause_of
from replay.pages.adapter import title_in
from replay.pages.case import Case
from replay.pages.figures import Quote, is_assumed, quote

BRIEF = 64
"""Characters of a clause in the margin; the whole stands below."""


class Clause(Struct):
    """One label, and all that is quoted under it."""

    number: int
    label: str
    words: list[str]
    documents: list[str]
    figures: list[str]
    """What each figure says that is relied on and stands in it."""


class Assumed(Struct):
    """A figure that no source gives."""

    says: str
    path: str
    why: str
    rulings: int


class Footnotes:
    """Of a whole story; numbers are given when they are asked for, so that the page counts up."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._figures = Figures(case.rulebooks.values())
        self._found: dict[str, list[Reference]] = {}
        self._rulings: Counter[Reference] = Counter()
        for _, why in case.story:
            for reference in why.references:
                known = self._found.setdefault(reference.label, [])
                if reference not in known:
                    known.append(reference)
                if is_assumed(reference):
                    self._rulings[reference] += 1
        self._numbers: dict[str, int] = {}

    def number(self, label: str) -> int:
        return self._numbers.setdefault(label, len(self._numbers) + 1)

    def said(self, label: str) -> str:
        """A clause as people read it."""
        return say(clause_of(label), self.case.language)

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

    def figure(self, reference: Reference) -> str:
        """What it says, with its value."""
        if reference.rulebook not in self.case.rulebooks:
            return reference.path
        return say(self._figures.says(reference), self.case.language)

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
                    self.said(label),
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
        language = self.case.language
        bears: Counter[tuple[str, str]] = Counter()
        for reference, count in self._rulings.items():
            bears[reference.path, self.figure(reference)] += count
        return [
            Assumed(says, each.path, title_in(each.why, language), bears[each.path, says])
            for each in assumptions(self._rulings, self._figures)
            if (says := title_in(each.says, language))
        ]
