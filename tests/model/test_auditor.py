"""An auditor who never saw the code comes to the same rulings and the same standing."""

from hypothesis import given, settings
from hypothesis import strategies as st
from law.reading import EPOCH, library, measures, quotas, ruled, sanctions, stop_name, violations
from law.reading import micros as to_micros

from ledger.facts.envelope import Envelope
from model.histories import KINDS, histories
from model.oracle import Auditor
from model.paper import in_order, moment
from projections.fold.state import ABSENT, FOREVER, NODE_LIFTED, NODE_STARTED
from projections.standing.replay import Replay, Ruling

MOST = settings(max_examples=100, deadline=None)


def hundredths(value: object) -> int | None:
    return None if value is None else int(value * 100)  # type: ignore[operator]


def instant(at: object) -> int:
    return FOREVER if at is None else to_micros(at)  # type: ignore[arg-type]


def audited(facts: list[Envelope], as_of: int, simulate: bool = False) -> tuple[Auditor, list]:
    book = list(library().tables("douyin-creator").rulebooks)
    auditor = Auditor(book, list(facts), as_of, simulate)
    return auditor, auditor.audit()


def opinion(a: Auditor, as_of: int) -> dict[str, object]:
    return {
        "score": hundredths(a.score),
        "sanctions": sorted(
            (f"{s.node} {s.feature}", instant(s.start), instant(s.until), s.state) for s in a.stops
        ),
        "violations": {
            n: (
                "void" if v.void else "standing",
                *map(hundredths, (v.judged, v.deducted, v.restored)),
            )
            for n, v in a.violations.items()
        },
        "quotas": {
            c: (n, free.toordinal() - EPOCH.toordinal())
            for c, (n, free) in a.quotas.items()
            if free.toordinal() > a.day(moment(as_of)).toordinal()
        },
        "measures": sorted(
            ((m[0], m[1], instant(m[2]), instant(m[3]), m[4]) for m in a.own), key=repr
        ),
        "profile": (a.level, hundredths(a.reputation)),
    }


def record(r: Replay, auditor: Auditor) -> dict[str, object]:
    creator = r.creator
    today = auditor.day(moment(r.as_of)).toordinal() - EPOCH.toordinal()
    return {
        "score": creator.counters[0].score if creator.enrolled else None,
        "sanctions": sanctions(r),
        "violations": violations(r),
        "quotas": {c: q for c, q in quotas(r).items() if q[1] > today},
        "measures": measures(r),
        "profile": tuple(None if x == ABSENT else x for x in (creator.level, creator.reputation)),
    }


def nodes_of(x: Ruling, r: Replay) -> tuple[list[str], int]:
    """Nodes started, in their order, and how many were lifted."""
    batch = [effect for turn in x.turns if turn.together for effect in turn.effects]
    told = [*batch, *x.effects]
    started = [stop_name(r, row) for effect, row, _, _ in told if effect == NODE_STARTED]
    return started, sum(effect == NODE_LIFTED for effect, *_ in x.effects)


def same(facts: list[Envelope], as_of: int, simulate: bool = False) -> None:
    auditor, made = audited(facts, as_of, simulate)
    r = ruled(facts, as_of, simulate=simulate)
    told = [x for x in r.rulings if x.reason != "retracted"]
    assert [x.envelope.id for x in told] == [
        e.id
        for e in in_order(auditor.facts)
        if not (simulate and type(e.fact).__name__ == "RecoveryGranted")
    ]
    for x, (reason, before, after, nominal, started, lifted) in zip(told, made, strict=True):
        mine = (reason, *map(hundredths, (before, after, nominal)), started, lifted)
        theirs = (x.reason, x.score_before, x.score_after, x.nominal, *nodes_of(x, r))
        assert (x.envelope.id, *theirs) == (x.envelope.id, *mine)
    assert record(r, auditor) == opinion(auditor, as_of)


@MOST
@given(histories())
def test_after_every_fact_the_record_is_what_an_auditor_says(facts: list[Envelope]) -> None:
    for at in sorted({e.effective_at for e in facts}):
        same(facts, at)
    same(facts, max(e.effective_at for e in facts) + 86_400_000_000)


@MOST
@given(histories(kinds=(*KINDS, "retraction", "retraction")))
def test_with_retractions_it_is_still_what_an_auditor_says(facts: list[Envelope]) -> None:
    same(facts, max(e.effective_at for e in facts))


@MOST
@given(histories(most=12), st.integers(0, 120))
def test_recoveries_as_they_fall_due_are_what_an_auditor_says(
    facts: list[Envelope], days: int
) -> None:
    same(facts, max(e.effective_at for e in facts) + days * 86_400_000_000, simulate=True)
