"""The log as it grows: server-sent events, each a fact, with its position as the id.

A reader that was cut off sends the last id it saw (`Last-Event-ID`, as browsers do) and misses
nothing. Delivery is at least once.
"""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse

from ledger.errors import LedgerError
from replay.web.access.gate import may, who
from replay.web.access.grants import Action
from replay.web.access.principals import authorize
from replay.web.following import Following

router = APIRouter(tags=["events"])
After = Annotated[
    int | None, Query(ge=0, le=2**62, description="The position after which to begin; else now.")
]
Last = Annotated[int | None, Header(ge=0, le=2**62, description="As browsers send it.")]
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class EventStream(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


@router.get(
    "/events",
    name="events",
    dependencies=[Depends(may(Action.READ_EVERYBODY))],
    response_class=EventStream,
)
async def events(
    request: Request, after: After = None, last_event_id: Last = None
) -> StreamingResponse:
    """Every fact as it is recorded, in the order of the log."""
    return _stream(request, Action.READ_EVERYBODY, after, last_event_id)


@router.get(
    "/creators/{creator:path}/events",
    name="creator_events",
    dependencies=[Depends(may(Action.READ_CREATOR))],
    response_class=EventStream,
)
async def creator_events(
    request: Request, creator: str, after: After = None, last_event_id: Last = None
) -> StreamingResponse:
    """Every fact of one creator as it is recorded."""
    return _stream(request, Action.READ_CREATOR, after, last_event_id, creator)


def _stream(
    request: Request, action: Action, after: int | None, last: int | None, creator: str = ""
) -> StreamingResponse:
    following: Following = request.app.state.following
    begin = after if last is None else last

    async def lines() -> AsyncIterator[bytes]:
        yield b"retry: 1000\n\n"
        known = following.rights
        async for page in following.stream(begin, creator):
            if known != following.rights:
                known = following.rights
                try:
                    authorize(who(request), action, creator)
                except LedgerError:
                    return  # the token ended meanwhile
            yield b"".join(one.said for one in page) or b": still here\n\n"

    return EventStream(lines(), headers=HEADERS)
