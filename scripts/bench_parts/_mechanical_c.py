"""The pruned law word for word as C, by the compiler of this machine: a line to measure against."""

import ast
import ctypes
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from types import FunctionType
from typing import Any, get_args, get_origin

import numpy as np

from projections.fold.rules import Book
from projections.standing.tables import Tables
from replay.population.columns import narrow_facts
from replay.population.compiler.known import elements
from replay.population.compiler.layout import Layouts, Memory
from replay.population.compiler.program import (
    Field,
    Function,
    Program,
    is_list,
    is_row,
    result_of,
    run,
)
from replay.population.constants import constants
from replay.population.driver import Task, drive
from replay.population.kernels import Made, Wish, make

HEAD = """
#include <stdint.h>
typedef int64_t I;
typedef struct { I a, b; } pair;
static inline I fdiv(I x, I y) { I q = x / y; return q - ((x % y) && ((x ^ y) < 0)); }
static inline I fmod_(I x, I y) { return x - fdiv(x, y) * y; }
static inline I least(I x, I y) { return y < x ? y : x; }
static inline I most(I x, I y) { return y > x ? y : x; }
static inline I size(I x) { return x < 0 ? -x : x; }
"""
SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.BitAnd: "&", ast.BitOr: "|",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
CALLS = {"min": "least", "max": "most", "abs": "size"}


class Law:
    """As `replay.population.workers.Law`, by way of C."""

    def __init__(self, made: Made, folder: Path) -> None:
        source, library = folder / "law.c", folder / "law.so"
        source.write_text(text(made), "utf-8")
        words = [
            "gcc",
            "-O3",
            "-march=native",
            "-fwrapv",
            "-shared",
            "-fPIC",
            "-o",
            library,
            source,
        ]
        subprocess.run(words, check=True)
        self.layouts = made.layouts
        self.books = lru_cache(8)(self._laid_out)
        entry = ctypes.CDLL(str(library)).law
        entry.restype, entry.argtypes = ctypes.c_int64, [ctypes.c_void_p]
        self.call: Callable[[int], int] = entry

    def _laid_out(self, books: tuple[Book, ...]) -> tuple[int, Memory]:
        memory = Memory(self.layouts)
        return memory.address(memory.rows(books, Book)), memory


def law(tables: Tables, folder: Path) -> Law | None:
    """The law for a rulebook; None where there is no compiler."""
    if shutil.which("gcc") is None:
        return None
    known = dict(constants((tables.book,)))
    known |= {Field("Task", name): 0 for name in ("simulate", "per_fact", "telling")}
    return Law(make(drive, Task, known, Wish({"Fact": narrow_facts()})), folder)


def text(made: Made) -> str:
    """The module that the law was pruned to, as C."""
    program = Program(run(made.text, "<the law, as C>")["drive"])
    order, waiting = [], [program.root]
    while waiting:
        function = waiting.pop()
        if function not in order:
            order.append(function)
            waiting += calls(program[function])
    bodies = [Writer(program, function, made.layouts) for function in order]
    heads = [f"{body.head()};" for body in bodies]
    root = f"I law(void *task) {{ return {program.root.__name__}(task); }}"
    rows = structs(made.layouts)
    return "\n".join([HEAD, *rows, *heads, *(body.whole() for body in bodies), root])


def calls(function: Function) -> Iterator[FunctionType]:
    for node in ast.walk(function.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id != "range"
        ):
            called = function.called(node)
            if called is not None:
                yield called


def structs(layouts: Layouts) -> Iterator[str]:
    rows = {name: kind for name, kind in layouts.items() if kind.names}
    yield from (f"typedef struct {name} {name};" for name in rows)
    for name, kind in rows.items():
        fields = (f"{_stored(kind[field])} {field};" for field in kind.names or ())
        yield f"struct __attribute__((packed, aligned(8))) {name} {{ {' '.join(fields)} }};"


def _stored(kind: np.dtype[Any]) -> str:
    return "void *" if kind.kind == "u" else f"int{8 * kind.itemsize}_t"


