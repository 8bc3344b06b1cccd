"""What a sentence says is so; what the record has against it, and what matters, is said too."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import pytest
from law.reading import EVER, ruled
from samples import Line, envelopes, when

from ledger.facts import types as f
from ledger.rulebook.shelf import Shelf
from projections.explain.explanation import story
from projections.explain.messages import LANGUAGES, table
from projections.standing.replay import Replay
from projections.views.objects import audit_view
from projections.views.report import standing_lines


def found(name: str, category: str = "misleading", **more: object) -> f.ViolationFound:
    return f.ViolationFound(name, category, "other", **more)  # type: ignore[arg-type]


def points(name: str, category: str, number: int) -> f.ViolationFound:
    return found(name, category, points=number * 100, ground="minor")


ENROLLED = f.CreatorEnrolled(level=4, reputation=480)
START: list[Line] = [("2024-07-08 09:00", ENROLLED), ("2024-07-09 10:00", f.ExamRightClaimed())]
ONE: list[Line] = [*START, ("2024-07-10 09:00", found("v1"))]
STUDIED: list[Line] = [*ONE, ("2024-07-10 10:00", f.ExamStudied("v1"))]
PASSED: list[Line] = [*STUDIED, ("2024-07-10 15:00", f.ExamSat("v1", 100_00))]


def recovery(at: str, period: str) -> Line:
    return at, f.RecoveryGranted(period)


class Said(NamedTuple):
    """The text of the last ruling, or of what time did last."""

    lines: Sequence[Line]
    en: str = ""
    zh: str = ""
    unsaid: tuple[str, ...] = ()
    """In neither language."""
    as_of: str = ""
    """Where not that of the last fact."""


SAID: dict[str, Said] = {
    "a recovery for a month in which a violation stands": Said(
        [*ONE, recovery("2024-08-01 00:00", "2024-07")],
        "Recovery of the credit score for July 2024: 1 point gained (7 → 8); violation v1 of that "
        "time stands, so by the rules no recovery was due",
        "2024年7月信用分累积：加1分（7分 → 8分）；该期间内的违规v1仍然成立，依规则不应累积",
        ("keeping the rules", "遵守规则"),
    ),
    "a recovery for a month whose violation is void by then": Said(
        [
            *ONE,
            ("2024-07-20 09:00", f.AppealGranted("v1")),
            recovery("2024-08-01 00:00", "2024-07"),
        ],
        "for July 2024: 1 point gained (10 → 11).",
        "2024年7月信用分累积：加1分（10分 → 11分）。",
    ),
    "a recovery for clean days that were clean": Said(
        [("2024-09-25 09:00", ENROLLED), recovery("2024-10-26 00:00", "2024-10-25")],
        "For 30 clean days up to 2024-10-25, recovery of the credit score: 1 point gained",
        "截至2024-10-25连续30天无违规，信用分累积：加1分",
    ),
    "a recovery for clean days that were not": Said(
        [
            ("2024-09-25 09:00", ENROLLED),
            ("2024-10-20 09:00", found("v1", "spam")),
            recovery("2024-10-26 00:00", "2024-10-25"),
        ],
        "Recovery of the credit score for 2024-10-25: 1 point gained (9 → 10); violation v1 of",
        "2024-10-25信用分累积：加1分（9分 → 10分）；该期间内的违规v1仍然成立",
        ("clean days", "无违规"),
    ),
    "a recovery at the cap": Said(
        [
            ("2024-07-08 09:00", ENROLLED),
            *(recovery(f"2024-{month:02}-01 00:00", f"2024-{month - 1:02}") for month in (9, 10)),
            recovery("2024-11-01 00:00", "2024-10-31"),
        ],
        "nothing was gained, with the credit score at its cap of 12 already.",
        "信用分已达上限12分，未加分。",
        ("0 points", "0分（", "应为"),
    ),
    "a stop that stays, without recoveries since it began": Said(
        [
            ("2024-06-08 09:00", ENROLLED),
            ("2024-06-09 10:00", f.ExamRightClaimed()),
            recovery("2024-08-01 00:00", "2024-07"),
            ("2024-08-10 09:00", found("v1", "spam")),
            ("2024-08-10 10:00", found("v2", "misleading")),
            ("2024-08-10 11:00", f.ExamStudied("v1")),
            ("2024-08-10 12:00", f.ExamSat("v1", 10_00)),
            ("2024-08-10 13:00", points("v3", "reposting", 1)),
            ("2024-08-10 14:00", f.AppealGranted("v3")),
        ],
        "stays until 2024-08-11 10:00: with the credit score at 7, 8 is needed.",
        "信用分7分，低于8分，节点处罚仍然成立，商品分享功能停用整改（8分节点）维持不变，"
        "至2024-08-11 10:00。",
        ("recoveries", "累积加分", "since it began"),
    ),
    "a stop that stays, with recoveries since it began": Said(
        [
            *START,
            ("2024-07-31 09:00", points("v1", "misleading", 3)),
            ("2024-07-31 10:00", f.ExamStudied("v1")),
            recovery("2024-08-01 00:00", "2024-06"),
            ("2024-08-01 01:00", f.AppealGranted("v1", 50)),
        ],
        "with the credit score at 7.5 (what was gained since it began does not count), 8 is "
        "needed.",
        "信用分7.5分（停用开始后的累积加分不计），低于8分，",
    ),
    "no recovery while stopped for good": Said(
        [
            *START,
            ("2024-07-10 09:00", found("v1", "fraud")),
            recovery("2024-08-01 00:00", "2024-07"),
        ],
        "Nothing is gained while the stop of product sharing lasts, which is for good.",
        "商品分享功能的停用为永久，其间不再累积分数。",
    ),
    "a grant after a denial": Said(
        [
            *ONE,
            ("2024-07-11 09:00", f.AppealLodged("v1")),
            ("2024-07-12 09:00", f.AppealDenied("v1")),
            ("2024-07-20 09:00", f.AppealGranted("v1")),
        ],
        "it had been denied on 2024-07-12 09:00, and the platform decided otherwise since",
        "该申诉曾于2024-07-12 09:00未通过，平台其后改为通过",
    ),
    "a grant of an appeal that was too late": Said(
        [
            *ONE,
            ("2024-07-18 00:00", f.AppealLodged("v1")),
            ("2024-07-20 09:00", f.AppealGranted("v1")),
        ],
        "it had been lodged too late, on 2024-07-18 00:00, and the platform granted it all the "
        "same",
        "该申诉于2024-07-18 00:00提出时已逾期，平台仍予通过",
    ),
    "a grant of an appeal in time": Said(
        [
            *ONE,
            ("2024-07-11 09:00", f.AppealLodged("v1")),
            ("2024-07-20 09:00", f.AppealGranted("v1")),
        ],
        unsaid=("all the same", "denied", "逾期", "未通过"),
    ),
    "a grant of more than is left": Said(
        [*PASSED, ("2024-07-12 09:00", f.AppealGranted("v1", 200))],
        "1.5 points come back (8.5 → 10), and violation v1 (“misleading information, false "
        "advertising”) stands; the decision gives 2 points back; of the 3 points of the "
        "violation, 1.5 points had come back before",
        "决定恢复2分；该违规共计3分，此前已恢复1.5分",
    ),
    "a batch": Said(
        [
            *START,
            ("2024-07-10 09:00", found("v1", "spam", batch="b")),
            ("2024-07-10 09:00", found("v2", "spam", batch="b")),
            ("2024-07-10 09:00", found("v3", "reposting", batch="b")),
        ],
        "; found together, v1, v2 and v3 count as one (credit score 10 → 7.5), and the nodes are "
        "looked at once; the credit score fell below 8",
        "；违规v1、v2、v3多条并犯，合并计算（信用分10分 → 7.5分）后一并判断节点；信用分低于8分",
    ),
    "a stop that takes the place of another": Said(
        [
            ("2024-03-01 09:00", f.CreatorEnrolled("douyin-merchant")),
            (
                "2024-04-01 10:00",
                f.ViolationFound("a1", "general", "other", points=1200, ground="unstated"),
            ),
            (
                "2024-04-02 15:00",
                f.ViolationFound("b1", "serious", "other", points=800, ground="unstated"),
            ),
        ],
        "the closure of the shop (“Twelve points for general violations”) ends earlier, on "
        "2024-04-02 24:00",
        "店铺停业整顿（“A类每累计12分”节点）提前至2024-04-02 24:00结束",
        as_of="2024-04-02 15:00",
    ),
    "a violation without the severity that its points go by": Said(
        [
            ("2024-07-08 09:00", f.CreatorEnrolled("tmall-diversion")),
            ("2024-07-10 09:00", found("v1", "diversion")),
        ],
        "sets the points of “leading buyers to third parties” by severity (general, serious and "
        "egregious), and the fact of violation v1 names none, so nothing is deducted",
        "按情节轻重规定“诱导第三方”的分值（情节一般、情节严重、情节特别严重），违规v1的记录未注明情节，"
        "不扣分",
        ("gives points", "均未给出"),
    ),
    "a violation of a severity that there is not": Said(
        [
            ("2024-07-08 09:00", f.CreatorEnrolled("tmall-diversion")),
            ("2024-07-10 09:00", f.ViolationFound("v1", "diversion", "other", "gigantic")),
        ],
        "names “gigantic”, which is none of these, so nothing is deducted",
        "的记录所注明的“gigantic”不在其列，不扣分",
    ),
    "a violation of a type without points": Said(
        [
            ("2024-07-08 09:00", f.CreatorEnrolled("douyin-merchant")),
            ("2024-07-10 09:00", found("v1", "general")),
        ],
        "nor the fact of violation v1 gives points for “general violation”",
        "与违规v1的记录均未给出“一般违规”的分值，不扣分",
        ("severity", "情节"),
    ),
    "a milder figure that is not honoured": Said(
        [
            *START,
            (
                "2024-07-10 09:00",
                found("v1", points=100, ground="first_offence", law_breach=True),
            ),
        ],
        "as the law was broken, the milder figure of 1 point (first offence) is not honoured: the "
        "3 points of this type count",
        "因违反法律规定，不予从轻（原拟以“首次违规”计1分），仍计3分",
    ),
    "points of several that go at once": Said(
        [
            ("2024-01-01 09:00", f.CreatorEnrolled("super-licence")),
            *((f"2024-0{n}-01 09:00", points(f"race {n}", "decision", 3)) for n in range(2, 6)),
            ("2024-06-01 09:00", f.OccasionHeld("azerbaijan_grand_prix")),
        ],
        "“Azerbaijan Grand Prix” took place (12 → 0); the suspension (“Suspension for the next "
        "event”) ended on 2024-06-01 01:00; 12 points in all (3 points of violation “race 2”, "
        "3 points of violation “race 3”, 3 points of violation “race 4” and 3 points of violation "
        "“race 5”) came off on 2024-06-01 01:00.",
        "“阿塞拜疆大奖赛”已举行（12分 → 0分）；停赛（“停赛一场”节点）已于2024-06-01 01:00结束；"
        "共12分（违规“race 2”的3分、违规“race 3”的3分、违规“race 4”的3分、违规“race 5”的3分）",
        ("azerbaijan_grand_prix",),
    ),
    "the end that counts where one of two stops has ended": Said(
        [*START, ("2024-07-10 09:00", points("v1", "fraud", 7))],
        "The suspension of product sharing (node 8) ended on 2024-07-11 09:00; product sharing now "
        "stays stopped until 2024-07-17 09:00.",
        "商品分享功能停用整改（8分节点）已于2024-07-11 09:00结束；商品分享功能现停用至"
        "2024-07-17 09:00。",
        as_of="2024-07-11 09:00",
    ),
    "the end that counts where some of several stops are lifted": Said(
        [
            *START,
            ("2024-07-10 09:00", points("v1", "fraud", 20)),
            ("2024-07-10 12:00", f.AppealGranted("v1", 300)),
        ],
        "the suspension of product sharing (node 8, node 6 and node 4) stays, the last of several "
        "until 2024-07-17 09:00: with the credit score at 3.",
        "商品分享功能停用整改（8分节点、6分节点、4分节点）均维持不变，最晚至2024-07-17 09:00。",
    ),
    "fractions of a second": Said(
        [*START, ("2024-07-10 09:00:00.123456", found("v1"))],
        "until 2024-07-11 09:00.",
        "至2024-07-11 09:00。",
        ("123456",),
    ),
    "an answer on a violation that was withdrawn": Said(
        [
            *ONE,
            ("2024-07-11 09:00", f.FactRetracted("e3", "typed twice")),
            ("2024-07-12 09:00", f.AppealLodged("v1")),
        ],
        "Violation v1 was withdrawn on 2024-07-11 09:00 (fact e4), so nothing follows from this.",
        "违规v1的判定已于2024-07-11 09:00撤回（记录e4），本条不产生影响。",
    ),
    "why a fact was withdrawn": Said(
        [*ONE, ("2024-07-11 09:00", f.FactRetracted("e3", "typed twice"))],
        "(reason: typed twice)",
        "（理由：typed twice）",
    ),
    "how a violation was found": Said(
        [*START, ("2024-07-10 09:00", f.ViolationFound("v1", "spam", "platform_screening"))],
        "Violation v1, “flooding and malicious comments”, found by screening of the platform: ",
        "违规v1（“刷屏、恶意留言”，平台主动排查发现）：",
    ),
    "several multiples of a node": Said(
        [
            ("2024-01-01 09:00", f.CreatorEnrolled("douyin-merchant")),
            ("2024-02-01 09:00", points("a1", "general", 24)),
        ],
        "4000.00 CNY (2000.00 CNY × 2) are due on the account “deposit”",
        "触发“A类每累计12分”节点处罚：店铺停业整顿3天，至2024-02-04 09:00；"
        "应自保证金扣缴人民币4000.00元（人民币2000.00元×2）",
    ),
    "a shop that is removed": Said(
        [
            ("2024-07-01 09:00", f.CreatorEnrolled("tmall-diversion")),
            *(
                (f"2024-0{n}-01 09:00", found(f"v{n}", "diversion", severity="general"))
                for n in (7, 8, 9)
            ),
        ],
        "violation v9 is offence no. 3 on the ladder “Repeated violations”",
        "违规v9为“重复违规”阶梯的第3次违规；因此清退店铺",
        ("永久停用", "店铺经营"),
    ),
    "who was enrolled where": Said(
        [("2024-07-08 09:00", f.CreatorEnrolled("super-licence"))],
        "The driver got a super licence, under “Penalty points on super licences” (2019), and "
        "starts with the penalty points at 0.",
        "车手取得超级驾照，适用超级驾照罚分（2019版）；罚分初始为0分。",
        ("creator", "创作者"),
    ),
}


def asked(lines: Sequence[Line], as_of: str = "") -> Replay:
    return ruled(envelopes(lines), as_of=when(as_of or lines[-1][0]))


@pytest.mark.parametrize("name", SAID)
def test_what_is_said(name: str) -> None:
    case = SAID[name]
    *_, (_, why) = story(asked(case.lines, case.as_of))
    for language, part in zip(LANGUAGES, (case.en, case.zh), strict=True):
        assert part in why.text[language]
        assert not [word for word in case.unsaid if word in why.text[language]], why.text


CITED = {
    "no recovery while stopped for good": ["ledger: no recovery while stopped for good"],
    "a grant after a denial": ["003 §3.4", "ledger: the authority decides"],
    "a grant of an appeal that was too late": ["003 §3.4", "ledger: the authority decides"],
    "a grant of an appeal in time": ["003 §3.4"],
}


@pytest.mark.parametrize("name", CITED)
def test_no_clause_is_cited_that_says_otherwise(name: str) -> None:
    ruling = audit_view(asked(SAID[name].lines))["rulings"][-1]
    assert ruling["clauses"] == CITED[name]


def test_no_table_is_spoken_of_that_no_source_has() -> None:
    for language, word in (("en", "table"), ("zh", "规则表")):
        texts = [re.sub(r"\{\w+\}", "", str(text)) for text in table(language).values()]
        assert not [text for text in texts if word in text]


def test_a_quote_is_whole() -> None:
    for book in Shelf().versions("douyin-creator")[1:]:
        quote = book.clauses["appeal_after_exam"].zh
        assert "撤销当次违规涉及的全部违规处理（当次违规扣除的信用分已全部恢复的" in quote


def lines(result: Replay, language: str = "en") -> str:
    return "\n".join(standing_lines(result, language))


def test_points_that_are_gone_do_not_change_next() -> None:
    result = asked(SAID["points of several that go at once"].lines)
    assert "changes next     nothing changes by time alone" in lines(result)
    before = asked(SAID["points of several that go at once"].lines[:-1])
    assert "points of violation “race 2” expire" in lines(before)


def test_a_deadline_is_told_the_same_everywhere() -> None:
    result = asked([*ONE, ("2024-07-11 09:00", f.AppealLodged("v1"))])
    assert "before 24:00 on 2024-07-17" in audit_view(result)["rulings"][-1]["text"]["en"]
    told = lines(asked(ONE))
    assert "false advertising”), until 2024-07-17 24:00; 1 appeal is possible." in told
    assert "2024-07-18" not in told


def test_what_is_stopped_for_good_is_not_open() -> None:
    result = asked([*START, ("2024-07-10 09:00", found("v1", "fraud"))])
    assert "Product sharing is stopped for good." in lines(result)
    assert "商品分享功能永久停用。" in lines(result, "zh")


def test_a_note_is_said_once_for_all_its_figures() -> None:
    for language, why in (("en", "missing from every copy"), ("zh", "在所见各副本中均缺失")):
        told = lines(ruled(envelopes(PASSED), as_of=EVER), language)
        assert told.count(why) == 1
