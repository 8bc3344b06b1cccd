"""Every reason, kind and effect has its sentence in both languages, with the figures in it."""

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from everything import asked, walked
from hypothesis import given, settings
from law.reading import ruled
from law.table import cases
from model.histories import KINDS as HISTORY_KINDS
from model.histories import histories
from samples import APPEAL_FIRST, EXAM_FIRST, envelopes, when

from ledger.facts import types as f
from ledger.rulebook.shelf import Shelf
from projections.explain.explanation import explain, since_last, story
from projections.explain.messages import LANGUAGES, table
from projections.fold.state import EFFECTS, KINDS, REASONS
from projections.standing.replay import Library, Replay, replay
from projections.views.objects import audit_view

END_OF_2025 = when("2025-12-31 24:00")
HAN = re.compile("[\u4e00-\u9fff]")
BARE = """
name = "bare"
version = "1"
in_force_from = 2020-01-01
zone = "Asia/Shanghai"
title = { en = "Bare", zh = "极简" }
assumed = true
note = "made up"
[counters.strikes]
direction = "tally"
initial = 0
cap = 5
title = { en = "Strikes", zh = "违规次数" }
[features]
shop = { en = "shop", zh = "店铺" }
[categories.diversion]
title = { en = "Diversion", zh = "引流" }
points = 3
fines = [{ account = "fine", amount = 2000, currency = "CNY" }]
[categories.unpriced]
title = { en = "Unpriced", zh = "未定" }
[nodes.3]
at_or_above = 3
stops = [{ feature = "shop", natural_days = 7 }]
lifted_by = ["appeal"]
"""


def bare(folder: Path) -> Library:
    target = folder / "bare"
    target.mkdir()
    (target / "1.toml").write_text(BARE, encoding="utf-8")
    return Library(Shelf([folder]))


@pytest.fixture(scope="session")
def fined(tmp_path_factory: pytest.TempPathFactory) -> Replay:
    """A rulebook with fines, a tally and no clauses at all."""
    facts = envelopes(
        [
            ("2024-07-01 09:00", f.CreatorEnrolled(rulebook="bare")),
            ("2024-07-02 09:00", f.ViolationFound("v1", "diversion", "other")),
            ("2024-07-03 09:00", f.ViolationFound("v2", "diversion", "other")),
            ("2024-07-03 10:00", f.ViolationFound("v3", "unpriced", "other")),
            ("2024-07-04 09:00", f.AppealGranted("v1")),
            ("2024-07-05 09:00", f.MoneyPosted("fine", 150_000, "CNY", "paid", "v2")),
        ]
    )
    library = bare(tmp_path_factory.mktemp("shelf"))
    return replay("mei", facts, library, as_of=END_OF_2025, rulings=True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "key",
    [f"reasons.{r}" for r in REASONS if r]
    + [f"kinds.{k}" for k in KINDS]
    + [f"effects.{e}" for e in EFFECTS],
)
def test_there_is_a_sentence(key: str, language: str) -> None:
    words = table(language)
    found = [words[k] for k in words if k == key or k.startswith(f"{key}.")]
    assert found
    assert all(text.strip() for text in found)


def test_languages_have_the_same_sentences_with_the_same_values() -> None:
    first, second = (table(language) for language in LANGUAGES)
    assert first.keys() == second.keys()
    for key in first:
        assert values(first[key]) == values(second[key]), key


def values(text: str | list[str]) -> set[str]:
    forms = [text] if isinstance(text, str) else text
    return {name for form in forms for _, name, _, _ in Formatter().parse(form) if name}


def test_every_ruling_of_the_law_can_be_explained(fined: Replay) -> None:
    said: set[str] = set()
    for result in [fined, *ruled_cases(), *(walked(seed) for seed in range(60)), items()]:
        view = audit_view(result)
        for told in entries(view):
            check(told)
            said |= kinds(told)
        said |= {word or "" for r in view["rulings"] for word in (r["type"], r["reason"])}
    assert said >= {*KINDS, *REASONS, *EFFECTS}


def items() -> Replay:
    """Two violations about one thing."""
    finding = f.ViolationFound("v1", "fraud", "other", item="post-1")
    again = f.ViolationFound("v2", "fraud", "other", item="post-1")
    return asked([("2022-02-01 09:00", finding), ("2022-02-02 09:00", again)], "2022-02-03")


def ruled_cases() -> Iterator[Replay]:
    for case in cases().values():
        last = max(row.at for row in case.rows)
        yield ruled(case.facts, as_of=last, simulate=case.simulate)


def kinds(told: dict) -> set[str]:  # type: ignore[type-arg]
    return {effect["kind"] for effect in told["effects"]}


@settings(max_examples=75)
@given(histories(kinds=(*HISTORY_KINDS, "retraction")))
def test_any_history_can_be_explained(history: list) -> None:  # type: ignore[type-arg]
    for simulate in (False, True):
        result = ruled(history, as_of=END_OF_2025, simulate=simulate)
        for told in entries(audit_view(result)):
            check(told)
        for language in LANGUAGES:
            assert "{" not in since_last(result, language)


def entries(view: dict) -> list[dict]:  # type: ignore[type-arg]
    """All that an audit tells: rulings, and what time did between them."""
    return [*view["rulings"], *view["time"]]


def check(told: dict) -> None:  # type: ignore[type-arg]
    assert told["clauses"], told
    for language, end in (("en", "."), ("zh", "。")):
        text = told["text"][language]
        assert text.endswith(end), text
        assert not re.search(r"[{}]|None|  |\(\)|（）|[:;,：；，] ?[;.；。]", text), text
    assert not HAN.search(told["text"]["en"]), told["text"]["en"]
    if told.get("change") not in (None, "0") and told["type"] != "creator_enrolled":
        before, after = told["score_before"], told["score_after"]
        assert f"{before} → {after}" in told["text"]["en"]
        assert f"{before}分 → {after}分" in told["text"]["zh"]


