"""Whatever can be fetched is as the description says, comes once, and page by page."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs  # schemathesis brings it
import pytest
from web_served import MEI, event, filled, served, token

from replay.library import Ledger
from replay.web.access.gate import table
from replay.web.access.grants import Role
from replay.web.api.shapes import schemas
from replay.web.app import bare
from replay.web.openapi import OF_URL, described
from replay.web.settings import Settings

API = "/api/v1"
TIMES = "as_of=2024-08-12T20:00:00%2B08:00&known_at=2100-01-01"
MEIS = f"/creators/mei/{{}}?{TIMES}"
DROPPED = "[{{'drop':'e5'}}]"
FETCHED: dict[str, str] = {
    "/creators": "/creators?limit=2",
    "/standings": f"/standings?limit=2&{TIMES}",
    "/facts": "/facts?limit=2&type=creator_enrolled&type=exam_sat",
    "/rulebooks": "/rulebooks?limit=5",
    "/rulebooks/{label}": "/rulebooks/douyin-creator",
    "/rulebooks/{label}/prose": "/rulebooks/douyin-creator/prose?lang=zh",
    "/rulebooks/{label}/diff": "/rulebooks/douyin-creator@2022-02/diff?new=douyin-creator",
    "/rulebooks/{label}/history": "/rulebooks/douyin-creator/history",
    "/tokens": "/tokens?limit=2",
    "/readings": "/readings?limit=2",
    "/approvals": "/approvals",
    "/openapi.json": "/openapi.json",
    "/populations/{job}": "{job}",
    "/populations/{job}/moved": "{job}/moved?limit=1",
    "/creators/{creator}/facts": "/creators/mei/facts?limit=3",
    "/creators/{creator}/changes": "/creators/mei/changes?limit=2",
    "/creators/{creator}/compare": "/creators/mei/compare?before={recorded}&after={recorded}",
    "/creators/{creator}/statement": f"{MEIS.format('statement')}&sanction=v3",
    "/creators/{creator}/avoid": f"{MEIS.format('avoid')}&target=8",
    "/creators/{creator}/what-if": f"{MEIS.format('what-if')}&every=true&scenario={DROPPED}",
} | {
    f"/creators/{{creator}}/{name}": MEIS.format(name)
    for name in (
        "standing", "audit", "audit.html", "audit.svg", "bundle", "orders", "afford", "wrongful",
        "which-figures",
    )
}  # fmt: skip
"""Each path of a record, as it is asked for."""
DESCRIPTION = described(bare())
COMPONENTS = DESCRIPTION["components"]
PAPERS = ("/audit.html",)
"""They say when they were printed."""


class World:
    def __init__(self, client: httpx.Client, job: str, recorded: str) -> None:
        self.client, self.job, self.recorded = client, job, recorded

    def url(self, path: str) -> str:
        asked = FETCHED[path].format(job=self.job, recorded=self.recorded).replace("'", '"')
        return asked if asked.startswith(API) else API + asked


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    place = tmp_path_factory.mktemp("described")
    url, access = filled(place, MEI), place / "tokens.db"
    with Ledger.open(url) as ledger:
        enrolled = [event(n, f"c-{n}") | {"type": "creator_enrolled"} for n in range(5)]
        ledger.append(enrolled)
        recorded = ledger.facts("mei")[-1]["recordedtime"].replace("+", "%2B")
    first, *_ = [token(access, Role.ADMIN) for _ in range(5)]
    with served(Settings(url, access=access)) as client:
        client.headers.update(first)
        for _ in range(5):
            client.get(f"{API}/creators/mei/standing")
        body = {"set": {"nodes.8.below": 4}, "as_of": "2024-08-06T13:00:00+08:00"}
        job = client.post(f"{API}/populations", json=body).headers["Location"]
        while client.get(job).json()["state"] != "done":
            time.sleep(0.05)
        yield World(client, job, recorded)


def test_every_path_of_a_record_is_here() -> None:
    paths = {path for method, path, _, _ in table(bare()) if method == "GET"}
    records = {path.removeprefix(API) for path in paths if path.startswith(API)}
    assert {path for path in records if not path.endswith("/events")} == set(FETCHED)


@pytest.mark.parametrize("path", FETCHED)
def test_what_is_fetched_is_as_described(world: World, path: str) -> None:
    answer = world.client.get(world.url(path))
    assert answer.status_code == 200, answer.text
    said = DESCRIPTION["paths"][API + path]["get"]["responses"]["200"]
    media = answer.headers["Content-Type"].partition(";")[0]
    assert list(said["content"]) == [media]
    assert {"ETag": True, "Link": "next" in answer.links} == {
        name: name in said["headers"] and name in answer.headers for name in ("ETag", "Link")
    }
    if media != "application/json":
        return
    schema = {"components": closed(COMPONENTS)} | said["content"][media]["schema"]
    problems = [*jsonschema_rs.validator_for(schema).iter_errors(answer.json())]
    assert not problems, problems[:3]


def closed(schema: Any) -> Any:
    """Whatever is not described is refused, so that a test sees what a reader would not be told."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict):
        made.setdefault("additionalProperties", False)
    return made


@pytest.mark.parametrize("path", [path for path in FETCHED if not path.endswith(PAPERS)])
def test_what_is_known_is_not_sent_again(world: World, path: str) -> None:
    first = world.client.get(world.url(path))
    for known in (first.headers["ETag"], f'"x", W/{first.headers["ETag"]}', "*"):
        again = world.client.get(world.url(path), headers={"If-None-Match": known})
        if path != "/readings":  # each of these requests is one
            assert (again.status_code, again.content) == (304, b"")
    other = world.client.get(world.url(path), headers={"If-None-Match": '"x"'})
    assert other.status_code == 200


SHORT = ("/populations/{job}/moved", "/creators/{creator}/changes")
"""One moved, and all facts were learned at once."""
PAGED = [path for path, asked in FETCHED.items() if "limit=" in asked]


@pytest.mark.parametrize("path", PAGED)
def test_links_lead_to_the_end(world: World, path: str) -> None:
    found: list[Any] = []
    url, key = httpx.URL(world.url(path)), path.rpartition("/")[2]
    limit, pages = int(url.params["limit"]), 0
    while True:
        answer = world.client.get(url)
        page = answer.json()
        pages += 1
        assert len(page[key]) <= limit
        found += page[key]
        assert ("next" in answer.links) == (page["next"] is not None)
        if page["next"] is None:
            break
        url = answer.url.join(answer.links["next"]["url"])
    whole = world.client.get(httpx.URL(world.url(path)).copy_merge_params({"limit": 200})).json()
    assert found == whole[key]
    assert whole["next"] is None
    assert (pages > 1) == (path not in SHORT)


def test_every_answer_in_json_has_a_schema_of_its_own() -> None:
    said, components = schemas()
    for path, operations in DESCRIPTION["paths"].items():
        for operation in operations.values():
            name = operation["operationId"].removesuffix(OF_URL)
            answers = [r for s, r in operation["responses"].items() if s < "300"]
            if any("application/json" in answer.get("content", {}) for answer in answers):
                assert name in said, path
    bodies = COMPONENTS["schemas"].keys() - components.keys()
    assert {"Supposed", "Comparison", "Asked", "Wanted"} <= bodies  # of requests, by other names
