"""What a creator's lawyer found false in the glance: each line here was seen wrong first."""

from collections.abc import Sequence
from typing import NamedTuple

import pytest
from law.reading import ruled
from samples import Line, envelopes, when

from ledger.facts import types as f
from projections.explain.messages import LANGUAGES
from projections.standing.replay import Replay
from projections.views.report import glance

SHOP: list[Line] = [
    ("2024-01-01 09:00", f.CreatorEnrolled("douyin-merchant")),
    ("2024-03-01 09:00", f.MoneyPosted("deposit", 10000_00, "CNY", "paid")),
    (
        "2024-04-01 15:00",
        f.ViolationFound("a1", "general", "other", points=24_00, ground="unstated"),
    ),
    (
        "2024-04-02 15:00",
        f.ViolationFound("b1", "counterfeit", "other", points=8_00, ground="severe_single"),
    ),
]
WITHHELD: Line = ("2024-04-03 15:00", f.MoneyPosted("deposit", -9000_00, "CNY", "withheld"))
PART: Line = ("2024-04-03 15:00", f.MoneyPosted("deposit", -4000_00, "CNY", "withheld"))
CREATOR: list[Line] = [("2024-09-25 09:00", f.CreatorEnrolled())]
H1: Line = ("2024-10-01 09:00", f.ViolationFound("h1", "misleading", "other"))
COMMISSION: Line = (
    "2024-10-02 09:00",
    f.MoneyPosted("commission", -120_50, "CNY", "withheld", "h1"),
)
TMALL: list[Line] = [
    ("2024-07-10 09:00", f.CreatorEnrolled("tmall-diversion")),
    ("2024-07-11 09:00", f.ViolationFound("d0", "diversion", "other", severity="general")),
]


class Told(NamedTuple):
    lines: Sequence[Line]
    as_of: str
    en: str
    zh: str
    unsaid: tuple[str, ...] = ()


TOLD = {
    "what is withheld is not asked for again": Told(
        [*SHOP, WITHHELD], "2024-04-03 16:00",
        "9000.00 CNY were withheld on the account “deposit”, 1000.00 "
        "CNY are left on it; nothing is left to pay.",
        "“保证金”账户已被扣留人民币9000.00元，余额人民币1000.00元；无待缴款项。",
        ("账户应缴",),
    ),
    "part of it is withheld, and the rest is there": Told(
        [*SHOP, PART], "2024-04-03 16:00",
        "4000.00 CNY were withheld on the account “deposit”, 6000.00 "
        "CNY are left on it; nothing is left to pay.",
        "“保证金”账户已被扣留人民币4000.00元，余额人民币6000.00元；无待缴款项。",
    ),
    "nothing was paid in, part was withheld": Told(
        [SHOP[0], *SHOP[2:], PART], "2024-04-03 16:00",
        "4000.00 CNY were withheld on the account “deposit”; 5000.00 CNY are still due.",
        "“保证金”账户已被扣留人民币4000.00元；尚应缴人民币5000.00元。",
    ),
    "what is withheld without a demand is owed by nobody": Told(
        [*CREATOR, H1, COMMISSION], "2024-10-03",
        "120.50 CNY were withheld on the account “commission”; nothing is left to pay.",
        "“佣金”账户已被扣留人民币120.50元；无待缴款项。", ("账户应缴", "已入账", "未见退还"),
    ),
    "what is withheld for a violation that is void": Told(
        [*CREATOR, H1, COMMISSION, ("2024-10-04 09:00", f.AppealGranted("h1"))], "2024-10-05",
        "120.50 CNY of that were withheld for what is void now (h1), and no return is on record",
        "其中人民币120.50元扣留所据的违规（h1）已撤销，未见退还的记录",
    ),
    "a stop that takes the place of a running one": Told(
        SHOP, "2024-04-02 16:00",
        "until 2024-04-09 24:00.",
        "店铺停业整顿至2024-04-09 24:00。", ("自2024-04-03 00:00起", "from 2024-04-03 00:00"),
    ),
    "no time limit in any source": Told(
        TMALL, "2024-07-12",
        "No source seen gives a time limit for an appeal, so the "
        "notice of the platform counts: open are d0.",
        "所见来源未载申诉期限，请以平台的通知为准：就d0可提出申诉。", ("规则未规定",),
    ),
}  # fmt: skip


def told(result: Replay, language: str) -> str:
    return "\n".join(text for _, block in glance(result, language) for _, text in block)


@pytest.mark.parametrize("name", TOLD)
def test_what_is_told(name: str) -> None:
    case = TOLD[name]
    result = ruled(envelopes(case.lines), as_of=when(case.as_of), known_at=when("2025-01-01"))
    texts = {language: told(result, language) for language in LANGUAGES}
    assert case.en in texts["en"]
    assert case.zh in texts["zh"]
    assert not [word for word in case.unsaid for text in texts.values() if word in text]
