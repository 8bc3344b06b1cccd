"""What a ruling says: the first part of its text, by kind of fact, and why one has no effect."""

from ledger.facts import types as facts
from ledger.rulebook.model import Duration, Lapse
from projections.explain.charges import charge, length_word
from projections.explain.memory import Case, gaining, is_full, waited, why_closed
from projections.explain.phrases import Count, Phrase, Value, Word
from projections.explain.scene import UNKNOWN, Scene, figures
from projections.fold.calendar import midnight
from projections.fold.state import ABSENT, KINDS, MEASURE_ENDED, PERMANENT
from projections.standing.writing import clock_time, day_date, money, points

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
    key = f"kinds.{KINDS[scene.row.kind]}"
    match fact:
        case facts.CreatorEnrolled():
            scores: list[Value] = [
                Phrase("kinds.starts_at", {"counter": scene.counter(i), "score": points(amount)})
                for i, amount in enumerate(_initial(scene))
            ]
            values["scores"] = scores
        case facts.ProfileChanged():
            level, reputation = _profile_after(scene, fact)
            values |= {"level": level, "reputation": reputation}
        case facts.ViolationFound():
            key += f".{_violation(scene, values)}"
        case facts.AppealLodged():
            key += f".{_lodged(scene, values)}"
        case facts.AppealDenied():
            key += f".{_denied(scene, values)}"
        case facts.AppealGranted():
            key += f".{_grant(scene, values)}"
        case facts.ExamInvited():
            key += f".{_invited(scene, values)}"
        case facts.ExamAbandoned():
            key += ".passed" if scene.case.passed else ".open"
        case facts.RulesExamSat() | facts.RecoveryGranted() | facts.CourseTaken():
            values["gained"] = _moved(scene, "gained")
        case facts.DayQualified():
            values["gained"] = _moved(scene, "gained")
            key += ".moved" if scene.ruling.change else ".still"
        case facts.MeasureImposed():
            values["measure"] = scene.measure(fact.measure)
            values["until"] = "" if fact.until is None else clock_time(fact.until, scene.zone)
            key += ".open" if fact.until is None else ".timed"
        case facts.MeasureLifted():
            values["measure"] = scene.measure(fact.measure)
            ended = any(code == MEASURE_ENDED for code, _, _, _ in scene.ruling.effects)
            key += ".some" if ended else ".none"
        case facts.OccasionHeld():
            key += ".moved" if scene.ruling.change else ".still"
        case facts.FeatureOpened():
            condition = idle(scene.ruling.rulebook.lapses.get(fact.feature))
            values["condition"] = condition or ""
            key += ".lapses" if condition else ".plain"
        case facts.RulebookAdopted():
            values["adopted"] = f"{fact.rulebook}@{fact.version}"
        case facts.MoneyPosted():
            values["amount"] = money(fact.amount, fact.currency)
            values["reason"] = Word("words", fact.reason)
            values["account"] = Word("words", fact.account)
        case _:
            pass
    return Phrase(key, values)


def idle(lapse: Lapse | None) -> Phrase | None:
    """What closes a feature: not used for so long, and open for so long."""
    if lapse is None:
        return None
    values: dict[str, Value] = {"unused": _length(lapse.unused_for)}
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


def _profile_after(scene: Scene, fact: facts.ProfileChanged) -> tuple[Value, Value]:
    level = scene.memory.level if fact.level is None else fact.level
    reputation = scene.memory.reputation if fact.reputation is None else fact.reputation
    return (
        UNKNOWN if level is None else str(level),
        UNKNOWN if reputation is None else points(reputation),
    )


def _moved(scene: Scene, noun: str) -> Count:
    """By how much the score moved; what is given back on a tally is taken off it."""
    noun = "taken_off" if noun in GIVEN and scene.direction == "tally" else noun
    return Count(noun, points(abs(scene.ruling.change or 0)))


def _violation(scene: Scene, values: dict[str, Value]) -> str:
    violation = scene.ruling.violation
    assert violation is not None
    if violation.waiting_until != ABSENT:
        values["points"] = Count("points", points(violation.judged))
        values["until"] = clock_time(violation.waiting_until, scene.zone)
        return "waiting"
    values["deducted"] = _moved(scene, "deducted")
    values["added"] = _moved(scene, "added")
    return scene.direction if scene.ruling.change else "nothing"


def _lodged(scene: Scene, values: dict[str, Value]) -> str:
    window, violation = scene.judge.appeal.window_days, scene.ruling.violation
    assert violation is not None
    if window is None:
        return "open"
    values["last"] = day_date(violation.found_on + window)
    return "windowed" if violation.waiting_until == ABSENT else "waiting"


def _denied(scene: Scene, values: dict[str, Value]) -> str:
    if not waited(scene.ruling):
        return "still"
    values["taken"] = _moved(scene, "added" if scene.direction == "tally" else "deducted")
    return "effect" if scene.ruling.change else "effect_nothing"


