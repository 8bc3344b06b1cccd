"""What a crossing demands stands and falls with the judgements, whatever becomes of its stops."""

from datetime import UTC, datetime
from random import Random

import pytest
from law.reading import DAY, micros, ruled

from ledger.facts import types as f
from model.histories import enveloped
from projections.fold.state import LIFTED, RUNNING, Creator
from projections.fold.stops import weight

START = micros(datetime(2023, 2, 1, tzinfo=UTC))
NAMES = ("v1", "v2", "v3", "v4", "v5")
BOOKS = {
    "crossings": "offence",
    "multiples": "offence",
    "douyin-merchant": "general",
    "only-deepest": "offence",
}
END = START + 1_000 * DAY
LIVES = 200


def life(book: str, random: Random) -> list[tuple[int, f.Fact]]:
    """Facts that move the score, half a day to forty days apart."""
    facts: list[tuple[int, f.Fact]] = [(START, f.CreatorEnrolled(book, 4, 461))]
    at = START
    for n in range(random.randrange(1, 15)):
        name = random.choice(NAMES)
        at += random.choice((random.randrange(1, 6), random.randrange(1, 80))) * DAY // 2
        points = random.randrange(1, 40) * 100
        found = f.ViolationFound(name, BOOKS[book], "other", points=points, ground="unstated")
        granted = f.AppealGranted(name, random.choice((None, points // 4)))
        recovered = f.RecoveryGranted(f"{2024 + n}-01", points)
        facts.append((at, random.choice((found, found, granted, recovered))))
    return facts


def owed(creator: Creator) -> int:
    return sum(account.demanded for account in creator.accounts)


@pytest.mark.parametrize("book", BOOKS)
def test_with_everything_void_nothing_is_owed(book: str) -> None:
    random = Random(1)
    for _ in range(LIVES):
        facts = life(book, random)
        end = facts[-1][0] + DAY
        voids = [(end + n, f.AppealGranted(name)) for n, name in enumerate(NAMES)]
        creator = ruled(enveloped([*facts, *voids]), END).creator
        assert owed(creator) == 0
        made = creator.crossings[: creator.crossings_made]
        assert all(crossing.state == LIFTED for crossing in made)


@pytest.mark.parametrize("book", BOOKS)
def test_owed_is_what_the_crossings_that_stand_demand(book: str) -> None:
    random = Random(2)
    for _ in range(LIVES):
        r = ruled(enveloped(life(book, random)), END)
        demanded = 0
        for crossing in r.creator.crossings[: r.creator.crossings_made]:
            node = r.tables.book.versions[crossing.version].nodes[crossing.fined]
            left = weight(crossing, r.tables.book)
            demanded += left * sum(fine.amount for fine in node.fines)
            assert left >= 0
            assert (left == 0) == (crossing.state == LIFTED)
        assert owed(r.creator) == demanded


def test_what_a_deepest_crossing_leaves_is_what_fewer_points_would_have_started() -> None:
    """One violation of a batch is granted whole or in part: as if it had cost less all along."""
    random = Random(3)
    for _ in range(LIVES):
        start = START + 40 * DAY
        points = [random.randrange(1, 50) * 10 for _ in range(2)]
        less = random.randrange(1, points[0] // 10 + 1) * 10
        at = start + random.randrange(1, 200) * DAY // 10
        granted = f.AppealGranted("v0", None if less == points[0] else less)
        lifted = left(batch(start, points), [(at, granted)], at)
        fewer = left(batch(start, [points[0] - less, points[1]]), [], at)
        assert lifted[0] == fewer[0], (points, less, at)
        assert lifted[1] == min(fewer[1], left(batch(start, points), [], at)[1])


def batch(at: int, points: list[int]) -> list[tuple[int, f.Fact]]:
    facts: list[tuple[int, f.Fact]] = [(START, f.CreatorEnrolled("only-deepest"))]
    for n, cost in enumerate(points):
        found = f.ViolationFound(f"v{n}", "offence", "other", None, cost, "minor", False, (), "b")
        facts.append((at, found))
    return facts


def left(
    facts: list[tuple[int, f.Fact]], more: list[tuple[int, f.Fact]], at: int
) -> tuple[set[tuple[int, int, int]], int]:
    """What runs of the feature that every node stops, from when until when; and what is owed."""
    creator = ruled(enveloped([*facts, *more]), at).creator
    made = creator.stops[: creator.stops_made]
    live = [s for s in made if s.state == RUNNING and s.feature == 0]
    return {(s.node, s.started_at, s.until) for s in live}, owed(creator)
