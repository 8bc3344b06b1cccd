"""One source, three ways: compiled, pruned, and as it stands the law says the same of all."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ledger.facts.envelope import known, replay_order
from ledger.rulebook.shelf import Shelf
from projections.fold import state
from projections.fold.rules import Book
from projections.fold.step import advance, advance_simulated, step
from projections.standing.history import History, blank, build
from projections.standing.replay import Library, fold_rows, make_room
from projections.standing.tables import Tables
from replay.population import engine, kernels, workers
from replay.population.columns import Columns, narrow_facts
from replay.population.compiler.known import Known, given_rows
from replay.population.compiler.program import Field, Program, row_classes, run
from replay.population.compiler.prune import Pruned
from replay.population.constants import constants
from replay.population.driver import Task, drive
from replay.population.engine import SAMPLE, SWITCHES, cut, fold, order_of, sample, scan
from replay.population.kernels import Kernel, Wish, make
from replay.population.synthetic import DAY, START, history

pytestmark = pytest.mark.xdist_group("compiled")  # what one has compiled the next one loads

EXAMPLES = Path(__file__).parents[2] / "examples"
OWN = Path(__file__).parent / "rulebooks"
LAW = Path(__file__).parents[1] / "law" / "rulebooks"
LIBRARY = Library(Shelf([EXAMPLES / "super-licence" / "rulebooks", LAW, OWN]))
BOOKS = ("douyin-creator", "super-licence", "everything", "only-deepest", "bans", "aging")
AS_OF = START + 2_500 * DAY
USED = {
    "violations": lambda row: row.state != state.NONE,
    "crossings": lambda row: row.state != state.NONE,
    "stops": lambda row: row.state != state.NONE,
    "features": lambda row: row.state != state.NONE,
}


def fields(creator: Any) -> dict[str, Any]:
    """Every field that means something, rows included, as plain integers."""
    found: dict[str, Any] = {}
    for name in state.Creator.__annotations__:
        value = getattr(creator, name)
        if name in ("crossings", "stops"):
            value = value[: getattr(creator, f"{name}_made")]
        elif name == "violations":
            value = value[: creator.violation_slots]
        if isinstance(value, int) or not hasattr(value, "__len__"):
            found[name] = int(value)
        else:
            found[name] = [row_fields(name, row) for row in value]
    return found


def row_fields(name: str, row: Any) -> dict[str, int]:
    if name in USED and not USED[name](row):
        return {"state": state.NONE}
    names = row.dtype.names if hasattr(row, "dtype") else row.__slots__
    return {field: int(getattr(row, field)) for field in names}


def same(interpreted: dict[str, Any], compiled: dict[str, Any]) -> None:
    for name, value in interpreted.items():
        got = compiled[name]
        if isinstance(value, list):
            assert got[: len(value)] == value, name
        else:
            assert got == value, name


def interpret(h: History, tables: Tables, simulate: bool) -> tuple[Any, list[int], list[int]]:
    creator = blank(h, tables, simulate=simulate)
    reasons, scores = [], []
    for fact in h.rows:
        if simulate and fact.kind == state.RECOVERY_GRANTED:
            reasons.append(0)
            scores.append(0)
            continue
        make_room(creator, tables.book)
        reasons.append(step(creator, fact, tables.book, None))
        scores.append(creator.counters[creator.touched].score)
    make_room(creator, tables.book)
    if creator.recoveries:
        advance_simulated(creator, AS_OF, True, tables.book, None)
    advance(creator, AS_OF, tables.book, None)
    return creator, reasons, scores


def histories(name: str, count: int, seed: int) -> tuple[Tables, list[History]]:
    tables = LIBRARY.tables(name)
    random = Random(seed)
    made = []
    for n in range(count):
        gap = random.choice((DAY // 2, 3 * DAY, 30 * DAY))
        categories = list(tables.names.categories)[: random.randrange(1, 11)] or ["none"]
        facts = list(
            history(random, f"c-{n}", random.randrange(1, 120), categories, gap=gap, ties=0.2)
        )
        kept, retracted, by_id = known(facts, None)
        ruled = [e for e in replay_order(kept, retracted) if e.position not in retracted]
        made.append(build(ruled, tables, by_id))
    return tables, made


@cache
def the_whole_law() -> Kernel:
    """With nothing taken for granted but that there is no trace: for any rulebook."""
    made = make(drive, Task, {}, Wish({"Fact": narrow_facts()}, whole=True))
    return Kernel(made.code, made.layouts)


def in_memory(machine: workers.Machine) -> SimpleNamespace:
    """The creator that a machine has folded last, as the law's functions have one."""
    scalars = {name: int(machine.creator[name][0]) for name in machine.creator.dtype.names or ()}
    rows = {name: array.view(np.recarray) for name, array in machine.rows.items()}
    return SimpleNamespace(**(scalars | rows))


