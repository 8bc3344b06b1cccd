"""Known then, known now: two replays as of one instant, what came between, and what it did.

Both are about the same instant T, as known at K1 and at K2. What differs comes from facts that were
recorded, or withdrawn, between the two; the rulings of other facts may be other for it. Meanwhile
the platform acted on what it was told: a stop was *executed* as the ledger said at each moment, and
is *judged* as the ledger says at K2. What of that was not known to be wrong at K1 is told here, of
the stops that were decided by T.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from ledger.errors import InputError, LedgerError
from ledger.facts.envelope import Envelope, known
from ledger.facts.types import FactRetracted, ViolationFound
from ledger.text import safe
from projections.standing.executed import Stretch, by_feature, executed, judged
from projections.standing.moments import Moment
from projections.standing.question import Question
from projections.standing.replay import Replay, Ruling
from projections.standing.spans import Span, within, without
from projections.standing.writing import clock_time
from replay.whatif.counterfactual import Told, aligned

Spans = dict[str, list[Span]]


class Changed(Struct):
    """One fact that is ruled otherwise, or on one side only."""

    envelope: Envelope
    then: Ruling | None
    now: Ruling | None
    late: bool
    """Whether it was recorded after K1."""
    retraction: Envelope | None
    """What withdrew it after K1."""
    finding: tuple[Envelope, Envelope] | None
    """The finding of the violation that it names, and what withdrew that."""

    @property
    def cause(self) -> bool:
        """Whether it is itself what was learned."""
        return self.late or self.retraction is not None


class WrongStop(Struct):
    """One stop that was executed for longer, or for less, than it is judged."""

    executed: list[Stretch]
    judged: list[Stretch]
    too_long: list[Span]
    too_short: list[Span]

    @property
    def any(self) -> Stretch:
        return (self.judged or self.executed)[-1]


class Compared(Struct):
    then: Replay
    now: Replay
    """Both with rulings."""
    changed: list[Changed]
    """In the order of time."""
    stops: list[WrongStop]
    until_now: bool
    """Whether the later side is what is known now, and not at a time that was asked for."""


def compare(question: Question, creator: str, before: Moment, after: Moment | None) -> Compared:
    """What was known of a creator at `before`, and at `after` (None: now), as of the question's T.

    T is `before` where the question has none. Raises InputError for times in the wrong order or
    still to come, LedgerError where nothing was known yet.
    """
    facts = question.facts(creator)
    zone, latest = question.zone(facts), max(question.now, *(e.recorded_at for e in facts))
    first = before.instant(zone)
    last = latest if after is None else after.instant(zone)
    as_of = first if question.as_of is None else question.as_of.instant(zone)
    _check(creator, facts, (first, last), latest, zone)
    then = question.replay_at(creator, facts, as_of, first, rulings=True)
    now = question.replay_at(creator, facts, as_of, last, rulings=True)
    at_first = question.replay_at(creator, facts, first, first)
    at_last = question.replay_at(creator, facts, last, last)
    stops = _wrong(executed(facts, question, last), judged(at_first), judged(at_last), first, as_of)
    return Compared(then, now, list(_changed(then, now, facts)), stops, after is None)


def _check(
    creator: str, facts: Sequence[Envelope], times: tuple[int, int], latest: int, zone: str
) -> None:
    """Raises where what was known at these times can't be compared."""
    first, last = (clock_time(at, zone) for at in times)
    for at, said in zip(times, (first, last), strict=True):
        if at > latest:
            now = clock_time(latest, zone)
            raise InputError(f"{said} is still to come, it is {now}; give a time that has passed")
    if times[0] > times[1]:
        raise InputError(f"{first} is later than {last}; give the earlier time first")
    begun = min(e.recorded_at for e in facts)
    if times[0] < begun:
        raise LedgerError(
            f'nothing was known at {first} of a creator "{safe(creator)}": the first fact was '
            f"recorded on {clock_time(begun, zone)}; give a time from then on"
        )


def _changed(then: Replay, now: Replay, facts: Iterable[Envelope]) -> Iterable[Changed]:
    assert then.known_at is not None
    _, retracted, _ = known(facts, now.known_at)
    findings = _withdrawn_findings(now, retracted)
    for pair in aligned([Told(then, ()), Told(now, ())]):
        ours, theirs = (side.rulings.get(pair.key) for side in pair.sides)
        ruling = theirs or ours
        assert ruling is not None
        e = ruling.envelope
        if not pair.differs or isinstance(e.fact, FactRetracted):
            continue
        finding = findings.get(getattr(e.fact, "violation", ""))
        if isinstance(e.fact, ViolationFound):
            finding = None
        late = e.recorded_at > then.known_at
        yield Changed(e, ours, theirs, late, retracted.get(e.position), finding)


def _withdrawn_findings(
    now: Replay, retracted: dict[int, Envelope]
) -> dict[str, tuple[Envelope, Envelope]]:
    """{violation: its finding and what withdrew it} of those that nothing else has found."""
    found: dict[str, tuple[Envelope, Envelope]] = {}
    stand = set()
    for ruling in now.rulings:
        e = ruling.envelope
        if isinstance(e.fact, ViolationFound):
            if e.position in retracted:
                found[e.fact.violation] = e, retracted[e.position]
            else:
                stand.add(e.fact.violation)
    return {name: both for name, both in found.items() if name not in stand}


def _wrong(
    told: list[Stretch], before: list[Stretch], after: list[Stretch], first: int, as_of: int
) -> list[WrongStop]:
    """Each stop decided by T with what of it was not known at K1 to be wrong."""
    then, now = by_feature(told), by_feature(after)
    by_first = {f: without(spans, [(first + 1, _end(spans))]) for f, spans in then.items()}
    longer = _less(_less(then, now), _less(by_first, by_feature(before)))
    shorter = _less(_less(now, then), _less(by_feature(before), by_first))
    stops: dict[tuple[object, ...], WrongStop] = {}
    for side, stretches in (("executed", told), ("judged", after)):
        for stretch in stretches:
            if stretch.decided_at <= as_of:
                stop = stops.setdefault(stretch.stop, WrongStop([], [], [], []))
                getattr(stop, side).append(stretch)
    for stop in stops.values():
        feature = stop.any.feature
        stop.too_long = within((s.span for s in stop.executed), longer.get(feature, []))
        stop.too_short = within((s.span for s in stop.judged), shorter.get(feature, []))
    wrong = (stop for stop in stops.values() if stop.too_long or stop.too_short)
    return sorted(wrong, key=_first)


def _first(stop: WrongStop) -> tuple[int, int]:
    """By its beginning on either side; the one that is over first."""
    spans = [stretch.span for stretch in (*stop.executed, *stop.judged)]
    return min(start for start, _ in spans), max(end for _, end in spans)


def _end(spans: list[Span]) -> int:
    return spans[-1][1] + 1


def _less(ours: Spans, theirs: Spans) -> Spans:
    return {feature: without(spans, theirs.get(feature, [])) for feature, spans in ours.items()}
