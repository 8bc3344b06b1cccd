"""The log as it grows: server-sent events, each a fact, or what became of a standing by it.

The id of each is a position. A reader that was cut off sends the last id it saw (`Last-Event-ID`,
as browsers do) and misses nothing. Delivery is at least once.
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from ledger.errors import LedgerError, StoreError
from replay.library import Ledger
from replay.library.changing import Changes
from replay.web.access.gate import who
from replay.web.access.grants import Action
from replay.web.access.principals import authorize
from replay.web.api.asked import EVERYBODY, KNOWN, OF, READ, Creator, Place, Size, ask
from replay.web.following import Following
from replay.web.stream import EventStream, event, stream

router = APIRouter(tags=["events"])
After = Annotated[
    int | None, Query(ge=0, le=2**62, description="The position after which to begin; else now.")
]
Last = Annotated[int | None, Header(ge=0, le=2**62, description="As browsers send it.")]


@router.get(
    "/events",
    name="events",
    dependencies=EVERYBODY,
    response_class=EventStream,
)
async def events(request: Request, after: After = None, last_event_id: Last = None) -> EventStream:
    """Every fact as it is recorded, in the order of the log."""
    place = _begin(request, after, last_event_id)
    return _stream(request, Action.READ_EVERYBODY, _facts(request, place))


@router.get(f"{OF}/changes", name="changes", dependencies=READ, responses=KNOWN)
def changes(request: Request, creator: Creator, after: Place = 0, limit: Size = 100) -> Response:
    """How a standing changed after a position; `limit` facts, or pages of an import, at a time."""
    return ask(request, lambda ledger: ledger.changes(creator, after, limit))


@router.get(
    f"{OF}/changes/events", name="changes_events", dependencies=READ, response_class=EventStream
)
async def changes_events(
    request: Request, creator: Creator, after: After = None, last_event_id: Last = None
) -> EventStream:
    """Every change of one standing: as a fact is recorded, and when time alone changes it."""
    following: Following = request.app.state.following
    place = _begin(request, after, last_event_id)

    async def told() -> AsyncIterator[list[bytes]]:
        at, known = place, set[str]()
        if after is None and last_event_id is None:  # what time has changed by now is no news
            known = {each["id"] for each in (await _changed(following, creator, at))["changes"]}
        async for _ in following.stream(at, creator):
            more: int | None = at
            while more is not None:
                found = await _changed(following, creator, more)
                yield [
                    event(each["type"], each, each["data"]["position"])
                    for each in found["changes"]
                    if each["id"] not in known
                ]
                if found["changes"]:
                    at = found["changes"][-1]["data"]["position"]
                    known = {each["id"] for each in found["changes"]}
                more = found["next"]

    return _stream(request, Action.READ_CREATOR, told(), creator)


@router.get(f"{OF}/events", name="creator_events", dependencies=READ, response_class=EventStream)
async def creator_events(
    request: Request, creator: Creator, after: After = None, last_event_id: Last = None
) -> EventStream:
    """Every fact of one creator as it is recorded."""
    place = _begin(request, after, last_event_id)
    return _stream(request, Action.READ_CREATOR, _facts(request, place, creator), creator)


NOTHING: Changes = {"changes": [], "next": None, "next_change_at": None}


async def _changed(following: Following, creator: str, after: int) -> Changes:
    """Nothing, where nothing is recorded yet, or the store does not answer."""

    def asked(ledger: Ledger) -> Changes:
        try:
            return ledger.changes(creator, after)
        except StoreError:
            raise
        except LedgerError:
            return NOTHING

    return await following.ask(asked) or NOTHING


def _begin(request: Request, after: int | None, last: int | None) -> int:
    """The position after which to begin; that of now where none is said."""
    following: Following = request.app.state.following
    return next((at for at in (last, after) if at is not None), following.head)


async def _facts(request: Request, place: int, creator: str = "") -> AsyncIterator[list[bytes]]:
    following: Following = request.app.state.following
    async for page in following.stream(place, creator):
        yield [one.said for one in page]


def _stream(
    request: Request, action: Action, told: AsyncIterator[list[bytes]], creator: str = ""
) -> EventStream:
    """What is told, as long as the asker may be told; where that is nothing, a sign of life."""

    async def lines() -> AsyncIterator[bytes]:
        yield b"retry: 1000\n\n"
        following: Following = request.app.state.following
        known = following.rights
        async for page in told:
            if known != following.rights:
                known = following.rights
                try:
                    authorize(who(request), action, creator)
                except LedgerError:
                    return  # the token ended meanwhile
            yield b"".join(page) or b": still here\n\n"

    return stream(lines())
