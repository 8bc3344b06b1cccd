"""What a ruling says: the first part of its text, by kind of fact, and why one has no effect."""

from ledger.facts import types as facts
from ledger.rulebook.model import AccrualExam, Courses, Duration, Lapse, Recovery
from projections.explain.phrases import Count, Phrase, Value, Word
from projections.explain.places import length_word
from projections.explain.scene import UNKNOWN, Scene, figures, is_full, stop_name, waited
from projections.fold.calendar import midnight
from projections.fold.exams import covered
from projections.fold.state import ABSENT, KINDS, MEASURE_ENDED, PERMANENT, REASONS
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
            values |= profile(scene)
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
            key += ".passed" if scene.violation.passed else ".open"
        case facts.RulesExamSat() | facts.RecoveryGranted() | facts.CourseTaken():
            values["gained"] = _moved(scene, "gained")
            values["needed"] = str(scene.required("accrual_exam.pass_mark") or "")
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


def profile(scene: Scene) -> dict[str, Value]:
    """Level and reputation on record."""
    level, reputation = scene.ruling.profile
    return {
        "level": UNKNOWN if level == ABSENT else str(level),
        "reputation": UNKNOWN if reputation == ABSENT else points(reputation),
    }


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


def _window(scene: Scene, *, exam: bool) -> dict[str, Value]:
    key = f"{'exam' if exam else 'appeal'}.window_days"
    days = int(scene.required(key))
    last = scene.row.day - scene.found(key) + days
    return {"days": Count("days", str(days)), "last": day_date(last)}


def _limitation(scene: Scene) -> Value:
    key = "categories.*.not_after"
    place = next(scene.places.place(ground) for ground in scene.grounds if ground.key == key)
    return Count(place.path.rpartition(".")[2], str(place.value))


def exam_limits(scene: Scene) -> dict[str, Value]:
    """The conditions of an exam, and what is on record."""
    exam = scene.judge.exam
    assert exam is not None
    on_record = profile(scene)
    free_on = max(scene.found("exam.quota_days"), 0)
    return {
        "level": str(exam.minimum_level),
        "reputation": str(exam.reputation_above),
        "has_level": on_record["level"],
        "has_reputation": on_record["reputation"],
        "answers": Count("answers", str(exam.answers)),
        "days": Count("days", str(scene.required("exam.quota_days") or exam.quota_days)),
        "until": clock_time(midnight(free_on, scene.replay.tables.book), scene.zone),
    }


def _rules_exam(scene: Scene) -> dict[str, Value]:
    free_on = max(scene.found("accrual_exam.per_days"), 0)
    return {
        "needed": str(scene.required("accrual_exam.pass_mark")),
        "days": Count("days", str(scene.required("accrual_exam.per_days"))),
        "until": clock_time(midnight(free_on, scene.replay.tables.book), scene.zone),
    }


def _closed(scene: Scene, values: dict[str, Value]) -> str:
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
    values["stop"] = [stop_name(name, rulebook) for name, rulebook in named.items()]
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
