"""`penalty-ledger rulebook test` as a lawyer and a program meet it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rulebook.samples import SOUND, changed, put

from replay.cli import main

PASSING = """\
## C-001 a late delivery costs two points, and below eight selling stops
start 2020-02-01 08:00
2020-02-01 09:00 | violation v1 late | -2 → 8 |
2020-02-01 10:00 | violation v2 late | -2 → 6 | starts 8 sell until 2020-02-04 10:00
2020-02-01 11:00 | standing | 6 | runs 8 sell until 2020-02-04 10:00

## C-002 what is not said is not asked
start 2020-02-01 08:00
2020-02-01 09:00 | violation v1 late |
2020-02-02 09:00 | granted v1 | +2 → 10
"""


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(main, ["rulebook", "test", *(str(a) for a in args)])


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    put(tmp_path, SOUND)
    put(tmp_path, PASSING, "shop/1.cases.txt")
    return tmp_path / "shop"


def test_all_that_is_shipped_passes() -> None:
    result = run()
    assert result.exit_code == 0, result.output
    assert "douyin-creator" in result.stdout
    assert " passed" in result.stdout


def test_a_directory_with_rulebooks_deep_inside() -> None:
    result = run(Path(__file__).parents[2] / "examples")
    assert result.exit_code == 0, result.output
    assert "super-licence" in result.stdout


@pytest.mark.parametrize("place", [".", "1.toml", "1.cases.txt", ".."])
def test_one_passes(shop: Path, place: str) -> None:
    result = run(shop / place)
    assert result.exit_code == 0, result.output
    assert "shop" in result.stdout
    assert "2 of 2 passed" in result.stdout


def test_own_directories_are_run_with_the_shipped_ones(shop: Path) -> None:
    found = CliRunner().invoke(main, ["--rulebooks", str(shop.parent), "rulebook", "test"])
    assert found.exit_code == 0
    assert "in all" in found.stdout
    assert "shop" in found.stdout


def test_a_failing_row_is_shown_with_what_came(shop: Path) -> None:
    table = put(shop, PASSING.replace("-2 → 6 ", "-3 → 5 "), "1.cases.txt")
    result = run(table)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:4] == [
        "failed: C-001 a late delivery costs two points, and below eight selling stops",
        f"  {table}, line 4: violation v2 late",
        "    expected  -3 → 5 | starts 8 sell until 2020-02-04 10:00",
        "    got       -2 → 6 | starts 8 sell until 2020-02-04 10:00",
    ]
    assert "1 of 2 passed" in result.stdout


@pytest.mark.parametrize(
    ("row", "expected", "got"),
    [
        ("standing | 7 |", "7", "6"),
        ("standing | 6 | nothing runs", "nothing runs", "runs 8 sell until 2020-02-04 10:00"),
        ("standing | 6 | v1 void", "v1 void", "v1 judged 2; v1 restored 0 of 2; v1 standing"),
        ("standing | 6 | score 7", "score 7", "score 6"),
    ],
)
def test_a_standing_that_is_not_so(shop: Path, row: str, expected: str, got: str) -> None:
    told = "standing | 6 | runs 8 sell until 2020-02-04 10:00"
    assert told in PASSING
    result = run(put(shop, PASSING.replace(told, row), "1.cases.txt"))
    assert result.exit_code == 1
    lines = [line.strip() for line in result.stdout.splitlines()]
    at = lines.index(f"expected  {expected}")
    assert lines[at + 1] == f"got       {got}"


def test_a_stop_that_nobody_told_of(shop: Path) -> None:
    table = PASSING.replace("6 | runs 8 sell until 2020-02-04 10:00", "6 | runs 9 sell for ever")
    result = run(put(shop, table, "1.cases.txt"))
    assert "expected  nothing else runs" in result.stdout


def test_json(shop: Path) -> None:
    put(shop, PASSING.replace("+2 → 10", "+2 → 11"), "1.cases.txt")
    result = run(shop, "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["cases"], told["passed"], told["rules"]) == (2, 1, ["C-001", "C-002"])
    (book,) = told["rulebooks"]
    assert book["clauses"] == ["r §1", "r §2", "r §3"]
    (failed,) = book["failed"]
    assert (failed["line"], failed["expected"], failed["got"]) == (10, "+2 → 11", "+2 → 10")


def test_a_version_by_its_table_and_by_name(shop: Path) -> None:
    stricter = changed('version = "1"', 'version = "2"', "2020-01-01", "2021-01-01",
                       "value = 2,", "value = 3,")  # fmt: skip
    put(shop, stricter, "2.toml")
    put(shop, "## two\nstart 2020-02-01 08:00\n2020-02-01 09:00 | violation v1 late | -3 → 7\n",
        "2.cases.txt")  # fmt: skip
    both = "## {}\nrulebook shop@1 shop@2\nstart 2020-02-01 08:00\n2020-02-01 09:00 | {}\n"
    row = "violation v1 late | -2 → 8"
    put(shop, both.format("both", "standing | 10") + both.format("one", row), "cases/all.txt")
    result = run(shop)
    assert result.exit_code == 1
    assert "4 of 5 passed" in result.stdout
    assert "expected  -2 → 8   (under shop@2)" in result.stdout


def test_a_draft_is_tested_by_its_own_table(shop: Path) -> None:
    draft = changed('version = "1"', 'version = "2"\ndraft = true', "2020-01-01", "2021-01-01",
                    "value = 2,", "value = 3,")  # fmt: skip
    put(shop, draft, "2.toml")
    put(shop, "## two\nstart 2020-02-01 08:00\n2020-02-01 09:00 | violation v1 late | -3 → 7\n",
        "2.cases.txt")  # fmt: skip
    for place in (shop, shop / "2.toml", shop / "2.cases.txt"):
        result = run(place)
        assert result.exit_code == 0, result.output


def test_a_draft_in_no_directory_of_rulebooks(tmp_path: Path) -> None:
    draft = put(tmp_path, SOUND, "draft.toml")
    table = put(tmp_path, PASSING, "draft.cases.txt")
    for place in (draft, table):
        assert "2 of 2 passed" in run(place).stdout


def test_rows_are_filled_in(shop: Path) -> None:
    blank = "\n".join("|".join(line.split("|")[:2]) for line in PASSING.splitlines())
    table = put(shop, blank, "1.cases.txt")
    result = run(table, "--fill")
    assert result.exit_code == 0, result.output
    assert "violation v2 late | -2 → 6 | starts 8 sell until 2020-02-04 10:00" in result.stdout
    put(shop, result.stdout, "1.cases.txt")
    assert run(table).exit_code == 0


def test_a_stop_that_lasts_with_the_score_is_read_as_it_was_once_said(shop: Path) -> None:
    book = SOUND.replace("days = 3 }", "while_triggered = true }")
    put(shop, book, "1.toml")
    for words in ("while below", "while triggered"):
        fact = "violation v1 late points=5 ground=minor"
        row = f"2020-02-01 09:00 | {fact} | -5 → 5 | starts 8 sell {words}"
        table = put(shop, f"## a\nstart 2020-01-01 08:00\n{row}\n", "1.cases.txt")
        assert run(table).exit_code == 0


def test_a_filled_standing_says_what_is_otherwise_than_at_the_start(shop: Path) -> None:
    blank = "## a\nstart 2020-02-01 08:00\n2020-02-01 09:00 | standing\n"
    blank += "2020-02-01 10:00 | violation v1 late\n2020-02-01 11:00 | standing\n"
    rows = run(put(shop, blank, "1.cases.txt"), "--fill").stdout.splitlines()
    assert rows[2].endswith("| standing          | 10 | nothing runs")
    said = "nothing runs; score 8; v1 judged 2; v1 restored 0 of 2; v1 standing"
    assert rows[4].endswith(f"| 8 | {said}")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("none.toml", "none.toml: can't be read"),
        ("none.txt", "none.txt: no such file"),
        ("lonely.txt", "lonely.txt: no rulebook stands beside it"),
        ("empty", "empty: no rulebooks; they are <name>/<version>.toml"),
        ("bare", "bare: no cases; they stand in <version>.cases.txt or cases/*.txt"),
        ("latin.cases.txt", "latin.cases.txt, line 2: the file must be UTF-8"),
    ],
)
def test_what_is_not_there(tmp_path: Path, place: str, said: str) -> None:
    put(tmp_path, PASSING, "lonely.txt")
    (tmp_path / "empty").mkdir()
    put(tmp_path, SOUND.replace('"shop"', '"bare"'), "bare/1.toml")
    put(tmp_path, SOUND, "latin.toml")
    (tmp_path / "latin.cases.txt").write_bytes(b"## a\n\xff\n")
    result = run(tmp_path / place)
    assert result.exit_code in (3, 4)
    assert said in result.stderr


START = "start 2020-02-01 08:00\n"
NO_CASE = "no case; a case is a name (## …) and rows: time | fact | outcome | effects"
NO_ROW = 'line 1: the case "a" has no row; a row is: time | fact | outcome | effects'
EMPTY: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", NO_CASE),
    "blank lines": ("\n  \n\n", NO_CASE),
    "remarks": ("# later\n\n# more\n", NO_CASE),
    "a mark of order alone": ("\ufeff", NO_CASE),
    "a name": ("## a\n", NO_ROW),
    "a name and a remark": ("## a\n# later\n", NO_ROW),
    "a start": ("## a\n" + START, NO_ROW),
    "a rulebook": ("## a\nrulebook shop@1\n", NO_ROW),
    "a name among others": (PASSING.replace("C-", "D-") + "\n## b\n", 'line 12: the case "b" has'),
    "a case without a name": ("##\n" + START, 'line 1: found "##"; a name is needed'),
    "a name without its space": ("##a\n" + START, 'line 1: found "##a"; a name is needed'),
    "not UTF-8": (b"## a\n\xff\n", "line 2: the file must be UTF-8"),
    "UTF-16": ("## a\n".encode("utf-16"), "line 1: the file must be UTF-8"),
}


@pytest.mark.parametrize("options", [(), ("--fill",), ("--json",)])
@pytest.mark.parametrize(("table", "said"), EMPTY.values(), ids=EMPTY)
def test_a_table_that_asks_nothing_is_refused(
    shop: Path, table: str | bytes, said: str, options: tuple[str, ...]
) -> None:
    file = shop / "1.cases.txt"
    file.write_bytes(table if isinstance(table, bytes) else table.encode())
    for place in (file, shop, shop / "1.toml", shop.parent):
        result = run(place, *options)
        assert (result.exit_code, result.stdout) == (3, "")
        assert result.stderr.startswith(f"error: {shop}/1.cases.txt")
        assert said in result.stderr
        assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "row", ["standing", "standing | |", "standing | | ;", "violation v1 late |"]
)
def test_a_case_that_asks_nothing_is_refused_but_may_be_filled(shop: Path, row: str) -> None:
    table = put(shop, f"## a\n{START}2020-02-01 09:00 | {row}\n", "1.cases.txt")
    result = run(table)
    assert result.exit_code == 3
    assert 'line 1: the case "a" says no outcome' in result.stderr
    filled = run(table, "--fill")
    assert filled.exit_code == 0, filled.output
    assert run(put(shop, filled.stdout, "1.cases.txt")).exit_code == 0


def test_a_mark_of_order_before_a_table_is_no_part_of_it(shop: Path) -> None:
    table = put(shop, "\ufeff" + PASSING, "1.cases.txt")
    assert "2 of 2 passed" in run(table).stdout
    assert run(table, "--fill").stdout.startswith("## C-001")


def test_the_last_years_that_a_fact_can_have(shop: Path) -> None:
    rows = ("violation v1 fraud", "standing")
    text = "## a\nrulebook douyin-creator\nstart 9999-12-31 20:00\n"
    text += "".join(f"9999-12-31 23:59 | {row}\n" for row in rows)
    for place in ("rulebook douyin-creator", "rulebook douyin-creator@2022-02", "simulate"):
        table = put(shop, text.replace("rulebook douyin-creator", place), "1.cases.txt")
        filled = run(table, "--fill")
        assert filled.exit_code == 0, filled.output
        assert run(put(shop, filled.stdout, "1.cases.txt")).exit_code == 0


def test_each_place_that_is_named_has_cases(shop: Path) -> None:
    bare = put(shop.parent, SOUND.replace('"shop"', '"bare"'), "bare/1.toml").parent
    for options in ((), ("--fill",)):
        result = run(shop, bare, *options)
        assert (result.exit_code, result.stdout) == (3, "")
        assert f"{bare}: no cases" in result.stderr


def test_a_table_of_a_version_that_is_not_there_is_one_sentence(shop: Path) -> None:
    table = put(shop, PASSING, "2.cases.txt")
    result = run(shop)
    assert result.exit_code == 4
    assert result.stderr == f'error: {table}: no version "2" of shop; allowed: 1\n'


def test_a_broken_rulebook_beside_a_table_is_told_as_by_check(shop: Path) -> None:
    book = put(shop, 'name = "shop"\n', "1.toml")
    checked = CliRunner().invoke(main, ["rulebook", "check", str(book)])
    for place in (shop, shop / "1.cases.txt", book):
        result = run(place)
        assert (result.exit_code, result.stderr) == (4, f"error: {checked.output}")


def test_filled_tables_are_no_json(shop: Path) -> None:
    result = run(shop, "--fill", "--json")
    assert result.exit_code == 2
    assert "--fill prints tables" in result.stderr
