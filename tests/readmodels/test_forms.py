"""The public forms of rows and changes: schemas, golden lines, and what the document shows."""

import re
from pathlib import Path
from typing import Any

import pytest
from everything import walked
from logs import Clock, carry, events, followed, fresh, opened, population, record
from msgspec import json
from samples import EXAM_FIRST, envelopes, when
from schemas import problems

from ledger.log.port import open_log
from projections.readmodels.derive import make_row
from projections.readmodels.lines import LinesTarget
from projections.readmodels.memory import MemoryTarget
from projections.readmodels.rows import document, stored

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "readmodels" / "exam_first.ndjson"
DOCUMENT = (ROOT / "docs" / "readmodels.md").read_text(encoding="utf-8")
HASH = re.compile(rb'("law":")[0-9a-f]{16}')
"""Of rulebooks and program: another with each version."""


@pytest.fixture
def lines(tmp_path: Path) -> bytes:
    """The published example, followed fact by fact, as lines of JSON."""
    url = fresh(tmp_path / "ledger.db")
    written: list[bytes] = []
    clock = Clock(0)
    with open_log(url) as log, opened(url) as source:
        follower = followed(source, LinesTarget(written.append), clock)
        for e in envelopes(EXAM_FIRST):
            record(log, [[e]])
            clock.now = e.recorded_at
            carry(follower)
        clock.now = when("2024-08-20 00:00")
        carry(follower)
    return HASH.sub(rb"\1", b"".join(written))


def test_the_lines_are_the_golden_ones(lines: bytes) -> None:
    assert lines.decode() == GOLDEN.read_text(encoding="utf-8")


def parsed(lines: bytes, kind: str) -> list[dict[str, Any]]:
    read = [json.decode(line) for line in lines.splitlines()]
    return [line[kind] for line in read if kind in line]


def test_the_row_and_the_change_shown_are_such(lines: bytes) -> None:
    row, change = re.findall(r"^```json\n(.*?)^```", DOCUMENT, re.M | re.S)
    assert json.decode(row) in parsed(lines, "row")
    assert json.decode(change) in parsed(lines, "change")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rows_and_changes_fit_their_schemas(tmp_path: Path, seed: int) -> None:
    url = fresh(tmp_path / "ledger.db")
    target = MemoryTarget()
    with open_log(url) as log, opened(url) as source:
        record(log, population(seed, creators=6, longest=40))
        carry(followed(source, target, Clock(when("2027-01-01"))))
    rows = list(target.rows[1].values())
    assert [problems(json.decode(document(row)), "row") for row in rows] == [[]] * len(rows)
    assert [p for event in events(target.feed) for p in problems(event, "change")] == []
    for row in rows:
        held = stored(document(row))
        kept = row.position, row.as_of, row.next_change_at, row.standing
        assert (held.position, held.as_of, held.next_change_at, held.standing) == kept


def test_rows_fit_their_schema_whatever_a_rulebook_has() -> None:
    rows = [json.decode(document(make_row(walked(seed), position=1))) for seed in range(60)]
    assert [p for row in rows for p in problems(row, "row")] == []
    stops = [stop for row in rows for stop in row["standing"]["stops"]]
    assert {(stop["node"], stop.get("violation", "")) for stop in stops} >= {(None, None)}


def test_what_does_not_fit_is_found(lines: bytes) -> None:
    row, change = parsed(lines, "row")[-1], parsed(lines, "change")[-1]
    assert problems(row | {"as_of": "2024-07-01T00:00:00"}, "row")
    assert problems(row | {"more": 1}, "row")
    assert problems(change | {"type": "other"}, "change")


def test_the_code_shown_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    url = fresh(tmp_path / "mei.db")
    with open_log(url) as log:
        record(log, [envelopes(EXAM_FIRST)])
    contract, carried = re.findall(r"^```python\n(.*?)^```", DOCUMENT, re.M | re.S)
    space: dict[str, Any] = {}
    exec(contract, space)
    assert space["TestMine"].test_rows_and_checkpoint_come_together
    exec(carried, space)
    assert '"score":"10"' in capsys.readouterr().out
