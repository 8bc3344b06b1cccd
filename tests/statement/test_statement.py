"""What a statement says, field by field, from the command line; and what a template may be."""

from pathlib import Path

import pytest
from exchange.program import line, run
from msgspec.structs import replace
from samples import EXAM_FIRST, envelopes, when

from ledger.facts.types import ViolationFound
from ledger.rulebook.shelf import Shelf
from projections.explain.messages import table
from projections.standing.replay import Library
from projections.standing.replay import replay as replayed
from replay.statement.reasons import FIELDS
from replay.statement.template import read, shipped

TOLD = {
    "decided_by": "审核组3",
    "automated_detection": True,
    "automated_decision": "partially",
    "territory": ["DE", "001"],
    "legal_ground": "电子商务法第十七条",
    "told_at": "2024-07-10T12:30:00+08:00",
    "circumstances": "The label says silk.\nIt is polyester.",
    "item": "video-1",
    "offended_at": "2024-07-09T08:00:00+08:00",
}
VIOLATION = {"violation": "v1", "category": "misleading", "detected_by": "user_complaint"}
ASKED = ("--as-of", "2024-07-12T00:00:00+08:00")


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """`mei` with all that a fact can tell, `bo` with nothing of it."""
    lines = [line(f"{who}1", subject=who) for who in ("mei", "bo")]
    for who, told in (("mei", TOLD), ("bo", {})):
        at = "2024-07-10T09:00:00+08:00"
        lines.append(line(f"{who}2", "violation_found", who, time=at, **VIOLATION, **told))
    lines.append(
        line(
            "m3", "measure_imposed", "mei", time="2024-07-11T09:00:00+08:00",
            measure="wallet_closed", ground="authority", until="2024-08-01T00:00:00+08:00",
            told_at="2024-07-11T09:00:00+08:00", automated_decision="no", item="wallet",
        )
    )  # fmt: skip
    at = "2024-07-11T10:00:00+08:00"
    lines.append(line("m4", "measure_imposed", "mei", time=at, measure="x", ground="risk"))
    assert run(tmp_path / "l.db", "import", "-", stdin="".join(lines)).exit_code == 0
    return tmp_path / "l.db"


