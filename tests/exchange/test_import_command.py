"""`import`: good lines are kept, bad ones set aside, and a lost import goes on."""

import json
from pathlib import Path

import pytest

from ledger.exchange.table_import import import_table
from ledger.log.port import Log, open_log

from .program import line, run
from .tables import AT, FOUND, HEADER, written

BAD = line("2", "exam_sat", violation="v1", mark="much")


def facts_file(folder: Path, *lines: str) -> Path:
    path = folder / "facts.jsonl"
    path.write_text("".join(lines), encoding="utf-8")
    return path


def test_a_clean_file_is_recorded_and_again_changes_nothing(tmp_path: Path) -> None:
    file = str(facts_file(tmp_path, line("1"), line("2", subject="bo")))
    first = run(tmp_path / "a.db", "import", file)
    again = run(tmp_path / "a.db", "import", file, "--json")
    assert first.exit_code == 0
    assert first.output.startswith(f"{file}: 2 recorded\n  import ")
    said = json.loads(again.output)
    assert (again.exit_code, said["recorded"], said["already_there"]) == (0, 0, 2)
    assert said["rejects"] is None


def test_bad_lines_are_set_aside_and_the_rest_kept(tmp_path: Path) -> None:
    file = facts_file(tmp_path, line("1"), BAD, "{not json\n", line("3", subject="bo"))
    result = run(tmp_path / "a.db", "import", str(file))
    assert result.exit_code == 1
    assert "2 recorded, 2 refused" in result.output
    assert "facts.jsonl, line 2, data.mark: found" in result.output
    rejects = tmp_path / "facts.jsonl.rejects.jsonl"
    assert rejects.read_text() == BAD + "{not json\n"
    why = rejects.with_name(rejects.name + ".why").read_text().splitlines()
    assert why[0].startswith("facts.jsonl, line 2, data.mark: ")
    assert why[1].startswith("facts.jsonl, line 3, ")
    mended = facts_file(tmp_path, BAD.replace("much", "100"))
    assert run(tmp_path / "a.db", "import", str(mended)).exit_code == 0


def test_the_same_id_with_other_content_is_a_conflict(tmp_path: Path) -> None:
    file = facts_file(tmp_path, line("1"), line("1", level=4))
    result = run(tmp_path / "a.db", "import", str(file), "--rejects", str(tmp_path / "r"))
    assert result.exit_code == 1
    assert "1 recorded, 1 in conflict with what is recorded" in result.output
    assert (tmp_path / "r").read_text() == line("1", level=4)


def test_recorded_times_are_ignored_and_said_so_unless_trusted(tmp_path: Path) -> None:
    file = str(facts_file(tmp_path, line("1", recordedtime="2024-07-09T00:00:00Z")))
    ignored = run(tmp_path / "a.db", "import", file)
    trusted = run(tmp_path / "b.db", "import", file, "--trust-recorded-times")
    assert "recordedtime ignored in 1 facts" in ignored.output
    assert "ignored" not in trusted.output
    exported = run(tmp_path / "b.db", "export").output
    assert json.loads(exported)["recordedtime"].startswith("2024-07-09T00:00:00")


def test_standard_input_is_a_file_too(tmp_path: Path) -> None:
    result = run(tmp_path / "a.db", "import", "-", stdin=line("1") + line("2"))
    assert (result.exit_code, result.output.splitlines()[0]) == (0, "-: 2 recorded")


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("cases.csv",), "cases.csv is a table: --mapping says how"),
        (("-", "--mapping", "m.toml"), "A table can't come from standard input"),
        (("a", "b", "--rejects", "r"), "--rejects goes with one FILE"),
        ((), "Missing argument"),
    ],
)
def test_a_wrong_command_line_ends_with_2(
    tmp_path: Path, args: tuple[str, ...], sentence: str
) -> None:
    result = run(tmp_path / "a.db", "import", *args)
    assert result.exit_code == 2
    assert sentence in result.output
    assert not (tmp_path / "a.db").exists()


@pytest.mark.parametrize(
    "args",
    [("none.jsonl",), ("/",), ("none.csv", "--mapping", "m"), (__file__, "--mapping", "none")],
)
def test_a_file_that_is_not_there_ends_with_3(tmp_path: Path, args: tuple[str, ...]) -> None:
    result = run(tmp_path / "a.db", "import", *args)
    assert not (tmp_path / "a.db").exists()
    assert result.exit_code == 3
    assert result.output.startswith("error: ")
    assert "can't be read" in result.output


