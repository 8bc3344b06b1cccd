"""Read models end to end, from a SQLite log to rows in Redis, beside the library's own runner.

The peer is `eventsourcing` as its documentation has it: a projection under `BaseProjectionRunner`,
which sends one script call per event (two counters and the place in the log); its events lie ready
in memory, the fastest source it has. Ours reads, judges, and writes whole standings with indexes.
"""

import gc
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, ClassVar
from uuid import UUID, uuid4

from bench_parts import _redis_apply, _sql_apply
from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent, datetime_now_with_tzinfo
from eventsourcing.persistence import Tracking, TrackingRecorder
from eventsourcing.projection import BaseProjectionRunner, Projection
from msgspec.structs import replace

from ledger.facts.envelope import Envelope
from ledger.facts.types import ProfileChanged
from ledger.log.port import open_log
from projections.readmodels.follower import Follower, Settings
from projections.readmodels.memory import MemoryTarget
from projections.readmodels.redis.target import open_redis
from projections.readmodels.runner import Runner, owner, run
from projections.readmodels.source import Source
from projections.standing.question import Question
from replay.population.synthetic import history, population

ROOT = Path(__file__).parents[2]
CATEGORIES = ("off_topic_goods", "spam", "misleading", "prohibited_content", "fraud")
FACTS, EVENTS, SINGLES, ROUNDS, SEEN = 100_000, 20_000, 10_000, 3, 100
PAGE = 2_000
LARGE, SMALL = 1_000_000, 100_000
LONG = 30_000
PEER = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('HINCRBY', KEYS[2], ARGV[3], ARGV[4])
redis.call('HSET', KEYS[3], ARGV[3], ARGV[2])
redis.call('SET', KEYS[1], ARGV[2])
return 1
"""


class Found(DomainEvent):
    points: int


class Ready(Application[UUID]):
    """An application whose events were recorded before."""

    recorded: ClassVar[Any] = None

    def construct_recorder(self) -> Any:
        if Ready.recorded is None:
            Ready.recorded = super().construct_recorder()
        return Ready.recorded


class Place(TrackingRecorder):
    """The place in the log, in Redis."""

    def __init__(self, url: str) -> None:
        import redis

        self.client = redis.Redis.from_url(url)
        self.script = self.client.register_script(PEER)

    def insert_tracking(self, tracking: Tracking) -> None:
        raise NotImplementedError

    def max_tracking_id(self, application_name: str) -> int | None:
        del application_name
        value = self.client.get("peer:at")
        return int(value) if value and int(value) else None  # type: ignore[arg-type]


class Keep(Projection[Place]):
    """Points by creator, one call per event."""

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        place = self.view
        at = tracking.notification_id
        name = str(domain_event.originator_id)
        keys = ["peer:at", "peer:points", "peer:last"]
        assert place.script(keys, [at - 1, at, name, domain_event.points]) == 1


def record_for_peer() -> int:
    app, last = Ready(), 0
    for _ in range(EVENTS // 20):
        creator, now = uuid4(), datetime_now_with_tzinfo()
        events = (
            Found(originator_id=creator, originator_version=n + 1, timestamp=now, points=100)
            for n in range(20)
        )
        last = app.save(*events)[-1].notification.id
    return int(last)


def library(url: str, last: int) -> float:
    """Events a second."""
    place = Place(url)
    place.client.flushall()
    place.client.set("peer:at", 0)
    start = time.perf_counter()
    with BaseProjectionRunner(
        projection=Keep(place), application_class=Ready, tracking_recorder=place, topics=()
    ) as runner:
        while place.client.get("peer:at") != b"%d" % last:
            runner.run_forever(0.005)
        taken = time.perf_counter() - start
    return EVENTS / taken


def recorded(path: Path, facts: int) -> str:
    """A log of so many facts of made-up creators, in pages as an import leaves them."""
    url = f"sqlite:///{path}"
    with open_log(url, create=True) as log:
        page: list[Envelope] = []
        for facts_of_one in population(facts, CATEGORIES):
            page += [replace(e, id=f"{e.subject}/{e.id}") for e in facts_of_one]
            if len(page) > PAGE:
                log.append(page)
                page.clear()
        log.append(page)
    return url


def built(log_url: str, redis_url: str, *, feed: int) -> float:
    """Facts a second, from the log to rows in an empty Redis."""
    import redis

    redis.Redis.from_url(redis_url).flushall()
    gc.collect()
    start = time.perf_counter()
    with Question(log_url) as question:
        (target,) = open_redis(redis_url)
        source = Source(question)
        runner = Runner(source, target, Settings(feed=feed), print, owner())
        run([runner], threading.Event(), once=True)
        taken = time.perf_counter() - start
        target.close()
        return source.log.head() / taken


def one_by_one(log_url: str, path: Path) -> str:
    """The first facts of a log, each recorded by itself."""
    url = f"sqlite:///{path}"
    with open_log(log_url) as log:
        facts = log.after(0, SINGLES)
    with open_log(url, create=True) as log:
        for e in facts:
            log.append([e])
    return url


def long_record(path: Path) -> str:
    """A log of one creator of LONG facts, called `long`, in their order."""
    url = f"sqlite:///{path}"
    facts = list(history(Random(1), "long", LONG, CATEGORIES, gap=4_000_000_000))
    with open_log(url, create=True) as log:
        for at in range(0, LONG, PAGE):
            log.append(facts[at : at + PAGE])
    return url


def visible(log_url: str, redis_url: str, creators: Sequence[str]) -> list[float]:
    """Seconds from the commit of a fact until its row can be read, while a runner follows."""
    import redis

    reader = redis.Redis.from_url(redis_url)
    reader.flushall()
    command = [Path(sys.executable).parent / "penalty-ledger", "--db", log_url]
    process = subprocess.Popen([*command, "project", "--redis", redis_url], stderr=subprocess.PIPE)
    taken = []
    try:
        while reader.get("{pl:0}:live") is None:
            time.sleep(0.05)
        with open_log(log_url) as log:
            for n, creator in enumerate(creators):
                now = time.time_ns() // 1000
                fact = Envelope("bench", f"{now}", creator, now, ProfileChanged(level=n % 6))
                (receipt,) = log.append([fact])
                start = time.perf_counter()
                key, wanted = "{pl:0}:g1:standing", f'"position":{receipt.position},'.encode()
                while wanted not in (reader.hget(key, creator) or b""):
                    pass
                taken.append(time.perf_counter() - start)
                time.sleep(0.03)
    finally:
        process.terminate()
        process.wait()
    return taken


MEASURE = """
import sys
sys.path[:0] = ["scripts"]
from bench_parts._memory import peak_mib
from bench_parts.readmodels import rebuilt
seconds, rows = rebuilt(sys.argv[1])
print(seconds, peak_mib(), rows)
"""


class Counting(MemoryTarget):
    """Takes rows as a target would and keeps none, so that the runner's own memory is measured."""

    taken = 0

    def apply(self, step: Any, owner: str, seconds: float) -> None:
        super().apply(step, owner, seconds)
        self.taken += len(step.rows)
        self.rows.clear()


