"""One ruling and what is needed to speak of it: names, titles, times, and values for sentences."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from ledger.facts import types as facts
from ledger.rulebook.model import Category, Feature, Rulebook, Title
from projections.explain.grounds import Places
from projections.explain.messages import LANGUAGES, table
from projections.explain.phrases import Count, Phrase, Value, Word
from projections.fold.given import Fact
from projections.fold.state import (
    ABSENT,
    DAY,
    EXACT,
    KINDS,
    MONEY_POSTED,
    MONTHS,
    NATURAL_DAYS,
    NONE,
    OCCASIONS,
    PERMANENT,
    TOOK_EFFECT,
    UNTIL_OPENED,
    VIOLATION_FOUND,
    VOID,
    WHILE_TRIGGERED,
    Crossing,
    Stop,
    Violation,
)
from projections.fold.trace import Effect, Ground
from projections.standing.naming import Naming
from projections.standing.numbering import HOUR
from projections.standing.replay import Replay, Ruling
from projections.standing.writing import clock_time, points

UNKNOWN = Phrase("join.unknown")
LENGTHS = {
    NATURAL_DAYS: "natural_days",
    MONTHS: "months",
    OCCASIONS: "occasions",
    PERMANENT: "permanent",
    WHILE_TRIGGERED: "while_triggered",
}
"""The word of a rulebook for how long a stop lasts, where that is not a number of hours."""
ABOUT_VIOLATION = {KINDS.index(facts.TYPE_NAME[t]) for t in facts.NAMES_VIOLATION}
ABOUT_VIOLATION -= {VIOLATION_FOUND, MONEY_POSTED}
"""Kinds of facts that act on a violation which was ruled before."""


class Scene(NamedTuple):
    """One ruling, or what time did at one instant, and what is needed to speak of it."""

    replay: Replay
    names: Naming
    places: Places
    rulebook: Rulebook
    """The version in force at the instant."""
    effects: Sequence[Effect]
    grounds: Sequence[Ground]
    ruled: Ruling | None = None
    """None where no one fact did something."""
    together: tuple[int, ...] = ()
    """By slot, the violations that were found together and did it; else time alone."""

    @property
    def ruling(self) -> Ruling:
        assert self.ruled is not None
        return self.ruled

    @property
    def judge(self) -> Rulebook:
        """The version that judges what the fact is about: that of the violation it names."""
        if self.ruled is None or self.ruled.row is None:
            return self.rulebook
        violation = self.ruled.violation
        known = violation is not None and violation.state != NONE
        if known and self.ruled.row.kind in ABOUT_VIOLATION:
            assert violation is not None
            return self.names.judge(violation)
        return self.rulebook

    def found(self, key: str) -> int:
        """What was on record beside a figure."""
        found = next((g.found for g in self.grounds if g.key == key), None)
        return ABSENT if found is None else found

    def required(self, key: str) -> Any:
        """What the figure was; of a figure that was not asked None."""
        return next((self.places.place(g).value for g in self.grounds if g.key == key), None)

    def length(self, row: int) -> tuple[str, str]:
        """How long a stop lasts, as its rulebook says it: the unit and the number."""
        place = next(self.places.place(g) for g in self.grounds if g.row == row)
        return place.path.rpartition(".")[2], str(place.value)

    @property
    def zone(self) -> str:
        return self.replay.rulebook.zone

    @property
    def row(self) -> Fact:
        assert self.ruling.row is not None
        return self.ruling.row

    @property
    def violation(self) -> Violation:
        """What the fact is about, as it stood after the ruling."""
        assert self.ruling.violation is not None
        return self.ruling.violation

    @property
    def direction(self) -> str:
        """Whether the counter that a ruling moved is a balance or a tally."""
        return self.rulebook.counters[self.names.counters[self.ruling.counter]].direction

    def time(self, at: int) -> Value:
        return UNKNOWN if at == ABSENT else clock_time(at, self.zone)

    def category_title(self, word: str, rulebook: Rulebook | None = None) -> Value:
        category: Category | None = (rulebook or self.judge).categories.get(word)
        return Word("categories", word) if category is None else category.title

    def titled(self, slot: int) -> Value:
        """The category of a violation, with its severity where it has one."""
        violation = self.replay.creator.violations[slot]
        judge = self.names.judge(violation)
        return graded(self.names.words[slot], self.names.severity(violation), judge)

    def crossing(self, stop: Stop) -> Crossing:
        """Of a stop that a node started."""
        return self.replay.creator.crossings[stop.crossing]

    def cause(self, stop: Stop) -> Phrase:
        """What a stop comes from: a node, or a violation by itself."""
        return cause(stop, self.names)

    def kind(self, stop: Stop) -> str:
        return kind(stop, self.names)

    def stop(self, stop: Stop) -> Phrase:
        """What a stop is called."""
        return stop_name(self.names.feature(stop), self.names.book(stop.version))

    def without_recoveries(self, score: int, stop: Stop) -> str:
        """What decides whether a stop is lifted; no score lies beyond its floor or its cap."""
        rule = self.replay.tables.book.versions[stop.version].counters[stop.counter]
        return points(min(max(score, rule.floor), rule.cap))

    def counter(self, index: int) -> Value:
        name = self.names.counters[index]
        counter = self.rulebook.counters.get(name)
        return Title(name, name) if counter is None or counter.title is None else counter.title

    def feature(self, name: str, rulebook: Rulebook) -> Value:
        return rulebook.features.get(name) or Word("measures", name)

    def measure(self, name: str) -> Value:
        return self.judge.features.get(name) or Word("measures", name)


def graded(word: str, severity: str, rulebook: Rulebook) -> Value:
    category = rulebook.categories.get(word)
    title: Value = Word("categories", word) if category is None else category.title
    rule = category.severities.get(severity) if category is not None else None
    if rule is None:
        return title
    name: Value = rule.title or Word("severities", severity)
    return Phrase("cause.graded", {"category": title, "severity": name})


def cause(stop: Stop, names: Naming) -> Phrase:
    """The node that started a stop, the violation that has it by itself, or want of use."""
    if stop.kind == UNTIL_OPENED:
        return Phrase("cause.lapse")
    if stop.node != ABSENT:
        return Phrase("cause.node", {"node": names.node_name(stop)})
    violation = names.violations[stop.violation]
    word = names.words[stop.violation]
    category = graded(word, "", names.book(stop.version))
    return Phrase("cause.violation", {"violation": violation, "category": category})


def kind(stop: Stop, names: Naming) -> str:
    """Whether it stops a feature, or is a sanction that stops none."""
    return _kind(names.feature(stop), names.book(stop.version))


def _kind(feature: str, rulebook: Rulebook) -> str:
    """What is called like a usual measure is imposed as that is; it can't be meant to stop."""
    title = rulebook.features.get(feature)
    if title is None or f"measures.{feature}" in table(LANGUAGES[0]):
        return "feature" if title is None else "sanction"
    return title.kind


