"""Standings out of a real read model: as a replay says them, whatever became of either."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
import redis_servers
from web_served import ROOT, changed, event, filled, served, token

from replay.library import Ledger
from replay.web.access.grants import Role
from replay.web.access.tokens import Tokens
from replay.web.settings import Limits, Settings

API = "/api/v1"
EXAMPLES = sorted((ROOT / "examples" / "exam-in-place").glob("*.jsonl"))
RACES = ROOT / "examples" / "super-licence"
ROWS, REPLAY = "read model", "replay"
_prefixes = (f"s{n}" for n in count())


def ask(client: httpx.Client, creator: str = "mei", **headers: str) -> httpx.Response:
    return client.get(f"{API}/creators/{creator}/standing", headers=headers)


def source(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return answer.headers["Answered-From"]


def until(client: httpx.Client, wanted: str, creator: str = "mei") -> httpx.Response:
    """The answer as soon as it comes from there."""
    end = time.monotonic() + 20
    while source(answer := ask(client, creator)) != wanted:
        assert time.monotonic() < end, f"waited in vain for the {wanted}"
        time.sleep(0.05)
    return answer


def project(settings: Settings) -> None:
    with Ledger.open(settings.db, rulebooks=settings.rulebooks) as ledger:
        ledger.project(settings.redis, prefix=settings.prefix)


def placed(place: Path, url: str, *files: Path, **more: Any) -> Settings:
    """A ledger of those files, and a read model of it."""
    db = filled(place, *files) if "db" not in more else more.pop("db")
    settings = Settings(db, redis=url, prefix=next(_prefixes), limits=Limits(rate=1e6, burst=10**6))
    settings = changed(settings, **more)
    project(settings)
    return settings


@pytest.fixture
def settings(tmp_path: Path, valkey_url: str) -> Settings:
    return placed(tmp_path, valkey_url, *EXAMPLES)


@pytest.fixture
def client(settings: Settings) -> Iterator[httpx.Client]:
    with served(settings) as client:
        until(client, ROWS)
        yield client


def races(place: Path) -> str:
    """The other example, by rulebooks of its own."""
    url = f"sqlite:///{place}/races.db"
    with Ledger.open(url, rulebooks=RACES / "rulebooks", create=True) as ledger:
        ledger.append((RACES / "races.jsonl").read_text("utf-8").splitlines())
    return url


def assert_as_replayed(client: httpx.Client, creator: str) -> None:
    """By the replay of the same road, and by the whole standing, in whose words it stands."""
    answer = ask(client, creator)
    assert source(answer) == ROWS
    row = answer.json()
    with_time = client.get(f"{API}/creators/{creator}/standing", params={"as_of": "2100-01-01"})
    assert "Answered-From" not in with_time.headers
    now = datetime.now(UTC).isoformat()
    whole = client.get(f"{API}/creators/{creator}/standing", params={"as_of": now}).json()
    standing = row["standing"]
    for name in ("rulebook", "score", "counters", "exam_quota", "money"):
        assert standing[name] == whole[name], name
    running = [each for each in whole["sanctions"] if each["state"] == "running"]
    for stop in running:
        del stop["state"]
    assert standing["stops"] == running
    assert [each["measure"] for each in standing["measures"]] == [
        each["measure"] for each in whole["measures"] if each["state"] == "running"
    ]
    states = [each["state"] for each in whole["violations"]]
    assert standing["violations"] == {
        state: states.count(state) for state in ("standing", "waiting", "void")
    }
    assert [(w["kind"], w["violation"], w["until"]) for w in standing["windows"]] == [
        (w["kind"], w["violation"], w["until"]) for w in whole["windows"]
    ]
    assert (row["creator"], row["parked"], row["stale"]) == (creator, None, False)


def test_every_example_stands_as_replayed(client: httpx.Client, settings: Settings) -> None:
    with Ledger.open(settings.db) as ledger:
        creators = [*ledger.creators()]
    assert len(creators) > 2
    for creator in creators:
        assert_as_replayed(client, creator)


def test_so_it_does_by_rulebooks_of_ones_own(tmp_path: Path, valkey_url: str) -> None:
    own = {"db": races(tmp_path), "rulebooks": (str(RACES / "rulebooks"),)}
    settings = placed(tmp_path, valkey_url, **own)
    with served(settings) as client, Ledger.open(own["db"], rulebooks=RACES / "rulebooks") as log:
        creators = [*log.creators()]
        until(client, ROWS, creators[0])
        for creator in creators[:40]:
            assert_as_replayed(client, creator)
    with served(changed(settings, rulebooks=())) as client:  # others than the rows are by
        time.sleep(1.5)
        assert source(ask(client, creators[0])) == REPLAY


def test_a_replay_answers_with_the_same_bytes(client: httpx.Client, settings: Settings) -> None:
    row = ask(client)
    with served(changed(settings, prefix="nothing-here")) as other:
        replayed = ask(other)
    assert (source(row), source(replayed)) == (ROWS, REPLAY)
    assert row.content == replayed.content
    assert row.headers["ETag"] == replayed.headers["ETag"]
    with Ledger.open(settings.db) as ledger:
        assert row.headers["Log-Position"] == replayed.headers["Log-Position"] == str(ledger.head())
    had = ask(client, **{"If-None-Match": row.headers["ETag"]})
    assert (had.status_code, had.content) == (304, b"")
    assert had.headers["Log-Position"]


def test_who_records_reads_it_at_once(client: httpx.Client, settings: Settings) -> None:
    before = ask(client)
    with Ledger.open(settings.db) as ledger:
        other = next(each for each in ledger.creators() if each != "mei")
    found = event(1, **{"violation": "v9", "category": "spam", "detected_by": "platform_screening"})
    found |= {"type": "violation_found", "time": datetime.now(UTC).isoformat()}
    recorded = client.post(f"{API}/facts", json=found).json()["receipts"][0]["position"]
    after = ask(client)
    assert source(after) == REPLAY
    assert after.json()["position"] == recorded == int(after.headers["Log-Position"])
    assert after.json()["standing"]["violations"]["standing"] == 1
    assert after.headers["ETag"] != before.headers["ETag"]
    assert source(ask(client, other)) == ROWS  # nothing was recorded of others
    project(settings)
    assert until(client, ROWS).content == after.content


def test_what_others_record_is_seen(client: httpx.Client, settings: Settings) -> None:
    with Ledger.open(settings.db) as ledger:
        (receipt,) = ledger.append([event(2)])
    assert until(client, REPLAY).json()["position"] == receipt["position"]
    project(settings)
    assert until(client, ROWS).json()["position"] == receipt["position"]


def test_what_was_recorded_before_the_start_is_seen_too(settings: Settings) -> None:
    with Ledger.open(settings.db) as ledger:
        ledger.append([event(3)])
    with served(settings) as client:
        time.sleep(1.5)
        assert source(ask(client)) == REPLAY  # whose fact it was, nobody has looked
        project(settings)
        until(client, ROWS)


def test_a_row_counts_until_time_changes_it(tmp_path: Path, valkey_url: str) -> None:
    ends = datetime.now(UTC) + timedelta(seconds=4)
    begun = {"time": (ends - timedelta(days=30)).isoformat(), "type": "creator_enrolled"}
    found = event(2, violation="v", category="misleading", detected_by="platform_screening")
    found |= {"time": (ends - timedelta(days=1)).isoformat(), "type": "violation_found"}
    db = filled(tmp_path)
    with Ledger.open(db) as ledger:
        ledger.append([event(1) | begun, found])
    with served(placed(tmp_path, valkey_url, db=db)) as client:
        row = until(client, ROWS).json()
        assert [stop["feature"] for stop in row["standing"]["stops"]] == ["product_sharing"]
        assert datetime.fromisoformat(row["next_change_at"]) == ends
        time.sleep(max((ends - datetime.now(UTC)).total_seconds(), 0) + 0.05)
        after = ask(client)
        assert (source(after), after.json()["standing"]["stops"]) == (REPLAY, [])


def test_nobody_is_there_whom_the_log_does_not_know(client: httpx.Client) -> None:
    said = ask(client, "nobody")
    assert said.status_code == 404
    assert said.json()["detail"] == 'no fact is recorded of a creator "nobody"'


def test_who_has_no_row_yet_is_replayed(client: httpx.Client, settings: Settings) -> None:
    with redis.Redis.from_url(settings.redis) as server:
        server.hdel(f"{{{settings.prefix}:0}}:g1:standing", "mei")
        assert source(ask(client)) == REPLAY
        server.hset(f"{{{settings.prefix}:0}}:g1:standing", "mei", "[]")  # whoever wrote that
        assert source(ask(client)) == REPLAY


def test_who_is_parked_is_refused_as_without(client: httpx.Client, settings: Settings) -> None:
    parked = json.loads(ask(client).content) | {"standing": None, "parked": "it can't be read"}
    with redis.Redis.from_url(settings.redis) as server:
        server.hset(f"{{{settings.prefix}:0}}:g1:standing", "mei", json.dumps(parked))
    assert source(ask(client)) == REPLAY


def test_the_rows_of_another_log_are_not_read(
    tmp_path: Path, settings: Settings, client: httpx.Client
) -> None:
    (tmp_path / "other").mkdir()
    other = filled(tmp_path / "other", EXAMPLES[0], EXAMPLES[1])
    with served(changed(settings, db=other)) as stranger:
        time.sleep(1.5)
        assert source(ask(stranger)) == REPLAY
    assert source(ask(client)) == ROWS


def test_a_rebuilt_read_model_is_read(client: httpx.Client, settings: Settings) -> None:
    with redis.Redis.from_url(settings.redis) as server:
        live = f"{{{settings.prefix}:0}}"
        mark = server.hget(f"{live}:generations", "1")
        row = json.loads(server.hget(f"{live}:g1:standing", "mei"))
        server.hset(f"{live}:g2:standing", "mei", json.dumps(row | {"rebuilt": True}))
        server.hset(f"{live}:generations", "2", mark)
        server.set(f"{live}:live", "2")
        server.unlink(f"{live}:g1:standing")
        assert source(ask(client)) in (ROWS, REPLAY)
        time.sleep(1.5)
        assert source(ask(client)) == ROWS
        assert ask(client).json()["rebuilt"]


def test_without_its_server_standings_are_replayed(tmp_path: Path) -> None:
    with redis_servers.server() as server:
        settings = placed(tmp_path, server.url, *EXAMPLES)
        with served(settings) as client:
            row = until(client, ROWS)
            server.kill()
            answers = [ask(client) for _ in range(5)]
            assert {source(each) for each in answers} == {REPLAY}
            assert {each.content for each in answers} == {row.content}
            server.start()
            project(settings)
            until(client, ROWS)


def test_a_server_that_was_not_there_at_the_start_is_found(tmp_path: Path) -> None:
    with redis_servers.server() as server:
        settings = placed(tmp_path, server.url, *EXAMPLES)
        server.kill()
        with served(settings) as client:
            assert source(ask(client)) == REPLAY
            server.start()
            project(settings)
            until(client, ROWS)


def test_where_the_log_cannot_be_asked_a_row_is_answered_and_marked(
    tmp_path: Path, settings: Settings
) -> None:
    with served(settings) as client:
        row = until(client, ROWS)
        for file in tmp_path.glob("ledger.db*"):
            file.rename(file.with_name(f"away-{file.name}"))
        end = time.monotonic() + 20
        while not (answer := ask(client)).json()["stale"]:
            assert time.monotonic() < end
            time.sleep(0.1)
        assert source(answer) == ROWS
        assert answer.json() | {"stale": False} == row.json()
        assert answer.headers["ETag"] != row.headers["ETag"]
        assert answer.headers["Log-Position"] == row.headers["Log-Position"]
        assert ask(client, "nobody").status_code == 503


def test_a_reader_needs_no_other_rights_than_the_documents_give(tmp_path: Path) -> None:
    with redis_servers.server() as server:
        settings = placed(tmp_path, server.url, *EXAMPLES, prefix="pl")
        rights = "on >secret resetkeys ~{pl:* -@all +@read +@connection"
        server.call("ACL", "SETUSER", "reader", *rights.split())
        own = server.url.replace("//", "//reader:secret@")
        with served(changed(settings, redis=own)) as client:
            until(client, ROWS)


def test_a_cluster_is_read_shard_by_shard(tmp_path: Path) -> None:
    with redis_servers.cluster() as nodes:
        at = nodes[0].url.removeprefix("redis://").removesuffix("/0")
        settings = placed(tmp_path, f"redis+cluster://{at}", *EXAMPLES)
        with served(settings) as client, Ledger.open(settings.db) as ledger:
            until(client, ROWS)
            for creator in ledger.creators():
                assert_as_replayed(client, creator)


def test_the_short_way_lets_nobody_in_who_may_not(tmp_path: Path, settings: Settings) -> None:
    access = tmp_path / "tokens.db"
    own = token(access, Role.CREATOR, "mei")
    others = token(access, Role.CREATOR, "bo")
    author = token(access, Role.RULE_AUTHOR)
    with served(changed(settings, access=access)) as client:
        end = time.monotonic() + 20
        while source(ask(client, **own)) != ROWS:
            assert time.monotonic() < end
        statuses = [ask(client, **each).status_code for each in ({}, others, author, own)]
        assert statuses == [401, 403, 403, 200]
        with Tokens(access) as kept:
            ended = own["Authorization"].split("_")[1]
            kept.revoke(ended)
        said = ask(client, **own)
        assert (said.status_code, said.json()["detail"]) == (
            401,
            "this token was revoked: ask for another",
        )


def test_every_reading_by_staff_is_noted_before_it_is_answered(
    tmp_path: Path, settings: Settings
) -> None:
    access = tmp_path / "tokens.db"
    auditor = token(access, Role.AUDITOR) | {"Purpose": "complaint 17"}
    own = token(access, Role.CREATOR, "mei")
    with served(changed(settings, access=access)) as client, Tokens(access) as kept:
        end = time.monotonic() + 20
        while source(ask(client, **own)) != ROWS:
            assert time.monotonic() < end
        ask(client, **auditor)  # the first use of a token goes the long way
        before = len(kept.readings("mei", limit=1000))
        with ThreadPoolExecutor(16) as many:
            answers = [*many.map(lambda _: ask(client, **auditor), range(100))]
            assert {source(each) for each in answers} == {ROWS}
        noted = kept.readings("mei", limit=1000)[before:]
        assert len(noted) == 100
        assert {(each.role, each.route, each.purpose) for each in noted} == {
            ("auditor", "standing", "complaint 17")
        }
        ask(client, **own)
        assert len(kept.readings("mei", limit=1000)) == before + 100
