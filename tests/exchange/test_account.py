"""The account of an import: every line has its place, and what was not taken says why."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from .program import line, run
from .tables import AT, FOUND, HEADER, written

FOUND_V = {"violation": "v", "category": "spam", "detected_by": "other"}
FUTURE = 30 * 366 * 86_400 * 10**9


def put(folder: Path, *lines: str, name: str = "facts.jsonl") -> str:
    path = folder / name
    path.write_text("".join(lines), encoding="utf-8")
    return str(path)


def said(folder: Path, *args: str) -> dict[str, Any]:
    result = run(folder / "a.db", "import", "--json", *args)
    answer: dict[str, Any] = json.loads(result.stdout)
    taken = ("recorded", "already_there", "conflicts", "refused", "withheld")
    assert answer["read"] == sum(answer[n] for n in taken) + sum(answer["skipped"].values())
    assert (result.exit_code == 0) == (not answer["refused"] and not answer["conflicts"])
    return answer


@pytest.mark.parametrize(
    ("other", "field", "found", "wanted"),
    [
        (line("1", subject="bo"), "subject", '"bo"', '"mei"'),
        (line("1", time="2024-07-09T00:00:00Z"), "time", '"2024-07-09T00:00:00Z"', '"2024-07-08'),
        (line("1", "exam_right_claimed"), "type", '"exam_right_claimed"', '"creator_enrolled"'),
        (line("1", level=4), "data.level", "4", "nothing"),
        (
            line("1", subject="bo", reputation="4.7"),
            "subject, data.reputation",
            'subject "bo", data.reputation "4.7"',
            'subject "mei", data.reputation nothing, as the fact at position 1 has',
        ),
    ],
)
def test_a_conflict_names_the_fields_and_both_contents(
    tmp_path: Path, other: str, field: str, found: str, wanted: str
) -> None:
    answer = said(tmp_path, put(tmp_path, line("1"), other))
    (reason,) = answer["reasons"]
    assert (reason["status"], reason["field"], reason["count"]) == ("conflict", field, 1)
    assert (reason["line"], reason["found"]) == (2, found)
    assert reason["wanted"].startswith(wanted)
    recorded = run(tmp_path / "a.db", "record", "-", stdin=other)
    assert recorded.exit_code == 6
    assert f"which differs in {field} (" in recorded.output


def test_reasons_are_counted_by_field_with_their_first_line(tmp_path: Path) -> None:
    bad = [line(str(n), "exam_sat", violation="v", mark="much") for n in range(3)]
    file = put(tmp_path, line("1"), *bad, "{\n", line("1", level=4), line("1", level=5))
    answer = said(tmp_path, file)
    counted = [(r["status"], r["field"], r["count"], r["line"]) for r in answer["reasons"]]
    assert counted == [
        ("refused", "data.mark", 3, 2),
        ("refused", "fact", 1, 5),
        ("conflict", "data.level", 2, 6),
    ]
    told = run(tmp_path / "a.db", "import", file).output
    assert "  3 refused: first facts.jsonl, line 2, data.mark: found" in told
    assert "  2 in conflict: first facts.jsonl, line 6, data.level: found 4; wanted nothing" in told


def test_reasons_without_end_are_counted_together(tmp_path: Path) -> None:
    lines = [line(str(n), **{f"field{n:03}": 1}) for n in range(150)]
    answer = said(tmp_path, put(tmp_path, *lines))
    assert (answer["refused"], len(answer["reasons"])) == (150, 100)
    assert sum(reason["count"] for reason in answer["reasons"]) == 150
    assert answer["reasons"][-1]["field"] == "various"


def test_a_row_that_only_a_once_per_fact_takes_is_refused(tmp_path: Path) -> None:
    enrolled = '[[fact]]\ntype = "creator_enrolled"\nid = "e{who}"\nonce_per = "{who}"\n'
    toml = enrolled + FOUND.replace("type", 'when = { kind = ["found"] }\ntype')
    rows = (f"1,mei,{AT},found,", f"2,bo,{AT},banned,", f"3,mei,{AT},fuond,")
    file = put(tmp_path, "\n".join((HEADER, *rows)) + "\n", name="t.csv")
    answer = said(tmp_path, file, "--mapping", str(written(tmp_path, toml)))
    assert (answer["recorded"], answer["refused"], answer["read"]) == (2, 2, 4)
    (reason,) = answer["reasons"]
    assert (reason["field"], reason["found"]) == ("row", "kind='banned'")
    assert "[[fact]] or [[skip]] of the mapping takes" in reason["wanted"]


def test_rows_of_a_mapping_of_once_per_facts_alone_are_skipped_by_it(tmp_path: Path) -> None:
    enrolled = '[[fact]]\ntype = "creator_enrolled"\nid = "e{who}"\nonce_per = "{who}"\n'
    rows = (f"1,mei,{AT},x,", f"2,mei,{AT},x,", f"3,bo,{AT},x,")
    file = put(tmp_path, "\n".join((HEADER, *rows)) + "\n", name="t.csv")
    answer = said(tmp_path, file, "--mapping", str(written(tmp_path, enrolled)))
    assert (answer["recorded"], answer["read"]) == (2, 3)
    assert answer["skipped"] == {"once_per '{who}', given before": 1}


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    file = put(tmp_path, line("1"), line("1"), line("1", level=4), "{\n", line("2"))
    before = {path.name for path in tmp_path.iterdir()}
    tried = said(tmp_path, file, "--dry-run")
    assert {path.name for path in tmp_path.iterdir()} == before
    done = said(tmp_path, file)
    own = {"import": None, "dry_run": True, "rejects": None}
    assert tried == done | own
    assert (tried["recorded"], tried["conflicts"], tried["refused"]) == (2, 1, 1)
    export = run(tmp_path / "a.db", "export").output
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    more = put(tmp_path, line("2", level=3), line("3"), name="more.jsonl")
    tried = said(tmp_path, more, "--dry-run")
    assert (tried["recorded"], tried["conflicts"]) == (1, 1)
    assert run(tmp_path / "a.db", "export").output == export
    assert {path.name for path in tmp_path.iterdir()} == {*kept, "more.jsonl"}
    assert "more.jsonl: a dry run, nothing is written" in run(
        tmp_path / "a.db", "import", more, "--dry-run"
    ).output  # fmt: skip


@pytest.mark.parametrize("bad", ["{\n", line("0", level=4)], ids=["refused", "conflict"])
def test_all_or_nothing(tmp_path: Path, bad: str) -> None:
    said(tmp_path, put(tmp_path, line("0")))
    good = [line(str(n)) for n in range(5_000)]
    file = put(tmp_path, *good, bad, name="more.jsonl")
    result = run(tmp_path / "a.db", "import", file, "--all-or-nothing")
    assert result.exit_code == 3
    assert "0 recorded, 1 already there, 1 " in result.output
    assert "4,999 held back\n  nothing was recorded: it was to be all or nothing" in result.output
    assert len(run(tmp_path / "a.db", "export").output.splitlines()) == 1
    assert (tmp_path / "more.jsonl.rejects.jsonl").read_text() == bad
    assert said(tmp_path, file, "--all-or-nothing", "--dry-run")["withheld"] == 4_999
    answer = said(tmp_path, put(tmp_path, *good, name="more.jsonl"), "--all-or-nothing")
    assert (answer["recorded"], answer["already_there"], answer["withheld"]) == (4_999, 1, 0)
    assert not (tmp_path / "more.jsonl.rejects.jsonl").exists()


def test_trusted_recorded_times_never_run_back(tmp_path: Path) -> None:
    said(tmp_path, put(tmp_path, line("1", recordedtime="2024-08-05T00:00:00Z")))
    file = put(tmp_path, line("2", recordedtime="2024-08-01T00:00:00Z"), line("3"))
    answer = said(tmp_path, file, "--trust-recorded-times")
    (reason,) = answer["reasons"]
    assert (answer["recorded"], reason["field"]) == (1, "recordedtime")
    assert reason["found"] == '"2024-08-01T00:00:00Z"'
    assert "when the log last recorded: recorded times never run back" in reason["wanted"]
    times = [json.loads(e)["recordedtime"] for e in run(tmp_path / "a.db", "export").output.split()]
    assert times == sorted(times)


def test_a_clock_that_can_not_be_right_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, db = put(tmp_path, line("1")), tmp_path / "a.db"
    now = time.time_ns
    with monkeypatch.context() as ahead:
        ahead.setattr(time, "time_ns", lambda: now() + FUTURE)
        said(tmp_path, file)
    more = put(tmp_path, line("2"), name="more.jsonl")
    for command in (("import", more), ("import", more, "--dry-run"), ("record", "-")):
        refused = run(db, *command, stdin=line("3"))
        assert refused.exit_code == 3
        assert "error: the fact at position 1 was recorded at 20" in refused.output
        assert "--allow-clock" in refused.output
    assert len(run(db, "export").output.splitlines()) == 1
    assert run(db, "import", more, "--allow-clock").exit_code == 0
    assert run(db, "record", "-", "--allow-clock", stdin=line("3")).exit_code == 0
    exported = put(tmp_path, run(db, "export").output, name="all.jsonl")
    again = ("import", exported, "--trust-recorded-times")
    assert run(tmp_path / "b.db", *again).exit_code == 1
    assert run(tmp_path / "c.db", *again, "--allow-clock").exit_code == 0
    assert run(tmp_path / "c.db", "export").output == run(db, "export").output


def test_clocks_of_two_machines_may_differ_a_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time_ns
    with monkeypatch.context() as ahead:
        ahead.setattr(time, "time_ns", lambda: now() + 60 * 10**9)
        said(tmp_path, put(tmp_path, line("1")))
    assert said(tmp_path, put(tmp_path, line("2")))["recorded"] == 1
