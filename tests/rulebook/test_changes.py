"""`--set key=value`: other figures under the same rules, for a what-if."""

from decimal import Decimal
from pathlib import Path

import pytest

from ledger.errors import RulebookError
from ledger.rulebook.changes import with_changes, with_changes_all
from ledger.rulebook.citations import Citation
from ledger.rulebook.figures import as_text, differences, figures
from ledger.rulebook.file import load
from ledger.rulebook.model import Reset, Rulebook
from ledger.rulebook.shelf import SHIPPED, Shelf

from .samples import SOUND, changed, put

BOOK = load(SOUND.encode())


@pytest.mark.parametrize(
    ("key", "text", "path", "value"),
    [
        ("nodes.8.below", "7.5", "nodes.8.below", Decimal("7.5")),
        ("nodes.8.stops.0.days", "1", "nodes.8.stops.0.days", 1),
        ("nodes.8.stops.sell.days", "1", "nodes.8.stops.0.days", 1),
        ("counters.score.cap", "none", "counters.score.cap", None),
        ("exam.study_required", "false", "exam.study_required", False),
        ("recovery.runs.0.days", "14", "recovery.runs.0.days", 14),
        ("nodes.8.lifted_by.0", "exam", "nodes.8.lifted_by", "exam"),
        ("appeal.window_days", "3", "appeal.window_days", 3),
    ],
)
def test_one_figure_changes_and_nothing_else(key: str, text: str, path: str, value: object) -> None:
    new = with_changes(BOOK, {key: text})
    ((found, _, now, _, _),) = differences(BOOK, new)
    assert (found, now) == (path, value)
    assert (new.label, new.cite(path if value is None else key.replace("sell", "0"))) == (
        "shop@1+",
        Citation(assumed=True, note="set by the scenario"),
    )
    assert new.hash != BOOK.hash


RICH = load(
    changed(
        "floor = 0",
        "floor = 0\nexpires_after = { months = 12 }\n"
        'reset = { on = ["01-01", "07-01"], not_from = 2, carry_from = 4, carry = 4 }',
        "[nodes.8]",
        '[categories.late.severities.grave]\nclause = "§2"\nsource = "r"\npoints = 3\n'
        'title = { en = "Grave", zh = "严重" }\n'
        'fines = [{ account = "fine", amount = 20, currency = "CNY" }]\n\n[nodes.8]',
        "[recovery]",
        '[ladders.late]\nclause = "§4"\nsource = "r"\ncategories = ["late"]\n'
        "within = { days = 90 }\nsteps = [\n  { nth = 2, points = 4 },\n"
        '  { nth = 3, points = 6, stops = [{ feature = "sell", days = 7 }] },\n]\n\n[recovery]',
    ).encode()
)


@pytest.mark.parametrize(
    ("key", "text", "path", "value"),
    [
        ("ladders.late.steps.1.points", "5", "ladders.late.steps.1.points", Decimal(5)),
        ("ladders.late.steps.1.nth", "4", "ladders.late.steps.1.nth", 4),
        (
            "ladders.late.steps.1.stops.sell.days",
            "8",
            "ladders.late.steps.1.stops.0.days",
            8,
        ),
        ("ladders.late.within.days", "30", "ladders.late.within.days", 30),
        ("ladders.late.after_void", "re_judged", "ladders.late.after_void", "re_judged"),
        ("counters.score.reset.not_from", "1", "counters.score.reset.not_from", Decimal(1)),
        ("counters.score.reset.not_from", "none", "counters.score.reset.not_from", None),
        ("counters.score.reset.on.1", "06-30", "counters.score.reset.on", "01-01, 06-30"),
        ("counters.score.expires_after.months", "6", "counters.score.expires_after.months", 6),
        (
            "categories.late.severities.grave.points",
            "2.5",
            "categories.late.severities.grave.points",
            Decimal("2.5"),
        ),
        (
            "categories.late.severities.grave.fines.0.amount",
            "30",
            "categories.late.severities.grave.fines.0.amount",
            Decimal(30),
        ),
        ("overlap", "sum", "overlap", "sum"),
        ("crossing", "deepest", "crossing", "deepest"),
        ("appeal.attempts", "2", "appeal.attempts", 2),
        ("categories.late.expires_after.days", "90", "categories.late.expires_after.days", 90),
        ("counters.score.expires_after", "none", "counters.score.expires_after.months", None),
        ("ladders.late.categories", "none", "ladders.late.categories", None),
        ("counters.score.reset.on", "06-30,12-31", "counters.score.reset.on", "06-30, 12-31"),
        ("nodes.8.lifted_by", "exam, appeal", "nodes.8.lifted_by", "exam, appeal"),
        ("categories.late.measures", "warning", "categories.late.measures", "warning"),
    ],
)
def test_so_do_those_of_severities_ladders_and_resets(
    key: str, text: str, path: str, value: object
) -> None:
    new = with_changes(RICH, {key: text})
    ((found, _, now, _, _),) = differences(RICH, new)
    assert (found, now) == (path, value)


