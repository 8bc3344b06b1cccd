"""Statements for the DSA Transparency Database: valid, from the record and the mapping alone."""

import json
from pathlib import Path
from typing import Any

import pytest
from everything import walked
from exchange.program import line, run

from interchange.peers import SCHEMAS, ask
from ledger.errors import InputError
from replay.interchange.dsa import LeftOut, dsa
from replay.interchange.words import EEA, SHIPPED, Mapping, Restriction, Words, load

KNOWN = {
    "automated_detection": True,
    "automated_decision": "partially",
    "territory": ["DE", "CN", "FR"],
    "offended_at": "2024-07-09T23:30:00+08:00",
}
VIOLATION = {"violation": "v1", "category": "misleading", "detected_by": "user_complaint"} | KNOWN
MEASURE = {"measure": "account_banned", "ground": "risk"} | KNOWN


def out(db: Path, *arguments: str, code: int = 0) -> tuple[list[dict[str, Any]], str]:
    done = run(db, "export-as", "dsa", "--as-of", "2025-01-01T00:00:00Z", *arguments)
    assert done.exit_code == code, done.output
    return [json.loads(text) for text in done.stdout.splitlines()], done.stderr


def recorded(tmp_path: Path, kind: str, data: dict[str, Any]) -> Path:
    db = tmp_path / "l.db"
    at = "2024-07-10T09:00:00+08:00"
    lines = line("1", subject="mei") + line("2", kind, "mei", time=at, **data)
    assert run(db, "import", "-", stdin=lines).exit_code == 0
    return db


ROWS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    # case: (type, data, what the row has; None: it has not that field)
    "a stop of a day": (
        "violation_found",
        VIOLATION,
        {
            "decision_provision": "DECISION_PROVISION_PARTIAL_SUSPENSION",
            "end_date_service_restriction": "2024-07-11",
            "application_date": "2024-07-10",
            "content_date": "2024-07-09",
            "category": "STATEMENT_CATEGORY_CONSUMER_INFORMATION",
            "content_type": ["CONTENT_TYPE_VIDEO"],
            "source_type": "SOURCE_ARTICLE_16",
            "automated_detection": "Yes",
            "automated_decision": "AUTOMATED_DECISION_PARTIALLY",
            "territorial_scope": ["DE", "FR"],
            "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
            "illegal_content_legal_ground": None,
            "incompatible_content_illegal": None,
            "decision_visibility": None,
        },
    ),
    "for good": (
        "violation_found",
        VIOLATION | {"category": "fraud"},
        {
            "decision_provision": "DECISION_PROVISION_PARTIAL_TERMINATION",
            "end_date_service_restriction": None,
            "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        },
    ),
    "with a measure on the item": (
        "violation_found",
        VIOLATION | {"measures": ["video_self_only", "cart_item_removed"]},
        {
            "decision_visibility": [
                "DECISION_VISIBILITY_CONTENT_DISABLED",
                "DECISION_VISIBILITY_CONTENT_REMOVED",
            ],
            "end_date_visibility_restriction": None,
            "category": "STATEMENT_CATEGORY_CONSUMER_INFORMATION",
        },
    ),
    "with a measure that has a category of its own": (
        "violation_found",
        VIOLATION | {"measures": ["campaigns_restricted"]},
        {"category": "STATEMENT_CATEGORY_CONSUMER_INFORMATION", "category_addition": None},
    ),
    "on a legal ground": (
        "violation_found",
        VIOLATION | {"legal_ground": "UWG § 5", "circumstances": "Polyester sold as silk."},
        {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": "UWG § 5",
            "incompatible_content_ground": None,
        },
    ),
    "a breach of law without its norm": (
        "violation_found",
        VIOLATION | {"law_breach": True},
        {"incompatible_content_illegal": "Yes", "illegal_content_legal_ground": None},
    ),
    "everywhere": (
        "violation_found",
        VIOLATION | {"territory": ["001"]},
        {"territorial_scope": list(EEA)},
    ),
    "a ban until a day": (
        "measure_imposed",
        MEASURE | {"until": "2024-08-01T00:00:00+08:00"},
        {
            "decision_account": "DECISION_ACCOUNT_SUSPENDED",
            "end_date_account_restriction": "2024-08-01",
            "category": "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
            "source_type": "SOURCE_VOLUNTARY",
        },
    ),
    "a ban without an end": (
        "measure_imposed",
        MEASURE,
        {
            "decision_account": "DECISION_ACCOUNT_TERMINATED",
            "end_date_account_restriction": None,
        },
    ),
}


@pytest.mark.parametrize(("kind", "data", "wanted"), ROWS.values(), ids=ROWS)
def test_a_row(tmp_path: Path, kind: str, data: dict[str, Any], wanted: dict[str, Any]) -> None:
    [row], said = out(recorded(tmp_path, kind, data))
    assert {name: row.get(name) for name in wanted} == wanted
    assert "mei" not in json.dumps(row)
    assert said == ""


