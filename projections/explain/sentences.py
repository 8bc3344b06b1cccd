"""What a ruling says: the first part of its text, by kind of fact, and why one has no effect."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ledger.facts import types as facts
from ledger.rulebook.model import Duration, Lapse
from projections.explain.awards import award, bound
from projections.explain.phrases import Count, Phrase, Value, Word
from projections.explain.places import length_word
from projections.explain.scene import UNKNOWN, Scene, figures, is_full, waited
from projections.explain.terms import money_of
from projections.fold.exams import covered
from projections.fold.state import (
    ABSENT,
    EXAM_PASSED,
    KINDS,
    MEASURE_ENDED,
)
from projections.standing.writing import clock_time, day_date, deadline, points

FULL = 100
Values = dict[str, Value]
GIVEN = ("come_back", "gained")


def main_part(scene: Scene) -> Phrase:
    """What an applied fact says."""
    fact, values = scene.ruling.envelope.fact, figures(scene)
    which = SAYS.get(type(fact))
    ending = "" if which is None else which(scene, fact, values)
    return Phrase(f"kinds.{KINDS[scene.row.kind]}{ending and '.'}{ending}", values)


def _enrolled(scene: Scene, _: Any, values: Values) -> str:
    values["enrolled"] = scene.role("enrolled")
    values["scores"] = [
        Phrase("kinds.starts_at", {"counter": scene.counter(i), "score": points(amount)})
        for i, amount in enumerate(_initial(scene))
    ]
    return ""


def _profile(scene: Scene, _: Any, values: Values) -> str:
    values |= profile(scene)
    return ""


def _abandoned(scene: Scene, _: Any, __: Values) -> str:
    return "passed" if scene.violation.passed else "open"


def _gain(scene: Scene, _: Any, values: Values) -> str:
    values["gained"] = _moved(scene, "gained")
    values["needed"] = mark_needed(scene.required("accrual_exam.pass_mark"))
    values |= {"bound": bound(scene), "award": award(scene, values["counter"])}
    return "points" if scene.ruling.change or not scene.ruling.nominal else "nothing"


def _sat(scene: Scene, _: Any, values: Values) -> str:
    values["result"] = result(scene)
    return ""


def _day(scene: Scene, _: Any, values: Values) -> str:
    values["gained"] = _moved(scene, "gained")
    return _still_or_moved(scene, _, values)


def _still_or_moved(scene: Scene, _: Any, __: Values) -> str:
    return "moved" if scene.ruling.change else "still"


def _imposed(scene: Scene, fact: facts.MeasureImposed, values: Values) -> str:
    values["measure"] = scene.measure(fact.measure)
    values["until"] = "" if fact.until is None else clock_time(fact.until, scene.zone)
    return "open" if fact.until is None else "timed"


def _lifted(scene: Scene, fact: facts.MeasureLifted, values: Values) -> str:
    values["measure"] = scene.measure(fact.measure)
    ended = any(code == MEASURE_ENDED for code, _, _, _ in scene.ruling.effects)
    return "some" if ended else "none"


def _opened(scene: Scene, fact: facts.FeatureOpened, values: Values) -> str:
    condition = idle(scene.ruling.rulebook.lapses.get(fact.feature))
    values["condition"] = condition or ""
    return "lapses" if condition else "plain"


def _adopted(_: Scene, fact: facts.RulebookAdopted, values: Values) -> str:
    values["adopted"] = f"{fact.rulebook}@{fact.version}"
    return ""


def _withdrew(_: Scene, fact: facts.FactRetracted, values: Values) -> str:
    values["reason"] = Word("words", fact.reason)
    return ""


def _posted(scene: Scene, fact: facts.MoneyPosted, values: Values) -> str:
    values["amount"] = money_of(fact.amount, fact.currency)
    values["reason"] = scene.word("words", fact.reason)
    values["account"] = scene.word("words", fact.account)
    return "violation" if fact.violation else "plain"


def idle(lapse: Lapse | None) -> Phrase | None:
    """What closes a feature: not used for so long, and open for so long."""
    if lapse is None:
        return None
    values: Values = {"unused": _length(lapse.unused_for)}
    if lapse.open_for is None:
        return Phrase("idle.unused", values)
    return Phrase("idle.both", values | {"open": _length(lapse.open_for)})


def _length(length: Duration) -> Count:
    word = length_word(length)
    return Count(word, str(getattr(length, word)))


def _initial(scene: Scene) -> list[int]:
    version = scene.replay.tables.rulebooks.index(scene.ruling.rulebook)
    rules = scene.replay.tables.book.versions[version]
    return [counter.initial for counter in rules.counters]


def profile(scene: Scene) -> Values:
    """Level and reputation on record."""
    level, reputation = scene.ruling.profile
    return {
        "level": UNKNOWN if level == ABSENT else Phrase("said.level", {"n": str(level)}),
        "reputation": UNKNOWN
        if reputation == ABSENT
        else Phrase("said.reputation", {"n": points(reputation)}),
    }


def _moved(scene: Scene, noun: str) -> Count:
    """By how much the score moved; what is given back on a tally is taken off it."""
    noun = "taken_off" if noun in GIVEN and scene.direction == "tally" else noun
    return Count(noun, points(abs(scene.ruling.change or 0)))


def _violation(scene: Scene, _: Any, values: Values) -> str:
    violation = scene.ruling.violation
    assert violation is not None
    if violation.waiting_until != ABSENT:
        values["points"] = Count("points", points(violation.judged))
        values["until"] = deadline(violation.waiting_until, scene.zone)
        return "waiting"
    values["points"] = _moved(scene, "points")
    if not scene.ruling.change:
        return "nothing" if scene.ruling.nominal else "free"
    return scene.direction


def _lodged(scene: Scene, _: Any, values: Values) -> str:
    window, violation = scene.judge.appeal.window_days, scene.ruling.violation
    assert violation is not None
    if window is None:
        return "open"
    values["last"] = day_date(violation.found_on + window)
    return "windowed" if violation.waiting_until == ABSENT else "waiting"


def _denied(scene: Scene, _: Any, values: Values) -> str:
    if not waited(scene.ruling):
        return "still"
    values["taken"] = _moved(scene, "added" if scene.direction == "tally" else "deducted")
    return "effect" if scene.ruling.change else "effect_nothing"


def _grant(scene: Scene, _: Any, values: Values) -> str:
    values["come_back"] = _moved(scene, "come_back")
    size = "full" if is_full(scene.ruling) else "partial"
    if not waited(scene.ruling):
        return size + ("" if scene.ruling.nominal else "_nothing")
    if size == "full":
        return "full_waiting"
    values["taken"] = _moved(scene, "added" if scene.direction == "tally" else "deducted")
    return "partial_waiting" if scene.ruling.change else "partial_waiting_nothing"


def _invited(scene: Scene, _: Any, values: Values) -> str:
    exam = scene.judge.exam
    if exam is None or not examinable(scene):
        return "uncovered"
    values["days"] = Count("days", str(exam.window_days))
    values["last"] = day_date(scene.row.day + exam.window_days)
    return "covered"


SAYS: dict[type, Callable[[Scene, Any, Values], str]] = {
    facts.CreatorEnrolled: _enrolled,
    facts.ProfileChanged: _profile,
    facts.ViolationFound: _violation,
    facts.AppealLodged: _lodged,
    facts.AppealDenied: _denied,
    facts.AppealGranted: _grant,
    facts.ExamInvited: _invited,
    facts.ExamAbandoned: _abandoned,
    facts.ExamSat: _sat,
    facts.RulesExamSat: _gain,
    facts.RecoveryGranted: _gain,
    facts.CourseTaken: _gain,
    facts.DayQualified: _day,
    facts.MeasureImposed: _imposed,
    facts.MeasureLifted: _lifted,
    facts.OccasionHeld: _still_or_moved,
    facts.FeatureOpened: _opened,
    facts.RulebookAdopted: _adopted,
    facts.FactRetracted: _withdrew,
    facts.MoneyPosted: _posted,
}
"""Fills in what a sentence needs beside the usual values, and says which of several it is."""


def examinable(scene: Scene) -> bool:
    """Whether the rulebook has an exam for the violation."""
    violation = scene.violation
    return covered(violation, scene.replay.tables.book.versions[violation.version])


def mark_needed(mark: Decimal | None) -> Phrase:
    """The mark of a pass; all of a hundred is full marks."""
    key = "said.full_mark" if mark == FULL else "said.needed_mark"
    return Phrase(key, {"n": "" if mark is None else str(mark)})


def result(scene: Scene) -> Phrase:
    """What an answer that counts came to."""
    exam = scene.judge.exam
    assert exam is not None
    noun = "taken_off" if scene.direction == "tally" else "come_back"
    values = figures(scene) | {
        "needed": mark_needed(exam.pass_mark),
        "come_back": _moved(scene, noun),
        "answers_left": Count("answers_left", str(exam.answers - scene.violation.answers)),
    }
    if not any(code == EXAM_PASSED for code, _, _, _ in scene.effects):
        return Phrase("effects.exam_failed", values)
    return Phrase(f"effects.exam_passed.{'points' if scene.ruling.nominal else 'nothing'}", values)
