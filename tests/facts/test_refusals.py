"""Bad input: one sentence that names file, line and field, what was found, what would be right."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_cloudevents import VIOLATION, with_data

from ledger.facts.cloudevents import Refusal, parse

MONEY = {"account": "fine", "amount": "1", "currency": "CNY", "reason": "paid"}


def changed(**more: Any) -> str:
    return json.dumps(VIOLATION | more)


def without(name: str) -> str:
    return json.dumps({k: v for k, v in VIOLATION.items() if k != name})


def data(**more: Any) -> str:
    return json.dumps(with_data(**more))


def money(**more: Any) -> str:
    return changed(type="money_posted", data=MONEY | more)


def measure(until: str) -> str:
    return changed(
        type="measure_imposed", data={"measure": "warning", "ground": "risk", "until": until}
    )


def raw(old: str, new: str) -> str:
    return json.dumps(VIOLATION).replace(old, new)


CASES: dict[str, tuple[str | bytes, str, str, str]] = {
    # case: (line, field, found contains, wanted contains)
    "malformed JSON": ("{", "fact", "malformed JSON", "one JSON object"),
    "no JSON": ("hello", "fact", "malformed JSON", "one JSON object"),
    "not UTF-8": (b'{"id":"\xff"}', "fact", "malformed JSON", "one JSON object"),
    "trailing text": (changed() + "{}", "fact", "malformed JSON", "one JSON object"),
    "an array": ("[1]", "fact", "[1]", "one JSON object"),
    "nested without end": ("[" * 60_000, "fact", "too many brackets", "not nested"),
    "NaN": (raw('"v-1"', "NaN"), "fact", "NaN", "a decimal string"),
    "Infinity": (raw('"v-1"', "-Infinity"), "fact", "-Infinity", "a decimal string"),
    "a key twice": (raw('{"spec', '{"id":"x","spec'), "id", "the key twice", "each key once"),
    "a key of data twice": (raw('{"vio', '{"category":"x","vio'), "category", "twice", "once"),
    "a key twice, escaped": (raw('{"spec', '{"\\u0069d":"x","spec'), "id", "twice", "once"),
    "a key twice, spaced": (raw('{"spec', '{"id" :"x","spec'), "id", "twice", "once"),
    "a key twice, tabbed": (raw('{"spec', '{"id"\t:"x","spec'), "id", "twice", "once"),
    "no version": (without("specversion"), "specversion", "nothing", '"1.0"'),
    "another version": (changed(specversion="0.3"), "specversion", '"0.3"', '"1.0"'),
    "no type": (without("type"), "type", "nothing", "appeal_denied"),
    "unknown type": (changed(type="violation_fond"), "type", "fond", "violation_found"),
    "type of another kind": (changed(type=["x"]), "type", '["x"]', "one of"),
    "no id": (without("id"), "id", "nothing", "it: every fact has one"),
    "no subject": (without("subject"), "subject", "nothing", "every fact has one"),
    "mistyped time": (
        raw('"time"', '"tiem"'),
        "time",
        "nothing",
        "every fact has one (is tiem meant?)".replace("tiem", '"tiem"'),
    ),
    "no territory": (data(territory=["Europe"]), "data.territory", '"Europe"', "such as DE"),
    "half a territory": (data(territory=["DE", "DEX"]), "data.territory", "DEX", "UN M.49"),
    "how far automated": (
        data(automated_decision="yes"),
        "data.automated_decision",
        "yes",
        "fully partially no",
    ),
    "whether automated": (
        data(automated_detection="no"),
        "data.automated_detection",
        "no",
        "true or false",
    ),
    "told at noon": (data(told_at="12:00"), "data.told_at", "12:00", "RFC 3339"),
    "a novel": (data(circumstances="x" * 2001), "data.circumstances", "2003 char", "1 to 2000"),
    "missing field": (changed(data={"violation": "v"}), "data.", "nothing", "needs one"),
    "no data where some is required": (without("data"), "data.", "nothing", "needs one"),
    "null in a required field": (data(category=None), "data.category", "nothing", "needs one"),
    "unknown field": (data(catgory="x"), "data.catgory", "the field", "category"),
    "unknown attribute": (changed(recorded_at=1), "recorded_at", "attribute", "recordedtime"),
    "data as text": (changed(data="x"), "data", '"x"', "a JSON object"),
    "data as a list": (changed(data=[]), "data", "[]", "a JSON object"),
    "binary float": (
        data(points=1.5, ground="minor"),
        "data.points",
        "1.5, a binary float",
        '"1.5" in quotes',
    ),
    "a whole binary float": (data(points=1.0, ground="minor"), "data.points", "1.0", "in quotes"),
    "an exponent": (data(points="1e2", ground="minor"), "data.points", '"1e2"', "decimal string"),
    "three decimals": (data(points="1.505", ground="minor"), "data.points", "1.505", "two dec"),
    "negative points": (data(points=-1, ground="minor"), "data.points", "-1", "from 0"),
    "huge points": (raw('"v-1"', '"v-1","points":' + "9" * 4000), "data.points", "99", "from 0"),
    "points in words": (data(points="two", ground="minor"), "data.points", "two", "decimal"),
    "points as a flag": (data(points=True, ground="minor"), "data.points", "true", "decimal"),
    "Arabic digits": (data(points="٣", ground="minor"), "data.points", "\\u0663", "decimal"),
    "points without ground": (data(points="1"), "data.ground", "nothing", "beside points"),
    "unknown ground": (data(points="1", ground="mild"), "data.ground", "mild", "one of egregious"),
    "unknown channel": (data(detected_by="me"), "data.detected_by", '"me"', "media_exposure"),
    "not a word": (data(category="Off Topic"), "data.category", "Off Topic", "a-z"),
    "a word with a line end": (data(category="spam\n"), "data.category", "spam\\n", "a-z"),
    "an object for a word": (data(category={"a": 1}), "data.category", "{", "a-z"),
    "a flag in words": (data(law_breach="true"), "data.law_breach", '"true"', "true or false"),
    "measures in a string": (data(measures="warning"), "data.measures", "warning", "a list"),
    "a measure that is no word": (data(measures=["No"]), "data.measures", "No", "a-z"),
    "too many measures": (data(measures=["a"] * 101), "data.measures", "[", "at most 100"),
    "a mark over 100": (
        changed(type="exam_sat", data={"violation": "v", "mark": "100.01"}),
        "data.mark",
        "100.01",
        "from 0 to 100",
    ),
    "a level with decimals": (
        changed(type="profile_changed", data={"level": "4.5"}),
        "data.level",
        "4.5",
        "an integer",
    ),
    "a level as binary float": (
        changed(type="profile_changed", data={"level": 4.0}),
        "data.level",
        "4.0, a binary float",
        "an integer from 0",
    ),
    "a rulebook with its version": (
        changed(type="creator_enrolled", data={"rulebook": "douyin-creator@2024-07"}),
        "data.rulebook",
        "2024-07",
        "without its version",
    ),
    "a month that is none": (
        changed(type="recovery_granted", data={"period": "2024-13"}),
        "data.period",
        "2024-13",
        "YYYY-MM",
    ),
    "a day that is none": (
        changed(type="recovery_granted", data={"period": "2023-02-29"}),
        "data.period",
        "2023-02-29",
        "that exists",
    ),
    "money finer than its unit": (money(amount="1.005"), "data.amount", "1.005", "exact in CNY"),
    "yen with decimals": (money(amount="1.5", currency="JPY"), "data.amount", "1.5", "JPY"),
    "money as binary float": (money(amount=0.1), "data.amount", "0.1", '"0.1" in quotes'),
    "money beyond reason": (money(amount="9" * 16), "data.amount", "999", "at most"),
    "unknown currency": (money(currency="RMB"), "data.currency", "RMB", "ISO 4217"),
    "no currency": (
        changed(type="money_posted", data={"account": "a", "amount": 1, "reason": "b"}),
        "data.currency",
        "nothing",
        "ISO 4217",
    ),
    "naive time": (changed(time="2024-07-03T10:00:00"), "time", "10:00:00", "its offset"),
    "date only": (changed(time="2024-07-03"), "time", "2024-07-03", "its offset"),
    "year 0": (changed(time="0000-01-01T00:00:00Z"), "time", "0000", "1970 to 9999"),
    "year 1969": (changed(time="1969-12-31T23:59:59Z"), "time", "1969", "1970 to 9999"),
    "1969 in UTC": (changed(time="1970-01-01T00:00:00+08:00"), "time", "1970", "in UTC"),
    "year 10000": (changed(time="10000-01-01T00:00:00Z"), "time", "10000", "1970 to 9999"),
    "10000 in UTC": (changed(time="9999-12-31T23:59:59-08:00"), "time", "9999", "in UTC"),
    "30 February": (changed(time="2024-02-30T00:00:00Z"), "time", "02-30", "exist"),
    "24:00": (changed(time="2024-02-03T24:00:00Z"), "time", "24:00", "exist"),
    "leap second": (changed(time="2016-12-31T23:59:60Z"), "time", ":60Z", "from 00 to 59"),
    "nanoseconds": (changed(time="2024-07-03T10:00:00.1234567Z"), "time", ".123", "six decimals"),
    "offset of 25 hours": (changed(time="2024-07-03T10:00:00+25:00"), "time", "+25", "exist"),
    "ISO 8601 week": (changed(time="2024-W27-3T10:00:00Z"), "time", "W27", "RFC 3339"),
    "time as a number": (changed(time=1720000000), "time", "1720000000", "RFC 3339"),
    "an until that is naive": (
        measure("2024-08-01T00:00:00"),
        "data.until",
        "2024-08-01",
        "its offset",
    ),
    "a measure that ends as it begins": (
        measure("2024-07-03T02:00:00Z"),
        "data.until",
        "02:00:00Z",
        "later than the fact's",
    ),
    "a measure that ended before it began": (
        measure("2024-07-03T09:59:59+08:00"),
        "data.until",
        "09:59:59",
        "later than the fact's",
    ),
    "empty id": (changed(id=""), "id", '""', "1 to 128"),
    "huge id": (changed(id="x" * 129), "id", "(131 characters)", "1 to 128"),
    "id as a number": (changed(id=7), "id", "7", "a string"),
    "control character in an id": (changed(id="a\x1b[31m"), "id", "\\u001b", "no control"),
    "NUL in an id": (changed(id="a\x00"), "id", "\\u0000", "no control"),
    "delete in an id": (changed(subject="a\x7f"), "subject", "a", "no control"),
    "bidi override in an id": (changed(subject="a\u202eb"), "subject", "\\u202e", "U+202E"),
    "zero width in an id": (changed(source="a\u200bb"), "source", "\\u200b", "U+200B"),
    "C1 control in an id": (changed(id="é\x85"), "id", "\\u0085", "U+0085"),
    "id not in NFC": (changed(id="e\u0301"), "id", "e\\u0301", "NFC"),
    "lone surrogate": (raw('"e-1"', '"\\ud800"'), "fact", "malformed JSON", "one JSON object"),
    "empty reason": (
        changed(type="fact_retracted", data={"event": "e", "reason": ""}),
        "data.reason",
        '""',
        "1 to 2000",
    ),
    "an attribute with an object": (changed(extra={"a": 1}), "extra", "{", "a string, an int"),
    "an attribute of 64 bits": (changed(extra=2**40), "extra", "1099", "32 bits"),
    "attributes over 1 KiB": (changed(extra="x" * 1024), "attributes", "bytes in extra", "1 KiB"),
    "over 64 KiB": (changed(extra="x" * 65_536), "fact", "bytes", "at most 64 KiB"),
}


@pytest.mark.parametrize(("line", "field", "found", "wanted"), CASES.values(), ids=CASES)
def test_a_bad_fact_is_refused_in_one_sentence(
    line: str | bytes, field: str, found: str, wanted: str
) -> None:
    said = parse(line, file="facts.jsonl", line_no=7)
    assert isinstance(said, Refusal), said
    assert field in said.field
    assert found in said.found
    assert wanted in said.wanted
    sentence = str(said)
    assert sentence.startswith(f"facts.jsonl, line 7, {said.field}: found ")
    assert sentence.isprintable()
    assert len(sentence) < 600


def test_a_measure_may_end_at_once_after_it_began_or_not_at_all() -> None:
    for line in (measure("2024-07-03T02:00:00.000001Z"), measure("").replace(', "until": ""', "")):
        assert not isinstance(parse(line, file="f", line_no=1), Refusal)


def test_a_good_line_at_the_limit_is_taken() -> None:
    line = changed()
    assert not isinstance(parse(line + " " * (65_536 - len(line)), file="f", line_no=1), Refusal)


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_no_line_raises(line: str | bytes) -> None:
    assert isinstance(parse(line, file="f", line_no=1), Refusal)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.sampled_from(sorted(VIOLATION)), JSON)
def test_no_value_raises(name: str, value: object) -> None:
    said = parse(json.dumps(VIOLATION | {name: value}), file="f", line_no=1)
    assert str(said).isprintable()


@given(st.dictionaries(st.text(max_size=12), JSON, max_size=4))
def test_no_data_raises(more: dict[str, object]) -> None:
    said = parse(json.dumps(with_data(**more)), file="f", line_no=1)
    assert str(said).isprintable()
