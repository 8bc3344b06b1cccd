"""Figures in words: whose, how much; of those that no source gives why they are taken so."""

from collections.abc import Iterable, Mapping
from functools import reduce

from msgspec import Struct

from ledger.rulebook.figures import titles
from ledger.rulebook.model import Rulebook, Title
from ledger.rulebook.prose.sentences import HEADINGS
from ledger.rulebook.prose.walk import prose
from projections.explain.grounds import Reference
from projections.explain.phrases import Phrase, Term, Value, Word, say
from projections.explain.places import ASSUMED
from projections.explain.terms import node_of


class Assumption(Struct, frozen=True):
    """A figure that the file has without a source, in both languages."""

    path: str
    """Its key path: `categories.misleading.points`."""
    rulebook: str
    """`name@version`."""
    says: Title
    """What it says, with its value: `“Misleading information”: It costs 3 points`."""
    why: Title
    """The note in the rulebook."""


class Figures:
    """What the figures of some rulebooks say, worked out when one of them is asked for."""

    def __init__(self, rulebooks: Iterable[Rulebook]) -> None:
        self.rulebooks = {rulebook.label: rulebook for rulebook in rulebooks}
        self._sentences: dict[str, dict[str, Title]] = {}

    def says(self, reference: Reference) -> Value:
        """The figure that a reference names, with its value; of a rulebook that is here."""
        rulebook = self.rulebooks[reference.rulebook]
        if rulebook.label not in self._sentences:
            lines = (line for line in prose(rulebook) if line.path and not line.heading)
            self._sentences[rulebook.label] = {line.path: line.text for line in lines}
        return _said(reference.path, rulebook, self._sentences[rulebook.label])


def assumptions(references: Iterable[Reference], figures: Figures) -> list[Assumption]:
    """Those that references rest on, once where several versions say the same."""
    found: dict[tuple[str, Title], Assumption] = {}
    asked: set[Reference] = set()
    for reference in references:
        path, rulebook = reference.path, figures.rulebooks.get(reference.rulebook)
        if rulebook is None or reference in asked or not reference.label.startswith(ASSUMED):
            continue
        asked.add(reference)
        said = figures.says(reference)
        says = Title(en=say(said, "en"), zh=say(said, "zh"))
        why = Title(en=rulebook.cite(path).why("en"), zh=rulebook.cite(path).why("zh"))
        found.setdefault((path, says), Assumption(path, rulebook.label, says, why))
    return list(found.values())


def assumption_lines(
    assumed: Iterable[Assumption], language: str, *, numbered: bool = False
) -> list[str]:
    """A line for each note, with all the figures that it is about; with their numbers from 1 on."""
    by_note: dict[Title, list[Value]] = {}
    for number, item in enumerate(assumed, 1):
        said: Value = _term(item.says)
        if numbered:
            said = Phrase("assumed.numbered", {"mark": mark(number), "figure": said})
        by_note.setdefault(item.why, []).append(said)
    return [
        say(
            Phrase("assumed.because", {"figures": reduce(_also, said), "why": _term(why)}), language
        )
        for why, said in by_note.items()
    ]


def mark(number: int) -> str:
    """Where a figure stands that no source gives: `°3`."""
    return f"°{number}"


def _also(figures: Value, figure: Value) -> Value:
    return Phrase("assumed.also", {"figures": figures, "figure": figure})


def _term(title: Title) -> Term:
    return Term(title.en, title.zh)


def _said(path: str, rulebook: Rulebook, sentences: Mapping[str, Title]) -> Value:
    """Whose it is, and the sentence of `rulebook explain`; else whose key it is."""
    table, _, name = path.partition(".")
    if table == "clauses":
        return Word("concepts", name)
    nearest, whose = path, _whose(path, rulebook)
    while nearest and nearest not in sentences:
        nearest = nearest.rpartition(".")[0]
    if not nearest:  # the file says nothing of it
        key = Word("keys", path.rpartition(".")[2])
        return key if whose is None else Phrase("assumed.figure", {"whose": whose, "figure": key})
    sentence = sentences[nearest]
    if whose is None:
        return Term(sentence.en.rstrip("."), sentence.zh.rstrip("。"))
    figure = Term(sentence.en[:1].lower() + sentence.en[1:].rstrip("."), sentence.zh.rstrip("。"))
    return Phrase("assumed.figure", {"whose": whose, "figure": figure})


def _whose(path: str, rulebook: Rulebook) -> "Value | None":
    table, name, *_ = [*path.split("."), ""]
    if table == "nodes":
        return node_of(name, rulebook)
    title = titles(rulebook).get(f"{table}.{name}")
    if title is not None:
        return Phrase("assumed.titled", {"title": _term(title)})
    return heading(table)


def heading(table: str) -> Term | None:
    """What a table of a rulebook is called; None of one that is only a part of another."""
    return Term(*HEADINGS[table]) if table in HEADINGS else None
