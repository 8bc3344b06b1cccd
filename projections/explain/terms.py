"""What things are called: by the titles and words of a rulebook, else by ours."""

from ledger.rulebook.model import Feature, Rulebook, Source, Title
from ledger.rulebook.prose.quoted import named
from projections.explain.grounds import LEDGER
from projections.explain.messages import LANGUAGES, table
from projections.explain.phrases import Phrase, Term, Value, Word
from projections.standing.writing import money


def role(rulebook: Rulebook, name: str) -> Value:
    """Whom the rules are for (`subject`), who decides (`authority`), …: as `[roles]` has it."""
    title: Title | None = getattr(rulebook.roles, name)
    return Word("roles", name) if title is None else Term(title.en, title.zh)


def term(rulebook: Rulebook, shelf: str, word: str) -> Value:
    """A word of a fact: as `[words]` has it, else as our shelf has."""
    title = rulebook.words.get(word)
    return Word(shelf, word) if title is None else Term(title.en, title.zh)


def identified(name: str) -> str:
    """An id in a sentence: in quotes where it has blanks."""
    return f"“{name}”" if " " in name else name


def occasions(rulebook: Rulebook, number: int | str, *, following: bool = False) -> Phrase:
    """How many occasions: `2 races`, `the next race`."""
    key = "one" if str(number) == "1" else "many"
    values: dict[str, Value] = {"n": str(number), "occasion": role(rulebook, "occasion")}
    return Phrase(f"occasions.{'next_' if following else ''}{key}", values)


def about_rulebook(rulebook: Rulebook) -> Phrase:
    """A version by its title."""
    title = Term(rulebook.title.en, rulebook.title.zh)
    return Phrase("said.rulebook", {"title": title, "version": rulebook.version})


def clause_of(label: str) -> Value:
    """A clause as people read it; what the ledger itself has decided in words."""
    if not label.startswith(LEDGER):
        return label
    return Phrase("ledger.label", {"what": Word("ledger", label.removeprefix(LEDGER))})


def document(source: Source) -> Phrase:
    """A document behind clauses, with its date where that is known."""
    values: dict[str, Value] = {"title": named(source), "date": source.date}
    return Phrase(f"said.document{'' if source.date else '_undated'}", values)


def graded(word: str, severity: str, rulebook: Rulebook) -> Value:
    """The title of a category, with its severity where it has one."""
    category = rulebook.categories.get(word)
    title: Value = Word("categories", word) if category is None else category.title
    rule = category.severities.get(severity) if category is not None else None
    if rule is None:
        return title
    name: Value = rule.title or Word("severities", severity)
    return Phrase("cause.graded", {"category": title, "severity": name})


def node_of(name: str, rulebook: Rulebook) -> Phrase:
    """A node by its title, by the score that is its name, or by its name."""
    title = rulebook.nodes[name].title
    if title is not None:
        return Phrase("cause.titled", {"title": Term(title.en, title.zh)})
    key = "node" if name.replace(".", "", 1).isdecimal() else "named"
    return Phrase(f"cause.{key}", {"node": name})


def ladder_title(name: str, rulebook: Rulebook) -> Value:
    title = rulebook.ladders[name].title
    return name if title is None else Term(title.en, title.zh)


def measure_of(name: str, rulebook: Rulebook) -> Value:
    return rulebook.features.get(name) or term(rulebook, "measures", name)


def money_of(amount: int, currency: str) -> Phrase:
    """An amount in minor units, as each language writes it."""
    return money_said(money(amount, currency), currency)


def money_said(amount: str, currency: str) -> Phrase:
    """The same of an amount that is written out."""
    key = f"said.money_{currency}"
    values: dict[str, Value] = {"amount": amount, "currency": currency}
    return Phrase(key if key in table(LANGUAGES[0]) else "said.money", values)


def kind_of(feature: str, rulebook: Rulebook) -> str:
    """Whether a stop stops a feature, or is a sanction that stops none.

    What is called like a usual measure is imposed as that is; it can't be meant to stop.
    """
    title = rulebook.features.get(feature)
    if title is None or f"measures.{feature}" in table(LANGUAGES[0]):
        return "feature" if title is None else "sanction"
    return title.kind


def named_stop(feature: str, rulebook: Rulebook, *, for_good: bool) -> Title | None:
    """What a stop of a feature is called, where it has a name of its own."""
    title = rulebook.features.get(feature)
    return None if title is None else title.named(for_good=for_good)


def stop_name(feature: str, rulebook: Rulebook, *, for_good: bool = False) -> Phrase:
    """A stop in a sentence; a measure only by what it is called."""
    title = rulebook.features.get(feature) or Feature(feature, feature)
    kind = kind_of(feature, rulebook)
    if named := named_stop(feature, rulebook, for_good=for_good):
        title, shape = Feature(named.en, named.zh), "sanction"
    else:
        shape = kind if kind == title.kind else "shown"
    article, _, rest = title.en.partition(" ")
    name = rest if article.lower() in ("a", "an", "the") else title.en
    definite = Title(f"the {name}", title.zh)
    return Phrase(f"stop.{shape}", {"feature": title, "the_feature": definite})
