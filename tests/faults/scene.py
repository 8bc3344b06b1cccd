"""A ledger that is being written, a read model of it, and runners: what faults are done to.

Facts of years lie in the ledger before the first runner starts. More are recorded while it runs,
some of which bring something that falls due a second or two later.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random

import redis_servers
from readmodels.logs import DAY, population, record

from ledger.errors import StoreError
from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled, ViolationFound
from ledger.log.port import open_log
from projections.readmodels.target import Checkpoint, Target

from .judge import Seen, Verdict, again, judge
from .places import Place
from .processes import Project, sentences

SECOND = 1_000_000


def now() -> int:
    return time.time_ns() // 1000


class Scene:
    def __init__(self, place: Place, random: Random, *, creators: int = 8) -> None:
        self.place, self.random = place, random
        self.seen: Seen = {}
        self._facts, self._author = 0, Random(random.randrange(2**32))
        past = now() - 2 * DAY
        lessons = population(random.randrange(2**32), creators, longest=14)
        with open_log(place.db) as log:
            record(log, [lesson for lesson in lessons if lesson[0].recorded_at < past])
        self.creators = [f"c{n}" for n in range(creators)] + ["开", "{a}:*"]
        self.runners: list[Project] = []
        self.start()

    # --- runners ---------------------------------------------------------------------------------

    @property
    def runner(self) -> Project:
        """The one that was started last."""
        return self.runners[-1]

    def start(self) -> Project:
        self.runners.append(Project(self.place))
        return self.runner

    def keep(self, runner: Project) -> None:
        """It is the one that runs from now on."""
        self.runners.remove(runner)
        self.runners.append(runner)

    def close(self) -> None:
        for one in self.runners:
            if not one.ended:
                one.kill()

    # --- the ledger ------------------------------------------------------------------------------

    def write(self, facts: int = 5) -> None:
        """Record some facts, one by one or in small pages; a store that is down is waited for."""
        page = [self._fact() for _ in range(facts)]
        while page:
            size = self._author.randrange(1, 4)
            self._append(page[:size])
            del page[:size]

    def _append(self, facts: list[Envelope]) -> None:
        def done() -> bool:
            with suppress(StoreError), open_log(self.place.db) as log:
                log.append(facts)
                return True
            return False

        redis_servers.until(done, lambda: "for the ledger")

    def _fact(self) -> Envelope:
        """About somebody: late, of now, or of a moment at which something falls due soon."""
        self._facts += 1
        n, random = self._facts, self._author
        soon = now() - DAY + random.randrange(SECOND, 3 * SECOND)
        at = random.choice((soon, soon, now(), now() + SECOND, now() - random.randrange(90) * DAY))
        kind = random.choice(("misleading", "misleading", "spam"))
        fact = ViolationFound(f"live-{n}", kind, "other") if n > 2 else CreatorEnrolled()
        return Envelope("live", f"live-{n}", random.choice(self.creators), at, fact)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Facts are recorded all the time meanwhile."""
        done, failed = threading.Event(), list[BaseException]()

        def on_and_on() -> None:
            try:
                while not done.wait(self._author.random() / 10):
                    self.write(self._author.randrange(1, 5))
            except BaseException as error:
                failed.append(error)

        writer = threading.Thread(target=on_and_on, daemon=True)
        writer.start()
        try:
            yield
        finally:
            done.set()
            writer.join()
        assert not failed, failed

    # --- the read model --------------------------------------------------------------------------

    def mark(self) -> Checkpoint | None:
        """The live checkpoint; None while there is none or it can't be read."""
        with suppress(StoreError), self.opened() as target:
            return next((g.checkpoint for g in target.generations() if g.live), None)
        return None

    @contextmanager
    def opened(self) -> Iterator[Target]:
        target = self.place.open()
        try:
            yield target
        finally:
            target.close()

    def moved(self, seconds: float) -> bool:
        """Whether facts are taken in within so many seconds."""
        before, end = self.mark(), time.monotonic() + seconds
        while (mark := self.mark()) is None or before is None or mark.position <= before.position:
            before = before or mark
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def until_moved(self) -> None:
        assert self.moved(redis_servers.PATIENCE), [r.said for r in self.runners]

    def a_moment(self, longest: float = 0.3) -> None:
        time.sleep(self.random.random() * longest)

    def remember(self) -> None:
        """A consumer reads the feed."""
        with self.opened() as target:
            assert not again(self.place.feed(target), self.seen)

    def settle(self) -> None:
        """Everything recorded by now is taken in, and all that was due by then."""
        with open_log(self.place.db) as log:
            head = log.head()
            last = log.after(head - 1, 1)[0].recorded_at

        def level() -> bool:
            mark = self.mark()
            return mark is not None and mark.position == head and mark.clock >= last

        redis_servers.until(level, lambda: f"{self.mark()} {[r.said for r in self.runners]}")

    def judge(self) -> Verdict:
        """Settle, hold every runner still, and compare with a replay."""
        self.settle()
        alive = [one for one in self.runners if not one.ended]
        for one in alive:
            one.freeze()
        try:
            with self.opened() as target:
                verdict = judge(self.place.db, target, self.place.feed(target), self.seen)
        finally:
            for one in alive:
                one.go_on()
        sentences(self.runners)
        return verdict
