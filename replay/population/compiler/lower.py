"""A program as instructions of LLVM: every name a local one, every row an address.

What a function may be made of is what `known` reads. Integers are 64 bits wide and wrap; division
rounds down, as Python's. Rows that are only given never change while the program runs.
"""

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import FunctionType
from typing import Any, get_args

from llvmlite import ir

from replay.population.compiler.layout import Layouts
from replay.population.compiler.names import ENTRY
from replay.population.compiler.program import (
    Field,
    Function,
    Program,
    fields,
    is_list,
    result_of,
)
from replay.population.compiler.values import I64, Values, machine_type


class Lowered:
    """The module of a program; its root is visible as ENTRY, and takes and returns 64 bits."""

    def __init__(self, program: Program, layouts: Layouts, given: Iterable[type]) -> None:
        self.program = program
        self.layouts = layouts
        self.given = {row.__name__ for row in given}
        self.streams = set(streams(program[program.root], self.given))
        self.module = ir.Module("law")
        self.never_changes = self.module.add_metadata([])
        self.aliases = self.module.add_metadata(["rows"])
        self.functions: dict[FunctionType, ir.Function] = {}
        self.waiting: list[FunctionType] = [program.root]
        self.of(program.root).linkage = "external"
        while self.waiting:
            function = self.waiting.pop()
            Body(self, program[function]).write()

    def of(self, function: FunctionType) -> ir.Function:
        if function not in self.functions:
            read = self.program[function]
            parameters = [machine_type(read.types[name]) for name in read.parameters]
            kind = ir.FunctionType(machine_type(result_of(function)), parameters)
            name = ENTRY if function is self.program.root else f"law.{read.name}"
            made = self.functions[function] = ir.Function(self.module, kind, name)
            made.linkage = "internal"
            made.attributes.add("nounwind")
            self.waiting.append(function)
        return self.functions[function]


def streams(root: Function, given: set[str]) -> Iterator[Field]:
    """The lists of given rows that the task itself has: they are gone through from end to end."""
    for task in root.types.values():
        for name, kind in fields(task).items():
            if is_list(kind) and get_args(kind)[0].__name__ in given:
                yield Field(task.__name__, name)


class Body(Values):
    """Writes one function."""

    def __init__(self, lowered: Lowered, function: Function) -> None:
        super().__init__(lowered, function)
        self.loops: list[tuple[ir.Block, ir.Block]] = []
        """(where `continue` goes, where `break` does) of the loops around."""

    def write(self) -> None:
        for name, argument in zip(self.function.parameters, self.made.args, strict=True):
            self.build.store(argument, self.place(name, argument.type))
        self.block(self.function.tree.body)
        if not self.build.block.is_terminated:
            returns = self.made.function_type.return_type
            if isinstance(returns, ir.VoidType):
                self.build.ret_void()
            else:
                self.build.unreachable()
        ir.IRBuilder(self.entry).branch(self.made.blocks[1])

    # --- statements -----------------------------------------------------------------------------

    def block(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            if self.build.block.is_terminated:
                return
            STATEMENTS[type(statement)](self, statement)

    def expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.value(node.value)

    def give(self, node: ast.Return) -> None:
        if node.value is None:
            self.build.ret_void()
        else:
            self.build.ret(self.value(node.value))

    def branch(self, node: ast.If) -> None:
        body, other, end = (self.made.append_basic_block() for _ in range(3))
        self.build.cbranch(self.test(node.test), body, other)
        reached = False
        for block, statements in ((body, node.body), (other, node.orelse)):
            self.build.position_at_end(block)
            self.block(statements)
            if not self.build.block.is_terminated:
                self.build.branch(end)
                reached = True
        self.build.position_at_end(end)
        if not reached:
            self.build.unreachable()

    def loop(self, node: ast.While) -> None:
        head, body, end = (self.made.append_basic_block() for _ in range(3))
        self.build.branch(head)
        self.build.position_at_end(head)
        self.build.cbranch(self.test(node.test), body, end)
        self.inside(body, node.body, head, end)

    def inside(
        self, block: ir.Block, body: Sequence[ast.stmt], again: ir.Block, end: ir.Block
    ) -> None:
        self.build.position_at_end(block)
        self.loops.append((again, end))
        self.block(body)
        self.loops.pop()
        if not self.build.block.is_terminated:
            self.build.branch(again)
        self.build.position_at_end(end)

    def count(self, node: ast.For) -> None:
        assert isinstance(node.iter, ast.Call)
        assert isinstance(node.target, ast.Name)
        bounds = [self.value(each) for each in node.iter.args]
        first, last = bounds if len(bounds) == 2 else (I64(0), bounds[0])
        counter = ir.IRBuilder(self.entry).alloca(I64)
        self.build.store(first, counter)
        head, body, again, end = (self.made.append_basic_block() for _ in range(4))
        self.build.branch(head)
        self.build.position_at_end(head)
        number = self.build.load(counter, typ=I64)
        self.build.store(number, self.place(node.target.id, I64))
        self.build.cbranch(self.build.icmp_signed("<", number, last), body, end)
        self.build.position_at_end(again)
        self.build.store(self.build.add(number, I64(1), flags=["nsw"]), counter)
        self.build.branch(head)
        self.inside(body, node.body, again, end)

    def nothing(self, node: ast.Pass) -> None:
        """`pass`."""

    def leave(self, node: ast.stmt) -> None:
        again, end = self.loops[-1]
        self.build.branch(again if isinstance(node, ast.Continue) else end)

    def assign(self, node: ast.Assign) -> None:
        target, value = node.targets[0], node.value
        for each in node.targets:
            self.function.learn_types(each, value)
        if not isinstance(target, ast.Tuple):
            one = self.value(value)
            for each in node.targets:
                self.store(each, one)
            return
        if isinstance(value, ast.Tuple):
            values = [self.value(each) for each in value.elts]
        else:
            both = self.value(value)
            values = [self.build.extract_value(both, i) for i in range(len(target.elts))]
        for each, given in zip(target.elts, values, strict=True):
            self.store(each, given)

    def change(self, node: ast.AugAssign) -> None:
        value = self.value(node.value)
        before = self.value(node.target)
        self.store(node.target, self.operate(type(node.op), before, value))

    def store(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self.build.store(value, self.place(target.id, value.type))
        elif isinstance(target, ast.Attribute):
            self.put(value, *self.field(target), target)
        elif isinstance(target, ast.Subscript):
            self.put(value, *self.item(target), target)
        else:
            self.function.refuse(target)

    def put(self, value: Any, place: Any, width: int, target: ast.expr) -> None:
        """Store an integer in so many bits."""
        if width < 64:
            value = self.build.trunc(value, ir.IntType(width))
        self.tagged(self.build.store(value, place), target)


STATEMENTS: dict[type[ast.stmt], Callable[[Body, Any], None]] = {
    ast.Expr: Body.expr,
    ast.Return: Body.give,
    ast.If: Body.branch,
    ast.While: Body.loop,
    ast.For: Body.count,
    ast.Continue: Body.leave,
    ast.Break: Body.leave,
    ast.Assign: Body.assign,
    ast.AugAssign: Body.change,
    ast.Pass: Body.nothing,
}
