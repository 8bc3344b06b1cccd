"""Beyond one machine: what a task of the plan costs, here and by Apache Spark's workers.

Processor time, of the kernel's own books, so that a busy machine may measure it. A larger history
than that on disk is its plan several times over: the files are read again each time.
"""

import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench_parts.everybody import WHEN, figure, program, run

from projections.archive.plan import Task
from projections.standing.moments import read_moment
from projections.standing.question import Question
from replay.population.study.answer import Asked, empty, prepare
from replay.population.study.shares import Job, merge, plan, share_of

COPIES = [int(n) for n in os.environ.get("BENCH_COPIES", "1,10").split(",")]
"""The plan so many times over."""
TICK = os.sysconf("SC_CLK_TCK")


def figures() -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        url, archive = made(Path(folder))
        with Question(url, (), read_moment(WHEN)) as question:
            job, tasks = asked(question, archive)
        yield from here(job, tasks)
        yield from memory(job, tasks)
        yield from by_spark(job, tasks)


def made(home: Path) -> tuple[str, str]:
    """A ledger and its archive: those that BENCH_LEDGER and BENCH_ARCHIVE name, or invented."""
    if "BENCH_LEDGER" in os.environ:
        return os.environ["BENCH_LEDGER"], os.environ["BENCH_ARCHIVE"]
    url, archive = f"sqlite:///{home}/ledger.db", str(home / "archive")
    run("make_history", str(home / "made.jsonl"))
    program(url, "import", "--trust-recorded-times", str(home / "made.jsonl"))
    program(url, "project", "--parquet", archive, "--once")
    return url, archive


def asked(question: Question, archive: str) -> tuple[Job, list[Task]]:
    of_all = Asked(archive=archive, threads=1)
    result = prepare(question, of_all)
    return Job(of_all, result.reforms, result.times, None), plan(question, of_all)


def here(job: Job, tasks: list[Task]) -> Iterator[dict[str, Any]]:
    share = share_of(job, tasks[0])  # compiled
    facts = sum(task.facts for task in tasks)
    for copies in COPIES:
        begun = time.process_time()
        into = empty(job.asked, job.reforms, job.times, "")
        for task in tasks * copies:
            merge(into, share_of(job, task))
        spent = (time.process_time() - begun) / (facts * copies)
        name = f"scale.core: {facts * copies:,} facts, a core, archive to sums"
        yield figure(name, spent * 1e9, "ns/fact", "nothing", None)
    begun = time.process_time()
    for _ in range(100):
        merge(into, share)
    spent = (time.process_time() - begun) / 100
    yield figure("scale.merge: one share more", spent * 1e6, "µs", "nothing", None)
    yield figure(
        "scale.share: what one task sends", len(pickle.dumps(share)) / 1e3, "kB", "nothing", None
    )


STREAMED = """
import pickle, re, sys
from pathlib import Path
from replay.population.study.archive import ahead
from replay.population.study.shares import share_of
job, tasks = pickle.load(sys.stdin.buffer)
most = lambda: re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
begun = most()
for share in ahead(lambda task: share_of(job, task), tasks, 2):
    pass
print(begun, most())
"""
"""Two threads go through a plan: the most memory before the first task, and at last, in KiB."""


def memory(job: Job, tasks: list[Task]) -> Iterator[dict[str, Any]]:
    plan_ = tasks * max(COPIES)
    done = subprocess.run(
        [sys.executable, "-c", STREAMED], input=pickle.dumps((job, plan_)), capture_output=True,
        check=True,
    )  # fmt: skip
    begun, most = map(int, done.stdout.split())
    facts = sum(task.facts for task in plan_)
    yield figure(
        f"scale.memory: {facts:,} facts, two threads, their most", most / 1024, "MiB",
        "before the first task", most / begun, "<= 1,024", most <= 1 << 20,
    )  # fmt: skip


def by_spark(job: Job, tasks: list[Task]) -> Iterator[dict[str, Any]]:
    """Nothing, where Spark is not."""
    from ledger.errors import LedgerError
    from replay.population.study import spark

    try:
        opened = spark.session("local[2]")
        session = opened.__enter__()
    except LedgerError as error:
        print(f"scale: not measured by Spark: {error}", file=sys.stderr)
        return
    try:
        facts = sum(task.facts for task in tasks)
        list(spark.shares(session, job, tasks * 2))  # the workers load, the JVM compiles
        for copies in COPIES:
            into = empty(job.asked, job.reforms, job.times, "")
            before, mine, begun = below(), time.process_time(), time.perf_counter()
            for share in spark.shares(session, job, tasks * copies):
                merge(into, share)
            wall = time.perf_counter() - begun
            spent = below() - before + time.process_time() - mine
            count = facts * copies
            yield figure(
                f"scale.spark: {count:,} facts, local[2], all its processes", spent / count * 1e9,
                "ns/fact", "nothing", None,
            )  # fmt: skip
            yield figure(
                f"scale.wall: {count:,} facts, local[2]", wall, "s", "nothing", None
            )  # fmt: skip
    finally:
        opened.__exit__(None, None, None)


def below() -> float:
    """Seconds of processor time of all that this process has started and that still runs."""
    parents: dict[int, list[tuple[int, float]]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        spent = sum(map(int, words[11:15])) / TICK
        parents.setdefault(int(words[1]), []).append((int(path.parent.name), spent))
    total, waiting = 0.0, [os.getpid()]
    while waiting:
        for pid, spent in parents.get(waiting.pop(), []):
            total += spent
            waiting.append(pid)
    return total
