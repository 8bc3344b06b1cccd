"""standing, audit and what-if as people type them: golden transcripts, errors, exit codes.

The first line of a transcript is the command that it shows.
"""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rulebook.samples import SOUND, put
from samples import APPEAL_FIRST, EXAM_FIRST, envelopes, store, when
from schemas import problems

from ledger.facts import types as f
from ledger.log.port import open_log, open_reader
from replay.cli import main
from replay.library import Ledger

GOLDEN = Path(__file__).parents[1] / "golden" / "cli"
TRANSCRIPTS = sorted(GOLDEN.glob("*.txt"))
PROMPT = "$ penalty-ledger "
NOW = when("2024-08-01 12:00")


def run(url: str, *words: str, width: int = 120) -> Result:
    return CliRunner(env={"COLUMNS": str(width)}).invoke(main, ["--db", url, *words])


@pytest.fixture
def url(tmp_path: Path) -> str:
    lin = envelopes(APPEAL_FIRST, "lin")
    return store(tmp_path, envelopes(EXAM_FIRST), lin)


@pytest.mark.parametrize("file", TRANSCRIPTS, ids=lambda p: p.stem)
def test_transcript(file: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked at NOW; one whose name ends in a number, on so many columns."""
    monkeypatch.setattr("projections.standing.question.time.time_ns", lambda: NOW * 1000)
    expected = file.read_text(encoding="utf-8")
    command, _, _ = expected.partition("\n")
    width = file.stem.rpartition("_")[2]
    words = shlex.split(command.removeprefix(PROMPT))
    result = run(url, *words, width=int(width) if width.isdecimal() else 120)
    assert result.exit_code == 0, result.stderr
    assert f"{command}\n{result.stdout}" == expected


def test_there_are_transcripts_of_every_question() -> None:
    first = [file.read_text(encoding="utf-8").split()[2] for file in TRANSCRIPTS]
    assert set(first) == {"standing", "audit", "what-if"}


def test_standing_json_is_one_line_that_fits_the_schema(url: str) -> None:
    result = run(url, "standing", "mei", "--as-of", "2024-07-31", "--json")
    (line,) = result.stdout.splitlines()
    assert problems(json.loads(line), "standing") == []


def test_audit_json_is_one_line_that_fits_the_schema(url: str) -> None:
    result = run(url, "audit", "mei", "--json")
    (line,) = result.stdout.splitlines()
    view = json.loads(line)
    assert problems(view, "audit") == []
    assert view["known_at"] == view["as_of"]


def test_what_if_json_holds_both_sides(url: str) -> None:
    result = run(url, "what-if", "mei", "--drop", "e5", "--as-of", "2024-07-31", "--json")
    view = json.loads(result.stdout)
    assert view["first_divergence"]["event"] == "e5"
    assert "held fixed" in view["held_fixed"]


def test_everybody_with_a_known_fact_has_a_row(tmp_path: Path) -> None:
    late = envelopes([("2024-07-20 09:00", f.CreatorEnrolled())], "zoe")
    early = envelopes([("2024-07-02 09:00", f.ProfileChanged(3))], "ada")
    url = store(tmp_path, envelopes(EXAM_FIRST), late, early)
    when_ = ("--as-of", "2024-07-10 12:00", "--known-at", "2024-07-10 12:00")
    rows = [
        json.loads(line)
        for line in run(url, "standing", "--all", "--json", *when_).stdout.splitlines()
    ]
    assert [(r["creator"], r["score"]) for r in rows] == [("ada", None), ("mei", "7")]
    people = run(url, "standing", "--all", *when_).stdout.splitlines()
    assert people[1].split() == [
        *("mei", "7", "product", "sharing", "until", "2024-07-11", "09:00"),
    ]
    people = run(url, "standing", "--all", "--lang", "zh", *when_).stdout.splitlines()
    assert people[1].split() == ["mei", "7", "商品分享功能", "至2024-07-11", "09:00"]


def test_one_or_all_but_not_both(url: str) -> None:
    assert run(url, "standing").exit_code == 2
    assert run(url, "standing", "mei", "--all").exit_code == 2


@pytest.mark.parametrize("command", ["standing", "audit", "what-if"])
def test_an_unknown_creator_is_a_sentence(url: str, command: str) -> None:
    result = run(url, command, "no\u202ebody\x1b[31m")
    assert result.exit_code == 1
    assert result.stderr == 'error: no fact is recorded of a creator "no\\u202ebody\\u001b[31m"\n'


@pytest.mark.parametrize("command", ["standing", "audit", "what-if"])
def test_a_creator_of_whom_nothing_was_known_yet(url: str, command: str) -> None:
    result = run(url, command, "mei", "--known-at", "2024-07-01")
    assert result.exit_code == 1
    assert "nothing was known" in result.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--as-of", "yesterday"), 2, "an instant is needed"),
        (("--as-of", "2024-13-01"), 2, "an instant is needed"),
        (("--known-at", "0001-01-01"), 2, "an instant is needed"),
        (("--move", "e5"), 2, "EVENT=TIME"),
        (("--move", "e5=soon"), 2, "an instant is needed"),
        (("--set", "nodes.8.below"), 2, "KEY=VALUE"),
        (("--add", "@no/such/file"), 2, "No such file"),
        (("--drop", "e50"), 3, 'no fact "e50"'),
        (("--set", "nodes.8.belo=7"), 4, "nodes.8.below"),
        (("--set", "a=b=c"), 4, 'no key "a"'),
        (("--move", "a=b=2024-07-10"), 3, 'no fact "a=b"'),
        (("--rulebook", "nobody"), 4, 'no rulebook "nobody"'),
        (("--rulebook", "douyin-creator@1999"), 4, 'no version "1999"'),
    ],
)
def test_what_if_says_what_is_wrong(url: str, words: tuple[str, ...], code: int, said: str) -> None:
    result = run(url, "what-if", "mei", *words)
    assert result.exit_code == code
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_a_rulebook_that_is_not_here_leaves_its_creators_out_and_no_others(tmp_path: Path) -> None:
    lost = envelopes([("2024-07-01 09:00", f.CreatorEnrolled(rulebook="nosuch"))], "ada")
    url = store(tmp_path, lost, envelopes(EXAM_FIRST))
    for words, rows in (((), "mei "), (("--json",), '{"creator":"mei"')):
        result = run(url, "standing", "--all", *words)
        assert (result.exit_code, result.stdout[: len(rows)]) == (4, rows)
        assert result.stderr.count("\n") == 1
        assert result.stderr.startswith('error: no rulebook "nosuch"; allowed: ')
        assert result.stderr.endswith("; left out for it: 1\n")
    with open_log(url) as log:
        assert len(log.pins()) == 1


@pytest.mark.parametrize(
    ("raised", "code", "sentence"),
    [
        (OSError(28, "No space left on device"), 1, "error: the output can't be used: No space"),
        (PermissionError(13, "Permission denied", "x.toml"), 1, "error: 'x.toml' can't be used: P"),
        (KeyboardInterrupt(), 130, "error: interrupted\n"),
    ],
)
def test_what_befalls_a_command_is_one_sentence(
    url: str, raised: BaseException, code: int, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise raised

    monkeypatch.setattr("projections.views.report.standing_lines", fail)
    result = run(url, "standing", "mei")
    assert (result.exit_code, result.stderr[: len(sentence)]) == (code, sentence)
    assert isinstance(result.exception, SystemExit)


def test_a_name_that_is_no_text_is_a_wrong_command_line(url: str) -> None:
    result = run(url, "standing", "\udcff")
    assert (result.exit_code, result.stderr) == (2, "error: '\\udcff' is no text in UTF-8\n")


def test_a_terminal_without_a_character_gets_its_number(url: str) -> None:
    program = [sys.executable, "-c", "from replay.cli import main; main()"]
    gbk = os.environ | {"PYTHONIOENCODING": "gbk"}
    result = subprocess.run(
        [*program, "--db", url, "audit", "mei"], env=gbk, capture_output=True, check=True
    )
    assert b"10 \\u2212 3" in result.stdout
    assert result.stderr == b""


def test_added_facts_may_come_from_a_file(url: str, tmp_path: Path) -> None:
    file = tmp_path / "more.jsonl"
    event = {"type": "violation_found", "time": "2024-07-20T09:00:00+08:00"}
    event["data"] = {"violation": "v9", "category": "spam", "detected_by": "other"}  # type: ignore[assignment]
    file.write_text(json.dumps(event) + "\n\n", encoding="utf-8")
    result = run(url, "what-if", "mei", "--add", f"@{file}", "--json")
    assert json.loads(result.stdout)["counterfactual"]["standing"]["score"] == "9"


def test_a_what_if_writes_nothing(url: str) -> None:
    with open_log(url) as log:
        before = log.stream("mei")
    event = '{"type":"exam_right_claimed","time":"2024-07-20T09:00:00+08:00"}'
    assert run(url, "what-if", "mei", "--add", event, "--drop", "e5").exit_code == 0
    with open_log(url) as log:
        assert log.stream("mei") == before


def test_the_first_question_pins_the_versions_that_ruled(url: str) -> None:
    assert run(url, "standing", "mei", "--json").exit_code == 0
    with open_log(url) as log:
        assert {version for _, version in log.pins()} == {"2024-07"}


def test_a_rulebook_that_changed_since_it_ruled_is_refused(url: str) -> None:
    with open_log(url) as log:
        log.pin("douyin-creator", "2024-07", "0" * 64)
    for command in ("standing", "audit", "what-if"):
        result = run(url, command, "mei")
        assert result.exit_code == 4
        assert "douyin-creator@2024-07 has changed" in result.stderr


def test_a_full_or_locked_store_answers_and_pins_later(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ledger.errors import StoreError

    def refuse(*_: object) -> None:
        raise StoreError("read-only")

    with open_reader(url) as log:
        monkeypatch.setattr(type(log), "pin", refuse)
    assert run(url, "standing", "mei").exit_code == 0


def test_times_without_offset_are_on_the_rulebooks_clocks(url: str) -> None:
    local = run(url, "standing", "mei", "--as-of", "2024-07-10 12:00", "--json")
    utc = run(url, "standing", "mei", "--as-of", "2024-07-10T04:00:00Z", "--json")
    assert json.loads(local.stdout)["as_of"] == json.loads(utc.stdout)["as_of"]
    day = run(url, "standing", "mei", "--as-of", "2024-07-10", "--json")
    assert json.loads(day.stdout)["as_of"] == "2024-07-10T23:59:59.999999+08:00"


@pytest.mark.parametrize("width", [20, 40, 60, 79])
def test_an_audit_says_why_however_narrow_the_terminal(url: str, width: int) -> None:
    said = " ".join(run(url, "audit", "mei", width=width).stdout.split())
    assert "exam answered · e5 · under 2024-07 7 + 1.5 = 8.5 The exam on violation v1" in said


def test_years_out_of_range_and_files_that_are_not_there_are_named(url: str) -> None:
    late = run(url, "standing", "mei", "--as-of", "9999-12-31")
    assert (late.exit_code, "an instant is needed, of 1970 to 9998" in late.stderr) == (2, True)
    lost = run(url, "what-if", "mei", "--add", "@none")
    assert (lost.exit_code, "none can't be read: No such file" in lost.stderr) == (2, True)


def test_ids_that_look_like_markup_are_shown_as_they_are(tmp_path: Path) -> None:
    odd = envelopes([("2024-07-02 09:00", f.CreatorEnrolled())], "[red]x[/red]")
    url = store(tmp_path, odd)
    for words in (("audit",), ("standing",), ("what-if",)):
        assert "[red]x[/red]" in run(url, *words, "[red]x[/red]").stdout
    assert when("2024-07-02 09:00") == odd[0].effective_at


def test_of_several_stops_the_latest_end_is_shown(tmp_path: Path) -> None:
    history = envelopes(
        [
            ("2024-07-08 09:00", f.CreatorEnrolled()),
            ("2024-07-09 09:00", f.ViolationFound("v1", "prohibited_content", "other")),
        ]
    )
    url = store(tmp_path, history)
    for words in (("mei",), ("--all",)):  # node 8 ends first, but node 6 still runs
        shown = run(url, "standing", *words, "--as-of", "2024-07-09").stdout
        assert "2024-07-10 09:00" not in shown
        assert "until 2024-07-12 09:00" in shown


def test_a_withdrawn_enrolment_names_no_rulebook(tmp_path: Path) -> None:
    history = envelopes(
        [
            ("2024-07-01 09:00", f.CreatorEnrolled(rulebook="nobody-has-it")),
            ("2024-07-08 09:00", f.CreatorEnrolled()),
            ("2024-07-08 10:00", f.FactRetracted("e1", "mistyped")),
        ]
    )
    result = run(store(tmp_path, history), "standing", "mei", "--as-of", "2024-07-09", "--json")
    assert json.loads(result.stdout)["score"] == "10"


def test_before_an_enrolment_its_rulebook_speaks(tmp_path: Path) -> None:
    """Not the one that is meant where none is named."""
    shelf = put(tmp_path / "shelf", SOUND).parents[1]
    lines = [("2024-07-08 09:00", f.CreatorEnrolled(rulebook="shop"))]
    url = store(tmp_path, envelopes(lines))
    words = ("--rulebooks", str(shelf), "standing", "mei", "--as-of", "2024-07-01 10:00")
    said = run(url, *words)
    first, second, *rest = said.stdout.splitlines()
    assert first.startswith("mei · as of 2024-07-01 10:00, as known at ")
    assert second.endswith(" · UTC+2")
    assert "shop@1 (" in second
    assert "  Not enrolled at this time." in rest
    view = json.loads(run(url, *words, "--json").stdout)
    assert (view["rulebook"], view["score"]) == ("shop@1", None)
    assert view["as_of"] == "2024-07-01T10:00:00+02:00"


def test_a_withdrawn_enrolment_says_nothing(tmp_path: Path) -> None:
    shelf = put(tmp_path / "shelf", SOUND).parents[1]
    lines = [
        ("2024-07-08 09:00", f.CreatorEnrolled(rulebook="shop")),
        ("2024-07-09 09:00", f.FactRetracted("e1", "data_error")),
    ]
    url = store(tmp_path, envelopes(lines))
    words = ("--rulebooks", str(shelf), "standing", "mei", "--as-of", "2024-07-01 10:00")
    assert "douyin-creator@" in run(url, *words).stdout


@pytest.mark.parametrize(
    ("as_of", "known_at", "en", "zh"),
    [
        (
            "2024-07-31",
            "2024-07-30",
            "2024-08-06 09:00  the recorded fact e2 takes effect",
            "2024-08-06 09:00  已记录的事实e2届时生效",
        ),
        ("2024-07-31", "2024-07-19", "nothing changes by time alone", "没有随时间发生的变化"),
        ("2024-08-07", "2024-08-07", "nothing changes by time alone", "没有随时间发生的变化"),
    ],
)
def test_what_changes_next_may_be_recorded_already(
    tmp_path: Path, as_of: str, known_at: str, en: str, zh: str
) -> None:
    lines = [("2024-07-08 09:00", f.CreatorEnrolled()), ("2024-08-06 09:00", f.ProfileChanged(3))]
    url = store(tmp_path, envelopes(lines, recorded={2: "2024-07-20 09:00"}))
    words = ("standing", "mei", "--as-of", as_of, "--known-at", known_at)
    for language, said in (("en", en), ("zh", zh)):
        (line,) = [
            line
            for line in run(url, *words, "--lang", language).stdout.splitlines()
            if said in line
        ]
        assert line.startswith({"en": "changes next", "zh": "下一项变化"}[language]), line


def test_a_what_if_notes_nothing(url: str) -> None:
    """Not even by which contents of rulebooks it was answered, which a first answer notes."""
    assert run(url, "what-if", "mei", "--drop", "e5").exit_code == 0
    with Ledger.open(url) as ledger:
        ledger.what_if("mei", drop=["e5"])
    with open_reader(url) as log:
        assert log.pins() == {}
    assert run(url, "standing", "mei").exit_code == 0
    with open_reader(url) as log:
        assert log.pins() != {}


def test_a_what_if_compares_what_is_pinned(url: str) -> None:
    with open_log(url) as log:
        log.pin("douyin-creator", "2024-07", "0" * 64)
    refused = run(url, "what-if", "mei", "--drop", "e5")
    assert refused.exit_code == 4
    assert "has changed: it was pinned in this ledger" in refused.stderr
