"""An auditor who has read the rules of `douyin-creator`, and nothing of the code.

A second, slow and plain reading of the nine fixed readings: decimals, dates of the calendar and
dictionaries, one method per kind of fact. `Auditor.rule` returns
what a ruling says: reason, score before and after, nominal change, nodes started, number lifted.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from ledger.facts.envelope import Envelope
from ledger.rulebook.model import Rulebook
from model.paper import (
    CLASS,
    NO_EFFECT_ON_VIOLATION,
    Found,
    Instance,
    in_order,
    kind,
    moment,
    pts,
)

Opinion = tuple[str, Decimal | None, Decimal | None, Decimal, list[str], int]


@dataclass
class Auditor:
    versions: list[Rulebook]
    facts: list[Envelope]
    """All that is known; as_of and order are the auditor's business."""
    as_of: int
    simulate: bool = False
    enrolled: datetime | None = None
    score: Decimal | None = None
    level: int | None = None
    reputation: Decimal | None = None
    rights: list[str] = field(default_factory=list)
    violations: dict[str, Found] = field(default_factory=dict)
    stops: list[Instance] = field(default_factory=list)
    quotas: dict[str, tuple[str, date]] = field(default_factory=dict)
    own: list[list] = field(default_factory=list)  # type: ignore[type-arg]
    rules_exam_free: date = date.min
    periods: set[str] = field(default_factory=set)
    last_closed: date = date.min
    seen: datetime | None = None
    looked: tuple[datetime, Decimal] | None = None
    nominal: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        self.zone = ZoneInfo(self.versions[0].zone)
        self.everything = {(e.source, e.id): e for e in self.facts}
        gone = {self.retracts(e).position for e in self.facts if not self.refused(e)}
        kept = [e for e in self.facts if e.position not in gone]
        self.facts = in_order([e for e in kept if e.effective_at <= self.as_of])
        self.last_of_batch = {
            (e.fact.batch, e.effective_at): e.position
            for e in self.facts
            if kind(e) == "violation_found" and e.fact.batch is not None
        }

    # retraction

    def retracts(self, e: Envelope) -> Envelope:
        return self.everything[e.source, e.fact.event]

    def refused(self, e: Envelope) -> str:
        """Why a fact retracts nothing."""
        if kind(e) != "fact_retracted":
            return "no retraction"
        target = self.everything.get((e.source, e.fact.event))
        if target is None or target.position >= e.position:
            return "unknown_event"
        return "not_retractable" if kind(target) == "fact_retracted" else ""

    def fact_retracted(self, fact, at, v, e):
        return self.refused(e)

    # calendar

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def closes(self, day: date, days: int) -> datetime:
        """24:00 of the last of `days` natural days after `day`."""
        return self.midnight(day + timedelta(days + 1))

    def book(self, at: datetime) -> Rulebook:
        in_force = [b for b in self.versions if self.midnight(b.in_force_from) <= at]
        return in_force[-1] if in_force else self.versions[0]

    # clock

    def advance(self, to: datetime, inclusive: bool) -> None:
        if self.simulate and self.enrolled is not None and self.score is not None:
            day = self.day(self.seen or self.enrolled)
            while (at := self.midnight(day)) < to or (inclusive and at == to):
                if (self.seen is None or at > self.seen) and at > self.enrolled:
                    self.end_served(at)
                    self.due(at, day - timedelta(1))
                    self.seen = at
                day += timedelta(1)
        self.end_served(to)

    def end_served(self, to: datetime) -> None:
        for s in self.stops:
            if s.state == "running" and s.until is not None and s.until <= to:
                s.state = "served"
        for m in self.own:
            if m[4] and m[3] is not None and m[3] <= to:
                m[4] = False

    def due(self, at: datetime, closed: date) -> None:
        book, standing = self.book(at), [v for v in self.violations.values() if not v.void]
        if at < self.midnight(self.versions[0].in_force_from) or self.banned():
            return
        if book.recovery.cadence == "monthly":
            first = closed.replace(day=1)
            in_month = [v for v in standing if self.midnight(first) <= v.at]
            if at.astimezone(self.zone).day != 1 or in_month:
                return
            if self.enrolled > self.midnight(first):
                return
        else:
            anchor = max([self.day(self.enrolled), self.last_closed])
            anchor = max([anchor, *(self.day(v.at) for v in standing)])
            clean = (closed - anchor).days
            if clean <= 0 or clean % (7 if self.score < 10 else 30):
                return
        self.credit(book.recovery.points, at)
        self.last_closed = closed

    # score and nodes

    def banned(self) -> bool:
        return any(s.state == "running" and s.until is None and not s.while_below
                   for s in self.stops)  # fmt: skip

    def credit(self, nominal: Decimal, at: datetime) -> Decimal:
        before, self.nominal = self.score, nominal
        self.score = min(self.score + nominal, Decimal(12))
        for s in self.stops:
            if s.state == "running" and s.while_below and s.good(self.score):
                s.end(at, "served")
        return self.score - before

    def restore(self, v: Found, nominal: Decimal, at: datetime, how: str) -> None:
        v.restored += self.credit(nominal, at)
        for s in self.stops:
            if s.state == "running":
                s.lifting += nominal
                if how in s.lifted_by and s.good(s.lifting):
                    s.end(at, "lifted")

    def look(self, at: datetime, book: Rulebook) -> None:
        before = self.looked[1]
        self.looked = (at, self.score)
        for name, node in book.nodes.items():
            below = node.below is not None
            limit = node.below if below else node.at_or_below
            probe = Instance(name, "", limit, below, (), at, None, self.score, False)
            if not (probe.good(before) and not probe.good(self.score)):
                continue
            for stop in node.stops:
                until = None if stop.days is None else at + timedelta(hours=24 * stop.days)
                self.stops.append(
                    Instance(name, stop.feature, limit, below, node.lifted_by, at, until,
                             self.score, stop.while_triggered)
                )  # fmt: skip

    # facts

    def rule(self, e: Envelope) -> Opinion:
        at, what = moment(e.effective_at), kind(e)
        self.advance(at, CLASS.get(what, 5) >= 3 or self.follows(e))
        before, made, ended = self.score, len(self.stops), self.names("lifted")
        self.nominal = Decimal(0)
        reason = self.reason(e, at, what)
        started = [f"{s.node} {s.feature}" for s in self.stops[made:]]
        lifted = len(self.names("lifted")) - len(ended)
        return reason, before, self.score, self.nominal, started, lifted

    def names(self, state: str) -> list[str]:
        return [f"{s.node} {s.feature}" for s in self.stops if s.state == state]

    def follows(self, e: Envelope) -> bool:
        """Of class 5 because it names a violation found at the same instant."""
        name = getattr(e.fact, "violation", None)
        return any(
            kind(o) == "violation_found" and o.effective_at == e.effective_at
            for o in self.facts
            if getattr(o.fact, "violation", None) == name is not None
        )

    def reason(self, e: Envelope, at: datetime, what: str) -> str:
        fact = e.fact
        if self.score is None and what not in (
            "creator_enrolled",
            "money_posted",
            "fact_retracted",
        ):
            return "not_enrolled"
        name = getattr(fact, "violation", None)
        v = self.violations.get(name)
        if name is not None and what not in NO_EFFECT_ON_VIOLATION:
            if v is None:
                return "unknown_violation"
            if v.void:
                return "closed_by_appeal"
        rule = getattr(self, what, None)
        return rule(fact, at, v, e) or "" if rule else ""

    def creator_enrolled(self, fact, at, v, e):
        if self.enrolled is not None:
            return "already_enrolled"
        self.enrolled, self.score = at, Decimal(10)
        self.profile_changed(fact, at, v, e)
        return ""

    def profile_changed(self, fact, at, v, e):
        self.level = self.level if fact.level is None else fact.level
        self.reputation = self.reputation if fact.reputation is None else pts(fact.reputation)

    def exam_right_claimed(self, fact, at, v, e):
        self.rights.append("claimed")

    def exam_right_revoked(self, fact, at, v, e):
        self.rights.append("revoked")

    def violation_found(self, fact, at, v, e):
        book = self.book(at)
        if self.looked is None or self.looked[0] != at:
            self.looked = (at, self.score)
        reason = self.deduct(fact, at, v, book)
        if self.last_of_batch.get((fact.batch, e.effective_at), e.position) == e.position:
            self.look(at, book)  # a violation without a batch is a batch of its own
        return reason

    def deduct(self, fact, at, v, book):
        category, reason = book.categories.get(fact.category), ""
        if v is not None:
            return "duplicate_violation"
        if category is None and fact.points is None:
            return "unknown_category"
        judged = category.points if fact.points is None else pts(fact.points)
        if at < self.midnight(self.versions[0].in_force_from):
            reason = "before_first_version"
        if fact.law_breach and category is not None and judged < category.points:
            judged, reason = category.points, "mitigation_refused"
        deducted, self.nominal = min(judged, self.score), -judged
        self.score -= deducted
        for s in self.stops:
            if s.state == "running":
                s.lifting -= deducted
        self.violations[fact.violation] = Found(
            book, fact.category, judged, deducted, at, self.day(at)
        )
        for name in sorted({*fact.measures, *(category.measures if category else ())}):
            self.own.append([name, fact.violation, at, None, True])
        return reason

    def appeal_lodged(self, fact, at, v, e):
        if at >= self.closes(self.day(v.at), v.book.appeal.window_days):
            return "window_closed"
        if v.lodged:
            return "already_appealed"
        v.lodged = True
        return ""

    def appeal_granted(self, fact, at, v, e):
        left = v.deducted - v.restored
        if fact.points is not None and pts(fact.points) < v.judged:
            return self.restore(v, min(pts(fact.points), left), at, "appeal")
        v.void = True
        for m in self.own:
            if m[1] == fact.violation and m[4]:
                m[3:] = [at, False]
        if self.quotas.get(v.category, ("", None))[0] == fact.violation:
            del self.quotas[v.category]
        return self.restore(v, left, at, "appeal")

    def exam_invited(self, fact, at, v, e):
        v.notice = self.day(at)

    def exam_studied(self, fact, at, v, e):
        v.studied = True

    def exam_abandoned(self, fact, at, v, e):
        v.abandoned = True

    def exam_sat(self, fact, at, v, e):
        category, exam, today = v.book.categories.get(v.category), v.book.exam, self.day(at)
        if category is None or category.restorable is None or exam is None:
            return "not_covered"
        if self.level is None or self.level < 4:
            return "not_eligible"
        if self.reputation is None or self.reputation <= Decimal("4.6"):
            return "not_eligible"
        if not self.rights or self.rights[-1] == "revoked":
            return "right_revoked" if "claimed" in self.rights else "right_not_claimed"
        if not v.studied:
            return "not_studied"
        if v.passed or v.abandoned:
            return "already_passed" if v.passed else "abandoned"
        if v.answers == 2:
            return "answers_used_up"
        if at >= self.closes(v.notice, 7):
            return "window_closed"
        if v.answers == 0:
            if self.quotas.get(v.category, ("", date.min))[1] > today:
                return "quota_used"
            self.quotas[v.category] = (fact.violation, today + timedelta(30))
        v.answers += 1
        if fact.mark == 100_00:
            v.passed = True
            self.restore(v, min(category.restorable, v.deducted - v.restored), at, "exam")
        return ""

    def rules_exam_sat(self, fact, at, v, e):
        if fact.mark < 100_00:
            return "not_a_pass"
        if self.day(at) < self.rules_exam_free:
            return "limit_reached"
        if self.banned():
            return "closed"
        self.rules_exam_free = self.day(at) + timedelta(30)
        self.credit(Decimal(1), at)
        return ""

    def recovery_granted(self, fact, at, v, e):
        if fact.period in self.periods:
            return "already_granted"
        if self.banned():
            return "closed"
        self.periods.add(fact.period)
        self.credit(Decimal(1) if fact.points is None else pts(fact.points), at)
        return ""

    def measure_imposed(self, fact, at, v, e):
        until = None if fact.until is None else moment(fact.until)
        running = until is None or until > at
        self.own.append([fact.measure, None, at, until, running])

    def measure_lifted(self, fact, at, v, e):
        for m in self.own:
            if m[0] == fact.measure and m[1] is None and m[4]:
                m[3:] = [at, False]

    def audit(self) -> list[Opinion]:
        """Rule every fact, then let the clock run on."""
        facts = [e for e in self.facts if not (self.simulate and kind(e) == "recovery_granted")]
        assert all(a.effective_at <= b.effective_at for a, b in pairwise(facts))
        made = [self.rule(e) for e in facts]
        self.advance(moment(self.as_of), inclusive=True)
        return made
