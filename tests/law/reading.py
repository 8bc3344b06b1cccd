"""What a replay says, in words: rows and codes of the fold as names, instants and decimals."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from ledger.facts.envelope import Envelope
from ledger.rulebook.shelf import Shelf
from projections.fold import state
from projections.fold.state import ABSENT, LIFTED, NONE, RUNNING, STANDING
from projections.standing.replay import Library, Replay, Ruling, replay
from replay.casebook.instants import when as local_instant
from replay.casebook.instants import written as local_text
from replay.casebook.run import Libraries

DAY = 86_400_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
EVER = int((datetime(9999, 12, 31, tzinfo=UTC) - EPOCH) / timedelta(microseconds=1))
STOP_STATES = {RUNNING: "running", state.SERVED: "served", LIFTED: "lifted"}
OWN_RULEBOOKS = Path(__file__).parent / "rulebooks"
EXAMPLES = Path(__file__).parents[2] / "examples"


SHELVES = [OWN_RULEBOOKS, *sorted(d for d in EXAMPLES.rglob("rulebooks") if d.is_dir())]
LIBRARIES = Libraries(Shelf(SHELVES))
"""All rulebooks that a case may name, compiled once per process."""


def library() -> Library:
    """Those rulebooks, each with all its versions."""
    return LIBRARIES.library("")


def micros(when: datetime) -> int:
    return (when - EPOCH) // timedelta(microseconds=1)


def when(text: str, zone: ZoneInfo = SHANGHAI) -> int:
    """`2024-07-10 09:00[:00[.000000]]` local, `24:00` being the next day's 00:00."""
    return local_instant(text if " " in text else f"{text} 00:00", zone)


def written(at: int, zone: ZoneInfo = SHANGHAI) -> str:
    """An instant as the tables write it: no more digits than it needs."""
    return local_text(at, zone)


def points(hundredths: int) -> str:
    """Shortest decimal: `7`, `7.5`."""
    value = Decimal(hundredths) / 100
    return f"{value.normalize():f}"


def ruled(
    envelopes: Sequence[Envelope],
    as_of: int = EVER,
    known_at: int | None = None,
    simulate: bool = False,
    rulings: bool = True,
) -> Replay:
    return replay(
        "c",
        envelopes,
        library(),
        as_of=as_of,
        known_at=known_at,
        rulings=rulings,
        simulate=simulate,
    )


def name_of(names: dict, code: int) -> str:  # type: ignore[type-arg]
    return next(name for name, c in names.items() if c == code)


def stop_name(r: Replay, row: int) -> str:
    """`8 product_sharing`."""
    stop = r.creator.stops[row]
    node = list(r.tables.rulebooks[stop.version].nodes)[stop.node]
    return f"{node} {name_of(r.tables.names.features, stop.feature)}"


def sanctions(r: Replay) -> list[tuple[str, int, int, str]]:
    """(node and feature, from, until, state) of every stop, sorted."""
    rows = r.creator.stops[: r.creator.stops_made]
    return sorted(
        (stop_name(r, i), s.started_at, s.until, STOP_STATES[s.state]) for i, s in enumerate(rows)
    )


def violations(r: Replay) -> dict[str, tuple[str, int, int, int]]:
    """{violation: (standing or void, judged, deducted, restored)} of those that took effect."""
    rows = {name: r.creator.violations[slot] for name, slot in r.history.violations.items()}
    return {
        name: ("standing" if v.state == STANDING else "void", v.judged, v.deducted, v.restored)
        for name, v in rows.items()
        if v.state != NONE
    }


def quotas(r: Replay) -> dict[str, tuple[str, int]]:
    """{category: (violation whose exam took it, first free local day)}."""
    slots = {slot: name for name, slot in r.history.violations.items()}
    return {
        category: (slots[q.holder], q.free_on)
        for category, code in r.tables.names.categories.items()
        if (q := r.creator.quotas[code]).holder != ABSENT
    }


def measures(r: Replay) -> list[tuple[str, str | None, int, int, bool]]:
    """(measure, violation or None, from, until, running at as_of), sorted."""
    names, slots = r.history.measure_names, {s: n for n, s in r.history.violations.items()}
    return sorted(
        (
            (
                name_of(names, m.name),
                slots.get(m.violation),
                m.started_at,
                m.until,
                m.state == RUNNING and m.until > r.as_of,
            )
            for m in r.creator.measures
            if m.state != NONE
        ),
        key=repr,
    )


def ruling_of(r: Replay, event: str) -> Ruling:
    return next(x for x in r.rulings if x.envelope.id == event)
