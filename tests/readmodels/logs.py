"""Logs for tests of read models: facts recorded when we say, and a clock that we set."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

from msgspec import json
from msgspec.structs import replace

from ledger.facts.envelope import Envelope
from ledger.log.port import Log, open_log
from projections.readmodels.follower import Follower, Settings
from projections.readmodels.memory import MemoryTarget
from projections.readmodels.rows import Row
from projections.readmodels.runner import Runner
from projections.readmodels.source import Source
from projections.readmodels.target import Change, Target
from projections.standing.question import Question
from replay.population.synthetic import history

DAY = 86_400_000_000
CATEGORIES = ("off_topic_goods", "spam", "misleading", "prohibited_content", "fraud")


class Clock:
    """A clock that stands where it was set."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def population(seed: int, creators: int, longest: int) -> list[list[Envelope]]:
    """Facts in lessons: lists that are recorded at one instant each, by that instant.

    Facts come late, early and in pages; some take effect only after they were recorded.
    """
    random = Random(seed)
    facts = []
    for number in range(creators):
        length = random.randrange(1, longest + 1)
        facts += [
            replace(e, id=f"{number}-{e.id}", recorded_at=0, position=0, version=0)
            for e in history(random, f"c{number}", length, CATEGORIES)
        ]
    facts.sort(key=lambda e: e.effective_at + random.choice((0, 0, 0, 1, 20, -3)) * DAY)
    lessons: list[list[Envelope]] = []
    at = 0
    while facts:
        size = random.choice((1, 1, 1, 2, 7, 30))
        some, facts = facts[:size], facts[size:]
        middle = some[0].effective_at + random.choice((0, 1, 5_000_000, DAY))
        at = max(at + 1, middle)
        lessons.append([replace(e, recorded_at=at) for e in some])
    return lessons


def record(log: Log, lessons: Sequence[Sequence[Envelope]]) -> None:
    for lesson in lessons:
        log.append(lesson, trust_recorded_times=True)


@contextmanager
def opened(url: str, rulebooks: Sequence[Path] = ()) -> Iterator[Source]:
    with Question(url, rulebooks) as question:
        yield Source(question)


def carry(follower: Follower) -> None:
    """Until there is nothing to do."""
    while follower.step():
        pass


def followed(
    source: Source, target: Target, clock: Clock, *, page: int = 2000, feed: int = 10**9
) -> Follower:
    settings = Settings(page=page, feed=feed, now=clock)
    follower = Follower(source, target, 1, "me", settings)
    follower.read()
    return follower


def fresh(path: Path) -> str:
    url = f"sqlite:///{path}"
    open_log(url, create=True).close()
    return url


def events(changes: Sequence[Change]) -> list[dict[str, object]]:
    return [json.decode(change.event) for change in changes]


def by_creator(changes: Sequence[Change]) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.creator, []).append(change)
    return found


def states(target: MemoryTarget, generation: int = 1) -> dict[str, Row]:
    """All that rows say, and since when: the same whenever and by whomever they were made."""
    return dict(target.rows.get(generation, {}))


def quiet(_: str) -> None:
    """Nobody reads it."""


def runner_of(source: Source, target: Target, now: Callable[[], int], name: str = "me") -> Runner:
    return Runner(source, target, Settings(page=20, feed=10**9, now=now), quiet, name)


def to_the_end(one: Runner) -> None:
    while one.step():
        pass
