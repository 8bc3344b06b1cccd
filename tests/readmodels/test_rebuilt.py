"""A row says the same, and since when, whenever and by whomever it was built: in every store."""

import json
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from logs import DAY, Clock, followed, fresh, opened, population, record, runner_of, to_the_end
from msgspec.structs import replace
from readmodels_world import opened as open_shard

from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled
from ledger.log.port import open_log
from projections.readmodels.contract import HOUR
from projections.readmodels.follower import Settings
from projections.readmodels.lines import LinesTarget
from projections.readmodels.redis.target import RedisTarget
from projections.readmodels.runner import rebuild
from projections.readmodels.sql.schema import TABLES
from projections.readmodels.sql.target import SqlTarget, open_sql

Rows = Callable[[int], object]


def in_sql(target: SqlTarget) -> Rows:
    def rows(generation: int) -> object:
        with target.store.reading() as s:
            return {
                t.name: sorted(s.run(f"SELECT * FROM {t.of(generation)}"), key=str) for t in TABLES
            }

    return rows


def in_redis(target: RedisTarget) -> Rows:
    def rows(generation: int) -> object:
        base = target.keys.base(generation)
        return [sorted(target._do("HGETALL", base + k).items()) for k in ("standing", "index")]

    return rows


def followed_through(folder: Path, clock: Clock) -> str:
    """A log of made-up creators; one has a rulebook that is not here, one can't be read."""
    url = fresh(folder / "ledger.db")
    lessons = population(7, creators=8, longest=20)
    clock.now = max(e.effective_at for lesson in lessons for e in lesson) + 60 * DAY
    lost = Envelope("s", "lost", "lost", clock.now - DAY, CreatorEnrolled(rulebook="nowhere"))
    last = lessons[-1][0].recorded_at
    with open_log(url) as log:
        record(log, [*lessons, [replace(lost, recorded_at=last + 1)]])
        position, _ = log.places(log.head() // 2, 1)[0]
    with sqlite3.connect(folder / "ledger.db") as file:
        file.execute("UPDATE stored_events SET state = x'c1' WHERE rowid = ?", (position,))
    return url


@pytest.mark.parametrize("kind", ["sqlite", "postgres", "redis"])
def test_a_rebuild_gives_equal_rows(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    clock = Clock(0)
    url = followed_through(tmp_path, clock)
    target: SqlTarget | RedisTarget
    if kind == "redis":
        target = open_shard(request.getfixturevalue("valkey_url"))
        rows = in_redis(target)
    else:
        place = f"sqlite:///{tmp_path}/rows.db"
        target = open_sql(place if kind == "sqlite" else request.getfixturevalue("postgres_url"))
        rows = in_sql(target)
    with opened(url) as source:
        to_the_end(runner_of(source, target, clock))  # fact by fact, tick by tick
        clock.now += HOUR
        to_the_end(runner_of(source, target, clock))
        assert len(target.parked(1)) == 2
        assert rebuild(source, target, Settings(now=clock), "r", threading.Event()) == 2
    assert rows(2) == rows(1)
    target.close()


def test_lines_say_the_same_however_they_were_come_by(tmp_path: Path) -> None:
    clock = Clock(0)
    url = followed_through(tmp_path, clock)

    def told(feed: int) -> dict[str, object]:
        lines: list[bytes] = []
        with opened(url) as source:
            follower = followed(source, LinesTarget(lines.append), clock, feed=feed)
            while follower.step():
                pass
        read = [json.loads(line) for some in lines for line in some.splitlines()]
        return {line["row"]["creator"]: line["row"] for line in read if "row" in line}

    built, on_the_way = told(0), told(10**9)
    assert built == on_the_way
    clock.now += HOUR
    assert told(0) == built
