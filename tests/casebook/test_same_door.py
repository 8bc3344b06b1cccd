"""What an import refuses a table of cases refuses, and says the same field."""

import json
from typing import Any

import pytest

from ledger.facts.cloudevents import Refusal, parse
from ledger.facts.plans import PLANS
from ledger.rulebook.shelf import Shelf
from replay.casebook import cases
from replay.casebook.cases import BrokenCasesError
from replay.casebook.suites import zone_of
from replay.casebook.wording import WORDS

FOUND = {"violation": "v1", "category": "spam", "detected_by": "other"}
MEASURE = {"measure": "warning", "ground": "risk"}
MONEY = {"account": "fine", "amount": "1", "currency": "CNY", "reason": "paid"}
LONG = "x" * 129
TIME, AT = "2024-07-10T09:00:00+08:00", "2024-07-10 09:00"
MALFORMED: dict[str, tuple[str, str, dict[str, Any], str]] = {
    # what: (words of a row, type, data, the field that is refused)
    "points without a ground": (
        "violation v1 spam points=2", "violation_found", FOUND | {"points": "2"}, "ground",
    ),
    "a ground that is none": (
        "violation v1 spam points=2 ground=mood", "violation_found",
        FOUND | {"points": "2", "ground": "mood"}, "ground",
    ),
    "three decimals": (
        "violation v1 spam points=1.505 ground=minor", "violation_found",
        FOUND | {"points": "1.505", "ground": "minor"}, "points",
    ),
    "negative points": ("granted v1 points=-1", "appeal_granted",
                        {"violation": "v1", "points": "-1"}, "points"),
    "points in words": ("recovery 2024-06 points=two", "recovery_granted",
                        {"period": "2024-06", "points": "two"}, "points"),
    "a category with capitals": (
        "violation v1 Spam", "violation_found", FOUND | {"category": "Spam"}, "category",
    ),
    "a severity with a hyphen": (
        "violation v1 spam severity=very-grave", "violation_found",
        FOUND | {"severity": "very-grave"}, "severity",
    ),
    "a severity that is empty": (
        "violation v1 spam severity=", "violation_found", FOUND | {"severity": ""}, "severity",
    ),
    "found by hearsay": (
        "violation v1 spam detected_by=hearsay", "violation_found",
        FOUND | {"detected_by": "hearsay"}, "detected_by",
    ),
    "a breach that is neither": (
        "violation v1 spam law_breach=maybe", "violation_found",
        FOUND | {"law_breach": "maybe"}, "law_breach",
    ),
    "a measure that is no word": (
        "violation v1 spam measures=live_cut,No", "violation_found",
        FOUND | {"measures": ["live_cut", "No"]}, "measures",
    ),
    "an unknown field": (
        "violation v1 spam pionts=2", "violation_found", FOUND | {"pionts": "2"}, "pionts",
    ),
    "another type's field": ("lodged v1 points=2", "appeal_lodged",
                             {"violation": "v1", "points": "2"}, "points"),
    "an id that is empty": ("granted ''", "appeal_granted", {"violation": ""}, "violation"),
    "an id that is too long": (
        f"granted {LONG}", "appeal_granted", {"violation": LONG}, "violation",
    ),
    "an id with a control character": (
        "granted v\x1b[31m", "appeal_granted", {"violation": "v\x1b[31m"}, "violation",
    ),
    "an id with a bidi override": (
        "violation v1 spam item=a\u202eb", "violation_found", FOUND | {"item": "a\u202eb"}, "item",
    ),
    "an id not in NFC": (
        "violation v1 spam batch=e\u0301", "violation_found", FOUND | {"batch": "e\u0301"}, "batch",
    ),
    "a mark over 100": ("sat v1 100.01", "exam_sat", {"violation": "v1", "mark": "100.01"}, "mark"),
    "no mark": ("sat v1", "exam_sat", {"violation": "v1"}, "mark"),
    "no category": ("violation v1", "violation_found",
                    {"violation": "v1", "detected_by": "other"}, "category"),
    "a level with decimals": ("profile level=4.5", "profile_changed", {"level": "4.5"}, "level"),
    "a reputation finer than a hundredth": (
        "profile reputation=4.615", "profile_changed", {"reputation": "4.615"}, "reputation",
    ),
    "a rulebook with its version": (
        "enrolled douyin-creator@2024-07", "creator_enrolled",
        {"rulebook": "douyin-creator@2024-07"}, "rulebook",
    ),
    "a month that is none": (
        "recovery 2024-13", "recovery_granted", {"period": "2024-13"}, "period",
    ),
    "a day that is none": (
        "recovery 2023-02-29", "recovery_granted", {"period": "2023-02-29"}, "period",
    ),
    "a period before 1970": (
        "recovery 1969-12", "recovery_granted", {"period": "1969-12"}, "period",
    ),
    "the right revoked on a fifth ground": (
        "revoked displeasure", "exam_right_revoked", {"ground": "displeasure"}, "ground",
    ),
    "a measure on no ground": (
        "imposed warning ground=mood", "measure_imposed", MEASURE | {"ground": "mood"}, "ground",
    ),
    "a measure that ends as it begins": (
        "imposed warning until=2024-07-10T09:00", "measure_imposed", MEASURE | {"until": TIME},
        "until",
    ),
    "a measure until a day that is none": (
        "imposed warning until=2024-02-30T09:00", "measure_imposed",
        MEASURE | {"until": "2024-02-30T09:00:00+08:00"}, "until",
    ),
    "a measure until a year that is none": (
        "imposed warning until='9999-12-31 24:00'", "measure_imposed",
        MEASURE | {"until": "10000-01-01T00:00:00+08:00"}, "until",
    ),
    "an offence before 1970": (
        "violation v1 spam offended_at=1969-12-31T09:00", "violation_found",
        FOUND | {"offended_at": "1969-12-31T09:00:00+08:00"}, "offended_at",
    ),
    "money finer than its unit": (
        "posted fine 1.005 CNY", "money_posted", MONEY | {"amount": "1.005"}, "amount",
    ),
    "an unknown currency": (
        "posted fine 1 RMB", "money_posted", MONEY | {"currency": "RMB"}, "currency",
    ),
    "money without a currency": (
        "posted fine 1", "money_posted",
        {name: value for name, value in MONEY.items() if name != "currency"}, "currency",
    ),
    "a retraction for no reason": (
        "retracts e1 reason=''", "fact_retracted", {"event": "e1", "reason": ""}, "reason",
    ),
    "a hash that is none": (
        "rulebook_adopted shop 1 abc", "rulebook_adopted",
        {"rulebook": "shop", "version": "1", "hash": "abc"}, "hash",
    ),
    "over 64 KiB": (
        f"retracts e1 reason={'x' * 65_536}", "fact_retracted",
        {"event": "e1", "reason": "x" * 65_536}, "fact",
    ),
}  # fmt: skip
TIMES = {
    "before 1970": ("1969-12-31 09:00", "1969-12-31T09:00:00+08:00"),
    "1969 in UTC": ("1970-01-01 07:59", "1970-01-01T07:59:00+08:00"),
    "after 9999": ("9999-12-31 24:00", "10000-01-01T00:00:00+08:00"),
    "year 0": ("0000-01-01 00:00", "0000-01-01T00:00:00+08:00"),
    "no such day": ("2024-02-30 09:00", "2024-02-30T09:00:00+08:00"),
    "a leap second": ("2016-12-31 23:59:60", "2016-12-31T23:59:60+08:00"),
    "nanoseconds": ("2024-07-10 09:00:00.1234567", "2024-07-10T09:00:00.1234567+08:00"),
}


