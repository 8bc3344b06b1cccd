"""Many writers, killed writers, lost answers: nothing answered for is lost or counted twice."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import Store
from proxy import Proxy
from servers import Postgres
from writer import at, fact

from ledger.errors import ConflictError, StoreError
from ledger.log.port import Log, open_log
from ledger.log.postgres import recorder

WRITER = Path(__file__).with_name("writer.py")
WRITERS, FACTS, PAGE = 4, 300, 5


def start(store_url: str, name: str, count: int, page: int, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, WRITER, store_url, name, str(count), str(page), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> list[str]:
    """The ids it was answered for."""
    with process:
        assert process.stdout is not None
        said = process.stdout.read()
    return said[: said.rfind("\n") + 1].split()


class TestManyWriters:
    def test_a_reader_passes_over_nothing(self, store: Store) -> None:
        writers = [start(store.url, str(n), FACTS, PAGE) for n in range(WRITERS)]
        seen: list[tuple[str, str]] = []
        end = time.monotonic() + 60
        with open_log(store.url) as log:
            position = 0
            while len(seen) < WRITERS * FACTS and time.monotonic() < end:
                page = log.after(position, 7)
                seen += [(e.source, e.id) for e in page]
                position = page[-1].position if page else position
            acked = [finish(writer) for writer in writers]
            assert [writer.returncode for writer in writers] == [0] * WRITERS
            assert [len(ids) for ids in acked] == [FACTS] * WRITERS
            assert sorted(set(seen)) == sorted(seen)
            assert seen == [(e.source, e.id) for e in log.after(0, 10_000)]
            for subject in log.subjects():
                versions = [e.version for e in log.stream(subject)]
                assert versions == list(range(1, len(versions) + 1))

    def test_threads_may_share_a_log(self, log: Log) -> None:
        def work(name: int) -> None:
            for n in range(40):
                with suppress(ConflictError):
                    log.append([fact("same", n, "c")], expected_version=n % 5)
                log.append([fact(str(name), n, "c")])

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))
        stream = log.stream("c")
        assert [e.version for e in stream] == list(range(1, len(stream) + 1))
        assert len({(e.source, e.id) for e in stream}) == len(stream) >= 160

    def test_processes_may_create_it_together(self, tmp_path: Path, store: Store) -> None:
        for round_ in range(3):
            url = f"sqlite:///{tmp_path}/new-{round_}.db"
            if store.name == "postgresql":
                store.sql(f"CREATE SCHEMA new_{round_}")
                url = f"{store.url}?options=-csearch_path%3Dnew_{round_}"
            writers = [start(url, str(n), 2, 1) for n in range(3)]
            assert [finish(writer) for writer in writers] == [["e0", "e1"]] * 3
            with open_log(url) as log:
                assert log.head() == 6


class TestKilledWriters:
    def test_killed_between_writing_and_committing_nothing_of_the_page_is_there(
        self, store: Store
    ) -> None:
        writer = start(store.url, "w", 20, 10, "die")
        assert finish(writer) == [f"e{n}" for n in range(10)]
        assert writer.returncode == -9
        with open_log(store.url) as log:
            assert [e.id for e in log.after(0)] == [f"e{n}" for n in range(10)]
            assert log.imports() == {"w": "10"}
            receipts = log.append([fact("w", n) for n in range(20)])
            assert [r.status for r in receipts] == ["duplicate"] * 10 + ["recorded"] * 10
            assert len(store.sql("SELECT * FROM fact_keys")) == 20

    def test_killed_at_any_moment_all_that_was_answered_is_there_once(self, store: Store) -> None:
        answered = 0
        for round_ in range(6):
            writer = start(store.url, f"w{round_}", 100_000, 3)
            assert writer.stdout is not None
            first = writer.stdout.readline().split()
            time.sleep(0.01 * round_)
            writer.kill()
            acked = first + finish(writer)
            with open_log(store.url) as log:
                there = [e.id for e in log.after(0, 10**6) if e.source == f"writer-w{round_}"]
                assert there[: len(acked)] == acked
                assert len(there) - len(acked) in {0, 3}
                receipts = log.append([fact(f"w{round_}", n) for n in range(len(there) + 1)])
                assert [r.status for r in receipts[:-1]] == ["duplicate"] * len(there)
                assert receipts[-1].status == "recorded"
            answered += len(acked)
        assert answered > 6


class TestLostAnswers:
    """PostgreSQL alone has a network between the program and the commit."""

    @pytest.fixture
    def proxy(self, postgres_server: Postgres) -> Proxy:
        return Proxy(postgres_server.port)

    @pytest.fixture
    def far(self, postgres_url: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> Log:
        monkeypatch.setattr(recorder, "CONNECT_SECONDS", 1)  # less patience than users have
        open_log(postgres_url, create=True).close()
        name = postgres_url.rpartition("/")[2]
        there = postgres_url.rpartition("@")[0]
        return open_log(f"{there}@127.0.0.1:{proxy.port}/{name}?sslmode=disable")

    @pytest.mark.parametrize("delivered", [True, False], ids=["committed", "not committed"])
    def test_a_lost_answer_is_resolved(
        self, far: Log, proxy: Proxy, postgres_url: str, delivered: bool
    ) -> None:
        with proxy, far, open_log(postgres_url) as near:
            far.append([fact("a", 0)])
            proxy.lose_next_commit(delivered=delivered)
            receipts = far.append([fact("a", n) for n in range(3)], progress=at(3))
            assert proxy.lost == 1
            assert [r.status for r in receipts] == ["duplicate", "recorded", "recorded"]
            kept = near.after(0)
            assert [e.id for e in kept] == ["e0", "e1", "e2"]
            assert [r.position for r in receipts] == [e.position for e in kept]
            assert near.imports("file") == {"w": "3"}
            assert far.append([fact("a", 3)])[0].version == near.stream("c3")[0].version

    @pytest.mark.parametrize("delivered", [True, False], ids=["committed", "not committed"])
    def test_one_that_stays_lost_is_told(
        self, far: Log, proxy: Proxy, postgres_url: str, delivered: bool
    ) -> None:
        with proxy, far, open_log(postgres_url) as near:
            proxy.lose_next_commit(delivered=delivered, for_good=True)
            with pytest.raises(StoreError, match="may be recorded: send it again, twice is once"):
                far.append([fact("a", 0)])
            assert near.head() == delivered
            with pytest.raises(StoreError) as known:
                far.append([fact("a", 1)])
            assert "may be recorded" not in str(known.value)
            near.append([fact("a", 0)])
            assert len(near.after(0)) == 1

    def test_a_lost_answer_is_no_conflict_of_versions(
        self, far: Log, proxy: Proxy, postgres_url: str
    ) -> None:
        with proxy, far, open_log(postgres_url) as near:
            proxy.lose_next_commit(delivered=True)
            receipts = far.append([fact("a", 0, "c")], expected_version=0)
            assert (proxy.lost, receipts[0].status, receipts[0].version) == (1, "recorded", 1)
            assert near.head() == 1

    def test_a_fact_that_is_twice_in_a_page_is_recorded_once(self, far: Log, proxy: Proxy) -> None:
        with proxy, far:
            proxy.lose_next_commit(delivered=True)
            receipts = far.append([fact("a", 0), fact("a", 0)])
            assert (proxy.lost, [r.status for r in receipts]) == (1, ["recorded", "duplicate"])

    def test_a_lost_connection_is_made_again_to_read(self, far: Log, proxy: Proxy) -> None:
        with proxy, far:
            far.append([fact("a", 0)])
            proxy.cut()
            assert far.head() == 1
