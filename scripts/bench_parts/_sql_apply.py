"""Rows into the SQL read models, beside the library's own way of keeping a view.

A row is all that is held of a creator: standing, scores, stops, windows, violations. The peer is
`eventsourcing` as its documentation has it: `ProjectionRunner`, PostgreSQL to a PostgreSQL view, an
upsert of two columns per event. Both take turns on one server, at the durability each asks for.
"""

import gc
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent, datetime_now_with_tzinfo
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL, Identifier

from ledger.rulebook.shelf import Shelf
from projections.readmodels.derive import make_row
from projections.readmodels.rows import Row
from projections.readmodels.sql.target import open_sql
from projections.readmodels.target import Checkpoint, Step
from projections.standing.replay import DEFAULT_RULEBOOK, Library, replay
from replay.population.synthetic import history

ROOT = Path(__file__).parents[2]
ROWS, PAGE, EVENTS, ROUNDS, FACTS = 20_000, 1_000, 4_000, 5, 8
AS_OF = 1_735_000_000_000_000
TARGET = 8


class Found(DomainEvent):
    points: int


class Points(PostgresTrackingRecorder):
    """{creator: points}, written with the place in the log."""

    def __init__(self, datastore: PostgresDatastore, **more: Any) -> None:
        super().__init__(datastore, **more)
        names = Identifier(self.datastore.schema), Identifier("points")
        self.check_identifier_length("points")
        make = "CREATE TABLE IF NOT EXISTS {0}.{1} (creator uuid PRIMARY KEY, points bigint)"
        self.sql_create_statements.append(SQL(make).format(*names))
        self.upsert = SQL(
            "INSERT INTO {0}.{1} AS p VALUES (%s, %s)"
            " ON CONFLICT (creator) DO UPDATE SET points = p.points + excluded.points"
        ).format(*names)

    def add(self, creator: UUID, points: int, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(self.upsert, (creator, points))


class Keep(Projection[Points]):
    name = "keep"
    topics = ()

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.add(domain_event.originator_id, domain_event.points, tracking)


def environment(url: str) -> dict[str, str]:
    from psycopg.conninfo import conninfo_to_dict

    names = {"dbname": "DBNAME", "host": "HOST", "port": "PORT", "user": "USER"}
    said = conninfo_to_dict(url) | {"dbname": url.rpartition("/")[2]}
    env = {f"POSTGRES_{env}": str(said[name]) for name, env in names.items()}
    env["POSTGRES_PASSWORD"] = str(said["password"])
    return env | {"PERSISTENCE_MODULE": "eventsourcing.postgres"}


def recorded(url: str) -> int:
    """Events of the peer's, 20 to a creator; the position of the last."""
    app, last = Application[UUID](env=environment(url)), 0
    for _ in range(EVENTS // 20):
        creator = uuid4()
        events = [
            Found(
                originator_id=creator,
                originator_version=n + 1,
                timestamp=datetime_now_with_tzinfo(),
                points=100,
            )
            for n in range(20)
        ]
        last = app.save(*events)[-1].notification.id
    app.close()
    return int(last)


def library(url: str, last: int) -> float:
    start = time.perf_counter()
    with ProjectionRunner(
        application_class=Application[UUID],
        projection_class=Keep,
        view_class=Points,
        env=environment(url),
    ) as runner:
        runner.wait(last, timeout=120)
    return EVENTS / (time.perf_counter() - start)


def rows() -> list[Row]:
    """Those of creators with a few facts each."""
    shelf, random = Library(Shelf()), Random(1)
    categories = list(shelf.tables(DEFAULT_RULEBOOK).names.categories)
    made = []
    for n in range(2_000):
        facts = list(history(random, f"c-{n:06d}", FACTS, categories))
        found = replay(f"c-{n:06d}", facts, shelf, as_of=AS_OF)
        made.append(make_row(found, position=n + 1, history=True))
    names = [f"c-{n:06d}" for n in range(ROWS)]
    Random(2).shuffle(names)  # pages of a log touch creators from everywhere
    return [_renamed(made[n % len(made)], name) for n, name in enumerate(names)]


def _renamed(row: Row, name: str) -> Row:
    from msgspec.structs import replace

    return replace(row, creator=name)


def apply(url: str, all_: list[Row], again: list[Row]) -> tuple[float, float]:
    """Rows per second where none is there, and where all are and each has another `as_of`."""
    target = open_sql(url)
    clock = count(1)
    before: Checkpoint | None = None
    found = []
    for some in (all_, again):
        gc.collect()
        start = time.perf_counter()
        for first in range(0, len(some), PAGE):
            after = Checkpoint(position=next(clock), clock=1, law="law", log="log")
            page = some[first : first + PAGE]
            target.apply(Step(generation=1, before=before, after=after, rows=page), "me", 60)
            before = after
        found.append(len(some) / (time.perf_counter() - start))
    target.close()
    return found[0], found[1]


def figure(name: str, ours: list[float], theirs: list[float], target: float | None) -> Any:
    ratio = median(our / peer for our, peer in zip(ours, theirs, strict=True))
    return {
        "name": name,
        "value": round(median(ours)),
        "unit": "rows/s",
        "against": f"eventsourcing ProjectionRunner, PostgreSQL ({median(theirs):,.0f} events/s)",
        "ratio": round(ratio, 2),
        "target": "–" if target is None else f">= {target}",
        "met": None if target is None else ratio >= target,
    }


def figures() -> Iterator[dict[str, Any]]:
    from msgspec.structs import replace

    sys.path.insert(0, str(ROOT / "tests"))
    import servers

    all_ = rows()
    # one in two has another history by then; of the other only the instant moves on
    others = all_[1:] + all_[:1]
    again = [
        replace(row if n % 2 else others[n], creator=row.creator, as_of=row.as_of + 1)
        for n, row in enumerate(all_)
    ]
    parts = sum(1 + len(r.scores) + len(r.stops) + len(r.windows) + len(r.violations) for r in all_)
    times: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        times.setdefault(name, []).append(value)

    with servers.postgres() as server:
        url = server.database()
        last = recorded(url)
        for _ in range(ROUNDS):
            database = server.database()
            for name, value in zip(("new", "again"), apply(database, all_, again), strict=True):
                note(f"postgresql {name}", value)
            note("library", library(url, last))
            forget(url)
            with tempfile.TemporaryDirectory() as folder:
                file = f"sqlite:///{folder}/rows.db"
                for name, value in zip(("new", "again"), apply(file, all_, again), strict=True):
                    note(f"sqlite {name}", value)
    each = f"pages of {PAGE:,}, {parts / ROWS:.1f} records a row"
    for store, target in (("postgresql", TARGET), ("sqlite", None)):
        for name, what in (
            ("new", "new rows"),
            ("again", "rows that are there, half of them changed"),
        ):
            said = f"readmodels.{store}: {what}, {each}"
            yield figure(said, times[f"{store} {name}"], times["library"], target)


def forget(url: str) -> None:
    """The peer's view and its place, so that it begins again."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        for (name,) in tables:
            if name.endswith("tracking") or name == "points":
                connection.execute(SQL("DROP TABLE {}").format(Identifier(name)))
