"""Rows become facts as the mapping says, and what is wrong with a row is named."""

import gzip
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import InputError
from ledger.exchange.cells import decimal
from ledger.exchange.mapping import load_mapping
from ledger.facts.types import AppealGranted, MoneyPosted, ViolationFound

from .tables import AT, FOUND, HEADER, MAPPING, read, rows_of, stream, written

EVERY_TIME = 'id = "{id}"\nsource = "urn:test"\nsubject = "{who}"\n'


SEVERAL = (
    '{ column = "at", zone = "UTC", '
    'format = ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "excel"] }'
)


def money(amount: str) -> str:
    return (
        '[[fact]]\ntype = "money_posted"\n[fact.data]\naccount = "fine"\nreason = "paid"\n'
        f'currency = "EUR"\namount = {amount}\n'
    )


@pytest.mark.parametrize(
    ("cell", "minor"),
    [("35.0", 3500), ("71.5", 7150), ("0", 0), ("1e2", 10000), ("0.1", 10), ("7.", 700)],
)
def test_floats_in_text_become_exact_amounts(tmp_path: Path, cell: str, minor: int) -> None:
    toml = money('{ template = "-{points}", as = "decimal" }')
    [row] = rows_of(tmp_path, toml, f"1,mei,{AT},x,{cell}")
    fact = row.facts[0].fact
    assert isinstance(fact, MoneyPosted)
    assert fact.amount == -minor


@pytest.mark.parametrize("cell", ["nan", "inf", "1,5", "three", "0x1", "1e99", "0.001", "--1", "١"])
def test_what_is_no_such_number_is_refused_and_never_rounded(tmp_path: Path, cell: str) -> None:
    toml = money('{ column = "points", as = "decimal" }')
    [row] = rows_of(tmp_path, toml, f'1,mei,{AT},x,"{cell}"')
    [refusal] = row.refusals
    assert (refusal.file, refusal.line, refusal.field) == ("t.csv", 2, "column points")
    assert refusal.found == repr(cell)
    assert "number" in refusal.wanted


def test_nothing_has_no_sign() -> None:
    assert [decimal(text, 2) for text in ("-0.0", "0", "-0.10")] == ["0.00", "0.00", "-0.10"]


def test_an_empty_cell_leaves_the_field_out(tmp_path: Path) -> None:
    toml = FOUND.replace(" }\n", ', points = "{points}", ground = "minor" }')
    first, second = rows_of(tmp_path, toml, f"1,mei,{AT},x,0.5", f"2,mei,{AT},x,")
    given, absent = first.facts[0].fact, second.facts[0].fact
    assert isinstance(given, ViolationFound)
    assert isinstance(absent, ViolationFound)
    assert (given.points, absent.points) == (50, None)


def test_an_empty_cell_where_a_fact_needs_one_is_refused_with_its_column(tmp_path: Path) -> None:
    [row] = rows_of(tmp_path, FOUND, f"1,,{AT},x,")
    assert row.facts == []
    assert row.refusals[0].field == "subject (column who)"


def test_a_row_gives_every_fact_whose_conditions_it_meets(tmp_path: Path) -> None:
    replaced = '[[fact]]\nwhen = { kind = "r" }\ntype = "appeal_granted"\nid = "{id} r"\n'
    toml = replaced + 'data = { violation = "v1" }\n' + FOUND
    rows = rows_of(tmp_path, toml, f"1,mei,{AT},x,", f"2,mei,{AT},r,")
    kinds = [[type(fact.fact) for fact in row.facts] for row in rows]
    assert kinds == [[ViolationFound], [AppealGranted, ViolationFound]]


def test_unless_takes_rows_away(tmp_path: Path) -> None:
    toml = FOUND.replace("type", 'unless = { kind = ["", "no"] }\ntype')
    rows = rows_of(tmp_path, toml, f"1,mei,{AT},,", f"2,mei,{AT},no,", f"3,mei,{AT},yes,")
    assert [len(row.facts) for row in rows] == [0, 0, 1]


def test_a_row_that_nothing_takes_is_refused_not_lost(tmp_path: Path) -> None:
    toml = FOUND.replace("type", 'when = { kind = ["a"] }\ntype')
    [row] = rows_of(tmp_path, toml, f"1,mei,{AT},z,")
    assert row.refusals[0].wanted == "a row that some [[fact]] or [[skip]] of the mapping takes"
    assert row.refusals[0].found == "kind='z'"


def test_skipped_rows_are_counted_by_their_reason(tmp_path: Path) -> None:
    toml = '[[skip]]\nwhen = { kind = "note" }\nwhy = "a note"\n' + FOUND
    mapping = load_mapping(written(tmp_path, toml))
    rows = "".join(f"{n},mei,{AT},{kind},\n" for n, kind in enumerate(("note", "x", "note")))
    _, results = read(mapping, f"{HEADER}\n{rows}")
    assert [r.skipped for r in results] == ["a note", "", "a note"]
    assert [len(r.facts) for r in results] == [0, 1, 0]


