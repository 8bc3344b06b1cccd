"""What is always so in a program, given what is so of its input: a fixpoint over all of it.

Of every local name, every field of a row and every function's result it is known whether it never
comes to be (NEVER), is one value throughout, or may be ANY. From nothing known it only grows, so
that what is found in the end holds for every run: values that only ever meet each other stay known.
"""

import ast
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import cache
from types import FunctionType
from typing import Any, Final

from replay.population.compiler.program import (
    BUILTINS,
    Field,
    Function,
    Program,
    is_list,
    is_row,
    row_classes,
)


class Unknown(Enum):
    NEVER = 0
    ANY = 1


NEVER: Final = Unknown.NEVER
ANY: Final = Unknown.ANY
Value = Any
"""NEVER, ANY, or the one value: an integer, True or False, None, a string."""
Key = Field | tuple[FunctionType, str]
"""A field, or a name of a function; its result is `return`."""

OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
}
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
MEMBERSHIP: dict[type[ast.cmpop], Callable[..., bool]] = {
    ast.In: lambda value, *among: value in among,
    ast.NotIn: lambda value, *among: value not in among,
}


def is_one(value: Value) -> bool:
    return value is not NEVER and value is not ANY


def join(one: Value, other: Value) -> Value:
    """What is known of something that is the one or the other."""
    if one is NEVER or one is other:
        return other
    if other is NEVER:
        return one
    same = is_one(one) and is_one(other) and type(one) is type(other) and one == other
    return one if same else ANY


class Known:
    """What is known of a program: `values`, and what follows from them of any expression in it."""

    def __init__(self, program: Program, given: Iterable[type], facts: Mapping[Field, int]) -> None:
        """Rows of the classes `given` come from outside: any value, but for what `facts` say."""
        self.program = program
        self.facts = facts
        self.values: dict[Key, Value] = {}
        for row in given:
            for name in row.__annotations__:
                self.values[Field(row.__name__, name)] = ANY
        for field, value in facts.items():
            self.values[field] = value
        self.reached = {program.root: None}
        self._solve()

    def _solve(self) -> None:
        for name in self.program[self.program.root].parameters:
            self.values[self.program.root, name] = ANY
        self.changed = True
        while self.changed:
            self.changed = False
            for function in list(self.reached):
                scope = Scope(self, self.program[function])
                if scope.block(scope.function.tree.body):
                    self.put((function, "return"), None)

    def put(self, key: Key, value: Value) -> None:
        """Something may have a value, beside those that it was known to have."""
        before = self.values.get(key, NEVER)
        after = join(before, value)
        if after is not before and key not in self.facts:
            self.values[key] = after
            self.changed = True

    def reach(self, function: FunctionType) -> None:
        if function not in self.reached:
            self.reached[function] = None
            self.changed = True


