"""How sentences are broken into lines: nothing is lost, and what belongs together stays so."""

import re
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from projections.views.wrapping import wrapped
from replay.console import Prose

ZH = (
    "违规v3（“误导信息、虚假宣传”）：扣信用分3分（10分 → 7分）；信用分低于8分，触发节点处罚："
    "商品分享功能停用整改1天，至2024-08-07 12:00；同时采取“视频仅个人主页可见”措施。"
)
EN = "3 points deducted (10 → 7); product sharing is stopped for 1 day, until 2024-08-07 12:00."
WHOLE = ("2024-08-07 12:00", "10分 → 7分", "10 → 7", "3分", "1天")


@pytest.mark.parametrize("text", [ZH, EN])
@pytest.mark.parametrize("width", range(18, 90))
def test_no_line_breaks_a_date_or_a_sum_or_begins_with_a_closing_mark(
    text: str, width: int
) -> None:
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width + 2 for line in lines)  # a mark may hang over
    assert not any(line[0] in "；，。：、）”" for line in lines)
    assert not any(line[-1] in "（“" for line in lines)
    for word in WHOLE:
        assert sum(line.count(word) for line in lines) == text.count(word)


@given(st.text(st.sampled_from("ab 3分，。（）“”→−:-\n字")), st.integers(1, 40))
def test_nothing_is_lost(text: str, width: int) -> None:
    said = "".join(wrapped(text, width))
    assert re.sub(r"\s", "", said) == re.sub(r"\s", "", text)


def test_a_word_wider_than_the_line_is_cut() -> None:
    assert wrapped("abcdefgh ij", 4) == ["abcd", "efgh", "ij"]


def test_cells_of_tables_keep_their_styles() -> None:
    table = Table(box=None, padding=0, show_header=False)
    table.add_column(width=20)
    said = Prose("信用分低于8分，停用1天，至2024-08-07 12:00；同时")
    said.stylize("bold", 0, 3)
    table.add_row(said)
    out = StringIO()
    Console(file=out, width=20, force_terminal=True, color_system="standard").print(table)
    assert "\x1b[1m信用分\x1b[0m" in out.getvalue()
    assert [line.strip() for line in re.sub(r"\x1b\[\d*m", "", out.getvalue()).splitlines()] == [
        "信用分低于8分，停用",
        "1天，至",
        "2024-08-07 12:00；同",
        "时",
    ]
