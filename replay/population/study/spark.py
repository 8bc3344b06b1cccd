"""The tasks of a plan over workers of Apache Spark: each reads its own files, and sends sums."""

import os
import pickle
import re
import shutil
import socket
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from ledger.errors import InputError, LedgerError, StoreError
from projections.archive.plan import Task
from projections.standing.question import Question
from replay.population.study.answer import Advance, Asked, Result, creators, prepare, whole
from replay.population.study.shares import Job, Share, merge, plan, share_of

TOGETHER = 4
"""Tasks of one partition, a million facts: a partition costs Spark some ten milliseconds."""
WAVES = 3
"""Partitions for each core at least, where there are so many tasks: some take longer."""
WAIT = 5.0
"""Seconds for a master to answer."""
COLUMNS = pa.schema([("number", pa.int64()), ("share", pa.binary())])
Work = Callable[[Job, Task], Share]


def answer(
    question: Question, asked: Asked, master: str = "", advance: Advance = lambda _: None
) -> Result:
    """As `answer.answer`, byte for byte, by the workers of a master.

    Without a master: that of Spark's own configuration, or the cores of this machine. A session
    that is there already is used, and goes on. Raises InputError for what workers can't be asked,
    LedgerError without Spark or Java, StoreError where the master or the archive can't be reached.
    """
    result = prepare(question, asked)
    tasks = plan(question, asked)
    advance(0)
    names = creators(question, result)
    chosen = None if names is None else frozenset(names)
    alone = msgspec.structs.replace(asked, threads=1)
    job = Job(alone, result.reforms, result.times, chosen)
    with session(master) as spark:
        for share in shares(spark, job, tasks):
            merge(result, share)
            advance(share.read)
    return whole(result)


def shares(spark: Any, job: Job, tasks: Sequence[Task], work: Work = share_of) -> Iterator[Share]:
    """What `work` makes of each task, in the order of the plan, wherever it was done."""
    cores = spark.sparkContext.defaultParallelism
    partitions = min(len(tasks), max(-(-len(tasks) // TOGETHER), WAVES * cores))
    numbers = spark.range(0, len(tasks), 1, max(partitions, 1))
    try:
        with _quiet():
            mapped = numbers.mapInArrow(mapper(job, tasks, work), "number long, share binary")
            rows = mapped.collect()
    except Exception as error:
        raise told(error) from error
    for row in sorted(rows, key=lambda row: row["number"]):
        share: Share = pickle.loads(row["share"])  # noqa: S301  our own workers wrote it
        yield share


def mapper(job: Job, tasks: Sequence[Task], work: Work) -> Callable[[Iterable[Any]], Iterator[Any]]:
    """For `mapInArrow`: numbers of tasks in, their shares out, one at a time."""
    packed, lines = pickle.dumps(job), [msgspec.json.encode(task) for task in tasks]

    def mapped(batches: Iterable[Any]) -> Iterator[Any]:
        known: Job = pickle.loads(packed)  # noqa: S301  the question wrote it
        for batch in batches:
            for number in batch.column(0).to_pylist():
                share = work(known, msgspec.json.decode(lines[number], type=Task))
                yield pa.RecordBatch.from_arrays(
                    [pa.array([number]), pa.array([pickle.dumps(share)], pa.binary())],
                    schema=COLUMNS,
                )

    return mapped


@contextmanager
def session(master: str = "") -> Iterator[Any]:
    """The session that there is, or one that ends after this."""
    try:
        with _quiet():
            from pyspark.sql import SparkSession
    except ImportError as missing:
        raise LedgerError(
            f"Apache Spark is not here ({missing}): pip install 'penalty-ledger[spark]'"
        ) from missing

    active = SparkSession.getActiveSession()
    if active is not None:
        if master not in ("", active.sparkContext.master):
            raise InputError(
                f"a Spark session of {active.sparkContext.master} runs here: ask it, or stop it"
            )
        yield active
        return
    started = _started(master)
    try:
        yield started
    finally:
        started.stop()


def _started(master: str) -> Any:
    from pyspark.sql import SparkSession

    _environment(master)
    answers(master)
    builder: Any = SparkSession.builder
    settings = {
        "spark.app.name": "penalty-ledger population",
        "spark.log.level": "ERROR",
        "spark.ui.showConsoleProgress": "false",
    }
    if master.startswith("local"):
        settings["spark.ui.enabled"] = "false"
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        with _quiet():
            return (builder.master(master) if master else builder).getOrCreate()
    except Exception as error:
        raise StoreError(
            f"Spark can't be started at {master or 'the master of its configuration'!r} "
            f"({_first(error)}); it needs Java 17 or newer, and a master that answers"
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """pyspark warns of a newer pandas, which is not used here."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
        yield


def _environment(master: str) -> None:
    """What Spark's programs look for. What a user has set stands."""
    os.environ["JAVA_HOME"] = java_home()
    import pyspark

    home = Path(str(pyspark.__file__)).parent  # without it a local cluster finds no workers
    os.environ.setdefault("SPARK_HOME", str(home))
    if not master or master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)


def java_home() -> str:
    """Where Java is: as JAVA_HOME says, or on PATH. Raises LedgerError without one."""
    said = os.environ.get("JAVA_HOME", "")
    if said and Path(said, "bin", "java").exists():
        return said
    found = shutil.which("java")
    if found is not None:
        return str(Path(found).resolve().parent.parent)
    raise LedgerError(
        "Spark needs Java 17 or newer, and there is none: apt-get install openjdk-17-jre-headless, "
        "or JAVA_HOME, where one is elsewhere"
    )


def answers(master: str) -> None:
    """Of a cluster of Spark's own, whether anybody is there: it would try for a minute."""
    if not master.startswith("spark://"):
        return
    why = ""
    for place in master.removeprefix("spark://").split(","):
        host, _, port = place.rpartition(":")
        try:
            socket.create_connection((host, int(port)), WAIT).close()
        except (OSError, ValueError) as error:
            why = str(error)
        else:
            return
    raise StoreError(f"nobody answers at {master!r} ({why}): is the master running?")


def told(error: Exception) -> LedgerError:
    """What went wrong on a worker, in a sentence."""
    text = str(error)
    if found := re.search(r"ledger\.errors\.\w+: (.*)", text):
        return StoreError(
            f"a worker says: {found[1]} (workers read the archive themselves: its place must be "
            "theirs too, as a shared directory or the URL of an object store)"
        )
    if found := re.search(r"ModuleNotFoundError: No module named '([^']+)'", text):
        return StoreError(
            f"the Python of the workers has no {found[1]}: install penalty-ledger[spark] there, "
            "or name one that has it in PYSPARK_PYTHON"
        )
    if found := re.search(r"\[PYTHON_VERSION_MISMATCH\][^:]*: ([\d.]+)\D+([\d.]+),", text):
        return StoreError(
            f"the workers have Python {found[1]} and this is {found[2]}: PYSPARK_PYTHON names "
            "one of the same version"
        )
    return StoreError(f"Spark gave up: {_first(error)}")


def _first(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
