"""A mapping file is checked before anything is read: where, what is wrong, what is allowed."""

from pathlib import Path

import pytest

from ledger.errors import InputError
from ledger.exchange.mapping import load_mapping, pieces

from .tables import FOUND, HEADER, MAPPING, read, written

FACT = '[[fact]]\ntype = "violation_found"\n'


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("", "Object missing required field `fact`"),
        ("fact = []", "fact: there is no [[fact]]"),
        ("[[fact]", "not TOML in UTF-8"),
        ("x = 1\n" + FOUND, "Object contains unknown field `x`"),
        ('[[fact]]\ntype = "violation_fund"', "fact[0].type: 'violation_fund' is no fact; one of"),
        (FOUND + "wen = {}", "fact[0]: Object contains unknown field `wen`"),
        (FACT + "data = { pionts = 1 }", "fact[0].data.pionts: violation_found has no such field"),
        (FACT + "data = { points = 1.5 }", "fact[0].data.points: Expected"),
        (FACT + 'data = { points = { colum = "a" } }', "fact[0].data.points: Object contains"),
        (
            FACT + 'data = { points = { column = "a", as = "x" } }',
            "fact[0].data.points.as: Invalid",
        ),
        ('[[fact]]\ntype = "exam_sat"', "fact[0].id: missing here and in [every]"),
        ('[csv]\ndelimiter = ";;"\n' + FOUND, "csv: delimiter and quote are one character"),
        ('[csv]\nquote = "\\n"\n' + FOUND, r"csv.quote: '\n' can't quote; one narrow character"),
        ('[csv]\nquote = "＂"\n' + FOUND, "csv.quote: '＂' can't quote; one narrow character"),
        ('[csv]\nquote = ","\n' + FOUND, "csv.quote: ',' can't quote; one narrow character"),
        ('[csv]\ndelimiter = "\\n"\n' + FOUND, r"csv.delimiter: '\n' can't part cells"),
        ('[csv]\nencoding = "utf-99"\n' + FOUND, "csv.encoding: 'utf-99' is no encoding"),
        ('[csv]\nencoding = "base64"\n' + FOUND, "csv.encoding: 'base64' is no encoding"),
        ('[csv]\nencoding = "\\u0000"\n' + FOUND, r"csv.encoding: '\x00' is no encoding"),
        ("a." * 40 + "b = 1", "a key with over 16 dots"),
        ("#" * 40_000, "over 32768 bytes"),
    ],
)
def test_a_wrong_mapping_is_one_sentence(tmp_path: Path, toml: str, sentence: str) -> None:
    every = "" if "missing here" in sentence or "unknown field `x`" in sentence else MAPPING
    path = written(tmp_path, "", toml + every if toml.startswith("fact =") else every + toml)
    with pytest.raises(InputError) as caught:
        load_mapping(path)
    assert str(caught.value).startswith(f"mapping {path}: ")
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        (FACT + 'id = "{nope}"', "fact[0].id: there is no column 'nope'; there are id, who"),
        (FACT + 'when = { nope = "a" }', "fact[0].when: t.csv has no column 'nope'; it has id"),
        (FACT + 'time = { column = "at", zone = "Mars" }', "fact[0].time: zone: 'Mars'"),
        (FACT + 'time = { column = "at", format = "%Y%Y" }', "'%Y%Y' names something twice"),
        (FACT + 'time = { column = "at", format = ["%Y", "%Q"] }', "'Q' is a bad directive"),
        (FACT + 'time = { column = "at", format = [] }', "format: at least one is needed"),
        (FACT + 'time = { column = "at", template = "" }', "exactly one of column and template"),
        (FACT + 'data = { points = { column = "id", otherwise = "" } }', "only beside map"),
        (FACT + 'data = { points = { column = "id", places = 2 } }', "places: only with"),
        (FACT + 'data = { points = "{id.__class__}" }', "no column 'id.__class__'"),
        (FACT + 'data = { points = "{id[0]}" }', "no column 'id[0]'"),
        (FACT + 'data = { points = "{0}" }', "no column '0'"),
        (FACT + 'data = { points = "{}" }', "no column ''"),
        (FACT + 'data = { points = "{id!r}" }', "only {column} and {column:.4}"),
        (FACT + 'data = { points = "{id:>9999999999}" }', "only {column} and {column:.4}"),
        (FACT + 'data = { points = "{id" }', "write {column}, or {{ for a brace"),
    ],
)
def test_a_mapping_that_does_not_fit_the_table_is_one_sentence(
    tmp_path: Path, toml: str, sentence: str
) -> None:
    mapping = load_mapping(written(tmp_path, toml))
    with pytest.raises(InputError) as caught:
        read(mapping, f"{HEADER}\n")
    assert sentence in str(caught.value)


def test_templates_know_columns_truncation_and_braces_only() -> None:
    parts = [(p.literal, p.column, p.length) for p in pieces("a{b}{{c}}{d e:.4}")]
    assert parts == [("a", "b", None), ("{", None, None), ("c}", None, None), ("", "d e", 4)]


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't be read"):
        load_mapping(tmp_path / "none.toml")


def test_a_mapping_is_never_read_beyond_what_it_may_have() -> None:
    with pytest.raises(InputError, match="over 32768 bytes"):
        load_mapping(Path("/dev/zero"))
