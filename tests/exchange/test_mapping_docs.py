"""The worked example of docs/mapping.md, as it stands there."""

import io
import json
import re
from pathlib import Path

from ledger.exchange.mapping import load_mapping
from ledger.exchange.tabular import open_table
from ledger.facts.cloudevents import encode

from .program import run

DOCS = Path(__file__).parents[2] / "docs" / "mapping.md"


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


def test_a_misspelt_event_of_the_worked_example_is_refused(tmp_path: Path) -> None:
    (tmp_path / "desk.toml").write_text(block("toml"), encoding="utf-8")
    table = tmp_path / "cases.csv"
    table.write_text(block("csv") + "90,08.07.2024,1,mei,overtuned,,\n", encoding="utf-8")
    mapping = str(tmp_path / "desk.toml")
    done = run(tmp_path / "a.db", "import", str(table), "--mapping", mapping, "--json")
    said = json.loads(done.output)
    assert (done.exit_code, said["recorded"], said["refused"], said["read"]) == (1, 8, 1, 10)
    assert said["skipped"] == {"meetings are no facts": 1}
    (reason,) = said["reasons"]
    assert (reason["line"], reason["found"]) == (8, "event='overtuned'")


def test_the_worked_example_gives_the_facts_it_shows(tmp_path: Path) -> None:
    mapping = tmp_path / "desk.toml"
    mapping.write_text(block("toml"), encoding="utf-8")
    stream = io.BufferedReader(io.BytesIO(block("csv").encode()))  # type: ignore[arg-type]
    _, rows = open_table(stream, "cases.csv", load_mapping(mapping))
    results = list(rows)
    assert [r.refusals for r in results] == [[]] * 6
    facts = [encode(fact) for r in results for fact in r.facts]
    assert facts == block("jsonl").splitlines()
    assert [r.skipped for r in results if r.skipped] == ["meetings are no facts"]
