"""What must be remembered from ruling to ruling to explain the next one.

The fold leaves its state as of the end; a sentence about the middle needs what was so then: which
stops ran, when a window closed, how much had come back. All of it follows from the rulings.
"""

from msgspec import Struct, field

from ledger.facts.types import CreatorEnrolled, ProfileChanged
from ledger.rulebook.model import Rulebook
from projections.fold.given import Fact
from projections.fold.state import (
    ABSENT,
    APPEAL_GRANTED,
    COURSE_TAKEN,
    CREATOR_ENROLLED,
    DAY_QUALIFIED,
    EXAM_ABANDONED,
    EXAM_FAILED,
    EXAM_INVITED,
    EXAM_PASSED,
    EXAM_RIGHT_REVOKED,
    EXAM_SAT,
    FACT_RETRACTED,
    FEATURE_OPENED,
    FEATURE_USED,
    MEASURE_IMPOSED,
    MEASURE_LIFTED,
    MONEY_POSTED,
    NODE_LIFTED,
    NODE_MOVED,
    NODE_SERVED,
    NODE_STARTED,
    OCCASION_HELD,
    OCCASIONS,
    PERMANENT,
    PROFILE_CHANGED,
    QUOTA_RETURNED,
    QUOTA_TAKEN,
    RECOVERY_GRANTED,
    RESTART,
    RULEBOOK_ADOPTED,
    RULES_EXAM_SAT,
    STEP_REACHED,
    TOOK_EFFECT,
    VIOLATION_FOUND,
    VOID,
)
from projections.standing.naming import Naming
from projections.standing.replay import Replay, Ruling

NO_VIOLATION = {CREATOR_ENROLLED, FACT_RETRACTED, MEASURE_IMPOSED, MEASURE_LIFTED, MONEY_POSTED}
NO_VIOLATION |= {OCCASION_HELD, PROFILE_CHANGED, RECOVERY_GRANTED, RULES_EXAM_SAT}
NO_VIOLATION |= {COURSE_TAKEN, DAY_QUALIFIED, RULEBOOK_ADOPTED, FEATURE_OPENED, FEATURE_USED}


class Case(Struct):
    """One violation, as it stands before the ruling at hand."""

    notice_on: int = ABSENT
    restored_by_exam: int = 0
    answers: int = 0
    passed: bool = False
    abandoned: bool = False
    void_at: int = ABSENT


