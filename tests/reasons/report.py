"""The table, the groups, and one case in full."""

import re
from collections.abc import Iterator

from projections.standing.writing import instant

from .books import book
from .compare import UNCITED, UNSAID, Side
from .script import script
from .search import DEFECTS, Found, Result

COLUMNS = (
    "histories", "pairs", "differing", "cited", "uncited", "unsaid", "swaps", "bounds", "sampled",
    "noise", "false", "sums",
)  # fmt: skip
ZONE = "UTC"
KINDS = (*DEFECTS, UNSAID)


def groups(result: Result) -> list[tuple[int, Found]]:
    """(how often, smallest case) of each group: defects first, the most frequent first."""
    order = sorted(result.groups.items(), key=lambda item: (KINDS.index(item[0][0]), -item[1]))
    return [(count, result.cases[key]) for key, count in order]


def line(found: Found) -> str:
    """The smallest case, shortly."""
    change = f"{found.change.key}={found.change.value}".removesuffix("=?")
    return f"{found.recipe}: {change} ({len(found.facts)} facts)"


def brief(result: Result) -> str:
    """The defects, two lines a group."""
    found = [(count, case) for count, case in groups(result) if case.kind in DEFECTS]
    return "\n".join(f"{count} x {c.kind}: {c.group}\n    {line(c)}" for count, c in found)


def shown(found: Found) -> str:
    """A case in full: the facts, and what is told up to where it is wrong, with its grounds."""
    here = book(found.recipe)
    one = Side(here.library, found.facts, found.as_of)
    lines = [f"{found.kind}: {found.group}", f"  {line(found)}"]
    for e in sorted(found.facts, key=lambda e: (e.effective_at, e.position)):
        given = re.sub(r"\w+=(None|\(\)|False),? ?", "", repr(e.fact))
        lines.append(f"  {instant(e.effective_at, ZONE)} {e.id} {given}")
    lines.append(f"  as of {instant(found.as_of, ZONE)}")
    library = here.changed(found.change) if found.kind in (UNCITED, UNSAID) else None
    if library is None:
        return "\n".join([*lines, *_told(one, found)])
    other = one.under(library)
    return "\n".join([*lines, *_told(one, found, other), "  otherwise", *_told(other, found, one)])


def _told(side: Side, found: Found, other: Side | None = None) -> Iterator[str]:
    for i, told in enumerate(side.told):
        differs = other is not None and told != other.at(i)
        yield f"  | {instant(side.time(i), ZONE)} {side.text(i)}"
        if differs or (other is None and found.change.path in dict(side.cited(i)).values()):
            yield f"  |   {told}"
            yield f"  |   cites {', '.join(f'{v}:{p}' for v, p in side.cited(i))}"
        if differs:
            return


def runnable(found: Found) -> str:
    """A case as a shell script."""
    change = found.change if found.kind in (UNCITED, UNSAID) else None
    return "\n".join(script(book(found.recipe), change, found.facts, found.as_of))
