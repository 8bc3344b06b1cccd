"""Answers out of a real read model, for the modules that ask for standings."""

import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from web_served import ROOT, changed, filled

from replay.library import Ledger
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


def until(
    client: httpx.Client, wanted: str, creator: str = "mei", **headers: str
) -> httpx.Response:
    """The answer as soon as it comes from there."""
    end = time.monotonic() + 20
    while source(answer := ask(client, creator, **headers)) != wanted:
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


def assert_as_replayed(client: httpx.Client, creator: str) -> None:
    """The row says what the whole standing says of what runs and is open."""
    answer = ask(client, creator)
    assert source(answer) == ROWS
    row = answer.json()
    now = {"as_of": datetime.now(UTC).isoformat()}
    replayed = client.get(f"{API}/creators/{creator}/standing", params=now)
    assert "Answered-From" not in replayed.headers
    whole = replayed.json()
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
