"""The API: what it answers is what the library answers; what it refuses, and how."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from web_served import MEI, ROOT, event, filled, served, token

from replay.library import Ledger
from replay.web.access.gate import table
from replay.web.access.grants import Role
from replay.web.access.tokens import Tokens
from replay.web.app import PUBLIC, bare
from replay.web.openapi import described
from replay.web.settings import Settings

API = "/api/v1"
AS_OF = "2024-08-06T20:00:00+08:00"
STRANGE = [
    "me/i",
    "a b",
    "..",
    "100%",
    "%2e",
    "创作者",
    "<script>alert(1)</script>",
    "x" * 128,
    "?#",
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    place = tmp_path_factory.mktemp("api")
    url = filled(place, MEI)
    with Ledger.open(url) as ledger:
        ledger.append(
            event(900 + n, subject) | {"type": "creator_enrolled"}
            for n, subject in enumerate(STRANGE)
        )
    return url


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx.Client]:
    with served(Settings(url)) as client:
        yield client


QUESTIONS: dict[str, tuple[str, dict[str, Any], str]] = {
    "standing": ("standing", {}, "standing"),
    "audit": ("audit", {}, "audit"),
    "compare": ("compare", {"before": "RECORDED"}, "compare"),
    "orders": ("orders", {}, "orders"),
    "afford": ("afford", {}, "afford"),
    "wrongful": ("wrongful", {}, "wrongful"),
    "which-figures": ("which-figures", {}, "which_figures"),
    "avoid": ("avoid", {"target": "8"}, "avoid"),
    "what-if": ("what-if", {"scenario": [{"drop": "e5"}]}, "what_if"),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_answer_is_that_of_the_library(name: str, client: httpx.Client, url: str) -> None:
    path, asked, method = QUESTIONS[name]
    times = {"as_of": AS_OF}
    if name == "compare":
        with Ledger.open(url) as ledger:
            asked = {"before": ledger.facts("mei")[-1]["recordedtime"]}
    if name in ("standing", "audit"):
        answer = client.get(f"{API}/creators/mei/{path}", params=times | asked)
    elif name == "compare":
        answer = client.get(f"{API}/creators/mei/compare", params=asked)
        times = {}
    else:
        answer = client.post(f"{API}/creators/mei/{path}", json=times | asked)
    assert answer.status_code == 200, answer.text
    with Ledger.open(url) as ledger:
        ask = getattr(ledger, method)
        if name == "compare":
            said = ask("mei", asked["before"])
        elif name == "avoid":
            said = ask("mei", asked["target"], **times)
        else:
            said = ask("mei", **asked, **times)
    ours, theirs = (json.dumps(view) for view in (answer.json(), said))
    now = re.compile(r'"known_at": "[^"]*"|"recorded_at": "[^"]*"')  # what is known now
    assert now.sub("", ours) == now.sub("", theirs)


@pytest.mark.parametrize("creator", STRANGE)
def test_any_id_can_be_asked_about(creator: str, client: httpx.Client) -> None:
    quoted = "".join(f"%{byte:02X}" for byte in creator.encode())
    answer = client.get(f"{API}/creators/{quoted}/standing")
    assert answer.status_code == 200, answer.text
    assert answer.json()["creator"] == creator
    assert answer.headers["Content-Type"] == "application/json"


WRONG: dict[str, tuple[str, str, Any, int, str]] = {
    "nobody": ("GET", "/creators/nobody/standing", None, 404, "no fact is recorded"),
    "a time that is none": ("GET", "/creators/mei/standing?as_of=noon", None, 422, "an instant"),
    "before anything": ("GET", "/creators/mei/audit?known_at=1999-01-01", None, 404, "nothing was"),
    "no such path": ("GET", "/nothing", None, 404, "Not Found"),
    "no such method": ("DELETE", "/creators/mei/standing", None, 405, "Method"),
    "a file of the server": (
        "POST", "/creators/mei/what-if", {"scenario": "/etc/passwd"}, 422, "list",
    ),
    "a field that is not there": ("POST", "/creators/mei/what-if", {"scenari": []}, 422, "scenari"),
    "an absurd scenario": (
        "POST", "/creators/mei/what-if", {"scenario": [{"drop": "e1", "set": 3}]}, 422, "",
    ),
    "too many steps": (
        "POST", "/creators/mei/what-if", {"scenario": [{"drop": "e1"}] * 51}, 422, "50",
    ),
    "a scenario that is no JSON": (
        "GET", "/creators/mei/what-if?scenario=drop", None, 422, "list of",
    ),
    "deep JSON": ("GET", f"/creators/mei/what-if?scenario={'[' * 5000}", None, 422, "list of"),
    "a stop that is none": ("POST", "/creators/mei/avoid", {"target": "99"}, 422, "99"),
    "no such sanction": ("GET", "/creators/mei/statement?sanction=zz", None, 404, "zz"),
    "a language that is not here": (
        "GET", "/creators/mei/statement?sanction=v3&lang=fr", None, 422, "lang",
    ),
    "both a time and a day": (
        "GET", "/creators/mei/compare?before=2024-08-06&at_day=2024-08-06", None, 422, "leave",
    ),
    "neither a time nor a day": ("GET", "/creators/mei/compare", None, 422, "at_day, a date"),
    "a day that is a time": (
        "GET", "/creators/mei/compare?at_day=2024-08-06T12:00:00Z", None, 422, "at_day",
    ),
    "a violation of nobody": ("GET", "/creators/mei/audit?violation=v9", None, 404, '"v9"'),
    "a time that ends before it begins": (
        "GET", "/creators/mei/audit?since=2024-08-07&until=2024-08-06", None, 422, "nothing lies",
    ),
    "conditions that are none": (
        "GET", "/creators/mei/orders?among={type", None, 422, "is no JSON",
    ),
    "a rulebook that is a path": ("GET", "/rulebooks/..%2F..%2Fetc", None, 404, ""),
    "no such rulebook": ("GET", "/rulebooks/none", None, 404, "none"),
    "no such type of fact": ("GET", "/facts?type=theft", None, 422, "theft"),
    "a condition that is none": ("GET", "/facts?data=category", None, 422, "a=b"),
    "a page that is too long": ("GET", "/creators?limit=100000", None, 422, "200"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_refused_with_a_sentence(name: str, client: httpx.Client) -> None:
    method, path, body, status, said = WRONG[name]
    answer = client.request(method, API + path, json=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "instance"}
    assert problem["status"] == status
    assert said in problem["detail"]


def test_a_path_says_what_it_takes(client: httpx.Client) -> None:
    taken = {"/facts": "GET, POST", "/creators/mei/what-if": "GET, POST", "/creators": "GET"}
    for path, methods in taken.items():
        answer = client.patch(API + path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, methods)


def test_an_answer_that_is_known_is_not_sent_again(client: httpx.Client) -> None:
    path = f"{API}/rulebooks/douyin-creator@2024-07"
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(path, headers={"If-None-Match": '"other"'})
    assert other.content == first.content


def test_pages_are_walked_to_their_end(client: httpx.Client) -> None:
    for path, key in (("/creators", "creators"), ("/standings", "standings")):
        found: list[Any] = []
        after: str | None = ""
        while after is not None:
            page = client.get(f"{API}{path}", params={"after": after, "limit": 3}).json()
            assert len(page[key]) <= 3
            found += page[key]
            after = page["next"]
        ids = [each if isinstance(each, str) else each["creator"] for each in found]
        assert ids == sorted(["mei", *STRANGE])


SEARCHED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "by type": ({"type": ["exam_sat"]}, ["e5"]),
    "by types": ({"type": ["exam_sat", "appeal_lodged"]}, ["e5", "e6"]),
    "by creator and type": ({"creator": "mei", "type": ["creator_enrolled"]}, ["e1"]),
    "by a field": ({"data": ["category=misleading"]}, ["e3"]),
    "by two fields": ({"data": ["category=misleading", "violation=v9"]}, []),
    "by violation": ({"violation": "v3"}, ["e3", "e4", "e5", "e6", "e7"]),
    "by clause": ({"clause": "002 §8"}, ["e5"]),
    "by date": ({"since": "2024-08-06", "until": "2024-08-06T18:00:00+08:00"}, ["e3", "e4", "e5"]),
    "by when it was recorded": ({"recorded_until": "1999-01-01"}, []),
}


@pytest.mark.parametrize("name", SEARCHED)
def test_facts_are_found(name: str, client: httpx.Client) -> None:
    asked, ids = SEARCHED[name]
    found = client.get(f"{API}/facts", params=asked).json()
    assert [one["event"]["id"] for one in found["facts"]] == ids
    assert found["next"] is None


def test_a_search_goes_on_where_it_stopped(client: httpx.Client) -> None:
    found, after = [], 0
    while after is not None:
        page = client.get(f"{API}/facts", params={"after": after, "limit": 2}).json()
        found += [one["position"] for one in page["facts"]]
        after = page["next"]
    assert found == list(range(1, len(found) + 1))


# --- described -----------------------------------------------------------------------------------


def test_the_description_is_the_frozen_one(client: httpx.Client) -> None:
    frozen = json.loads((ROOT / "docs" / "schema" / "openapi.json").read_text("utf-8"))
    assert described(bare()) == frozen, "python -m replay.web.schema > docs/schema/openapi.json"
    assert client.get(f"{API}/openapi.json").json() == frozen
    assert frozen["openapi"].startswith("3.1")


def test_every_operation_has_a_name_of_its_own_and_says_who_may() -> None:
    names = []
    for path, operations in described(bare())["paths"].items():
        for operation in operations.values():
            names.append(operation["operationId"])
            public = operation["operationId"] in PUBLIC
            assert ("x-action" in operation) != public, path
            assert ("security" in operation) != public, path
    assert len(names) == len(set(names)) > 20


def test_the_docs_have_every_route_and_who_may() -> None:
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    for method, path, _, roles in table(bare()):
        if not path.startswith(API):
            continue
        said = ", ".join(roles) or "everybody"
        assert f"| {method} | `{path.removeprefix(API)}` | {said} |" in page, (method, path)


def test_tokens_of_another_file_are_not_known(tmp_path: Path, url: str) -> None:
    foreign = token(tmp_path / "other.db", Role.ADMIN)
    Tokens(tmp_path / "tokens.db", create=True).close()
    with served(Settings(url, access=tmp_path / "tokens.db")) as client:
        assert client.get(f"{API}/creators", headers=foreign).status_code == 401


def test_without_tokens_there_is_nothing_to_list(client: httpx.Client) -> None:
    answer = client.get(f"{API}/tokens")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "there are no tokens here: start it with --access FILE"
