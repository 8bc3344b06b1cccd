"""The short way to one creator's standing: no thread, no route; past it whoever needs more.

It answers only what it can answer well: a known token that may, a row that is right. Everything
else (refusals, sessions of browsers, other times, replays) goes on to the route of that path.
"""

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ledger.errors import LedgerError, StoreError
from replay.web.access.gate import shown_in, why
from replay.web.access.grants import Action
from replay.web.access.guard import App, Receive, Scope, Send, fields
from replay.web.access.principals import HERE, Principal, authorize
from replay.web.access.tokens import Tokens
from replay.web.api.answers import row_answer
from replay.web.api.asked import WIDEST
from replay.web.standings import Standings
from replay.web.together import Together

BEFORE, AFTER = "/api/v1/creators/", "/standing"
ROUTE = "standing"


class Quick:
    """Middleware."""

    def __init__(self, app: App, standings: Standings, tokens: Tokens | None) -> None:
        self.app, self.standings, self.tokens = app, standings, tokens
        self.notes = Together(self._note_all)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._answer(scope)
        await (self.app if answer is None else answer)(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response | None:
        if not (creator := _creator(scope)):
            return None
        headers = fields(scope)
        principal = self._who(headers, creator)
        found = principal and await self.standings.read(creator)
        if principal is None or not found or found.stale:
            return None
        if self.tokens is not None and principal.staff:
            try:
                await self.notes.ask((principal, creator, ROUTE, why(principal, headers)))
            except StoreError:
                return None
        scope["state"]["let_in"] = True
        return row_answer(headers, found)

    def _who(self, headers: dict[str, str], creator: str) -> Principal | None:
        if self.tokens is None:
            return HERE
        shown = shown_in(headers)
        principal = None if shown is None else self.tokens.glance(shown)
        if principal is not None:
            try:
                authorize(principal, Action.READ_CREATOR, creator)
            except LedgerError:
                return None
        return principal

    async def _note_all(self, opened: list[tuple[Principal, str, str, str]]) -> list[None]:
        assert self.tokens is not None
        return await run_in_threadpool(self.tokens.note_all, opened)


def _creator(scope: Scope) -> str:
    """Who is asked about, where it is this path and nothing more is said; else nobody."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"]:
        return ""
    path: str = scope["path"]
    if not (path.startswith(BEFORE) and path.endswith(AFTER)):
        return ""
    creator = path[len(BEFORE) : -len(AFTER)]
    return creator if len(creator) <= WIDEST else ""
