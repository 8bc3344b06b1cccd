"""An import that is killed, at any point: the next one accounts for every line of the file."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ledger.exchange.intake import fingerprint
from ledger.exchange.tally import decode
from ledger.log.port import open_log

from .processes import command

KILLED = Path(__file__).with_name("killed_import.py")
MANY = 100
"""More points than an import of these files has."""
MAPPING = """
[every]
id = "{id}"
source = "s"
subject = "{who}"
time = "{at}"

[[skip]]
when = { kind = "note" }
why = "notes are no facts"

[[fact]]
type = "creator_enrolled"
once_per = "{who}"
id = "{who} enrolled"
time = "2024-07-01T00:00:00Z"

[[fact]]
when = { kind = "claim" }
type = "exam_right_claimed"
"""


def event(id_: str, day: int) -> str:
    said = {"specversion": "1.0", "type": "exam_right_claimed", "source": "s", "id": id_}
    return json.dumps(said | {"subject": "mei", "time": f"2024-07-{day:02}T00:00:00Z"}) + "\n"


def row(id_: str, day: int, kind: str = "claim") -> str:
    return f"{id_},mei,2024-07-{day:02}T00:00:00Z,{kind}\n"


def jsonl(folder: Path) -> tuple[str, ...]:
    """Of each page of 2,000 one line is there already, one contradicts the log, one is none."""
    lines = [event(f"e{n}", 2) for n in range(5_000)]
    for page in range(3):
        lines[2_000 * page + 5] = event("e0", 3)
        lines[2_000 * page + 6] = "{\n"
        lines[2_000 * page + 7] = event("e1", 2)
    (folder / "facts.jsonl").write_text("".join(lines))
    return ("facts.jsonl",)


def table(folder: Path) -> tuple[str, ...]:
    rows = [row(f"e{n}", 2) for n in range(5_000)]
    for page in range(3):
        rows[2_000 * page + 5] = row("e0", 3)
        rows[2_000 * page + 6] = row("x", 2, "clam")
        rows[2_000 * page + 7] = row("e1", 2)
        rows[2_000 * page + 8] = row("x", 2, "note")
    (folder / "facts.csv").write_text("id,who,at,kind\n" + "".join(rows))
    (folder / "mapping.toml").write_text(MAPPING)
    return ("facts.csv", "--mapping", "mapping.toml")


def started(folder: Path) -> Path:
    (folder / "first.jsonl").write_text(event("e0", 2) + event("e1", 2))
    assert program(folder, "first.jsonl").returncode == 0
    return folder


def program(folder: Path, *args: str, point: int = 0) -> "subprocess.CompletedProcess[str]":
    url = f"sqlite:///{folder}/ledger.db"
    run = [sys.executable, str(KILLED), str(point), "--db", url, "import", "--json", *args]
    return subprocess.run(run, cwd=folder, capture_output=True, text=True, check=False)


def account(folder: Path, done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    """What was said, and what was set aside; without what differs from run to run."""
    assert done.returncode == 1, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    outcomes = ("recorded", "already_there", "conflicts", "refused", "withheld")
    assert said["read"] == sum(said[name] for name in outcomes) + sum(said["skipped"].values())
    assert sum(r["count"] for r in said["reasons"]) == said["refused"] + said["conflicts"]
    (rejects,) = folder.glob("facts.*.rejects.*[lv]")
    aside = rejects.read_text().splitlines()
    why = rejects.with_name(rejects.name + ".why").read_text().splitlines()
    headers = rejects.suffix == ".csv"
    assert len(aside) - headers == len(why) - 1 == said["refused"] + said["conflicts"]
    for name in ("import", "resumed_after_line"):
        del said[name]
    return said | {"aside": aside, "why": why[:-1]}


@pytest.mark.parametrize("form", [jsonl, table])
def test_an_import_that_is_killed_at_any_point_accounts_for_every_line(
    form: Any, tmp_path: Path
) -> None:
    folder = started(tmp_path)
    args = form(folder)
    (folder / "whole").mkdir()
    for path in folder.glob("*.*"):
        (folder / "whole" / path.name).write_bytes(path.read_bytes())
    whole = account(folder / "whole", program(folder / "whole", *args))
    assert (whole["conflicts"], whole["refused"]) == (3, 3)
    there = whole["recorded"] + whole["already_there"]
    finished = whole | {"recorded": 0, "already_there": there}  # killed before it could say so
    ledger, resumed = (folder / "ledger.db").read_bytes(), 0
    for point in range(1, MANY):
        for path in folder.glob("*ledger.db*"), folder.glob("facts*.rejects*"):
            for old in path:
                old.unlink()
        (folder / "ledger.db").write_bytes(ledger)
        killed = program(folder, *args, point=point)
        if killed.returncode == 1:
            break
        assert killed.returncode == -9, killed.stderr
        done = program(folder, *args)
        resumed += json.loads(done.stdout)["resumed_after_line"] > 0
        said = account(folder, done)
        assert said == (whole if said["recorded"] else finished), point
    else:
        raise AssertionError("an import has more points than are tried")
    assert resumed > 5
    again = json.loads(program(folder, *args).stdout)
    assert (again["recorded"], again["resumed_after_line"]) == (0, 0)


def test_power_is_lost_as_the_reasons_of_a_later_page_are_written(tmp_path: Path) -> None:
    """Their last line, by which a reject file is known to be one, is then there in part."""
    folder = started(tmp_path)
    args = jsonl(folder)
    why = folder / "facts.jsonl.rejects.jsonl.why"
    kept = 0
    for point in range(1, MANY):
        killed = program(folder, *args, point=point)
        assert killed.returncode == -9, killed.stderr
        with open_log(f"sqlite:///{folder}/ledger.db") as log:
            kept = max((decode(t).aside.why for t in log.imports().values()), default=0)
        if 0 < kept < why.stat().st_size:
            break
        for old in (*folder.glob("ledger.db*"), *folder.glob("facts.jsonl.*")):
            old.unlink()
        started(folder)
    text = why.read_bytes()
    why.write_bytes(text[: kept + 20] + bytes(len(text) - kept - 20))
    assert account(folder, program(folder, *args))["conflicts"] == 3


def test_a_file_that_was_changed_in_its_middle_is_read_again(tmp_path: Path) -> None:
    folder = started(tmp_path)
    file = folder / "facts.jsonl"
    file.write_text("".join(event(f"e{n}", 2) for n in range(2, 9_000)))
    about, size = file.stat(), file.stat().st_size
    killed = program(folder, "facts.jsonl", point=4)  # the second page is committed
    assert killed.returncode == -9
    text = file.read_text()
    for n in (1_400, 1_500, 1_600):
        text = text.replace(f'"id": "e{n}"', f'"id": "x{n}"')
    file.write_text(text)
    os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert file.stat().st_size == size
    done = program(folder, "facts.jsonl")
    assert json.loads(done.stdout)["recorded"] == 8_998 - 4_000 + 3
    with open_log(f"sqlite:///{folder}/ledger.db") as log:
        assert log.imports(fingerprint(file)[0]) == {}, "the lost one is not gone on with"
    exported = command("--db", f"sqlite:///{folder}/ledger.db", "export").stdout
    assert all(f'"id":"x{n}"' in exported for n in (1_400, 1_500, 1_600))
