"""Laws of the fold that hold for every history."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from law.reading import DAY, library, measures, micros, quotas, ruled, sanctions, violations

from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from model.histories import CATEGORIES, HOUR, KINDS, VIOLATIONS, enveloped, examined, histories
from projections.fold.state import RUNNING, WHILE_TRIGGERED
from projections.standing.replay import Replay

CAP = 12_00
RECOVERIES = (f.RecoveryGranted, f.RulesExamSat)
AUGUST = micros(datetime(2024, 8, 1, tzinfo=UTC))


def standing(r: Replay) -> dict[str, object]:
    """All that the creator's facts come to, by names."""
    creator = r.creator
    return {
        "score": creator.counters[0].score if creator.enrolled else None,
        "sanctions": sanctions(r),
        "violations": violations(r),
        "quotas": quotas(r),
        "measures": measures(r),
        "profile": (creator.level, creator.reputation, creator.right),
        "accounts": {k: r.creator.accounts[i].posted for k, i in r.history.accounts.items()},
    }


def last(facts: list[Envelope]) -> int:
    return max(e.effective_at for e in facts)


def recorded_anew(facts: list[Envelope]) -> list[Envelope]:
    return enveloped([(e.effective_at, e.fact) for e in facts])


def added(facts: list[Envelope], *items: tuple[int, f.Fact]) -> list[Envelope]:
    return [*facts, *enveloped_from(len(facts), items)]


def enveloped_from(start: int, items: tuple[tuple[int, f.Fact], ...]) -> list[Envelope]:
    return [
        Envelope("s", f"e{i}", "c", at, fact, recorded_at=at, position=i)
        for i, (at, fact) in enumerate(items, start + 1)
    ]


@given(histories(), st.randoms(use_true_random=False))
def test_facts_read_in_any_order_come_to_one_standing(facts, random) -> None:
    shuffled = random.sample(facts, len(facts))
    assert standing(ruled(shuffled)) == standing(ruled(facts))


@given(histories(), st.randoms(use_true_random=False))
def test_facts_of_different_instants_may_be_recorded_in_any_order(facts, random) -> None:
    in_time = sorted(recorded_anew(facts), key=lambda e: e.effective_at)
    apart = [(e.effective_at + i, e.fact) for i, e in enumerate(in_time)]
    assert standing(ruled(enveloped(random.sample(apart, len(apart))))) == standing(
        ruled(enveloped(apart))
    )


@given(histories(), st.integers(0, 100))
def test_as_of_an_instant_later_facts_do_not_count(facts, percent) -> None:
    first = min(e.effective_at for e in facts)
    at = first + (last(facts) - first) * percent // 100
    until = [e for e in facts if e.effective_at <= at]
    assert standing(ruled(facts, as_of=at)) == standing(ruled(until, as_of=at))
    assert [x.reason for x in ruled(facts, as_of=at).rulings] == [
        x.reason for x in ruled(until, as_of=at).rulings
    ]


