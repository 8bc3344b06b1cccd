"""An import taken back: what it recorded is retracted, what others recorded stays."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import InputError
from ledger.exchange.intake import How, import_jsonl
from ledger.exchange.tally import Tally
from ledger.exchange.undo import look, undo
from ledger.log.port import Log, open_log

from .program import line, run


def put(folder: Path, *lines: str, name: str = "facts.jsonl") -> str:
    (folder / name).write_text("".join(lines), encoding="utf-8")
    return str(folder / name)


def imported(db: Path, *args: str) -> str:
    return str(json.loads(run(db, "import", "--json", *args).output)["import"])


def facts(db: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in run(db, "export").output.splitlines()]


@pytest.fixture
def taken(tmp_path: Path) -> tuple[Path, str]:
    """A ledger with three facts of one import, one of which is retracted, among others."""
    db = tmp_path / "a.db"
    imported(db, put(tmp_path, line("0")))
    id_ = imported(db, put(tmp_path, line("0"), *(line(n, subject=f"c{n}") for n in "123")))
    run(db, "record", "-", stdin=line("r", "fact_retracted", "c1", event="1", reason="wrong"))
    imported(db, put(tmp_path, line("9", subject="c9")))
    return db, id_


def test_an_undo_says_first_what_it_would_change(taken: tuple[Path, str]) -> None:
    db, id_ = taken
    before = facts(db)
    result = run(db, "import", "--undo", id_)
    assert (result.exit_code, result.output.splitlines()) == (
        0,
        [
            f"import {id_} of facts.jsonl recorded 3 facts",
            "  2 facts about 2 creators would be retracted, and their ids stay taken",
            "  1 were retracted before",
            "  nothing was done: --yes does it",
        ],
    )
    assert facts(db) == before


def test_an_undo_retracts_what_its_import_recorded_and_twice_is_once(
    taken: tuple[Path, str],
) -> None:
    db, id_ = taken
    before = len(facts(db))
    done = json.loads(run(db, "import", "--undo", id_, "--yes", "--json").output)
    assert (done["to_retract"], done["retracted_before"], done["done"]) == (2, 1, True)
    new = facts(db)[before:]
    assert [(e["type"], e["subject"], e["data"]["event"]) for e in new] == [
        ("fact_retracted", "c2", "2"),
        ("fact_retracted", "c3", "3"),
    ]
    assert {e["data"]["reason"] for e in new} == {f"import {id_} was undone"}
    again = run(db, "import", "--undo", id_, "--yes")
    assert (again.exit_code, len(facts(db))) == (0, before + 2)
    assert "  nothing is left to take back" in again.output


def test_retractions_of_an_import_stay(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    run(db, "record", "-", stdin=line("0"))
    retraction = line("r", "fact_retracted", event="0", reason="wrong")
    id_ = imported(db, put(tmp_path, line("1"), retraction))
    told = run(db, "import", "--undo", id_, "--yes").output
    assert "  1 facts about 1 creators are retracted now" in told
    assert "  1 are retractions themselves, and stay" in told


def test_what_was_taken_back_is_told_when_it_comes_again(taken: tuple[Path, str]) -> None:
    db, id_ = taken
    run(db, "import", "--undo", id_, "--yes")
    file = put(db.parent, *(line(n, subject=f"c{n}") for n in "239"))
    said = json.loads(run(db, "import", "--json", file).output)
    assert (said["already_there"], said["withdrawn"]) == (3, 2)
    assert "2 of those already there were taken back" in run(db, "import", file).output


@pytest.mark.parametrize(
    ("args", "code", "sentence"),
    [
        (("--undo", "x"), 3, "error: no import of this ledger has the id 'x'; the last are 2"),
        (("--undo", "x", "f.jsonl"), 2, "--undo goes with an import's ID"),
        (("--yes", "f.jsonl"), 2, "--yes goes with --undo"),
    ],
)
def test_a_wrong_undo_is_one_sentence(
    taken: tuple[Path, str], args: tuple[str, ...], code: int, sentence: str
) -> None:
    result = run(taken[0], "import", *args)
    assert (result.exit_code, sentence in result.output) == (code, True)


class LostError(Exception):
    pass


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    kind = request.param
    url = f"sqlite:///{tmp_path}/a.db" if kind == "sqlite" else "postgres_url"
    with open_log(url if kind == "sqlite" else request.getfixturevalue(url), create=True) as opened:
        yield opened


def test_an_import_that_was_lost_is_undone_as_far_as_it_came(tmp_path: Path, log: Log) -> None:
    file = Path(put(tmp_path, *(line(str(n)) for n in range(10))))

    def lost(_done: int, _size: int) -> None:
        raise LostError

    with pytest.raises(LostError):
        import_jsonl(file, log, How(page=4, progress=lost))
    (id_,) = log.imports()
    assert look(log, id_).to_retract == 4
    assert undo(log, id_).to_retract == 4
    tally = import_jsonl(file, log)
    assert (tally.resumed_at, tally.recorded, tally.withdrawn) == (0, 6, 4)
    assert tally.id != id_


def test_of_two_imports_of_one_file_at_once_one_stops(tmp_path: Path, log: Log) -> None:
    lines = [line(str(n)) if n % 3 else "{\n" for n in range(12)]
    file, rejects = Path(put(tmp_path, *lines)), tmp_path / "r"
    other: list[Tally] = []

    def meanwhile(_done: int, _size: int) -> None:
        if not other:
            other.append(import_jsonl(file, log, How(page=4, rejects=rejects)))

    with pytest.raises(InputError, match="is being imported by another as well"):
        import_jsonl(file, log, How(page=4, rejects=rejects, progress=meanwhile))
    assert (other[0].resumed_at, other[0].recorded, other[0].refused) == (4, 8, 4)
    assert (log.head(), rejects.read_text()) == (8, "{\n" * 4)


def test_a_lost_import_of_all_or_nothing_leaves_nothing(tmp_path: Path, log: Log) -> None:
    file = Path(put(tmp_path, *(line(str(n)) for n in range(10)), line("3", level=4)))
    for _ in range(2):
        tally = import_jsonl(file, log, How(page=4, whole=True))
        assert (tally.withheld, tally.conflicts, tally.recorded, tally.id) == (10, 1, 0, "")
        assert (log.head(), log.imports()) == (0, {})
