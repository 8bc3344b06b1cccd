"""Adoption is a recorded fact: from its recording on, for who asks then, the draft is in force."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from draft_rulebooks import LABEL, draft
from samples import envelopes, store, when

from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from ledger.log.port import open_log
from projections.standing.question import Question
from replay.cli import main

LINES = [
    ("2024-12-01 09:00", f.CreatorEnrolled()),
    ("2025-02-01 09:00", f.ViolationFound("v1", "misleading", "other")),
]
MILDER = ("points = 3\nrestorable = 1.5", "points = 2\nrestorable = 1.5")
HEAD = ("--id", "a1", "--time", "2024-12-15T09:00:00+08:00")
ASKED = ("--as-of", "2025-02-02")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    draft(tmp_path / "own", MILDER)
    return tmp_path / "own"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return store(tmp_path, envelopes(LINES))


def run(url: str, own: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--db", url, "--rulebooks", str(own), *words])


def adopt(url: str, own: Path, *words: str, label: str = LABEL) -> Result:
    return run(url, own, "rulebook", "adopt", label, *words)


def score(url: str, own: Path, *words: str) -> Any:
    result = run(url, own, "standing", "mei", *ASKED, "--json", *words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["score"]


def recorded(url: str, own: Path, at: str, *, told: str, id_: str = "a1", digest: str = "") -> None:
    """The adoption as an import brings it in, recorded at a time of the past."""
    with Question(url, [own]) as question:
        content = digest or question.shelf.find(LABEL).hash
    fact = f.RulebookAdopted("douyin-creator", "2025-01", content)
    with open_log(url) as log:
        e = Envelope("ops", id_, "douyin-creator", when(at), fact, recorded_at=when(told))
        log.append([e], trust_recorded_times=True)


def test_a_draft_is_not_in_force_until_it_is_adopted(url: str, own: Path) -> None:
    assert score(url, own) == "7"
    result = adopt(url, own, *HEAD)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"{LABEL} adopted at position 3; in force from 2025-01-01, ")
    assert score(url, own) == "8"


def test_the_fact_is_what_it_says(url: str, own: Path) -> None:
    receipt = json.loads(adopt(url, own, *HEAD, "--source", "ops", "--json").stdout)
    assert receipt == {"status": "recorded", "position": 3, "version": 1}
    with open_log(url) as log:
        (e,) = log.stream("douyin-creator")
    assert isinstance(e.fact, f.RulebookAdopted)
    assert (e.source, e.id, e.effective_at) == ("ops", "a1", when("2024-12-15 09:00"))
    with Question(url, [own]) as question:
        assert e.fact.hash == question.shelf.find(LABEL).hash


def test_what_was_known_then_is_judged_by_what_was_adopted_then(url: str, own: Path) -> None:
    recorded(url, own, "2024-12-15 09:00", told="2025-02-10 09:00")
    assert score(url, own, "--known-at", "2025-02-10 08:59") == "7"
    assert score(url, own, "--known-at", "2025-02-10 09:00") == "8"
    assert score(url, own) == "8"


def test_a_retracted_adoption_counts_as_never_made_from_then_on(url: str, own: Path) -> None:
    recorded(url, own, "2024-12-15 09:00", told="2025-02-10 09:00")
    with open_log(url) as log:
        late = when("2025-02-12 09:00")
        fact = f.FactRetracted("a1", "the wrong draft")
        e = Envelope("ops", "r1", "douyin-creator", late, fact, recorded_at=late)
        log.append([e], trust_recorded_times=True)
    assert score(url, own, "--known-at", "2025-02-11") == "8"
    assert score(url, own) == "7"


def test_an_adoption_in_the_stream_of_a_creator_adopts_nothing(url: str, own: Path) -> None:
    with Question(url, [own]) as question:
        digest = question.shelf.find(LABEL).hash
    fact = f.RulebookAdopted("douyin-creator", "2025-01", digest)
    with open_log(url) as log:
        log.append([Envelope("ops", "a1", "mei", when("2024-12-15 09:00"), fact)])
    assert score(url, own) == "7"
    told = json.loads(run(url, own, "audit", "mei", "--json").stdout)["rulings"]
    ruling = next(r for r in told if r["type"] == "rulebook_adopted")
    assert (ruling["outcome"], ruling["change"]) == ("applied", "0")
    assert ruling["clauses"] == ["ledger: adoption"]
    assert LABEL in ruling["text"]["en"]
    assert LABEL in ruling["text"]["zh"]


def test_it_needs_no_enrolment_and_adopts_only_in_the_stream_of_its_own_name(
    url: str, own: Path
) -> None:
    with Question(url, [own]) as question:
        digest = question.shelf.find(LABEL).hash
    fact = f.RulebookAdopted("douyin-creator", "2025-01", digest)
    other = f.RulebookAdopted("mine", "2025-01", digest)
    with open_log(url) as log:
        log.append([Envelope("ops", "a1", "mei", when("2024-01-15 09:00"), fact)])
        log.append([Envelope("ops", "a2", "douyin-creator", when("2024-12-15 09:00"), other)])
    first, *_ = json.loads(run(url, own, "audit", "mei", "--json").stdout)["rulings"]
    assert (first["type"], first["outcome"]) == ("rulebook_adopted", "applied")
    assert score(url, own) == "7"


def test_one_question_knows_several_times_apart(url: str, own: Path) -> None:
    recorded(url, own, "2024-12-15 09:00", told="2025-02-10 09:00")
    with Question(url, [own]) as question:
        counts = [
            len(question.tables("douyin-creator", when(at)).rulebooks)
            for at in ("2025-02-10 08:59", "2025-02-10 09:00", "2025-02-10 08:59")
        ]
    assert counts == [3, 4, 3]


def test_no_rule_looks_back(url: str, own: Path) -> None:
    result = adopt(url, own, "--id", "a1", "--time", "2025-03-01T00:00:00.5+08:00")
    assert result.exit_code == 4
    assert result.stderr == (
        f"error: {LABEL} would be in force from 2025-01-01, before its adoption at "
        "2025-03-01 00:00, and no rule looks back; "
        "in_force_from = 2025-03-02 or later would be right\n"
    )
    exact = adopt(url, own, "--id", "a1", "--time", "2025-03-01T00:00:00+08:00")
    assert "in_force_from = 2025-03-01 or later" in exact.stderr
    assert adopt(url, own, "--id", "a1").exit_code == 4  # now is later still
    assert score(url, own) == "7"
    first = adopt(url, own, "--id", "a1", "--time", "2025-01-01T00:00:00+08:00")
    assert first.exit_code == 0


def test_one_that_looks_back_all_the_same_is_an_error_and_can_be_retracted(
    url: str, own: Path
) -> None:
    recorded(url, own, "2025-01-02 09:00", told="2025-02-10 09:00")
    result = run(url, own, "standing", "mei")
    assert result.exit_code == 4
    assert "before it was adopted on 2025-01-02 09:00 (a1); retract" in result.stderr
    assert score(url, own, "--known-at", "2025-02-09") == "7"
    words = ("--id", "r1", "--source", "ops", "--time", "2025-02-11T00:00:00Z")
    data = '{"event":"a1","reason":"too late"}'
    taken_back = ("record", "fact_retracted", "--subject", "douyin-creator", *words)
    assert run(url, own, *taken_back, "--data", data).exit_code == 0
    assert score(url, own) == "7"


def test_a_file_that_changed_after_its_adoption_is_refused(url: str, own: Path) -> None:
    assert adopt(url, own, *HEAD).exit_code == 0
    draft(own, ("points = 3\nrestorable = 1.5", "points = 1\nrestorable = 0.5"))
    for command in (("standing", "mei"), ("audit", "mei"), ("what-if", "mei")):
        result = run(url, own, *command)
        assert result.exit_code == 4
        assert f"{LABEL} has changed: it was adopted (a1) with hash" in result.stderr
    again = adopt(url, own, "--id", "a2", "--time", "2024-12-16T09:00:00+08:00")
    assert (again.exit_code, "has changed" in again.stderr) == (4, True)


def test_an_adopted_file_that_is_not_here(url: str, own: Path) -> None:
    assert adopt(url, own, *HEAD).exit_code == 0
    (own / "douyin-creator" / "2025-01.toml").unlink()
    result = run(url, own, "standing", "mei")
    assert result.exit_code == 4
    assert "is adopted in this log (a1) and its file is not here" in result.stderr
    everybody = run(url, own, "standing", "--all")
    assert (everybody.exit_code, everybody.stdout) == (4, "")
    assert "left out for it: 1" in everybody.stderr


def test_adopted_twice_is_adopted_once(url: str, own: Path) -> None:
    assert adopt(url, own, *HEAD).exit_code == 0
    for id_ in ("a1", "a2"):
        again = adopt(url, own, "--id", id_)
        assert again.exit_code == 0
        assert f"{LABEL} already adopted at position 3" in again.stdout
    with open_log(url) as log:
        assert log.head() == 3


def test_an_id_of_another_fact_is_a_conflict(url: str, own: Path) -> None:
    with open_log(url) as log:
        log.append([Envelope("ops", "a1", "x", when("2024-12-15"), f.ExamRightClaimed())])
    assert adopt(url, own, *HEAD, "--source", "ops").exit_code == 6
    assert adopt(url, own, "--id", "a\u200b1", *HEAD[2:]).exit_code == 3


def test_cases_must_pass(url: str, own: Path) -> None:
    cases = own / "douyin-creator" / "2025-01.cases.txt"
    text = "## costs two\nstart 2025-01-01 09:00\n2025-01-02 09:00 | violation v1 misleading | {}\n"
    cases.write_text(text.format("-3 → 7"), encoding="utf-8")
    result = adopt(url, own, *HEAD)
    assert result.exit_code == 4
    assert f"{LABEL} does not pass its cases\nfailed: costs two" in result.stderr
    cases.write_text(text.format("-2 → 8"), encoding="utf-8")
    assert adopt(url, own, *HEAD).exit_code == 0


def test_the_file_must_be_sound_and_follow_the_others(url: str, own: Path) -> None:
    draft(own, since="2024-09-24", version="2024-10")
    clash = adopt(
        url, own, "--id", "a", "--time", "2024-09-01T00:00:00Z", label="douyin-creator@2024-10"
    )
    assert (clash.exit_code, "both in force from 2024-09-24" in clash.stderr) == (4, True)
    published = own / "PUBLISHED"
    published.write_text(f"douyin-creator/2025-01 {'0' * 64}\n", encoding="utf-8")
    result = adopt(url, own, *HEAD)
    assert (result.exit_code, "it was published with hash" in result.stderr) == (4, True)


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("douyin-creator", f"NAME@VERSION is needed; drafts: {LABEL}"),
        ("douyin-creator@2024-09", "is no draft: it is in force from 2024-09-24 by its date"),
        ("douyin-creator@2024-10", 'no version "2024-10"'),
    ],
)
def test_what_can_not_be_adopted(url: str, own: Path, label: str, said: str) -> None:
    result = adopt(url, own, *HEAD, label=label)
    assert result.exit_code == 4
    assert said in result.stderr


def test_everybody_leaves_the_rulebook_out(url: str, own: Path) -> None:
    assert adopt(url, own, *HEAD).exit_code == 0
    with open_log(url) as log:
        late = when("2025-02-12 09:00")
        log.append([Envelope("ops", "r", "douyin-creator", late, f.FactRetracted("zz", "typo"))])
        log.append([Envelope("ops", "s", "retracted", late, f.FactRetracted("zz", "typo"))])
    rows = run(url, own, "standing", "--all", "--json").stdout.splitlines()
    assert [json.loads(row)["creator"] for row in rows] == ["mei", "retracted"]


def test_who_bears_a_rulebooks_name_is_a_creator_all_the_same(url: str, own: Path) -> None:
    assert adopt(url, own, *HEAD).exit_code == 0
    with open_log(url) as log:
        at = when("2024-12-01 09:00")
        log.append([Envelope("ops", "e", "douyin-creator", at, f.CreatorEnrolled())])
    rows = run(url, own, "standing", "--all", "--json", *ASKED).stdout.splitlines()
    assert [json.loads(row)["creator"] for row in rows] == ["douyin-creator", "mei"]


def test_what_if_is_asked_of_the_rules_as_adopted(url: str, own: Path) -> None:
    def asked(*words: str) -> tuple[str, str]:
        result = run(url, own, "what-if", "mei", *ASKED, "--json", *words)
        view = json.loads(result.stdout)
        return tuple(view[s]["standing"]["score"] for s in ("baseline", "counterfactual"))

    assert asked("--rulebook", LABEL) == ("7", "8")
    recorded(url, own, "2024-12-15 09:00", told="2025-02-10 09:00")
    assert asked("--known-at", "2025-02-09") == ("7", "7")
    assert asked() == ("8", "8")


def test_a_new_name_begins_with_an_adoption(tmp_path: Path) -> None:
    text = draft(tmp_path / "own", MILDER).read_text(encoding="utf-8")
    file = tmp_path / "own" / "mine" / "2025-01.toml"
    file.parent.mkdir()
    file.write_text(text.replace('name = "douyin-creator"', 'name = "mine"'), encoding="utf-8")
    lines = [("2025-01-02 09:00", f.CreatorEnrolled(rulebook="mine")), *LINES[1:]]
    url, own = store(tmp_path, envelopes(lines)), tmp_path / "own"
    refused = run(url, own, "standing", "mei")
    assert refused.exit_code == 4
    assert "nothing of mine is in force: mine@2025-01 is a draft" in refused.stderr
    everybody = run(url, own, "standing", "--all")
    assert "left out for it: 1" in everybody.stderr
    assert adopt(url, own, *HEAD, label="mine@2025-01").exit_code == 0
    assert score(url, own) == "8"


def test_an_adopted_version_is_pinned_at_first_use(url: str, own: Path) -> None:
    assert adopt(url, own, *HEAD).exit_code == 0
    score(url, own)
    with open_log(url) as log:
        assert ("douyin-creator", "2025-01") in log.pins()


def test_the_adoptions_are_read_once_for_all_creators(
    url: str, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_log(url) as log:
        log.append(envelopes(LINES, "ada"))
    asked: list[str] = []
    with Question(url, [own]) as question:
        stream = question.log.stream

        def counted(subject: str) -> list[Envelope]:
            asked.append(subject)
            return stream(subject)

        monkeypatch.setattr(question.log, "stream", counted)
        for creator in ("ada", "mei"):
            question.replay(creator, question.facts(creator))
    assert asked == ["ada", "douyin-creator", "mei"]
