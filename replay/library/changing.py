"""What a `Ledger` answers about how a standing changed."""

from typing import Any, Literal, TypedDict

import msgspec

from projections.readmodels.feed import Course
from projections.readmodels.lessons import Lesson, lessons
from projections.readmodels.rows import Stored
from projections.readmodels.source import Source, own
from projections.standing.writing import instant
from replay.library.asking import Asking


class Became(TypedDict):
    position: int
    old: dict[str, Any] | None
    new: dict[str, Any] | None
    cause: dict[str, Any]


class Change(TypedDict):
    """A CloudEvent, as the feed of a read model has it (`docs/readmodels.md#a-change`)."""

    specversion: str
    id: str
    source: str
    type: Literal["standing_changed", "standing_corrected"]
    subject: str
    time: str
    datacontenttype: str
    data: Became


class Changes(TypedDict):
    changes: list[Change]
    next: int | None
    """The position after which to go on."""
    next_change_at: str | None
    """When time alone changes something next; None while there is more, or where it never does."""


class Changing(Asking):
    """The part of `Ledger` that says what became of a standing."""

    def changes(self, creator: str, after: int = 0, limit: int = 100) -> Changes:
        """How a standing changed by what was learned after a position, and by time since then.

        Facts that were recorded at one instant are learned together; `limit` of these at most.
        Judged by the rules that are in force by now. Raises LedgerError where there are no facts.
        """
        question = self._at(None, None)
        source, stream = Source(question), own(question.facts(creator))
        taught = list(lessons(stream))
        before = [lesson for lesson in taught if lesson.facts[-1].position <= after]
        told, left = taught[len(before) :][:limit], taught[len(before) + limit :]

        def course(known: list[Lesson], held: Stored | None) -> Course:
            return Course(
                judge=source,
                creator=creator,
                stream=[fact for lesson in known for fact in lesson.facts],
                end=_end(known),
                history=False,
                publishes=True,
                source=source.origin,
                held=held,
            )

        held = None
        if before:
            first = course(before, None)
            first.begin(before[-1].at, question.now)
            held = first.held
        way = course(taught, held)
        way.learn(told, question.now)
        until = None
        if not left:
            way.tick(question.now)
            until = way.held.next_change_at if way.held else None
        return {
            "changes": [msgspec.json.decode(change.event) for change in way.changes],
            "next": _end(told) if left else None,
            "next_change_at": None if until is None else instant(until, "UTC"),
        }


def _end(taught: list[Lesson]) -> int:
    return taught[-1].facts[-1].position if taught else 0
