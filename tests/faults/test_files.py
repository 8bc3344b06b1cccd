"""Files that are moved, replaced, shared or planted: told, never believed."""

import multiprocessing
import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import redis_servers
import servers

from ledger.errors import ReplacedError, StoreError
from ledger.exchange.export import write_whole
from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled
from ledger.log.port import open_log, open_reader
from projections.readmodels.sql.target import open_sql
from projections.readmodels.watch.drift import Drift
from projections.readmodels.watch.metrics import write_drift

from .processes import command
from .test_input import lines

Harm = Callable[[Path], object]


def fact(n: int) -> Envelope:
    return Envelope("s", f"e{n}", "mei", n, CreatorEnrolled())


def copied(path: Path) -> None:
    shutil.copyfile(path, path.with_name("copy"))
    path.with_name("copy").replace(path)


GONE: dict[str, Harm] = {
    "deleted": Path.unlink,
    "moved": lambda path: path.rename(path.with_name("elsewhere")),
    "replaced": copied,
}
gone = pytest.mark.parametrize("harm", GONE.values(), ids=GONE)


class TestAnotherFile:
    @gone
    def test_nothing_is_recorded_into_it(self, tmp_path: Path, harm: Harm) -> None:
        path = tmp_path / "l.db"
        with open_log(f"sqlite:///{path}", create=True) as log:
            log.append([fact(1)])
            harm(path)
            with pytest.raises(ReplacedError, match="no longer the file that was opened"):
                log.append([fact(2)])
            with pytest.raises(ReplacedError):
                log.head()

    @gone
    def test_nothing_is_read_from_it(self, tmp_path: Path, harm: Harm) -> None:
        path = tmp_path / "l.db"
        url = f"sqlite:///{path}"
        with open_log(url, create=True) as log, open_reader(url) as reader:
            log.append([fact(1)])
            assert reader.head() == 1
            harm(path)
            for ask in (reader.head, reader.pins, lambda: reader.pin("n", "v", "0" * 64)):
                with pytest.raises(ReplacedError):
                    ask()

    def test_it_is_seen_before_a_page_is_committed(self, tmp_path: Path) -> None:
        path = tmp_path / "l.db"
        with open_log(f"sqlite:///{path}", create=True) as log:
            write = log._write  # type: ignore[attr-defined]

            def late(*args: object) -> None:
                write(*args)
                path.rename(tmp_path / "elsewhere")

            log._write = late  # type: ignore[attr-defined]
            with pytest.raises(ReplacedError):
                log.append([fact(1)])
        (tmp_path / "elsewhere").rename(path)
        assert head(path) == 0

    def test_an_import_ends_with_5(self, tmp_path: Path) -> None:
        path = tmp_path / "l.db"
        program = [sys.executable, "-c", "from replay.cli import main; main()"]
        with subprocess.Popen(
            [*program, "--db", f"sqlite:///{path}", "import", "-"],
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
        ) as process:  # fmt: skip
            assert process.stdin is not None
            assert process.stderr is not None
            process.stdin.write(lines(*(f"c{n}" for n in range(1_100))))
            process.stdin.flush()
            redis_servers.until(lambda: head(path) == 2_000)
            path.unlink()
            process.stdin.close()
            said = process.stderr.read()
        assert process.returncode == 5, said
        assert "is no longer the file that was opened" in said

    def test_project_ends_with_5_and_a_new_start_goes_on(self, tmp_path: Path) -> None:
        path = tmp_path / "l.db"
        url, rows = f"sqlite:///{path}", f"sqlite:///{tmp_path}/rows.db"
        record(url, "a")
        shutil.copyfile(path, tmp_path / "backup")
        program = [sys.executable, "-c", "from replay.cli import main; main()"]
        with subprocess.Popen(
            [*program, "--db", url, "project", "--sql", rows], stderr=subprocess.PIPE, text=True
        ) as process:
            redis_servers.until(lambda: creators(rows) == ["a"])
            (tmp_path / "backup").replace(path)
            assert process.wait(servers.PATIENCE) == 5
            assert process.stderr is not None
            assert "is no longer the file that was opened" in process.stderr.read()
        record(url, "b")
        done = command("--db", url, "project", "--once", "--sql", rows)
        assert done.returncode == 0, done.stderr
        assert creators(rows) == ["a", "b"]


def head(path: Path) -> int:
    try:
        with open_reader(f"sqlite:///{path}") as reader:
            return reader.head()
    except StoreError:
        return -1


def record(url: str, *names: str) -> None:
    with open_log(url, create=True) as log:
        log.append([Envelope("s", f"e-{n}", n, 1, CreatorEnrolled()) for n in names])


def creators(url: str) -> list[str]:
    try:
        with closing(open_sql(url)) as target:
            return target.creators(1)
    except StoreError:
        return []


FOLLOW = """
import os, sys
import ledger.log.sqlite.reads  # before the rights are given up, where its files may be hidden
from ledger.log.port import open_reader
if os.geteuid() == 0:
    os.setgroups([]); os.setgid({nobody}); os.setuid({nobody})
with open_reader({url!r}) as log:
    while True:
        print(log.head(), len(log.stream("mei")), flush=True)
        if not sys.stdin.readline():
            break
"""


