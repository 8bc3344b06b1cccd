"""A crowd of readers: everybody is answered, and news reach every stream in time."""

import asyncio
from pathlib import Path

from population.conftest import invented
from web_crowd import Crowd
from web_served import MEI, filled, process

PATHS = ("/creators/mei", "/api/v1/creators/c-1/standing", "/api/v1/standings?limit=10")
GROWN = 100
"""MB."""


def test_a_hundred_readers_are_answered_and_twenty_streams_have_each_fact_in_time(
    tmp_path: Path,
) -> None:
    crowd = tmp_path / "crowd.jsonl"
    crowd.write_bytes(invented(20, seed=3))
    db = filled(tmp_path, crowd, MEI)
    with process(db, "--rate", "100000") as server:
        before = server.held()
        readers = Crowd(server.port).read(PATHS, readers=100, streams=20, seconds=3, db=db)
        seen = asyncio.run(readers)
        grown = server.held() - before
    assert set(seen.statuses) <= {200, 503}, seen.statuses
    assert seen.statuses[200] > 100
    assert (seen.missed, seen.hopeless) == (0, 0)
    in_time = sorted(seen.delays)  # the second is `scripts/campaign readers`': tests run together
    assert in_time[len(in_time) * 95 // 100] < 3, in_time[-20:]
    assert grown < GROWN