EVERY = [
    *(r for name in Shelf().names() for r in Shelf().versions(name)),
    *(load(file) for file in sorted((SHIPPED.parents[1] / "examples").rglob("rulebooks/*/*.toml"))),
    load(SHIPPED.parents[1] / "tests" / "model" / "rulebooks" / "everything" / "1.toml"),
    RICH,
]


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("counters.score.reset.on.1", "02-30", "a date of every year is needed"),
        ("counters.score.reset.not_from", "10", "on a balance it lies below the initial 10"),
        ("ladders.late.steps.1.nth", "2", "found 2 after 2; steps stand in rising order"),
        ("ladders.late.categories.0", "lte", 'unknown category "lte"; did you mean "late"?'),
        ("ladders.late.steps.2.points", "2", 'did you mean "ladders.late.steps.1.points"?'),
        ("appeal.effect", "after_appeal", "window_days is missing"),
        ("categories.late.expires_after.days", "0", "found 0; 1 to 36500 are allowed"),
        ("counters.score.expires_after.days", "9", "found days and months; exactly one is needed"),
        ("ladders.late.categories", "late, lte", 'categories.1: unknown category "lte"'),
        (
            "nodes.8.lifted_by",
            "exam, appel",
            'found "exam, appel"; "appeal" or "exam", or several with commas between, or none is',
        ),
        ("counters.score.reset", "7", 'no key "counters.score.reset" in shop@1'),
    ],
)
def test_they_are_checked_as_in_a_file(key: str, text: str, said: str) -> None:
    with pytest.raises(RulebookError) as refused:
        with_changes(RICH, {key: text})
    assert said in str(refused.value)


def test_an_optional_table_is_taken_away_whole() -> None:
    without = with_changes(RICH, {"exam": "none", "categories.late.restorable": "none"})
    assert without.exam is None
    assert with_changes(RICH, {"counters.score.reset": "none"}).counters["score"].reset is None
    kept = with_changes(BOOK, {"counters.score.reset.not_from": "none"})
    assert kept.counters["score"].reset is None


def test_a_table_is_begun_where_none_of_its_keys_is_required() -> None:
    begun = with_changes(BOOK, {"counters.score.reset.every_months": "12"})
    assert begun.counters["score"].reset == Reset(every_months=12)
    with pytest.raises(RulebookError, match=r"no key .accrual_exam.points. in shop@1"):
        with_changes(BOOK, {"accrual_exam.points": "1", "accrual_exam.pass_mark": "90"})


@pytest.mark.parametrize("book", EVERY, ids=lambda r: r.label)
def test_what_a_rulebook_has_can_be_set_to_what_it_is(book: Rulebook) -> None:
    given = figures(book)
    changed = with_changes(book, {path: as_text(value) for path, value in given.items()})
    assert figures(changed) == given
    assert changed.label == f"{book.label}+"


