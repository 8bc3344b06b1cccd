"""Random histories of one creator, crowded around the instants where rules turn."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from law.reading import EPOCH, SHANGHAI, micros
from msgspec.structs import replace

from ledger.facts import types as f
from ledger.facts.envelope import Envelope

VIOLATIONS = ("v1", "v2", "v3", "v4", "v5")
CATEGORIES = (
    *("misleading", "infringement", "reposting", "unmet_duty", "spam", "misleading") * 2,
    *("malicious_report", "prohibited_content", "fraud", "no_such_category"),
)
HOUR, DAY = 3_600_000_000, 86_400_000_000
STEPS = (0,) * 8 + (1, HOUR, HOUR, 12 * HOUR, DAY - 1, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY)
MARKS = (100_00, 100_00, 99_99, 0)
AMOUNTS = (*(None,) * 8, 0, 25, 50, 100, 250, 300, 700, 1200)
PERIODS = ("2024-06", "2024-07", "2024-08", "2024-07-20", "2024-10-07")

amount = st.sampled_from(AMOUNTS)
measure = st.sampled_from(("video_self_only", "funds_frozen"))
steps = st.sampled_from((*STEPS, "midnight", "before midnight"))


@st.composite
def violation(draw, name: str) -> f.ViolationFound:  # type: ignore[no-untyped-def]
    points = draw(amount)
    return f.ViolationFound(
        violation=name,
        category=draw(st.sampled_from(CATEGORIES)),
        detected_by="other",
        points=points,
        ground=None if points is None else "unstated",
        law_breach=draw(st.booleans()),
        measures=draw(st.sampled_from(((), (), ("video_self_only",)))),
        batch=draw(st.sampled_from((None, None, None, "b1", "b2"))),
    )


def exam(name: str) -> st.SearchStrategy[tuple[f.Fact, ...]]:
    return st.sampled_from(
        (
            (f.ExamStudied(name), f.ExamSat(name, 100_00)),
            (f.ExamStudied(name), f.ExamSat(name, 100_00)),
            (f.ExamStudied(name), f.ExamSat(name, 99_99)),
            (f.ExamStudied(name), f.ExamSat(name, 0), f.ExamSat(name, 0), f.ExamSat(name, 100_00)),
            (f.ExamSat(name, 100_00),),
            (f.ExamSat(name, 0),),
            (f.ExamInvited(name),),
            (f.ExamAbandoned(name),),
        )
    )


def appeal(name: str) -> st.SearchStrategy[tuple[f.Fact, ...]]:
    return alone(
        st.one_of(
            st.just(f.AppealLodged(name)),
            st.just(f.AppealGranted(name)),
            st.builds(f.AppealGranted, st.just(name), amount),
            st.just(f.AppealDenied(name)),
        )
    )


def alone(fact: st.SearchStrategy[f.Fact]) -> st.SearchStrategy[tuple[f.Fact, ...]]:
    return fact.map(lambda one: (one,))


recovery = st.one_of(
    st.builds(f.RecoveryGranted, st.sampled_from(PERIODS), amount),
    st.builds(f.RulesExamSat, st.sampled_from(MARKS)),
)
rest = st.one_of(
    st.just(f.ExamRightClaimed()),
    st.just(f.ExamRightRevoked("abuse")),
    st.builds(
        f.ProfileChanged,
        st.sampled_from((None, 3, 4, 5)),
        st.sampled_from((None, 460, 461)),
    ),
    st.builds(f.CreatorEnrolled, st.none(), st.sampled_from((None, 2)), st.none()),
    st.builds(
        f.MeasureImposed,
        measure,
        st.just("risk"),
        st.sampled_from((None, micros(datetime(2024, 8, 1, tzinfo=UTC)))),
    ),
    st.builds(f.MeasureLifted, measure, st.just("risk")),
    st.builds(
        f.MoneyPosted, st.just("deposit"), st.just(100), st.just("CNY"), st.just("paid"),
        st.sampled_from((None, *VIOLATIONS)),
    ),
    st.builds(f.OccasionHeld, st.just("race")),
)  # fmt: skip
retraction = st.builds(
    f.FactRetracted, st.integers(1, 30).map(lambda i: f"e{i}"), st.just("in error")
)
KINDS = ("violation",) * 6 + ("exam",) * 6 + ("appeal",) * 4 + ("recovery",) * 2 + ("rest",)
STARTS = tuple(
    micros(datetime(*start, tzinfo=SHANGHAI))
    for start in (
        (2024, 7, 10, 9),
        (2024, 7, 6, 0),
        (2024, 8, 31, 23),
        (2024, 6, 25, 0),
        (2024, 9, 20, 23),
        (2024, 10, 1, 0),
        (2022, 2, 20, 12),
        (2023, 12, 28, 12),
    )
)


def moved(at: int, step: int | str) -> int:
    """A step on: an interval, or on to the next local midnight or a microsecond before it."""
    if isinstance(step, int):
        return at + step
    local = (EPOCH + timedelta(microseconds=at)).astimezone(SHANGHAI) + timedelta(days=1)
    midnight = micros(local.replace(hour=0, minute=0, second=0, microsecond=0))
    return midnight if step == "midnight" else max(at, midnight - 1)


def enveloped(items: list[tuple[int, f.Fact]]) -> list[Envelope]:
    """Envelopes at given instants, recorded in the order of the list."""
    return [
        Envelope("s", f"e{i}", "c", at, fact, recorded_at=at, position=i)
        for i, (at, fact) in enumerate(items, 1)
    ]


@st.composite
def histories(  # type: ignore[no-untyped-def]
    draw, most: int = 20, kinds: tuple[str, ...] = KINDS
) -> list[Envelope]:
    """An enrolled creator, mostly with the right to exams, and then what comes.

    What comes is mostly about violations that were found; one history in four is recorded in
    another order than its times.
    """
    at = draw(st.sampled_from(STARTS))
    items: list[tuple[int, f.Fact]] = [(at, f.CreatorEnrolled(level=4, reputation=461))]
    if draw(st.integers(0, 5)):
        items.append((at, f.ExamRightClaimed()))
    found = 0
    for _ in range(draw(st.integers(1, most))):
        kind = draw(st.sampled_from(kinds)) if found else "violation"
        anything = draw(st.integers(0, 11)) == 0
        name = f"v{draw(st.integers(1, 6 if anything else max(found, 1)))}"
        if kind == "violation":
            found += not anything
            made = alone(violation(name if anything else f"v{found}"))
        elif kind in ("exam", "appeal"):
            made = exam(name) if kind == "exam" else appeal(name)
        else:
            made = alone({"recovery": recovery, "retraction": retraction}.get(kind, rest))
        for fact in draw(made):
            at = moved(at, draw(steps))
            if isinstance(fact, f.MeasureImposed) and fact.until is not None and fact.until <= at:
                fact = replace(fact, until=None)  # noqa: PLW2901  an end before it is malformed
            items.append((at, fact))
    return enveloped(draw(st.permutations(items)) if draw(st.integers(0, 3)) == 0 else items)


def examined(name: str, at: int, mark: int = 100_00) -> list[tuple[int, f.Fact]]:
    return [(at, f.ExamStudied(name)), (at, f.ExamSat(name, mark))]
