"""What time did between facts is told in rows of its own: all of it, in order, both languages."""

from itertools import pairwise

import pytest
from everything import asked, walked
from law.reading import ruled
from samples import Line, envelopes, when

from ledger.facts import types as f
from projections.explain.explanation import story
from projections.explain.messages import LANGUAGES
from projections.fold.trace import Turn
from projections.standing.replay import Replay, in_order
from projections.standing.writing import instant


def found(name: str, category: str, severity: str | None = None) -> f.ViolationFound:
    return f.ViolationFound(name, category, "other", severity=severity)


AT_ONCE: list[Line] = [
    ("2022-02-01 09:00", f.FeatureOpened("shop")),
    ("2022-02-02 09:00", found("v1", "fraud")),
    ("2022-02-10 09:00", found("v2", "spam")),
    ("2022-03-20 09:00", f.FactRetracted("e4", "recorded in error")),
    ("2022-08-30 09:00", f.ExamRightClaimed()),
]
AFTER_APPEAL: list[Line] = [
    ("2024-04-01 09:00", found("v1", "spam", "serious")),
    ("2024-04-10 09:00", found("v2", "spam", "serious")),
    ("2024-05-01 09:00", found("v3", "fraud")),
]
TOLD: dict[str, tuple[list[Line], dict[str, tuple[str, str]]]] = {
    "at once": (
        AT_ONCE,
        {
            "2022-02-05": (
                "The stop of shop (node dozen) ended on 2022-02-05 02:00; 6 points of violation v1 "
                "came off on 2022-02-05 02:00.",
                "店铺的停用（dozen节点）已于2022-02-05 02:00结束；违规v1的6分于2022-02-05 "
                "02:00移除。",
            ),
            "2022-03-02": (
                "The stop of speech (node dozen) ended on 2022-03-02 00:00.",
                "发言的停用（dozen节点）已于2022-03-02 00:00结束。",
            ),
            "2022-03-05": (
                "A recovery of 5 points fell due on 2022-03-05 00:00.",
                "于2022-03-05 00:00应得累积加分5分。",
            ),
            "2022-03-13": (
                "Shop was closed on 2022-03-13 02:00 until it is opened again, as it has not been "
                "used for 40 days.",
                "店铺已40天未使用，于2022-03-13 02:00关闭，直至再次开通。",
            ),
            "2022-04-04": (
                "A recovery of 5 points fell due on 2022-04-04 00:00.",
                "于2022-04-04 00:00应得累积加分5分。",
            ),
            "2022-05-04": (
                "A recovery of 5 points fell due on 2022-05-04 00:00.",
                "于2022-05-04 00:00应得累积加分5分。",
            ),
            "2022-06-03": (
                "A recovery of 5 points fell due on 2022-06-03 00:00.",
                "于2022-06-03 00:00应得累积加分5分。",
            ),
            "2022-07-01": (
                "The reset on 2022-07-01 00:00 lowered the credit by 20 points.",
                "credit于2022-07-01 00:00重置，减少20分。",
            ),
            "2022-07-03": (
                "A recovery of 5 points fell due on 2022-07-03 00:00.",
                "于2022-07-03 00:00应得累积加分5分。",
            ),
            "2022-08-02": (
                "A recovery of 5 points fell due on 2022-08-02 00:00.",
                "于2022-08-02 00:00应得累积加分5分。",
            ),
            "2022-08-29": (
                "6 points of violation v1 expired on 2022-08-29 00:00, time under a stop not "
                "counted.",
                "违规v1的6分于2022-08-29 00:00到期失效（停用期间不计入期限）。",
            ),
        },
    ),
    "after appeal": (
        AFTER_APPEAL,
        {
            "2024-04-09": (
                "Violation v1 (“spam – serious”) took effect on 2024-04-09 00:00, as no appeal had "
                "been lodged, 25 points deducted; the measure “warning” applies with it; "
                "200.00 CNY are due on the account “fine”; violation v1 (“spam – serious”) stops "
                "speech for 3 natural days, until 2024-04-12 24:00.",
                "违规v1（“刷屏·serious”）期满未申诉，于2024-04-09 00:00生效，扣25分；同时采取“警告”"
                "措施；处违约金人民币200.00元；因违规v1（“刷屏·serious”），发言停用3个自然日，"
                "至2024-04-12 24:00。",
            ),
            "2024-04-13": (
                "The stop of speech (violation v1, “spam”) ended on 2024-04-13 00:00.",
                "发言的停用（违规v1，“刷屏”）已于2024-04-13 00:00结束。",
            ),
            "2024-04-18": (
                "Violation v2 (“spam – serious”) took effect on 2024-04-18 00:00, as no appeal had "
                "been lodged, 3 points deducted; the measure “warning” applies with it; "
                "violation v2 is offence no. 2 on the ladder “speech”, which sets 3 points, as 1 "
                "stop came before it, and no fine goes with that; violation v2 (“spam – serious”) "
                "stops speech for 7 days, until 2024-04-24 24:00.",
                "违规v2（“刷屏·serious”）期满未申诉，于2024-04-18 00:00生效，扣3分；同时采取“警告”"
                "措施；违规v2为“speech”阶梯的第2次违规，按该阶梯计3分（此前已停用1次），不另处款项；"
                "因违规v2（“刷屏·serious”），发言停用7天，至2024-04-24 24:00。",
            ),
            "2024-04-25": (
                "The stop of speech (violation v2, “spam”) ended on 2024-04-25 00:00.",
                "发言的停用（违规v2，“刷屏”）已于2024-04-25 00:00结束。",
            ),
            "2024-05-09": (
                "Violation v3 (“fraud”) took effect on 2024-05-09 00:00, as no appeal had been "
                "lodged, 12 points added; 1500.50 CNY are due on the account “deposit”; "
                "the strikes reached 12 or more, which stops shop for 3 days "
                "(until 2024-05-11 24:00) and "
                "stops speech for 1 month (until 2024-06-08 24:00); 2000.00 CNY are due on the "
                "account “deposit”.",
                "违规v3（“售假”）期满未申诉，于2024-05-09 00:00生效，记12分；"
                "应自保证金扣缴人民币1500.50元；"
                "strikes累计达到12分，触发节点处罚：店铺停用3天至2024-05-11 24:00、"
                "发言停用1个月至2024-06-08 "
                "24:00；应自保证金扣缴人民币2000.00元。",
            ),
            "2024-05-12": (
                "The stop of shop (node dozen) ended on 2024-05-12 00:00; 6 points of violation v3 "
                "came off on 2024-05-12 00:00.",
                "店铺的停用（dozen节点）已于2024-05-12 00:00结束；违规v3的6分于2024-05-12 "
                "00:00移除。",
            ),
            "2024-06-09": (
                "The stop of speech (node dozen) ended on 2024-06-09 00:00.",
                "发言的停用（dozen节点）已于2024-06-09 00:00结束。",
            ),
            "2024-07-01": (
                "The reset on 2024-07-01 00:00 raised the credit by 28 points.",
                "credit于2024-07-01 00:00重置，增加28分。",
            ),
            "2024-11-09": (
                "6 points of violation v3 expired on 2024-11-09 00:00.",
                "违规v3的6分于2024-11-09 00:00到期失效。",
            ),
        },
    ),
}


