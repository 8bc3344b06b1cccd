"""Expressions as instructions: each yields 64 bits, or an address."""

import ast
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any, Protocol, get_args, get_origin

import numpy as np
from llvmlite import ir

from replay.population.compiler.known import elements
from replay.population.compiler.layout import Layouts
from replay.population.compiler.program import Field, Function, is_list, is_row

I64, I32, BIT, VOID = ir.IntType(64), ir.IntType(32), ir.IntType(1), ir.VoidType()
ADDRESS = ir.PointerType()
WHOLE = np.dtype("i8")
AHEAD = 1_280
"""Bytes: sixteen facts."""


def machine_type(kind: Any) -> ir.Type:
    if kind in (int, bool):
        return I64
    if kind in (None, type(None)):
        return VOID
    if get_origin(kind) is tuple:
        return ir.LiteralStructType([machine_type(each) for each in get_args(kind)])
    if not (is_row(kind) or is_list(kind)):
        raise NotImplementedError(f"a value of type {kind}")
    return ADDRESS


class Whole(Protocol):
    """The module that a function is part of: `lower.Lowered`."""

    layouts: Layouts
    given: set[str]
    streams: set[Field]
    module: ir.Module
    never_changes: Any
    aliases: Any

    def of(self, function: FunctionType) -> ir.Function:
        """A function that is called."""