class Scope:
    """One function of what is known: a walk through what of it can be reached."""

    def __init__(self, known: Known, function: Function) -> None:
        self.known = known
        self.function = function

    # --- statements: whether the end of them is reached ---------------------------------------

    def block(self, body: Sequence[ast.stmt]) -> bool:
        return all(self.statement(statement) for statement in body)

    def statement(self, node: ast.stmt) -> bool:
        if isinstance(node, ast.Expr):
            self.value(node.value)
        elif isinstance(node, ast.Return):
            self.known.put((self.function.function, "return"), self.result(node))
            return False
        elif isinstance(node, ast.Continue | ast.Break):
            return False
        elif isinstance(node, ast.If):
            return self.branch(node)
        elif isinstance(node, ast.While):
            return self.loop(node)
        elif isinstance(node, ast.For):
            return self.count(node)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                self.function.learn_types(target, node.value)
                self.assign(target, node.value)
        elif isinstance(node, ast.AugAssign):
            self.store(node.target, self.value(as_expression(node)))
        elif not isinstance(node, ast.Pass | ast.Assert):
            self.function.refuse(node)
        return True

    def result(self, node: ast.Return) -> Value:
        return None if node.value is None else self.value(node.value)

    def branch(self, node: ast.If) -> bool:
        test = self.truth(node.test)
        if test is NEVER:
            return False
        yes = test is not False and self.block(node.body)
        no = test is not True and self.block(node.orelse)
        return yes or no

    def loop(self, node: ast.While) -> bool:
        test = self.truth(node.test)
        if test is NEVER:
            return False
        if test is not False:
            self.block(node.body)
        return test is not True or breaks(node)

    def count(self, node: ast.For) -> bool:
        first, last = self.bounds(node)
        if NEVER in (first, last):
            return False
        if not (is_one(first) and is_one(last) and first >= last):
            once = is_one(first) and is_one(last) and first + 1 == last
            self.store(node.target, first if once else ANY)
            self.block(node.body)
        return True

    def bounds(self, node: ast.For) -> tuple[Value, Value]:
        """First and last of a loop's range, the last one excluded."""
        call = node.iter
        if not isinstance(call, ast.Call) or ast.unparse(call.func) != "range" or node.orelse:
            self.function.refuse(node)
        if len(call.args) > 2:  # none of the law's goes in steps
            self.function.refuse(node)
        values = [self.value(argument) for argument in call.args]
        return (0, values[0]) if len(values) == 1 else (values[0], values[1])

    def assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for each, given in zip(target.elts, value.elts, strict=True):
                self.assign(each, given)
            return
        self.store(target, self.value(value))

    def store(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, ast.Name):
            self.known.put((self.function.function, target.id), value)
        elif isinstance(target, ast.Attribute):
            self.known.put(self.field(target), value)
        elif isinstance(target, ast.Tuple):
            for each in target.elts:
                self.store(each, ANY)

    def field(self, node: ast.Attribute) -> Field:
        row = self.function.type_of(node.value)
        if not is_row(row):
            self.function.refuse(node)
        return Field(row.__name__, node.attr)

    # --- expressions: what is known of their value --------------------------------------------

    def truth(self, node: ast.expr) -> Value:
        """Of `x and y` and `x or y` more may be known than of their value."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return apply(operator.not_, [self.truth(node.operand)])
        if isinstance(node, ast.BoolOp):
            return self.either(node, self.truth)
        value = self.value(node)
        return bool(value) if is_one(value) else value

    def value(self, node: ast.expr) -> Value:
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            if node.id in self.function.locals:
                return self.known.values.get((self.function.function, node.id), NEVER)
            return self.function.constant(node)
        if isinstance(node, ast.Attribute):
            return self.attribute(node)
        if isinstance(node, ast.Call):
            return self.call(node)
        if isinstance(node, ast.BoolOp):
            return self.either(node, self.value)
        if isinstance(node, ast.Compare):
            return self.compare(node)
        if isinstance(node, ast.IfExp):
            test = self.truth(node.test)
            if is_one(test):
                return self.value(node.body if test else node.orelse)
            return test if test is NEVER else join(self.value(node.body), self.value(node.orelse))
        return self.operation(node)

    def operation(self, node: ast.expr) -> Value:
        if isinstance(node, ast.BinOp):
            values = [self.value(node.left), self.value(node.right)]
            return apply(OPERATORS[type(node.op)], values)
        if isinstance(node, ast.UnaryOp):
            change = operator.not_ if isinstance(node.op, ast.Not) else operator.neg
            return apply(change, [self.value(node.operand)])
        if isinstance(node, ast.Tuple):
            values = [self.value(each) for each in node.elts]
            return NEVER if NEVER in values else ANY
        if isinstance(node, ast.Subscript):
            values = [self.value(node.value), self.value(node.slice)]
            return NEVER if NEVER in values else ANY
        return self.function.refuse(node)

    def attribute(self, node: ast.Attribute) -> Value:
        owner = self.value(node.value)
        field = self.field(node)
        if is_list(self.function.type_of(node)):
            return owner
        return owner if owner is NEVER else self.known.values.get(field, NEVER)

    def call(self, node: ast.Call) -> Value:
        called = self.function.called(node)
        if called is None:
            assert isinstance(node.func, ast.Name)
            return apply(BUILTINS[node.func.id], [self.value(each) for each in node.args])
        given = [
            (name, self.value(argument)) for name, argument in self.known.program[called].bind(node)
        ]
        if any(value is NEVER for _, value in given):
            return NEVER
        self.known.reach(called)
        for name, value in given:
            self.known.put((called, name), value)
        return self.known.values.get((called, "return"), NEVER)

    def either(self, node: ast.BoolOp, of: Callable[[ast.expr], Value]) -> Value:
        """`and` and `or`: what comes after one that settles it is not looked at."""
        settles = isinstance(node.op, ast.Or)
        found: Value = not settles
        for each in node.values:
            value = of(each)
            if value is NEVER:
                return NEVER
            if is_one(value) and bool(value) == settles:
                return value if found is not ANY or of == self.truth else ANY
            found = value if is_one(value) and found is not ANY else ANY
        return found

    def compare(self, node: ast.Compare) -> Value:
        left = self.value(node.left)
        found: Value = True
        for comparison, right_node in zip(node.ops, node.comparators, strict=True):
            if isinstance(comparison, ast.In | ast.NotIn):
                values = [left, *(self.value(each) for each in elements(right_node))]
                return apply(MEMBERSHIP[type(comparison)], values)
            right = self.value(right_node)
            value = apply(COMPARISONS[type(comparison)], [left, right])
            if value is NEVER or value is False:
                return value
            found = ANY if value is ANY else found
            left = right
        return found


def apply(function: Callable[..., Any], values: Sequence[Value]) -> Value:
    if any(value is NEVER for value in values):
        return NEVER
    return ANY if any(value is ANY for value in values) else function(*values)


@cache
def as_expression(node: ast.AugAssign) -> ast.BinOp:
    """`x += y` as `x + y`."""
    target = ast.parse(ast.unparse(node.target), mode="eval").body
    return ast.BinOp(target, node.op, node.value)


def elements(node: ast.expr) -> Sequence[ast.expr]:
    """Those of a tuple that is written down."""
    if not isinstance(node, ast.Tuple):
        raise NotImplementedError(ast.unparse(node))
    return node.elts


def breaks(node: ast.While) -> bool:
    """Whether a loop may be left from inside."""
    return any(isinstance(each, ast.Break) for each in ast.walk(node))


def given_rows(root: type, states: Iterable[type]) -> list[type]:
    """The rows that come from outside: those beneath `root` that are not a program's own."""
    own = {row for state in states for row in row_classes(state)}
    return [row for row in row_classes(root) if row not in own]
