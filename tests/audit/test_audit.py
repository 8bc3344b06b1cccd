"""The audit for people: what is shown, what is left out, and how it fits its lines."""

import json
import re
from pathlib import Path

import pytest
from everything import walked
from law.reading import ruled
from samples import EXAM_FIRST, Line, envelopes, store, when
from views.test_commands import run

from ledger.facts import types as f
from projections.explain.explanation import Explainer
from projections.explain.messages import LANGUAGES
from projections.fold.trace import Turn
from projections.standing.naming import naming
from projections.standing.replay import Replay, in_order
from projections.views.wrapping import columns
from replay.audit.report import Page, audit_lines
from replay.audit.selection import Selection, at, is_noise, select

MORE: list[Line] = [
    *EXAM_FIRST,
    ("2024-08-01 00:00", f.RecoveryGranted("2024-07")),
    ("2024-08-01 09:00", f.RecoveryGranted("2024-06", 200)),
    ("2024-08-02 09:00", f.RecoveryGranted("2024-05")),
    ("2024-08-03 09:00", f.ViolationFound("v2", "spam", "other")),
    ("2024-08-03 10:00", f.ExamSat("v2", 0)),
]
AS_OF = "2024-08-05"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return store(tmp_path, envelopes(MORE))


@pytest.mark.parametrize(
    ("words", "events"),
    [
        ((), "e1 e2 e3 e4 e5 e6 e7 e8 e10 e11"),
        (("--last", "3"), "e10 e11"),
        (("--last", "0"), ""),
        (("--from", "2024-07-12", "--to", "2024-08-01"), "e6 e7 e8"),
        (("--from", "2024-07-10 15:00", "--to", "2024-07-12 10:00"), "e5 e6"),
        (("--violation", "v2"), "e10 e11"),
        (("--violation", "v1", "--from", "2024-07-10 10:00"), "e4 e5 e6"),
        (("--only-changes",), "e1 e3 e5 e6 e7 e8 e10"),
        (("--only-changes", "--last", "2"), "e8 e10"),
        (("--violation", "v2", "--to", "2024-08-01"), ""),
    ],
)
def test_which_rulings_are_shown(url: str, words: tuple[str, ...], events: str) -> None:
    told = run(url, "audit", "mei", "--as-of", AS_OF, *words).stdout
    assert " ".join(re.findall(r" · (e\d+)\b", told)) == events
    assert told.startswith("mei · as of 2024-08-05 24:00")
    assert "\noutcome\n  Credit score 11 of at most 12.\n" in told


def test_a_recovery_at_the_cap_is_counted_and_no_row(url: str) -> None:
    told = run(url, "audit", "mei", "--as-of", AS_OF).stdout
    assert "  1 fact changed nothing (recoveries at the cap" in told


@pytest.mark.parametrize("last", [1, 4, 100])
def test_json_takes_the_same_selection(url: str, last: int) -> None:
    words = ("audit", "mei", "--as-of", AS_OF, "--json")
    every, some = (json.loads(run(url, *w).stdout) for w in (words, (*words, "--last", str(last))))
    assert some["rulings"] == every["rulings"][-last:]
    assert some["series"] == every["series"]
    assert some["outcome"] == every["outcome"]


