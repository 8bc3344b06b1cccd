"""docs/statement.md against the program: its statements, its fields."""

import re
import shlex
from pathlib import Path

import pytest
from exchange.program import run

from replay.statement.reasons import FIELDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "statement.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```sh\n(.*?)\n```\n\n```markdown\n(.*?)^```", PAGE, re.M | re.S)
WHEN = r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?"
NOW = rf"(Recorded: |登记时间：|recorded by |以){WHEN}"
"""What depends on when the example was imported."""


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path, folder = tmp_path_factory.mktemp("f1") / "f1.db", ROOT / "examples" / "super-licence"
    table = str(folder / "decisions.csv"), "--mapping", str(folder / "mapping.toml")
    for arguments in (table, (str(folder / "races.jsonl"),)):
        assert run(path, "import", *arguments).exit_code == 0
    return path


@pytest.mark.parametrize(("command", "shown"), SHOWN)
def test_a_worked_statement_is_what_is_printed(
    command: str, shown: str, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    program, option, url, *rest = shlex.split(command)
    assert (program, option, url) == ("penalty-ledger", "--db", "sqlite:///f1.db")
    done = run(db, *rest)
    assert re.sub(NOW, r"\1", done.output) == re.sub(NOW, r"\1", shown)


def test_both_languages_are_worked() -> None:
    assert len(SHOWN) == 2


def test_every_field_is_described() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE.partition("| field |")[2], re.M)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(FIELDS)