def lasts(stop: Stop) -> Count:
    """How long a stop lasts, as it is now."""
    if stop.kind != EXACT:
        return Count(LENGTHS[stop.kind], str(stop.length))
    days, rest = divmod(stop.length, DAY)
    return Count("hours", str(stop.length // HOUR)) if rest else Count("days", str(days))


def stop_name(feature: str, rulebook: Rulebook) -> Phrase:
    """A stop in a sentence; a measure only by what it is called."""
    title = rulebook.features.get(feature) or Feature(feature, feature)
    article, _, rest = title.en.partition(" ")
    bare = rest if article.lower() in ("a", "an", "the") else title.en
    shape = _kind(feature, rulebook)
    if shape != title.kind:
        shape = "shown"
    definite = Title(f"the {bare}", title.zh)
    return Phrase(f"stop.{shape}", {"feature": title, "the_feature": definite})


def is_full(ruling: Ruling) -> bool:
    """Whether an applied grant voids its violation."""
    assert ruling.violation is not None
    return ruling.violation.state == VOID


def waited(ruling: Ruling) -> bool:
    """Whether the effect of the violation waited for the appeal that a ruling decides."""
    assert ruling.violation is not None
    took = any(code == TOOK_EFFECT for code, _, _, _ in ruling.effects)
    return took or ruling.violation.waiting_until != ABSENT


def score(value: int | None) -> str:
    return points(value or 0)


@cache
def named(kind: type) -> tuple[str, ...]:
    """What a fact of a kind names that a sentence may show as it is."""
    shown = ("violation", "period", "event", "occasion", "account", "currency", "item")
    return tuple(name for name in shown if hasattr(kind, name))


def figures(scene: Scene) -> dict[str, Value]:
    """Values that many sentences use."""
    ruling = scene.ruling
    fact = ruling.envelope.fact
    values: dict[str, Value] = {
        "before": score(ruling.score_before),
        "after": score(ruling.score_after),
        "rulebook": scene.judge.label,
        "counter": scene.counter(ruling.counter),
    }
    for name in named(type(fact)):
        values[name] = getattr(fact, name) or ""
    ground = getattr(fact, "ground", None)
    if ground is not None:
        values["ground"] = Word("words", ground)
    if isinstance(fact, facts.ViolationFound):
        values["category"] = graded(fact.category, fact.severity or "", scene.judge)
        values["word"] = fact.category
    elif ruling.violation is not None and ruling.violation.state != NONE:
        values["category"] = scene.titled(scene.row.violation)
    if isinstance(fact, facts.FeatureOpened | facts.FeatureUsed):
        values["feature"] = scene.feature(fact.feature, ruling.rulebook)
    if isinstance(fact, facts.CourseTaken):
        values["course"] = Word("courses", fact.course)
    if isinstance(fact, facts.ExamSat | facts.RulesExamSat):
        values["mark"] = points(fact.mark)
    return values