@given(histories(), st.integers(0, 100))
def test_known_at_an_instant_later_records_do_not_count(facts, percent) -> None:
    at = facts[len(facts) * percent // 101].recorded_at
    known = [e for e in facts if e.recorded_at <= at]
    assert standing(ruled(facts, known_at=at)) == standing(ruled(known))


@given(histories(), st.integers(0, 20))
def test_rulings_of_a_beginning_stay_when_more_is_added(facts, count) -> None:
    ordered = [x.envelope for x in ruled(facts).rulings]
    whole = [(x.reason, x.score_after, x.effects) for x in ruled(ordered).rulings]
    part, rest = ordered[:count], ordered[count:]
    if not {e.effective_at for e in part} & {e.effective_at for e in rest}:
        assert [(x.reason, x.score_after, x.effects) for x in ruled(part).rulings] == whole[:count]


@given(histories())
def test_rulings_asked_for_or_not_the_standing_is_the_same(facts) -> None:
    for simulate in (False, True):
        as_of = last(facts) + 40 * DAY
        told = ruled(facts, as_of, simulate=simulate)
        silent = ruled(facts, as_of, simulate=simulate, rulings=False)
        assert standing(told) == standing(silent)


@given(histories())
def test_the_score_keeps_between_floor_and_cap_and_moves_by_what_is_said(facts) -> None:
    r = ruled(facts)
    for x in r.rulings:
        if x.score_after is not None:
            assert 0 <= x.score_after <= CAP
            assert x.score_before is None or x.change is not None
            if x.score_before is not None:
                assert abs(x.change) <= abs(x.nominal), x.envelope.id
                assert x.change * x.nominal >= 0
        if not x.applied:
            assert not x.change
            assert not x.nominal or type(x.envelope.fact) is f.ViolationFound


@given(histories())
def test_nothing_is_restored_that_was_not_taken(facts) -> None:
    for _, judged, deducted, restored in violations(ruled(facts)).values():
        assert 0 <= restored <= deducted <= judged


@given(histories())
def test_no_row_is_negative_and_no_stop_ends_before_it_starts(facts) -> None:
    r = ruled(facts, as_of=last(facts))
    for stop in r.creator.stops[: r.creator.stops_made]:
        assert 0 <= stop.started_at < stop.planned_until
        assert stop.started_at <= stop.until <= stop.planned_until or stop.kind == WHILE_TRIGGERED
        assert stop.state != RUNNING or stop.until > r.as_of
    permanent = sum(
        s.state == RUNNING and list(r.tables.rulebooks[s.version].nodes)[s.node] == "0"
        for s in r.creator.stops[: r.creator.stops_made]
    )
    assert r.creator.counters[0].permanent == permanent
    ends = [s.until for s in r.creator.stops[: r.creator.stops_made] if s.state == RUNNING]
    assert r.creator.next_end == min(ends, default=r.creator.next_end)


@given(histories(kinds=(*KINDS, *("recovery",) * 4)))
def test_recoveries_leave_timed_and_permanent_stops_as_they_are(facts) -> None:
    """Before and after each recovery the same rows, but for those that last while triggered."""
    r = ruled(facts)
    for x in r.rulings:
        if type(x.envelope.fact) in RECOVERIES:
            for effect, row, _, at in x.effects:
                stop = r.creator.stops[row]
                if at == x.envelope.effective_at and stop.kind != WHILE_TRIGGERED:
                    assert stop.until == stop.planned_until == at, effect


@given(histories(kinds=("violation", "violation", "exam", "appeal", "recovery")))
def test_with_every_violation_void_no_stop_runs(facts) -> None:
    at = last(facts)
    for name in violations(ruled(facts)):
        facts = added(facts, (at, f.AppealGranted(name)))
    r = ruled(facts, as_of=at)
    assert all(how == "void" for how, *_ in violations(r).values())
    assert not [s for s in sanctions(r) if s[3] == "running"]


@given(histories(), st.sampled_from(VIOLATIONS), st.sampled_from((1, HOUR, DAY)))
def test_exam_then_appeal_and_appeal_then_exam_end_alike(facts, name, apart) -> None:
    at = last(facts) + 1
    clipped = any(abs(x.change or 0) != abs(x.nominal) for x in ruled(facts).rulings)
    sat = examined(name, at)
    exam_first = ruled(added(facts, *sat, (at + apart, f.AppealGranted(name))))
    appeal_first = ruled(added(facts, (at, f.AppealGranted(name)), *examined(name, at + apart)))
    one, other = standing(exam_first), standing(appeal_first)
    assert one["violations"] == other["violations"] or clipped or one["score"] == CAP
    assert one["score"] == other["score"] or clipped
    held = {c: h for c, (h, _) in quotas(exam_first).items()}
    assert name not in held.values()
    assert name not in {h for h, _ in quotas(appeal_first).values()}


@given(
    histories(),
    st.sampled_from(VIOLATIONS),
    st.sampled_from(("lodged", "denied", "failed", "abandoned", "given up", "late")),
)
def test_what_comes_to_nothing_changes_nothing_but_history_and_quota(facts, name, what) -> None:
    at = last(facts) + 1
    tried: dict[str, list[tuple[int, f.Fact]]] = {
        "lodged": [(at, f.AppealLodged(name))],
        "denied": [(at, f.AppealLodged(name)), (at, f.AppealDenied(name))],
        "failed": examined(name, at, mark=99_99),
        "abandoned": [(at, f.ExamAbandoned(name))],
        "given up": [*examined(name, at, mark=10_00), (at, f.ExamAbandoned(name))],
        "late": [(at + 9 * DAY, f.AppealLodged(name))],
    }
    as_of = at + 10 * DAY
    without = standing(ruled(facts, as_of=as_of))
    after = standing(ruled(added(facts, *tried[what]), as_of=as_of))
    without.pop("quotas")
    after.pop("quotas")
    assert without == after


@pytest.mark.parametrize("start", ["2024-07-06", "2024-09-24"])
@given(facts=histories())
def test_a_switch_of_version_alone_changes_nothing(start, facts) -> None:
    switch = micros(datetime.fromisoformat(f"{start}T00:00+08:00"))
    before = [e for e in facts if e.effective_at < switch]
    just_before, just_after = ruled(before, as_of=switch - 1), ruled(before, as_of=switch)
    one, other = standing(just_before), standing(just_after)
    assert one["score"] == other["score"]
    assert [s for s in one["sanctions"] if s[2] != switch] == [
        s for s in other["sanctions"] if s[2] != switch
    ]


@given(histories())
def test_a_fact_that_has_no_effect_might_as_well_be_absent(facts) -> None:
    r = ruled(facts)
    idle = {x.envelope.position for x in r.rulings if not x.applied}
    batches = [e.fact.batch for e in facts if type(e.fact) is f.ViolationFound]
    if not any(batches):
        kept = [e for e in facts if e.position not in idle]
        found = [e for e in facts if type(e.fact) is f.ViolationFound and e.position in idle]
        named = {(e.fact.violation, e.effective_at) for e in found}
        drawn = {(getattr(e.fact, "violation", None), e.effective_at) for e in kept}
        if not named & drawn:
            assert standing(ruled(kept)) == standing(r)


@given(histories(), st.data())
def test_a_retracted_fact_is_as_if_it_had_never_been(facts, data) -> None:
    e = data.draw(st.sampled_from(facts))
    gone = added(facts, (last(facts), f.FactRetracted(e.id, "in error")))
    without = [x for x in facts if x is not e]
    as_of = last(facts)
    assert standing(ruled(gone, as_of)) == standing(ruled(without, as_of))


def found(name: str, category: str, points: int) -> f.ViolationFound:
    return f.ViolationFound(name, category, "other", points=points, ground="minor", batch="b")


@given(st.sampled_from(CATEGORIES), st.integers(0, 1300), st.integers(0, 1300))
def test_a_batch_deducts_the_sum_and_order_does_not_matter(category, one, other) -> None:
    def batch(*points: int) -> list[Envelope]:
        return enveloped(
            [
                (AUGUST, f.CreatorEnrolled()),
                *(
                    (
                        AUGUST,
                        f.ViolationFound(
                            f"v{p}{i}", category, "other", None, p, "minor", False, (), "b"
                        ),
                    )
                    for i, p in enumerate(points)
                ),
            ]
        )

    there, back, whole = (ruled(batch(*p)) for p in ((one, other), (other, one), (one + other,)))
    assert sanctions(there) == sanctions(back) == sanctions(whole)
    assert there.creator.counters[0].score == max(10_00 - one - other, 0)


def test_the_library_compiles_a_name_once() -> None:
    assert library().tables("douyin-creator") is library().tables("douyin-creator")
