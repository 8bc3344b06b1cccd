"""One source, two engines: compiled, uncompiled on records, and CPython agree on every field."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ledger.facts.envelope import known, replay_order
from ledger.rulebook.shelf import Shelf
from projections.fold import state
from projections.fold.step import advance, advance_simulated, step
from projections.standing.history import History, blank, build
from projections.standing.replay import Library, fold_rows, make_room
from projections.standing.tables import Tables
from replay.population import kernel
from replay.population.synthetic import DAY, START, history

pytestmark = pytest.mark.xdist_group("compiled")  # what one has compiled the next one loads

EXAMPLES = Path(__file__).parents[2] / "examples"
OWN = Path(__file__).parent / "rulebooks"
LAW = Path(__file__).parents[1] / "law" / "rulebooks"
LIBRARY = Library(Shelf([EXAMPLES / "super-licence" / "rulebooks", LAW, OWN]))
COMPILED = ("douyin-creator", "super-licence", "everything")
"""Each takes a minute: the others are tried uncompiled on the records of the compiled law."""
BOOKS = (*COMPILED, "only-deepest", "bans", "aging")
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
        categories = list(tables.names.categories)[: random.randrange(1, 11)]
        facts = list(
            history(random, f"c-{n}", random.randrange(1, 120), categories, gap=gap, ties=0.2)
        )
        kept, retracted, by_id = known(facts, None)
        ruled = [e for e in replay_order(kept, retracted) if e.position not in retracted]
        made.append(build(ruled, tables, by_id))
    return tables, made


@pytest.mark.parametrize("simulate", [False, True])
@pytest.mark.parametrize("name", COMPILED)
def test_compiled_and_interpreted_agree_on_every_field(name: str, simulate: bool) -> None:
    tables, made = histories(name, 150 if simulate else 600, seed=7)
    columns = kernel.Columns(made, tables)
    creators = kernel.creator_records(len(made), made, tables)
    reasons, scores = kernel.fold(columns, tables, creators, as_of=AS_OF, simulate=simulate)
    assert kernel.WAS_FULL not in reasons
    for n, h in enumerate(made):
        creator, why, score = interpret(h, tables, simulate)
        span = slice(columns.starts[n], columns.starts[n + 1])
        assert reasons[span].tolist() == why
        assert scores[span].tolist() == score
        same(fields(creator), fields(creators[n]))


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


def test_it_passes_with_the_compiler_off() -> None:
    """The very same driver, uncompiled, on the very same records."""
    code = (
        "from tests.model.test_compiled import *\n"
        "for name in BOOKS:\n"
        "    tables, made = histories(name, 4, 9)\n"
        "    columns = kernel.Columns(made, tables)\n"
        "    creators = kernel.creator_records(len(made), made, tables)\n"
        "    reasons, _ = kernel.fold(columns, tables, creators, as_of=AS_OF)\n"
        "    for n, h in enumerate(made):\n"
        "        creator, why, _ = interpret(h, tables, False)\n"
        "        assert reasons[columns.starts[n]:columns.starts[n + 1]].tolist() == why\n"
        "        same(fields(creator), fields(creators[n]))\n"
        "print('agreed')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "agreed", done.stderr[-2000:]
