"""What gives points back and what closes a feature, as the numbers that the fold reads."""

from ledger.rulebook.model import Courses, Lapse, Rulebook
from projections.fold.rules import LapseRule, Rules, RunRule, StopRule
from projections.fold.state import CLEAN_DAYS, FOREVER, MONTHLY, QUALIFIED_DAYS, UNTIL_OPENED
from projections.standing.numbering import Names, code_of, duration, hundredths

CADENCES = {"monthly": MONTHLY, "clean_days": CLEAN_DAYS, "qualified_days": QUALIFIED_DAYS}


def courses(rules: Rules, courses: Courses | None, names: Names) -> None:
    if courses is None:
        return
    for name, points in courses.points.items():
        rules.courses[names.courses[name]] = hundredths(points)
    rules.courses_counter = code_of(courses.counter, names)
    if courses.at_most is not None:
        rules.courses_at_most = hundredths(courses.at_most)
    rules.courses_not_while_stopped = int(courses.not_while_stopped)


def lapse(lapse: Lapse | None, feature: str, names: Names) -> LapseRule:
    rule = LapseRule()
    stop = StopRule()
    stop.feature, stop.kind = names.features[feature], UNTIL_OPENED
    rule.stops = [stop]
    if lapse is not None:
        rule.open_shape, rule.open_length = duration(lapse.open_for)
        rule.unused_shape, rule.unused_length = duration(lapse.unused_for)
    return rule


def recovery(rules: Rules, rulebook: Rulebook, names: Names) -> None:
    rules.runs = []
    recovery, accrual = rulebook.recovery, rulebook.accrual_exam
    if recovery is not None:
        rules.recovery_cadence = CADENCES[recovery.cadence]
        rules.recovery_points = hundredths(recovery.points)
        rules.recovery_counter = code_of(recovery.counter, names)
        rules.recovery_automatic = int(recovery.automatic)
        rules.recovery_not_at_floor = int(recovery.not_at_floor)
        for run in recovery.runs:
            row = RunRule()
            row.days = run.days
            row.then = run.then or 0
            row.below = FOREVER if run.below is None else hundredths(run.below)
            rules.runs.append(row)
        rules.run_count = len(rules.runs)
    if accrual is not None:
        rules.accrual_offered = 1
        rules.accrual_points = hundredths(accrual.points)
        rules.accrual_pass_mark = hundredths(accrual.pass_mark)
        rules.accrual_days = accrual.per_days
        rules.accrual_counter = code_of(accrual.counter, names)


def exam(rules: Rules, rulebook: Rulebook) -> None:
    exam = rulebook.exam
    if exam is None:
        return
    rules.exam_offered = 1
    rules.exam_minimum_level = exam.minimum_level
    rules.exam_reputation_above = hundredths(exam.reputation_above)
    rules.exam_window_days = exam.window_days
    rules.exam_answers = exam.answers
    rules.exam_pass_mark = hundredths(exam.pass_mark)
    rules.exam_quota_days = exam.quota_days
    rules.exam_study_required = int(exam.study_required)
    rules.exam_claim_required = int(exam.claim_required)
