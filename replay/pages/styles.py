"""The style sheets that lie beside this file."""

from functools import cache
from pathlib import Path

PICTURE = ("palette", "picture")
PAGE = (*PICTURE, "page")


@cache
def sheet(names: tuple[str, ...]) -> str:
    """Several as one."""
    folder = Path(__file__).parent
    return "".join((folder / f"{name}.css").read_text(encoding="utf-8") for name in names)