@pytest.mark.parametrize("seed", range(20))
def test_the_last_are_the_last_and_a_violation_keeps_its_stops(seed: int) -> None:
    result = walked(seed)
    every = list(in_order(result))
    assert list(select(result, Selection())) == every
    assert list(select(result, Selection(last=4))) == every[-4:]
    since = at(every[len(every) // 2])
    assert list(select(result, Selection(since=since))) == [e for e in every if at(e) >= since]
    for violation in naming(result).violations:
        chosen = list(select(result, Selection(violation=violation)))
        for ruling in result.rulings:
            if getattr(ruling.envelope.fact, "violation", None) == violation:
                assert ruling in chosen
    assert all(e.before == e.after for e in every if is_noise(e))


def test_recoveries_that_fall_due_at_the_cap_are_noise() -> None:
    result = ruled(envelopes(EXAM_FIRST[:1]), as_of=when("2025-01-10"), simulate=True)
    turns = [event for event in in_order(result) if isinstance(event, Turn)]
    assert [turn.after[0] for turn in turns] == [1100, 1200, 1200, 1200, 1200]
    assert [is_noise(turn) for turn in turns] == [False, False, True, True, True]
    assert list(select(result, Selection(changes=True)))[1:] == turns[:2]


def shown(result: Replay, language: str, width: int) -> list[str]:
    return list(audit_lines(result, Page(language, width), select(result, Selection())))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("seed", range(8))
def test_lines_fit_and_break_where_a_printer_would(seed: int, width: int, language: str) -> None:
    lines = [re.sub(r"\x1b\[\d*m", "", line) for line in shown(walked(seed), language, width)]
    for line in lines:
        assert columns(line.rstrip()) <= width + 2 or len(line.split()) < 3, line
        assert line.strip()[:1] not in tuple("；，。、）"), line
        assert not re.search(r"\d{4}-\d\d-$|\d{4}-\d\d-\d\d \d\d:$", line), line


def test_lines_come_as_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """The outcome is there before a ruling is explained, and each ruling before the next."""
    result = walked(3)
    explained = []
    event = Explainer.event
    monkeypatch.setattr(Explainer, "event", lambda s, e: explained.append(e) or event(s, e))
    lines = audit_lines(result, Page("en", 80), select(result, Selection()))
    for line in lines:
        if line.strip("\x1b[01m") == "rulings":
            break
    assert explained == []
    next(lines)
    assert len(explained) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_still_to_come_is_said_in_the_head(url: str, language: str) -> None:
    said = {"en": "This instant is still to come", "zh": "该时点尚未到来"}[language]
    for command in ("audit", "standing"):
        ahead = run(url, command, "mei", "--as-of", "2990-01-01", "--lang", language)
        assert ahead.exit_code == 0
        assert ahead.stdout.splitlines()[2].startswith(said)
        now = run(url, command, "mei", "--lang", language)
        assert said not in now.stdout


def test_before_the_enrolment_it_says_when_that_is(url: str) -> None:
    for command in ("audit", "standing"):
        told = run(url, command, "mei", "--as-of", "2024-07-01")
        assert told.exit_code == 0
        assert (
            "  Not enrolled at this time.\n    The enrolment takes effect on 2024-07-08"
            in told.stdout
        )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--violation", "v9"), 1, 'no fact about a violation "v9" of "mei" is known at that time'),
        (("--lang", "fr"), 2, "'fr' is not one of 'en', 'zh'"),
        (("--last", "-1"), 2, "-1 is not in the range"),
        (("--from", "soon"), 2, "an instant is needed"),
        (("--from", "2024-09-01", "--to", "2024-08-31"), 2, "--from is later than --to"),
        (("--html", "/nowhere/x.html"), 1, "'/nowhere/x.html' can't be used: No such file"),
        (("--known-at", "2024-07-01"), 1, "the first fact was recorded on 2024-07-08 09:00"),
    ],
)
def test_what_is_wrong_is_a_sentence(
    url: str, words: tuple[str, ...], code: int, said: str
) -> None:
    result = run(url, "audit", "mei", *words)
    assert (result.exit_code, said in result.stderr, result.stdout) == (code, True, "")


def test_a_late_fact_says_when_it_was_recorded(tmp_path: Path) -> None:
    late = {4: "2024-07-10 11:59", 5: "2024-07-10 16:00", 6: "2024-07-12 10:00"}
    url = store(tmp_path, envelopes(EXAM_FIRST, recorded=late))
    told = run(url, "audit", "mei", "--as-of", AS_OF).stdout
    recorded = [line for line in told.splitlines() if " · recorded " in line]
    assert len(recorded) == 1
    assert " · e5 · recorded 2024-07-10 16:00 " in recorded[0]
