"""What a monitor asks of read models, in the words of Prometheus."""

import time
from collections.abc import Sequence
from pathlib import Path

from ledger.errors import StoreError
from ledger.files import whole
from projections.readmodels.follower import Follower
from projections.readmodels.watch.drift import Drift

try:
    from prometheus_client import CollectorRegistry, Gauge, generate_latest, start_http_server
except ImportError as missing:
    raise StoreError(
        f"metrics need a package that is not installed ({missing.name}): "
        "pip install 'penalty-ledger[metrics]'"
    ) from missing

PREFIX = "penalty_ledger_readmodel"
GAUGES = {
    "position": "Position of the last fact that is in the rows.",
    "lag_facts": "Facts in the log that are not in the rows yet.",
    "lag_seconds": "How long ago time was last taken into the rows.",
    "parked": "Creators that can't be judged.",
    "steps_total": "Pages, ticks and sweeps applied since the start.",
    "facts_total": "Facts taken in since the start.",
    "rows_total": "Rows written since the start.",
    "changes_total": "Changes published since the start.",
    "corrections_total": "Changes for which a late or retracted fact overturned history.",
    "ticks_total": "Rows looked at because something fell due, since the start.",
}


class Gauges:
    """One set of gauges, labelled by target."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._gauges = {
            name: Gauge(f"{PREFIX}_{name}", text, ["target"], registry=self.registry)
            for name, text in GAUGES.items()
        }

    def tell(self, followers: Sequence[Follower], head: int) -> None:
        for follower in followers:
            mark, counts = follower.checkpoint, follower.counts
            if mark is None:
                continue
            values = {
                "position": mark.position,
                "lag_facts": max(head - mark.position, 0),
                "lag_seconds": max(time.time() - mark.clock / 1e6, 0),
                "parked": len(follower.target.parked(follower.generation)),
                "steps_total": counts.steps,
                "facts_total": counts.facts,
                "rows_total": counts.rows,
                "changes_total": counts.changes,
                "corrections_total": counts.corrections,
                "ticks_total": counts.ticks,
            }
            for name, value in values.items():
                self._gauges[name].labels(follower.target.name).set(value)


def serve(port: int) -> Gauges:
    """Answer on a port of this machine only."""
    gauges = Gauges()
    try:
        start_http_server(port, "127.0.0.1", gauges.registry)
    except OSError as error:
        raise StoreError(f"port {port} can't be used for metrics: {error.strerror}") from error
    return gauges


def write_drift(path: str, target: str, drift: Drift) -> None:
    """A check's result for the text file collector of a node exporter, replaced at once."""
    registry = CollectorRegistry()
    values = {
        "checked": ("Creators compared with a replay.", drift.compared),
        "drift": ("Differences found and not repaired.", drift.left),
        "repaired": ("Rows written anew.", drift.repaired),
        "checked_at": ("When, in seconds since 1970.", int(time.time())),
    }
    for name, (text, value) in values.items():
        Gauge(f"{PREFIX}_{name}", text, ["target"], registry=registry).labels(target).set(value)
    with whole(Path(path), public=True) as out:
        out.write(generate_latest(registry))
