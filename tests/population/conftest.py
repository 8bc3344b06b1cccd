"""A ledger of invented creators, made once for all tests that only read it."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from replay.cli import main

SCRIPTS = Path(__file__).parents[2] / "scripts"
CREATORS = 120


def invented(creators: int, seed: int) -> bytes:
    """As `scripts/make_history` writes them."""
    sys.path.insert(0, str(SCRIPTS))
    try:
        from history_parts.facts import Rules
        from make_history import history

        from ledger.rulebook.shelf import Shelf
    finally:
        sys.path.remove(str(SCRIPTS))
    rules = Rules.of("douyin-creator", Shelf().versions("douyin-creator"))
    return b"".join(history(rules, creators, seed, 6))


@pytest.fixture(scope="session")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a ledger with everybody, and one creator of another rulebook."""
    folder = tmp_path_factory.mktemp("crowd")
    file = folder / "crowd.jsonl"
    merchant = (
        '{"specversion":"1.0","id":"m","source":"s","subject":"shop","type":"creator_enrolled",'
        '"time":"2024-01-01T00:00:00Z","data":{"rulebook":"douyin-merchant"}}\n'
    )
    file.write_bytes(invented(CREATORS, seed=4) + merchant.encode())
    url = f"sqlite:///{folder}/crowd.db"
    words = ["--db", url, "import", "--trust-recorded-times", str(file)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    return url
