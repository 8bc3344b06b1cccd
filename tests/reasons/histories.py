"""Random histories that are rich in events under any rulebook: what it has is what happens."""

from collections.abc import Callable, Iterator, Sequence
from random import Random

from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from ledger.rulebook.model import Rulebook
from ledger.rulebook.shelf import starts_at

HOUR, DAY = 3_600_000_000, 86_400_000_000
STEPS = (
    *(0,) * 6, 1, HOUR, 12 * HOUR, DAY - 1, DAY, DAY, 2 * DAY, 3 * DAY, 7 * DAY, 8 * DAY,
    14 * DAY, 29 * DAY, 30 * DAY, 60 * DAY, 180 * DAY,
)  # fmt: skip
GROUNDS = ("egregious", "minor", "unstated")
AMOUNTS = (0, 25, 50, 100, 150, 200, 300, 400, 600, 900, 1200, 2400)


def happen(
    versions: Sequence[Rulebook], random: Random, words: Sequence[str] = ()
) -> Iterator[Envelope]:
    """One creator's facts in the order of their positions; times may run back now and then."""
    start = starts_at(random.choice(versions))
    at = start + random.choice((-40, 0, 0, 3, 20, 200)) * DAY + random.choice((0, 9)) * HOUR
    zones = random.choice((STEPS, STEPS, STEPS[:12]))
    maker = Maker(versions, random, words)
    position = 0
    for _ in range(random.randrange(5, 22)):
        for fact in maker.next(at):
            position += 1
            yield Envelope("s", f"e{position}", "c", at, fact, at, position, position)
            at += random.choice((0, 0, HOUR, DAY))
        at += random.choice(zones)
        if random.random() < 0.1:
            at = (at + 8 * HOUR) // DAY * DAY - 8 * HOUR


class Maker:
    """Makes what may happen next."""

    def __init__(self, versions: Sequence[Rulebook], random: Random, words: Sequence[str]) -> None:
        self.random, self.versions = random, versions
        self.words = list(words) or sorted({word for r in versions for word in r.categories})
        self.courses = sorted({c for r in versions if r.courses for c in r.courses.points})
        self.lapsing = sorted({feature for r in versions for feature in r.lapses})
        self.found: list[str] = []
        self.made = 0
        occasions = any(s.occasions for r in versions for n in r.nodes.values() for s in n.stops)
        exams = any(r.exam for r in versions)
        days = any(r.recovery and r.recovery.cadence == "qualified_days" for r in versions)
        self.weights: dict[Callable[[int], list[f.Fact]], float] = {
            self.violation: 9, self.appeal: 4, self.exam: 7 if exams else 0.5,
            self.recovery: 2, self.rules_exam: 1.5 if any(r.accrual_exam for r in versions) else 0.2,
            self.course: 2 if self.courses else 0.1, self.feature: 4 if self.lapsing else 0.1,
            self.occasion: 3 if occasions else 0.5, self.qualified: 5 if days else 0.1,
            self.measure: 0.5, self.money: 0.7, self.profile: 0.7, self.right: 1 if exams else 0.1,
            self.retraction: 0.4,
        }  # fmt: skip

    def next(self, at: int) -> list[f.Fact]:
        self.made += 1
        if self.made == 1:
            level, reputation = (
                self.random.choice((3, 4, 4, 5)),
                self.random.choice((460, 461, 480)),
            )
            return [f.CreatorEnrolled(None, level, reputation)]
        if self.made == 2 and self.random.random() < 0.7:
            return [f.ExamRightClaimed()]
        kinds = list(self.weights)
        kind = self.random.choices(kinds, [self.weights[k] for k in kinds])[0]
        return kind(at)

    def one(self) -> str:
        """A violation, mostly one of the last."""
        return self.random.choice(self.found[-3:] or ["v0"])

    def violation(self, at: int) -> list[f.Fact]:
        random, together = self.random, []
        batch = f"b{self.made}" if random.random() < 0.15 else None
        for _ in range(random.choice((1, 1, 2)) if batch else 1):
            name = f"v{len(self.found) + 1}" if random.random() < 0.97 else self.one()
            self.found.append(name)
            word = random.choice(self.words) if self.words and random.random() < 0.97 else "other"
            if self.words and random.random() < 0.5:
                word = self.words[0]
            graded = [
                s
                for r in self.versions
                if word in r.categories
                for s in r.categories[word].severities
            ]
            severity = random.choice(graded) if graded and random.random() < 0.85 else None
            points = random.choice(AMOUNTS) if random.random() < 0.25 else None
            together.append(
                f.ViolationFound(
                    name,
                    word,
                    "other",
                    severity,
                    points,
                    None if points is None else random.choice(GROUNDS),
                    random.random() < 0.3,
                    random.choice(((), (), ("video_self_only",))),
                    batch,
                    random.choice((None, None, "post-1")),
                    at - random.choice((1, 10, 80, 100, 400)) * DAY
                    if random.random() < 0.3
                    else None,
                )
            )
        return list(together)

    def appeal(self, _: int) -> list[f.Fact]:
        name, random = self.one(), self.random
        granted = f.AppealGranted(name, random.choice((None, None, None, *AMOUNTS)))
        end = random.choice((granted, granted, f.AppealDenied(name), None))
        lodged = [f.AppealLodged(name)] if random.random() < 0.6 or end is None else []
        return [*lodged, *([end] if end is not None else [])]

    def exam(self, _: int) -> list[f.Fact]:
        name, random = self.one(), self.random
        facts: list[f.Fact] = []
        if random.random() < 0.25:
            facts.append(f.ExamInvited(name))
        if random.random() < 0.8:
            facts.append(f.ExamStudied(name))
        if random.random() < 0.05:
            facts.append(f.ExamAbandoned(name))
        marks = random.choice(((100_00,), (100_00,), (90_00,), (0, 100_00), (99_99, 0, 100_00)))
        return facts + [f.ExamSat(name, mark) for mark in marks]

    def recovery(self, _: int) -> list[f.Fact]:
        period = self.random.choice(("2024-07", "2024-08", "2024-10-07", "2024-11"))
        return [f.RecoveryGranted(period, self.random.choice((None, None, None, 50, 300)))]

    def rules_exam(self, _: int) -> list[f.Fact]:
        return [f.RulesExamSat(self.random.choice((100_00, 100_00, 80_00)))]

    def course(self, _: int) -> list[f.Fact]:
        return [f.CourseTaken(self.random.choice([*self.courses, "unheard_of"]))]

    def feature(self, _: int) -> list[f.Fact]:
        feature = self.random.choice([*self.lapsing, "unheard_of"])
        make = self.random.choice((f.FeatureOpened, f.FeatureOpened, f.FeatureUsed))
        return [make(feature)]

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
        return [f.MoneyPosted(account, self.random.choice((100_000, 2_000_000)), "CNY", "paid")]

    def profile(self, _: int) -> list[f.Fact]:
        return [
            f.ProfileChanged(self.random.choice((None, 3, 4)), self.random.choice((None, 460, 470)))
        ]

    def right(self, _: int) -> list[f.Fact]:
        claimed: f.Fact = f.ExamRightClaimed()
        return [self.random.choice((claimed, claimed, f.ExamRightRevoked("abuse")))]

    def retraction(self, _: int) -> list[f.Fact]:
        return [f.FactRetracted(f"e{self.random.randrange(1, 2 + self.made)}", "wrong")]
