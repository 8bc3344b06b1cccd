"""The functions of a program as trees, and of which type each expression in them is.

What is read is a small part of Python: functions over integers and rows, with `if`, `while`,
`for … in range` and calls by name. Whatever else a function has it must not come to.
"""

import ast
import builtins
import inspect
import linecache
from collections.abc import Callable, Iterator
from functools import cache, partial
from types import FunctionType
from typing import Any, NamedTuple, NoReturn, get_args, get_origin, get_type_hints

from msgspec import Struct

from projections.fold.row import Row

BUILTINS: dict[str, Callable[..., Any]] = {"min": min, "max": max, "abs": abs}
"""Those that a program may call, beside `range` and its own functions."""


class Change(NamedTuple):
    """Another reading of each function of a program."""

    visitor: ast.NodeTransformer
    names: dict[str, Callable[..., Any]]
    """What it calls."""


AS_IT_STANDS = Change(ast.NodeTransformer(), {})


class Function:
    """One function: its tree, and what the names in it mean."""

    def __init__(self, change: Change, function: FunctionType) -> None:
        self.function = function
        self.name = function.__name__
        tree = change.visitor.visit(ast.parse(inspect.getsource(function)).body[0])
        assert isinstance(tree, ast.FunctionDef)
        self.tree = tree
        self.globals = function.__globals__ | change.names
        self.types = get_type_hints(function)
        self.types.pop("return", None)
        arguments = [*tree.args.args, *tree.args.kwonlyargs]
        self.parameters = [argument.arg for argument in arguments]
        keywords = [default or ast.Constant(None) for default in tree.args.kw_defaults]
        defaults = [*tree.args.defaults, *keywords]
        with_default = self.parameters[len(self.parameters) - len(defaults) :]
        self.defaults = dict(zip(with_default, defaults, strict=True))
        assigned = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and stores(n)}
        self.locals = assigned | set(self.parameters)

    def bind(self, call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
        """Each parameter with what a call gives for it."""
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        for place, name in enumerate(self.parameters):
            if place < len(call.args):
                yield name, call.args[place]
            else:
                yield name, named.get(name) or self.defaults[name]

    def called(self, call: ast.Call) -> FunctionType | None:
        """The function that is called; None where it is one of BUILTINS."""
        if not isinstance(call.func, ast.Name) or call.func.id in self.locals:
            self.refuse(call)
        found = self.globals.get(call.func.id)
        if isinstance(found, FunctionType):
            return found
        if found is not None or call.func.id not in BUILTINS:
            self.refuse(call)
        return None

    def constant(self, name: ast.Name) -> Any:
        """What a name means that is no local one."""
        if name.id not in self.globals:
            return getattr(builtins, name.id)
        return self.globals[name.id]

    def type_of(self, node: ast.expr) -> Any:
        """A row class, a list of such or of integers, a tuple of integers; else int."""
        if isinstance(node, ast.Name):
            return self.types.get(node.id, int)
        if isinstance(node, ast.Attribute):
            return fields(self.type_of(node.value))[node.attr]
        if isinstance(node, ast.Subscript):
            return get_args(self.type_of(node.value))[0]
        if isinstance(node, ast.Call):
            called = self.called(node)
            return int if called is None else result_of(called)
        if isinstance(node, ast.IfExp):
            return self.type_of(node.body)
        return int

    def learn_types(self, target: ast.expr, value: ast.expr) -> None:
        """An assignment says of which type a local name is."""
        if isinstance(target, ast.Name):
            self.types.setdefault(target.id, self.type_of(value))
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for each, given in zip(target.elts, value.elts, strict=True):
                self.learn_types(each, given)

    def refuse(self, node: ast.AST) -> NoReturn:
        """What can't be read is a mistake of whoever wrote the function."""
        at = f"{self.function.__module__}.{self.name}, line {getattr(node, 'lineno', '?')}"
        raise NotImplementedError(f"{at}: {ast.unparse(node)}")


class Program:
    """A function and all that it calls, each read when it is first asked for."""

    def __init__(self, root: Callable[..., Any], change: Change = AS_IT_STANDS) -> None:
        assert isinstance(root, FunctionType)
        self.root = root
        self.read = cache(partial(Function, change))

    def __getitem__(self, function: FunctionType) -> Function:
        return self.read(function)


def run(text: str, name: str) -> dict[str, Any]:
    """What a module of this text defines; its functions can be read as those of a file."""
    linecache.cache[name] = len(text), None, text.splitlines(keepends=True), name
    defined: dict[str, Any] = {"__name__": name}
    exec(compile(text, name, "exec"), defined)  # noqa: S102  it was made here, of the law's text
    return defined


class Field(NamedTuple):
    """A field of a row class, by names."""

    row: str
    name: str


@cache
def result_of(function: FunctionType) -> Any:
    """The type of what a function returns."""
    return get_type_hints(function)["return"]


@cache
def fields(row: Any) -> dict[str, Any]:
    """The fields of a row class, and their types; none of what is no row class."""
    return get_type_hints(row) if is_row(row) else {}


def is_row(kind: Any) -> bool:
    return isinstance(kind, Row) or (isinstance(kind, type) and issubclass(kind, Struct))


def is_list(kind: Any) -> bool:
    return get_origin(kind) is list


def row_classes(row: type) -> list[type]:
    """A row class and all that are in its lists, each once."""
    found = [row]
    for each in found:
        for kind in fields(each).values():
            if is_list(kind):
                (item,) = get_args(kind)
                if item is not int and item not in found:
                    found.append(item)
    return found


def stores(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)
