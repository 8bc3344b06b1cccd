"""Pages, pictures, bundles and rules over HTTP are those that the commands write."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from samples import EXAM_FIRST, envelopes, store
from web_served import served

from replay.cli import main
from replay.web.settings import Settings

API = "/api/v1"
TIMES = {"as_of": "2024-07-12T20:00:00+08:00", "known_at": "2024-07-13T00:00:00+08:00"}
OPTIONS = ("--as-of", TIMES["as_of"], "--known-at", TIMES["known_at"])


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return store(tmp_path_factory.mktemp("papers"), envelopes(EXAM_FIRST))


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx.Client]:
    with served(Settings(url)) as client:
        yield client


def run(url: str, *words: str) -> str:
    done = CliRunner().invoke(main, ["--db", url, *words])
    assert done.exit_code == 0, done.output
    return done.stdout


PAPERS = {
    "html": ("text/html; charset=utf-8", {"lang": "zh"}, "--lang zh"),
    "svg": ("image/svg+xml", {"since": "2024-07-10"}, "--from 2024-07-10"),
}


@pytest.mark.parametrize("kind", PAPERS)
def test_a_page_and_a_picture_are_those_of_the_command(
    kind: str, client: httpx.Client, url: str, tmp_path: Path
) -> None:
    media, asked, options = PAPERS[kind]
    run(url, "audit", "mei", f"--{kind}", str(tmp_path / "mei"), *options.split(), *OPTIONS)
    path = f"{API}/creators/mei/audit.{kind}"
    answer = client.get(path, params=asked | TIMES)
    assert answer.headers["Content-Type"] == media
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    clock = re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d(:\d\d)?")  # it says when it was printed
    printed = (tmp_path / "mei").read_text("utf-8")
    assert clock.sub("", answer.text) == clock.sub("", printed)
    assert clock.sub("", answer.text) != clock.sub("", client.get(path, params=TIMES).text)


def test_a_bundle_is_that_of_the_command_and_comes_once(
    client: httpx.Client, url: str, tmp_path: Path
) -> None:
    run(url, "export", "--bundle", str(tmp_path / "mei.bundle"), "mei", *OPTIONS)
    path = f"{API}/creators/mei/bundle"
    answer = client.get(path, params=TIMES)
    assert answer.headers["Content-Type"] == "application/jsonl"
    assert answer.content == (tmp_path / "mei.bundle").read_bytes()
    known = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(path, params=TIMES, headers=known).status_code == 304


RULES: dict[str, tuple[str, str]] = {
    "diff": (
        "douyin-creator@2022-02/diff?new=douyin-creator",
        "diff douyin-creator@2022-02 douyin-creator",
    ),
    "history": ("douyin-creator/history", "history douyin-creator"),
    "history since a day": (
        "douyin-creator/history?since=2024-08-01",
        "history douyin-creator --from 2024-08-01",
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_rules_change_as_the_command_says(name: str, client: httpx.Client, url: str) -> None:
    path, words = RULES[name]
    said: dict[str, Any] = json.loads(run(url, "rulebook", *words.split(), "--json"))
    assert client.get(f"{API}/rulebooks/{path}").json() == said


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("creators/nobody/audit.html", 404),
        ("creators/nobody/bundle", 404),
        ("creators/mei/audit.svg?since=2024-07-11&until=2024-07-10", 422),
        ("creators/mei/audit.html?lang=fr", 422),
        ("rulebooks/douyin-creator/diff", 422),
        ("rulebooks/douyin-creator/diff?new=none", 404),
        ("rulebooks/douyin-creator/diff?new=../etc", 422),
        ("rulebooks/none/history", 404),
        ("rulebooks/douyin-creator@2024-07/history", 422),
    ],
)
def test_what_is_not_there_is_refused(client: httpx.Client, path: str, status: int) -> None:
    answer = client.get(f"{API}/{path}")
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
