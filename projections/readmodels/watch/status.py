"""How far a read model is, and what a check found: as JSON and as lines for people."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from ledger.text import safe
from projections.readmodels.rows import moment
from projections.readmodels.shortfalls import another_log, live_of, shortfalls
from projections.readmodels.source import Source
from projections.readmodels.target import Generation, Target
from projections.readmodels.watch.drift import Drift

SHOWN = 20
"""Differences and parked creators that a person is shown."""
View = dict[str, Any]


def status_view(source: Source, target: Target) -> View:
    lacking, live = shortfalls(source, target), live_of(target)
    return {
        "target": target.name,
        "live": None if live is None else live.number,
        "head": source.log.head(),
        "generations": [_generation(g, source, target) for g in target.generations()],
        "shortfalls": lacking,
    }


def _generation(g: Generation, source: Source, target: Target) -> View:
    mark = g.checkpoint
    following = source.log.places(mark.position, 1)
    waiting = source.page(mark.position, 1).facts if following else []
    now = time.time()
    return {
        "number": g.number,
        "live": g.live,
        "phase": "judging anew" if mark.sweep else mark.phase,
        "position": mark.position,
        "clock": moment(mark.clock).isoformat(),
        "lag_facts": max(source.log.head() - mark.position, 0),
        "lag_seconds": round(max(now - waiting[0].recorded_at / 1e6, 0), 3) if waiting else 0,
        "clock_lag_seconds": round(now - mark.clock / 1e6, 3),
        "same_log": not another_log(source, g),
        "parked": target.parked(g.number),
    }


def status_lines(view: View) -> Iterator[str]:
    yield view["target"]
    if not view["generations"]:
        yield "  no read model: `project` makes one"
    for g in view["generations"]:
        live = "live" if g["live"] else "not live"
        behind = f"{g['lag_facts']:,} facts behind" if g["lag_facts"] else "up with the ledger"
        behind = behind if g["same_log"] else "of another ledger"
        if g["lag_seconds"]:
            behind += f" ({g['lag_seconds']:,.1f} s)"
        where = f"position {g['position']:,}, {behind}"
        yield f"  generation {g['number']}, {live}, {g['phase']}: {where}"
        yield f"    time is taken in up to {g['clock']}, {g['clock_lag_seconds']:,.1f} s ago"
        if not g["same_log"]:
            yield "    made from another ledger than this one"
        if parked := g["parked"]:
            yield f"    {len(parked):,} creators can't be judged:"
            for creator, why in list(parked.items())[:SHOWN]:
                yield f"      {safe(creator)}: {safe(why)}"
    yield from shortfall_lines(view["shortfalls"])


def shortfall_lines(lacking: Sequence[str]) -> Iterator[str]:
    for sentence in lacking:
        yield f"  not whole: {sentence}"


def drift_view(name: str, drift: Drift, head: int, lacking: Sequence[str]) -> View:
    return {
        "target": name,
        "position": drift.position,
        "head": head,
        "compared": drift.compared,
        "differs": drift.differs,
        "counts": {k: {"held": h, "replayed": r} for k, (h, r) in drift.totals.items()},
        "counts_compared": drift.counted,
        "repaired": drift.repaired,
        "shortfalls": lacking,
    }


def drift_lines(name: str, drift: Drift, lacking: Sequence[str]) -> Iterator[str]:
    found = f"{drift.compared:,} creators compared, {len(drift.differs):,} differ"
    yield f"{name}: {found} (up to position {drift.position:,})"
    for creator, parts in list(drift.differs.items())[:SHOWN]:
        yield f"  {safe(creator)}: {', '.join(map(safe, parts))}"
    if len(drift.differs) > SHOWN:
        yield f"  and {len(drift.differs) - SHOWN:,} more; --json names all"
    for key, (held, replayed) in list(drift.totals.items())[:SHOWN]:
        yield f"  count of {safe(key)}: {held:,}, a replay has {replayed:,}"
    if drift.repaired:
        yield f"  {drift.repaired:,} rows written anew"
    yield from shortfall_lines(lacking)
