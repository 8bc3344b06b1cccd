"""What the fold is given: facts, and how many rows a creator needs; integers, as in `state`."""

from __future__ import annotations  # the classes read their own, as strings

from msgspec import Struct

from projections.fold.state import ABSENT, FOREVER


class MeasureRow(Struct, gc=False):
    """A measure that a fact names: code of its name, slot of its violation (ABSENT: imposed)."""

    name: int
    violation: int
    before: int = ABSENT
    """The row imposed under that name before, if none was lifted since."""


class Sizes(Struct):
    """How many rows of each kind one creator has; stops come as they are made."""

    counters: int
    violations: int
    categories: int
    measures: int
    accounts: int
    periods: int
    features: int


class Fact(Struct, gc=False):
    """One fact as the fold reads it: names are slots or codes, absent is ABSENT."""

    kind: int
    at: int
    day: int
    rank: int
    version: int
    traits: int = 0
    violation: int = ABSENT
    points: int = ABSENT
    category: int = ABSENT
    """ABSENT where the version in force does not know it."""
    about: int = ABSENT
    batch: int = ABSENT
    since: int = ABSENT
    """When the offence was committed, where the fact gives it."""
    slot: int = 0
    """Period, course, account, feature, measure row, or the last one imposed under the name that is
    lifted; for a retraction the reason why it has no effect."""
    amount: int = 0
    """Money posted; for a recovery the last day of its period."""
    measures_from: int = 0
    measures_to: int = 0
    mark: int = ABSENT
    level: int = ABSENT
    reputation: int = ABSENT
    until: int = FOREVER
