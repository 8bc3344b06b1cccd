"""Laws of scenarios: they stack, commute where they are independent, and survive their file."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from documents import DOCS
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from model.histories import histories
from samples import EXAM_FIRST, envelopes, store, when

from ledger.errors import InputError, LedgerError
from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from ledger.rulebook.model import Rulebook
from ledger.rulebook.shelf import Shelf
from projections.standing.moments import read_moment
from projections.standing.writing import instant
from projections.views.objects import standing_object
from replay.cli import main
from replay.library import Ledger
from replay.whatif.document import read, typed, written
from replay.whatif.query import Query, Shift, read_shift
from replay.whatif.scenario import Scenario

from .worlds import SHELF, THREE, after, facts, of, world


@st.composite
def scenarios(draw, history: list[Envelope]) -> Scenario:  # type: ignore[no-untyped-def]
    """One step about facts of a history, or about the rules."""
    fact = draw(st.sampled_from(history))
    which = Query(event=fact.id)
    kind = Query(type=draw(st.sampled_from(("violation_found", "creator_enrolled"))), last=1)
    added = {"type": "exam_right_claimed", "time": "2024-07-20T12:00:00+08:00"}
    return draw(  # type: ignore[no-any-return]
        st.sampled_from(
            (
                Scenario.of(drop=[which]),
                Scenario.of(drop=[kind]),
                Scenario.of(move=[(which, Shift(draw(st.integers(-3, 3)), "d"))]),
                Scenario.of(move=[(kind, read_moment("2024-08-15 12:00"))]),
                Scenario.of(add=[added]),
                Scenario.of(set={"nodes.8.below": "7"}),
                Scenario.of(set={"categories.misleading.points": "2.5"}),
                Scenario.of(rulebook="douyin-creator@2024-07"),
                Scenario.of(recoveries="due"),
            )
        )
    )


@settings(max_examples=30)
@given(histories(), st.data())
def test_one_scenario_after_another_is_both_stacked(
    history: list[Envelope], data: st.DataObject
) -> None:
    here = world(history)
    first, then = data.draw(scenarios(history)), data.draw(scenarios(history))
    try:
        stacked = after(first + then, here)
    except LedgerError:
        assume(False)
        raise
    one_by_one = after(then, after(first, here))
    assert facts(stacked) == facts(one_by_one)
    assert standing_object(stacked.replay()) == standing_object(one_by_one.replay())


@settings(max_examples=30)
@given(histories(), st.data())
def test_interventions_on_different_facts_commute(
    history: list[Envelope], data: st.DataObject
) -> None:
    assume(len(history) > 3)
    ids = data.draw(st.permutations([e.id for e in history[2:]]))
    one = Scenario.of(drop=ids[:1])
    other = Scenario.of(move=[(ids[1], Shift(1, "d"))])
    here = world(history)
    try:
        ways = [after(one + other, here), after(other + one, here)]
    except InputError:  # the order of things would be turned round in between
        assume(False)
        raise
    assert facts(ways[0]) == facts(ways[1])


@settings(max_examples=30)
@given(histories(), st.data())
def test_a_scenario_survives_its_file(history: list[Envelope], data: st.DataObject) -> None:
    scenario = data.draw(scenarios(history)) + data.draw(scenarios(history))
    again = read(written(scenario).encode(), "it.toml")
    assert again == scenario
    assert again.hash == scenario.hash


def test_the_hash_is_of_what_is_done() -> None:
    named = read(b'name = "a"\n[[step]]\nname = "b"\ndrop = "e5"\n', "a.toml")
    assert named.hash == Scenario.of(drop=["e5"]).hash
    assert named.hash != Scenario.of(drop=["e6"]).hash
    both = Scenario.of(drop=["e5"]) + Scenario.of(drop=["e6"])
    assert both.hash != (Scenario.of(drop=["e6"]) + Scenario.of(drop=["e5"])).hash


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ('{ type = "violation_found" }', "e3 e5 e8"),
        ('{ type = "violation_found", first = 2 }', "e3 e5"),
        ('{ type = "violation_found", last = 1 }', "e8"),
        ('{ category = "misleading" }', "e3 e4 e7 e8"),
        ('{ violation = "v2" }', "e5 e6 e9"),
        ("{ from = 2024-07-12, until = 2024-07-13 }", "e5 e6 e7"),
        ('{ from = "2024-07-13 10:00", until = "2024-07-14 09:00" }', "e7 e8"),
        ("e4", "e4"),
        ("demo#e4", "e4"),
    ],
)
def test_a_query_finds(query: str, ids: str) -> None:
    assert [e.id for e in typed(query).find(of(THREE))] == ids.split()


def test_a_query_looks_at_what_counts() -> None:
    lines = [*THREE, ("2024-07-16 10:00", f.FactRetracted("e8", "in error"))]
    assert [e.id for e in typed('{ type = "violation_found" }').find(of(lines))] == ["e3", "e5"]


def test_an_amended_fact_says_something_else_and_keeps_its_place() -> None:
    fields = {"points": "1", "ground": "first_offence", "detected_by": "court_document"}
    made = after(Scenario.of(amend=[("e3", fields)]), of(THREE))
    fact = made.facts[2].fact
    assert isinstance(fact, f.ViolationFound)
    assert (fact.points, fact.ground, fact.detected_by) == (100, "first_offence", "court_document")
    again = after(Scenario.of(amend=[("e3", {"points": None, "ground": None})]), made)
    assert isinstance(again.facts[2].fact, f.ViolationFound)
    assert again.facts[2].fact.points is None
    assert [e.position for e in again.facts] == [e.position for e in of(THREE).facts]


def test_a_category_may_be_judged_as_another() -> None:
    made = after(Scenario.of(remap={"misleading": "spam"}), of(THREE))
    words = [e.fact.category for e in made.facts if isinstance(e.fact, f.ViolationFound)]
    assert words == ["spam", "spam", "spam"]


@pytest.mark.parametrize(
    ("by", "to"),
    [("-7d", "2024-07-05T10:00:00"), ("+36h", "2024-07-13T22:00:00"), ("90m", "2024-07-12T11:30")],
)
def test_a_fact_is_moved_by_days_hours_or_minutes(by: str, to: str) -> None:
    shift = read_shift(by)
    assert shift is not None
    moved = shift.moved(when("2024-07-12 10:00"), "Asia/Shanghai")
    assert instant(moved, "Asia/Shanghai").startswith(to)


def test_days_are_days_on_local_clocks() -> None:
    """In Berlin the clocks are put back on 27 October 2024."""
    shift = read_shift("1d")
    assert shift is not None
    before = 1_729_936_800_000_000  # 2024-10-26 12:00 there
    assert shift.moved(before, "Europe/Berlin") - before == 25 * 3_600_000_000


WRONG = [
    ("[[step]]\ndrp = 'e5'\n", 'line 2: step.0.drp: unknown key; did you mean "drop"?'),
    ("[[step]]\ndrop = 'e5'\nby = '1d'\n", "line 3: step.0.by: unknown key"),
    ("[[stp]]\ndrop = 'e5'\n", 'line 1: stp: unknown key; did you mean "step"?'),
    ("[[step]]\nname = 'x'\n", "step.0: found no verb; one is needed: drop, move"),
    ("[[step]]\ndrop = 'e5'\nset = { a = 1 }\n", "found drop and set; a step does one thing"),
    ("[[step]]\ndrop = 5\n", "line 2: step.0.drop: found 5; the id of a fact or a table"),
    ("[[step]]\ndrop = {}\n", "step.0.drop: found no condition; one is needed: event, type"),
    ("[[step]]\ndrop = { categry = 'a' }\n", 'categry: unknown key; did you mean "category"?'),
    ("[[step]]\ndrop = { type = 'violation' }\n", 'did you mean "violation_found"?'),
    ("[[step]]\ndrop = { first = 0, type = 'exam_sat' }\n", "first: found 0; how many"),
    ("[[step]]\ndrop = { first = 1, last = 1 }\n", "the first or the last are taken, not both"),
    ("[[step]]\ndrop = { event = 'e5', first = 1 }\n", "no other condition goes with it"),
    ("[[step]]\nmove = 'e5'\n", "a time is needed beside it: either to or by"),
    ("[[step]]\nmove = 'e5'\nby = '1w'\n", 'step.0.by: found "1w"; so many days'),
    ("[[step]]\nmove = 'e5'\nto = 'noon'\n", "step.0.to: found 'noon'; an instant is needed"),
    ("[[step]]\namend = 'e5'\n", "what it then says is needed beside it: data or without"),
    (
        "[[step]]\namend = 'e5'\ndata = { mrk = 1 }\n",
        'no fact has such a field; did you mean "mark"',
    ),
    ("[[step]]\nadd = { type = 'exam_sit' }\n", 'found "exam_sit"; a type of fact is needed'),
    ("[[step]]\nset = 7\n", 'step.0.set: found 7; a table is needed, as { "a key" = 7 }'),
    ("[[step]]\nset = { a = [1] }\n", "step.0.set.a: found [1]; a list is of words"),
    ("[[step]]\ndrop = { category = '' }\n", "step.0.drop.category: found nothing"),
    ("[[step]]\nset.nodes.8.below = 7\n", "the whole key stands in quotes"),
    ("[[step]]\nrulebook = 7\n", "step.0.rulebook: found 7; text is needed"),
    ("[[step]]\nrecoveries = 'never'\n", "allowed: due, recorded"),
    ("step = 5\n", "line 1: step: found 5; tables are needed, each under [[step]]"),
    ("[[step]\n", "not TOML"),
    ("[[step]]\ndrop = 'e\u202e5'\n", "line 2: hidden character U+202E"),
    ("a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r = 1\n", "a key with over 16 dots"),
]


@pytest.mark.parametrize(("text", "said"), WRONG, ids=[said for _, said in WRONG])
def test_a_file_with_a_typo_says_where_and_what_would_be_right(text: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        read(text.encode(), "it.toml")
    assert said in str(error.value)
    assert str(error.value).startswith("it.toml")


def test_all_that_is_wrong_with_a_file_is_said_at_once() -> None:
    with pytest.raises(InputError) as error:
        read(b"[[step]]\ndrop = 1\n[[step]]\nmove = 2\n", "it.toml")
    assert len(str(error.value).splitlines()) == 2


NEVER = [
    ("--drop", "e99", 3, 'has no fact "e99"'),
    ("--drop", '{ category = "spam" }', 3, "has no fact of which holds: category spam"),
    ("--drop", '{ categry = "spam" }', 2, 'categry: unknown key; did you mean "category"?'),
    ("--move", "e6=2024-07-01", 3, "before the creator is enrolled at 2024-07-08 09:00"),
    ("--move", "e6=-9000000d", 2, "an instant is needed"),
    ("--move", "e6=-99999d", 3, "no instant of 1970 to 9998"),
    ("--move", "e6=2024-07-09", 3, 'before its violation "v1" is found at 2024-07-10 09:00'),
    ("--move", "e3=2024-07-11", 3, 'exam_studied "e4" would be at 2024-07-10 11:00'),
    ("--amend", "e5={ mark = 101 }", 3, 'amend "e5", data.mark: found 101'),
    ("--amend", "e5={ mrk = 100 }", 3, "mark"),
    ("--amend", "e5", 2, "EVENT={FIELD=VALUE}"),
    ("--remap", "mislead=spam", 3, 'no violation of category "mislead"; did you mean "misleading"'),
    ("--set", "nodes.8.belo=7", 4, "nodes.8.below"),
    ("--set", "nodes.8.below=-1", 4, "nodes.8.below"),
    ("--set", "exam.answers=many", 4, "exam.answers"),
    ("--rulebook", "douyin-creater", 4, "did you mean"),
    ("--scenario", "gone.toml", 3, "gone.toml: can't be read"),
    ("--avoid", "9", 3, 'no stop "9"'),
    ("--avoid", "6", 3, "there is nothing to avoid"),
    ("--avoid", "score>=9@noon", 3, "an instant is needed"),
    ("--avoid", "points>=9", 3, 'no counter "points"'),
    ("--among", "e5", 2, "it goes with --orders"),
    ("--drop", "", 2, "found nothing; the id of a fact is needed"),
    ("--drop", '{ category = "" }', 2, "category: found nothing; a word is needed"),
    ("--move", '{ type = "" }=-1d', 2, "type: found nothing"),
    ("--amend", '{ violation = "" }={ mark = 1 }', 2, "violation: found nothing"),
    ("--avoid", "", 3, "found nothing to avoid or reach"),
    ("--rulebook", "", 2, "found nothing; NAME[@VERSION] is needed"),
    ("--scenario", "", 2, "found nothing; FILE is needed"),
    ("--remap", "misleading=spamm", 3, 'no rules have a category "spamm"; did you mean "spam"?'),
]


@pytest.mark.parametrize(("option", "value", "code", "said"), NEVER)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    option: str, value: str, code: int, said: str, tmp_path: Path
) -> None:
    url = store(tmp_path, envelopes(EXAM_FIRST))
    before = content(tmp_path)
    kept = str(tmp_path / "kept.toml")
    done = CliRunner().invoke(main, ["--db", url, "what-if", "mei", option, value, "--save", kept])
    assert said in done.output.replace("\n", " ")
    assert done.exit_code == code, done.output
    assert content(tmp_path) == before


QUESTIONS = [
    (),
    ("--drop", "e5", "--set", "nodes.8.below=7"),
    ("--recoveries", "due", "--rulebook", "douyin-creator@2024-09"),
    ("--orders",),
    ("--avoid", "8"),
    ("--afford",),
    ("--wrongful",),
    ("--which-figures",),
]


@pytest.mark.parametrize("words", QUESTIONS)
def test_no_what_if_writes_to_the_log_or_the_rows(words: tuple[str, ...], tmp_path: Path) -> None:
    """Not even the pins of rulebooks that nobody has ruled with yet; nor to a read model."""
    url = store(tmp_path, envelopes(EXAM_FIRST))
    with Ledger.open(url) as ledger:
        ledger.project(f"sqlite:///{tmp_path}/rows.db")
    before = content(tmp_path)
    for form in ((), ("--json",), ("--lang", "zh")):
        done = CliRunner().invoke(main, ["--db", url, "what-if", "mei", *words, *form])
        assert done.exit_code == 0, done.output
        assert content(tmp_path) == before


def content(folder: Path) -> dict[str, bytes]:
    """Every file, to the byte."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if not p.name.endswith("-shm")}


