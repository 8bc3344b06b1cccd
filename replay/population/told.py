"""All that the law brings about, as one number: two that are alike came to the same all the way.

Every effect that a trace would be told, in order; of every fact its reason, the scores before and
after it, and what it would have changed without a limit; in the end whatever a standing shows. Of
names only those of nodes are in it: the books must read facts alike (`columns`).

The law says its effects to a trace, of which the compiled law has none. `HEARD` reads it so that it
tells them here instead; what else it says to a trace stays unsaid.
"""

import ast
from hashlib import blake2b
from typing import Any

from projections.fold.given import Fact
from projections.fold.rules import Book
from projections.fold.state import ABSENT, NODE_STARTED, NONE, OCCASIONS, Creator
from projections.fold.step import clock, rule
from projections.fold.trace import Effect, Trace
from projections.standing.tables import Tables
from replay.population.compiler.program import Change

FACTOR = 6_364_136_223_846_793_005
"""Odd: one value that differs never gets lost."""
MASK = 2**63 - 1


def mixed(told: int, value: int) -> int:
    """The number with one value more."""
    return ((told + value) * FACTOR) & MASK


def tell(creator: Creator, effect: int, row: int, amount: int, at: int) -> None:
    """An effect; see `fold.state`."""
    creator.told = mixed(mixed(mixed(mixed(creator.told, effect), row), amount), at)


def step_told(creator: Creator, fact: Fact, law: Book, trace: Trace | None) -> int:
    """As `fold.step.step`; what time did is not what the fact did."""
    clock(creator, fact, law, trace)
    creator.told = mixed(creator.told, ABSENT)
    for i in range(law.versions[0].counter_count):
        creator.told = mixed(creator.told, creator.counters[i].score)
    reason = rule(creator, fact, law, trace)
    score = creator.counters[creator.touched].score
    tell(creator, reason, score, creator.nominal, creator.crossings_made)
    return reason


def tell_standing(creator: Creator, law: Book, nodes: list[int], first: int) -> None:
    """All that is shown of it; `nodes` from `first` on are the names of the nodes of the book."""
    told = mixed(creator.told, creator.enrolled)
    for i in range(law.versions[0].counter_count):
        told = mixed(told, creator.counters[i].score)
    for i in range(creator.stops_made):
        stop = creator.stops[i]
        name = ABSENT
        if stop.node != ABSENT:
            name = nodes[first + law.versions[stop.version].first_node + stop.node]
        told = mixed(mixed(mixed(mixed(told, name), stop.violation), stop.feature), stop.kind)
        told = mixed(mixed(mixed(told, stop.state), stop.started_at), stop.until)
        told = mixed(mixed(told, stop.planned_from), stop.planned_until)
        if stop.kind == OCCASIONS:
            told = mixed(told, stop.occasions)
    for i in range(creator.violation_slots):
        violation = creator.violations[i]
        told = mixed(told, violation.state)
        if violation.state != NONE:
            told = mixed(mixed(told, violation.category), violation.found_at)
            told = mixed(mixed(told, violation.ladder), violation.step)
            told = mixed(mixed(told, violation.judged), violation.deducted)
            told = mixed(mixed(told, violation.restored), violation.expired)
            told = mixed(mixed(told, violation.recovered), violation.waiting_until)
    creator.told = told


def tell_possessions(creator: Creator, quotas: int, measures: int) -> None:
    """The rest of it: rights to exams, measures, money."""
    told = creator.told
    for i in range(quotas):
        told = mixed(told, creator.quotas[i].holder)
        if creator.quotas[i].holder != ABSENT:
            told = mixed(told, creator.quotas[i].free_on)
    for i in range(measures):
        measure = creator.measures[i]
        told = mixed(mixed(mixed(told, measure.state), measure.started_at), measure.until)
    for i in range(creator.account_slots):
        told = mixed(mixed(told, creator.accounts[i].demanded), creator.accounts[i].posted)
    creator.told = told


def node_names(tables: Tables) -> list[int]:
    """Of all versions, one after the other: a number for each name, the same in any book."""
    names = (name for rulebook in tables.rulebooks for name in rulebook.nodes)
    return [int.from_bytes(blake2b(name.encode(), digest_size=7).digest()) for name in names]


class Ear(Trace):
    """A trace that tells: what CPython says of it is what the compiled law must say."""

    __slots__ = ("creator",)

    def __init__(self, creator: Creator) -> None:
        super().__init__(brief=True)
        self.creator = creator

    def append(self, effect: Effect) -> None:
        code, row, amount, at = effect
        tell(self.creator, code, row, 0 if code == NODE_STARTED else amount, at)


class Hearing(ast.NodeTransformer):
    """Effects are told whether there is a trace or not, grounds and whatever else are not."""

    def visit_If(self, node: ast.If) -> Any:
        self.generic_visit(node)
        if not any(map(tells, node.body)) or TRACED not in conditions(node.test):
            return node
        assert not node.orelse, ast.unparse(node)
        body = [each for each in node.body if tells(each) or plain(each)]
        rest = [each for each in conjuncts(node.test) if ast.unparse(each) != TRACED]
        for condition in reversed(rest):
            body = [ast.If(condition, body, [])]
        return body

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        match node.value:
            case ast.Call(ast.Attribute(ast.Name("trace"), "append"), [ast.Tuple(said)]):
                return telling(*map(ast.unparse, said))
            case ast.Call(ast.Name("note_start"), [creator, at, *_]):
                row = f"{ast.unparse(creator)}.stops_made - 1"
                return telling(str(NODE_STARTED), row, "0", ast.unparse(at))
        return node


TRACED = "trace is not None"


def conjuncts(test: ast.expr) -> list[ast.expr]:
    """The conditions that must all be met."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return test.values
    return [test]


def conditions(test: ast.expr) -> list[str]:
    return [ast.unparse(each) for each in conjuncts(test)]


def telling(*said: str) -> ast.stmt:
    return ast.parse(f"{tell.__name__}(creator, {', '.join(said)})").body[0]


def tells(node: ast.stmt) -> bool:
    calls = (each.func for each in ast.walk(node) if isinstance(each, ast.Call))
    return any(isinstance(func, ast.Name) and func.id == tell.__name__ for func in calls)


def plain(node: ast.stmt) -> bool:
    """Whether it works out what may be told."""
    return isinstance(node, ast.Assign) and "trace" not in ast.unparse(node)


HEARD = Change(Hearing(), {tell.__name__: tell})
