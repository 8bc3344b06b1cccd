"""What the auditor writes down: facts in order, violations and instances of nodes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from ledger.facts.envelope import Envelope
from ledger.facts.types import TYPE_NAME
from ledger.rulebook.model import Rulebook

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CLASS = {
    "creator_enrolled": 0, "profile_changed": 0, "exam_right_claimed": 0, "exam_right_revoked": 0,
    "appeal_lodged": 1, "appeal_granted": 1, "appeal_denied": 1, "exam_invited": 1,
    "exam_studied": 1, "exam_sat": 2, "exam_abandoned": 2, "recovery_granted": 3,
    "rules_exam_sat": 3, "violation_found": 4,
}  # fmt: skip
BEFORE_ENROLMENT = {"creator_enrolled", "money_posted", "fact_retracted"}
NO_EFFECT_ON_VIOLATION = {"violation_found", "money_posted"}


def kind(e: Envelope) -> str:
    return TYPE_NAME[type(e.fact)]


def moment(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


def pts(hundredths: int) -> Decimal:
    return Decimal(hundredths) / 100


def in_order(facts: list[Envelope]) -> list[Envelope]:
    """(effective_at, class, position); what names a violation found at its instant comes last."""
    found = {(e.fact.violation, e.effective_at) for e in facts if kind(e) == "violation_found"}

    def key(e: Envelope) -> tuple[int, int, int]:
        place = CLASS.get(kind(e), 5)
        if place != 4 and (getattr(e.fact, "violation", None), e.effective_at) in found:
            place = 5
        return e.effective_at, place, e.position

    return sorted(facts, key=key)


@dataclass
class Found:
    book: Rulebook
    category: str
    judged: Decimal
    deducted: Decimal
    at: datetime
    notice: date
    restored: Decimal = Decimal(0)
    void: bool = False
    lodged: bool = False
    studied: bool = False
    abandoned: bool = False
    passed: bool = False
    answers: int = 0

    def points(self) -> tuple[Decimal, Decimal, Decimal]:
        return self.judged, self.deducted, self.restored


@dataclass
class Instance:
    node: str
    feature: str
    limit: Decimal
    below: bool
    lifted_by: tuple[str, ...]
    start: datetime
    until: datetime | None
    lifting: Decimal
    while_below: bool
    state: str = "running"

    def good(self, score: Decimal) -> bool:
        return score >= self.limit if self.below else score > self.limit

    def end(self, at: datetime, how: str) -> None:
        self.until, self.state = at, how
