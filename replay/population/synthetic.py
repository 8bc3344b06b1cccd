"""A population that never was: seeded histories for benchmarks and demonstrations.

Every type of fact occurs, in proportions that a platform might see: mostly violations, then appeals
and exams; lengths are lognormal. The same seed gives the same facts.
"""

from collections.abc import Callable, Iterator, Sequence
from random import Random

from ledger.facts.envelope import Envelope
from ledger.facts.types import (
    AppealDenied,
    AppealGranted,
    AppealLodged,
    CourseTaken,
    CreatorEnrolled,
    DayQualified,
    ExamAbandoned,
    ExamInvited,
    ExamRightClaimed,
    ExamRightRevoked,
    ExamSat,
    ExamStudied,
    Fact,
    FactRetracted,
    FeatureOpened,
    FeatureUsed,
    MeasureImposed,
    MeasureLifted,
    MoneyPosted,
    OccasionHeld,
    ProfileChanged,
    RecoveryGranted,
    RulebookAdopted,
    RulesExamSat,
    ViolationFound,
)

DAY = 86_400_000_000
START = 1_640_995_200_000_000
"""2022-01-01T00:00Z: the histories cross every version of douyin-creator."""

Make = Callable[[Random, str, int], Fact]
"""(random, an earlier violation, number of the fact) -> fact."""

WEIGHTED: Sequence[tuple[int, Make]] = (
    (12, lambda r, v, n: AppealLodged(v)),
    (8, lambda r, v, n: AppealGranted(v)),
    (2, lambda r, v, n: AppealGranted(v, r.randrange(0, 400))),
    (3, lambda r, v, n: AppealDenied(v)),
    (2, lambda r, v, n: ExamStudied(v)),
    (4, lambda r, v, n: ExamInvited(v)),
    (1, lambda r, v, n: ExamAbandoned(v)),
    (4, lambda r, v, n: ExamSat(v, r.choice((100_00, 90_00)))),
    (4, lambda r, v, n: RulesExamSat(r.choice((100_00, 100_00, 80_00)))),
    (6, lambda r, v, n: RecoveryGranted(f"{2022 + n % 4}-{n % 12 + 1:02}")),
    (1, lambda r, v, n: RecoveryGranted("2024-10-07", r.randrange(0, 200))),
    (1, lambda r, v, n: ProfileChanged(r.randrange(6), r.randrange(400, 500))),
    (1, lambda r, v, n: ExamRightClaimed()),
    (1, lambda r, v, n: ExamRightRevoked("abuse")),
    (1, lambda r, v, n: MeasureImposed("funds_frozen", "risk", START + (1200 + 31 * n) * DAY)),
    (1, lambda r, v, n: MeasureLifted("funds_frozen", "risk")),
    (1, lambda r, v, n: MoneyPosted("fine", r.randrange(-500, 500), "CNY", "paid", v)),
    (1, lambda r, v, n: FactRetracted(f"e-{r.randrange(n + 9)}", "recorded in error")),
    (1, lambda r, v, n: CreatorEnrolled(level=1)),
    (1, lambda r, v, n: OccasionHeld("race")),
    (1, lambda r, v, n: CourseTaken("online")),
    (2, lambda r, v, n: DayQualified()),
    (1, lambda r, v, n: RulebookAdopted("douyin-creator", "2025-01", "0" * 64)),
    (1, lambda r, v, n: FeatureOpened("shop")),
    (1, lambda r, v, n: FeatureUsed("shop")),
)
MAKERS = [make for _, make in WEIGHTED]
WEIGHTS = [weight for weight, _ in WEIGHTED]


def history(
    random: Random,
    subject: str,
    length: int,
    categories: Sequence[str],
    *,
    gap: int = 30 * DAY,
    ties: float = 0.1,
) -> Iterator[Envelope]:
    """One creator's facts in the order of their positions, `gap` microseconds apart at most.

    `ties` is the share that falls on the instant of the fact before.
    """
    at = START + random.choice((0, 700, 920)) * DAY + random.randrange(200 * DAY)
    violations: list[str] = []
    sitting: list[Fact] = []
    fact: Fact
    for n in range(length):
        if sitting:
            fact = sitting.pop()
        elif n == 0:
            fact = CreatorEnrolled(level=random.randrange(3, 6), reputation=470)
        elif n == 1 and random.random() < 0.8:
            fact = ExamRightClaimed()
        elif not violations or random.random() < 0.45:
            violations.append(f"v-{n}" if random.random() < 0.98 else "v-2")
            fact = _violation(random, violations[-1], random.choice(categories))
            if random.random() < 0.15:
                sitting = _exam(random, violations[-1])
        else:
            make = random.choices(MAKERS, WEIGHTS)[0]
            fact = make(random, random.choice(violations[-3:]), n)
        # Some facts share an instant, some fall on a local midnight.
        step = 0 if random.random() < ties else random.randrange(gap)
        at = (at + step) // DAY * DAY - DAY // 3 if random.random() < 0.05 else at + step
        yield Envelope("synthetic", f"e-{n}", subject, at, fact, at, n + 1, n + 1)


def _exam(random: Random, violation: str) -> list[Fact]:
    """Study and answers, the last fact first."""
    answers = [ExamSat(violation, random.choice((100_00, 90_00))) for _ in range(3)]
    end: list[Fact] = [ExamSat(violation, 100_00), ExamAbandoned(violation)]
    return (
        end[: random.choice((0, 0, 2))]
        + answers[: random.randrange(1, 4)]
        + [ExamStudied(violation)]
    )


def _violation(random: Random, violation: str, category: str) -> Fact:
    if random.random() < 0.9:
        return ViolationFound(violation, category, "platform_screening")
    return ViolationFound(
        violation,
        random.choice((category, "unheard_of")),
        "user_complaint",
        points=random.choice((None, random.randrange(0, 500))),
        ground="unstated",
        law_breach=random.random() < 0.3,
        measures=random.choice(((), ("video_self_only",), ("warning", "live_cut"))),
        batch=random.choice((None, "b-1")),
        severity=random.choice((None, "minor", "serious")),
        item=random.choice((None, "post-1", "post-2")),
        offended_at=random.choice((None, START + random.randrange(900 * DAY))),
    )


def population(
    facts: int, categories: Sequence[str], *, seed: int = 0, median: int = 15
) -> Iterator[list[Envelope]]:
    """Histories of about so many facts in all; their lengths are lognormal around `median`."""
    random = Random(seed)
    left = facts
    number = 0
    while left > 0:
        length = min(max(3, int(median * random.lognormvariate(0, 1.0))), left + 3, 5000)
        yield list(history(random, f"c-{number}", length, categories))
        left -= length
        number += 1
