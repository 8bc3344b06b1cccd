"""What figures and clauses are called, and the rules' own words."""

from typing import NamedTuple

from ledger.rulebook.figures import titles
from ledger.rulebook.model import Rulebook
from ledger.rulebook.prose.quoted import quoted
from projections.explain.assumptions import heading
from projections.explain.grounds import Reference
from projections.explain.phrases import Word, say
from projections.explain.places import ASSUMED
from projections.explain.terms import document, node_of
from replay.pages.adapter import title_in

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
            shown.append(say(node_of(parts[i + 1], rulebook), language))
            i += 2
        elif (named_table := heading(parts[i])) is not None:
            shown.append(say(named_table, language))
            i += 1
        elif parts[i] in LEFT_OUT or parts[i].isdigit():
            i += 1
        else:
            shown.append(say(Word("keys", parts[i]), language))
            i += 1
    return " · ".join(shown)


class Quote(NamedTuple):
    """A clause that a ruling relies on."""

    label: str
    words: str
    """The rules' own, where the file quotes them."""
    document: str


def quote(reference: Reference, rulebook: Rulebook, language: str) -> Quote:
    """A clause with its words and the document it stands in."""
    concept = reference.path.removeprefix("clauses.")
    title = quoted(rulebook, concept)
    source = rulebook.sources.get(reference.label.partition(" ")[0])
    stands_in = "" if source is None else say(document(source), language)
    return Quote(reference.label, title_in(title, language) if title else "", stands_in)


def is_assumed(reference: Reference) -> bool:
    return reference.label.startswith(ASSUMED)