@pytest.mark.parametrize("simulate", [False, True])
@pytest.mark.parametrize("name", BOOKS)
def test_compiled_and_interpreted_agree_on_every_field(
    name: str, simulate: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "ROOM", 8)  # so that it has to grow
    tables, made = histories(name, 75 if simulate else 300, seed=7)
    columns = Columns(made, tables)
    order = order_of(columns, [tables], AS_OF, simulate, per_fact=True)
    machine = workers.Machine(order, the_whole_law())
    for n, h in enumerate(made):
        creator, why, score = interpret(h, tables, simulate)
        machine.fold(n, n + 1)
        span = slice(columns.starts[n], columns.starts[n + 1])
        assert order.answers.reasons[0, span].tolist() == why
        assert order.answers.scores[0, span].tolist() == score
        same(fields(creator), fields(in_memory(machine)))


@pytest.mark.parametrize("name", [*BOOKS, "douyin-merchant", "qualified-days"])
def test_pruned_the_law_says_the_same(name: str) -> None:
    """The module that is compiled for a book, run by CPython as it can be read."""
    tables, made = histories(name, 40, seed=10)
    columns, law = Columns(made, tables), pruned(tables.book)
    for simulate in (False, True):
        orders = [order_of(columns, [tables], AS_OF, simulate, per_fact=True) for _ in range(2)]
        whole, less = map(workers.Interpreter, orders)
        less.drive = law
        whole.fold(0, len(columns))
        less.fold(0, len(columns))
        for one, other in zip(*(order.answers for order in orders), strict=True):
            assert one.tolist() == other.tolist()


def pruned(book: Book) -> Any:
    given = given_rows(Task, row_classes(state.Creator))
    text = Pruned(Known(Program(drive), given, constants((book,)))).text("")
    assert "trace:" not in text  # no function has one
    return run(text, "<pruned>")["drive"]


