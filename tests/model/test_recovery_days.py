"""The law leaps from one recovery to the next: to the same days as one that asks every day."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ledger.facts.envelope import known, replay_order
from ledger.rulebook.shelf import Shelf
from model import day_by_day
from model.test_compiled import fields
from projections.fold import recovery, state, step
from projections.fold.calendar import first_day, local_day, midnight, month_start
from projections.fold.recovery import next_recovery
from projections.fold.row import Row
from projections.fold.rules import Book, RunRule
from projections.standing.history import History, blank, build
from projections.standing.replay import Library, fold_rows, make_room
from projections.standing.tables import Tables
from projections.standing.zones import offsets
from replay.population.columns import narrow_facts
from replay.population.compiler.layout import Memory
from replay.population.compiler.machine import Loaded
from replay.population.kernels import Wish, make
from replay.population.synthetic import DAY, START, history

ROOT = Path(__file__).parents[2]
SHELVES = ("examples/rulebooks", "examples/super-licence/rulebooks", "tests/law/rulebooks")
LIBRARY = Library(
    Shelf([*(ROOT / shelf for shelf in SHELVES), Path(__file__).parent / "rulebooks"])
)
BOOKS = (
    *("douyin-creator", "douyin-live", "baijiahao", "toutiao"),
    *("everything", "qualified-days", "leg", "hysteresis", "nine-then-two", "demo"),
)
ZONES = ("Asia/Shanghai", "UTC", "America/Sao_Paulo", "America/St_Johns", "Pacific/Apia")
YEARS = 1_100
ROOM = 4


def changed(book: Book, random: Random, zone: str) -> Book:
    """Other versions, cadences, runs and another zone."""
    book = deepcopy(book)
    book.zone_from, book.zone_offset = offsets(zone)
    book.zone_count = len(book.zone_from)
    book.versions = [deepcopy(random.choice(book.versions)) for _ in range(random.randrange(1, 4))]
    book.version_count = len(book.versions)
    start = START - random.randrange(400) * DAY
    for number, rules in enumerate(book.versions):
        rules.number = number
        rules.in_force_at = start
        if random.randrange(4):
            rules.in_force_at = midnight(local_day(start, book), book)
        rules.in_force_on = first_day(rules.in_force_at, book)
        start += random.choice((1, 20, 40, 300)) * DAY
        rules.recovery_cadence = random.choice((state.NO_RECOVERY, 1, 1, 2, 2, 3))
        rules.recovery_automatic = random.randrange(2)
        rules.recovery_not_at_floor = random.randrange(2)
        rules.runs = list(runs(random))
        rules.run_count = len(rules.runs)
    return book


def runs(random: Random) -> Iterator[RunRule]:
    for below in sorted(random.sample((300, 600, 900, 1300, state.FOREVER), random.randrange(4))):
        run = RunRule()
        run.below, run.days = below, random.choice((1, 2, 7, 30, 90))
        run.then = random.choice((0, 0, 1, 5, 30))
        yield run


def built(random: Random, tables: Tables, count: int, categories: list[str]) -> History:
    facts = list(history(random, "c", count, categories, gap=9 * DAY, ties=0.2))
    kept, retracted, by_id = known(facts, None)
    ruled = [e for e in replay_order(kept, retracted) if e.position not in retracted]
    return build(ruled, tables, by_id)


def at_random(creator: Any, random: Random, book: Book) -> None:
    """A state that need not come of any history: what is asked reads no more than this."""
    creator.enrolled = random.randrange(20) > 0
    creator.enrolled_at = START + random.randrange(DAY) + (some_day(random, 0) - 500) * DAY
    if random.randrange(2):
        start = midnight(some_day(random, local_day(creator.enrolled_at, book)), book)
        creator.enrolled_at = start + random.choice((-1, 0, 1))
    creator.enrolled_on = on = local_day(creator.enrolled_at, book)
    creator.recoveries = random.choice((state.GRANTED_AS_DUE, state.GRANTED_BY_RULE))
    creator.recoveries_from = random.choice((-state.FOREVER, on - 9, on, some_day(random, on)))
    if random.randrange(3):
        creator.award_closed_on = creator.recoveries_from - random.choice((0, 1, 40))
    for counter in creator.counters:
        counter.score = random.choice((0, 250, 300, 600, 899, 1200, 1300))
        counter.permanent = random.randrange(12) == 0
    for violation in creator.violations[: random.randrange(ROOM)]:
        violation.state = random.choice((state.STANDING, state.STANDING, state.VOID))
        violation.found_on = random.choice((on, on + 1, some_day(random, on)))


def some_day(random: Random, start: int) -> int:
    """Within two years, mostly where a month begins."""
    day = start + random.randrange(700)
    return random.choice((day, month_start(day), month_start(day) - 1))


@pytest.mark.parametrize("name", BOOKS)
def test_the_next_recovery_is_that_of_asking_every_day(name: str) -> None:
    random, tables, found = Random(3), LIBRARY.tables(name), set()
    h = built(Random(1), tables, 40, list(tables.names.categories)[:3])
    for zone in (*ZONES * 3, None):
        book = tables.book if zone is None else changed(tables.book, random, zone)
        for _ in range(30):
            creator = blank(h, tables)
            at_random(creator, random, book)
            until = START + random.randrange(YEARS * DAY)
            day = recovery.next_recovery(creator, until, book)
            assert day == day_by_day.next_recovery(creator, until, book)
            found.add(day)
    assert len(found) > 50


class Asked(metaclass=Row):
    until: int
    creators: list[state.Creator]
    books: list[Book]


def asked(task: Asked) -> int:
    return next_recovery(task.creators[0], task.until, task.books[0])


def test_compiled_it_is_the_same_day() -> None:
    made = make(asked, Asked, {}, Wish({"Fact": narrow_facts()}), own=())
    law = Loaded(made.code)
    random, tables = Random(4), LIBRARY.tables("everything")
    h = built(Random(1), tables, 40, list(tables.names.categories)[:3])
    found = set()
    for _ in range(20):
        book = changed(tables.book, random, "America/Sao_Paulo")
        for _ in range(50):
            creator = blank(h, tables)
            at_random(creator, random, book)
            task: Any = Asked()
            task.until = START + random.randrange(YEARS * DAY)
            task.creators, task.books = [creator], [book]
            memory = Memory(made.layouts)
            day = law.call(memory.address(memory.rows([task], Asked)))
            assert day == asked(task)
            found.add(day)
    assert len(found) > 50


@pytest.mark.parametrize("simulate", [False, True])
@pytest.mark.parametrize("name", BOOKS)
def test_whole_histories_come_out_the_same(
    name: str, simulate: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = LIBRARY.tables(name)
    random = Random(5)
    categories = list(tables.names.categories)
    for _ in range(12):
        h = built(random, tables, random.randrange(1, 30), categories)
        leaping = fields(folded(h, tables, simulate))
        with monkeypatch.context() as patch:
            patch.setattr(step, "next_recovery", day_by_day.next_recovery)
            assert fields(folded(h, tables, simulate)) == leaping


def folded(h: History, tables: Tables, simulate: bool) -> Any:
    creator = blank(h, tables, simulate=simulate)
    fold_rows(creator, h.rows, tables.book)
    make_room(creator, tables.book)
    if creator.recoveries:
        step.advance_simulated(creator, START + YEARS * DAY, True, tables.book, None)
    return creator


def test_the_rulebooks_here_are_all_that_have_recoveries() -> None:
    """Of the shipped ones and of the examples."""
    shelf = Shelf([ROOT / "examples" / "rulebooks"])
    having = {
        name for name in shelf.names() if any(v.recovery is not None for v in shelf.versions(name))
    }
    assert having <= set(BOOKS)
