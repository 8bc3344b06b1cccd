"""`record` takes one fact, `export` gives the log back."""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from ledger.exchange.export import lines
from ledger.log.port import open_log

from .program import line, run

ENROL = ("record", "creator_enrolled", "--subject", "mei", "--id", "1",
         "--time", "2024-07-08T00:00:00+08:00")  # fmt: skip


def test_one_fact_is_recorded_once(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    first, again = run(db, *ENROL), run(db, *ENROL)
    assert first.output == "recorded at position 1, version 1 of mei\n"
    assert again.output == "already recorded at position 1, version 1 of mei\n"
    assert (first.exit_code, again.exit_code) == (0, 0)


def test_the_receipt_as_json(tmp_path: Path) -> None:
    result = run(tmp_path / "a.db", *ENROL, "--json")
    assert json.loads(result.output) == {"status": "recorded", "position": 1, "version": 1}


def test_one_line_from_standard_input(tmp_path: Path) -> None:
    result = run(tmp_path / "a.db", "record", "-", stdin=line("9"))
    assert result.output == "recorded at position 1, version 1 of mei\n"


@pytest.mark.parametrize("text", [b"\xff", b"\xff\xfe{", b"", b"\0", line("9").encode("utf-16")])
def test_what_is_no_line_from_standard_input_is_one_sentence(tmp_path: Path, text: bytes) -> None:
    result = run(tmp_path / "a.db", "record", "-", stdin=text)
    assert result.exit_code == 3
    assert result.output.startswith("error: standard input, fact: found ")
    assert not (tmp_path / "a.db").exists()


def test_other_content_under_the_same_id_ends_with_6(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    run(db, *ENROL)
    result = run(db, *ENROL, "--data", '{"level":4}')
    assert result.exit_code == 6
    assert result.output.startswith("error: source 'urn:penalty-ledger:cli' and id '1' are those")


def test_an_expected_version_that_is_not_there_ends_with_6(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    assert run(db, *ENROL, "--expect-version", "0").exit_code == 0
    late = run(db, "record", "-", "--expect-version", "0", stdin=line("2"))
    assert late.exit_code == 6
    assert "is at version 1, not at the expected 0" in late.output
    assert run(db, "record", "-", "--expect-version", "1", stdin=line("2")).exit_code == 0


@pytest.mark.parametrize(
    ("args", "code", "sentence"),
    [
        (("--data", "{"), 3, "error: command line, fact: found malformed JSON"),
        (("--data", '{"level":4.5}'), 3, "error: command line, data.level: found 4.5"),
        (
            ("--data", '{"lev":4}'),
            3,
            "error: command line, data.lev: found the field; wanted level",
        ),
        (("--data", '{},"subject":"bo"'), 3, "error: command line, subject: found the key twice"),
        (("--time", "2024-07-08"), 3, "error: command line, time: found"),
        (("--id", "\u202e1"), 3, "error: command line, id: found"),
    ],
)
def test_a_wrong_fact_is_one_sentence_and_nothing_is_written(
    tmp_path: Path, args: tuple[str, ...], code: int, sentence: str
) -> None:
    result = run(tmp_path / "a.db", *ENROL, *args)
    assert (result.exit_code, result.output[: len(sentence)]) == (code, sentence)
    assert not (tmp_path / "a.db").exists()


def test_a_missing_option_ends_with_2(tmp_path: Path) -> None:
    result = run(tmp_path / "a.db", *ENROL[:-2])
    assert result.exit_code == 2
    assert "Missing option '--time'" in result.output


def test_an_export_gives_the_same_log_again(tmp_path: Path) -> None:
    facts = "".join(line(str(n), subject=f"c{n % 3}") for n in range(20))
    run(tmp_path / "a.db", "import", "-", stdin=facts)
    file = tmp_path / "all.jsonl"
    assert run(tmp_path / "a.db", "export", "-o", str(file)).exit_code == 0
    run(tmp_path / "b.db", "import", str(file), "--trust-recorded-times")
    first, second = (run(tmp_path / db, "export").output for db in ("a.db", "b.db"))
    assert first == second == file.read_text()
    assert [json.loads(text)["id"] for text in first.splitlines()] == [str(n) for n in range(20)]
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_an_export_of_one_creator_or_of_what_is_new(tmp_path: Path) -> None:
    facts = "".join(line(str(n), subject=f"c{n % 3}") for n in range(20))
    run(tmp_path / "a.db", "import", "-", stdin=facts)
    one = run(tmp_path / "a.db", "export", "--subject", "c1", "--after", "5").output
    assert [json.loads(text)["id"] for text in one.splitlines()] == ["7", "10", "13", "16", "19"]
    new = run(tmp_path / "a.db", "export", "--after", "18").output
    assert [json.loads(text)["id"] for text in new.splitlines()] == ["18", "19"]


def test_an_export_ends_where_the_log_ended_when_it_began(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    run(db, *ENROL)
    with open_log(f"sqlite:///{db}") as log:
        run(db, "record", "-", stdin=line("2"))
        grown = SimpleNamespace(head=lambda: 1, after=log.after)
        assert len(list(lines(grown, None, 0))) == 1  # type: ignore[arg-type]
    assert len(run(db, "export").output.splitlines()) == 2


def test_an_export_that_can_not_be_written_ends_with_3(tmp_path: Path) -> None:
    run(tmp_path / "a.db", *ENROL)
    result = run(tmp_path / "a.db", "export", "-o", str(tmp_path / "none" / "x.jsonl"))
    assert result.exit_code == 3
    assert "can't be written" in result.output


def test_an_export_never_takes_the_place_of_a_store_or_a_device(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    run(db, *ENROL)
    kept = db.read_bytes()
    os.mkfifo(tmp_path / "pipe")
    for target in (str(db), str(tmp_path / "pipe"), str(tmp_path)):
        result = run(db, "export", "-o", target)
        assert (result.exit_code, "can't be written: it is" in result.output) == (3, True)
    assert db.read_bytes() == kept
    assert (tmp_path / "pipe").is_fifo()


def test_an_export_to_a_dash_is_one_to_standard_output(tmp_path: Path) -> None:
    run(tmp_path / "a.db", *ENROL)
    result = run(tmp_path / "a.db", "export", "-o", "-")
    assert json.loads(result.output)["id"] == "1"


def test_an_export_of_no_store_ends_with_5(tmp_path: Path) -> None:
    assert run(tmp_path / "none.db", "export").exit_code == 5
