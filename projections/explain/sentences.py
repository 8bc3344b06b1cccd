"""What a ruling says: the first part of its text, by kind of fact, and why one has no effect."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ledger.facts import types as facts
from ledger.rulebook.model import AccrualExam, Courses, Duration, Lapse, Recovery
from projections.explain.awards import award, bound
from projections.explain.phrases import Count, Phrase, Value, Word
from projections.explain.places import length_word
from projections.explain.scene import UNKNOWN, Scene, figures, is_full, waited
from projections.explain.terms import money_of, stop_name
from projections.fold.calendar import midnight
from projections.fold.exams import covered
from projections.fold.state import (
    ABSENT,
    EXAM_PASSED,
    KINDS,
    MEASURE_ENDED,
    PERMANENT,
    REASONS,
)
from projections.standing.writing import clock_time, day_date, deadline, points

FULL = 100
Values = dict[str, Value]
GIVEN = ("come_back", "gained")
OFFERED = {
    "recovery_granted": "recovery",
    "rules_exam_sat": "exam",
    "course_taken": "course",
    "day_qualified": "day",
    "feature_opened": "feature",
    "feature_used": "feature",
}


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


def refusals(scene: Scene) -> list[Phrase]:
    """Why a fact has no effect: a whole sentence for each condition that failed."""
    reasons = [REASONS[failure.reason] for failure in scene.ruling.failed]
    return [_refusal(reason, scene) for reason in reasons or [scene.ruling.reason]]


def _refusal(reason: str, scene: Scene) -> Phrase:
    ruling, values = scene.ruling, figures(scene)
    fact = ruling.envelope.fact
    kind = str(fact.__struct_config__.tag)
    exam = kind.startswith("exam_")
    key = f"reasons.{reason}"
    match reason:
        case "retracted":
            by = ruling.retracted_by
            assert by is not None
            values |= {"event": by.id, "at": scene.time(by.recorded_at)}
            assert isinstance(by.fact, facts.FactRetracted)
            values["reason"] = Word("words", by.fact.reason)
        case "unknown_violation":
            key += f".{_unknown(scene, values)}"
        case "closed_by_appeal":
            key += ".exam" if exam else ".appeal"
            values["voided"] = scene.time(scene.violation.void_at)
        case "window_closed":
            key += ".exam" if exam else ".appeal"
            values |= _window(scene, exam=exam)
        case "already_appealed":
            values["appeals"] = Count("appeals", str(scene.judge.appeal.attempts))
        case "right_revoked":
            values["revoked"] = scene.time(ruling.revoked_at)
        case "not_offered":
            key += f".{OFFERED[kind]}"
        case "already_granted":
            key += f".{OFFERED[kind]}"
            values["day"] = day_date(scene.row.day)
        case "closed":
            key += f".{_closed(scene, values)}"
        case "limit_reached" if isinstance(fact, facts.CourseTaken):
            values["most"] = Count("points", str(scene.required("courses.at_most") or ""))
            key += ".course"
        case "not_a_pass" | "limit_reached":
            values |= _rules_exam(scene)
            key += ".exam" if reason == "limit_reached" else ""
        case "out_of_time":
            values["committed"] = clock_time(scene.row.since, scene.zone)
            values["within"] = _limitation(scene)
        case "not_eligible" | "answers_used_up" | "quota_used":
            values |= exam_limits(scene)
        case _:
            pass
    return Phrase(key, values)


def _window(scene: Scene, *, exam: bool) -> Values:
    key = f"{'exam' if exam else 'appeal'}.window_days"
    days = int(scene.required(key))
    last = scene.row.day - scene.found(key) + days
    return {"days": Count("days", str(days)), "last": day_date(last)}


def _limitation(scene: Scene) -> Value:
    key = "categories.*.not_after"
    place = next(scene.places.place(ground) for ground in scene.grounds if ground.key == key)
    return Count(place.path.rpartition(".")[2], str(place.value))


def exam_limits(scene: Scene) -> Values:
    """The conditions of an exam, and what is on record."""
    exam = scene.judge.exam
    assert exam is not None
    on_record = profile(scene)
    level, reputation = scene.ruling.profile
    free_on = max(scene.found("exam.quota_days"), 0)
    return {
        "level": Phrase("said.level", {"n": str(exam.minimum_level)}),
        "reputation": Phrase("said.reputation", {"n": str(exam.reputation_above)}),
        "has_level": on_record["level"],
        "has_reputation": on_record["reputation"],
        "level_met": _met(level >= exam.minimum_level),
        "reputation_met": _met(reputation > exam.reputation_above * 100),
        "answers": Count("answers", str(exam.answers)),
        "days": Count("days", str(scene.required("exam.quota_days") or exam.quota_days)),
        "until": clock_time(midnight(free_on, scene.replay.tables.book), scene.zone),
    }


def _met(met: bool) -> Phrase:
    return Phrase(f"met.{'yes' if met else 'no'}")


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


def _unknown(scene: Scene, values: Values) -> str:
    """Whether a violation that is unknown to the law was withdrawn, had no effect, or never was."""
    fact: Any = scene.ruling.envelope.fact
    finding = scene.record.finding(fact.violation)
    if finding is None:
        return "never"
    if finding.retracted_by is None:
        return "void" if not finding.applied else "never"
    by = finding.retracted_by
    values |= {"event": by.id, "at": scene.time(by.recorded_at)}
    return "withdrawn"


def _rules_exam(scene: Scene) -> Values:
    free_on = max(scene.found("accrual_exam.per_days"), 0)
    return {
        "needed": mark_needed(scene.required("accrual_exam.pass_mark")),
        "days": Count("days", str(scene.required("accrual_exam.per_days"))),
        "until": clock_time(midnight(free_on, scene.replay.tables.book), scene.zone),
    }


def _closed(scene: Scene, values: Values) -> str:
    """Why nothing is gained: a stop for good, a stop, or a score at its end."""
    grounds = {ground.key for ground in scene.grounds if not ground.met}
    counter = _gaining(scene)
    values["counter"] = scene.counter(counter)
    if "recovery.not_at_floor" in grounds:
        return "at_end"
    stops = [scene.replay.creator.stops[stay.row] for stay in scene.ruling.stays]
    permanent = [stop for stop in stops if stop.kind == PERMANENT and stop.counter == counter]
    named = {
        scene.names.feature(s): scene.names.book(s.version)
        for s in stops
        if s.counter != ABSENT and (s.kind == PERMANENT or not permanent)
    }
    values["stop"] = [
        stop_name(name, rulebook, for_good=bool(permanent)) for name, rulebook in named.items()
    ]
    return "permanent" if permanent else "stopped"


def _gaining(scene: Scene) -> int:
    """Which counter a fact of this kind would give points to."""
    rulebook, fact = scene.rulebook, scene.ruling.envelope.fact
    rule: Recovery | AccrualExam | Courses | None = rulebook.recovery
    if isinstance(fact, facts.CourseTaken):
        rule = rulebook.courses
    elif isinstance(fact, facts.RulesExamSat):
        rule = rulebook.accrual_exam
    return scene.names.counters.index(rule.counter) if rule is not None and rule.counter else 0
