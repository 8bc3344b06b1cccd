"""The API as OpenAPI 3.1."""

from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from replay.web.access.gate import COOKIE, routes
from replay.web.api.answers import JSON
from replay.web.api.shapes import schemas
from replay.web.stream import EventStream

STREAM = EventStream.media_type
TITLE, VERSION = "Penalty ledger", "1"
SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "pl_…, from `penalty-ledger token new`. Not asked for on this machine where"
        " there are no tokens.",
    },
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
}


JSON_TEXT = {"type": "string", "contentMediaType": JSON}
EVENT = {
    "type": "object",
    "description": "One event.",
    "properties": {"id": {"type": "string"}, "event": {"type": "string"}, "data": JSON_TEXT},
    "required": ["event", "data"],
}
OF_URL = "_of_url"
"""How an operation is named whose question another has in its body."""
ETAG = {"description": "As `If-None-Match` takes it.", "schema": {"type": "string"}}
LINK = {"description": 'What follows, as `rel="next"` (RFC 8288).', "schema": {"type": "string"}}


@cache
def described(app: FastAPI) -> dict[str, Any]:
    """The description of every route of the API: who may, and what is answered."""
    listed = [route for route, _ in routes(app) if (route.path_format or "").startswith("/api/")]
    made = get_openapi(title=TITLE, version=VERSION, routes=listed)
    said, components = schemas()
    made["components"]["schemas"] |= components
    made["components"]["securitySchemes"] = SCHEMES
    for route, action in routes(app):
        for method in route.methods or ():
            operation = made["paths"].get(route.path_format, {}).get(method.lower())
            if operation is None:
                continue
            operation["operationId"] = route.name
            operation["responses"].pop("422", None) if action is None else None
            if action is not None:
                operation["security"] = [{name: []} for name in SCHEMES]
                operation["x-action"] = action
            _answers(operation, method, said.get(str(route.name).removesuffix(OF_URL)))
    return made


def _answers(operation: dict[str, Any], method: str, schema: dict[str, Any] | None) -> None:
    """Schemas and headers of what is answered where nothing is wrong."""
    pages = {"after", "limit"} <= {each["name"] for each in operation.get("parameters", ())}
    for status, answer in operation["responses"].items():
        if STREAM in answer.get("content", {}):
            answer["content"][STREAM]["schema"] = EVENT
        if schema and JSON in answer.get("content", {}):
            answer["content"][JSON]["schema"] = schema
        if method == "GET" and status == "200" and STREAM not in answer["content"]:
            headers = {"ETag": ETAG} | ({"Link": LINK} if pages else {})
            answer["headers"] = headers | answer.get("headers", {})
