"""Two times on one page: late grants, withdrawn findings, and findings that reach back.

The worked examples are of `douyin-creator@2024-07`: below 8 a stop of 1 day, below 6 of 3 days,
below 4 of 7 days, below 2 of 15 days, at 0 for good. The first line of a transcript is its command.
"""

import json
import shlex
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from model.histories import KINDS, histories
from model.test_executed import LAGS, recorded
from msgspec.structs import replace
from samples import Line, envelopes, store, when
from schemas import problems

from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from projections.standing.moments import Moment
from projections.standing.question import Question
from projections.standing.writing import EPOCH
from replay.audit.compare import compare
from replay.audit.then_and_now import compare_view, duration, hours
from replay.cli import main
from replay.library import InputError, Ledger, LedgerError
from replay.library.compared import Compare

GOLDEN = Path(__file__).parents[1] / "golden" / "compare"
TRANSCRIPTS = sorted(GOLDEN.glob("*.txt"))
PROMPT = "$ penalty-ledger "
START: Line = ("2024-07-08 09:00", f.CreatorEnrolled(level=4, reputation=480))


def found(name: str, category: str) -> f.ViolationFound:
    return f.ViolationFound(name, category, "platform_screening")


ANN: list[Line] = [  # 10 − 6 = 4: below 6, and below 4 with the next
    START,
    ("2024-07-10 09:00", found("v1", "prohibited_content")),
    ("2024-07-10 12:00", found("v2", "spam")),
    ("2024-07-11 10:00", f.AppealGranted("v1")),
]
BOB: list[Line] = [  # 10 − 6 − 3 = 1: below 2, which is withdrawn on the second day of seven
    START,
    ("2024-07-09 09:00", found("v1", "prohibited_content")),
    ("2024-07-20 09:00", found("v2", "spam")),
    ("2024-07-21 09:00", f.AppealLodged("v2")),
    ("2024-07-22 09:00", f.FactRetracted("e3", "another creator's video")),
]
CAT: list[Line] = [  # known first 10 − 3 = 7, then 10 − 6 − 3 = 1
    START,
    ("2024-07-12 09:00", found("v1", "infringement")),
    ("2024-07-09 09:00", found("v0", "prohibited_content")),
]
DAN: list[Line] = [START, ("2024-07-12 09:00", found("v1", "fraud"))]
HISTORIES = {
    "ann": envelopes(ANN, "ann", {4: "2024-07-12 16:00"}),
    "bob": envelopes(BOB, "bob"),
    "cat": envelopes(CAT, "cat", {3: "2024-07-15 09:00"}),
    "dan": envelopes(DAN, "dan", {2: "2024-07-13 21:00"}),
}


def run(url: str, *words: str, width: int = 80) -> Result:
    return CliRunner(env={"COLUMNS": str(width)}).invoke(main, ["--db", url, *words])


@pytest.fixture
def url(tmp_path: Path) -> str:
    return store(tmp_path, *HISTORIES.values())


def test_the_transcript_shown_is_one() -> None:
    shown = (Path(__file__).parents[2] / "docs" / "output.md").read_text(encoding="utf-8")
    assert (GOLDEN / "late_grant.txt").read_text(encoding="utf-8") in shown


def asked(url: str, *words: str) -> dict[str, Any]:
    result = run(url, "audit", *words, "--json")
    assert result.exit_code == 0, result.stderr
    view: dict[str, Any] = json.loads(result.stdout)
    assert problems(view, "compare") == []
    return view


@pytest.mark.parametrize("file", TRANSCRIPTS, ids=lambda p: p.stem)
def test_transcript(file: Path, url: str) -> None:
    expected = file.read_text(encoding="utf-8")
    command, _, _ = expected.partition("\n")
    result = run(url, *shlex.split(command.removeprefix(PROMPT)))
    assert result.exit_code == 0, result.stderr
    assert f"{command}\n{result.stdout}" == expected


def wrong(view: dict[str, Any]) -> list[str]:
    """`node: executed | judged | too long | too short`, with day and hour of July 2024."""

    def spans(rows: list[dict[str, Any]]) -> str:
        each = [f"{r['from'][8:13]} – {(r['until'] or '')[8:13]}".strip() for r in rows]
        return ", ".join(each) or "never"

    return [
        f"{r['node']}: {spans(r['executed'])} | {spans(r['judged'])} | "
        f"{r['too_long']} | {r['too_short']}"
        for r in view["executed"]
    ]


