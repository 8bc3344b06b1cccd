"""How stops are told that wait, stand in for others, last with the score, or count occasions."""

from pathlib import Path
from typing import NamedTuple

import pytest
from samples import Line, when
from stopping import BACK, FIRST, OCCASIONS, PART, RED, SECOND, WHILE, asked, book, found, granted

from ledger.facts import types as f
from projections.explain.explanation import story
from projections.explain.messages import LANGUAGES


class Told(NamedTuple):
    rules: str
    lines: list[Line]
    en: str
    zh: str
    unsaid: tuple[str, ...] = ()
    """What no text says, in either language."""


MULTIPLES = (
    book().replace("at_or_above = 1\nremoves = 1", "at_or_above = 12\nevery = 12")
    + """
[nodes.20]
counter = "tally"
at_or_above = 20
stops = [{ feature = "live", days = 3 }]
lifted_by = ["appeal"]
"""
)
SHORTER = ("latest of several", "以最晚的截止时间", "longest of several", "以永久的为准")
TOLD: dict[str, Told] = {
    "waits, and stands in for one of no length": Told(
        book(shallow=WHILE, overlap="sum"),
        [RED, FIRST, PART],
        "the same deduction had crossed node 8, which leaves live streaming stopped until the "
        "score is back;",
        "同次扣分所触发的8分节点：直播仍停用（直至分数恢复）；",
        ("fell below 8", "低于8分，前"),
    ),
    "waits, and stands in for one for good": Told(
        book(shallow="permanent = true", overlap="sum"),
        [RED, FIRST, PART],
        "which stops live streaming for 30 days, once what stops it so far has been served;",
        "前一停用执行完毕后，直播停用30天；",
    ),
    "waits, and stands in for a longer one": Told(
        book(overlap="sum"),
        [RED, FIRST, PART],
        "the same deduction had crossed node 8, which stops live streaming for 3 days, once what "
        "stops it so far has been served; the stop of live streaming (node 4) is lifted at once, "
        "where it was still to be served: ",
        "节点处罚不成立，直播的停用（4分节点）即时撤销（原尚待执行）",
        ("9999", "fell below 8"),
    ),
    "as long as the score is bad": Told(
        book(WHILE),
        [FIRST],
        "the credit fell below 4, which stops live streaming as long as that lasts.",
        "credit低于4分，触发节点处罚：直播停用（直至分数恢复）。",
    ),
    "until the score is back": Told(
        book(WHILE),
        [FIRST, BACK],
        "the stop of live streaming (node 4) ended on 2023-04-01 00:00, as the score is back",
        "因分数恢复，直播的停用（4分节点）已于2023-04-01 00:00结束",
    ),
    "a measure as long as the score is bad": Told(
        book(tally=WHILE),
        [found("03-01 10:00", "c", "counted")],
        "which brings videos visible to the creator only as long as that lasts.",
        "视频仅个人主页可见（直至分数恢复）。",
        ("stops videos", "可见停用"),
    ),
    "a measure until the score is back": Told(
        book(tally=WHILE),
        [found("03-01 10:00", "c", "counted"), granted("03-02 10:00", "c")],
        "“videos visible to the creator only” (node t) ended on 2023-03-02 10:00, as the score is",
        "因分数恢复，“视频仅个人主页可见”（t节点）已于2023-03-02 10:00结束",
        ("stop of videos", "可见的停用"),
    ),
    "in days for occasions: as long as it was": Told(
        book(OCCASIONS),
        [FIRST, PART],
        "had crossed node 8, which leaves live streaming stopped for 2 occasions from 2023-03-01 "
        "10:00.",
        "同次扣分所触发的8分节点：直播仍自2023-03-01 10:00起停用2场。",
        (*SHORTER, "until ;", "until ,"),
    ),
    "of a longer one: as long as it was": Told(
        book("days = 3", "days = 30"),
        [FIRST, PART],
        "leaves live streaming stopped for 3 days from 2023-03-01 10:00, until 2023-03-04 10:00.",
        "直播仍自2023-03-01 10:00起停用3天，至2023-03-04 10:00。",
        (*SHORTER, "30"),
    ),
    "of a shorter one": Told(
        book(),
        [FIRST, PART],
        "leaves live streaming stopped for 3 days from 2023-03-01 10:00, until 2023-03-04 10:00.",
        "直播仍自2023-03-01 10:00起停用3天，至2023-03-04 10:00。",
        SHORTER,
    ),
    "beside another that ends later": Told(
        book(),
        [found("02-10 10:00", "d", "fraud"), FIRST, PART],
        "for live streaming the longest of several counts, for good",
        "直播有多项处罚，以永久的为准",
    ),
    "of one for good": Told(
        book("permanent = true", "permanent = true"),
        [FIRST, PART],
        "which leaves live streaming stopped for good.",
        "直播仍永久停用。",
        SHORTER,
    ),
    "of one for good, by count": Told(
        book("permanent = true", OCCASIONS),
        [FIRST, PART],
        "which leaves live streaming stopped for 2 occasions from 2023-03-01 10:00.",
        "直播仍自2023-03-01 10:00起停用2场。",
        SHORTER,
    ),
    "in days for one with the score": Told(
        book(shallow=WHILE),
        [FIRST, PART],
        "leaves live streaming stopped until the score is back, 2023-03-31 10:00 at the latest;",
        "直播仍停用（直至分数恢复，最迟至2023-03-31 10:00）；",
        SHORTER,
    ),
    "the last day comes before the score is back": Told(
        book(shallow=WHILE),
        [FIRST, PART, BACK],
        "The stop of live streaming (node 8) ended on 2023-03-31 10:00.",
        "直播的停用（8分节点）已于2023-03-31 10:00结束。",
    ),
    "of one for good, until the score is back": Told(
        book("permanent = true", WHILE),
        [FIRST, PART],
        "which leaves live streaming stopped until the score is back; ",
        "直播仍停用（直至分数恢复）；",
        SHORTER,
    ),
    "in the same instant": Told(
        book(),
        [FIRST, granted("03-01 10:00", "v1", 200)],
        "the same deduction had crossed node 8, which leaves live streaming stopped for 3 days",
        "同次扣分所触发的8分节点：直播仍自2023-03-01 10:00起停用3天",
    ),
    "of a deeper multiple": Told(
        MULTIPLES,
        [
            found("03-01 10:00", "c", "counted", points=2600, ground="minor"),
            granted("03-01 11:00", "c", 400),
        ],
        "with the tally at 22, less than 24 is enough.",
        "tally22分，低于24分，节点处罚不成立，",
    ),
    "one point removed": Told(
        book(),
        [found("03-01 10:00", "c", "counted"), BACK],
        "; 1 point of violation c came off on 2023-03-02 10:00.",
        "；违规c的1分于2023-03-02 10:00移除。",
    ),
    "what waited gets its first end": Told(
        book(overlap="sum"),
        [
            found("02-27 10:00", "d", "doping"),
            SECOND,
            found("03-01 10:00", "e", "doping"),
            granted("03-02 10:00", "r2"),
        ],
        "the stop of live streaming (violation e, “doping”) is now to end on 2023-04-26 24:00;",
        "直播的停用（违规e，“兴奋剂”）现定于2023-04-26 24:00结束；",
        ("earlier", "提前"),
    ),
    "at the limit or below": Told(
        book(deep_limit="at_or_below = 4"),
        [FIRST],
        "the credit fell to 4 or below, which stops",
        "credit降至4分或更低，触发节点处罚：直播",
    ),
    "at the limit or above": Told(
        book(),
        [found("03-01 10:00", "c", "counted", points=300, ground="minor")],
        "the tally reached 1 or more, which",
        "tally累计达到1分，触发节点处罚：",
    ),
    "found at the very end of the time": Told(
        book(),
        [found("03-03 10:00", "v1", offended_at=when("2023-02-01 10:00"))],
        "what is found 30 days or more after that has no effect",
        "自发生起满30天才被发现的不再处理",
        ("later than", "超过"),
    ),
    "without recoveries no less than the floor": Told(
        book(),
        [
            FIRST,
            ("2023-03-20 00:00", f.RecoveryGranted("2023-02")),
            found("03-21 10:00", "v2"),
            found("03-21 11:00", "s1", "slip"),
            granted("03-21 12:00", "s1"),
        ],
        "with the credit at 0 (what was gained since it began does not count).",
        "credit0分（停用开始后的累积加分不计），",
        ("the credit at -", "credit-"),
    ),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_is_told(name: str, tmp_path: Path) -> None:
    case = TOLD[name]
    texts = [why.text for _, why in story(asked(tmp_path, case.rules, case.lines))]
    for language, part in zip(LANGUAGES, (case.en, case.zh), strict=True):
        assert any(part in text[language] for text in texts), texts
        assert not [w for text in texts for w in case.unsaid if w in text[language]], texts


def test_a_stop_that_moves_twice_is_told_once(tmp_path: Path) -> None:
    """It is shorter, as it is judged again, and begins, as what it waited for is lifted."""
    lines = [found(f"03-01 1{i}:00", f"i{i}", "insult") for i in range(2)]
    lines.append(granted("03-02 10:00", "i0"))
    told = [why.text for _, why in story(asked(tmp_path, book(overlap="sum"), lines))][-1]
    assert told["en"].count("(violation i1, “an insult”) begins now") == 1, told
    assert told["zh"].count("（违规i1，“侮辱”）即时开始执行") == 1, told
    assert not any("shorter" in text or "缩短" in text for text in told.values()), told
