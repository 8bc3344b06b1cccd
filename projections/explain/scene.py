"""One ruling and what is needed to speak of it: names, titles, times, and values for sentences."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from ledger.facts import types as facts
from ledger.rulebook.model import Rulebook, Title
from projections.explain.grounds import Places
from projections.explain.phrases import Count, Phrase, Value, Word
from projections.explain.record import Record
from projections.explain.terms import (
    about_rulebook,
    graded,
    identified,
    kind_of,
    ladder_title,
    measure_of,
    named_stop,
    node_of,
    occasions,
    role,
    stop_name,
    term,
)
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
from projections.fold.trace import Effect, End, Ground
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
    record: Record
    ends: dict[int, End]
    """By feature, until when what the effects touched is stopped after them."""
    ruled: Ruling | None = None
    """None where no one fact did something."""
    together: tuple[int, ...] = ()
    """By slot, the violations after whose points a score was looked at, where they are several."""
    batch: tuple[int, ...] = ()
    """By slot, the violations of the batch that the ruling is one of."""

    @property
    def ruling(self) -> Ruling:
        assert self.ruled is not None
        return self.ruled

    @property
    def judge(self) -> Rulebook:
        """The version that judges what the fact is about: that of the violation it names."""
        return self.rulebook if self.ruled is None else judged_by(self.ruled, self.names)

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

    def category_title(self, word: str) -> Value:
        return graded(word, "", self.judge)

    def titled(self, slot: int) -> Value:
        """The category of a violation, with its severity where it has one."""
        violation = self.replay.creator.violations[slot]
        judge = self.names.judge(violation)
        return graded(self.names.words[slot], self.names.severity(violation), judge)

    def named(self, slot: int) -> str:
        """A violation by its id."""
        return identified(self.names.violations[slot])

    def crossing(self, stop: Stop) -> Crossing:
        """Of a stop that a node started."""
        return self.replay.creator.crossings[stop.crossing]

    def cause(self, stop: Stop) -> Phrase:
        """What a stop comes from: a node, or a violation by itself."""
        return cause(stop, self.names)

    def kind(self, stop: Stop) -> str:
        """Whether it is told as the stop of a feature, or by a name of its own."""
        return "sanction" if self.own_name(stop) is not None else kind(stop, self.names)

    def own_name(self, stop: Stop) -> Title | None:
        """What a stop is called, where the rulebook has a name for it."""
        rulebook = self.names.book(stop.version)
        return named_stop(self.names.feature(stop), rulebook, for_good=stop.kind == PERMANENT)

    def stop(self, stop: Stop) -> Phrase:
        """What a stop is called."""
        feature, rulebook = self.names.feature(stop), self.names.book(stop.version)
        return stop_name(feature, rulebook, for_good=stop.kind == PERMANENT)

    def ladder(self, violation: Violation) -> Value:
        return ladder_title(self.names.ladder(violation), self.names.judge(violation))

    def without_recoveries(self, score: int, stop: Stop) -> int:
        """What decides whether a stop is lifted; no score lies beyond its floor or its cap."""
        rule = self.replay.tables.book.versions[stop.version].counters[stop.counter]
        return min(max(score, rule.floor), rule.cap)

    def counted(self, score: int, stop: Stop) -> dict[str, Value]:
        """The score that counts for a stop, and why it is not the one that is shown."""
        counts, shown = self.without_recoveries(score, stop), self.score_after(stop.counter)
        sign = -1 if self.names.direction(stop) == "tally" else 1
        note: Value = ""
        if counts != shown:
            gained = (shown - counts) * sign > 0
            note = Phrase("parts.counted" if gained else "parts.counted_own")
        return {"counter": self.counter(stop.counter), "score": points(counts), "counted": note}

    def score_after(self, counter: int) -> int:
        return self.ruling.after[counter]

    def counter(self, index: int) -> Value:
        name = self.names.counters[index]
        counter = self.rulebook.counters.get(name)
        return Title(name, name) if counter is None or counter.title is None else counter.title

    def feature(self, name: str, rulebook: Rulebook) -> Value:
        return rulebook.features.get(name) or term(rulebook, "measures", name)

    def measure(self, name: str) -> Value:
        return measure_of(name, self.judge)

    def role(self, name: str) -> Value:
        return role(self.rulebook, name)

    def word(self, shelf: str, word: str) -> Value:
        return term(self.rulebook, shelf, word)


def cause(stop: Stop, names: Naming) -> Phrase:
    """The node that started a stop, the violation that has it by itself, or want of use."""
    if stop.kind == UNTIL_OPENED:
        return Phrase("cause.lapse")
    if stop.node != ABSENT:
        return node_of(names.node_name(stop), names.book(stop.version))
    category = graded(names.words[stop.violation], "", names.book(stop.version))
    violation = identified(names.violations[stop.violation])
    return Phrase("cause.violation", {"violation": violation, "category": category})


def kind(stop: Stop, names: Naming) -> str:
    """Whether it stops a feature, or is a sanction that stops none."""
    return kind_of(names.feature(stop), names.book(stop.version))


def lasts(stop: Stop, rulebook: Rulebook) -> Value:
    """How long a stop lasts, as it is now."""
    if stop.kind == OCCASIONS:
        return occasions(rulebook, stop.length)
    if stop.kind != EXACT:
        return Count(LENGTHS[stop.kind], str(stop.length))
    days, rest = divmod(stop.length, DAY)
    return Count("hours", str(stop.length // HOUR)) if rest else Count("days", str(days))


def is_full(ruling: Ruling) -> bool:
    """Whether an applied grant voids its violation."""
    assert ruling.violation is not None
    return ruling.violation.state == VOID


def waited(ruling: Ruling) -> bool:
    """Whether the effect of the violation waited for the appeal that a ruling decides."""
    assert ruling.violation is not None
    took = any(code == TOOK_EFFECT for code, _, _, _ in ruling.effects)
    return took or ruling.violation.waiting_until != ABSENT


def overrides(ruling: Ruling | None, record: Record) -> Ruling | None:
    """Of an applied grant: the denial, or the appeal too late, that it decides otherwise than."""
    if ruling is None or not ruling.applied:
        return None
    granted = isinstance(ruling.envelope.fact, facts.AppealGranted)
    return record.overridden(ruling) if granted else None


def score(value: int | None) -> str:
    return points(value or 0)


@cache
def shown(kind: type) -> tuple[str, ...]:
    """What a fact of a kind names that a sentence shows as it is."""
    names = ("violation", "period", "event", "currency", "item")
    return tuple(name for name in names if hasattr(kind, name))


def judged_by(ruling: Ruling, names: Naming) -> Rulebook:
    """The version that ruled: of what acts on a violation that by which it was found."""
    violation = ruling.violation
    about = ruling.row is not None and ruling.row.kind in ABOUT_VIOLATION
    if about and violation is not None and violation.state != NONE:
        return names.judge(violation)
    return ruling.rulebook


def figures(scene: Scene) -> dict[str, Value]:
    """Values that many sentences use."""
    ruling = scene.ruling
    fact = ruling.envelope.fact
    values: dict[str, Value] = {
        "before": score(ruling.score_before),
        "after": score(ruling.score_after),
        "rulebook": about_rulebook(scene.judge),
        "counter": scene.counter(ruling.counter),
        "subject": scene.role("subject"),
        "authority": scene.role("authority"),
    }
    for name in shown(type(fact)):
        values[name] = identified(getattr(fact, name) or "")
    ground = getattr(fact, "ground", None)
    if ground is not None:
        values["ground"] = Word("words", ground)
    if isinstance(fact, facts.ViolationFound):
        values["category"] = graded(fact.category, fact.severity or "", scene.judge)
        values["word"] = fact.category
        values["found"] = found(fact, values)
    elif ruling.violation is not None and ruling.violation.state != NONE:
        values["category"] = scene.titled(scene.row.violation)
    if isinstance(fact, facts.FeatureOpened | facts.FeatureUsed):
        values["feature"] = scene.feature(fact.feature, ruling.rulebook)
    if isinstance(fact, facts.CourseTaken):
        values["course"] = scene.word("courses", fact.course)
    if isinstance(fact, facts.OccasionHeld):
        values["occasion"] = scene.word("occasions_held", fact.occasion)
    if isinstance(fact, facts.ExamSat | facts.RulesExamSat):
        values["mark"] = points(fact.mark)
    return values


def found(fact: facts.ViolationFound, values: dict[str, Value]) -> Phrase:
    """The category of a violation, and how it was found where that is one of the usual ways."""
    if fact.detected_by == "other":
        return Phrase("detected.plain", values)
    by = Phrase(f"detected.{fact.detected_by}", values)
    return Phrase("detected.told", {"category": values["category"], "by": by})
