"""The library answers what the commands print, in the shapes that its types say."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from draft_rulebooks import draft
from hypothesis import given, settings
from law.reading import ruled
from model.histories import KINDS as HISTORY_KINDS
from model.histories import histories
from samples import APPEAL_FIRST, EXAM_FIRST, envelopes, store, when
from whatif.test_what_if import compared

from ledger.facts import types as f
from projections.readmodels.memory import MemoryTarget
from projections.standing.replay import Replay
from projections.views.objects import audit_view, standing_view, whole_standing_view
from replay.cli import main
from replay.library import (
    ConflictError,
    InputError,
    Ledger,
    LedgerError,
    RulebookError,
    StoreError,
    answers,
    views,
)
from replay.library import ruled as ruled_views
from replay.whatif.counterfactual import comparison_view
from replay.whatif.scenario import Scenario

ENROLLED = {
    "specversion": "1.0", "source": "s", "id": "1", "subject": "ada",
    "time": "2024-07-08T09:00:00+08:00", "type": "creator_enrolled",
}  # fmt: skip


@pytest.fixture
def url(tmp_path: Path) -> str:
    return store(tmp_path, envelopes(EXAM_FIRST), envelopes(APPEAL_FIRST, "lin"))


def printed(url: str, *words: str) -> Any:
    done = CliRunner().invoke(main, ["--db", url, *words, "--json"])
    assert done.exit_code == 0, done.output
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    for answer in answers:  # what only the command says, of the moment
        assert ("printed_at" in answer) == ("log_position" in answer)
        answer.pop("printed_at", None), answer.pop("log_position", None)
    return answers


TIMES = ("--as-of", "2024-07-10 16:00", "--known-at", "2024-07-11")
ASKED = {"as_of": datetime(2024, 7, 10, 16), "known_at": date(2024, 7, 11)}


def test_it_answers_what_the_commands_print(url: str) -> None:
    with Ledger.open(url) as ledger:
        assert [ledger.standing("mei", **ASKED)] == printed(url, "standing", "mei", *TIMES)
        assert list(ledger.standings(**ASKED)) == printed(url, "standing", "--all", *TIMES)
        assert [ledger.audit("mei", **ASKED)] == printed(url, "audit", "mei", *TIMES)
        assert [ledger.what_if("mei", drop=["e5"], move={"e3": "2024-07-09"}, **ASKED)] == printed(
            url, "what-if", "mei", "--drop", "e5", "--move", "e3=2024-07-09", *TIMES
        )
        done = CliRunner().invoke(main, ["rulebook", "list", "--json"])
        assert ledger.rulebooks() == json.loads(done.stdout)
        done = CliRunner().invoke(main, ["rulebook", "show", "douyin-creator", "--json"])
        assert ledger.rulebook("douyin-creator") == json.loads(done.stdout)


CHOSEN: dict[str, tuple[dict[str, Any], str]] = {
    "the last": ({"last": 2}, "--last 2"),
    "none": ({"last": 0}, "--last 0"),
    "of a time": (
        {"since": "2024-07-10", "until": "2024-07-10 12:00"},
        "--from 2024-07-10 --to 2024-07-10T12:00",
    ),
    "about a violation": (
        {"violation": "v1", "only_changes": True},
        "--violation v1 --only-changes",
    ),
}


@pytest.mark.parametrize("name", CHOSEN)
def test_rulings_are_chosen_as_the_command_chooses_them(url: str, name: str) -> None:
    chosen, options = CHOSEN[name]
    with Ledger.open(url) as ledger:
        answer = ledger.audit("mei", **chosen, **ASKED)
        assert [answer] == printed(url, "audit", "mei", *options.split(), *TIMES)
        assert len(answer["rulings"]) < len(ledger.audit("mei", **ASKED)["rulings"])


def test_what_can_not_be_chosen_is_said(url: str) -> None:
    with Ledger.open(url) as ledger:
        with pytest.raises(InputError, match="nothing lies between"):
            ledger.audit("mei", since="2024-07-11", until="2024-07-10")
        with pytest.raises(LedgerError, match='no fact about a violation "v7"'):
            ledger.audit("mei", violation="v7")


def test_pages_and_pictures_are_those_of_the_command(url: str, tmp_path: Path) -> None:
    words = ["--db", url, "audit", "mei", "--lang", "zh", "--from", "2024-07-09", *TIMES]
    files = {"html": tmp_path / "mei.html", "svg": tmp_path / "mei.svg"}
    for kind, file in files.items():
        assert CliRunner().invoke(main, [*words, f"--{kind}", str(file)]).exit_code == 0
    with Ledger.open(url) as ledger:
        picture = ledger.picture("mei", "zh", since="2024-07-09", **ASKED)
        page = ledger.page("mei", "zh", since="2024-07-09", **ASKED)
        assert picture == files["svg"].read_text("utf-8")
        assert picture != ledger.picture("mei", "zh", **ASKED)
    printed_at = re.compile(r"2\d{3}-\d\d-\d\d \d\d:\d\d(:\d\d)?")
    assert printed_at.sub("", page) == printed_at.sub("", files["html"].read_text("utf-8"))


def test_rules_are_compared_as_the_commands_do(url: str) -> None:
    with Ledger.open(url) as ledger:
        pair = "douyin-creator@2022-02", "douyin-creator"
        diff = ledger.rulebook_diff(*pair)
        assert_shape(diff, ruled_views.RulebookDiff)
        done = CliRunner().invoke(main, ["rulebook", "diff", *pair, "--json"])
        assert diff == json.loads(done.stdout)
        for since, options in ((None, []), (date(2024, 8, 1), ["--from", "2024-08-01"])):
            history = ledger.rulebook_history("douyin-creator", since)
            assert_shape(history, ruled_views.RulebookHistory)
            words = ("rulebook", "history", "douyin-creator", *options)
            assert [history] == printed(url, *words)


@pytest.mark.parametrize(
    "moment",
    ["2024-07-10T08:00:00Z", datetime(2024, 7, 10, 8, tzinfo=UTC), datetime(2024, 7, 10, 16)],
)
def test_times_are_said_in_several_ways(url: str, moment: str | date) -> None:
    with Ledger.open(url) as ledger:
        assert ledger.standing("mei", as_of=moment)["as_of"] == "2024-07-10T16:00:00+08:00"
        with pytest.raises(InputError, match="an instant is needed"):
            ledger.standing("mei", as_of="yesterday")


def test_facts_come_back_as_they_can_be_appended(url: str, tmp_path: Path) -> None:
    with Ledger.open(url) as one, Ledger.open(f"sqlite:///{tmp_path}/2.db", create=True) as two:
        facts = one.facts("mei")
        assert {r["status"] for r in two.append(facts)} == {"recorded"}
        assert {r["status"] for r in two.append(json.dumps(e) for e in facts)} == {"duplicate"}
        assert [e["id"] for e in two.facts("mei")] == [e["id"] for e in facts]


def test_what_is_no_fact_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with Ledger.open(f"sqlite:///{tmp_path}/x.db", create=True) as ledger:
        with pytest.raises(InputError, match=r"^fact 2, time: found .*; wanted "):
            ledger.append([ENROLLED, ENROLLED | {"id": "2", "time": "noon"}])
        for wrong in ("{", b"\xff", "[]"):
            with pytest.raises(InputError, match="fact 1"):
                ledger.append([wrong])
        assert list(ledger.creators()) == []
        assert ledger.append([]) == []


def test_an_expected_version_guards_a_decision(tmp_path: Path) -> None:
    with Ledger.open(f"sqlite:///{tmp_path}/x.db", create=True) as ledger:
        ledger.append([ENROLLED], expected_version=0)
        with pytest.raises(ConflictError):
            ledger.append([ENROLLED | {"id": "2"}], expected_version=0)
        (receipt,) = ledger.append([ENROLLED | {"data": {"level": 1}}])
        assert receipt == {"status": "conflict", "position": 1, "version": 1}


def test_a_question_sees_what_was_recorded_meanwhile(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    with Ledger.open(url, create=True) as ledger, Ledger.open(url) as other:
        with pytest.raises(LedgerError, match="no fact is recorded"):
            ledger.standing("ada")
        other.append([ENROLLED])
        assert ledger.standing("ada")["score"] == "10"


def test_a_draft_that_is_adopted_meanwhile_rules(tmp_path: Path) -> None:
    draft(tmp_path / "own", ("points = 3\nrestorable = 1.5", "points = 2\nrestorable = 1.5"))
    lines = [
        ("2024-12-01 09:00", f.CreatorEnrolled()),
        ("2025-02-01 09:00", f.ViolationFound("v1", "misleading", "other")),
    ]
    with Ledger.open(store(tmp_path, envelopes(lines)), rulebooks=[tmp_path / "own"]) as ledger:
        assert ledger.standing("mei", as_of="2025-02-02")["score"] == "7"
        (book,) = (r for r in ledger.rulebooks() if r["draft"])
        data = {"rulebook": book["name"], "version": book["version"], "hash": book["hash"]}
        adoption = {"type": "rulebook_adopted", "subject": book["name"], "id": "2", "data": data}
        ledger.append([ENROLLED | adoption])
        assert ledger.standing("mei", as_of="2025-02-02")["score"] == "8"


def test_a_ledger_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no ledger"):
        Ledger.open(f"sqlite:///{tmp_path}/none.db")


def test_those_without_a_rulebook_are_counted_at_the_end(tmp_path: Path) -> None:
    lost = envelopes([("2024-07-08 09:00", f.CreatorEnrolled("not-here"))], "lost")
    with Ledger.open(store(tmp_path, lost, envelopes(EXAM_FIRST))) as ledger:
        answers = ledger.standings()
        assert next(answers)["creator"] == "mei"
        with pytest.raises(RulebookError, match="left out for it: 1"):
            next(answers)


def test_rulebooks_of_ones_own(tmp_path: Path) -> None:
    examples = Path(__file__).parents[2] / "examples" / "rulebooks"
    fact = ENROLLED | {"data": {"rulebook": "kuaishou"}}
    with Ledger.open(f"sqlite:///{tmp_path}/x.db", create=True, rulebooks=[examples]) as ledger:
        ledger.append([fact])
        assert ledger.standing("ada")["rulebook"] == "kuaishou@2022-11"
        (status,) = ledger.project(MemoryTarget())
        assert status["generations"][0]["parked"] == {}


def test_a_read_model_is_brought_up_and_left_to_its_owner(url: str) -> None:
    target = MemoryTarget()
    with Ledger.open(url) as ledger:
        for _ in range(2):
            (status,) = ledger.project(target)
            assert_shape(status, views.Status)
            assert (status["live"], status["generations"][0]["lag_facts"]) == (1, 0)
            ledger.append([ENROLLED])
    assert set(target.rows[1]) == {"mei", "lin", "ada"}


def test_a_figure_may_be_of_any_kind(url: str) -> None:
    with Ledger.open(url) as ledger:
        figures = {"exam.answers": 1, "exam.study_required": False, "nodes.8.below": "7"}
        answer = ledger.what_if("mei", set=figures)
        assert answer["scenario"]["set"] == {
            "exam.answers": "1", "exam.study_required": "false", "nodes.8.below": "7"
        }  # fmt: skip


def assert_shape(value: object, kind: Any) -> None:
    """It has what the type says, and nothing else: what a type does not name is left out."""
    assert msgspec.convert(value, kind) == value


@settings(max_examples=30)
@given(histories(kinds=(*HISTORY_KINDS, "retraction")))
def test_answers_have_the_shapes_that_the_types_say(history: list[Any]) -> None:
    at = when("2024-08-01")
    result: Replay = ruled(history, as_of=at, known_at=at)
    assert_shape(standing_view(result), views.StandingRow)
    assert_shape(whole_standing_view(result), views.Standing)
    assert_shape(audit_view(result), views.Audit)
    dropped = compared(Scenario.of(drop=(history[0].id,)) if history else Scenario(), history, at)
    assert_shape(comparison_view(dropped) | {"known_at": ""}, answers.WhatIf)


def test_what_else_is_asked_has_the_shapes_that_the_types_say(url: str) -> None:
    with Ledger.open(url) as ledger:
        for name in ("mei", "lin"):
            assert_shape(ledger.orders(name), answers.Orders)
            assert_shape(ledger.avoid(name, "8"), answers.Avoided)
            assert_shape(ledger.avoid(name, "score>=12"), answers.Avoided)
            assert_shape(ledger.afford(name), answers.Afford)
            assert_shape(ledger.wrongful(name), answers.Wrongful)
            assert_shape(ledger.which_figures(name), answers.WhichFigures)


def test_what_else_is_asked_says_of_which_scenario(url: str) -> None:
    with Ledger.open(url) as ledger:
        asked = [
            ledger.orders("mei", scenario=STEPS),
            ledger.avoid("mei", "score>=12", scenario=STEPS),
            ledger.afford("mei", scenario=STEPS),
            ledger.wrongful("mei", scenario=STEPS),
            ledger.which_figures("mei", scenario=STEPS),
        ]
        wanted = ledger.what_if("mei", scenario=STEPS)["scenario"]
    assert [answer["scenario"] for answer in asked] == [wanted] * 5


STEPS = [{"move": "e6", "by": "-1d"}]


def test_a_scenario_is_said_in_several_ways(url: str, tmp_path: Path) -> None:
    steps = [{"drop": {"type": "exam_sat"}}, {"move": "e6", "by": "-1d"}]
    file = tmp_path / "it.toml"
    file.write_text('[[step]]\ndrop = { type = "exam_sat" }\n[[step]]\nmove = "e6"\nby = "-1d"\n')
    with Ledger.open(url) as ledger:
        said = [ledger.what_if("mei", scenario=s, **ASKED) for s in (steps, {"step": steps}, file)]
        assert said[0] == said[1] == said[2]
        assert said[0]["differences"]
        with pytest.raises(InputError, match=r"step\.0\.drp: unknown key"):
            ledger.what_if("mei", scenario=[{"drp": "e5"}])
        amended = ledger.what_if("mei", amend={"e3": {"category": "spam"}}, move={"e6": "-1d"})
        assert amended["scenario"]["steps"] == [
            {"move": "e6", "by": "-1d"}, {"amend": "e3", "data": {"category": "spam"}},
        ]  # fmt: skip


def test_rulebooks_and_facts_have_the_shapes_that_the_types_say(url: str) -> None:
    with Ledger.open(url) as ledger:
        for event in ledger.facts("mei"):
            assert_shape(event, views.Event)
        for head in ledger.rulebooks():
            assert_shape(head, views.Rulebook)
            label = f"{head['name']}@{head['version']}"
            assert_shape(ledger.rulebook(label), views.RulebookDocument)


def test_a_directory_of_rulebooks_may_be_named_alone(tmp_path: Path) -> None:
    draft(tmp_path / "own")
    url = store(tmp_path, envelopes(EXAM_FIRST))
    with Ledger.open(url, rulebooks=[tmp_path / "own"]) as several:
        wanted = several.rulebooks()
    for alone in (tmp_path / "own", str(tmp_path / "own")):
        with Ledger.open(url, rulebooks=alone) as ledger:
            assert ledger.rulebooks() == wanted
