"""An answer as JSON, in the form of `--json`, with an ETag, and a link to what follows."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request, Response

from projections.standing.writing import json_line
from replay.web.standings import Answer

JSON = "application/json"


def answer(request: Request, view: object) -> Response:
    """304 where the asker has it already."""
    headers = {"Link": following} if (following := _following(request, view)) else {}
    return sent(request, json_line(view).encode(), JSON, headers)


def row_answer(asked: Mapping[str, str], found: Answer) -> Response:
    """The same of a row, with how far it is and where it comes from."""
    far = {"Log-Position": str(found.position), "Answered-From": found.source}
    return _tagged(asked, found.body, JSON, far)


def sent(
    request: Request, body: bytes, media_type: str, headers: dict[str, str] | None = None
) -> Response:
    """The same of what is no JSON."""
    return _tagged(request.headers, body, media_type, headers or {})


def _tagged(
    asked: Mapping[str, str], body: bytes, media_type: str, more: dict[str, str]
) -> Response:
    """To a request with those headers."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"} | more
    had = asked.get("if-none-match", "").split(",")
    if {tag, "*"} & {each.strip().removeprefix("W/") for each in had}:
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, media_type)


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