def test_once_per_gives_a_fact_for_the_first_good_row_only(tmp_path: Path) -> None:
    toml = '[[fact]]\ntype = "creator_enrolled"\nonce_per = "{who}"\nid = "open {who}"\n'
    rows = rows_of(tmp_path, toml, *(f"1,{who},{at},x," for who, at in
                   [("mei", "never"), ("mei", AT), ("mei", AT), ("bo", AT)]))  # fmt: skip
    assert [len(row.facts) for row in rows] == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("time", "cell", "instant"),
    [
        ('"{at}"', "2024-07-08T00:00:00+08:00", "2024-07-07T16:00:00"),
        ('{ column = "at", zone = "Europe/Rome" }', "2024-07-08", "2024-07-07T22:00:00"),
        (
            '{ column = "at", format = "%d/%m/%Y", zone = "UTC", plus_seconds = "points" }',
            "08/07/2024",
            "2024-07-08T00:00:07",
        ),
        ('{ column = "at", zone = "UTC", plus_seconds = 60 }', "2024-07-08", "2024-07-08T00:01:00"),
        (SEVERAL, "2024-07-08", "2024-07-08T00:00:00"),
        (SEVERAL, "08.07.2024", "2024-07-08T00:00:00"),
        (SEVERAL, "18/07/2024", "2024-07-18T00:00:00"),
        (SEVERAL, "07/18/2024", "2024-07-18T00:00:00"),
        (SEVERAL, "07/07/2024", "2024-07-07T00:00:00"),
        (SEVERAL, "45481", "2024-07-08T00:00:00"),
        (SEVERAL, "45481.3340277778", "2024-07-08T08:01:00"),
        ('{ column = "at", format = "excel", zone = "UTC" }', "45481.5", "2024-07-08T12:00:00"),
    ],
)
def test_times_are_read_as_the_mapping_says(
    tmp_path: Path, time: str, cell: str, instant: str
) -> None:
    from datetime import UTC, datetime

    every = f"[every]\n{EVERY_TIME}time = {time}\n"
    [row] = rows_of(tmp_path, FOUND, f"1,mei,{cell},x,7", every=every)
    at = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert row.facts[0].effective_at == at.timestamp() * 1_000_000


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("2024-03-31 02:30", "skipped"),
        ("yesterday", "a time in ISO 8601"),
        ("9999-12-31T23:59:59Z", "a time"),
        ("0001-01-01T00:00:00+09:00", "a time"),
    ],
)
def test_times_that_are_none_are_refused(tmp_path: Path, cell: str, wanted: str) -> None:
    time = '{ column = "at", zone = "Europe/Rome", plus_seconds = 9 }'
    every = f"[every]\n{EVERY_TIME}time = {time}\n"
    [row] = rows_of(tmp_path, FOUND, f"1,mei,{cell},x,", every=every)
    assert row.refusals[0].field == "column at"
    assert wanted in row.refusals[0].wanted


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("07/08/2024", "a time that its formats read alike, not as 2024-08-07 00:00 or 2024-07-08"),
        ("8 July 2024", "a time as '%Y-%m-%d' or '%d.%m.%Y' or"),
        ("99999999", "a time as"),
        ("9999999", "a time as"),
        ("-45481", "a time as"),
        ("4.5e4", "a time as"),
    ],
)
def test_times_that_several_formats_read_otherwise_or_none_reads_are_refused(
    tmp_path: Path, cell: str, wanted: str
) -> None:
    every = f"[every]\n{EVERY_TIME}time = {SEVERAL}\n"
    [row] = rows_of(tmp_path, FOUND, f"1,mei,{cell},x,", every=every)
    assert row.refusals[0].wanted.startswith(wanted)


def test_a_time_without_offset_needs_a_zone(tmp_path: Path) -> None:
    [row] = rows_of(tmp_path, FOUND, "1,mei,2024-07-08,x,")
    assert "zone" in row.refusals[0].wanted


def test_a_map_refuses_what_it_does_not_list(tmp_path: Path) -> None:
    toml = FOUND.replace(
        'category = "spam"', 'category = { column = "kind", map = { s = "spam" } }'
    )
    good, bad = rows_of(tmp_path, toml, f"1,mei,{AT},s,", f"2,mei,{AT},t,")
    assert good.refusals == []
    assert bad.refusals[0].wanted == "one of s"


