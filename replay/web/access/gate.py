"""The check of one request: who asks, and may they.

A route says `Depends(may(Action.…))`. One that says nothing ends the start of the
server (`check_all`), so that none is open by having been forgotten.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts
from fastapi.security import HTTPBearer

from ledger.errors import LedgerError
from replay.web.access.grants import GRANTS, Action, Role
from replay.web.access.principals import HERE, Principal, UnknownError, authorize
from replay.web.access.tokens import Tokens

READS = (Action.READ_CREATOR, Action.READ_EVERYBODY)
"""What opens a record, where it names one creator."""
COOKIE = "__Host-penalty-ledger"
"""Of this host alone, over TLS (or to this machine), unreadable for scripts."""
LONGEST = 200
"""Characters of a purpose that are kept."""
BEARER = HTTPBearer(scheme_name="token", description="pl_…, from `penalty-ledger token new`")


def may(action: Action) -> Callable[[Request], Awaitable[Principal]]:
    """A dependency: who asks, where they may do this; and their reading is noted."""

    async def check(request: Request) -> Principal:
        limiter: CapacityLimiter = request.app.state.gate
        return await to_thread.run_sync(checked, request, limiter=limiter)

    def checked(request: Request) -> Principal:
        principal = who(request)
        request.state.let_in = True
        creator = request.path_params.get("creator") or request.query_params.get("creator", "")
        authorize(principal, action, creator)
        tokens: Tokens | None = request.app.state.tokens
        if tokens is not None and creator and principal.staff and action in READS:
            purpose = why(principal, request.headers)
            tokens.note(principal, creator, request.scope["route"].name, purpose)
        return principal

    check.action = action  # type: ignore[attr-defined]
    return check


def why(principal: Principal, headers: Mapping[str, str]) -> str:
    """For what purpose a record is read, by the request's header or by the token."""
    return headers.get("purpose", "")[:LONGEST] or principal.purpose


def shown_in(headers: Mapping[str, str]) -> str | None:
    """The token that a request shows."""
    kind, _, shown = headers.get("authorization", "").partition(" ")
    return shown.strip() if kind.lower() == "bearer" else None


def who(request: Request) -> Principal:
    """Raises UnknownError."""
    tokens: Tokens | None = request.app.state.tokens
    if tokens is None:
        return HERE
    if (shown := shown_in(request.headers)) is not None:
        return tokens.holder(shown)
    secret = request.cookies.get(COOKIE)
    if secret is None:
        raise UnknownError("show a token: Authorization: Bearer pl_…")
    return tokens.visitor(secret)


def routes(app: FastAPI) -> Iterator[tuple[RouteContext, Action | None]]:
    """Every route, wherever it was included, with its action; None where it has none."""
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)  # none of a plain route
        yield route, None if dependant is None else next(_actions(dependant), None)


def _actions(dependant: Dependant) -> Iterator[Action]:
    action = getattr(dependant.call, "action", None)
    if isinstance(action, Action):
        yield action
    for inner in dependant.dependencies:
        yield from _actions(inner)


def table(app: FastAPI) -> Iterator[tuple[str, str, Action | None, list[Role]]]:
    """Method, path, action and the roles that may: what the docs print and a test walks."""
    for route, action in routes(app):
        roles = [role for role in Role if action in GRANTS[role]]
        for method in sorted(route.methods or ()):
            yield method, route.path_format or "", action, roles


def allowed(app: FastAPI, path: str) -> list[str]:
    """The methods that a path takes, of whichever route."""
    taken: set[str] = set()
    for route, _ in routes(app):
        pattern = getattr(route, "path_regex", None)
        if pattern is not None and pattern.match(path):
            taken |= route.methods or set()
    return sorted(taken)


def check_all(app: FastAPI, public: frozenset[str]) -> None:
    """Raises LedgerError where a route, but those named, was left open."""
    for route, action in routes(app):
        if action is None and route.name not in public:
            raise LedgerError(f"the route {route.name} is open to everybody")
