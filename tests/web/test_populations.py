"""Questions about everybody over HTTP: jobs that are begun, looked at, and ended."""

import json
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from population.conftest import invented
from web_served import MEI, filled, served, token

from replay.cli import main
from replay.library import population
from replay.population import needs
from replay.web.access.grants import Role
from replay.web.access.problems import ManyError
from replay.web.jobs import OF_ONE, Job, Jobs
from replay.web.settings import Settings

POPULATIONS = "/api/v1/populations"
AS_OF = "2025-12-31T00:00:00+08:00"
ASKED: dict[str, tuple[dict[str, Any], str]] = {
    "in force": ({}, ""),
    "a figure": ({"set": {"nodes.8.below": 7.5}}, "--set nodes.8.below=7.5"),
    "a scenario, due recoveries": (
        {"scenario": [{"set": {"nodes.8.below": 9}}], "recoveries": "due"},
        "--set nodes.8.below=9 --recoveries due",
    ),
    "swept, of some": (
        {"sweep": {"nodes.8.below": [7, 9, 1]}, "where": ["violations>0"]},
        "--sweep nodes.8.below=7:9:1 --where violations>0",
    ),
    "a sample, one by one": (
        {"sample": 9, "seed": 2, "orders": True, "wrongful": True, "check": 0.5},
        "--sample 9 --seed 2 --orders --wrongful --check 0.5",
    ),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("populations")
    crowd = folder / "crowd.jsonl"
    crowd.write_bytes(invented(60, seed=4))
    return filled(folder, crowd, MEI)


@pytest.fixture(scope="module")
def client(place: str) -> Iterator[httpx.Client]:
    with served(Settings(place)) as client:
        yield client


def ended(client: httpx.Client, where: str, **more: Any) -> dict[str, Any]:
    while (said := client.get(where, **more).json())["state"] in ("waiting", "running"):
        time.sleep(0.05)
    return said


def begun(client: httpx.Client, asked: dict[str, Any], **more: Any) -> str:
    answer = client.post(POPULATIONS, json=asked, **more)
    assert answer.status_code == 202, answer.text
    return answer.headers["Location"]


@pytest.mark.parametrize("name", ASKED)
def test_an_answer_is_that_of_the_command(name: str, client: httpx.Client, place: str) -> None:
    asked, options = ASKED[name]
    said = ended(client, begun(client, asked | {"as_of": AS_OF}))
    assert (said["state"], said["error"]) == ("done", None)
    assert said["done"] == said["total"] == asked.get("sample", 61)
    words = ["--db", place, "population", "--json", "--as-of", AS_OF, *options.split()]
    printed = json.loads(CliRunner().invoke(main, words).stdout)
    assert said["answer"] == printed


def test_who_moved_is_walked_page_by_page(client: httpx.Client, place: str) -> None:
    where = begun(client, {"set": {"nodes.8.below": 10}, "as_of": AS_OF})
    ended(client, where)
    found, url = [], f"{where}/moved?limit=3"
    while url:
        page = client.get(url)
        found += page.json()["moved"]
        following = page.links.get("next", {}).get("url", "")
        url = following and str(page.url.join(following))
    assert found == population(place, set={"nodes.8.below": 10}, as_of=AS_OF).moved()
    assert len(found) > 3


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a figure that is not there": ({"set": {"nodes.8.belo": 7}}, "--set nodes.8.belo=7"),
    "a condition": ({"where": ["colour=red"]}, "--where colour=red"),
    "a feature": ({"where": ["stopped=lives"]}, "--where stopped=lives"),
    "a sweep": ({"sweep": {"nodes.8.below": [9, 7, 1]}}, "--sweep nodes.8.below=9:7:1"),
    "a sweep of too much": ({"sweep": {"nodes.8.below": [0, 9, "0.001"]}},
                            "--sweep nodes.8.below=0:9:0.001"),
    "a rulebook": ({"rulebook": "nonesuch"}, "--rulebook nonesuch"),
    "a name": ({"of": "nonesuch"}, "--of nonesuch"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_refused_before_the_work(
    name: str, client: httpx.Client, place: str
) -> None:
    asked, options = WRONG[name]
    answer = client.post(POPULATIONS, json=asked)
    assert answer.status_code in (404, 409, 422), answer.text
    printed = CliRunner().invoke(main, ["--db", place, "population", *options.split()]).stderr
    assert f"error: {answer.json()['detail']}\n" == printed


def test_where_no_engine_is_installed_it_is_out_of_service(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(needs, "find_spec", lambda name: None)
    answer = client.post(POPULATIONS, json={})
    assert answer.status_code == 503
    assert "pip install" in answer.json()["detail"]


def test_when_all_was_refused_that_can_be_is_told_first(place: str) -> None:
    told: list[int] = []
    population(place, advance=told.append)
    assert told == [0, 61]


def test_the_work_can_be_ended_between_one_rulebook_and_the_next(place: str) -> None:
    told: list[int] = []
    population(place, recoveries="due", sweep={"nodes.8.below": (7, 9, 1)}, advance=told.append)
    assert told == [0, 0, 61]  # recorded recoveries are folded by themselves


def test_the_archive_is_asked_where_there_is_one(place: str, tmp_path: Path) -> None:
    words = ["--db", place, "project", "--parquet", str(tmp_path / "archive"), "--once"]
    assert CliRunner().invoke(main, words).exit_code == 0
    with served(Settings(place, archive=str(tmp_path / "archive"))) as client:
        said = ended(client, begun(client, {"as_of": AS_OF}))
        assert said["answer"] == population(place, as_of=AS_OF).answer
    with served(Settings(place, archive=str(tmp_path / "none"))) as client:
        refused = client.post(POPULATIONS, json={})
        assert (refused.status_code, "none" in refused.text) == (503, True)


def test_a_step_about_one_creators_facts_is_refused(client: httpx.Client) -> None:
    answer = client.post(POPULATIONS, json={"scenario": [{"drop": "e1"}]})
    assert answer.status_code == 422
    assert "drop" in answer.json()["detail"]


def test_what_only_the_work_can_tell_is_told_at_its_end(client: httpx.Client) -> None:
    said = ended(client, begun(client, {"where": ["violations>1000"]}))
    assert (said["state"], said["answer"]) == ("failed", None)
    assert said["error"] == "of 61 creators nobody is violations>1000"


def test_progress_is_told_until_the_end(client: httpx.Client) -> None:
    where = begun(client, {"set": {"nodes.8.below": 6}, "as_of": AS_OF})
    with client.stream("GET", f"{where}/events") as stream:
        told = "".join(stream.iter_text())
    assert re.search(r'event: done\ndata: {"state":"done"}\n\n\Z', told)


def test_a_job_is_its_owners_and_who_moved_is_for_readers(tmp_path: Path, place: str) -> None:
    access = tmp_path / "tokens.db"
    author, auditor = (token(access, role) for role in (Role.RULE_AUTHOR, Role.AUDITOR))
    with served(Settings(place, access=access)) as client:
        where = begun(client, {}, headers=author)
        said = ended(client, where, headers=author)
        assert not re.search(r"c-\d+", json.dumps(said))
        assert client.get(f"{where}/moved", headers=author).status_code == 403
        for method in ("GET", "DELETE"):
            assert client.request(method, where, headers=auditor).status_code == 404
        assert client.delete(where, headers=author).status_code == 204
        assert client.get(where, headers=author).status_code == 404


def begin(jobs: Jobs, question: str, owner: str = "") -> tuple[Job, threading.Event]:
    """A job that goes on until it is told to end, or is cancelled."""
    go = threading.Event()

    def work(job: Job) -> str:
        while not go.wait(0.01):
            job.advance(1)
        return question

    return jobs.begin(owner, question, work), go


def test_a_job_that_is_ended_stops_where_it_is() -> None:
    jobs = Jobs()
    made = [begin(jobs, f"q{n}") for n in range(3)]
    (first, _), (second, go), (third, _) = made
    while not (first.done and second.done):
        time.sleep(0.01)
    assert [job.state for job, _ in made] == ["running", "running", "waiting"]
    jobs.end(third)  # before it has begun
    jobs.end(first)
    assert first.wait(5)
    go.set()
    assert second.wait(5)
    assert [job.state for job, _ in made] == ["cancelled", "done", "cancelled"]
    with pytest.raises(CancelledError):
        first.answer()
    last, _ = begin(jobs, "last")
    jobs.close()  # so that the end of the server does not wait
    assert last.wait(5)


def test_one_asker_has_so_many_jobs_and_the_same_one_when_it_is_sent_twice() -> None:
    jobs = Jobs()
    made = [begin(jobs, f"q{n}") for n in range(OF_ONE)]
    with pytest.raises(ManyError):
        begin(jobs, "one more")
    assert begin(jobs, "q0")[0] is made[0][0]
    other, _ = begin(jobs, "q0", "somebody else")
    assert other is not made[0][0]
    jobs.close()