CASES = {
    "an appeal granted, recorded 30 hours late": (
        ("ann", "--compare", "2024-07-11", "2024-07-20"),
        {"score": ("3", "9")},
        [("e4", "PT30H", None)],
        [],
        [
            # the stop of 3 days would last until 13 July, that of 7 days until 17 July
            "6: 10T09 – 12T16 | 10T09 – 11T10 | PT30H | PT0S",
            "4: 10T12 – 12T16 | 10T12 – 11T10 | PT30H | PT0S",
        ],
    ),
    "a violation withdrawn after 2 days of a stop of 7": (
        ("bob", "--compare", "2024-07-21 12:00", "2024-07-31"),
        {"score": ("3", "4")},
        [("e3", None, "e5")],
        ["e4"],
        ["4: 20T09 – 22T09 | never | PT48H | PT0S",],
    ),
    "a late violation that reaches back": (
        ("cat", "--compare", "2024-07-13", "2024-07-20"),
        {"score": ("7", "1")},
        [("e3", "PT144H", None)],
        ["e2"],
        [
            "8: never | 09T09 – 10T09 | PT0S | PT24H",
            "6: never | 09T09 – 12T09 | PT0S | PT72H",
            # that of 12 July: from 13 July, when the stop of 1 day had ended, to 15 July
            "4: 15T09 – 19T09 | 12T09 – 19T09 | PT0S | PT48H",
            "2: 15T09 – | 12T09 – | PT0S | PT48H",
        ],
    ),
    "a stop for good, 36 hours late": (
        ("dan", "--compare", "2024-07-12", "2024-07-20"),
        {"score": ("10", "0")},
        [("e2", "PT36H", None)],
        [],
        [
            "8: never | 12T09 – 13T09 | PT0S | PT24H",
            "6: 13T21 – 15T09 | 12T09 – 15T09 | PT0S | PT36H",
            "4: 13T21 – 19T09 | 12T09 – 19T09 | PT0S | PT36H",
            "2: 13T21 – | 12T09 – | PT0S | PT36H",
            "0: 13T21 – | 12T09 – | PT0S | PT36H",
        ],
    ),
    "nothing was learned": (("ann", "--compare", "2024-07-13", "2024-07-20"), {}, [], [], []),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_worked_examples(case: str, url: str) -> None:
    words, differences, causes, others, stops = CASES[case]
    view = asked(url, *words)
    assert {
        field: (both["then"], both["now"])
        for field, both in view["differences"].items()
        if field == "score"
    } == differences
    assert [
        (each["event"], each.get("late"), each.get("retraction", {}).get("event"))
        for each in view["facts"]
    ] == causes
    assert [each["event"] for each in view["rulings"]] == others
    assert wrong(view) == stops


def test_what_names_a_withdrawn_finding_says_so_and_why(url: str) -> None:
    (lodged,) = asked(url, "bob", "--compare", "2024-07-21 12:00", "2024-07-31")["rulings"]
    assert (lodged["withdrawn_finding"], lodged["now"]["reason"]) == ("e3", "unknown_violation")
    assert "another creator's video" in lodged["text"]["en"]
    assert "another creator's video" in lodged["text"]["zh"]


def test_at_day_is_the_evening_of_the_day_and_now(url: str) -> None:
    day = asked(url, "ann", "--at-day", "2024-07-11")
    same = asked(url, "ann", "--compare", "2024-07-11", "now")
    for view in (day, same):
        del view["now"]["known_at"]
    assert day == same
    assert day["as_of"] == day["then"]["known_at"]


def test_executed_stands_in_the_audit(url: str) -> None:
    result = run(url, "audit", "cat", "--as-of", "2024-07-20", "--json")
    view = json.loads(result.stdout)
    assert problems(view, "audit") == []
    assert view["executed"] == {
        "product_sharing": [
            {"from": "2024-07-12T09:00:00+08:00", "until": "2024-07-13T09:00:00+08:00"},
            {"from": "2024-07-15T09:00:00+08:00", "until": None},
        ]
    }


REFUSED = {
    "the later first": (("cat", "--compare", "2024-07-13", "2024-07-12"), 3, "is later than"),
    "still to come": (("cat", "--compare", "2024-07-13", "2999-01-01"), 3, "still to come"),
    "a day to come": (("cat", "--at-day", "2999-01-01"), 3, "still to come"),
    "before the first record": (("cat", "--at-day", "2024-07-01"), 1, "recorded on 2024-07-08"),
    "nobody": (("eve", "--at-day", "2024-07-10"), 1, "no fact is recorded"),
    "no day": (("cat", "--at-day", "2024-07-10 12:00"), 2, "takes a date"),
    "both": (
        ("cat", "--at-day", "2024-07-10", "--compare", "2024-07-10", "now"), 2, "different things"
    ),
    "known when": (
        ("cat", "--compare", "2024-07-13", "now", "--known-at", "2024-07-13"), 2, "known when"
    ),
    "no time": (("cat", "--compare", "then", "now"), 2, "found 'then'"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_can_t_be_compared_is_refused_in_one_sentence(case: str, url: str) -> None:
    words, code, said = REFUSED[case]
    result = run(url, "audit", *words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_it_is_the_same_from_python(url: str) -> None:
    with Ledger.open(url) as ledger:
        answer = ledger.compare("cat", "2024-07-13", "2024-07-20")
        assert answer == asked(url, "cat", "--compare", "2024-07-13", "2024-07-20")
        assert "executed" in ledger.audit("cat")
        with pytest.raises(InputError):
            ledger.compare("cat", "2024-07-13", "2024-07-12")
        with pytest.raises(LedgerError):
            ledger.compare("cat", "2024-07-01")


@pytest.mark.parametrize(
    ("microseconds", "written", "key"),
    [
        (0, "PT0S", "compare.moment"),
        (59_999_999, "PT59S", "compare.moment"),
        (3_600_000_000, "PT1H", ""),
        (58_800_000_000, "PT16H20M", "compare.hours_minutes"),
        (48 * 3_600_000_000 + 1_500_000, "PT48H1S", ""),
    ],
)
def test_durations(microseconds: int, written: str, key: str) -> None:
    assert duration(microseconds) == written
    assert getattr(hours(microseconds), "key", "") == key


def moment(at: int) -> Moment:
    return Moment(EPOCH + timedelta(microseconds=at))


@settings(max_examples=40, deadline=None)
@given(histories(most=8, kinds=(*KINDS, *("retraction",) * 3)), st.data())
def test_every_answer_fits_its_schema_and_is_told_in_both_languages(
    tmp_path_factory: pytest.TempPathFactory, history: list[Envelope], data: st.DataObject
) -> None:
    lags = data.draw(st.lists(st.sampled_from(LAGS), min_size=len(history), max_size=len(history)))
    facts = [replace(e, subject="mei", version=0) for e in recorded(history, lags)]
    times = sorted(data.draw(st.sampled_from(facts)).recorded_at for _ in range(2))
    with Question(store(tmp_path_factory.mktemp("log"), facts)) as question:
        compared = compare(question, "mei", *map(moment, times))
    view = compare_view(compared)
    assert problems(view, "compare") == []
    assert msgspec.convert(view, Compare) == view
    for each in chain(view["facts"], view["executed"]):
        assert all(each["text"].values())
    for each in view["facts"]:
        assert each.get("late") or each.get("retraction")
    if times[0] == times[1]:
        assert not any(view[name] for name in ("differences", "facts", "rulings", "executed"))


def test_a_time_with_an_offset_is_taken_as_it_stands(url: str) -> None:
    local = asked(url, "cat", "--compare", "2024-07-13 12:00", "2024-07-20 12:00")
    utc = asked(url, "cat", "--compare", "2024-07-13T04:00:00Z", "2024-07-20T04:00:00Z")
    assert local == utc
    assert when("2024-07-13 12:00") // 1_000_000 == 1_720_843_200


SAME: dict[str, tuple[list[Line], dict[int, str], str, str]] = {
    "the same score for another reason": (
        [
            START,
            ("2024-07-10 09:00", found("v1", "spam")),
            ("2024-07-10 10:00", found("v2", "spam")),
            ("2024-07-12 09:00", f.FactRetracted("e2", "another creator's video")),
        ],
        {3: "2024-07-12 09:00"},
        """
  credit score
    then: Credit score 9 of at most 12.
      10 at the start − 1 for v1 = 9.
    now: Credit score 9 of at most 12.
      10 at the start − 1 for v2 = 9.
  the same both times: stops, measures, exams counted and money due
""",
        """
  信用分
    当时：信用分9分（上限12分）。
      初始10分 − 1分（v1） = 9分。
    现在：信用分9分（上限12分）。
      初始10分 − 1分（v2） = 9分。
  前后一致：停用、措施、考试次数、应缴款项
""",
    ),
    "nothing stopped, and once something was": (
        [
            START,
            ("2024-07-10 09:00", found("v1", "misleading")),
            ("2024-07-10 11:00", f.AppealGranted("v1")),
        ],
        {2: "2024-07-12 09:00", 3: "2024-07-12 10:00"},
        """
  stops
    then: none
    now: the suspension of product sharing (node 8)  2024-07-10 09:00 –
    2024-07-10 11:00  lifted
  the same both times: measures, exams counted and money due
""",
        """
  停用
    当时：无
    现在：商品分享功能停用整改（8分节点）  2024-07-10 09:00 – 2024-07-10 11:00
    已撤销
  前后一致：措施、考试次数、应缴款项
""",
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_what_is_not_the_same_is_not_said_to_be(name: str, tmp_path: Path) -> None:
    lines, late, *said = SAME[name]
    url = store(tmp_path, envelopes(lines, "eve", late))
    asked = ("audit", "eve", "--as-of", "2024-07-10 20:00", "--compare", "2024-07-11", "now")
    for language, part in zip(("en", "zh"), said, strict=True):
        assert part in run(url, *asked, "--lang", language).output