def said(db: Path, creator: str, sanction: str, template: str, language: str = "en") -> str:
    file = db.parent / "t.md"
    file.write_text(template, encoding="utf-8")
    done = run(
        db, "audit", creator, "--statement", sanction, "--template", str(file),
        "--lang", language, *ASKED,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return done.output


TEXTS = [
    ("mei", "v1", "decided_by", "审核组3", "审核组3"),
    ("bo", "v1", "decided_by", "not recorded", "未记录"),
    ("mei", "v1", "automated_detection", "yes", "是"),
    ("bo", "v1", "automated_detection", "not recorded", "未记录"),
    ("mei", "v1", "automated_decision", "in part", "部分自动"),
    ("mei", "m3", "automated_decision", "no", "否"),
    ("mei", "v1", "territory", "DE\neverywhere", "DE\n全球"),
    ("bo", "v1", "territory", "not recorded", "未记录"),
    ("mei", "v1", "legal_ground", "电子商务法第十七条", "电子商务法第十七条"),
    (
        "bo", "v1", "legal_ground",
        "none: the decision rests on the rules below", "无：本决定依据下列规则作出",
    ),
    (
        "mei", "v1", "told_at",
        "2024-07-10 12:30; the restriction had begun on 2024-07-10 09:00",
        "2024-07-10 12:30；限制措施已自2024-07-10 09:00起执行",
    ),
    ("bo", "v1", "told_at", "2024-07-10 09:00, with the decision", "2024-07-10 09:00，与决定同时"),
    ("mei", "m4", "told_at", "not recorded", "未记录"),
    ("mei", "v1", "circumstances", *["The label says silk.\nIt is polyester."] * 2),
    ("mei", "v1", "item", "video-1", "video-1"),
    ("mei", "v1", "committed_at", "2024-07-09 08:00", "2024-07-09 08:00"),
    ("mei", "v1", "detection", "notice of a user", "用户投诉举报"),
    ("mei", "m3", "detection", "notice of an authority", "行政通报"),
    (
        "mei", "m3", "duration",
        "wallet closed: from 2024-07-11 09:00 until 2024-07-31 24:00",
        "wallet closed：自2024-07-11 09:00至2024-07-31 24:00",
    ),
    (
        "bo", "v1", "duration",
        "a suspension of product sharing: 1 day, from 2024-07-10 09:00 until 2024-07-11 09:00",
        "商品分享功能停用整改：1天，自2024-07-10 09:00至2024-07-11 09:00",
    ),
    (
        "bo", "v1", "since",
        "a suspension of product sharing: ended on 2024-07-11 09:00",
        "商品分享功能停用整改：已于2024-07-11 09:00结束",
    ),
    ("mei", "m3", "since", "wallet closed: in force", "wallet closed：执行中"),
    (
        "bo", "v1", "appeal",
        "until 2024-07-17 24:00\nno source gives this period; these rules assume it",
        "2024-07-17 24:00前\n该期限无规则原文出处，系本规则版本假定",
    ),
    ("mei", "m3", "appeal", "not recorded", "未记录"),
    ("bo", "v1", "court", "the rules found do not say", "所见规则未载"),
]  # fmt: skip


@pytest.mark.parametrize(("creator", "sanction", "field", "en", "zh"), TEXTS)
def test_a_field(db: Path, creator: str, sanction: str, field: str, en: str, zh: str) -> None:
    assert said(db, creator, sanction, f"{{{field}}}\n") == en + "\n"
    assert said(db, creator, sanction, f"{{{field}}}\n", "zh") == zh + "\n"


def test_what_is_told_of_a_decision_decides_nothing() -> None:
    """The same rulings and standing with every such field as without."""
    from ledger.facts.types import MeasureImposed

    bare = envelopes([*EXAM_FIRST, ("2024-07-13 10:00", MeasureImposed("warning", "risk"))])
    full = []
    for e in bare:
        given = {k: v for k, v in FACTS.items() if k in e.fact.__struct_fields__}
        told = isinstance(e.fact, ViolationFound | MeasureImposed)
        full.append(replace(e, fact=replace(e.fact, **given)) if told else e)
    assert full != bare
    library = Library(Shelf())
    one, other = (
        replayed("mei", facts, library, as_of=when("2024-08-01 00:00"), known_at=None, rulings=True)
        for facts in (bare, full)
    )
    assert [(r.effects, r.grounds, r.after) for r in one.rulings] == [
        (r.effects, r.grounds, r.after) for r in other.rulings
    ]


FACTS = {
    "decided_by": "x", "automated_detection": True, "automated_decision": "fully",
    "territory": ("DE",), "legal_ground": "x", "told_at": 1, "circumstances": "x",
}  # fmt: skip


def test_a_line_with_two_fields_is_one_line_and_braces_can_be_said(db: Path) -> None:
    text = said(db, "mei", "v1", "{{{recipient}}} {territory}!\n\nend\n")
    assert text == "{mei} DE; everywhere!\n\nend\n"


WRONG = [
    ("{teritory}", "line 1: no field {teritory}; is {territory} meant?"),
    ("x\n{zzz}", "line 2: no field {zzz}; one of recipient, sanction"),
    ("{territory", "line 1: found '{territory'; a field is {name}, and {{ is a brace"),
    ("a { b", "line 1: found 'a { b'; a field is {name}, and {{ is a brace"),
    ("{territory!r}", "line 1: "),
    ("{recipient.__class__}", "line 1: no field {recipient.__class__}; is {recipient} meant?"),
]


@pytest.mark.parametrize(("text", "why"), WRONG)
def test_a_wrong_template_is_refused_before_anything_is_said(db: Path, text: str, why: str) -> None:
    file = db.parent / "t.md"
    file.write_text(text, encoding="utf-8")
    done = run(db, "audit", "mei", "--statement", "v1", "--template", str(file))
    assert done.exit_code == 3
    assert done.stdout == ""
    assert why in done.stderr
    assert done.stderr.startswith(f"error: template {file}, ")


def test_templates_that_can_not_be_read(db: Path) -> None:
    file = db.parent / "t.md"
    file.write_bytes(b"\xff")
    for path, why in ((file, "not UTF-8"), (db.parent / "none.md", "can't be read (No such file")):
        done = run(db, "audit", "mei", "--statement", "v1", "--template", str(path))
        assert (done.exit_code, why in done.stderr) == (3, True)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("mei", "--template", "x"), 2),
        (("mei", "--statement", "v1", "--json"), 2),
        (("mei", "--statement", "v9"), 1),
        (("nobody", "--statement", "v1"), 1),
    ],
)
def test_what_does_not_go_together_or_is_not_there(
    db: Path, arguments: tuple[str, ...], code: int
) -> None:
    done = run(db, "audit", *arguments)
    assert done.exit_code == code
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_shipped_template_has_every_field_but_the_few_that_say_the_same(language: str) -> None:
    text = "\n".join(read(shipped(language)))
    assert {name for name in FIELDS if f"{{{name}}}" not in text} == set()


def test_every_word_of_a_fact_has_a_phrase() -> None:
    from typing import get_args

    from ledger.facts.types import Automated, DetectedBy

    for language in ("en", "zh"):
        words = table(language)
        assert all(f"statement.detected.{word}" in words for word in get_args(DetectedBy))
        assert all(f"statement.automated.{word}" in words for word in get_args(Automated))