class Writer:
    """One function."""

    def __init__(self, program: Program, function: FunctionType, layouts: Layouts) -> None:
        self.function, self.layouts = program[function], layouts
        for node in ast.walk(self.function.tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self.function.learn_types(target, node.value)

    def head(self) -> str:
        function = self.function
        given = ", ".join(f"{typed(function.types[n])} {n}" for n in function.parameters)
        return f"static {typed(result_of(function.function))} {function.name}({given})"

    def whole(self) -> str:
        function = self.function
        names = sorted(function.locals - set(function.parameters))
        local = [f"{typed(function.types.get(name, int))} {name};" for name in names]
        return "\n".join([f"{self.head()} {{", *local, *self.block(function.tree.body), "}"])

    def block(self, body: list[ast.stmt]) -> Iterator[str]:
        for node in body:
            yield from self.statement(node)

    def statement(self, node: ast.stmt) -> Iterator[str]:
        match node:
            case ast.Expr():
                if not isinstance(node.value, ast.Constant):
                    yield f"{self.value(node.value)};"
            case ast.Return():
                yield f"return {'' if node.value is None else self.value(node.value)};"
            case ast.If():
                yield f"if ({self.value(node.test)}) {{"
                yield from self.block(node.body)
                yield "} else {"
                yield from self.block(node.orelse)
                yield "}"
            case ast.While():
                yield f"while ({self.value(node.test)}) {{"
                yield from self.block(node.body)
                yield "}"
            case ast.For(target=ast.Name(id=name), iter=ast.Call(args=args)):
                first, last = ("0", *map(self.value, args))[-2:]
                yield f"for (I _{name} = {first}, _to = {last}; _{name} < _to; _{name}++) {{"
                yield f"{name} = _{name};"
                yield from self.block(node.body)
                yield "}"
            case ast.Continue() | ast.Break():
                yield "continue;" if isinstance(node, ast.Continue) else "break;"
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value):
                yield from self.several(targets, value)
            case ast.Assign():
                made = self.value(node.value)
                for target in node.targets:
                    yield f"{self.value(target)} = {made};"
                    made = self.value(target)
            case ast.AugAssign():
                target = self.value(node.target)
                yield f"{target} = {self.operated(node.op, target, self.value(node.value))};"
            case ast.Pass():
                pass
            case _:
                self.function.refuse(node)

    def several(self, targets: list[ast.expr], value: ast.expr) -> Iterator[str]:
        if isinstance(value, ast.Tuple):
            yield "{"
            for n, each in enumerate(value.elts):
                yield f"{typed(self.function.type_of(each))} _t{n} = {self.value(each)};"
            for n, target in enumerate(targets):
                yield f"{self.value(target)} = _t{n};"
            yield "}"
            return
        yield f"{{ pair _p = {self.value(value)};"
        for name, target in zip("ab", targets, strict=True):
            yield f"{self.value(target)} = _p.{name};"
        yield "}"

    def value(self, node: ast.expr) -> str:
        match node:
            case ast.Constant():
                return f"((I){int(node.value)})"
            case ast.Name():
                if node.id in self.function.locals:
                    return node.id
                return f"((I){int(self.function.constant(node))})"
            case ast.Attribute():
                kind = self.function.type_of(node)
                said = f"({self.value(node.value)})->{node.attr}"
                return said if not is_list(kind) else f"(({typed(kind)}){said})"
            case ast.Subscript():
                return self.item(node)
            case ast.BinOp():
                return self.operated(node.op, self.value(node.left), self.value(node.right))
            case ast.UnaryOp():
                return f"({'!' if isinstance(node.op, ast.Not) else '-'}{self.value(node.operand)})"
            case ast.Call(func=ast.Name(id=name)):
                return self.called(name, node)
            case ast.IfExp():
                parts = map(self.value, (node.test, node.body, node.orelse))
                return "({} ? {} : {})".format(*parts)
            case ast.BoolOp():
                return self.either(node)
            case ast.Tuple():
                return f"((pair){{{', '.join(map(self.value, node.elts))}}})"
            case ast.Compare():
                return self.compared(node)
            case _:
                return self.function.refuse(node)

    def item(self, node: ast.Subscript) -> str:
        of = self.function.type_of(node.value)
        if get_origin(of) is tuple:
            assert isinstance(node.slice, ast.Constant)
            return f"({self.value(node.value)}).{'ab'[node.slice.value]}"
        found = f"{self.value(node.value)}[{self.value(node.slice)}]"
        return f"(&{found})" if is_row(self.function.type_of(node)) else found

    def called(self, name: str, node: ast.Call) -> str:
        values = [self.value(each) for each in node.args]
        if self.function.called(node) is not None:
            return f"{name}({', '.join(values)})"
        found = values[0]
        for each in values[1:]:
            found = f"{CALLS[name]}({found}, {each})"
        return found if len(values) > 1 else f"{CALLS[name]}({found})"

    def either(self, node: ast.BoolOp) -> str:
        """The value that settles it."""
        first, *rest = map(self.value, node.values)
        for each in rest:
            yes, no = ("_v", each) if isinstance(node.op, ast.Or) else (each, "_v")
            first = f"({{ I _v = {first}; _v ? {yes} : {no}; }})"
        return first

    def compared(self, node: ast.Compare) -> str:
        left, parts = self.value(node.left), []
        for sign, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(sign, ast.In | ast.NotIn):
                same = " || ".join(f"{left} == {self.value(each)}" for each in elements(right))
                return f"({'!' if isinstance(sign, ast.NotIn) else ''}({same}))"
            parts.append(f"{left} {SIGNS[type(sign)]} {self.value(right)}")
            left = self.value(right)
        return f"({' && '.join(parts)})"

    def operated(self, operator: ast.operator, left: str, right: str) -> str:
        if isinstance(operator, ast.FloorDiv | ast.Mod):
            return f"{'fdiv' if isinstance(operator, ast.FloorDiv) else 'fmod_'}({left}, {right})"
        return f"({left} {SIGNS[type(operator)]} {right})"


def typed(kind: Any) -> str:
    if kind in (int, bool):
        return "I"
    if kind in (None, type(None)):
        return "void"
    if get_origin(kind) is tuple:
        return "pair"
    if is_list(kind):
        return f"{typed(get_args(kind)[0]).removesuffix(' *')} *"
    return f"{kind.__name__} *"
