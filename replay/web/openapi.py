"""The API as OpenAPI 3.1."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from replay.web.access.gate import COOKIE, routes

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


def described(app: FastAPI) -> dict[str, Any]:
    """The description of every route of the API, with the action that it needs."""
    listed = [route for route, _ in routes(app) if (route.path_format or "").startswith("/api/")]
    made = get_openapi(title=TITLE, version=VERSION, routes=listed)
    made.setdefault("components", {})["securitySchemes"] = SCHEMES
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
    return made
