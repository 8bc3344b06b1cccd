"""`project`, `status`, `rebuild` and `check` as people type them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from samples import EXAM_FIRST, envelopes, store

from replay.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"
NOWHERE = {"PENALTY_LEDGER_REDIS": None, "PENALTY_LEDGER_SQL": None}
PROGRAM = Path(sys.executable).parent / "penalty-ledger"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return store(tmp_path, envelopes(EXAM_FIRST))


def run(url: str, *words: str) -> Result:
    return CliRunner().invoke(main, ["--db", url, *words], env=NOWHERE)


@pytest.fixture
def place(tmp_path: Path) -> tuple[str, str]:
    return "--sql", f"sqlite:///{tmp_path}/rows.db"


def test_from_nothing_to_clean(url: str, place: tuple[str, str]) -> None:
    before = run(url, "status", *place)
    assert (before.exit_code, "no read model: `project` makes one" in before.stdout) == (1, True)
    unmade = run(url, "check", "--drift", *place)
    assert unmade.exit_code == 5
    assert "has no live read model: `project` makes one" in unmade.stderr
    assert run(url, "project", "--once", *place).exit_code == 0
    status = json.loads(run(url, "status", "--json", *place).stdout)
    assert (status["live"], status["head"]) == (1, 6)
    (generation,) = status["generations"]
    assert (generation["phase"], generation["position"]) == ("following", 6)
    assert (generation["lag_facts"], generation["parked"]) == (0, {})
    clean = run(url, "check", "--drift", *place)
    assert (clean.exit_code, "1 creators compared, 0 differ" in clean.stdout) == (0, True)


def test_drift_ends_with_1_and_a_repair_with_0(
    url: str, place: tuple[str, str], tmp_path: Path
) -> None:
    import sqlite3

    assert run(url, "project", "--once", *place).exit_code == 0
    with sqlite3.connect(tmp_path / "rows.db") as rows:
        rows.execute("UPDATE score_g1 SET score = 1")
    found = run(url, "check", "--drift", "--json", *place)
    assert found.exit_code == 1
    assert json.loads(found.stdout)["differs"] == {"mei": ["scores"]}
    metrics = tmp_path / "drift.prom"
    repaired = run(url, "check", "--drift", "--repair", "--metrics-file", str(metrics), *place)
    assert (repaired.exit_code, "1 rows written anew" in repaired.stdout) == (0, True)
    assert "penalty_ledger_readmodel_repaired" in metrics.read_text(encoding="utf-8")
    assert run(url, "check", "--drift", *place).exit_code == 0


def test_a_rebuild_is_kept_beside_the_old_one_until_told(url: str, place: tuple[str, str]) -> None:
    assert run(url, "project", "--once", *place).exit_code == 0
    rebuilt = run(url, "rebuild", *place)
    assert (rebuilt.exit_code, "generation 2 is live" in rebuilt.stderr) == (0, True)
    both = json.loads(run(url, "status", "--json", *place).stdout)["generations"]
    assert [(g["number"], g["live"]) for g in both] == [(1, False), (2, True)]
    assert "generation 1 is forgotten" in run(url, "rebuild", "--drop-old", *place).stderr
    (one,) = json.loads(run(url, "status", "--json", *place).stdout)["generations"]
    assert one["number"] == 2


@pytest.mark.parametrize(
    ("files", "rulebooks", "creators"),
    [
        (["exam-in-place/*.jsonl"], None, 4),
        (
            ["super-licence/decisions.csv", "super-licence/races.jsonl"],
            "super-licence/rulebooks",
            36,
        ),
    ],
)
def test_the_examples_are_carried_without_drift(
    tmp_path: Path, place: tuple[str, str], files: list[str], rulebooks: str | None, creators: int
) -> None:
    url, shelf = f"sqlite:///{tmp_path}/ledger.db", []
    if rulebooks is not None:
        shelf = ["--rulebooks", str(EXAMPLES / rulebooks)]
    for file in (file for pattern in files for file in sorted(EXAMPLES.glob(pattern))):
        mapping = (
            ["--mapping", str(file.with_name("mapping.toml"))] if file.suffix == ".csv" else []
        )
        assert run(url, "import", str(file), *mapping).exit_code == 0
    assert run(url, *shelf, "project", "--once", *place).exit_code == 0
    clean = run(url, *shelf, "check", "--drift", *place)
    assert clean.exit_code == 0
    assert f"{creators} creators compared, 0 differ" in clean.stdout


def test_lines_go_to_standard_output(url: str) -> None:
    told = run(url, "project", "--ndjson", "--once")
    assert told.exit_code == 0
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert {key for line in lines for key in line} == {"row", "change", "checkpoint"}
    assert next(line["row"] for line in lines[::-1] if "row" in line)["position"] == 6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("status",), "Name a place: --redis URL"),
        (("status", "--redis", "redis://h", "--sql", "sqlite:///x"), "--redis or --sql, not both"),
        (("check", "--sql", "sqlite:///x"), "Missing option '--drift'"),
        (("check", "--drift", "--sample", "0", "--sql", "sqlite:///x"), "0 is not in the range"),
        (("status", "--sql", "mysql://h/d"), "names no SQL database"),
        (("status", "--redis", "http://h"), "is reached by redis://"),
        (("status", "--redis", "redis://127.0.0.1:1/0"), "127.0.0.1:1"),
        (("status", "--redis", "redis://127.0.0.1:1", "--prefix", "{x}"), "'{x}' is no prefix"),
    ],
)
def test_what_is_wrong_is_said(url: str, words: tuple[str, ...], said: str) -> None:
    result = run(url, *words)
    assert result.exit_code in {2, 5}
    assert said in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("redis", "sql", "words", "ends"),
    [
        (None, "sqlite:///{}/rows.db", (), 1),
        ("redis://127.0.0.1:1", "sqlite:///{}/rows.db", (), 2),
        ("redis://127.0.0.1:1", None, ("--sql", "sqlite:///{}/rows.db"), 1),
        ("redis://127.0.0.1:1", "mysql://h", ("--sql", "sqlite:///{}/rows.db"), 1),
        (None, "sqlite:///{}/rows.db", ("--redis", "redis://127.0.0.1:1"), 5),
    ],
)
def test_the_command_line_goes_before_the_environment(
    url: str, tmp_path: Path, redis: str | None, sql: str | None, words: tuple[str, ...], ends: int
) -> None:
    said = {"PENALTY_LEDGER_REDIS": redis, "PENALTY_LEDGER_SQL": sql and sql.format(tmp_path)}
    command = ["--db", url, "status", *(word.format(tmp_path) for word in words)]
    result = CliRunner().invoke(main, command, env=said)
    assert result.exit_code == ends, result.output
    assert ("no read model: `project` makes one" in result.stdout) == (ends == 1)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def until(true: Any, seconds: float = 30.0) -> Any:
    end = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return value


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_follows_until_it_is_stopped_and_lets_go(
    url: str, place: tuple[str, str], tmp_path: Path, how: signal.Signals
) -> None:
    port = free_port()
    command = [PROGRAM, "--db", url, "project", *place, "--metrics", str(port)]
    env = {k: v for k, v in os.environ.items() if k not in NOWHERE}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env) as process:
        try:

            def gauges() -> str:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=1) as answer:
                        return str(answer.read().decode())
                except OSError:
                    return ""

            until(lambda: 'position{target="sqlite://' in gauges())
            fact = ("--subject", "mei", "--time", "2024-07-13T09:00:00+08:00", "--id", "late")
            recorded = run(url, "record", "profile_changed", "--data", '{"level": 5}', *fact)
            assert recorded.exit_code == 0, recorded.output
            until(lambda: "position{" in gauges() and "} 7.0" in gauges())
        finally:
            process.send_signal(how)
        assert process.wait(20) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    again = run(url, "project", "--once", *place)
    assert (again.exit_code, again.stderr) == (0, "")
