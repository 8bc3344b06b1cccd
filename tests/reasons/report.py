"""The table, the groups, and one case in full."""

import re

from .books import book
from .compare import UNCITED, UNSAID, Side
from .script import script
from .search import DEFECTS, Found, Result

COLUMNS = (
    "histories", "pairs", "differing", "cited", "uncited", "unsaid", "swaps", "bounds", "sampled",
    "noise", "false", "sums",
)  # fmt: skip
KINDS = (*DEFECTS, UNSAID)


def groups(result: Result) -> list[tuple[int, Found]]:
    """(how often, smallest case) of each group: defects first, the most frequent first."""
    order = sorted(result.groups.items(), key=lambda item: (KINDS.index(item[0][0]), -item[1]))
    return [(count, result.cases[key]) for key, count in order]


def line(found: Found) -> str:
    """The smallest case, shortly."""
    change = f"{found.change.key}={found.change.value}" if found.change.path else found.what
    return f"{found.recipe}: {change} ({len(found.facts)} facts)"


def shown(found: Found) -> str:
    """A case in full: the facts, what is told, and the grounds."""
    here = book(found.recipe)
    one = Side(here.library, found.facts, found.as_of)
    lines = [f"{found.kind}: {found.group}", f"  {line(found)}"]
    for e in sorted(found.facts, key=lambda e: (e.effective_at, e.position)):
        given = re.sub(r"\w+=(None|\(\)|False),? ?", "", repr(e.fact))
        lines.append(f"  {e.effective_at} {e.id} {given}")
    lines.append(f"  as of {found.as_of}")
    lines.append(f"  {found.what}")
    library = here.changed(found.change) if found.kind in (UNCITED, UNSAID) else None
    sides = [one] if library is None else [one, one.under(library)]
    for side in sides:
        lines.append("  told:" if side is one else "  otherwise:")
        lines += [f"    {text}" for text in _told(side)]
    return "\n".join(lines)


def runnable(found: Found) -> str:
    """A case as a shell script."""
    change = found.change if found.kind in (UNCITED, UNSAID) else None
    return "\n".join(script(book(found.recipe), change, found.facts, found.as_of))


def _told(side: Side) -> list[str]:
    lines = []
    for i, told in enumerate(side.told):
        lines.append(f"{told[1]} {side.text(i)}")
        lines.append(f"  on {', '.join(f'{v}:{p}' for v, p in side.cited(i))}")
    return lines
