"""The project's own files, as the tests beside this one look at them."""

import ast
import sys
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("ledger", "projections", "replay")
LEFT_OUT = {
    ".git", ".venv", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis",
}  # fmt: skip


@cache
def modules() -> dict[str, Path]:
    """Dotted name → file, of everything that is installed."""
    found = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module a file imports, wherever in it; ours by the module that is meant."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            module = node.module or ""
            for alias in node.names:
                full = f"{module}.{alias.name}"
                names.add(full if full in modules() else module)
    return frozenset(names)


def ours(names: Collection[str]) -> set[str]:
    return {name for name in names if name.partition(".")[0] in ROOMS}


def third_party(names: Collection[str]) -> set[str]:
    tops = {name.partition(".")[0] for name in names}
    return tops - set(sys.stdlib_module_names) - set(ROOMS)


def files(*suffixes: str) -> Iterator[Path]:
    """Files of the project with one of these suffixes ("" for scripts without one)."""
    for path in sorted(ROOT.rglob("*")):
        inside = not LEFT_OUT & set(path.relative_to(ROOT).parts)
        if inside and path.suffix in suffixes and path.is_file():
            yield path