def test_when_notice_came_later_than_the_finding(tmp_path: Path) -> None:
    """The window is the finding's; that another may be claimed is said beside it."""
    told = {"told_at": "2024-07-14T12:30:00+08:00"}
    at = "2024-07-10T09:00:00+08:00"
    lines = [
        line("m1", subject="mei"),
        line("m2", "violation_found", "mei", time=at, **VIOLATION, **told),
        line("m3", "appeal_lodged", "mei", time="2024-07-20T09:00:00+08:00", violation="v1"),
    ]
    db = tmp_path / "l.db"
    assert run(db, "import", "-", stdin="".join(lines)).exit_code == 0
    assert said(db, "mei", "v1", "{appeal}").splitlines() == [
        "until 2024-07-17 24:00",
        "the window is counted from the finding; notice came on 2024-07-14 12:30, from which it "
        "may be claimed to run where the rules count from notice",
        "no source gives this period; these rules assume it",
    ]
    late = "".join(run(db, "audit", "mei", "--lang", "zh").output.split())
    assert "届满；实际告知为2024-07-1412:30，规则以收到通知为起算的，可据此主张自该时起算" in late


def test_what_became_of_it_has_what_was_judged_again(tmp_path: Path) -> None:
    """A grant on the first offence makes the second the first: that belongs to the second too."""
    shop = {"category": "diversion", "severity": "general", "detected_by": "other"}
    lines = [
        line("t1", subject="tm", time="2024-07-10T09:00:00+08:00", rulebook="tmall-diversion"),
        *(
            line(f"v{n}", "violation_found", "tm", time=f"2024-07-1{n}T09:00:00+08:00",
                 violation=f"d{n}", **shop)
            for n in (1, 2)
        ),
        line("t4", "appeal_granted", "tm", time="2024-07-14T09:00:00+08:00", violation="d1"),
    ]  # fmt: skip
    db = tmp_path / "l.db"
    assert run(db, "import", "-", stdin="".join(lines)).exit_code == 0
    file = tmp_path / "t.md"
    file.write_text("{since}", encoding="utf-8")
    done = run(db, "audit", "tm", "--statement", "d2", "--template", str(file), "--lang", "zh")
    assert "2024-07-14 09:00：申诉通过：撤销违规d1" in done.output
    assert "违规d2（“诱导第三方·情节一般”）在“重复违规”阶梯上重新判定" in done.output


TOGETHER = [
    ("sanction", "what was decided on v1 and v2", "就违规v1、v2作出的处理"),
    (
        "restrictions",
        "violation v2: the measure “video visible to the creator only” applies\n"
        "a suspension of product sharing (node 8)\n"
        "violation v1: 3 points deducted (10 → 7)\nviolation v2: 1 point deducted (7 → 6)",
        "违规v2：采取“视频仅个人主页可见”措施\n商品分享功能停用整改（8分节点）\n"
        "违规v1：扣3分（10分 → 7分）\n违规v2：扣1分（7分 → 6分）",
    ),
    (
        "item",
        "violation v1: video-1\nviolation v2: not recorded",
        "违规v1：video-1\n违规v2：未记录",
    ),
    (
        "legal_ground",
        "violation v1: none: the decision rests on the rules below\n"
        "violation v2: the law; which norm is not recorded",
        "违规v1：无：本决定依据下列规则作出\n违规v2：违反法律规定；具体条款未记录",
    ),
    ("detection", "notice of a user", "用户投诉举报"),
    ("committed_at", "not recorded", "未记录"),
]


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    at = "2024-07-10T09:00:00+08:00"
    found = {"detected_by": "user_complaint", "batch": "b"}
    measures = ["video_self_only"]
    lines = [
        line("m1", subject="mei"),
        line("m2", "violation_found", "mei", time=at, violation="v1", category="misleading",
             item="video-1", **found),
        line("m3", "violation_found", "mei", time=at, violation="v2", category="spam",
             measures=measures, law_breach=True, **found),
    ]  # fmt: skip
    assert run(tmp_path / "l.db", "import", "-", stdin="".join(lines)).exit_code == 0
    return tmp_path / "l.db"


@pytest.mark.parametrize(("field", "en", "zh"), TOGETHER)
def test_of_a_batch_each_line_names_its_violation(
    batch: Path, field: str, en: str, zh: str
) -> None:
    """What differs is said of each; what is the same of all is said once."""
    assert said(batch, "mei", "v1", f"{{{field}}}\n") == en + "\n"
    assert said(batch, "mei", "v1", f"{{{field}}}\n", "zh") == zh + "\n"


@pytest.mark.parametrize(
    ("asked", "en", "zh"),
    [
        ("8", "a suspension of product sharing (node 8)", "商品分享功能停用整改（8分节点）"),
        ("video_self_only@2024-07-10", "the measure “video visible to the creator only” applies",
         "采取“视频仅个人主页可见”措施"),
        ("m2", "what was decided on v1 and v2", "就违规v1、v2作出的处理"),
    ],
)  # fmt: skip
def test_a_sanction_is_called_by_its_title(batch: Path, asked: str, en: str, zh: str) -> None:
    assert en in said(batch, "mei", asked, "{sanction}\n")
    assert zh in said(batch, "mei", asked, "{sanction}\n", "zh")
