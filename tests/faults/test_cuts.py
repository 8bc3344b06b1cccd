"""The wire to the server breaks at every message of a step, on its way there and back."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import chain, product
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace
from readmodels.logs import Clock, fresh, opened, population, record

from ledger.facts.envelope import Envelope
from ledger.log.port import open_log
from projections.readmodels.follower import Settings
from projections.readmodels.redis.target import open_redis
from projections.readmodels.runner import Runner, run
from projections.readmodels.sql.target import open_sql
from projections.readmodels.target import Target

from .judge import ALL, judge
from .places import redis_feed, sql_feed
from .wire import DOWN, UP, Cut, Wire

END = 1_800_000_000_000_000
MESSAGES = {"redis": 10, "postgres": 18}
"""More than a runner needs to find its place again and to do one step."""


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = fresh(tmp_path / "ledger.db")
    with open_log(url) as log:
        record(log, [apart(population(17, creators=40, longest=20))])
    return url


def apart(lessons: Sequence[Sequence[Envelope]]) -> list[Envelope]:
    """Each fact recorded at an instant of its own."""
    made, at = [], 0
    for e in chain.from_iterable(lessons):
        at = max(at + 1, e.recorded_at)
        made.append(replace(e, recorded_at=at))
    return made


def cuts(messages: int) -> Iterator[Cut]:
    """Not sent, half sent, sent; unanswered, half answered."""
    for message, (direction, share) in product(
        range(1, messages + 1), ((UP, 0), (UP, 0.5), (UP, 1), (DOWN, 0), (DOWN, 0.5))
    ):
        yield Cut(direction, message, share)


def suffer(url: str, target: Target, wire: Wire, messages: int) -> int:
    """Follow the whole log while the wire breaks again and again; how often it did."""
    stop, plans = threading.Event(), cuts(messages)
    stop.wait = lambda _: False  # type: ignore[assignment,misc]  # nobody waits for a pause
    with opened(url) as source:
        settings = Settings(page=1, feed=ALL, now=Clock(END))
        one = Runner(source, target, settings, lambda _: None, "me")

        def watch() -> None:
            if not wire.armed and one.follower is not None and one.follower.checkpoint is not None:
                level = one.follower.checkpoint.position == source.log.head()
                cut = None if level else next(plans, None)
                if cut is None and level and one.follower.live:
                    stop.set()
                wire.arm(cut)

        run([one], stop, watch=watch)
    assert next(plans, None) is None, "the log is too short for all cuts"
    return wire.broken


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


@pytest.mark.parametrize("kind", MESSAGES)
def test_at_whatever_message_the_wire_breaks_the_feed_is_whole(
    url: str, kind: str, request: pytest.FixtureRequest
) -> None:
    where: str = request.getfixturevalue("valkey_url" if kind == "redis" else "postgres_url")

    def open_(url: str) -> Target:
        return open_redis(url, prefix="cuts")[0] if kind == "redis" else open_sql(url)

    port = port_of(where)
    with Wire(port) as wire, closing(open_(where)) as direct:
        with closing(open_(where.replace(f":{port}/", f":{wire.port}/"))) as target:
            assert suffer(url, target, wire, MESSAGES[kind]) == 5 * MESSAGES[kind]
        feed = redis_feed(direct) if kind == "redis" else sql_feed(direct)
        verdict = judge(url, direct, feed, {})
    assert verdict.clean, verdict
