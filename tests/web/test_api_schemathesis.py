"""The whole API, asked at random by its own description, with authentication."""

import subprocess
import sys
from pathlib import Path

import pytest
from web_served import MEI, filled, served, token

from replay.web.access.grants import Role
from replay.web.settings import Limits, Settings

UNENDING = ("events", "creator_events", "changes_events")
"""Streams, which have tests of their own: an answer of them never ends."""
THERE = """
[parameters]
"path.creator" = "mei"
"path.label" = "douyin-creator"
"path.token" = "none"
"query.scenario" = "[]"
"""
"""Only an answer, not a refusal, shows whether a token was asked for. None is ended: it would be
the one that asks. A scenario in a URL that is too long makes a line of more than 64 KiB, and the
connection may end before its refusal is read; those in bodies are at random."""
PERHAPS = """
[parameters]
"path.creator" = { dictionary = "creators", probability = 0.5 }
"path.label" = { dictionary = "labels", probability = 0.5 }
"path.token" = "none"

[dictionaries]
creators = { values = ["mei"] }
labels = { values = ["douyin-creator", "douyin-creator@2024-07"] }
"""
CONFIG = """
[checks.positive_data_acceptance]
# a time, a scenario, a fact are of more than a schema says
expected-statuses = ["2xx", "3xx", 401, 403, 404, 409, 412, 422]
"""


def schemathesis(
    place: Path, ids: str, *more: str, seconds: float = 280
) -> subprocess.CompletedProcess[str]:
    """What it says of a server of its own."""
    access = place / "tokens.db"
    admin = token(access, Role.ADMIN, seconds=3600)
    (place / "schemathesis.toml").write_text(ids + CONFIG)
    settings = Settings(filled(place, MEI), access=access, limits=Limits(rate=10**6, burst=10**6))
    with served(settings) as client:
        return subprocess.run(
            [
                Path(sys.executable).parent / "schemathesis", "--no-color", "run",
                f"{client.base_url}/api/v1/openapi.json",
                "--header", f"Authorization: {admin['Authorization']}",
                "--checks", "all", "--continue-on-failure", "--request-timeout", "20",
                *(word for name in UNENDING for word in ("--exclude-operation-id", name)),
                *more,
            ],
            cwd=place, capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip


@pytest.mark.timeout(300)
def test_whatever_is_asked_is_answered_as_described(tmp_path: Path) -> None:
    said = schemathesis(
        tmp_path, THERE, "--phases", "fuzzing", "--max-examples", "4", "--seed", "1"
    )
    assert said.returncode == 0, said.stdout + said.stderr
