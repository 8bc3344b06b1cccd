"""One ruling and what is needed to speak of it: names, titles, times, and values for sentences."""

from typing import NamedTuple

from ledger.facts import types as facts
from ledger.rulebook.model import Category, Rulebook, Title
from projections.explain.memory import Case, Memory
from projections.explain.phrases import Phrase, Value, Word
from projections.fold.given import Fact
from projections.fold.state import ABSENT, UNTIL_OPENED, Crossing, Stop, Violation
from projections.standing.naming import Naming
from projections.standing.replay import Replay, Ruling
from projections.standing.writing import clock_time, points

UNKNOWN = Phrase("join.unknown")


class Scene(NamedTuple):
    """One ruling and what is needed to speak of it."""

    ruling: Ruling
    replay: Replay
    names: Naming
    memory: Memory
    judge: Rulebook
    """The version that judges what the fact is about."""

    @property
    def zone(self) -> str:
        return self.replay.rulebook.zone

    @property
    def row(self) -> Fact:
        assert self.ruling.row is not None
        return self.ruling.row

    @property
    def violation(self) -> Violation:
        return self.replay.creator.violations[self.row.violation]

    @property
    def case(self) -> Case:
        return self.memory.cases.get(self.row.violation, Case())

    @property
    def direction(self) -> str:
        """Whether the counter that a ruling moved is a balance or a tally."""
        return self.ruling.rulebook.counters[self.names.counters[self.ruling.counter]].direction

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

    def counter(self, index: int) -> Value:
        name = self.names.counters[index]
        counter = self.ruling.rulebook.counters.get(name)
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


def score(value: int | None) -> str:
    return points(value or 0)


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
    for name in ("violation", "period", "event", "occasion", "account", "currency", "item"):
        if hasattr(fact, name):
            values[name] = getattr(fact, name) or ""
    if hasattr(fact, "ground") and fact.ground is not None:
        values["ground"] = Word("words", fact.ground)
    if isinstance(fact, facts.ViolationFound):
        values["category"] = graded(fact.category, fact.severity or "", scene.judge)
        values["word"] = fact.category
    elif ruling.row is not None and ruling.row.violation in scene.memory.cases:
        values["category"] = scene.titled(ruling.row.violation)
    if isinstance(fact, facts.FeatureOpened | facts.FeatureUsed):
        values["feature"] = scene.feature(fact.feature, ruling.rulebook)
    if isinstance(fact, facts.CourseTaken):
        values["course"] = Word("courses", fact.course)
    if isinstance(fact, facts.ExamSat | facts.RulesExamSat):
        values["mark"] = points(fact.mark)
    return values
