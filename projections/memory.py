"""What must be remembered from ruling to ruling to explain the next one.

The fold leaves its state as of the end; a sentence about the middle needs what was so then: which
stops ran, when a window closed, how much had come back. All of it follows from the rulings.
"""

from msgspec import Struct, field

from ledger.facts import CreatorEnrolled, ProfileChanged
from projections.fold.state import (
    ABSENT,
    APPEAL_GRANTED,
    CREATOR_ENROLLED,
    EXAM_ABANDONED,
    EXAM_FAILED,
    EXAM_INVITED,
    EXAM_PASSED,
    EXAM_RIGHT_REVOKED,
    EXAM_SAT,
    FACT_RETRACTED,
    MEASURE_IMPOSED,
    MEASURE_LIFTED,
    MONEY_POSTED,
    NODE_LIFTED,
    NODE_SERVED,
    NODE_STARTED,
    OCCASION_HELD,
    PROFILE_CHANGED,
    QUOTA_RETURNED,
    QUOTA_TAKEN,
    RECOVERY_GRANTED,
    RULES_EXAM_SAT,
    VIOLATION_FOUND,
    VOID,
    Fact,
)
from projections.naming import Naming
from projections.standing import Replay, Ruling

NO_VIOLATION = {CREATOR_ENROLLED, FACT_RETRACTED, MEASURE_IMPOSED, MEASURE_LIFTED, MONEY_POSTED}
NO_VIOLATION |= {OCCASION_HELD, PROFILE_CHANGED, RECOVERY_GRANTED, RULES_EXAM_SAT}


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
    lifting: dict[int, int] = field(default_factory=dict)
    """The fold's lifting part of each counter."""
    quota_free_on: dict[int, int] = field(default_factory=dict)
    rules_exam_free_on: int = ABSENT
    level: int | None = None
    reputation: int | None = None
    revoked_at: int = ABSENT

    def lifting_score(self, row: int, replay: Replay) -> int:
        """The score that decides whether a stop is lifted (recoveries left out)."""
        stop = replay.creator.stops[row]
        return stop.lifting_start + self.lifting.get(stop.counter, 0)

    def begin(self, ruling: Ruling, replay: Replay) -> None:
        """What is so by the fact's instant, and how it moves the lifting score."""
        for code, which, _, at in ruling.effects:
            early = at < ruling.envelope.effective_at
            timed = (
                replay.creator.stops[which].planned_until == at if code == NODE_SERVED else False
            )
            if code == NODE_SERVED and (early or timed) and which in self.running:
                self.running.remove(which)
        row = ruling.row
        if row is None or not ruling.applied:
            return
        if row.kind == VIOLATION_FOUND:
            amount = ruling.change or 0
        elif row.kind in (APPEAL_GRANTED, EXAM_SAT):
            amount = ruling.nominal
        else:
            return
        self.lifting[ruling.counter] = self.lifting.get(ruling.counter, 0) + amount

    def learn(self, ruling: Ruling, replay: Replay, names: Naming) -> None:
        """Take a ruling in, once it is explained."""
        if ruling.row is None:
            return
        self.follow_stops(ruling)
        if ruling.applied:
            self._profile(ruling)
            self._case(ruling, ruling.row, replay, names)

    def follow_stops(self, ruling: Ruling) -> None:
        for code, row, _, _ in ruling.effects:
            if code == NODE_STARTED and row not in self.running:
                self.running.append(row)
            elif code in (NODE_LIFTED, NODE_SERVED) and row in self.running:
                self.running.remove(row)

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
        if row.kind == APPEAL_GRANTED and is_full(ruling, replay):
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


def is_full(ruling: Ruling, replay: Replay) -> bool:
    """Whether an applied grant voids its violation."""
    row = ruling.row
    assert row is not None
    violation = replay.creator.violations[row.violation]
    full = row.points == ABSENT or row.points >= violation.judged
    return full and violation.state == VOID
