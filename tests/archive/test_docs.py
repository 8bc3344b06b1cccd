"""What docs/archive.md shows is run, and it describes every column."""

import re
import shutil
from pathlib import Path

import documents
import pytest

from projections.archive.schema import DETAILS, FACTS, PLACE

TEXT = (documents.DOCS / "archive.md").read_text(encoding="utf-8")


def test_the_examples_print_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(documents.DOCS.parent / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    assert len(documents.blocks(TEXT)) == 5
    documents.run(TEXT, "archive.md")


def test_every_column_of_facts_is_described() -> None:
    rows = re.findall(r"^\| (`.*?) \| ([\w, µ]+) \|", TEXT, re.M)
    said = {name for names, _ in rows for name in re.findall(r"`(\w+)`", names)}
    more = {"attributes", "retraction", "retracts"}
    assert said == {*FACTS.names, *more, PLACE.name}
    assert more <= set(DETAILS.names)
