"""Many creators, in as many processes as there are processors; each opens the log by itself.

Creators go out in groups and come back in their order. So many groups are under way at a time that
no process waits, and no more: what is held does not grow with the log.
"""

import gc
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, groupby, islice
from multiprocessing import get_context, parent_process
from operator import attrgetter
from threading import Thread

from msgspec import Struct, field

from ledger.errors import LedgerError, NoRulebookError
from projections.standing.adoptions import about_creator
from projections.standing.moments import Moment
from projections.standing.question import Question
from projections.standing.writing import json_line
from replay.reconcile.assumed import resting
from replay.reconcile.creator import Examiner, findings
from replay.reconcile.findings import Finding, Span, finding_view
from replay.reconcile.nearest import flips
from replay.reconcile.proposal import proposed
from replay.reconcile.tally import Tally

GROUP = 256
FEW = 8
"""Groups that are asked about sooner than other processes are there."""
AHEAD = 2
"""Groups under way for each process."""


class Asked(Struct, frozen=True):
    """The question, as each process gets it."""

    db: str
    rulebooks: tuple[str, ...]
    as_of: Moment | None
    known_at: Moment | None
    now: int
    until: int
    """The log's last position."""
    span: Span
    as_json: bool
    """Whether rows are wanted as lines of JSON, all of them; else the first `limit`."""
    limit: int
    propose: bool
    named: bool
    """Whether creators were asked for by name: then also how little figures would turn."""

    def open(self) -> Question:
        question = Question(self.db, self.rulebooks, self.as_of, self.known_at)
        question.now = self.now
        return question


class Answer(Struct):
    """What a group of creators comes to."""

    size: int
    tally: Tally = field(default_factory=Tally)
    findings: list[Finding] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    proposed: list[str] = field(default_factory=list)
    """Facts to record, as lines of JSON."""


def answers(asked: Asked, creators: Iterable[str]) -> Iterator[Answer]:
    """An answer for each group, in the order of the creators."""
    rest = iter(creators)
    groups = iter(lambda: list(islice(rest, GROUP)), [])
    first = list(islice(groups, FEW))
    processes = len(os.sched_getaffinity(0))
    if len(first) < FEW or processes < 2:
        with asked.open() as question:
            examiner = Examiner(question, asked.span)
            for group in chain(first, groups):
                yield answer(asked, examiner, group)
        return
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _begin, (asked,))
    under_way: deque[Future[Answer]] = deque()
    try:
        for group in chain(first, groups):
            under_way.append(pool.submit(_next, group))
            if len(under_way) > processes * AHEAD:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    except BrokenProcessPool:
        raise LedgerError("a process that took part was ended from outside; ask again") from None
    finally:
        pool.shutdown(cancel_futures=True)


def answer(asked: Asked, examiner: Examiner, creators: Sequence[str]) -> Answer:
    """What a group of creators comes to; who can't be judged is left out and counted."""
    made, question = Answer(len(creators)), examiner.question
    facts = question.log.streams(creators, asked.until)
    for creator, stream in groupby(facts, attrgetter("subject")):
        envelopes = list(stream)
        try:
            _, known_at = question.times(envelopes)
            if not about_creator([e for e in envelopes if e.recorded_at <= known_at]):
                continue
            case = examiner.case(creator, envelopes)
        except NoRulebookError as error:
            made.tally.left_out[str(error)] += 1
            continue
        found = findings(case)
        made.tally.count(case, found)
        if asked.named:
            for figure in resting(case):
                near = list(flips(question, case.recorded, envelopes, figure))
                made.tally.flips.setdefault(figure, []).extend(near)
        if asked.as_json:
            made.lines += [json_line(finding_view(finding)) for finding in found]
        elif len(made.findings) < asked.limit:
            made.findings += found[: asked.limit - len(made.findings)]
        if asked.propose:
            made.proposed += proposed(case, asked.span)
    question.pin()
    return made


_examiner: tuple[Asked, Examiner] | None = None
"""Of a process that was started to take part."""


def _begin(asked: Asked) -> None:
    global _examiner  # noqa: PLW0603  a process of a pool has nothing else to keep it in
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asked is interrupted, and ends this
    Thread(target=_follow, daemon=True).start()
    gc.set_threshold(100_000)
    _examiner = asked, Examiner(asked.open(), asked.span)


def _follow() -> None:
    """End with the process that asked, also where it had no time to say so."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _next(creators: Sequence[str]) -> Answer:
    assert _examiner is not None
    return answer(*_examiner, creators)
