"""Steps that arrive twice and in any order, and bookkeeping that somebody deleted."""

from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from readmodels.logs import Clock, carry, followed, fresh, opened, population, record

from ledger.log.port import open_log
from projections.readmodels.follower import Settings
from projections.readmodels.memory import MemoryTarget
from projections.readmodels.redis.target import RedisTarget, open_redis
from projections.readmodels.runner import Runner
from projections.readmodels.sql.target import open_sql
from projections.readmodels.target import MovedError, Step, Target
from projections.readmodels.watch import drift

from .judge import ALL, again, judge
from .places import redis_feed, sql_feed

END = 1_800_000_000_000_000


class Recorder(MemoryTarget):
    """Keeps the steps."""

    def __init__(self, *, history: bool) -> None:
        super().__init__(history=history)
        self.steps: list[Step] = []

    def apply(self, step: Step, owner: str, seconds: float) -> None:
        super().apply(step, owner, seconds)
        self.steps.append(step)


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = fresh(tmp_path / "ledger.db")
    with open_log(url) as log:
        record(log, population(23, creators=8, longest=20))
    return url


@pytest.fixture(params=["redis", "postgres", "sqlite"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Target:
    if request.param == "redis":
        return open_redis(request.getfixturevalue("valkey_url"), prefix="steps")[0]
    if request.param == "postgres":
        return open_sql(request.getfixturevalue("postgres_url"))
    return open_sql(f"sqlite:///{tmp_path}/rows.db")


def test_steps_that_come_twice_and_in_any_order_count_once_in_theirs(
    url: str, target: Target
) -> None:
    made = Recorder(history=target.history)
    with opened(url) as source:
        carry(followed(source, made, Clock(END), page=20))
    random, refused, done = Random(5), 0, 0
    with closing(target):
        while done < len(made.steps):
            step = made.steps[random.randrange(max(done - 5, 0), min(done + 3, len(made.steps)))]
            try:
                target.apply(step, "me", 60.0)
                done += 1
            except MovedError:
                refused += 1
        assert target.swap(1, "me", None)
        feed = redis_feed(target) if isinstance(target, RedisTarget) else sql_feed(target)
        verdict = judge(url, target, feed, {})
    assert refused > len(made.steps)
    assert verdict.clean, verdict


def test_a_checkpoint_that_was_deleted_is_reached_again_with_the_same_changes(
    url: str, valkey_url: str
) -> None:
    seen: dict[tuple[str, str], bytes] = {}
    with opened(url) as source, closing(open_redis(valkey_url, prefix="hand")[0]) as target:
        settings = Settings(page=20, feed=ALL, now=Clock(END))
        one = Runner(source, target, settings, lambda _: None, "me")
        while one.step():
            pass
        assert not again(redis_feed(target), seen)
        target._do("DEL", target.keys.generations)
        one.lose()
        while one.step():
            pass
        assert len(redis_feed(target)) == 2 * len(seen)
        assert not again(redis_feed(target), seen)
        (live,) = target.generations()
        assert drift.check(source, target, live).left == 0
