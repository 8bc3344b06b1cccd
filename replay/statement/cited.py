"""What a decision relies on, as a statement cites it: with its words, or with its figure."""

from ledger.rulebook.prose.quoted import quoted
from projections.explain.assumptions import Figures
from projections.explain.grounds import Reference
from projections.explain.phrases import Phrase, Term, Value
from projections.explain.places import ASSUMED, SCENARIO
from projections.explain.terms import about_rulebook, document


def cited(reference: Reference, figures: Figures) -> tuple[Value, bool]:
    """A figure or a concept with its clause, or why it is assumed; and whether it is."""
    rulebook = figures.rulebooks[reference.rulebook]
    citation = rulebook.cite(reference.path)
    if reference.label.startswith((ASSUMED, SCENARIO)):
        note = Term(citation.why("en"), citation.why("zh"))
        assumed: dict[str, Value] = {"figure": figures.says(reference), "note": note}
        return Phrase("statement.assumed_figure", assumed), True
    source = rulebook.sources.get(citation.source)
    values: dict[str, Value] = {
        "document": document(source) if source else about_rulebook(rulebook),
        "clause": citation.clause,
    }
    table, _, concept = reference.path.partition(".")
    if table == "clauses" and (words := quoted(rulebook, concept)) is not None:
        said = Term(words.en, words.zh)  # as it is, also where it begins
        return Phrase("statement.ground.clause", values | {"words": said}), False
    return Phrase("statement.ground.figure", values | {"figure": figures.says(reference)}), False