@pytest.mark.parametrize(
    ("row", "found", "wanted"),
    [
        ("1,mei", "2", "5 cells, as in the header"),
        (f"1,mei,{AT},x,1,2", "6", "5 cells, as in the header"),
        (f'1,mei,{AT},"x"y,1', "',' expected after '\"'", "CSV with one row per line"),
        (f'1,mei,{AT},"x', "unexpected end of data", "CSV with one row per line"),
    ],
)
def test_rows_that_are_no_csv_are_refused(
    tmp_path: Path, row: str, found: str, wanted: str
) -> None:
    [result] = rows_of(tmp_path, FOUND, row)
    [refusal] = result.refusals
    assert (refusal.line, refusal.found, refusal.wanted) == (2, found, wanted)


def test_bytes_that_are_no_text_are_refused_and_the_next_row_is_read(tmp_path: Path) -> None:
    mapping = load_mapping(written(tmp_path, FOUND))
    data = f"{HEADER}\n1,m\xffi,{AT},x,\n2,mei,{AT},x,\n".encode("latin-1")
    _, rows = read(mapping, data)
    assert rows[0].refusals[0].found == "bytes that are no text"
    assert rows[1].facts[0].id == "2"


def test_lines_are_counted_as_in_the_file_also_through_quoted_line_ends(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, FOUND, f'1,mei,{AT},"a\nb",', "", "short")
    assert [row.line for row in rows] == [2, 5]


def test_gzip_and_a_byte_order_mark_are_seen_through(tmp_path: Path) -> None:
    mapping = load_mapping(written(tmp_path, FOUND))
    text = f"\ufeff{HEADER}\n1,mei,{AT},x,\n"
    for data in (text.encode(), gzip.compress(text.encode())):
        _, rows = read(mapping, data)
        assert rows[0].facts[0].subject == "mei"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"id,who,who\n", "column 'who' is there twice"),
        (b"who,at\n", "there is no column 'id'"),
        (gzip.compress(f"{HEADER}\n{'x' * 99_000}\n".encode() * 9)[:-20], "can't be read on"),
        (f"{HEADER}\n{'x' * 2**21}".encode(), "longer than"),
        ("who\x9b31m,at\n".encode(), r"there are 'who\\x9b31m', at"),
    ],
)
def test_tables_that_can_not_be_read_are_one_sentence(
    tmp_path: Path, data: bytes, sentence: str
) -> None:
    mapping = load_mapping(written(tmp_path, FOUND))
    with pytest.raises(InputError, match=sentence):
        read(mapping, data)


CHINESE = """
[every]
id = "{编号}"
source = "urn:test"
subject = "{作者}"
time = "{时间}"
[[fact]]
type = "exam_right_claimed"
"""


@pytest.mark.parametrize("stored", ["gb18030", "utf-16", "big5"])
@pytest.mark.parametrize("said", ["", '[csv]\nencoding = "cp1252"\n'])
def test_another_encoding_of_the_header_is_named_not_guessed(
    tmp_path: Path, stored: str, said: str
) -> None:
    mapping = load_mapping(written(tmp_path, "", said + CHINESE))
    header = "编号,作者,时间" if stored != "big5" else "編號,作者,時間"
    if stored == "big5":
        toml = CHINESE.replace("编号", "編號").replace("时间", "時間")
        mapping = load_mapping(written(tmp_path, "", said + toml))
    with pytest.raises(InputError) as caught:
        read(mapping, f"{header}\n1,mei,{AT}\n".encode(stored))
    assert f'set encoding = "{stored}" in [csv]' in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_header_in_no_known_encoding_names_the_key(tmp_path: Path) -> None:
    mapping = load_mapping(written(tmp_path, FOUND))
    with pytest.raises(InputError, match=r"\[csv\] encoding of the mapping names it"):
        read(mapping, b"n\xff\x81me,x\n1,2\n")


def test_memory_stays_flat(tmp_path: Path) -> None:
    from ledger.exchange.tabular import open_table

    mapping = load_mapping(written(tmp_path, FOUND))

    def peak(rows: int) -> int:
        data = stream(f"{HEADER}\n" + f"1,mei,{AT},x,\n" * rows)
        tracemalloc.start()
        table: Any = open_table(data, "t.csv", mapping)[1]
        assert sum(len(row.facts) for row in table) == rows
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(20_000) < peak(200) + 100_000


def test_recorded_times_count_only_when_they_are_trusted(tmp_path: Path) -> None:
    every = MAPPING + f'recordedtime = "{AT}"\n'
    mapping = load_mapping(written(tmp_path, FOUND, every))
    for trust, known, ignored in ((False, False, 1), (True, True, 0)):
        table, rows = read(mapping, f"{HEADER}\n1,mei,{AT},x,\n", trust)
        assert bool(rows[0].facts[0].recorded_at) is known
        assert table.ignored_recorded_times == ignored
