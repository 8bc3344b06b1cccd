"""One creator with 10,000 facts, to standing and to its reasons, beside the library's own way.

The peer is `eventsourcing` as its documentation has it: functional events, the JSON transcoder, its
SQLite recorder, `repository.get` and a fold that only adds points up.
"""

import gc
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent, datetime_now_with_tzinfo

from ledger.facts.envelope import Envelope
from ledger.log.port import Log, open_log
from ledger.rulebook.shelf import Shelf
from projections.standing.replay import DEFAULT_RULEBOOK, Library, replay
from projections.standing.writing import json_line
from projections.views.objects import audit_view
from replay.audit.report import Page, audit_lines
from replay.audit.selection import Selection, select
from replay.population.synthetic import history

FACTS = 10_000
ROUNDS = 15
AUDITS = 5
LONG = 30_000
GLANCE = 150
AS_OF = 2_000_000_000_000_000


@dataclass(frozen=True)
class Found(DomainEvent):
    originator_id: UUID
    originator_version: int
    timestamp: datetime
    source: str
    id: str
    violation: str
    category: str
    points: int


@dataclass(frozen=True)
class Standing:
    id: UUID
    version: int
    score: int


def trivial(_: Standing | None, events: Iterable[Any]) -> Standing | None:
    score, version, name = 0, 0, uuid4()
    for event in events:
        score += event.points
        version, name = event.originator_version, event.originator_id
    return Standing(name, version, score)


def library(folder: str, facts: int) -> tuple[Application[UUID], UUID]:
    env = {
        "PERSISTENCE_MODULE": "eventsourcing.sqlite",
        "SQLITE_DBNAME": str(Path(folder, "library.db")),
    }
    app = Application[UUID](env=env)
    name = uuid4()
    for page in range(0, facts, 500):
        app.save(
            *(
                Found(name, n + 1, datetime_now_with_tzinfo(), "s", f"e-{n}", f"v-{n}", "spam", 100)
                for n in range(page, min(page + 500, facts))
            )
        )
    return app, name


def figures() -> Iterator[dict[str, Any]]:
    shelf = Library(Shelf())
    categories = list(shelf.tables(DEFAULT_RULEBOOK).names.categories)
    with tempfile.TemporaryDirectory() as folder:
        facts = list(history(Random(1), "c-1", FACTS, categories, gap=10_000_000_000, ties=0.01))
        log = open_log(f"sqlite:///{folder}/ours.db", create=True)
        log.append(facts)
        app, name = library(folder, FACTS)
        del facts
        gc.collect()
        gc.freeze()  # neither side pays for what was made to set the other up
        ours, theirs, reads = [], [], []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            stream = log.stream("c-1")
            middle = time.perf_counter()
            replay("c-1", stream, shelf, as_of=AS_OF)
            end = time.perf_counter()
            reads.append(middle - start)
            ours.append(end - start)
            theirs.append(got(app, name))
        gc.set_threshold(100_000)  # as the command has it
        audits = [(audited(stream, shelf), got(app, name)) for _ in range(AUDITS)]
        glances = [glanced(log, shelf) for _ in range(AUDITS)]
        long = list(history(Random(1), "c-1", LONG, categories, gap=10_000_000_000, ties=0.01))
        paces = [told(facts, shelf) / len(facts) for facts in (stream, long)]
        log.close()
        app.close()
    ratio = median(ours) / median(theirs)
    read, peer = median(reads) * 1000, median(theirs) * 1000
    yield {
        "name": f"creator.standing: {FACTS:,} facts, SQLite to standing (read {read:.1f} ms)",
        "value": round(median(ours) * 1000, 1),
        "unit": "ms",
        "against": f"eventsourcing repository.get, JSON, trivial fold ({peer:.1f} ms)",
        "ratio": round(ratio, 3),
        "target": "<= 0.5",
        "met": ratio <= 0.5,
    }
    glance = median(glances) * 1000
    yield {
        "name": f"creator.glance: {FACTS:,} facts, SQLite to outcome and what can still be done",
        "value": round(glance),
        "unit": "ms",
        "against": "the limit of what a person takes for at once",
        "ratio": round(glance / GLANCE, 2),
        "target": f"<= {GLANCE} ms",
        "met": glance <= GLANCE,
    }
    short, longer = paces
    yield {
        "name": f"creator.told: {LONG:,} facts to lines of 80 columns, every ruling",
        "value": round(longer * LONG, 2),
        "unit": "s",
        "against": f"a fact of {FACTS:,} ({short * 1e6:.0f} µs)",
        "ratio": round(longer / short, 2),
        "target": "<= 1.3",
        "met": longer <= 1.3 * short,
    }
    audit, beside = (median(column) for column in zip(*audits, strict=True))
    paid = audit / beside
    yield {
        "name": f"creator.audit: {FACTS:,} facts to audit --json, every ruling with its grounds",
        "value": round(audit * 1000),
        "unit": "ms",
        "against": f"eventsourcing repository.get, JSON, trivial fold ({beside * 1000:.1f} ms)",
        "ratio": round(paid, 2),
        "target": "<= 12, <= 1,000 ms",
        "met": paid <= 12 and audit <= 1,
    }


def got(app: Application[UUID], name: UUID) -> float:
    """Seconds for the library's own way."""
    start = time.perf_counter()
    app.repository.get(name, projector_func=trivial)
    return time.perf_counter() - start


def audited(stream: Sequence[Envelope], shelf: Library) -> float:
    """Seconds from facts to the line that is printed."""
    start = time.perf_counter()
    json_line(audit_view(replay("c-1", stream, shelf, as_of=AS_OF, rulings=True)))
    return time.perf_counter() - start


def glanced(log: Log, shelf: Library) -> float:
    """Seconds from the log to the lines that `audit --last 0` prints."""
    start = time.perf_counter()
    result = replay("c-1", log.stream("c-1"), shelf, as_of=AS_OF)
    for _ in audit_lines(result, Page("en", 80), None):
        pass
    return time.perf_counter() - start


def told(facts: Sequence[Envelope], shelf: Library) -> float:
    """Seconds from facts to the last line that `audit` prints."""
    start = time.perf_counter()
    result = replay("c-1", facts, shelf, as_of=AS_OF, rulings=True)
    for _ in audit_lines(result, Page("en", 80), select(result, Selection())):
        pass
    return time.perf_counter() - start
