"""How a person names a sanction: `v3`, `8`, `product_sharing@2024-08-06T12:00`.

A name is that of a violation or of a fact, which means all that was decided with it; or of a node,
a feature or a measure, which means that alone. `@TIME` says when it was decided, as precisely as
needed: a date may be enough.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from ledger.errors import LedgerError
from ledger.text import safe
from projections.standing.writing import clock_time
from replay.statement.decisions import Decision, Sanction

SHOWN = 20
"""How many of those that were perhaps meant are listed."""


def find(text: str, decisions: Sequence[Decision], zone: str) -> Decision:
    """The decision that is meant, with the sanctions that are meant.

    Raises LedgerError where there is none, or where it may be one of several.
    """
    found = [*_named(text, "", decisions, zone)]
    if not found:
        name, _, time = text.rpartition("@")
        found = [*_named(name, time.replace("T", " "), decisions, zone)]
    if len(found) == 1:
        return found[0]
    listed = [line for decision in found or decisions for line in references(decision, zone)]
    named = ", ".join(safe(line) for line in listed[-SHOWN:]) or "none"
    first = f"the last {SHOWN} of {len(listed)}: " if len(listed) > SHOWN else ""
    why = "may be one of several" if found else "is no sanction of this record"
    raise LedgerError(f'"{safe(text)}" {why}; those that may be named are {first}{named}')


def references(decision: Decision, zone: str) -> Iterator[str]:
    """How it is named, and each of its sanctions by itself."""
    yield from decision.violations
    for sanction in decision.sanctions:
        yield reference(sanction, zone)


def reference(sanction: Sanction, zone: str) -> str:
    """`8@2024-08-06T12:00`."""
    return f"{sanction.words[0]}@{clock_time(sanction.since, zone).replace(' ', 'T')}"


def _named(name: str, time: str, decisions: Sequence[Decision], zone: str) -> Iterator[Decision]:
    for decision in decisions:
        if name in decision.names:
            if clock_time(decision.at, zone).startswith(time):
                yield decision
            continue
        meant = [
            sanction
            for sanction in decision.sanctions
            if name in sanction.words and clock_time(sanction.since, zone).startswith(time)
        ]
        if meant:
            yield replace(decision, sanctions=meant)
