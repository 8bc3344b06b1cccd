"""The style sheets of pictures, and others beside them, as one."""

from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
PICTURE = (HERE / "palette.css", HERE / "picture.css")


@cache
def sheet(*files: Path) -> str:
    """Several as one."""
    return "".join(file.read_text(encoding="utf-8") for file in files)
