"""How many more points a creator can lose before each node, as things stand."""

from typing import Any

from msgspec import Struct

from ledger.errors import InputError
from ledger.text import safe
from projections.fold.nodes import times
from projections.fold.recovery import version_at
from projections.fold.rules import NodeRule
from projections.fold.state import BALANCE
from projections.standing.naming import naming
from projections.standing.replay import Replay
from projections.standing.writing import points
from projections.views.objects import head_view

View = dict[str, Any]


class Room(Struct, frozen=True):
    """What is left before one node is crossed, in hundredths."""

    node: str
    counter: str
    crossed: bool
    """The score is past it already: it starts anew only once the score has been on its good side,
    or at its next multiple."""
    loss: int | None
    """The most that can be lost without crossing it; None where no loss crosses it."""


def afford(replay: Replay) -> list[Room]:
    """Each node of the version in force, in the rulebook's order. Raises InputError unenrolled."""
    creator, book = replay.creator, replay.tables.book
    if not creator.enrolled:
        raise InputError(
            f'creator "{safe(replay.subject)}" is not enrolled then: there is no score'
        )
    number = version_at(replay.as_of, book)
    rules, names = book.versions[number], naming(replay)
    made = []
    for name, node in zip(replay.tables.rulebooks[number].nodes, rules.nodes, strict=True):
        score = creator.counters[node.counter].score
        counter = rules.counters[node.counter]
        room = _room(score, node)
        most = score - counter.floor if counter.sign == BALANCE else counter.cap - score
        if room is not None and most <= room:
            room = None  # what is lost stops at the floor or cap, on the good side
        made.append(Room(name, names.counters[node.counter], times(score, node) > 0, room))
    return made


def _room(score: int, node: NodeRule) -> int | None:
    """What can be lost without passing the next limit; a loss moves against the node's sign."""
    passed = times(score, node)
    if passed and node.every <= 0:
        return None
    return node.sign * score - (node.bound - passed * node.every) - 1


def afford_view(replay: Replay) -> View:
    """What `--afford --json` prints."""
    return head_view(replay) | {
        "nodes": [
            {
                "node": room.node,
                "counter": room.counter,
                "crossed": room.crossed,
                "can_lose": None if room.loss is None else points(room.loss),
            }
            for room in afford(replay)
        ]
    }