def test_a_record_of_it_is_refused(tmp_path: Path) -> None:
    url = store(tmp_path, envelopes(EXAM_FIRST))
    done = CliRunner().invoke(main, ["--db", url, "what-if", "mei", "--drop", "e5", "--record"])
    assert done.exit_code == 2
    assert "what-if never writes" in done.output


def test_what_options_say_is_kept_as_a_file_that_says_the_same(tmp_path: Path) -> None:
    url = store(tmp_path, envelopes(EXAM_FIRST))
    kept = str(tmp_path / "kept.toml")
    asked = ("--drop", '{ type = "exam_sat" }', "--move", "e6=-1d", "--set", "nodes.8.below=7")
    base = [
        "--db",
        url,
        "what-if",
        "mei",
        "--json",
        "--as-of",
        "2024-08-01",
        "--known-at",
        "2025-01-01",
    ]
    first = CliRunner().invoke(main, [*base, *asked, "--save", kept])
    again = CliRunner().invoke(main, [*base, "--scenario", kept])
    assert first.exit_code == 0, first.output
    assert first.stdout == again.stdout
    refused = CliRunner().invoke(main, [*base, *asked, "--save", kept])
    assert refused.exit_code == 3
    assert "kept.toml: can't be written" in refused.output


def test_the_scenario_in_the_document_is_one() -> None:
    page = (DOCS / "what-if.md").read_text(encoding="utf-8")
    (block,) = [part.partition("```")[0] for part in page.split("```toml\n")[1:]]
    scenario = read(block.encode(), "what-if.md")
    lines = [*THREE, ("2024-07-25 10:00", f.AppealGranted("v3"))]
    made = after(scenario, of(lines))
    assert len(scenario.steps) == 8
    assert made.simulate
    assert made.replay().rulebook.label == "douyin-creator@2024-07+"


