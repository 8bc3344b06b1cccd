"""A phrase: the key of a sentence and the values in it, before a language is chosen.

A ruling is explained once, in phrases; each language renders the same phrases from its own table.
So both languages say the same, and neither is a translation of the other's text.
"""

from functools import lru_cache
from string import Formatter
from typing import TypeAlias

from msgspec import Struct

from ledger.rulebook.model import Title
from ledger.text import safe
from projections.explain.messages import table


class Count(Struct, frozen=True):
    """A number with its noun: `3 days`."""

    noun: str
    number: str


class Term(Title, frozen=True):
    """A title that stands in a sentence as it is written: a name, a word of a rulebook."""


class Word(Struct, frozen=True):
    """A word of a fact or of ours, as people call it: looked up in `shelf`, else shown as it is."""

    shelf: str
    word: str


class Phrase(Struct, frozen=True):
    key: str
    values: "dict[str, Value]" = {}


Value: TypeAlias = "str | Title | Count | Word | Phrase | list[Value]"


def say(value: Value, language: str) -> str:
    """A value in a language."""
    if isinstance(value, str):
        return value if value.isprintable() else safe(value)
    if isinstance(value, Phrase):
        return _fill(value, language)
    if isinstance(value, list):
        return _listed([say(v, language) for v in value], table(language))
    return _say_word(value, language)


@lru_cache(maxsize=4096)
def _say_word(value: Title | Count | Word, language: str) -> str:
    words = table(language)
    match value:
        case Term():
            return safe(value.en if language == "en" else value.zh)
        case Title():
            return safe(_inside(value.en) if language == "en" else value.zh)
        case Count(noun, number):
            forms = words[f"plurals.{noun}"]
            return str(forms[_form(number, len(forms))]).replace("{n}", number)
        case Word(shelf, word):
            return str(words.get(f"{shelf}.{word}", safe(word).replace("_", " ")))


def _fill(phrase: Phrase, language: str) -> str:
    """The template of a phrase with its values, those that it names."""
    values, parts = phrase.values, []
    for text, name in _pieces(phrase.key, language):
        parts.append(text)
        if name is not None:
            value = values[name]
            plain = type(value) is str and value.isprintable()
            parts.append(value if plain else say(value, language))  # type: ignore[arg-type]
    return "".join(parts)


@lru_cache(maxsize=4096)
def _pieces(key: str, language: str) -> tuple[tuple[str, str | None], ...]:
    """A template taken apart once: each text, and the name of the value after it."""
    template: str = table(language)[key]
    return tuple((text, name) for text, name, _, _ in Formatter().parse(template))


def sentence(sentences: list[list[Phrase]], language: str) -> str:
    """Each list of parts as one sentence, one after the other."""
    words = table(language)
    made = []
    for parts in sentences:
        text = listing(parts, language)
        made.append((text[:1].upper() + text[1:] if language == "en" else text) + words["join.end"])
    return str(words["join.sentence"]).join(made)


def dated(parts: list[Phrase], said: str) -> list[Phrase]:
    """Parts that each say when (`on`) only where that is another instant than the one above."""
    return [
        Phrase(part.key, part.values | {"on": ""})
        if isinstance(on := part.values.get("on"), Phrase) and on.values["at"] == said
        else part
        for part in parts
    ]


def listing(parts: list[Phrase], language: str) -> str:
    """Parts of one sentence, one after the other."""
    separator: str = table(language)["join.part"]
    return separator.join(say(part, language) for part in parts)


def _form(number: str, forms: int) -> int:
    """Which form a number takes: one, many, none; the last there is where a form is missing."""
    wanted = {"1": 0, "0": 2}.get(number, 1)
    return min(wanted, forms - 1) if wanted < 2 or forms > 2 else min(1, forms - 1)


def _listed(items: list[str], words: dict[str, str]) -> str:
    if len(items) < 2:
        return "".join(items)
    return words["join.list"].join(items[:-1]) + words["join.last"] + items[-1]


def _inside(title: str) -> str:
    """A title inside an English sentence: `Live selling` is `live selling`, `VAT` stays."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]