def test_every_row_is_valid_by_the_schema(tmp_path: Path) -> None:
    rows = []
    for i, (kind, data, _) in enumerate(ROWS.values()):
        (tmp_path / str(i)).mkdir()
        rows += out(recorded(tmp_path / str(i), kind, data))[0]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "rows").write_text(text, encoding="utf-8")
    assert ask(tmp_path, "json", SCHEMAS / "dsa.json", "rows", "lines") == []
    (tmp_path / "wrong").write_text(text.replace("_PARTIALLY", "_PARTLY"), encoding="utf-8")
    assert ask(tmp_path, "json", SCHEMAS / "dsa.json", "wrong", "lines")


LACKING = {
    "automated_detection": ("automated_detection", 1),
    "automated_decision": ("automated_decision", 1),
    "territory": ("territorial_scope", 1),
    "offended_at": ("content_date", 1),
}


@pytest.mark.parametrize(("left_out", "said"), LACKING.items())
def test_nothing_is_made_up_for_what_the_record_lacks(
    tmp_path: Path, left_out: str, said: tuple[str, int]
) -> None:
    data = {name: value for name, value in VIOLATION.items() if name != left_out}
    rows, error = out(recorded(tmp_path, "violation_found", data), code=1)
    assert rows == []
    assert error == f"left out, no {said[0]}: {said[1]}\n"


OTHERS = {
    "a category without a word": (VIOLATION | {"category": "x", "points": 3, "ground": "minor"}, 1),
    "outside the EEA": (VIOLATION | {"territory": ["CN"]}, 1),
    "points alone restrict nothing": (VIOLATION | {"category": "reposting"}, 0),
}


@pytest.mark.parametrize(("data", "code"), OTHERS.values(), ids=OTHERS)
def test_what_has_no_row(tmp_path: Path, data: dict[str, Any], code: int) -> None:
    rows, error = out(recorded(tmp_path, "violation_found", data), code=code)
    assert rows == []
    assert error.startswith("left out, no")


def test_a_default_of_the_mapping_stands_in_and_the_record_goes_before_it(tmp_path: Path) -> None:
    file = tmp_path / "m.toml"
    added = 'automated_detection = "No"\ncontent_type = ["CONTENT_TYPE_IMAGE"]\n'
    file.write_text(
        SHIPPED.read_text("utf-8")
        .replace("[defaults]\n", f"[defaults]\n{added}")
        .replace('content_type = ["CONTENT_TYPE_VIDEO"]\n', "", 1),
        encoding="utf-8",
    )
    silent = {name: v for name, v in VIOLATION.items() if name != "automated_detection"}
    for i, (data, wanted) in enumerate(((silent, "No"), (VIOLATION, "Yes"))):
        (tmp_path / str(i)).mkdir()
        db = recorded(tmp_path / str(i), "violation_found", data)
        [row], _ = out(db, "--dsa-mapping", str(file))
        assert row["automated_detection"] == wanted
        assert row["content_type"] == ["CONTENT_TYPE_IMAGE"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[categories.x]\ncategory = "FRAUD"', "Invalid enum value 'FRAUD'"),
        ("[category.x]", "unknown field `category`"),
        ("[defaults]\nterritorial_scope = [1]", "Expected `str`"),
        ("[defaults", "not TOML"),
    ],
)
def test_a_wrong_mapping_is_refused(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "m.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load(file)
    assert why in str(refused.value)
    assert str(file) in str(refused.value)


STOPPED = Restriction(decision_provision="DECISION_PROVISION_TOTAL_SUSPENSION")


def test_every_decision_has_a_row_or_a_reason() -> None:
    """Of random histories under a mapping that has a word for everything."""
    mapping = Mapping(
        defaults=Words(
            category="STATEMENT_CATEGORY_VIOLENCE", content_type=("CONTENT_TYPE_TEXT",),
            territorial_scope=("DE",), source_type="SOURCE_VOLUNTARY", automated_detection="No",
            automated_decision="AUTOMATED_DECISION_FULLY",
        ),
        features=dict.fromkeys(("shop", "speech"), STOPPED),
    )  # fmt: skip
    from projections.standing.naming import naming
    from replay.statement.decisions import decisions

    made = rows = 0
    left_out = LeftOut()
    for seed in range(60):
        replay = walked(seed)
        made += len(decisions(replay, naming(replay)))
        found = [json.loads(text) for text in dsa([replay], mapping, left_out)]
        rows += len(found)
        assert len({row["puid"] for row in found}) == len(found)
    assert made == rows + left_out.total()
    assert rows
