"""What figures and clauses are called, and the rules' own words."""

from typing import NamedTuple

from ledger.rulebook.figures import as_text, figures, titles
from ledger.rulebook.model import Rulebook
from projections.explain.grounds import Reference
from projections.explain.messages import table
from projections.explain.phrases import Phrase, Value, Word, say
from projections.explain.places import ASSUMED
from replay.pages.adapter import title_in

TABLES = ("nodes", "exam", "appeal", "recovery", "accrual_exam")
LEFT_OUT = ("stops", "severities", "counters", "categories", "features")
"""Parts of a key path that say nothing to people: what is in them has a title."""


def figure_title(path: str, rulebook: Rulebook, language: str) -> str:
    """`Misleading information: points` for `categories.misleading.points`."""
    parts, named = path.split("."), titles(rulebook)
    shown: list[str] = []
    i = 0
    while i < len(parts):
        title = next(
            (
                named[key]
                for n in (4, 2)
                if (key := ".".join(parts[i : i + n])) in named and n <= len(parts) - i
            ),
            None,
        )
        if title is not None:
            shown.append(title_in(title, language))
            i += 2
        elif parts[i] == "nodes" and i + 1 < len(parts):
            shown.append(say(Phrase("pages.tables.nodes", {"name": parts[i + 1]}), language))
            i += 2
        elif parts[i] in LEFT_OUT or parts[i].isdigit():
            i += 1
        else:
            shown.append(_word(parts[i], language))
            i += 1
    return " · ".join(shown)


def _word(part: str, language: str) -> str:
    words = table(language)
    for shelf in ("fields", "tables"):
        if said := words.get(f"pages.{shelf}.{part}"):
            return str(said)
    return part.replace("_", " ")


def figure_value(path: str, rulebook: Rulebook, language: str) -> str:
    """As people call it; empty where the file leaves it out, and of behaviours, which have none."""
    value = figures(rulebook).get(path)
    words: list[Value] = [] if value is None else _words(as_text(value))
    return say(words, language)


def _words(value: str) -> list[Value]:
    return [Word("pages.values", word) for word in value.split(", ")]


class Quote(NamedTuple):
    """A clause that a ruling relies on."""

    label: str
    words: str
    """The rules' own, where the file quotes them."""
    document: str


def quote(reference: Reference, rulebook: Rulebook, language: str) -> Quote:
    """A clause with its words and the document it stands in."""
    concept = reference.path.removeprefix("clauses.")
    title = next((t for name, t in rulebook.clauses.items() if name == concept), None)
    source = rulebook.sources.get(reference.label.partition(" ")[0])
    document = ""
    if source is not None:
        document = source.title
        if source.date:
            dated = Phrase("pages.dated", {"title": source.title, "date": source.date})
            document = say(dated, language)
    return Quote(reference.label, title_in(title, language) if title else "", document)


def is_assumed(reference: Reference) -> bool:
    return reference.label.startswith(ASSUMED)
