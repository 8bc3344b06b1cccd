"""Facts in and out: what is written is read back, and each way of writing a value is understood."""

import json
from typing import Any

import fact_strategies
import pytest
from hypothesis import given

from ledger.facts.cloudevents import Refusal, encode, from_mapping, parse, to_dict
from ledger.facts.envelope import Envelope
from ledger.facts.types import ExamRightClaimed, MoneyPosted, ProfileChanged, ViolationFound

VIOLATION = {
    "specversion": "1.0",
    "type": "violation_found",
    "source": "https://platform.example",
    "id": "e-1",
    "subject": "c-1",
    "time": "2024-07-03T10:00:00+08:00",
    "data": {"violation": "v-1", "category": "misleading", "detected_by": "other"},
}


def read(event: dict[str, Any], **more: Any) -> Envelope:
    said = parse(json.dumps(event | more), file="f.jsonl", line_no=1)
    assert isinstance(said, Envelope), said
    return said


def with_data(**data: Any) -> dict[str, Any]:
    return VIOLATION | {"data": VIOLATION["data"] | data}  # type: ignore[operator]


@given(fact_strategies.envelopes(), fact_strategies.INSTANTS.filter(bool))
def test_what_is_written_is_read_back(e: Envelope, at: int) -> None:
    from msgspec.structs import replace

    recorded = replace(e, recorded_at=at)
    for envelope in (e, recorded):
        line = encode(envelope)
        trusted = parse(line, file="f", line_no=1, trust_recorded_times=True)
        assert trusted == envelope
        assert parse(line.encode(), file="f", line_no=1) == e
        assert from_mapping(to_dict(envelope), file="f", line_no=1) == e


def test_the_line_of_a_fact() -> None:
    e = read(VIOLATION)
    assert e.effective_at == 1_719_972_000_000_000
    assert encode(e) == (
        '{"specversion":"1.0","type":"violation_found","source":"https://platform.example",'
        '"id":"e-1","subject":"c-1","time":"2024-07-03T02:00:00Z",'
        '"data":{"violation":"v-1","category":"misleading","detected_by":"other"}}'
    )


@pytest.mark.parametrize(
    ("points", "hundredths"),
    [("0", 0), (0, 0), ("1.5", 150), ("1.50", 150), (12, 1200), ("0.05", 5), ("007.1", 710)],
)
def test_points_are_decimal_strings_or_integers(points: object, hundredths: int) -> None:
    fact = read(with_data(points=points, ground="minor")).fact
    assert isinstance(fact, ViolationFound)
    assert fact.points == hundredths


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("2000", "CNY", 200_000),
        ("-0.01", "CNY", -1),
        (-5, "JPY", -5),
        ("1.234", "KWD", 1234),
        (2000, "EUR", 200_000),
    ],
)
def test_money_is_exact_in_its_currency(amount: object, currency: str, minor: int) -> None:
    data = {"account": "fine", "amount": amount, "currency": currency, "reason": "paid"}
    e = read(VIOLATION, type="money_posted", data=data)
    assert isinstance(e.fact, MoneyPosted)
    assert e.fact.amount == minor
    assert parse(encode(e), file="f", line_no=1) == e


@pytest.mark.parametrize(
    ("time", "instant"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01t08:00:00+08:00", 0),
        ("1970-01-01T00:00:00.000001z", 1),
        ("1970-01-01T00:00:00.5-00:00", 500_000),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
        ("2024-02-29T23:59:59+23:59", 1_709_164_859_000_000),
    ],
)
def test_instants_are_rfc_3339_with_offset(time: str, instant: int) -> None:
    assert read(VIOLATION, time=time).effective_at == instant


def test_data_may_be_absent_where_nothing_is_required() -> None:
    bare = {k: v for k, v in VIOLATION.items() if k != "data"}
    assert read(bare, type="exam_right_claimed").fact == ExamRightClaimed()
    assert read(bare, type="profile_changed", data=None).fact == ProfileChanged()
    assert read(bare, type="profile_changed", data={"level": None}).fact == ProfileChanged()
    assert read(bare, type="profile_changed", data={"level": "4"}).fact == ProfileChanged(level=4)


def test_other_attributes_are_kept_as_they_are() -> None:
    more = {"datacontenttype": "application/json", "shard": 7, "replayed": True, "note": None}
    e = read(VIOLATION, **more)
    assert e.attributes == {k: v for k, v in more.items() if v is not None}
    assert json.loads(encode(e)) | more == json.loads(encode(e)) | more
    assert json.loads(encode(e))["shard"] == 7


def test_recordedtime_is_read_for_a_migration_only() -> None:
    line = json.dumps(VIOLATION | {"recordedtime": "2024-07-04T00:00:00Z"})
    assert read(json.loads(line)).recorded_at == 0
    trusted = parse(line, file="f", line_no=1, trust_recorded_times=True)
    assert isinstance(trusted, Envelope)
    assert trusted.recorded_at == 1_720_051_200_000_000
    ignored = parse(line.replace("2024-07-04", "soon"), file="f", line_no=1)
    assert isinstance(ignored, Envelope)


def test_keys_may_stand_in_any_order_and_spacing() -> None:
    line = '{ "data" :{"detected_by":"other","category":"spam", "violation" : "v"},\t"time":'
    line += '"2024-07-03T10:00:00Z","subject":"c","id":"\\u0065","source":"s","type":'
    said = parse(line + '"violation_found","specversion":"1.0"}', file="f", line_no=1)
    assert isinstance(said, Envelope)
    assert said.id == "e"


def test_text_that_looks_like_a_key_is_only_text() -> None:
    data = {"event": "e-0", "reason": 'he said "id": and "id":'}
    assert read(VIOLATION, type="fact_retracted", data=data).fact.reason == data["reason"]  # type: ignore[attr-defined]


def test_a_row_of_a_table_has_strings_only() -> None:
    row = {
        "type": "violation_found",
        "source": "s",
        "id": "e",
        "subject": "c",
        "time": "2024-07-03T10:00:00Z",
        "data": {
            "violation": "v",
            "category": "spam",
            "detected_by": "other",
            "points": "1.5",
            "ground": "minor",
            "law_breach": "true",
            "measures": "warning, live_cut",
        },
    }
    said = from_mapping(row, file="f.csv", line_no=2)
    assert isinstance(said, Envelope)
    fact = said.fact
    assert isinstance(fact, ViolationFound)
    assert (fact.points, fact.law_breach, fact.measures) == (150, True, ("warning", "live_cut"))
    bad = from_mapping(row | {"time": "3 July"}, file="f.csv", line_no=2)
    assert str(bad) == (
        'f.csv, line 2, time: found "3 July"; wanted RFC 3339 with offset, '
        "such as 2024-07-03T10:00:00+08:00"
    )
    wrong = from_mapping(row | {"data": {"law_breach": "perhaps"}}, file="f.csv", line_no=2)
    assert isinstance(wrong, Refusal)
    assert (wrong.field, wrong.wanted) == ("data.law_breach", "true or false")
