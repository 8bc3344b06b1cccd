"""Random histories that are rich in events under any rulebook: what it has is what happens."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from ledger.rulebook.model import Rulebook, Stop
from ledger.rulebook.shelf import in_force, starts_at

EPOCH = datetime(1970, 1, 1)
HOUR, DAY = 3_600_000_000, 86_400_000_000
STEPS = (
    *(0,) * 6, 1, HOUR, 12 * HOUR, DAY - 1, DAY, DAY, 2 * DAY, 3 * DAY, 7 * DAY, 8 * DAY,
    14 * DAY, 29 * DAY, 30 * DAY, 60 * DAY, 180 * DAY,
)  # fmt: skip
GROUNDS = ("egregious", "minor", "unstated")
AGO = (1, 10, 80, 100, 400)
AMOUNTS = (0, 25, 50, 100, 150, 200, 300, 400, 600, 900, 1200, 2400)


def happen(
    versions: Sequence[Rulebook], random: Random, words: Sequence[str] = ()
) -> list[Envelope]:
    """One creator's facts, mostly recorded in the order of their times.

    `words` are the categories that are found; none named: all.
    """
    start = starts_at(random.choice(versions))
    at = start + random.choice((-40, 0, 0, 3, 20, 200)) * DAY + random.choice((0, 9)) * HOUR
    steps = random.choice((STEPS, STEPS, STEPS[:12]))
    maker = Maker(versions, random, words)
    items: list[tuple[int, f.Fact]] = []
    for _ in range(random.randrange(5, 22)):
        for fact in maker.next(at):
            items.append((at, fact))
            at += random.choice((0, 0, HOUR, DAY))
        at += random.choice(steps)
        if random.random() < 0.2:
            at = (at + 8 * HOUR) // DAY * DAY - 8 * HOUR
    if random.random() < 0.15:
        random.shuffle(items)
    return [
        Envelope("s", f"e{position}", "c", at, fact, at, position, position)
        for position, (at, fact) in enumerate(items, 1)
    ]


def stops_of(rulebook: Rulebook) -> Iterator[Stop]:
    """All of its stops: of nodes, categories and steps."""
    for node in rulebook.nodes.values():
        yield from node.stops
    for category in rulebook.categories.values():
        for _, graded in category.grades():
            yield from graded.stops
    for ladder in rulebook.ladders.values():
        for step in ladder.steps:
            yield from step.stops or ()


class Maker:
    """Makes what may happen next."""

    def __init__(self, versions: Sequence[Rulebook], random: Random, words: Sequence[str]) -> None:
        self.random, self.versions = random, versions
        self.words = set(words)
        self.courses = sorted({c for r in versions if r.courses for c in r.courses.points})
        self.lapsing = sorted({feature for r in versions for feature in r.lapses})
        self.exams = [r.exam for r in versions if r.exam]
        self.found: list[str] = []
        self.examined: list[str] = []
        """Violations whose category has an exam."""
        self.made = 0
        occasions = any(s.occasions for r in versions for s in stops_of(r))
        accrual = any(r.accrual_exam for r in versions)
        days = any(r.recovery and r.recovery.cadence == "qualified_days" for r in versions)
        self.weights: dict[Callable[[int], list[f.Fact]], float] = {
            self.violation: 9, self.appeal: 4, self.exam: 7 if self.exams else 0.5,
            self.recovery: 2, self.rules_exam: 1.5 if accrual else 0.2,
            self.course: 2 if self.courses else 0.1, self.feature: 6 if self.lapsing else 0.1,
            self.occasion: 3 if occasions else 0.5, self.qualified: 5 if days else 0.1,
            self.measure: 0.5, self.money: 0.7, self.profile: 0.7,
            self.right: 1 if self.exams else 0.1, self.retraction: 1, self.enrolment: 0.1,
        }  # fmt: skip

    def next(self, at: int) -> list[f.Fact]:
        self.made += 1
        if self.made == 1:
            return self.enrolment(at)
        if self.made == 2 and self.exams and self.random.random() < 0.8:
            return [f.ExamRightClaimed()]
        kinds = list(self.weights)
        kind = self.random.choices(kinds, [self.weights[k] for k in kinds])[0]
        return kind(at)

    def enrolment(self, _: int) -> list[f.Fact]:
        return [f.CreatorEnrolled(None, self.level(), self.reputation())]

    def level(self) -> int:
        least = self.random.choice(self.exams).minimum_level if self.exams else 4
        return max(0, least + self.random.choice((-1, 0, 0, 1)))

    def reputation(self) -> int:
        least = self.random.choice(self.exams).reputation_above if self.exams else 0
        return max(0, int(least * 100) + self.random.choice((0, 1, 1, 20)))

    def one(self) -> str:
        """A violation, mostly one of the last."""
        return self.random.choice(self.found[-3:] or ["v0"])

    def some(self, known: list[str]) -> str:
        """One of the words that the rulebook knows, mostly."""
        return self.random.choice(known) if known and self.random.random() < 0.9 else "unheard_of"

    def violation(self, at: int) -> list[f.Fact]:
        batch = f"b{self.made}" if self.random.random() < 0.15 else None
        number = self.random.choice((1, 1, 2)) if batch else 1
        return [self.one_violation(at, batch) for _ in range(number)]

    def one_violation(self, at: int, batch: str | None) -> f.Fact:
        random = self.random
        name = f"v{len(self.found) + 1}" if random.random() < 0.97 else self.one()
        self.found.append(name)
        rulebook = self.versions[in_force(self.versions, at)]
        word = self.some([w for w in rulebook.categories if not self.words or w in self.words])
        category = rulebook.categories.get(word)
        graded = list(category.severities) if category else []
        severity = random.choice(graded) if graded and random.random() < 0.85 else None
        if category and category.at(severity or "").restorable is not None:
            self.examined.append(name)
        given = category is not None and category.at(severity or "").points is not None
        points = random.choice(AMOUNTS) if random.random() < (0.25 if given else 0.85) else None
        return f.ViolationFound(
            violation=name,
            category=word,
            detected_by="other",
            severity=severity,
            points=points,
            ground=None if points is None else random.choice(GROUNDS),
            law_breach=random.random() < 0.3,
            measures=random.choice(((), (), ("video_self_only",))),
            batch=batch,
            item=random.choice((None, None, "post-1")),
            offended_at=at - random.choice(AGO) * DAY if random.random() < 0.3 else None,
        )

    def appeal(self, _: int) -> list[f.Fact]:
        name, random = self.one(), self.random
        granted = f.AppealGranted(name, random.choice((None, None, None, *AMOUNTS)))
        end = random.choice((granted, granted, f.AppealDenied(name), None))
        lodged = [f.AppealLodged(name)] if random.random() < 0.6 or end is None else []
        return [*lodged, *([end] if end is not None else [])]

    def exam(self, _: int) -> list[f.Fact]:
        random = self.random
        facts: list[f.Fact] = []
        covered = self.examined and random.random() < 0.9
        name = random.choice(self.examined[-2:]) if covered else self.one()
        if random.random() < 0.25:
            facts.append(f.ExamInvited(name))
        if random.random() < 0.8:
            facts.append(f.ExamStudied(name))
        if random.random() < 0.1:
            facts.append(f.ExamAbandoned(name))
        marks = random.choice(((100_00,), (100_00,), (90_00,), (0, 100_00), (99_99, 0, 100_00)))
        return facts + [f.ExamSat(name, mark) for mark in marks]

    def recovery(self, at: int) -> list[f.Fact]:
        day = EPOCH + timedelta(microseconds=at - self.random.choice((1, 2, 20, 31)) * DAY)
        period = f"{day:%Y-%m}" if self.random.random() < 0.6 else f"{day:%Y-%m-%d}"
        return [f.RecoveryGranted(period, self.random.choice((None, None, None, 50, 300)))]

    def rules_exam(self, _: int) -> list[f.Fact]:
        return [f.RulesExamSat(self.random.choice((100_00, 100_00, 80_00)))]

    def course(self, _: int) -> list[f.Fact]:
        times = self.random.choice((1, 1, 3))
        return [f.CourseTaken(self.some(self.courses)) for _ in range(times)]

    def feature(self, _: int) -> list[f.Fact]:
        feature = self.some(self.lapsing)
        opened, used = f.FeatureOpened(feature), f.FeatureUsed(feature)
        return list(self.random.choice(((opened,), (opened, used), (used,))))

    def occasion(self, _: int) -> list[f.Fact]:
        return [f.OccasionHeld(f"race-{self.made}")]

    def qualified(self, _: int) -> list[f.Fact]:
        return [f.DayQualified()]

    def measure(self, at: int) -> list[f.Fact]:
        until = self.random.choice((None, at + 5 * DAY))
        lifted = f.MeasureLifted("funds_frozen", "other")
        return [self.random.choice((f.MeasureImposed("funds_frozen", "risk", until), lifted))]

    def money(self, _: int) -> list[f.Fact]:
        account = self.random.choice(("fine", "deposit"))
        amount = self.random.choice((1_000, 100_000, 2_000_000))
        violation = self.random.choice((None, self.one()))
        return [f.MoneyPosted(account, amount, "CNY", "paid", violation)]

    def profile(self, _: int) -> list[f.Fact]:
        level, reputation = self.level(), self.reputation()
        return [f.ProfileChanged(*self.random.choice(((level, None), (None, reputation))))]

    def right(self, _: int) -> list[f.Fact]:
        claimed: f.Fact = f.ExamRightClaimed()
        return [self.random.choice((claimed, claimed, f.ExamRightRevoked("abuse")))]

    def retraction(self, _: int) -> list[f.Fact]:
        return [f.FactRetracted(f"e{self.random.randrange(1, 2 + self.made)}", "wrong")]
