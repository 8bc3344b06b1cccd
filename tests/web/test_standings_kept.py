"""Standings where the read model, its server or the log is not as it should be."""

import json
import time
from pathlib import Path

import httpx
import pytest
import redis
import redis_servers
from click.testing import CliRunner
from web_served import changed, filled, served

from replay.cli import main
from replay.library import Ledger
from replay.web import server, standings
from replay.web.settings import Settings

from .rows import (
    EXAMPLES,
    REPLAY,
    ROWS,
    ask,
    assert_as_replayed,
    placed,
    project,
    source,
    until,
)


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
    tmp_path: Path, rows: Settings
) -> None:
    with served(rows) as client:
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


def test_the_rows_of_another_log_are_not_read(
    tmp_path: Path, rows: Settings, reading: httpx.Client
) -> None:
    (tmp_path / "other").mkdir()
    other = filled(tmp_path / "other", EXAMPLES[0], EXAMPLES[1])
    with served(changed(rows, db=other)) as stranger:
        time.sleep(1.5)
        assert source(ask(stranger)) == REPLAY
    assert source(ask(reading)) == ROWS


def test_a_rebuilt_read_model_is_read(reading: httpx.Client, rows: Settings) -> None:
    with redis.Redis.from_url(rows.redis) as server:
        live = f"{{{rows.prefix}:0}}"
        mark = server.hget(f"{live}:generations", "1")
        row = json.loads(server.hget(f"{live}:g1:standing", "mei"))
        server.hset(f"{live}:g2:standing", "mei", json.dumps(row | {"rebuilt": True}))
        server.hset(f"{live}:generations", "2", mark)
        server.set(f"{live}:live", "2")
        server.unlink(f"{live}:g1:standing")
        assert source(ask(reading)) in (ROWS, REPLAY)
        time.sleep(1.5)
        assert source(ask(reading)) == ROWS
        assert ask(reading).json()["rebuilt"]


def test_who_has_no_row_yet_is_replayed(reading: httpx.Client, rows: Settings) -> None:
    with redis.Redis.from_url(rows.redis) as server:
        server.hdel(f"{{{rows.prefix}:0}}:g1:standing", "mei")
        assert source(ask(reading)) == REPLAY
        server.hset(f"{{{rows.prefix}:0}}:g1:standing", "mei", "[]")  # whoever wrote that
        assert source(ask(reading)) == REPLAY


def test_who_is_parked_is_refused_as_without(reading: httpx.Client, rows: Settings) -> None:
    parked = json.loads(ask(reading).content) | {"standing": None, "parked": "it can't be read"}
    with redis.Redis.from_url(rows.redis) as server:
        server.hset(f"{{{rows.prefix}:0}}:g1:standing", "mei", json.dumps(parked))
    assert source(ask(reading)) == REPLAY


def test_where_it_is_read_is_told_as_to_project(
    rows: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Settings] = []
    monkeypatch.setattr(server, "run", lambda app, *_: made.append(app.state.settings))
    words = ["--db", rows.db, "serve"]
    url, prefix = rows.redis, rows.prefix
    for more, env in (
        (["--redis", url, "--prefix", prefix], {}),
        (["--prefix", prefix], {"PENALTY_LEDGER_REDIS": url}),
    ):
        assert CliRunner().invoke(main, [*words, *more], env=env).exit_code == 0
        assert (made[-1].redis, made[-1].prefix) == (url, prefix)
    refused = CliRunner().invoke(main, [*words, "--redis", "http://u:s3cret@x"])
    assert refused.exit_code == 5
    assert "s3cret" not in refused.output


def test_behind_sentinels_too(tmp_path: Path) -> None:
    with redis_servers.server() as primary, redis_servers.sentinel(primary) as watching:
        url = f"redis+sentinel://127.0.0.1:{watching.port}/ours"
        with served(placed(tmp_path, url, *EXAMPLES)) as client:
            until(client, ROWS)


def test_a_look_that_fails_is_no_look(
    reading: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise RuntimeError("a rulebook is gone")

    with monkeypatch.context() as patched:
        patched.setattr(standings, "_foreign", broken)
        until(reading, REPLAY)
    until(reading, ROWS)
