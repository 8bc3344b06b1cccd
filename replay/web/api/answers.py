"""An answer as JSON, in the form of `--json`, with an ETag."""

import hashlib

from fastapi import Request, Response

from projections.standing.writing import json_line


def answer(request: Request, view: object) -> Response:
    """304 where the asker has it already."""
    body = json_line(view).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    asked = request.headers.get("If-None-Match", "")
    if tag in (each.strip().removeprefix("W/") for each in asked.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, "application/json")
