"""The engine as a sieve: whoever is not replayed is one of whom a replay has nothing to tell."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from draft_rulebooks import LABEL, draft
from model.test_compiled import DAY, LIBRARY
from population.conftest import crowd  # noqa: F401  a fixture

from ledger.errors import RulebookError
from ledger.facts.envelope import Envelope, known, replay_order
from ledger.rulebook.changes import with_changes_all
from ledger.rulebook.figures import figures
from projections.standing.history import build
from projections.standing.replay import Library, replay
from projections.standing.tables import Tables, compile_tables
from replay.cli import main
from replay.drafts import subjects
from replay.drafts.shadow import disagree
from replay.drafts.sieve import Sieve, comparable
from replay.population import engine
from replay.population.columns import Columns, narrow_facts
from replay.population.compiler.program import Field
from replay.population.driver import Task, drive
from replay.population.kernels import Kernel, Wish, make
from replay.population.synthetic import START, history
from replay.whatif.counterfactual import Comparison, Told, aligned
from replay.whatif.scenario import Scenario

pytestmark = pytest.mark.xdist_group("compiled")

CREATORS = 12
EVERY = 4
"""Of the figures, so that it takes seconds."""
AS_OF = START + 1_200 * DAY
FROM = ("--from", "2024-09-24", "--as-of", "2025-12-31")
MILDER = ("points = 3\nrestorable = 1.5", "points = 2\nrestorable = 1.5")
SHORTER = ("days = 7 }]", "days = 6 }]")


class Fixed(Library):
    """One rulebook for everybody."""

    def __init__(self, tables: Tables) -> None:
        self._only = tables

    def tables(self, name: str) -> Tables:
        return self._only


@pytest.fixture(scope="module")
def law() -> Kernel:
    """For any rulebook, so that it is compiled once."""
    made = make(
        drive, Task, {Field("Task", "telling"): 1}, Wish({"Fact": narrow_facts()}, told=True)
    )
    return Kernel(made.code, made.layouts)


@pytest.fixture(autouse=True)
def compiled(law: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_compiled", lambda *_: law)


def people(tables: Tables) -> list[list[Envelope]]:
    random, categories = Random(3), list(tables.names.categories)
    return [
        list(
            history(
                random, f"c-{n}", random.randrange(5, 60), categories[: random.randrange(1, 11)],
                gap=random.choice((DAY // 2, 3 * DAY, 30 * DAY)), ties=0.2,
            )
        )
        for n in range(CREATORS)
    ]  # fmt: skip


def columns(everybody: list[list[Envelope]], tables: Tables) -> Columns:
    histories = []
    for facts in everybody:
        kept, retracted, by_id = known(facts, None)
        ruled = [e for e in replay_order(kept, retracted, AS_OF) if e.position not in retracted]
        histories.append(build(ruled, tables, by_id))
    made = Columns(histories, tables)
    made.facts = made.facts.astype(narrow_facts())
    return made


def moved(value: Any) -> Iterator[str]:
    """Other values of a figure, not all of them possible."""
    if isinstance(value, bool):
        yield str(not value).lower()
    elif isinstance(value, int | Decimal):
        yield str(value + 1)
        yield str(max(value - 1, 0))
    yield "none"


def others(tables: Tables) -> Iterator[tuple[str, Tables]]:
    """The same with one figure moved."""
    number = count()
    for key, value in figures(tables.rulebooks[-1]).items():
        for text in moved(value):
            try:
                other = compile_tables(with_changes_all(tables.rulebooks, {key: text}))
            except RulebookError:
                continue
            if next(number) % EVERY == 0:
                yield f"{key}={text}", other


@pytest.mark.parametrize("name", ["douyin-creator", "everything", "super-licence", "only-deepest"])
def test_of_whom_both_say_the_same_a_replay_has_nothing_to_tell(name: str) -> None:
    tables = LIBRARY.tables(name)
    everybody = people(tables)
    rows = columns(everybody, tables)
    heard = engine.tell(rows, tables, tables, as_of=AS_OF, interpreted=True)
    ours = engine.tell(rows, tables, tables, as_of=AS_OF)
    assert np.array_equal(ours.told, heard.told)  # as the trace of CPython says it
    before = [replayed(n, facts, tables) for n, facts in enumerate(everybody)]
    differ = 0
    for said, other in others(tables):
        if not comparable(tables, other):
            continue
        theirs = engine.tell(rows, other, tables, as_of=AS_OF).told
        for n in np.flatnonzero(ours.told == theirs).tolist():
            stages = [Told(side, ()) for side in (before[n], replayed(n, everybody[n], other))]
            assert not disagree(Comparison(Scenario(), stages, aligned(stages))), (said, n)
        differ += int((ours.told != theirs).sum())
    assert differ


def replayed(n: int, facts: list[Envelope], tables: Tables) -> Any:
    return replay(f"c-{n}", facts, Fixed(tables), as_of=AS_OF, rulings=True)


@pytest.fixture(scope="module")
def archive(crowd: str, tmp_path_factory: pytest.TempPathFactory) -> str:  # noqa: F811
    place = str(tmp_path_factory.mktemp("archive") / "a")
    done = CliRunner().invoke(main, ["--db", crowd, "project", "--parquet", place, "--once"])
    assert done.exit_code == 0, done.output
    return place


@pytest.mark.parametrize("words", [(), ("--json",), ("--json", "--known-at", "2024-11-30")])
@pytest.mark.parametrize("changes", [(), (MILDER, SHORTER)])
def test_a_shadow_run_prints_the_same_with_it(
    crowd: str,  # noqa: F811
    archive: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    changes: tuple[tuple[str, str], ...],
) -> None:
    draft(tmp_path / "own", *changes)

    def said(*more: str) -> tuple[int, str]:
        command = ["--db", crowd, "--rulebooks", str(tmp_path / "own"), "rulebook", "shadow", LABEL]
        done = CliRunner().invoke(main, [*command, *FROM, *words, *more])
        return done.exit_code, done.output

    replays = []
    of = subjects.Shadow.creator
    monkeypatch.setattr(
        subjects.Shadow, "creator", lambda self, *who: replays.append(who[0]) or of(self, *who)
    )
    plain, everybody = said(), len(replays)
    for more in ((), ("--archive", archive)):
        monkeypatch.setattr(subjects, "FACTS", 0)
        replays.clear()
        assert said(*more) == plain
        assert len(replays) < everybody / 2
    assert plain[0] == bool(changes)


@pytest.mark.parametrize("speaks", [True, False])
def test_what_is_no_archive_of_the_log_is_refused(
    crowd: str,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    speaks: bool,
) -> None:
    monkeypatch.setattr(Sieve, "may_speak", speaks)
    draft(tmp_path / "own")
    command = ["--db", crowd, "--rulebooks", str(tmp_path / "own"), "rulebook", "shadow", LABEL]
    for words, code in ((["--archive", str(tmp_path)], 5), (["--archive", "a", "--limit", "3"], 2)):
        done = CliRunner().invoke(main, [*command, *words])
        assert done.exit_code == code, done.output


def test_without_its_packages_all_is_as_it_was(
    crowd: str,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draft(tmp_path / "own", MILDER)
    command = ["--db", crowd, "--rulebooks", str(tmp_path / "own"), "rulebook", "shadow", LABEL]
    plain = CliRunner().invoke(main, [*command, *FROM]).output
    monkeypatch.setattr(subjects, "FACTS", 0)
    monkeypatch.setattr(subjects, "installed", lambda: False)
    monkeypatch.setattr(engine, "tell", None)
    assert CliRunner().invoke(main, [*command, *FROM]).output == plain