def test_two_questions_at_once_are_a_fault_of_the_line(tmp_path: Path) -> None:
    url = store(tmp_path, envelopes(EXAM_FIRST))
    done = CliRunner().invoke(main, ["--db", url, "what-if", "mei", "--afford", "--wrongful"])
    assert done.exit_code == 2
    assert "found --afford and --wrongful; one question at a time" in done.output


def test_no_condition_means_no_fact_from_python_either() -> None:
    for which in ("", Query()):
        with pytest.raises(InputError, match="found no fact and no condition"):
            after(Scenario.of(drop=[which]), of(THREE))


def test_a_category_of_the_rulebook_that_follows_may_be_meant() -> None:
    scenario = Scenario.of(remap={"misleading": "commission"}, rulebook="community-convention")
    with pytest.raises(InputError, match='no rules have a category "commission"'):
        after(scenario, of(THREE))
    known = next(iter(SHELF.versions("community-convention")[0].categories))
    after(Scenario.of(remap={"misleading": known}, rulebook="community-convention"), of(THREE))


def test_a_stack_of_reforms_asks_each_shelf_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred steps on top of each other: linear, not quadratic."""
    asked: list[str] = []
    versions = Shelf.versions

    def counted(shelf: Shelf, name: str) -> tuple[Rulebook, ...]:
        asked.append(name)
        return versions(shelf, name)

    monkeypatch.setattr(Shelf, "versions", counted)
    scenario = Scenario.of(set={"nodes.8.below": "7"})
    for _ in range(4):
        scenario += Scenario.of(set={"nodes.8.below": "7"})
    for made in scenario.worlds(of(THREE)):
        made.replay()
    assert len(asked) <= 2


def test_more_steps_than_are_replayed_are_refused() -> None:
    many = Scenario(Scenario.of(drop=["e5"]).steps * 501)
    with pytest.raises(InputError, match="found 501 steps; up to 500 are replayed"):
        many.worlds(of(THREE))


def test_what_the_record_has_in_an_odd_order_may_be_amended_there() -> None:
    """An exam before its violation has no effect; with another mark it has none either."""
    lines = [THREE[0], ("2024-07-09 09:00", f.ExamSat("v1", 0)), THREE[2]]
    here = of(lines)
    amended = after(Scenario.of(amend=[("e2", {"mark": "100"})]), here)
    assert amended.replay().creator.counters[0].score == here.replay().creator.counters[0].score
    with pytest.raises(InputError, match="before its violation"):
        after(Scenario.of(move=[("e3", read_moment("2024-07-10 11:00"))]), of([*lines, THREE[3]]))