@pytest.mark.parametrize("rejects", ["a.db", "mine.txt", "."])
def test_rejects_never_take_the_place_of_what_is_there(tmp_path: Path, rejects: str) -> None:
    run(tmp_path / "a.db", "import", "-", stdin=line("1"))
    (tmp_path / "mine.txt").write_text("mine")
    kept = (tmp_path / "a.db").read_bytes()
    for text in (line("2"), BAD):
        file = facts_file(tmp_path, text)
        result = run(tmp_path / "a.db", "import", str(file), "--rejects", str(tmp_path / rejects))
        assert result.exit_code == 3
        assert "is there already and holds no rejects" in result.output
    assert (tmp_path / "a.db").read_bytes() == kept
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_table_comes_in_with_a_mapping_and_its_rejects_can_be_mended(tmp_path: Path) -> None:
    rows = (f"1,mei,{AT},x,", "2,mei,never,x,", f"3,bo,{AT},x,")
    table = tmp_path / "t.csv"
    table.write_text("\n".join((HEADER, *rows)) + "\n")
    mapping = str(written(tmp_path, FOUND))
    result = run(tmp_path / "a.db", "import", str(table), "--mapping", mapping)
    assert result.exit_code == 1
    assert "2 recorded, 1 refused" in result.output
    assert "t.csv, line 3, column at: found 'never'; wanted a time in ISO 8601" in result.output
    rejects = tmp_path / "t.csv.rejects.csv"
    assert rejects.read_text() == f"{HEADER}\n2,mei,never,x,\n"
    rejects.write_text(rejects.read_text().replace("never", AT))
    again = run(tmp_path / "a.db", "import", str(rejects), "--mapping", mapping)
    assert (again.exit_code, again.output.splitlines()[0]) == (0, f"{rejects}: 1 recorded")


class Torn:
    """A log whose third page is lost."""

    def __init__(self, log: Log) -> None:
        self.log, self.pages = log, 0

    def __getattr__(self, name: str) -> object:
        return getattr(self.log, name)

    def append(self, *args: object, **named: object) -> object:
        self.pages += 1
        if self.pages == 3:
            raise KeyboardInterrupt
        return self.log.append(*args, **named)  # type: ignore[arg-type]


def test_a_lost_import_of_a_table_goes_on_within_a_row(tmp_path: Path) -> None:
    enrolled = '[[fact]]\ntype = "creator_enrolled"\nid = "e{id}"\nonce_per = "{who}"\n'
    mapping = written(tmp_path, enrolled + FOUND)
    table = tmp_path / "t.csv"
    rows = [f"{n},c{n // 2},{AT},x," for n in range(4_000)]  # three facts in two rows
    table.write_text("\n".join((HEADER, *rows)) + "\n")
    with open_log(f"sqlite:///{tmp_path}/a.db", create=True) as log:
        with pytest.raises(KeyboardInterrupt):
            import_table(table, mapping, Torn(log))  # type: ignore[arg-type]
        assert log.head() == 4_000
        tally = import_table(table, mapping, log)
        assert log.head() == 6_000
    assert tally.resumed_at > 2_000
    assert (tally.recorded, tally.duplicates, tally.read) == (6_000, 0, 6_000)


def test_another_mapping_of_the_same_file_begins_anew(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("\n".join((HEADER, *(f"{n},mei,{AT},x," for n in range(6_000)))) + "\n")
    with open_log(f"sqlite:///{tmp_path}/a.db", create=True) as log:
        with pytest.raises(KeyboardInterrupt):
            import_table(table, written(tmp_path, FOUND), Torn(log))  # type: ignore[arg-type]
        other = written(tmp_path, FOUND.replace("spam", "fraud").replace("v{id}", "w{id}"))
        tally = import_table(table, other, log)
    assert tally.resumed_at == 0
    assert (tally.conflicts, tally.recorded) == (4_000, 2_000)


def test_a_mapping_that_does_not_fit_the_table_makes_no_ledger(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("who,at\n")
    mapping = str(written(tmp_path, FOUND))
    result = run(tmp_path / "a.db", "import", str(table), "--mapping", mapping)
    assert (result.exit_code, "there is no column 'id'" in result.output) == (3, True)
    assert not (tmp_path / "a.db").exists()
