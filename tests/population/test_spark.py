"""Apache Spark, real: the same answer as of threads, to the last byte, whatever dies on the way."""

import os
import pickle
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from ledger.errors import InputError, LedgerError, StoreError
from projections.archive.plan import Task
from projections.standing.moments import read_moment
from projections.standing.question import Question
from replay.cli import main
from replay.population.study import spark
from replay.population.study.answer import Asked, Result, empty, prepare
from replay.population.study.shares import Job, Share, merge, plan, share_of
from replay.population.study.sweep import read_sweep
from replay.population.study.threads import answer

REQUIRED = "PENALTY_LEDGER_SPARK" in os.environ
HERE = bool(find_spec("pyspark") and find_spec("pyspark.sql") and shutil.which("java"))
pytestmark = pytest.mark.xdist_group("spark")  # a process has one session
WHEN = "2025-12-31"
SWEEP = read_sweep("nodes.8.below=7:9:1")
QUESTIONS = {
    "a figure, who moved": ["--set", "nodes.8.below=9", "--list"],
    "a sweep of some": ["--sweep", "nodes.8.below=7:9:1", "--where", "level>=4"],
    "a sample": ["--sample", "50", "--seed", "2", "--recoveries", "due"],
}


@pytest.fixture(scope="module")
def archive(crowd: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = str(tmp_path_factory.mktemp("archived") / "archive")
    done = CliRunner().invoke(main, ["--db", crowd, "project", "--parquet", folder, "--once"])
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="module", params=["local[2]", "local-cluster[2,1,1024]"])
def cluster(request: pytest.FixtureRequest) -> Iterator[Any]:
    if not HERE and not REQUIRED:
        pytest.skip("no Apache Spark here, or no Java: `scripts/campaign spark` runs this")
    with spark.session(request.param) as session:
        yield session


@pytest.fixture
def question(crowd: str) -> Iterator[Question]:
    with Question(crowd, (), read_moment(WHEN)) as asked:
        yield asked


def told(crowd: str, archive: str, *words: str) -> str:
    whole = ["--db", crowd, "population", "--as-of", WHEN, "--archive", archive, "--json", *words]
    done = CliRunner().invoke(main, whole)
    assert done.exit_code == 0, done.output
    return done.output


def job_of(question: Question, archive: str) -> tuple[Job, list[Task], Result]:
    asked = Asked(archive=archive, sweeps=(SWEEP,), threads=1)
    result = prepare(question, asked)
    return Job(asked, result.reforms, result.times, None), plan(question, asked), result


