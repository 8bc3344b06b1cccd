"""What each operation answers, as JSON: the types of `replay.library`, and lists of them."""

from collections.abc import Mapping
from typing import Any, TypedDict

import msgspec

from projections.readmodels.described import Row
from replay.library import answers, everybody, ruled, views
from replay.library.changing import Changes
from replay.library.compared import Compare
from replay.web.access.approvals import Approval
from replay.web.access.tokens import Reading, Token
from replay.web.api.populations import Begun

Schema = dict[str, Any]


class Creators(TypedDict):
    creators: list[str]
    next: str | None


class Standings(TypedDict):
    standings: list[views.StandingRow]
    left_out: str | None
    """How many, and why."""
    next: str | None


class RowOfStanding(Row, kw_only=True):
    """A row of the read model, where the server reads one."""

    stale: bool
    """It is not known to be up with the log, which can't be asked."""


class Facts(TypedDict):
    facts: list[views.Event]
    next: int | None
    version: int
    """Of the creator's stream, as `If-Match` takes it."""


class Rulebooks(TypedDict):
    rulebooks: list[views.Rulebook]
    next: int | None


class Receipts(TypedDict):
    receipts: list[views.Receipt]


class WhoMoved(TypedDict):
    moved: list[everybody.Moved]
    next: int | None


class Tokens(TypedDict):
    tokens: list[Token]
    next: int | None


class NewToken(TypedDict):
    token: str
    """Shown this once."""
    id: str


class Approved(TypedDict):
    approvals: list[Approval]


class Readings(TypedDict):
    readings: list[Reading]
    next: int | None


SHAPES: Mapping[str, Any] = {
    "creators": Creators,
    "standings": Standings,
    "standing": views.Standing,
    "audit": views.Audit,
    "compare": Compare,
    "creator_facts": Facts,
    "changes": Changes,
    "what_if": answers.WhatIf,
    "orders": answers.Orders,
    "avoid": answers.Avoided,
    "afford": answers.Afford,
    "wrongful": answers.Wrongful,
    "which_figures": answers.WhichFigures,
    "record": Receipts,
    "search": views.Found,
    "begin_population": Begun,
    "population_job": Begun,
    "population_moved": WhoMoved,
    "rulebooks": Rulebooks,
    "rulebook": views.RulebookDocument,
    "rulebook_diff": ruled.RulebookDiff,
    "rulebook_history": ruled.RulebookHistory,
    "tokens": Tokens,
    "new_token": NewToken,
    "approvals": Approved,
    "readings": Readings,
    "openapi": dict[str, Any],
}
"""By the name of the operation, but for `_of_url`."""
ROWS = {"standing": RowOfStanding}
"""What else some of them answer."""
ROOM = b"replay.library."


def schemas() -> tuple[dict[str, Schema], dict[str, Schema]]:
    """The schema of each, and the components that they name."""
    made = msgspec.json.schema_components(
        [*SHAPES.values(), *ROWS.values()], ref_template="#/components/schemas/{name}"
    )
    # Of two types with one name each is known by its room too.
    said, components = msgspec.json.decode(msgspec.json.encode(made).replace(ROOM, b""))
    shapes = dict(zip(SHAPES, said, strict=False))
    for name, row in zip(ROWS, said[len(SHAPES) :], strict=True):
        shapes[name] = {"anyOf": [shapes[name], row]}
    return shapes, components
