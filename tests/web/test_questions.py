"""Questions that a URL carries: what they answer is what the commands print."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from samples import APPEAL_FIRST, envelopes, store
from web_served import served

from replay.cli import main
from replay.web.settings import Settings

API = "/api/v1"
TIMES = {"as_of": "2024-07-12T20:00:00+08:00", "known_at": "2024-07-13T00:00:00+08:00"}
OPTIONS = ("--as-of", TIMES["as_of"], "--known-at", TIMES["known_at"])


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return store(tmp_path_factory.mktemp("questions"), envelopes(APPEAL_FIRST))


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx.Client]:
    with served(Settings(url)) as client:
        yield client


def printed(url: str, *words: str) -> dict[str, Any]:
    """What the command says, but for when it does."""
    done = CliRunner().invoke(main, ["--db", url, *words, "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    return {key: said[key] for key in said if key not in ("printed_at", "log_position")}


STEPS = [{"move": "e3", "to": "2024-07-10 10:00"}]
LINKED: dict[str, tuple[dict[str, Any], str]] = {
    "what-if": ({}, ""),
    "orders": ({"among": ["e5", '{"type":"exam_sat"}']}, "--orders --among e5 --among e6"),
    "avoid": ({"target": "8.product_sharing"}, "--avoid 8.product_sharing"),
    "afford": ({}, "--afford"),
    "wrongful": ({}, "--wrongful"),
    "which-figures": ({}, "--which-figures"),
}


@pytest.mark.parametrize("name", LINKED)
def test_a_question_in_the_url_is_that_of_the_body_and_of_the_command(
    name: str, client: httpx.Client, url: str
) -> None:
    asked, options = LINKED[name]
    path = f"{API}/creators/mei/{name}"
    linked = client.get(path, params={"scenario": json.dumps(STEPS)} | asked | TIMES)
    moved = ("--move", f"e3={STEPS[0]['to']}")
    assert linked.json() == printed(url, "what-if", "mei", *moved, *options.split(), *OPTIONS)
    body: dict[str, Any] = {"scenario": STEPS} | asked | TIMES
    if "among" in body:
        body["among"] = ["e5", {"type": "exam_sat"}]
    assert client.post(path, json=body).content == linked.content


def test_rulings_that_are_the_same_are_asked_for(client: httpx.Client) -> None:
    path = f"{API}/creators/mei/what-if"
    some, every = (
        client.get(path, params={"every": every} | TIMES).json()["rulings"]
        for every in (False, True)
    )
    assert (len(some), len(every)) == (0, 6)


CHOSEN: dict[str, tuple[dict[str, Any], str]] = {
    "all": ({}, ""),
    "the last": ({"last": 2}, "--last 2"),
    "of a time": (
        {"since": "2024-07-10", "until": "2024-07-10T12:00:00+08:00"},
        "--from 2024-07-10 --to 2024-07-10T12:00:00+08:00",
    ),
    "about a violation": (
        {"violation": "v1", "only_changes": True},
        "--violation v1 --only-changes",
    ),
}


@pytest.mark.parametrize("name", CHOSEN)
def test_rulings_are_chosen_as_the_command_does(name: str, client: httpx.Client, url: str) -> None:
    chosen, options = CHOSEN[name]
    answer = client.get(f"{API}/creators/mei/audit", params=chosen | TIMES)
    assert answer.json() == printed(url, "audit", "mei", *options.split(), *OPTIONS)


def test_a_day_is_compared_with_now(client: httpx.Client, url: str) -> None:
    answer = client.get(f"{API}/creators/mei/compare", params={"at_day": "2024-07-10"}).json()
    command = printed(url, "audit", "mei", "--at-day", "2024-07-10")
    assert answer["now"].pop("known_at")[:10] == command["now"].pop("known_at")[:10]
    assert answer == command
