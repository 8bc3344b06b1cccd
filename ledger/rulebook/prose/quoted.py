"""What is said of documents: their titles, and their words as quotations."""

from ledger.rulebook.model import Rulebook, Source, Title


def named(source: Source) -> Title:
    """A title of its own in the marks of a title; else what the document is."""
    if isinstance(source.title, Title):
        return source.title
    return Title(source.title, f"《{source.title}》")


def quoted(rulebook: Rulebook, concept: str) -> Title | None:
    """A clause: the words of the document in quotes, what we make of them beside it.

    Without quotes where the file does not say in which language the document is; None where the
    rulebook has no such clause.
    """
    words = next((said for name, said in rulebook.clauses.items() if name == concept), None)
    if words is None:
        return None
    source = rulebook.sources.get(rulebook.cite(f"clauses.{concept}").source)
    if source is None or not source.language:
        return Title(words.en, words.zh)
    if source.language == "zh":
        return Title(f"“{words.zh}” (in short: {words.en})", f"“{words.zh}”")
    return Title(f"“{words.en}”", f"“{words.en}”（大意：{words.zh}）")
