"""`seal`, `prove`, `verify` as people use them."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from replay.cli import main

FACTS = [
    ("creator_enrolled", "mei", "2024-07-08T00:00:00Z", {"level": 4, "reputation": "4.7"}),
    (
        "violation_found",
        "mei",
        "2024-07-10T01:00:00Z",
        {"violation": "v1", "category": "misleading", "detected_by": "other"},
    ),
    ("creator_enrolled", "lin", "2024-07-09T00:00:00Z", {}),
    ("appeal_granted", "mei", "2024-07-12T00:00:00Z", {"violation": "v1"}),
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    lines = [
        json.dumps(
            {
                "specversion": "1.0",
                "type": kind,
                "source": "urn:x",
                "id": f"e{n}",
                "subject": creator,
                "time": at,
                "data": data,
            }
        )
        for n, (kind, creator, at, data) in enumerate(FACTS)
    ]
    (tmp_path / "facts.jsonl").write_text("\n".join(lines) + "\n")
    assert run("import", "facts.jsonl").exit_code == 0
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def key() -> str:
    made = run("seal", "--key", "key", "--new-key", "example.com/ledger")
    assert made.exit_code == 0, made.output
    return made.output.split()[-1]


def test_seal_prove_verify(here: Path) -> None:
    public = key()
    assert (here / "key").stat().st_mode & 0o777 == 0o600
    sealed = run("seal", "--key", "key")
    assert sealed.exit_code == 0, sealed.output
    assert "4 facts sealed in ledger.db.seals" in sealed.output
    proved = run("prove", "mei", "--key", public, "--older", "ledger.db.seals/checkpoint")
    assert proved.exit_code == 0, proved.output
    assert sorted(p.name for p in (here / "mei").iterdir()) == [
        *("1.tlog-proof", "2.tlog-proof", "4.tlog-proof"),
        *("offline.py", "since.tlog-consistency"),
    ]
    assert all(p.stat().st_size < 2048 for p in (here / "mei").glob("*.tlog-proof"))
    sound = run("verify", "--key", public, "--standings")
    assert sound.exit_code == 0, sound.output
    assert "the first 4 facts are those that were sealed" in sound.output
    told = json.loads(run("verify", "--json", "--key", public).output)
    assert (told["sound"], told["facts"], told["sealed"]) == (True, 4, 4)


def test_what_was_changed_with_all_its_hashes_is_found_by_the_seal(here: Path) -> None:
    public = key()
    assert run("seal", "--key", "key", "--no-standings").exit_code == 0
    other = [
        line for line in (here / "facts.jsonl").read_text().splitlines() if "granted" not in line
    ]
    (here / "other.jsonl").write_text("\n".join(other) + "\n")
    assert run("--db", "sqlite:///other.db", "import", "other.jsonl").exit_code == 0
    words = ("--db", "sqlite:///other.db", "verify", "--seals", "ledger.db.seals", "--key", public)
    found = run(*words)
    assert found.exit_code == 5
    assert "seal: position 1: is another one than was sealed" in found.output
    refused = run(
        "--db", "sqlite:///other.db", "seal", "--seals", "ledger.db.seals", "--key", "key"
    )
    assert refused.exit_code == 5


def test_a_program_that_rules_otherwise_is_found_by_the_standings(here: Path) -> None:
    public = key()
    rules = here / "rules" / "douyin-creator"
    rules.mkdir(parents=True)
    assert run("seal", "--key", "key").exit_code == 0
    statement = here / "ledger.db.seals" / "statements" / "4"
    assert "standings 2 " in statement.read_text()
    assert "rulebook douyin-creator@" in statement.read_text()
    from ledger.rulebook.shelf import SHIPPED

    text = (SHIPPED / "douyin-creator" / "2024-09.toml").read_text(encoding="utf-8")
    text = text.replace('version = "2024-09"', 'version = "2024-08"')
    text = text.replace("2024-09-24", "2024-07-09").replace("points = 3", "points = 2")
    (rules / "2024-08.toml").write_text(text)
    found = run("--rulebooks", "rules", "verify", "--key", public, "--standings")
    assert found.exit_code == 5, found.output
    assert "standings: position 4: are others than were sealed (sealed by" in found.output


def test_verify_goes_on_and_names_each_place(here: Path) -> None:
    with closing(sqlite3.connect(here / "ledger.db")) as connection, connection:
        connection.execute("UPDATE stored_events SET topic = 'exam_sat' WHERE rowid = 2")
        connection.execute("UPDATE stored_events SET state = x'00' WHERE rowid = 3")
    found = run("verify")
    assert found.exit_code == 5
    assert "type: position 2, creator 'mei': is called 'exam_sat'" in found.output
    assert "bytes: position 3, creator 'lin': is not as it was recorded" in found.output
    assert "error: 2 places are not as recorded" in found.output
    standing = run("standing", "lin")
    assert standing.exit_code == 5
    assert "the fact at position 3 (creator 'lin', no. 1 of its facts)" in standing.output
    assert run("standing", "mei").exit_code == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("seal",), 2, "--key FILE names the key"),
        (("seal", "--key", "none"), 3, "can't be read"),
        (("seal", "--key", "facts.jsonl"), 3, "this is no private key"),
        (("seal", "--key", "facts.jsonl", "--new-key", "a"), 3, "a key is never written over"),
        (("seal", "--key", "k", "--new-key", "a b"), 3, "names no key"),
        (("prove", "mei", "--key", "x"), 3, "is no key"),
        (("verify", "--standings"), 2, "--standings needs the --key"),
    ],
)
def test_what_is_wrong_is_said(here: Path, words: tuple[str, ...], code: int, said: str) -> None:
    result = run(*words)
    assert result.exit_code == code, result.output
    assert said in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_nothing_sealed_yet(here: Path) -> None:
    public = key()
    for words in (("prove", "mei", "--key", public), ("verify", "--key", public)):
        result = run(*words)
        assert (result.exit_code, "nothing is sealed in" in result.output) == (5, True)