class Values:
    """Writes the expressions of one function."""

    def __init__(self, lowered: Whole, function: Function) -> None:
        self.lowered = lowered
        self.function = function
        self.made = lowered.of(function.function)
        self.entry = self.made.append_basic_block("entry")
        self.build = ir.IRBuilder(self.made.append_basic_block("begin"))
        self.names: dict[str, Any] = {}

    def place(self, name: str, kind: ir.Type) -> Any:
        """Where a local name is kept."""
        if name not in self.names:
            self.names[name] = ir.IRBuilder(self.entry).alloca(kind, name=name)
        return self.names[name]

    # --- memory ---------------------------------------------------------------------------------

    def field(self, node: ast.Attribute) -> tuple[Any, int]:
        """Where a field is, and how many bits it has."""
        row = self.function.type_of(node.value).__name__
        kind, offset = dict(self.lowered.layouts[row].fields or ())[node.attr][:2]
        return self.at(self.value(node.value), I64(offset)), 8 * kind.itemsize

    def item(self, node: ast.Subscript) -> tuple[Any, int]:
        """Where an item of a list is, and how many bits it has."""
        kind, of = self.function.type_of(node), node.value
        name = kind.__name__
        if isinstance(of, ast.Attribute) and not is_row(kind):
            name = f"{self.function.type_of(of.value).__name__}.{of.attr}"
        size = self.lowered.layouts.get(name, WHOLE).itemsize
        index = self.build.mul(self.value(node.slice), I64(size), flags=["nsw"])
        return self.at(self.value(of), index), 8 * size

    def at(self, address: Any, offset: Any) -> Any:
        byte = ir.IntType(8)
        return self.build.gep(address, [offset], inbounds=True, source_etype=byte)

    def tagged(self, instruction: Any, node: ast.expr) -> Any:
        """What else a load or a store can't touch: another field, and what never changes."""
        lowered, add = self.lowered, self.lowered.module.add_metadata
        row, name = "int", "item"
        if isinstance(node, ast.Attribute):
            row, name = self.function.type_of(node.value).__name__, node.attr
            given = row in lowered.given or is_list(self.function.type_of(node))
            if given and isinstance(instruction, ir.instructions.LoadInstr):
                instruction.set_metadata("invariant.load", lowered.never_changes)
        field = add([f"{row}.{name}", lowered.aliases, I64(0)])
        instruction.set_metadata("tbaa", add([field, field, I64(0)]))
        return instruction

    # --- expressions ----------------------------------------------------------------------------

    def value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Constant):
            assert isinstance(node.value, int)
            return I64(int(node.value))
        if isinstance(node, ast.Name):
            if node.id not in self.function.locals:
                return I64(int(self.function.constant(node)))
            place = self.names[node.id]
            return self.build.load(place, typ=place.allocated_type)
        if isinstance(node, ast.Attribute):
            return self.attribute(node)
        if isinstance(node, ast.Subscript):
            return self.subscript(node)
        if isinstance(node, ast.BinOp):
            return self.operate(type(node.op), self.value(node.left), self.value(node.right))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return self.build.sub(I64(0), self.value(node.operand))
        if isinstance(node, ast.Call):
            return self.call(node)
        if isinstance(node, ast.IfExp):
            test = self.test(node.test)
            return self.choice(test, lambda: self.value(node.body), lambda: self.value(node.orelse))
        if isinstance(node, ast.BoolOp):
            return self.either(node)
        if isinstance(node, ast.Tuple):
            both = ir.Constant(machine_type(tuple[int, int]), ir.Undefined)
            for i, each in enumerate(node.elts):
                both = self.build.insert_value(both, self.value(each), i)
            return both
        return self.build.zext(self.test(node), I64)

    def attribute(self, node: ast.Attribute) -> Any:
        place, width = self.field(node)
        if machine_type(self.function.type_of(node)) == ADDRESS:
            return self.tagged(self.build.load(place, typ=ADDRESS), node)
        return self.load(place, width, node)

    def subscript(self, node: ast.Subscript) -> Any:
        of = self.function.type_of(node.value)
        if get_origin(of) is tuple:
            assert isinstance(node.slice, ast.Constant)
            return self.build.extract_value(self.value(node.value), node.slice.value)
        place, width = self.item(node)
        if is_row(self.function.type_of(node)):
            if isinstance(node.value, ast.Attribute):
                self.ask_ahead(node.value, place)
            return place
        return self.load(place, width, node)

    def load(self, place: Any, width: int, node: ast.expr) -> Any:
        """An integer of so many bits, as one of 64."""
        found = self.tagged(self.build.load(place, typ=ir.IntType(width)), node)
        return found if width == 64 else self.build.sext(found, I64)

    def ask_ahead(self, rows: ast.Attribute, place: Any) -> None:
        """Have the processor fetch what will be read soon of rows that are read one by one."""
        row = self.function.type_of(rows.value).__name__
        if Field(row, rows.attr) in self.lowered.streams:
            kinds = [ADDRESS, I32, I32, I32]
            fetch = self.lowered.module.declare_intrinsic(
                "llvm.prefetch", [ADDRESS], ir.FunctionType(VOID, kinds)
            )
            to_read, keep, data = I32(0), I32(3), I32(1)
            self.build.call(fetch, [self.at(place, I64(AHEAD)), to_read, keep, data])

    def operate(self, operator: type[ast.operator], left: Any, right: Any) -> Any:
        if operator in SIMPLE:
            return SIMPLE[operator](self.build, left, right)
        assert operator in (ast.FloorDiv, ast.Mod)
        quotient = self.divide(left, right)
        if operator is ast.FloorDiv:
            return quotient
        return self.build.sub(left, self.build.mul(quotient, right))

    def divide(self, left: Any, right: Any) -> Any:
        """Rounded down; by a number above zero it is `~(~x // y)` where x is below zero."""
        if isinstance(right, ir.Constant) and right.constant > 0:
            sign = self.build.ashr(left, I64(63))
            whole = self.build.udiv(self.build.xor(left, sign), right)
            return self.build.xor(whole, sign)
        quotient = self.build.sdiv(left, right)
        rest = self.build.sub(left, self.build.mul(quotient, right))
        other_sign = self.build.icmp_signed("<", self.build.xor(rest, right), I64(0))
        inexact = self.build.icmp_signed("!=", rest, I64(0))
        return self.build.sub(quotient, self.build.zext(self.build.and_(inexact, other_sign), I64))

    def call(self, node: ast.Call) -> Any:
        called = self.function.called(node)
        values = [self.value(each) for each in node.args]
        if called is not None:
            return self.build.call(self.lowered.of(called), values)
        assert isinstance(node.func, ast.Name)
        if node.func.id == "abs":
            negative = self.build.icmp_signed("<", values[0], I64(0))
            return self.build.select(negative, self.build.sub(I64(0), values[0]), values[0])
        found = values[0]
        for each in values[1:]:
            better = self.build.icmp_signed("<" if node.func.id == "min" else ">", each, found)
            found = self.build.select(better, each, found)
        return found

    def either(self, node: ast.BoolOp) -> Any:
        """The first value that settles it, else the last one."""
        first, *rest = node.values
        found = self.value(first)
        if not rest:
            return found
        others = ast.BoolOp(node.op, rest)
        true = self.build.icmp_signed("!=", found, I64(0))
        if isinstance(node.op, ast.Or):
            return self.choice(true, lambda: found, lambda: self.either(others))
        return self.choice(true, lambda: self.either(others), lambda: found)

    def choice(self, test: Any, yes: Callable[[], Any], no: Callable[[], Any]) -> Any:
        """One of two values, of which only that one is worked out."""
        blocks = [self.made.append_basic_block() for _ in range(2)]
        end = self.made.append_basic_block()
        self.build.cbranch(test, *blocks)
        found = []
        for block, made in zip(blocks, (yes, no), strict=True):
            self.build.position_at_end(block)
            found.append((made(), self.build.block))
            self.build.branch(end)
        self.build.position_at_end(end)
        one = self.build.phi(found[0][0].type)
        for value, block in found:
            one.add_incoming(value, block)
        return one

    def test(self, node: ast.expr) -> Any:
        """Whether an expression is true, as one bit."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self.build.not_(self.test(node.operand))
        if isinstance(node, ast.Compare):
            return self.compare(node)
        if isinstance(node, ast.BoolOp):
            return self.all_or_any(node.values, isinstance(node.op, ast.Or))
        return self.build.icmp_signed("!=", self.value(node), I64(0))

    def all_or_any(self, nodes: Sequence[ast.expr], any_: bool) -> Any:
        test = self.test(nodes[0])
        if len(nodes) == 1:
            return test
        rest: Callable[[], Any] = lambda: self.all_or_any(nodes[1:], any_)  # noqa: E731
        settled: Callable[[], Any] = lambda: BIT(int(any_))  # noqa: E731
        return self.choice(test, *((settled, rest) if any_ else (rest, settled)))

    def compare(self, node: ast.Compare) -> Any:
        left = self.value(node.left)
        found = None
        for comparison, right_node in zip(node.ops, node.comparators, strict=True):
            if isinstance(comparison, ast.In | ast.NotIn):
                return self.among(left, right_node, isinstance(comparison, ast.NotIn))
            right = self.value(right_node)
            test = self.build.icmp_signed(SIGNS[type(comparison)], left, right)
            found = test if found is None else self.build.and_(found, test)
            left = right
        return found

    def among(self, value: Any, node: ast.expr, absent: bool) -> Any:
        found = BIT(0)
        for each in elements(node):
            same = self.build.icmp_signed("==", value, self.value(each))
            found = self.build.or_(found, same)
        return self.build.not_(found) if absent else found


SIGNS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
SIMPLE: dict[type[ast.operator], Callable[[ir.IRBuilder, Any, Any], Any]] = {
    ast.Add: ir.IRBuilder.add,
    ast.Sub: ir.IRBuilder.sub,
    ast.Mult: ir.IRBuilder.mul,
    ast.BitAnd: ir.IRBuilder.and_,
    ast.BitOr: ir.IRBuilder.or_,
}
