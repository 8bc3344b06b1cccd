"""What a crossing demands stands and falls with the judgements, whatever becomes of its stops."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from law.reading import DAY, EVER, micros, ruled

from ledger import facts as f
from model.histories import enveloped
from projections.fold.state import LIFTED, RUNNING, Creator

START = micros(datetime(2023, 2, 1, tzinfo=UTC))
NAMES = ("v1", "v2", "v3", "v4", "v5")
BOOKS = ("crossings", "douyin-merchant")


def violation(book: str, name: str, points: int) -> f.ViolationFound:
    category = "offence" if book == "crossings" else "general"
    return f.ViolationFound(name, category, "other", points=points, ground="unstated")


@st.composite
def lives(draw, book: str) -> list[tuple[int, f.Fact]]:  # type: ignore[no-untyped-def]
    """Facts that move the score, half a day to forty days apart."""
    facts: list[tuple[int, f.Fact]] = [(START, f.CreatorEnrolled(book, 4, 461))]
    at = START
    for n in range(draw(st.integers(1, 14))):
        name = draw(st.sampled_from(NAMES))
        at += draw(st.integers(1, 80)) * DAY // 2
        points = draw(st.integers(1, 30)) * 100
        fact = draw(
            st.sampled_from(
                (
                    violation(book, name, points),
                    violation(book, name, points),
                    f.AppealGranted(name, points),
                    f.AppealGranted(name),
                    f.RecoveryGranted(f"{2024 + n}-01", points),
                )
            )
        )
        facts.append((at, fact))
    return facts


def owed(creator: Creator) -> int:
    return sum(account.demanded for account in creator.accounts)


@settings(max_examples=100)
@given(st.sampled_from(BOOKS).flatmap(lives))
def test_with_everything_void_nothing_is_owed(facts: list[tuple[int, f.Fact]]) -> None:
    end = facts[-1][0] + DAY
    voids = [(end + n, f.AppealGranted(name)) for n, name in enumerate(NAMES)]
    creator = ruled(enveloped([*facts, *voids])).creator
    assert owed(creator) == 0
    made = creator.crossings[: creator.crossings_made]
    assert all(crossing.state == LIFTED for crossing in made)


@settings(max_examples=100)
@given(st.sampled_from(BOOKS).flatmap(lives))
def test_owed_is_what_the_crossings_that_stand_demand(facts: list[tuple[int, f.Fact]]) -> None:
    r = ruled(enveloped(facts), EVER)
    made = r.creator.crossings[: r.creator.crossings_made]
    nodes = r.tables.book.versions[0].nodes
    standing = [nodes[crossing.node] for crossing in made if crossing.state == RUNNING]
    assert owed(r.creator) == sum(fine.amount for node in standing for fine in node.fines)
