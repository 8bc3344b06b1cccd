"""The part of Python that is compiled means what Python means, as it stands and pruned."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from projections.fold.row import Row
from replay.population.columns import narrow_facts
from replay.population.compiler.known import Known
from replay.population.compiler.layout import Memory
from replay.population.compiler.machine import Loaded
from replay.population.compiler.program import Field, Program, row_classes, run
from replay.population.compiler.prune import Pruned
from replay.population.kernels import Wish, make

SEVEN = 7


class Item(metaclass=Row):
    worth: int
    again: int


class Task(metaclass=Row):
    a: int
    b: int
    flag: int
    count: int
    items: list[Item]
    out: list[int]


def whole(task: Task) -> int:
    a, b = task.a, task.b
    out = task.out
    out[0] = a // SEVEN * 100 + a % SEVEN
    out[1] = (a // b * 100 + a % b) if b != 0 else -1
    out[2] = abs(a) + min(a, b, 3) * max(b, a)
    out[3] = 1 if -3 < a <= b != 5 else 0
    out[4] = a or b
    out[5] = a and b
    out[6] = (a & 12) | 1 if b in (1, SEVEN) or a not in (0, b) else -a
    if loops(task, 20) > -10_000:
        out[7] = loops(task, 30)
    out[8], out[9] = swapped(b, a=a)
    out[10] = out[11] = swapped(a)[0]
    out[12] += 3 * nested(a, b)
    out[13] = store(task.items[1], a) - sum_of(task)
    return stays(task, None)


def loops(task: Task, most: int) -> int:
    """Left, gone on with, and nested."""
    found = 0
    i = task.a
    while i != task.b:
        i += 1 if i < task.b else -1
        if i % 3 == 0:
            continue
        found += i
        if found > most:
            break
    for k in range(task.count):
        for n in range(k, task.count):
            if n == 2:
                break
            found += 10 * k + n
    while True:
        found -= 1_000
        if found < 0:
            break
    return found


def swapped(b: int, a: int = 4) -> tuple[int, int]:
    return b, a


def nested(a: int, b: int) -> int:
    if a > 0:
        if b > 0:
            return 1
        if b < -5:
            a = 2
        else:
            return 3
    return a if not (a > b and b) else 5


def store(item: Item, value: int) -> bool:
    item.worth, item.again = value, item.worth
    return item.again != 0


def sum_of(task: Task) -> int:
    found = 0
    for i in range(task.count):
        item = task.items[i]
        found += item.worth - item.again
    return found


def stays(task: Task, said: str | None) -> int:
    """What nobody asks for is not compiled: it could not be."""
    if said is not None:
        print(said.upper())
    if task.flag and impossible(task):
        return 1
    return task.flag


def impossible(task: Task) -> bool:
    return task.flag > 0


def task_of(a: int, b: int, flag: int = 0) -> Any:
    task: Any = Task()
    task.a, task.b, task.flag, task.count, task.out = a, b, flag, 3, [0] * 14
    task.items = [Item(), Item(), Item()]
    for i, item in enumerate(task.items):
        item.worth, item.again = i, a
    return task


def said(root: Callable[[Any], int], task: Any) -> tuple[Any, ...]:
    return root(task), task.out, [(item.worth, item.again) for item in task.items]


@pytest.fixture(scope="module")
def compiled() -> Callable[[Any], tuple[Any, ...]]:
    made = make(whole, Task, {}, Wish({"Fact": narrow_facts()}), own=())
    law = Loaded(made.code)

    def call(task: Any) -> tuple[Any, ...]:
        memory = Memory(made.layouts)
        rows = memory.rows([task], Task)
        returned = law.call(memory.address(rows))
        items, out = memory.kept[0], memory.kept[1]
        return returned, out[:-1].tolist(), items.tolist()

    return call


@given(a=st.integers(-60, 60), b=st.integers(-60, 60), flag=st.sampled_from((0, 1, -1)))
@example(a=-1, b=0, flag=0)
@example(a=0, b=-1, flag=1)
def test_compiled_it_is_the_same(
    compiled: Callable[[Any], tuple[Any, ...]], a: int, b: int, flag: int
) -> None:
    assert compiled(task_of(a, b, flag)) == said(whole, task_of(a, b, flag))


FLAG, B, COUNT = (Field("Task", name) for name in ("flag", "b", "count"))


@pytest.mark.parametrize(
    "known", [{}, {FLAG: 0}, {FLAG: 1}, {B: 7}, {B: 0, FLAG: 0}, {COUNT: 3}, {COUNT: 3, B: -6}]
)
def test_pruned_it_is_the_same(known: dict[Field, int]) -> None:
    found = Pruned(Known(Program(whole), row_classes(Task), known), [Item])
    root = run(found.text(""), "<pruned>")["whole"]
    for a in range(-9, 10):
        b, flag = known.get(B, 9 - a), known.get(FLAG, a % 2)
        assert said(root, task_of(a, b, flag)) == said(whole, task_of(a, b, flag))


def test_what_is_settled_is_left_out() -> None:
    text = Pruned(Known(Program(whole), row_classes(Task), {FLAG: 0}), [Item]).text("")
    assert "impossible" not in text
    assert "said" not in text
    assert "stays" not in text  # it only returns 0
    assert "    SEVEN,\n" in text  # imported by name


def other(task: Task) -> int:
    return sum(range(task.a))


def unheard_of(task: Task) -> int:
    while task.a:
        try:
            return 1
        finally:
            task.a = 0
    return 0


def in_steps(task: Task) -> int:
    for n in range(0, task.a, 2):
        task.a = n
    return 0


@pytest.mark.parametrize("root", [other, unheard_of, in_steps])
def test_what_it_can_t_read_is_told_with_its_place(root: Callable[[Task], int]) -> None:
    with pytest.raises(NotImplementedError, match=rf"test_compiler\.{root.__name__}, line [23]: "):
        Known(Program(root), row_classes(Task), {})
