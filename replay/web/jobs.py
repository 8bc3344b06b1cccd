"""What takes longer than an answer may: with how far it is, an end, and a way to end it before."""

import asyncio
import secrets
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Hashable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from typing import Any, Literal

from ledger.errors import LedgerError
from replay.web.access.problems import ManyError
from replay.web.stream import EventStream, event, stream

AT_ONCE = 2
"""Of them at most: each uses every processor by itself."""
OF_ONE = 8
"""Of them at most that have not ended."""
KEPT = 64
"""Answers."""
LOOK = 0.2
"""Seconds between two looks at how far one is."""
State = Literal["waiting", "running", "done", "failed", "cancelled"]


class Job:
    """One question on its way: `done` of `total`, and an answer or an error at its end."""

    def __init__(self, name: str, owner: str | None = None, question: Hashable = None) -> None:
        self.name, self.owner, self.question = name, owner, question
        self.done, self.total = 0, 0
        self.future: Future[Any] = Future()
        self.unwanted = False
        """Nobody waits for an answer any more."""

    def advance(self, more: int) -> None:
        """So many creators more. Raises CancelledError where the answer is not wanted any more."""
        if self.unwanted:
            raise CancelledError
        self.done += more

    def cancel(self) -> None:
        """Not begun, or ended where it next says how far it is."""
        self.unwanted = True
        self.future.cancel()

    @property
    def ended(self) -> bool:
        """Whether there is an answer, or an error."""
        return self.future.done()

    @property
    def state(self) -> State:
        """Where it is."""
        if self.unwanted:
            return "cancelled"
        if not self.ended:
            return "running" if self.future.running() else "waiting"
        if self.future.cancelled() or isinstance(self.future.exception(), CancelledError):
            return "cancelled"
        return "done" if self.future.exception() is None else "failed"

    def wait(self, seconds: float) -> bool:
        """Whether it ended within so many."""
        with suppress(CancelledError, TimeoutError):
            self.future.exception(seconds)
        return self.ended

    def answer(self) -> Any:
        """What came out. Raises what went wrong."""
        return self.future.result(0)


class Jobs:
    """The last ones; from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="job")
        self._renewing = threading.Lock()
        self._newest: dict[str, tuple[Hashable, Job, Job | None]] = {}

    def ask(self, question: Hashable, work: Callable[[Job], Any]) -> Job:
        """Everybody's job of this question, begun where nobody asked it yet, or where it failed."""
        name = sha256(repr(question).encode()).hexdigest()[:24]
        with self._lock:
            job = self._jobs.pop(name, None)
            if job is None or (job.ended and job.state != "done"):
                job = self._begun(Job(name), work)
            return self._kept(job)

    def begin(self, owner: str, question: Hashable, work: Callable[[Job], Any]) -> Job:
        """A job of its owner alone: the one at work where it was sent twice.

        Raises ManyError where too many of that owner wait.
        """
        with self._lock:
            own = [job for job in self._jobs.values() if job.owner == owner and not job.ended]
            for job in own:
                if job.question == question:
                    return job
            if len(own) >= OF_ONE:
                raise ManyError(f"{OF_ONE} questions wait for their answer: wait, or end one")
            return self._kept(self._begun(Job(secrets.token_hex(12), owner, question), work))

    def _begun(self, job: Job, work: Callable[[Job], Any]) -> Job:
        self._pool.submit(_run, job, work)
        return job

    def _kept(self, job: Job) -> Job:
        self._jobs[job.name] = job
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
            failed = job is not None and job.ended and job.state != "done"
            if job is None or (job.ended and (known != version or failed)):
                before = before if job is None or failed else job
                job = self.ask((kind, version), work)
                self._newest[kind] = version, job, before
        return job, before

    def find(self, name: str, owner: str | None = None) -> Job:
        """The job of that name, of everybody or of one. Raises LedgerError."""
        job = self._jobs.get(name)
        if job is None or job.owner != owner:
            raise LedgerError("there is no such job: ask again")
        return job

    def end(self, job: Job) -> None:
        """Cancel and forget one."""
        with self._lock:
            self._jobs.pop(job.name, None)
        job.cancel()

    def close(self) -> None:
        """Begin none any more, and end those at work."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            for job in self._jobs.values():
                job.cancel()


def _run(job: Job, work: Callable[[Job], Any]) -> None:
    if not job.future.set_running_or_notify_cancel():
        return
    try:
        job.future.set_result(work(job))
    except BaseException as error:
        job.future.set_exception(error)


def progress(job: Job) -> EventStream:
    """How far it is, until it has ended, as server-sent events."""

    async def lines() -> AsyncIterator[bytes]:
        while not (job.ended or job.unwanted):
            yield event("progress", {"done": job.done, "total": job.total})
            await asyncio.sleep(LOOK)
        yield event("done", {"state": job.state})

    return stream(lines())
