"""The fold is total: no order of well-formed facts raises, however strange the facts."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from law.reading import EVER, library, micros, ruled

from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from projections.standing.replay import replay

FIRST, LAST = 0, micros(datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))
name = st.sampled_from(("a", "b", "c"))
points = st.one_of(st.none(), st.sampled_from((0, 1, 1200, 10**12)), st.integers(0, 2000))
mark = st.sampled_from((0, 99_99, 100_00))
word = st.sampled_from(("spam", "misleading", "fraud", "deposit", "warning", "x", "decision"))
optional = st.one_of(st.none(), st.integers(0, 10**6))
instant = st.one_of(
    st.sampled_from((FIRST, FIRST + 1, LAST, LAST - 1)),
    st.sampled_from([micros(datetime(2024, 7, 6, tzinfo=UTC)) + i for i in range(3)]),
    st.integers(FIRST, LAST),
)
period = st.one_of(
    st.sampled_from(("1970-01", "9999-12", "9999-12-31", "1970-01-01", "2024-02-29")),
    st.dates(datetime(1970, 1, 1).date()).map(str),
)
FACTS = (
    st.builds(f.CreatorEnrolled, st.none(), optional, optional),
    st.builds(f.ProfileChanged, optional, optional),
    st.builds(
        f.ViolationFound, name, word, st.just("other"), st.none(), points, st.just("unstated"),
        st.booleans(), st.lists(word, max_size=3).map(tuple), st.one_of(st.none(), name),
    ),
    st.builds(f.AppealLodged, name),
    st.builds(f.AppealGranted, name, points),
    st.builds(f.AppealDenied, name),
    st.just(f.ExamRightClaimed()),
    st.just(f.ExamRightRevoked("abuse")),
    st.builds(f.ExamInvited, name),
    st.builds(f.ExamStudied, name),
    st.builds(f.ExamAbandoned, name),
    st.builds(f.ExamSat, name, mark),
    st.builds(f.RulesExamSat, mark),
    st.builds(f.RecoveryGranted, period, points),
    st.builds(f.MeasureImposed, word, st.just("risk"), st.one_of(st.none(), instant)),
    st.builds(f.MeasureLifted, word, st.just("risk")),
    st.builds(
        f.MoneyPosted, word, st.integers(-(10**15), 10**15), st.sampled_from(("CNY", "JPY")), word,
        st.one_of(st.none(), name),
    ),
    st.builds(f.FactRetracted, st.sampled_from(("e1", "e2", "e3", "zz")), st.just("in error")),
    st.builds(f.OccasionHeld, word),
    st.builds(f.CourseTaken, word),
    st.just(f.DayQualified()),
    st.just(f.RulebookAdopted("demo", "1", "0" * 64)),
    st.builds(f.FeatureOpened, word),
    st.builds(f.FeatureUsed, word),
)  # fmt: skip
BOOKS = (None, "super-licence", "demo", "leg")


@st.composite
def anything(draw) -> list[Envelope]:  # type: ignore[no-untyped-def]
    """Facts of all types in any order, ids and instants that repeat, recorded at any time."""
    facts = draw(st.lists(st.tuples(instant, st.one_of(FACTS), instant), max_size=25))
    if draw(st.booleans()):
        start = f.CreatorEnrolled(draw(st.sampled_from(BOOKS)), 4, 461)
        facts.insert(0, (draw(st.sampled_from((FIRST, LAST // 4))), start, FIRST))
    return [
        Envelope("s", f"e{draw(st.integers(1, 40))}", "c", at, fact, recorded, position)
        for position, (at, fact, recorded) in enumerate(facts, 1)
    ]


def test_all_types_of_facts_are_tried() -> None:
    assert len(FACTS) == len(f.FACT_TYPES)


@settings(max_examples=120)
@given(anything(), instant, st.one_of(st.none(), instant))
def test_no_history_raises(facts: list[Envelope], as_of: int, known_at: int | None) -> None:
    r = ruled(facts, as_of, known_at)
    due = [e for e in facts if e.effective_at <= as_of]
    assert len(r.rulings) == len([e for e in due if known_at is None or e.recorded_at <= known_at])
    assert ruled(facts, EVER).creator is not None


@settings(max_examples=30)
@given(anything(), st.integers(0, 2_000))
def test_no_simulated_history_raises(facts: list[Envelope], days: int) -> None:
    early = [e for e in facts if e.effective_at < micros(datetime(1999, 1, 1, tzinfo=UTC))]
    ruled(early, days * 86_400_000_000, simulate=True)


@given(anything())
def test_without_rulings_no_history_raises_either(facts: list[Envelope]) -> None:
    told = ruled(facts)
    silent = replay("c", facts, library(), as_of=EVER)
    assert [c.score for c in silent.creator.counters] == [c.score for c in told.creator.counters]
