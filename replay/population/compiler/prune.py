"""A program as far as it is needed: what is known of it left out, the rest as it stands.

The result is one Python module that reads as the law does, runs as the law does, and is shorter:
conditions that are settled, functions that are never called, and fields, names and parameters that
nothing reads any more are not in it.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from itertools import groupby
from types import FunctionType, ModuleType
from typing import Any

from projections.fold import rules, state
from replay.population.compiler.known import (
    NEVER,
    Key,
    Known,
    Scope,
    Value,
    is_one,
)
from replay.population.compiler.program import Field, Function

HOMES: tuple[ModuleType, ...] = (state, rules)
"""Where names that stand for a number are looked for first, to be imported from there."""

Loads = set[Key]


class Pruned:
    """A program without what it does not need. `outputs` are rows that are read from outside."""

    def __init__(self, known: Known, outputs: Iterable[type] = ()) -> None:
        self.known = known
        self.outputs = {row.__name__ for row in outputs}
        self.names = dict(unique_names(known.reached))
        self.imports: dict[str, tuple[str, Value]] = {}
        self.pure: set[FunctionType] = set()
        """Functions that store nothing."""
        self.read: Loads | None = None
        """What is read in what is left; None: everything."""
        self.trees: dict[FunctionType, ast.FunctionDef] = {}
        while self._write():
            pass

    def _write(self) -> bool:
        """Write all that is called; whether that changed what is read or does something."""
        before = self.read, self.pure
        self.loads: Loads = set()
        self.trees = {}
        waiting = [self.known.program.root]
        while waiting:
            function = waiting.pop()
            if function not in self.trees:
                writer = Writer(self, self.known.program[function])
                self.trees[function] = writer.written()
                waiting += writer.calls
        self.read, self.pure = self.loads, self.pure | set(self._pure())
        return before != (self.read, self.pure)

    def _pure(self) -> Iterator[FunctionType]:
        impure = {self.names[function] for function, tree in self.trees.items() if keeps(tree)}
        grown = True
        while grown:
            callers = {self.names[f] for f, tree in self.trees.items() if impure & called(tree)}
            grown = not callers <= impure
            impure |= callers
        return (function for function in self.trees if self.names[function] not in impure)

    def unread(self, key: Key) -> bool:
        """Whether nothing reads what would be stored there."""
        if isinstance(key, Field) and key.row in self.outputs:
            return False
        return self.read is not None and key not in self.read

    def has(self, row: type, name: str) -> bool:
        """Whether a field is still there."""
        return not self.unread(Field(row.__name__, name))

    def constant(self, function: Function, name: str, value: Value) -> ast.expr:
        """A name of the module that stands for a number, imported from where it is defined."""
        homes = [home.__name__ for home in HOMES if getattr(home, name, None) == value]
        home = homes[0] if homes else function.function.__module__
        if self.imports.setdefault(name, (home, value)) != (home, value):
            return ast.Constant(value)
        return ast.Name(name)

    def text(self, title: str) -> str:
        """The module."""
        order = sorted(self.trees, key=lambda f: (f.__module__, f.__code__.co_firstlineno))
        bodies: list[str] = []
        for module, functions in groupby(order, lambda function: function.__module__):
            bodies.append(f"# --- {module} {'-' * (94 - len(module))}")
            bodies += [ast.unparse(ast.fix_missing_locations(self.trees[f])) for f in functions]
        for name in sorted(named_types(self.trees.values())):
            self._import_type(name, order)
        return "\n\n\n".join([f'"""{title}"""', "\n".join(self._import_lines()), *bodies]) + "\n"

    def _import_type(self, name: str, functions: Sequence[FunctionType]) -> None:
        for function in functions:
            found = function.__globals__.get(name)
            if isinstance(found, type):
                self.imports[name] = found.__module__, found
                return

    def _import_lines(self) -> Iterator[str]:
        left = {
            node.id
            for tree in self.trees.values()
            for node in ast.walk(tree)
            if isinstance(node, ast.Name)
        }
        homes = sorted((home, name) for name, (home, _) in self.imports.items() if name in left)
        for home, names in groupby(homes, lambda pair: pair[0]):
            yield f"from {home} import (" + "".join(f"\n    {name}," for _, name in names) + "\n)"


class Writer:
    """Writes one function."""

    def __init__(self, pruned: Pruned, function: Function) -> None:
        self.pruned = pruned
        self.function = function
        self.scope = Scope(pruned.known, function)
        self.calls: list[FunctionType] = []

    def written(self) -> ast.FunctionDef:
        tree = self.function.tree
        parameters = [
            argument
            for argument in (*tree.args.args, *tree.args.kwonlyargs)
            if self.wanted(self.function.function, argument.arg)
        ]
        body = self.block(tree.body)
        said = ast.get_docstring(tree, clean=False)
        if said:
            body.insert(0, ast.Expr(ast.Constant(said)))
        written = copy(tree)
        written.name = self.pruned.names[self.function.function]
        written.args = ast.arguments([], list(parameters), None, [], [], None, [])
        written.body = body or [ast.Pass()]
        return written

    def wanted(self, function: FunctionType, parameter: str) -> bool:
        if function is self.pruned.known.program.root:
            return True
        return not self.pruned.unread((function, parameter))

    # --- statements -----------------------------------------------------------------------------

    def block(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        kept: list[ast.stmt] = []
        for statement in body:
            kept += self.statement(statement)
            if ends(kept):
                break
        return kept

    def statement(self, node: ast.stmt) -> list[ast.stmt]:
        if isinstance(node, ast.Expr):
            return self.effects(node.value)
        if isinstance(node, ast.Return):
            return [ast.Return(node.value and self.expression(node.value))]
        if isinstance(node, ast.Continue | ast.Break):
            return [node]
        if isinstance(node, ast.If):
            return self.branch(node)
        if isinstance(node, ast.While):
            if self.scope.truth(node.test) is False:
                return self.effects(node.test)
            body = self.block(node.body) or [ast.Pass()]
            return [ast.While(self.condition(node.test), body, [])]
        if isinstance(node, ast.For):
            return self.count(node)
        if isinstance(node, ast.Assign):
            return self.assign(node)
        if isinstance(node, ast.AugAssign):
            if self.dropped(node.target):
                return self.effects(node.value)
            value = self.expression(node.value)
            return [ast.AugAssign(self.target(node.target), node.op, value)]
        return []

    def branch(self, node: ast.If) -> list[ast.stmt]:
        test = self.scope.truth(node.test)
        if test is NEVER:
            return []
        if is_one(test):
            return self.effects(node.test) + self.block(node.body if test else node.orelse)
        body, other = self.block(node.body), self.block(node.orelse)
        if not body and not other:
            return self.effects(node.test)
        if not body:
            return [ast.If(ast.UnaryOp(ast.Not(), self.condition(node.test)), other, [])]
        return [ast.If(self.condition(node.test), body, other)]

    def count(self, node: ast.For) -> list[ast.stmt]:
        first, last = self.scope.bounds(node)
        if is_one(first) and is_one(last) and first >= last:
            return []
        body = self.block(node.body)
        return [ast.For(node.target, self.expression(node.iter), body, [])] if body else []

    def assign(self, node: ast.Assign) -> list[ast.stmt]:
        if len(node.targets) > 1:  # the same for all of them
            left = [self.target(each) for each in node.targets if not self.dropped(each)]
            value = self.expression(node.value)
            return [ast.Assign(left, value)] if left else self.effects(node.value)
        target, value = node.targets[0], node.value
        pairs = [(target, value)]
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = list(zip(target.elts, value.elts, strict=True))
        kept = [pair for pair in pairs if not self.dropped(pair[0])]
        lost = [s for pair in pairs if pair not in kept for s in self.effects(pair[1])]
        if not kept:
            return lost
        targets = [self.target(each) for each, _ in kept]
        values = [self.expression(each) for _, each in kept]
        if len(kept) == 1:
            return [*lost, ast.Assign(targets, values[0])]
        return [*lost, ast.Assign([ast.Tuple(targets)], ast.Tuple(values))]

    def dropped(self, target: ast.expr) -> bool:
        """Whether nothing reads what would be stored."""
        if isinstance(target, ast.Name):
            return self.pruned.unread((self.function.function, target.id))
        if isinstance(target, ast.Attribute):
            return self.pruned.unread(self.scope.field(target))
        return isinstance(target, ast.Tuple) and all(self.dropped(each) for each in target.elts)

    def target(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Attribute):
            return ast.Attribute(self.expression(node.value), node.attr, ast.Store())
        if isinstance(node, ast.Subscript):
            index = self.expression(node.slice)
            return ast.Subscript(self.expression(node.value), index, ast.Store())
        return node

    def effects(self, node: ast.expr) -> list[ast.stmt]:
        """An expression whose value nobody wants."""
        return [ast.Expr(self.expression(node))] if self.acts(node) else []

    def acts(self, node: ast.expr) -> bool:
        """Whether it calls a function that does something."""
        return any(
            isinstance(each, ast.Call)
            and ast.unparse(each.func) not in ("range", "min", "max", "abs")
            and self.scope.value(each) is not NEVER
            and self.function.called(each) not in self.pruned.pure
            for each in ast.walk(node)
        )

    # --- expressions ----------------------------------------------------------------------------

    def expression(self, node: ast.expr) -> ast.expr:
        value = self.known_value(node)
        if is_one(value) and not self.acts(node):
            if isinstance(node, ast.Name) and node.id not in self.function.locals:
                return self.pruned.constant(self.function, node.id, value)
            return ast.Constant(value)
        if isinstance(node, ast.Name):
            self.pruned.loads.add((self.function.function, node.id))
        elif isinstance(node, ast.Attribute):
            self.pruned.loads.add(self.scope.field(node))
        elif isinstance(node, ast.BoolOp):
            return self.either(node, as_value=True)
        elif isinstance(node, ast.IfExp):
            return self.choice(node)
        elif isinstance(node, ast.Call):
            return self.call(node)
        return type(node)(**{name: self.part(part) for name, part in ast.iter_fields(node)})

    def choice(self, node: ast.IfExp) -> ast.expr:
        truth = self.scope.truth(node.test)
        if is_one(truth) and not self.acts(node.test):
            return self.expression(node.body if truth else node.orelse)
        body, other = self.expression(node.body), self.expression(node.orelse)
        return ast.IfExp(self.condition(node.test), body, other)

    def known_value(self, node: ast.expr) -> Value:
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "range":
            return NEVER
        return self.scope.value(node)

    def part(self, part: Any) -> Any:
        if isinstance(part, list):
            return [self.part(each) for each in part]
        return self.expression(part) if isinstance(part, ast.expr) else part

    def condition(self, node: ast.expr) -> ast.expr:
        """An expression of which only the truth counts."""
        truth = self.scope.truth(node)
        if is_one(truth) and not self.acts(node):
            return ast.Constant(truth)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return ast.UnaryOp(node.op, self.condition(node.operand))
        if isinstance(node, ast.BoolOp):
            return self.either(node, as_value=False)
        return self.expression(node)

    def either(self, node: ast.BoolOp, *, as_value: bool) -> ast.expr:
        """`and` and `or` without what settles nothing; the last value may be what they come to."""
        settles = isinstance(node.op, ast.Or)
        written = self.expression if as_value else self.condition
        kept = []
        for each in node.values:
            truth = self.scope.truth(each)
            last = as_value and each is node.values[-1]
            if truth is not (not settles) or last or self.acts(each):
                kept.append(written(each))
            if truth is settles:
                break
        return kept[0] if len(kept) == 1 else ast.BoolOp(node.op, kept)

    def call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)
        called = None if node.func.id == "range" else self.function.called(node)
        if called is None:
            return ast.Call(node.func, [self.expression(each) for each in node.args], [])
        self.calls.append(called)
        arguments = []
        for name, argument in self.pruned.known.program[called].bind(node):
            if self.acts(argument):
                self.pruned.loads.add((called, name))
            if self.wanted(called, name):
                arguments.append(self.expression(argument))
        return ast.Call(ast.Name(self.pruned.names[called]), arguments, [])


def unique_names(functions: Iterable[FunctionType]) -> Iterator[tuple[FunctionType, str]]:
    """Each function's own name, with that of its file where another one has it."""
    taken: set[str] = set()
    for function in functions:
        name = function.__name__
        if name in taken:
            name = f"{function.__module__.rpartition('.')[2]}_{name}"
        taken.add(name)
        yield function, name


def ends(body: Sequence[ast.stmt]) -> bool:
    """Whether nothing that follows is reached."""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, ast.If):
        return ends(last.body) and ends(last.orelse)
    return isinstance(last, ast.Return | ast.Continue | ast.Break)


def keeps(tree: ast.FunctionDef) -> bool:
    """Whether a function stores anything that is there after it."""
    return any(
        isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store)
        for node in ast.walk(tree)
    )


def called(tree: ast.FunctionDef) -> set[str]:
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {func.id for func in calls if isinstance(func, ast.Name)}


def named_types(trees: Iterable[ast.FunctionDef]) -> set[str]:
    """The names in annotations."""
    hints = [a.annotation for tree in trees for a in tree.args.args if a.annotation is not None]
    hints += [tree.returns for tree in trees if tree.returns is not None]
    return {node.id for hint in hints for node in ast.walk(hint) if isinstance(node, ast.Name)}
