"""What takes longer than a page may: asked once for all who ask it, with how far it is."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from typing import Any

AT_ONCE = 2
"""Of them at most: each uses every processor by itself."""
KEPT = 64
"""Answers."""


class Job:
    """One question on its way: `done` of `total`, and an answer or an error at its end."""

    def __init__(self, name: str) -> None:
        self.name, self.done, self.total = name, 0, 0
        self.future: Future[Any] = Future()

    def advance(self, more: int) -> None:
        """So many creators more."""
        self.done += more

    @property
    def ended(self) -> bool:
        """Whether there is an answer, or an error."""
        return self.future.done()

    @property
    def failed(self) -> bool:
        """Whether it ended with an error."""
        return self.ended and self.future.exception() is not None

    def wait(self, seconds: float) -> bool:
        """Whether it ended within so many."""
        try:
            self.future.exception(seconds)
        except TimeoutError:
            return False
        return True

    def answer(self) -> Any:
        """What came out. Raises what went wrong."""
        return self.future.result(0)


class Jobs:
    """The last ones, by what they ask; from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="job")
        self.closed = False
        self._renewing = threading.Lock()
        self._newest: dict[str, tuple[Hashable, Job, Job | None]] = {}

    def ask(self, question: Hashable, work: Callable[[Job], Any]) -> Job:
        """The job of this question, begun where nobody has asked it yet, or where it failed."""
        name = sha256(repr(question).encode()).hexdigest()[:24]
        with self._lock:
            job = self._jobs.pop(name, None)
            if job is None or job.failed:
                job = Job(name)
                self._pool.submit(_run, job, work)
            self._jobs[name] = job
            ended = [name for name, job in self._jobs.items() if job.ended]
            for old in ended[: max(len(self._jobs) - KEPT, 0)]:
                del self._jobs[old]
            return job

    def newest(
        self, kind: str, version: Hashable, work: Callable[[Job], Any]
    ) -> tuple[Job, Job | None]:
        """The job of a question whose answer grows old, and the one before that has an answer.

        While one is on its way no newer one begins: where facts come in faster than everybody is
        counted, an answer comes all the same.
        """
        with self._renewing:
            known, job, before = self._newest.get(kind, (None, None, None))
            if job is None or (job.ended and (known != version or job.failed)):
                before = before if job is None or job.failed else job
                job = self.ask((kind, version), work)
                self._newest[kind] = version, job, before
        return job, before

    def find(self, name: str) -> Job | None:
        """The job of that name."""
        return self._jobs.get(name)

    def close(self) -> None:
        """Begin none any more."""
        self.closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)


def _run(job: Job, work: Callable[[Job], Any]) -> None:
    try:
        job.future.set_result(work(job))
    except BaseException as error:
        job.future.set_exception(error)
