"""How long a stop lasts: in a standing, in the line of everybody, in the timeline of an audit."""

from pathlib import Path
from typing import NamedTuple

import click
import pytest
from samples import Line
from stopping import FIRST, PART, RED, WHILE, asked, book, found

from projections.explain.messages import LANGUAGES
from projections.views.report import row, standing_lines
from replay.audit.timeline import timeline


class Shown(NamedTuple):
    rules: str
    lines: list[Line]
    standing: tuple[str, str]
    everybody: str
    timeline: tuple[list[str], list[str]]


RED_ROW = "the stop of live streaming (violation r1, “a red card”)"
SHOWN: dict[str, Shown] = {
    "occasions, and what waits behind them": Shown(
        book(overlap="sum"),
        [RED, found("02-28 10:00", "d", "doping"), found("02-28 11:00", "r2", "red")],
        (
            "Live streaming is stopped for 2 occasions more, then for 1 month, then for "
            "2 occasions.",
            "直播停用，尚余2场，其后1个月，其后2场。",
        ),
        "live streaming for 2 occasions more, then 1 month, then 2 occasions",
        (
            [
                f"{RED_ROW}  2023-02-27 10:00 – 2 occasions  running",
                "the stop of live streaming (violation d, “doping”)  ? – 1 month  running",
                "the stop of live streaming (violation r2, “a red card”)  ? – 2 occasions  running",
            ],
            [
                "直播的停用（违规r1，“红牌”）  2023-02-27 10:00 – 2场  执行中",
                "直播的停用（违规d，“兴奋剂”）  ? – 1个月  执行中",
                "直播的停用（违规r2，“红牌”）  ? – 2场  执行中",
            ],
        ),
    ),
    "of several that have no end the one for good": Shown(
        book(),
        [RED, found("02-28 10:00", "x", "fraud")],
        (
            "Live streaming is stopped for good.",
            "直播永久停用。",
        ),
        "live streaming stopped for good",
        (
            [
                f"{RED_ROW}  2023-02-27 10:00 – 2 occasions  running",
                "the stop of live streaming (violation x, “fraud”)  2023-02-28 10:00 "
                "– for good  running",
            ],
            [
                "直播的停用（违规r1，“红牌”）  2023-02-27 10:00 – 2场  执行中",
                "直播的停用（违规x，“欺诈”）  2023-02-28 10:00 – 永久  执行中",
            ],
        ),
    ),
    "as long as the score is bad": Shown(
        book(WHILE),
        [FIRST],
        ("Live streaming is stopped until the score is back.", "直播停用至分数恢复。"),
        "live streaming until the score is back",
        (
            [
                "the stop of live streaming (node 4)  2023-03-01 10:00 – until the "
                "score is back  running"
            ],
            ["直播的停用（4分节点）  2023-03-01 10:00 – 至分数恢复  执行中"],
        ),
    ),
    "as long as the score is bad, and no longer than it was to last": Shown(
        book(shallow=WHILE),
        [FIRST, PART],
        (
            "Live streaming is stopped until the score is back, 2023-03-31 10:00 at the latest.",
            "直播停用至分数恢复，最迟至2023-03-31 10:00。",
        ),
        "live streaming until the score is back, 2023-03-31 10:00 at the latest",
        (
            [
                "the stop of live streaming (node 4)  2023-03-01 10:00 – 2023-03-02 10:00  lifted",
                "the stop of live streaming (node 8)  2023-03-01 10:00 – 2023-03-31 10:00  running",
            ],
            [
                "直播的停用（4分节点）  2023-03-01 10:00 – 2023-03-02 10:00  已撤销",
                "直播的停用（8分节点）  2023-03-01 10:00 – 2023-03-31 10:00  执行中",
            ],
        ),
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_how_long_a_stop_lasts(name: str, tmp_path: Path) -> None:
    case = SHOWN[name]
    result = asked(tmp_path, case.rules, case.lines)
    assert row(result, "en").endswith(f"  {case.everybody}")
    for number, language in enumerate(LANGUAGES):
        lines = [click.unstyle(line) for line in standing_lines(result, language)]
        assert f"  {case.standing[number]}" in lines
        assert timeline(result, language, width=0) == case.timeline[number]
