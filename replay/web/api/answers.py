"""An answer as JSON, in the form of `--json`, with an ETag."""

import hashlib
from collections.abc import Mapping

from fastapi import Request, Response

from projections.standing.writing import json_line
from replay.web.standings import Answer


def answer(request: Request, view: object) -> Response:
    """304 where the asker has it already."""
    return tagged(request.headers, json_line(view).encode(), {})


def row_answer(asked: Mapping[str, str], found: Answer) -> Response:
    """The same of a row, with how far it is and where it comes from."""
    far = {"Log-Position": str(found.position), "Answered-From": found.source}
    return tagged(asked, found.body, far)


def tagged(asked: Mapping[str, str], body: bytes, more: dict[str, str]) -> Response:
    """To a request with those headers."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"} | more
    had = asked.get("if-none-match", "")
    if tag in (each.strip().removeprefix("W/") for each in had.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, "application/json")