class Memory(Struct):
    cases: dict[int, Case] = field(default_factory=dict)
    """By slot; only violations that were judged."""
    running: list[int] = field(default_factory=list)
    """Rows of running stops, oldest first."""
    ends: dict[int, int] = field(default_factory=dict)
    """When a running stop is to end, by row."""
    offence: dict[int, int] = field(default_factory=dict)
    """Which offence of its ladder a violation was when it took effect, by slot."""
    quota_free_on: dict[int, int] = field(default_factory=dict)
    rules_exam_free_on: int = ABSENT
    level: int | None = None
    reputation: int | None = None
    revoked_at: int = ABSENT

    def begin(self, ruling: Ruling, replay: Replay) -> None:
        """What is so by the fact's instant."""
        self.follow(ruling.effects[: ruling.due], replay)

    def learn(self, ruling: Ruling, replay: Replay, names: Naming) -> None:
        """Take a ruling in, once it is explained."""
        if ruling.row is None:
            return
        self.follow(ruling.effects[ruling.due :], replay)
        if ruling.applied:
            self._profile(ruling)
            self._case(ruling, ruling.row, replay, names)

    def follow(self, effects: list[tuple[int, int, int, int]], replay: Replay) -> None:
        """Which stops run and until when, after some effects."""
        for code, row, amount, _ in effects:
            if code == NODE_STARTED:
                self._start(row, replay)
            elif code in (NODE_LIFTED, NODE_SERVED) and row in self.running:
                self.running.remove(row)
            elif code == STEP_REACHED:
                self.offence[row] = amount
            elif code == NODE_MOVED:
                self.ends[row] = amount

    def _start(self, row: int, replay: Replay) -> None:
        """Where a new stop takes the place of others, these end as it begins."""
        stop = replay.creator.stops[row]
        self.ends[row] = stop.planned_until
        if replay.tables.book.versions[stop.version].overlap == RESTART and stop.kind < OCCASIONS:
            for other in self.running:
                same = replay.creator.stops[other].feature == stop.feature
                if same and stop.started_at < self.ends[other] <= stop.planned_until:
                    self.ends[other] = stop.started_at
        self.running.append(row)

    def _profile(self, ruling: Ruling) -> None:
        fact = ruling.envelope.fact
        assert ruling.row is not None
        if isinstance(fact, CreatorEnrolled | ProfileChanged):
            self.level = self.level if fact.level is None else fact.level
            self.reputation = self.reputation if fact.reputation is None else fact.reputation
        elif ruling.row.kind == EXAM_RIGHT_REVOKED:
            self.revoked_at = ruling.envelope.effective_at
        elif ruling.row.kind == RULES_EXAM_SAT:
            exam = ruling.rulebook.accrual_exam
            assert exam is not None
            self.rules_exam_free_on = ruling.row.day + exam.per_days

    def _case(self, ruling: Ruling, row: Fact, replay: Replay, names: Naming) -> None:
        if row.violation == ABSENT or row.kind in NO_VIOLATION:
            return
        if row.kind == VIOLATION_FOUND:
            self.cases[row.violation] = Case(notice_on=row.day)
            return
        case = self.cases.setdefault(row.violation, Case())
        if row.kind == EXAM_INVITED:
            case.notice_on = row.day
        elif row.kind == EXAM_ABANDONED:
            case.abandoned = True
        elif row.kind == EXAM_SAT:
            case.restored_by_exam = max(case.restored_by_exam, abs(ruling.change or 0))
        if row.kind == APPEAL_GRANTED and is_full(ruling):
            case.void_at = ruling.envelope.effective_at
        self._exam(ruling, row, case, replay, names)

    def _exam(self, ruling: Ruling, row: Fact, case: Case, replay: Replay, names: Naming) -> None:
        for code, which, _, _ in ruling.effects:
            if code in (EXAM_PASSED, EXAM_FAILED):
                case.answers += 1
                case.passed = case.passed or code == EXAM_PASSED
            elif code == QUOTA_TAKEN:
                exam = names.judge(replay.creator.violations[row.violation]).exam
                assert exam is not None
                self.quota_free_on[which] = row.day + exam.quota_days
            elif code == QUOTA_RETURNED:
                self.quota_free_on.pop(which, None)


def is_full(ruling: Ruling) -> bool:
    """Whether an applied grant voids its violation."""
    assert ruling.violation is not None
    return ruling.violation.state == VOID


def waited(ruling: Ruling) -> bool:
    """Whether the effect of the violation waited for the appeal that a ruling decides."""
    assert ruling.violation is not None
    took = any(code == TOOK_EFFECT for code, _, _, _ in ruling.effects[ruling.due :])
    return took or ruling.violation.waiting_until != ABSENT


def gaining(kind: str, rulebook: Rulebook) -> int:
    """Which counter a fact of a kind would give points to."""
    rules = {"course_taken": rulebook.courses, "rules_exam_sat": rulebook.accrual_exam}
    rule = rules.get(kind, rulebook.recovery)
    return tuple(rulebook.counters).index(rule.counter) if rule and rule.counter else 0


def why_closed(kind: str, rulebook: Rulebook, memory: Memory, replay: Replay) -> str:
    """`permanent` or `stopped`, by the stops that run; else the score is `at_end`."""
    index = gaining(kind, rulebook)
    stops = [replay.creator.stops[row] for row in memory.running]
    if any(stop.kind == PERMANENT for stop in stops if stop.counter == index):
        return "permanent"
    return "stopped" if kind == "course_taken" else "at_end"
