"""What happens inside the server: each `.lua` file beside this one is one atomic step.

Every script answers a list whose first word says what became of it. Before it writes, a script has
looked at all that could stop it half-way: the types of the keys, the numbers in them, and, by
trying them on a key of its own that is not replicated, every command that it will need. So memory
that is full, a read-only replica or a right that is missing stop it before anything is written.
"""

from functools import cache
from hashlib import sha1
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent


class Script(NamedTuple):
    """A program as the server gets it, and the name by which it then knows it."""

    text: str
    digest: str


@cache
def script(name: str) -> Script:
    """`apply`, `lead`, `release`, `swap`, `drop` or `held`, with what they share before it."""
    parts = [(FOLDER / f"{part}.lua").read_text(encoding="utf-8") for part in ("common", name)]
    text = "\n".join(parts)
    return Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())
