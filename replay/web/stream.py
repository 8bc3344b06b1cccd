"""Server-sent events: an answer that goes on."""

from collections.abc import AsyncIterator
from typing import Any

from fastapi.responses import StreamingResponse

from projections.standing.writing import json_line

HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class EventStream(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


def stream(lines: AsyncIterator[bytes]) -> EventStream:
    """The answer, whatever lies between it and its reader."""
    return EventStream(lines, headers=HEADERS)


def event(kind: str, data: Any, position: int | None = None) -> bytes:
    """One of them; a position is what a reader that was cut off goes on after."""
    place = "" if position is None else f"id: {position}\n"
    return f"{place}event: {kind}\ndata: {json_line(data)}\n\n".encode()