def merged(job: Job, shares: Iterator[Share], result: Result) -> Result:
    into = empty(job.asked, job.reforms, job.times, result.log_hash)
    for share in shares:
        merge(into, share)
    return into


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_same_bytes(
    crowd: str, archive: str, cluster: Any, name: str, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(Path(archive).parent)
    words, lists = QUESTIONS[name], [tmp_path / "threads.csv", tmp_path / "spark.csv"]
    files = [[str(path)] if words[-1] == "--list" else [] for path in lists]
    master = cluster.sparkContext.master
    here = told(crowd, "archive", *words, *files[0])
    place = f"file://{archive}" if name == "a sample" else "archive"  # as a URL, and from here
    there = told(crowd, place, *words, *files[1], "--engine", "spark", "--master", master)
    assert there == here
    if files[0]:
        assert lists[0].read_bytes() == lists[1].read_bytes() != b""


def dying(marks: Path, victims: dict[str, str]) -> Callable[[Job, Task], Share]:
    """The same work; the first time that it comes to some partitions, a process dies of it."""

    def work(job: Job, task: Task) -> Share:
        victim = victims.get(str(task.partition))
        mark = marks / str(task.partition)
        if victim and not mark.exists():
            mark.touch()
            pid = os.getpid()
            if victim == "executor":  # the parent of the daemon that forked this worker
                for _ in range(2):
                    pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
            os.kill(pid, signal.SIGKILL)
        return share_of(job, task)

    return work


def test_what_dies_midway_is_done_again(
    question: Question, archive: str, cluster: Any, tmp_path: Path
) -> None:
    job, tasks, result = job_of(question, archive)
    wanted = answer(question, job.asked)
    assert len(tasks) >= 3
    local = cluster.sparkContext.master.startswith("local[")  # which tries nothing again
    victims = {"1": "worker"} if local else {"1": "worker", "2": "executor"}
    work = dying(tmp_path, victims)
    if local:
        with pytest.raises(StoreError, match="Spark gave up: "):
            list(spark.shares(cluster, job, tasks, work))
    found = merged(job, spark.shares(cluster, job, tasks, work), result)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(victims)
    assert found.baseline.creators == wanted.baseline.creators > 100
    assert [repr(t) for t in found.tallies] == [repr(t) for t in wanted.tallies]
    assert [repr(m) for m in found.moves] == [repr(m) for m in wanted.moves]


@pytest.mark.parametrize("cluster", ["local[2]"], indirect=True)
def test_what_a_worker_refuses(question: Question, archive: str, cluster: Any) -> None:
    job, tasks, _ = job_of(question, archive)
    gone = [task._replace(url="/nowhere/archive") for task in tasks]
    with pytest.raises(StoreError, match=r"a worker says: '/nowhere/archive/.*' is gone"):
        list(spark.shares(cluster, job, gone))
    with pytest.raises(StoreError, match=r"a worker says: penalty-ledger is .* and 0\.0\.0 where"):
        list(spark.shares(cluster, job._replace(program="0.0.0"), tasks))
    with pytest.raises(InputError, match=r"a Spark session of local\[2\] runs here"):
        spark.answer(question, job.asked, "local[7]")


def test_shares_put_together_are_the_answer(question: Question, archive: str) -> None:
    job, tasks, result = job_of(question, archive)
    wanted = answer(question, job.asked)
    packed, lines = pickle.dumps(job), [msgspec.json.encode(task) for task in tasks]
    sent = [share_of(pickle.loads(packed), msgspec.json.decode(line, type=Task)) for line in lines]
    found = merged(job, iter(pickle.loads(pickle.dumps(sent))), result)
    for name in ("tallies", "moves", "left_out", "elsewhere", "moved"):
        assert repr(getattr(found, name)) == repr(getattr(wanted, name)), name


REFUSED: dict[str, tuple[list[str], str]] = {
    "no archive": (["--engine", "spark"], "--archive DIR|URL says where it is"),
    "the log itself": (
        ["--engine", "spark", "--archive", "ARCHIVE", "--check", "1"],
        "--check reads",
    ),
    "a master for threads": (["--master", "local[2]"], "--master is for --engine spark"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_asked(crowd: str, archive: str, name: str) -> None:
    words, sentence = REFUSED[name]
    words = [archive if word == "ARCHIVE" else word for word in words]
    done = CliRunner().invoke(main, ["--db", crowd, "population", *words])
    assert sentence in done.output
    assert done.exit_code in (2, 3)


def test_without_spark_and_without_java(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(LedgerError, match="openjdk-17-jre-headless"):
        spark.java_home()
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with (
        pytest.raises(LedgerError, match=r"pip install 'penalty-ledger\[spark\]'"),
        spark.session(),
    ):
        pass


def test_a_master_that_nobody_answers_for() -> None:
    with pytest.raises(StoreError, match=r"nobody answers at 'spark://127\.0\.0\.1:1'"):
        spark.answers("spark://127.0.0.1:1")


SAID = {
    "ModuleNotFoundError: No module named 'replay'": "no replay: install penalty-ledger",
    "[PYTHON_VERSION_MISMATCH] Python in worker has different version: 3.12 than that in driver: "
    "3.11, PySpark cannot run with different minor versions.": "have Python 3.12 and this is 3.11",
    "Job aborted": "Spark gave up: Job aborted",
}


@pytest.mark.parametrize("text", SAID)
def test_what_workers_say_in_a_sentence(text: str) -> None:
    assert SAID[text] in str(spark.told(Exception(text)))
