"""Rows of a standing and effects of a ruling in words: the JSON of an answer, for people."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from ledger.rulebook.model import Rulebook
from ledger.text import safe
from projections.explain.messages import LANGUAGES, table
from projections.explain.phrases import Phrase, Value, Word, say
from projections.explain.terms import (
    graded,
    identified,
    ladder_title,
    measure_of,
    money_said,
    node_of,
    term,
)

View = dict[str, Any]
NAMES = ("kind", "category", "severity", "currency", "at")
"""Fields that say nothing by themselves: another one says it, or the row stands under it."""


ENDS = ("until", "planned_until")


class Words:
    """What a language calls things, by the titles of the rulebooks that an answer is about."""

    def __init__(self, rulebooks: Sequence[Rulebook], language: str) -> None:
        self.rulebooks, self.language = rulebooks, language

    def say(self, key: str, **values: Value) -> str:
        """A sentence of the tables."""
        return say(Phrase(key, values), self.language)

    def type(self, word: str) -> str:
        """A type of fact."""
        return say(Word("types", word), self.language)

    def row(self, row: View) -> str:
        """Any row of a standing: its values, with times as people read them."""
        told = [self._told(row, key) for key in row if row[key] is not None]
        return self.listed([text for text in told if text])

    def effect(self, view: View) -> str:
        """`stop starts: node 8, product sharing, until 2024-07-11 09:00`."""
        what = say(Word("effect_names", view["kind"]), self.language)
        if not (about := self.row(view)):
            return what
        return self.say("whatif.because", where=what, what=about)

    def counter(self, name: str) -> Value:
        """A counter by its title."""
        counter = self._holder("counters", name).counters.get(name)
        return name if counter is None or counter.title is None else counter.title

    def scored(self, name: str, score: str | None) -> str:
        """A counter with its score."""
        return f"{say(self.counter(name), self.language)} {score or '–'}"

    def listed(self, texts: list[str]) -> str:
        """Texts in a row."""
        return self.say("fields.join").join(texts)

    def _told(self, row: View, key: str) -> str:
        said = self._value(row, key, row[key])
        return "" if said is None else say(said, self.language)

    def _value(self, row: View, key: str, value: Any) -> "Value | None":
        match key:
            case "category":
                holder = self._holder("categories", value)
                return graded(value, row.get("severity") or "", holder)
            case "node":
                holder = self._holder("nodes", value)
                known = value in holder.nodes
                return node_of(value, holder) if known else Phrase("fields.node", {"v": value})
            case "feature":
                return self._holder("features", value).features.get(value) or value
            case "measure":
                return measure_of(value, self._holder("words", value))
            case "ladder":
                holder = self._holder("ladders", value)
                return ladder_title(value, holder) if value in holder.ladders else value
            case "counter":
                return self.counter(value)
            case "account":
                return term(self._holder("words", value), "words", value)
            case "due" | "amount":
                return money_said(value, row["currency"])
            case "state":
                return Word("status", value)
            case "violation":
                return Phrase("fields.violation", {"v": identified(value)})
        if key in NAMES:
            return None
        text = str(value)
        if text[10:11] == "T":
            text = ended(text) if key in ENDS else minute(text)
        known = f"fields.{key}" in table(LANGUAGES[0])
        return Phrase(f"fields.{key}", {"v": text}) if known else text

    def _holder(self, table: str, name: str) -> Rulebook:
        """The rulebook that has a name in one of its tables; the first one if none has."""
        having = (r for r in self.rulebooks if name in getattr(r, table))
        return next(having, self.rulebooks[0])


def minute(instant: str) -> str:
    """`2024-07-11 09:00` of RFC 3339, with seconds where there are some; 24:00 as clocks say it."""
    try:
        there = datetime.fromisoformat(instant)
    except ValueError:  # as somebody typed it
        return safe(instant[:16].replace("T", " "))
    if there.time() == time.max:
        return f"{there:%Y-%m-%d} 24:00"
    return f"{there:%Y-%m-%d %H:%M:%S}" if there.second else f"{there:%Y-%m-%d %H:%M}"


def ended(instant: str) -> str:
    """The same of an end: midnight is the 24:00 of the day that is over."""
    there = datetime.fromisoformat(instant)
    midnight = there.time() == time.min
    return minute((there - timedelta(microseconds=1)).isoformat() if midnight else instant)
