"""The figures that no source gives, in words: whose, how much, and why they are taken so."""

from collections.abc import Iterable, Mapping

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


def assumptions(
    references: Iterable[Reference], rulebooks: Mapping[str, Rulebook]
) -> list[Assumption]:
    """Those that references rest on, each key path once; of several versions the first.

    `rulebooks` are by label, as references name them.
    """
    sentences: dict[str, dict[str, Title]] = {}
    found: dict[str, Assumption] = {}
    for reference in references:
        path, rulebook = reference.path, rulebooks.get(reference.rulebook)
        if rulebook is None or path in found or not reference.label.startswith(ASSUMED):
            continue
        if rulebook.label not in sentences:
            lines = (line for line in prose(rulebook) if line.path and not line.heading)
            sentences[rulebook.label] = {line.path: line.text for line in lines}
        said = _said(path, rulebook, sentences[rulebook.label])
        says = Title(en=say(said, "en"), zh=say(said, "zh"))
        why = Title(en=rulebook.cite(path).why("en"), zh=rulebook.cite(path).why("zh"))
        found[path] = Assumption(path, rulebook.label, says, why)
    return list(found.values())


def assumption_lines(assumed: Iterable[Assumption], language: str) -> list[str]:
    """A line for each note, with all the figures that it is about."""
    by_note: dict[Title, dict[Title, None]] = {}
    for item in assumed:
        by_note.setdefault(item.why, {})[item.says] = None
    return [
        say(
            Phrase("assumed.because", {"figures": _joined(list(figures)), "why": _term(why)}),
            language,
        )
        for why, figures in by_note.items()
    ]


def _joined(figures: list[Title]) -> Value:
    joined: Value = _term(figures[0])
    for figure in figures[1:]:
        joined = Phrase("assumed.also", {"figures": joined, "figure": _term(figure)})
    return joined


def _term(title: Title) -> Term:
    return Term(title.en, title.zh)


def _said(path: str, rulebook: Rulebook, sentences: Mapping[str, Title]) -> Value:
    """Whose it is, and the sentence of `rulebook explain`; else the key path."""
    table, _, name = path.partition(".")
    if table == "clauses":
        return Word("concepts", name)
    nearest = path
    while nearest and nearest not in sentences:
        nearest = nearest.rpartition(".")[0]
    if not nearest:
        return path
    sentence = sentences[nearest]
    whose = _whose(path, rulebook)
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
    return Term(*HEADINGS[table]) if table in HEADINGS else None