def _grant(scene: Scene, values: dict[str, Value]) -> str:
    values["come_back"] = _moved(scene, "come_back")
    size = "full" if is_full(scene.ruling) else "partial"
    if not waited(scene.ruling):
        return size + ("" if scene.ruling.change else "_nothing")
    if size == "full":
        return "full_waiting"
    values["taken"] = _moved(scene, "added" if scene.direction == "tally" else "deducted")
    return "partial_waiting" if scene.ruling.change else "partial_waiting_nothing"


def _invited(scene: Scene, values: dict[str, Value]) -> str:
    exam = scene.judge.exam
    if exam is None or not examinable(scene):
        return "uncovered"
    values["days"] = Count("days", str(exam.window_days))
    values["last"] = day_date(scene.row.day + exam.window_days)
    return "covered"


def examinable(scene: Scene) -> bool:
    """Whether the rulebook has an exam for the violation."""
    found = charge(scene.violation, scene.names)
    own = found.category.restorable if found.category is not None else None
    return scene.judge.exam is not None and (found.severity.restorable or own) is not None


def refusal(scene: Scene) -> Phrase:
    """Why a fact has no effect, as a whole sentence."""
    ruling, values = scene.ruling, figures(scene)
    fact, reason = ruling.envelope.fact, ruling.reason
    kind = str(fact.__struct_config__.tag)
    exam = kind.startswith("exam_")
    key = f"reasons.{reason}"
    case = scene.case if ruling.row is not None else Case()
    match reason:
        case "retracted":
            by = ruling.retracted_by
            assert by is not None
            values |= {"event": by.id, "at": scene.time(by.recorded_at)}
        case "closed_by_appeal":
            key += ".exam" if exam else ".appeal"
            values["voided"] = scene.time(case.void_at)
        case "window_closed":
            key += ".exam" if exam else ".appeal"
            values |= _window(scene, exam=exam)
        case "already_appealed":
            values["appeals"] = Count("appeals", str(scene.judge.appeal.attempts))
        case "right_revoked":
            values["revoked"] = scene.time(scene.memory.revoked_at)
        case "not_offered":
            key += f".{OFFERED[kind]}"
        case "already_granted":
            key += f".{OFFERED[kind]}"
            values["day"] = day_date(scene.row.day)
        case "closed":
            how = why_closed(kind, ruling.rulebook, scene.memory, scene.replay)
            values["feature"] = _closed_features(scene, permanent=how == "permanent")
            values["counter"] = scene.counter(gaining(kind, ruling.rulebook))
            key += f".{how}"
        case "limit_reached" if isinstance(fact, facts.CourseTaken):
            courses = ruling.rulebook.courses
            values["most"] = Count("points", str(courses.at_most if courses else ""))
            key += ".course"
        case "not_a_pass" | "limit_reached":
            values |= _rules_exam(scene)
            key += ".exam" if reason == "limit_reached" else ""
        case "not_eligible" | "answers_used_up" | "quota_used":
            values |= _exam_limits(scene)
        case _:
            pass
    return Phrase(key, values)


def _window(scene: Scene, *, exam: bool) -> dict[str, Value]:
    if exam:
        assert scene.judge.exam is not None
        days, start = scene.judge.exam.window_days, scene.case.notice_on
    else:
        days, start = scene.judge.appeal.window_days or 0, scene.violation.found_on
    return {"days": Count("days", str(days)), "last": day_date(start + days)}


def _exam_limits(scene: Scene) -> dict[str, Value]:
    exam, memory = scene.judge.exam, scene.memory
    assert exam is not None
    rules = scene.replay.tables.book.versions[scene.violation.version]
    quota = rules.categories[scene.violation.category].quota
    free_on = memory.quota_free_on.get(quota, 0)
    return {
        "level": str(exam.minimum_level),
        "reputation": str(exam.reputation_above),
        "has_level": UNKNOWN if memory.level is None else str(memory.level),
        "has_reputation": UNKNOWN if memory.reputation is None else points(memory.reputation),
        "answers": Count("answers", str(exam.answers)),
        "days": Count("days", str(exam.quota_days)),
        "until": clock_time(midnight(free_on, scene.replay.tables.book), scene.zone),
    }


def _rules_exam(scene: Scene) -> dict[str, Value]:
    exam = scene.ruling.rulebook.accrual_exam
    assert exam is not None
    free_on = scene.memory.rules_exam_free_on
    return {
        "needed": str(exam.pass_mark),
        "days": Count("days", str(exam.per_days)),
        "until": clock_time(midnight(max(free_on, 0), scene.replay.tables.book), scene.zone),
    }


def _closed_features(scene: Scene, *, permanent: bool) -> Value:
    stops = [scene.replay.creator.stops[row] for row in scene.memory.running]
    named = {
        scene.names.feature(s): scene.names.book(s.version)
        for s in stops
        if s.counter != ABSENT and (s.kind == PERMANENT or not permanent)
    }
    return [scene.feature(name, rulebook) for name, rulebook in named.items()]