@pytest.mark.parametrize(("name", "simulate"), [("douyin-creator", False), ("super-licence", True)])
def test_everybody_under_several_books_at_once_in_threads(
    name: str, simulate: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables, made = histories(name, 200, seed=11)
    columns, books = Columns(made, tables), [tables, LIBRARY.tables(name), tables]
    done = fold(columns, books, as_of=AS_OF, simulate=simulate, threads=3)
    slowly = fold(columns, books, as_of=AS_OF, simulate=simulate, interpreted=True)
    assert done.summaries.tolist() == slowly.summaries.tolist()
    assert done.reasons.size == 0
    taken = np.zeros_like(done.summaries)

    def take(first: int, rows: Any) -> None:
        taken[first : first + len(rows)] = rows

    monkeypatch.setattr(engine, "RANGE", 16)
    for interpreted in (False, True):
        taken[:] = 0
        scan(columns, books, take, as_of=AS_OF, simulate=simulate, interpreted=interpreted)
        assert taken.tolist() == done.summaries.tolist()
    some = fold(columns.some([5, 0, 199]), books, as_of=AS_OF, simulate=simulate, threads=1)
    assert some.summaries.tolist() == slowly.summaries[[5, 0, 199]].tolist()


def test_there_is_something_to_compare_with_without_categories_as_well() -> None:
    assert len(sample(LIBRARY.tables("douyin-membership")).facts) >= SAMPLE


def test_what_can_t_be_compiled_is_interpreted(monkeypatch: pytest.MonkeyPatch) -> None:
    tables, made = histories("bans", 5, seed=3)
    columns = Columns(made, tables)
    right = fold(columns, [tables], as_of=AS_OF, interpreted=True).summaries
    monkeypatch.setattr(kernels, "kernel", None)
    engine._compiled.cache_clear()
    with pytest.warns(UserWarning, match="^the rules can't be compiled here"):
        assert fold(columns, [tables], as_of=AS_OF).summaries.tolist() == right.tolist()
    engine._compiled.cache_clear()


def test_books_of_other_names_are_not_folded_in_one_pass() -> None:
    tables, made = histories("douyin-creator", 1, seed=3)
    with pytest.raises(ValueError, match="must have the same names"):
        fold(Columns(made, tables), [tables, LIBRARY.tables("super-licence")], as_of=AS_OF)


def test_code_that_says_something_else_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said once, and CPython does the work."""
    tables, made = histories("douyin-creator", 9, seed=3)
    columns = Columns(made, tables)
    right = fold(columns, [tables], as_of=AS_OF, interpreted=True).summaries
    more = known_wrong(tables.book)
    monkeypatch.setattr(engine, "_compiled", lambda *_: more)
    with pytest.warns(UserWarning, match="^the compiled rules do not say what the rules say"):
        assert fold(columns, [tables], as_of=AS_OF).summaries.tolist() == right.tolist()
    assert fold(columns, [tables], as_of=AS_OF).summaries.tolist() == right.tolist()


def known_wrong(book: Book) -> Kernel:
    """A law that takes for granted what is not so: that no category has points."""
    granted = dict(constants((book,))) | {Field("CategoryRule", "points"): 0}
    made = make(drive, Task, granted, Wish({"Fact": narrow_facts()}))
    return Kernel(made.code, made.layouts)


@pytest.mark.parametrize("parts", [1, 2, 7, 1000])
def test_the_ranges_of_threads_cover_everybody_once(parts: int) -> None:
    tables, made = histories("douyin-creator", 20, seed=3)
    none = build([], tables, {})
    for some in (made, made[:1], [], [none] * 9, [none, *made, none, none]):
        columns = Columns(some, tables)
        spans = cut(columns, parts)
        assert [n for first, last in spans for n in range(first, last)] == list(range(len(columns)))
        assert len(spans) <= parts


def test_the_histories_reach_every_kind_and_most_reasons() -> None:
    """The comparison above means something only if the law is walked through."""
    kinds, reasons = set(), set()
    for name in BOOKS:
        tables, made = histories(name, 600, seed=7)
        for h in made:
            kinds |= {row.kind for row in h.rows}
            reasons |= {state.REASONS[r] for r in interpret(h, tables, False)[1]}
    assert kinds == set(range(len(state.KINDS)))
    assert set(state.REASONS) - reasons == {"retracted"}


@pytest.mark.parametrize("name", BOOKS)
def test_the_driver_of_the_standing_folds_the_same(name: str) -> None:
    tables, made = histories(name, 60, seed=8)
    for h in made:
        creator = blank(h, tables)
        fold_rows(creator, h.rows, tables.book)
        make_room(creator, tables.book)
        if creator.recoveries:
            advance_simulated(creator, AS_OF, True, tables.book, None)
        advance(creator, AS_OF, tables.book, None)
        same(fields(interpret(h, tables, False)[0]), fields(creator))


@pytest.mark.parametrize("switch", SWITCHES)
def test_the_compiler_can_be_switched_off(switch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tables, made = histories("bans", 5, seed=3)
    columns = Columns(made, tables)
    monkeypatch.setattr(engine, "_compiled", None)
    monkeypatch.setenv(switch, "1")
    fold(columns, [tables], as_of=AS_OF)
    monkeypatch.setenv(switch, "0")
    with pytest.raises(TypeError):
        fold(columns, [tables], as_of=AS_OF)


def test_it_passes_with_the_compiler_off() -> None:
    """The very same driver, run by CPython."""
    code = (
        "from tests.model.test_compiled import *\n"
        "for name in BOOKS:\n"
        "    tables, made = histories(name, 4, 9)\n"
        "    columns = Columns(made, tables)\n"
        "    reasons = fold(columns, [tables], as_of=AS_OF, per_fact=True).reasons[0]\n"
        "    for n, h in enumerate(made):\n"
        "        creator, why, _ = interpret(h, tables, False)\n"
        "        assert reasons[columns.starts[n]:columns.starts[n + 1]].tolist() == why\n"
        "print('agreed')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {SWITCHES[0]: "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "agreed", done.stderr[-2000:]
