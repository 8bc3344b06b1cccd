"""Why a fact has no effect: a whole sentence for each condition that failed."""

from typing import Any

from ledger.facts import types as facts
from ledger.rulebook.model import AccrualExam, Courses, Recovery, Rulebook
from projections.explain.phrases import Count, Phrase, Value, Word
from projections.explain.scene import Scene, figures
from projections.explain.sentences import Values, mark_needed, profile
from projections.explain.terms import stop_name
from projections.fold.calendar import local_day, midnight
from projections.fold.state import ABSENT, PERMANENT, REASONS
from projections.standing.replay import Ruling
from projections.standing.writing import clock_time, day_date

OFFERED = {
    "recovery_granted": "recovery",
    "rules_exam_sat": "exam",
    "course_taken": "course",
    "day_qualified": "day",
    "feature_opened": "feature",
    "feature_used": "feature",
}


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
            if not exam and (told := _told_later(scene)):
                key, values["told"] = f"{key}_told", scene.time(told)
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
        case "points_missing":
            key += _ungraded(scene, values)
        case "not_eligible" | "answers_used_up" | "quota_used":
            values |= exam_limits(scene)
        case _:
            pass
    return Phrase(key, values)


def _ungraded(scene: Scene, values: Values) -> str:
    """Whether points are missing because the fact names no severity, or one that there is not."""
    fact: Any = scene.ruling.envelope.fact
    missing = missing_grade(fact, scene.judge)
    if missing:
        graded = scene.judge.categories[fact.category].severities
        titles = [rule.title or Word("severities", word) for word, rule in graded.items()]
        values |= {"severities": [*titles], "severity": fact.severity or ""}
        values["category"] = scene.category_title(fact.category)
    return missing


def missing_grade(fact: Any, rulebook: Rulebook) -> str:
    """`_ungraded` or `_no_such_grade`, where a category takes points by severity; else nothing."""
    category = rulebook.categories.get(getattr(fact, "category", ""))
    if category is None or fact.severity in category.severities:
        return ""
    if not any(rule.points is not None for rule in category.severities.values()):
        return ""
    return "_no_such_grade" if fact.severity else "_ungraded"


def why_not(ruling: Ruling) -> Word:
    """The same in a few words, of a ruling without effect."""
    graded = ruling.reason == "points_missing"
    more = missing_grade(ruling.envelope.fact, ruling.rulebook) if graded else ""
    return Word("why", ruling.reason + more)


def _window(scene: Scene, *, exam: bool) -> Values:
    key = f"{'exam' if exam else 'appeal'}.window_days"
    days = int(scene.required(key))
    last = scene.row.day - scene.found(key) + days
    return {"days": Count("days", str(days)), "last": day_date(last)}


def _told_later(scene: Scene) -> int:
    """When notice of a violation came, where that was on a later day than its finding."""
    fact: Any = scene.ruling.envelope.fact
    finding = scene.record.finding(fact.violation)
    told = getattr(finding.envelope.fact, "told_at", None) if finding is not None else None
    book = scene.replay.tables.book
    return told if told is not None and local_day(told, book) > scene.violation.found_on else 0


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