def by_day(result: Replay, language: str) -> dict[str, str]:
    return {
        instant(event.at, result.rulebook.zone)[:10]: why.text[language]
        for event, why in story(result, (language,))
        if isinstance(event, Turn)
    }


@pytest.mark.parametrize("name", TOLD)
@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_time_did_is_told(name: str, language: str) -> None:
    lines, told = TOLD[name]
    result = asked(lines, "2022-09-01" if name == "at once" else "2024-12-01")
    number = LANGUAGES.index(language)
    assert by_day(result, language) == {day: texts[number] for day, texts in told.items()}


def test_a_fact_that_was_withdrawn_stands_where_it_was() -> None:
    """What time did before it is told before it, and what came later after it."""
    events = [
        instant(event.at, "Europe/Paris")[:10] if isinstance(event, Turn) else event.envelope.id
        for event in in_order(asked(AT_ONCE, "2022-03-31"))
    ]
    assert events == [
        *("e1", "e2", "e3", "2022-02-05", "e4"),
        *("2022-03-02", "2022-03-05", "2022-03-13", "e5"),
    ]


@pytest.mark.parametrize("simulate", [False, True])
@pytest.mark.parametrize("seed", range(40))
def test_all_is_in_order_and_sums_to_the_standing(seed: int, simulate: bool) -> None:
    result = walked(seed, simulate=simulate)
    events = list(in_order(result))
    at = [e.at if isinstance(e, Turn) else e.envelope.effective_at for e in events]
    assert at == sorted(at)
    for one, following in pairwise(events):
        assert one.after == following.before
    assert events[-1].after == tuple(c.score for c in result.creator.counters)


@pytest.mark.parametrize(
    ("language", "alone", "below"),
    [
        ("en", "ended on 2024-07-11 09:00.", "ended."),
        ("zh", "已于2024-07-11 09:00结束。", "已结束。"),
    ],
)
def test_below_its_instant_a_text_does_not_say_it_again(
    language: str, alone: str, below: str
) -> None:
    lines: list[Line] = [
        ("2024-07-08 09:00", f.CreatorEnrolled()),
        ("2024-07-10 09:00", f.ViolationFound("v1", "misleading", "other")),
    ]
    replay = ruled(envelopes(lines), as_of=when("2024-07-12 09:00"))
    for headed, said in ((False, alone), (True, below)):
        *_, (_, why) = story(replay, (language,), headed=headed)
        assert why.text[language].endswith(said)
