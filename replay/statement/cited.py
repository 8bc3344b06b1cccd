"""What a decision relies on, as a statement cites it: with its words, or with its figure."""

from projections.explain.assumptions import Figures
from projections.explain.grounds import Reference
from projections.explain.phrases import Phrase, Value
from projections.explain.places import ASSUMED, SCENARIO
from projections.explain.terms import about_rulebook, document


def cited(reference: Reference, figures: Figures, language: str) -> tuple[Value, bool]:
    """A figure or a concept with its clause; and whether no source gives it."""
    if reference.label.startswith((ASSUMED, SCENARIO)):
        return figures.says(reference), True
    rulebook = figures.rulebooks[reference.rulebook]
    citation = rulebook.cite(reference.path)
    source = rulebook.sources.get(citation.source)
    values: dict[str, Value] = {
        "document": document(source) if source else about_rulebook(rulebook),
        "clause": citation.clause,
    }
    table, _, concept = reference.path.partition(".")
    words = next((t for name, t in rulebook.clauses.items() if name == concept), None)
    if table == "clauses" and words is not None:
        said = values | {"words": getattr(words, language)}
        return Phrase("statement.ground.clause", said), False
    return Phrase("statement.ground.figure", values | {"figure": figures.says(reference)}), False