def test_changes_may_need_each_other() -> None:
    changes = {"nodes.8.below": "none", "nodes.8.at_or_below": "8"}
    assert with_changes(BOOK, changes).nodes["8"].at_or_below == 8
    assert with_changes(BOOK, {}) is BOOK
    assert with_changes(with_changes(BOOK, {"exam.answers": "3"}), changes).version == "1+"


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("nodes.8.belw", "7", 'no key "nodes.8.belw" in shop@1; did you mean "nodes.8.below"?'),
        ("nodes.9.below", "7", 'no key "nodes.9.below" in shop@1; did you mean "nodes.8.below"?'),
        ("nodes.8", "7", 'no key "nodes.8" in shop@1; did you mean "nodes.8.below"?'),
        ("nodes.8.stops.x.days", "7", None),
        ("nodes.8.stops.7.days", "7", None),
        ("accrual_exam.points", "1", None),
        ("version", "2", None),
        ("hash", "2", None),
        ("", "2", None),
        ("exam.answers", "two", 'exam.answers: found "two"; a whole number is needed'),
        ("exam.answers", "1_0", 'exam.answers: found "1_0"; a whole number is needed'),
        ("exam.answers", "-1", "exam.answers: found -1; a figure can't be negative"),
        ("exam.answers", "0", "exam.answers: found 0; 1 to 36500 are allowed"),
        ("exam.study_required", "no", None),
        ("counters.score.cap", "x", 'counters.score.cap: found "x"; a number or none is needed'),
        ("counters.score.cap", "nan", "counters.score.cap: found NaN; a figure must be finite"),
        ("counters.score.cap", "9", "counters.score.initial: found 10; the score goes from 0 to 9"),
        ("recovery.cadence", "weekly", None),
        ("in_force_from", "today", None),
        ("zone", "Europe/Bln", None),
    ],
)
def test_what_can_not_be_set(key: str, text: str, said: str | None) -> None:
    with pytest.raises(RulebookError) as refused:
        with_changes(BOOK, {key: text})
    message = str(refused.value)
    assert "shop@1" in message
    if said:
        assert message.removeprefix("shop@1: ") == said


def versions(tmp_path: Path) -> tuple[Rulebook, ...]:
    put(tmp_path, SOUND)
    later = SOUND.replace('version = "1"', 'version = "2"').replace("2020-01-01", "2021-01-01")
    later = later.replace("restorable =", "# ").partition("[exam]")[0]
    put(tmp_path, later, "shop/2.toml")
    return Shelf([tmp_path]).versions("shop")


def test_a_key_changes_every_version_that_has_it(tmp_path: Path) -> None:
    both = versions(tmp_path)
    assert labels(both, {"nodes.8.below": "7"}) == ["shop@1+", "shop@2+"]
    assert labels(both, {"exam.answers": "3"}) == ["shop@1+", "shop@2"]
    assert labels(both, {"categories.late.restorable": "1"}) == ["shop@1+", "shop@2"]
    assert labels(both, {"2:nodes.8.below": "7"}) == ["shop@1", "shop@2+"]
    assert labels(both, {"appeal.window_days": "7"}) == ["shop@1+", "shop@2+"]
    assert labels(both, {"2:in_force_from": "2019-01-01"}) == ["shop@2+", "shop@1"]


def labels(both: tuple[Rulebook, ...], changes: dict[str, str]) -> list[str]:
    return [r.label for r in with_changes_all(both, changes)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"3:exam.answers": "3"}, '3:exam.answers: no version "3"; allowed: 1, 2'),
        ({"2:exam.answers": "3"}, 'no key "exam.answers" in shop@2'),
        (
            {"2:in_force_from": "2020-01-01"},
            "shop@1 and shop@2+ are both in force from 2020-01-01",
        ),
    ],
)
def test_no_version_has_it(tmp_path: Path, changes: dict[str, str], said: str) -> None:
    both = versions(tmp_path)
    with pytest.raises(RulebookError) as refused:
        with_changes_all(both, changes)
    assert str(refused.value) == said