def texts(result: Replay) -> dict[str, dict[str, str]]:
    return {r["event"]: r["text"] for r in audit_view(result)["rulings"]}


def test_the_worked_example_in_words() -> None:
    said = texts(ruled(envelopes(EXAM_FIRST), as_of=when("2024-07-31")))
    assert said["e3"]["en"] == (
        "Violation v1, “misleading information, false advertising”, found by a complaint of a "
        "user: 3 points deducted from the credit score (10 → 7); the credit score fell below 8, "
        "which brings a suspension of product sharing for 1 day, until 2024-07-11 09:00; the "
        "measure “video visible to the creator only” applies with it."
    )
    assert said["e3"]["zh"] == (
        "违规v1（“误导信息、虚假宣传”，用户投诉）：扣信用分3分（10分 → 7分）；信用分低于8分，"
        "触发节点处罚：商品分享功能停用整改1天，至2024-07-11 09:00；"
        "同时采取“视频仅个人主页可见”措施。"
    )
    assert "1.5 points come back (7 → 8.5)" in said["e5"]["en"]
    assert "lifted at once, where it would have lasted until 2024-07-11" in said["e5"]["en"]
    assert "of its 3 points, the exam had given 1.5 points back already" in said["e6"]["en"]
    assert "恢复“误导信息、虚假宣传”考试权益次数" in said["e6"]["zh"]


def test_an_exam_after_the_appeal_says_that_it_is_closed() -> None:
    said = texts(ruled(envelopes(APPEAL_FIRST), as_of=when("2024-07-31")))
    assert said["e6"]["en"] == (
        "The exam on violation v1 closed when an appeal was granted on 2024-07-10 15:00: this "
        "changes nothing and takes no exam right."
    )


def test_a_stop_that_stays_says_what_would_have_been_needed() -> None:
    facts = envelopes(
        [
            *EXAM_FIRST[:4],
            ("2024-07-10 12:00", f.ViolationFound("v2", "off_topic_goods", "other")),
            ("2024-07-10 13:00", f.ExamStudied("v2")),
            ("2024-07-10 14:00", f.ExamSat("v2", 100_00)),
        ]
    )
    said = texts(ruled(facts, as_of=when("2024-07-31")))
    assert said["e7"]["en"].endswith(
        "the suspension of product sharing (node 8) stays until 2024-07-11 09:00: with the credit "
        "score at 7, 8 is needed."
    )


def test_clauses_of_the_judging_version_go_with_a_violation() -> None:
    facts = envelopes(
        [
            ("2022-03-01 09:00", f.CreatorEnrolled(level=4, reputation=480)),
            ("2024-07-05 09:00", f.ViolationFound("v1", "misleading", "other")),
            ("2024-07-07 09:00", f.AppealGranted("v1")),
        ]
    )
    (_, _, granted) = explain(ruled(facts, as_of=when("2024-07-31")))
    assert {r.rulebook for r in granted.references} == {"douyin-creator@2022-02"}
    assert "001 二(四)" in granted.clauses


def test_assumed_figures_are_listed() -> None:
    result = ruled(envelopes(EXAM_FIRST), as_of=when("2024-07-31"))
    assert [figure["path"] for figure in audit_view(result)["assumed"]] == [
        "categories.misleading.points",
        "nodes.8.below",
        "categories.misleading.restorable",
    ]


def test_a_rulebook_without_clauses_is_cited_as_assumed(fined: Replay) -> None:
    found = audit_view(fined)["rulings"][1]
    assert found["clauses"][0] == "assumed: categories.diversion.points"
    assert "nodes.3.stops.shop.natural_days" in found["clauses"][-1]


def test_a_stop_that_has_ended_takes_no_part_in_the_next_one() -> None:
    facts = envelopes(
        [
            ("2024-07-08 09:00", f.CreatorEnrolled()),
            ("2024-07-09 09:00", f.ViolationFound("v1", "misleading", "other")),
            ("2024-07-12 09:00", f.ViolationFound("v2", "misleading", "other")),
        ]
    )
    text = texts(ruled(facts, as_of=when("2024-07-31")))["e3"]["en"]
    assert "latest end counts" not in text
    facts[2] = envelopes([*[(LATER, f.ExamRightClaimed())] * 2, (LATER, V2)])[2]
    text = texts(ruled(facts, as_of=when("2024-07-31")))["e3"]["en"]
    assert "for product sharing the latest of several ends counts, 2024-07-12 20:00" in text


LATER = "2024-07-09 20:00"
V2 = f.ViolationFound("v2", "misleading", "other")


def test_what_time_did_is_told_by_itself_and_in_order() -> None:
    facts = envelopes(
        [
            ("2024-01-01 00:00", f.CreatorEnrolled()),
            ("2024-01-10 09:00", f.ViolationFound("v1", "misleading", "other")),
            ("2024-03-10 09:00", f.ExamRightClaimed()),
        ]
    )
    result = ruled(facts, as_of=when("2024-03-31"), simulate=True)
    told = [(why.text["en"], type(event).__name__) for event, why in story(result)]
    assert told[2:] == [
        (
            "The stop of shopping cart (node 8) ended on 2024-01-17 09:00; the stop of live selling"
            " (node 8) ended on 2024-01-17 09:00.",
            "Turn",
        ),
        (
            "“videos visible to the creator only” (node 8) ended on 2024-03-01 00:00, as the score "
            "is back; a recovery of 1 point fell due on 2024-03-01 00:00.",
            "Turn",
        ),
        ("The right to sit exams in place of penalties was claimed.", "Ruling"),
    ]