def imported(kind: str, data: object, **more: str) -> Refusal:
    event = {"specversion": "1.0", "source": "s", "id": "e1", "subject": "c", "time": TIME}
    line = json.dumps(event | {"type": kind, "data": data} | more)
    said = parse(line, file="f.jsonl", line_no=1)
    assert isinstance(said, Refusal)
    return said


def told(row: str) -> str:
    """The first finding of a case with this row, after file and line."""
    text = f"## a case\nstart 2024-07-10 08:00\n{row}\n"
    with pytest.raises(BrokenCasesError) as refused:
        cases.parse(text, "t.txt", ("douyin-creator",), zone_of(Shelf()))
    said = str(refused.value)
    assert said.startswith("t.txt, line 3: ")
    assert said.isprintable()
    return said.removeprefix("t.txt, line 3: ")


@pytest.mark.parametrize(("words", "kind", "data", "field"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_fact(words: str, kind: str, data: dict[str, Any], field: str) -> None:
    assert imported(kind, data).field.removeprefix("data.") == field
    said = told(f"{AT} | {words} | 0 → 10 |")
    assert said.startswith(f"{field}: found ")
    assert "It is written: " in said


@pytest.mark.parametrize(("local", "time"), TIMES.values(), ids=TIMES)
def test_an_instant_that_no_fact_can_have(local: str, time: str) -> None:
    assert imported("exam_right_claimed", {}, time=time).field == "time"
    told(f"{local} | claimed | 0 → 10 |")
    told(f"{AT} (recorded {local}) | claimed | 0 → 10 |")
    told(f"{local} | standing | 10 |")


@pytest.mark.parametrize("label", [LONG, "\u212b"])
def test_a_name_that_no_fact_can_have(label: str) -> None:
    assert imported("exam_right_claimed", {}, id=label).field == "id"
    assert told(f"{AT} | {label}: claimed | 0 → 10 |").startswith("id: found ")


def test_a_field_twice() -> None:
    line = json.dumps({"specversion": "1.0", "data": {"x": 1}}).replace('"x"', '"x": 2, "x"')
    said = parse(line, file="f.jsonl", line_no=1)
    assert isinstance(said, Refusal)
    assert said.found == "the key twice"
    for words in ("violation v1 spam severity=a severity=b", "violation v1 spam category=fraud"):
        assert "twice" in told(f"{AT} | {words} | 0 → 10 |")


def test_every_required_field_of_every_word_is_asked_for() -> None:
    for word, (type_, _, usual) in WORDS.items():
        plan = PLANS[str(type_.__struct_config__.tag)]
        needed = [name for name in plan.fields if name in plan.required - usual.keys()]
        if needed:
            assert told(f"{AT} | {word} | 0 → 10 |").startswith(f"{needed[0]}: found nothing")