def rebuilt(url: str) -> tuple[float, int]:
    """Seconds and rows of a first build."""
    target = Counting()
    start = time.perf_counter()
    with Question(url) as question:
        follower = Follower(Source(question), target, 1, "me", Settings(feed=0))
        follower.read()
        while follower.step():
            pass
    return time.perf_counter() - start, target.taken


def cost(url: str, facts: int) -> tuple[float, float]:
    """Microseconds per fact and peak MiB of a rebuild, in a process of its own."""
    command = [sys.executable, "-c", MEASURE, url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    seconds, mib, _ = done.stdout.split()
    return float(seconds) / facts * 1e6, float(mib)


def figures() -> Iterator[dict[str, Any]]:
    sys.path[:0] = [str(ROOT / "tests")]
    import servers

    with tempfile.TemporaryDirectory() as folder, servers.valkey() as redis_url:
        url = recorded(Path(folder) / "small.db", FACTS)
        singles = one_by_one(url, Path(folder) / "singles.db")
        last = record_for_peer()
        ours, theirs, each, single = [], [], [], []
        for _ in range(ROUNDS):
            theirs.append(library(redis_url, last))
            ours.append(built(url, redis_url, feed=0))
            each.append(built(url, redis_url, feed=10**9))
            single.append(built(singles, redis_url, feed=10**9))
        peer = median(theirs)
        against = f"eventsourcing's runner, one call per event ({peer:,.0f}/s)"
        yield figure("first build, log to rows in Redis", median(ours), "facts/s", against, 6, peer)
        yield figure("pages as changes in the feed", median(each), "facts/s", against, None, peer)
        yield figure("single facts as changes", median(single), "facts/s", against, None, peer)
        many, one = [f"c-{n}" for n in range(SEEN)], ["long"] * SEEN
        long = long_record(Path(folder) / "long.db")
        for what, log_url, creators in (("", url, many), (f", of {LONG:,} facts", long, one)):
            seen = median(visible(log_url, redis_url, creators)) * 1000
            yield {
                "name": f"readmodels.visible: commit to row in Redis{what}, median of {SEEN}",
                "value": round(seen, 1),
                "unit": "ms",
                "against": "–",
                "ratio": None,
                "target": "<= 50",
                "met": seen <= 50,
            }
        large = recorded(Path(folder) / "large.db", LARGE)
        costs = [(cost(url, SMALL), cost(large, LARGE)) for _ in range(ROUNDS)]
        for index, unit, most in ((0, "µs/fact", 1.2), (1, "MiB", 1.25)):
            few = median(small[index] for small, _ in costs)
            many = median(big[index] for _, big in costs)
            what = "cost per fact" if index == 0 else "peak memory"
            yield {
                "name": f"readmodels.rebuild: {what}, {LARGE:,} facts",
                "value": round(many, 2),
                "unit": unit,
                "against": f"{SMALL:,} facts ({few:.2f} {unit})",
                "ratio": round(many / few, 3),
                "target": f"<= {most}",
                "met": many / few <= most,
            }
    yield from _redis_apply.figures()
    yield from _sql_apply.figures()


def figure(
    name: str, value: float, unit: str, against: str, least: float | None, peer: float
) -> dict[str, Any]:
    ratio = value / peer
    return {
        "name": f"readmodels.redis: {name}",
        "value": round(value),
        "unit": unit,
        "against": against,
        "ratio": round(ratio, 2),
        "target": None if least is None else f">= {least:g}",
        "met": None if least is None else ratio >= least,
    }
