"""Every rulebook of the project: sound, published where it is shipped, and true to its cases."""

import re
from collections import Counter
from pathlib import Path

import pytest

from ledger.rulebook.figures import figures, titles
from ledger.rulebook.file import load
from ledger.rulebook.model import Rulebook
from ledger.rulebook.shelf import SHIPPED, Shelf
from replay.casebook.cases import Case
from replay.casebook.run import Libraries, failures
from replay.casebook.suites import Suite, cases, suites

ROOT = SHIPPED.parents[1]
EXAMPLES = ROOT / "examples"
BOOKS = sorted([*SHIPPED.glob("*/*.toml"), *EXAMPLES.glob("**/rulebooks/*/*.toml")])
SUITES = [suite for place in (SHIPPED, EXAMPLES) for suite in suites([place], ())]
CASES = [(suite, case) for suite in SUITES for case in cases(suite)]
LIBRARIES = {id(suite): Libraries(suite.shelf) for suite in SUITES}
IN_SHORT = {  # what is shipped, and from when each version is in force
    "community-convention": ["2024-06-01"],
    "douyin-creator": ["2022-02-25", "2024-07-06", "2024-09-24"],
    "douyin-deposit": ["2023-12-27"],
    "douyin-diversion": ["2024-06-01"],
    "douyin-membership": ["2024-05-01"],
    "douyin-merchant": ["2023-02-11"],
    "pinduoduo-diversion": ["2024-06-01"],
    "tmall-diversion": ["2015-01-01", "2024-07-01"],
}
NO_RULE = {91, 92, 93}
"""Narrative of a source, which no rulebook has: what is not there has no case."""


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def test_what_is_shipped() -> None:
    dates = {
        name: [str(r.in_force_from) for r in Shelf().versions(name)] for name in sorted(IN_SHORT)
    }
    assert dates == IN_SHORT
    assert {path.parent.name for path in SHIPPED.glob("*/*.toml")} == set(IN_SHORT)


@pytest.mark.parametrize("path", BOOKS, ids=name_of)
def test_a_rulebook_is_sound_and_called_what_its_place_says(path: Path) -> None:
    book = load(path)
    assert (book.name, book.version) == (path.parent.name, path.stem)


@pytest.mark.parametrize("path", BOOKS, ids=name_of)
def test_every_figure_says_where_it_is_from(path: Path) -> None:
    book = load(path)
    for key, value in figures(book).items():
        if isinstance(value, bool | str) or key == "in_force_from":
            continue
        cited = book.cite(key)
        complete = (cited.clause and cited.source) or (cited.assumed and cited.note)
        assert complete, f"{key} = {value}: {cited}"
        assert not cited.source or cited.source in book.sources


@pytest.mark.parametrize("path", BOOKS, ids=name_of)
def test_titles_are_in_both_languages(path: Path) -> None:
    book = load(path)
    words = [book.title, *titles(book).values(), *book.clauses.values()]
    assert all(title.en.isascii() and re.search(r"[\u4e00-\u9fff]", title.zh) for title in words)


@pytest.mark.parametrize("path", BOOKS, ids=name_of)
def test_every_rulebook_has_cases(path: Path) -> None:
    if path.parent.name == "road-traffic":  # its cases are the log of fines
        return
    beside = path.with_suffix(".cases.txt")
    assert beside.is_file() or list(path.parent.glob("cases/*.txt"))


def test_shipped_versions_are_published() -> None:
    lines = (SHIPPED / "PUBLISHED").read_text(encoding="utf-8").splitlines()
    published = dict(line.split() for line in lines if line and not line.startswith("#"))
    assert published == {name_of(path): load(path).hash for path in SHIPPED.glob("*/*.toml")}


@pytest.mark.parametrize(
    ("suite", "case"), CASES, ids=[f"{Path(c.file).stem}-{c.line}" for _, c in CASES]
)
def test_case(suite: Suite, case: Case) -> None:
    found = list(failures(case, LIBRARIES[id(suite)]))
    assert not found, "\n".join(f"{f.row.line}: {f.expected} | came to | {f.got}" for f in found)


def test_rows_that_cases_cover() -> None:
    names = " ".join(case.name for _, case in CASES)
    covered = {int(number) for number in re.findall(r"\bC-(\d+)", names)}
    assert set(range(80, 112)) - covered == NO_RULE


def test_the_convention_has_fifty_five_kinds_of_content() -> None:
    (book,) = Shelf().versions("community-convention")
    chapters = Counter(book.cite(f"categories.{name}").clause[:3] for name in book.categories)
    assert list(chapters.values()) == [13, 8, 8, 7, 3, 4, 3, 5, 4]
    for category in book.categories.values():
        assert list(category.severities) == [
            "mute_1_day", "mute_7_days", "mute_15_days", "mute_for_ever", "banned",
        ]  # fmt: skip


def test_money_came_to_tmall_in_july_2024() -> None:
    before, after = Shelf().versions("tmall-diversion")
    assert demands(before) == set()
    assert demands(after) == {2000, 20000}


def demands(book: Rulebook) -> set[int]:
    return {int(str(v)) for key, v in figures(book).items() if key.endswith(".amount")}


def test_no_rulebook_gives_points_for_being_liked() -> None:
    (book,) = Shelf().versions("douyin-deposit")
    assert (book.recovery, book.accrual_exam, book.courses, book.exam) == (None,) * 4