def test_who_may_not_write_beside_a_ledger_sees_what_comes_later() -> None:
    with servers.temporary_home("followed-") as home:
        path = home / "l.db"
        url = f"sqlite:///{path}"
        open_log(url, create=True).close()
        path.chmod(0o644)
        code = FOLLOW.format(url=url, nobody=servers.NOBODY)
        home.chmod(0o555)
        with subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        ) as process:  # fmt: skip
            assert process.stdin is not None
            assert process.stdout is not None
            seen = [process.stdout.readline()]
            for n in range(1, 4):
                home.chmod(0o755)
                with open_log(url) as log:
                    log.append([fact(n)])
                    home.chmod(0o555)
                    if n == 2:  # while its owner has it open
                        process.stdin.write("\n")
                        seen.append(process.stdout.readline())
                    home.chmod(0o755)
                home.chmod(0o555)
                process.stdin.write("\n")
                seen.append(process.stdout.readline())
            process.stdin.close()
        home.chmod(0o755)
    assert seen == ["0 0\n", "1 1\n", "2 2\n", "2 2\n", "3 3\n"]


@pytest.mark.parametrize("make", [open_log, open_sql], ids=["ledger", "rows"])
@pytest.mark.parametrize(
    "url",
    [
        "x%00.db",
        "x%FF.db",
        "x#y.db",
        "x?y.db",
        "x?mode=rw&y",
        "%00",
        "x" * 300,
        "x" * 5000,
        "x/y/z",
    ],
)
def test_a_path_that_cannot_be_is_refused(
    make: Callable[..., object], url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError):
        make(f"sqlite:///{url}", **({"create": True} if make is open_log else {}))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [":memory:", "a\nb", "-", "%2Fx", " "])
def test_a_path_that_looks_like_something_else_is_a_path(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{name.replace('%', '%25')}"
    with open_log(url, create=True) as log:
        log.append([fact(1)])
    with open_reader(url) as reader:
        assert reader.head() == 1
    assert (tmp_path / name).exists()


ROUNDS, CROWD = 40, 8


def crowd(folder: Path, gate: object, sayings: object) -> None:
    for n in range(ROUNDS):
        gate.wait()  # type: ignore[attr-defined]
        try:
            with open_log(f"sqlite:///{folder}/{n}.db", create=True) as log:
                log.append([fact(os.getpid())])
        except StoreError as error:
            sayings.put(str(error))  # type: ignore[attr-defined]
    sayings.put(None)  # type: ignore[attr-defined]


def test_a_crowd_may_make_a_ledger(tmp_path: Path) -> None:
    processes = multiprocessing.get_context("fork")
    gate, sayings = processes.Barrier(CROWD), processes.Queue()
    open_log(f"sqlite:///{tmp_path}/first.db", create=True).close()
    all_ = [processes.Process(target=crowd, args=(tmp_path, gate, sayings)) for _ in range(CROWD)]
    for one in all_:
        one.start()
    said: list[str] = []
    ended = 0
    while ended < CROWD:
        if (saying := sayings.get(timeout=servers.PATIENCE)) is None:
            ended += 1
        else:
            said.append(saying)
    for one in all_:
        one.join()
    assert said == []
    assert {head(tmp_path / f"{n}.db") for n in range(ROUNDS)} == {CROWD}


TABLE = """
[every]
id = "{id}"
source = "t"
subject = "{creator}"
time = { column = "time" }

[[fact]]
type = "creator_enrolled"
"""


@pytest.mark.parametrize(("shared", "rights"), [("", 0o600), ("1", 0o644)], ids=["ours", "shared"])
def test_files_are_for_their_owner_alone_unless_they_are_shared(
    tmp_path: Path, shared: str, rights: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "f.jsonl").write_text(lines("mei") + "{}\n")
    (given / "t.csv").write_text("id,creator,time\n1,an,2024-07-01T00:00:00Z\n2,,\n")
    (given / "t.toml").write_text(TABLE)
    made = tmp_path / "made"
    made.mkdir()
    monkeypatch.chdir(made)
    monkeypatch.setenv("PENALTY_LEDGER_SHARED", shared)
    url, rows = "sqlite:///l.db", "sqlite:///rows.db"
    umask = os.umask(0o022)
    try:
        with open_log(url, create=True), open_sql(rows):  # the -wal and -shm beside them too
            for code, *arguments in (
                (1, "import", "--rejects", "r", "../given/f.jsonl"),
                (1, "import", "--mapping", "../given/t.toml", "--rejects", "t", "../given/t.csv"),
                (0, "project", "--once", "--sql", rows),
                (0, "export", "-o", "export.jsonl"),
            ):
                done = command("--db", url, *arguments)
                assert done.returncode == code, done.stderr
            found = {p.name: stat.S_IMODE(p.stat().st_mode) for p in made.iterdir()}
    finally:
        os.umask(umask)
    beside = {f"{name}{end}" for name in ("l.db", "rows.db") for end in ("", "-wal", "-shm")}
    assert found == dict.fromkeys(beside | {"r", "r.why", "t", "t.why", "export.jsonl"}, rights)


def test_nothing_is_written_through_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted under a name that a file of ours is known to get."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    monkeypatch.chdir(shelf)
    (shelf / "t.csv").write_text("id,creator,time\n1,an,2024-07-01T00:00:00Z\n2,,\n")
    (shelf / "t.toml").write_text(TABLE)
    for name in (f".ex.jsonl.{os.getpid()}", "r.new", "r", "r.why"):
        (shelf / name).symlink_to(victim if name != "r" else tmp_path / "none")
    metrics = shelf / "metrics"
    (shelf / f"metrics.{os.getpid()}.{threading.get_ident()}").symlink_to(victim)
    write_drift(str(metrics), "rows", Drift())
    assert "checked" in metrics.read_text()
    assert stat.S_IMODE(metrics.stat().st_mode) == 0o644
    export = shelf / "ex.jsonl"
    url = "sqlite:///l.db"
    imported = command("--db", url, "import", "--mapping", "t.toml", "--rejects", "r", "t.csv")
    assert "Traceback" not in imported.stderr
    assert write_whole(export, ["one"]) == 1
    assert export.read_text() == "one\n"
    assert victim.read_text() == "precious"
    assert not (tmp_path / "none").exists()
