"""An answer as JSON, in the form of `--json`, with an ETag, and a link to what follows."""

import hashlib
from collections.abc import Sequence
from typing import Any

from fastapi import Request, Response

from projections.standing.writing import json_line

JSON = "application/json"


def answer(request: Request, view: object) -> Response:
    """304 where the asker has it already."""
    headers = {"Link": following} if (following := _following(request, view)) else {}
    return sent(request, json_line(view).encode(), JSON, headers)


def sent(
    request: Request, body: bytes, media_type: str, headers: dict[str, str] | None = None
) -> Response:
    """The same of what is no JSON."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    said = {"ETag": tag, "Cache-Control": "private, no-cache"} | (headers or {})
    known = request.headers.get("If-None-Match", "").split(",")
    if {tag, "*"} & {each.strip().removeprefix("W/") for each in known}:
        return Response(status_code=304, headers=said)
    return Response(body, 200, said, media_type)


def part(key: str, rows: Sequence[object], after: int, limit: int) -> dict[str, Any]:
    """Some of a list that is there as a whole, after so many."""
    end = after + limit
    return {key: rows[after:end], "next": end if end < len(rows) else None}


def _following(request: Request, view: object) -> str:
    """The same question after where this answer ends (RFC 8288)."""
    place = view.get("next") if isinstance(view, dict) else None
    if place is None:
        return ""
    return f'<?{request.url.include_query_params(after=place).query}>; rel="next"'
