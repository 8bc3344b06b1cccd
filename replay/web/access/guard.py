"""What every request passes before any route: its host, its site, its rate, its time.

Pure ASGI, so that streams pass as they are. A browser that was led here by another page says so
(`Sec-Fetch-Site`, `Origin`): it may follow a link, and change nothing.
"""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.requests import ClientDisconnect

from replay.web.access.problems import problem
from replay.web.settings import Settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self' data:; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Of every answer, where it has not others of these names."""
RAW = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
SAFE = ("GET", "HEAD", "OPTIONS")
STREAMS = "/events"
"""How the path of a stream ends: it has no end of its own to wait for."""
KNOWN = 10_000
"""Askers whose rates are remembered."""


class Guard:
    """Middleware: refuses as RFC 9457 problems, and puts the headers on every answer."""

    def __init__(self, app: App, settings: Settings) -> None:
        self.app, self.settings = app, settings
        self.rates = Rates(settings.limits.rate, settings.limits.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, asked = secrets.token_hex(8), fields(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        started = False

        async def sent(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                let_in = scope["state"].get("let_in", False)
                self.rates.heard(asked.get("authorization"), let_in)
                own = list(message["headers"])
                named = {name for name, _ in own}
                usual = [pair for pair in RAW if pair[0] not in named]
                if message["status"] == 413:
                    usual.append((b"connection", b"close"))  # what is on its way is not read
                message["headers"] = [*own, *usual, (b"request-id", request_id.encode())]
            await send(message)

        refusal = self._refusal(scope, asked)
        if refusal is not None:
            await problem(*refusal, request_id)(scope, receive, sent)
            return
        streams = scope["path"].endswith(STREAMS)
        try:
            async with asyncio.timeout(None if streams else self.settings.limits.seconds):
                await self.app(scope, receive, sent)
        except ClientDisconnect:
            return  # nobody is there to answer
        except TimeoutError:
            if started:
                raise
            limit = f"{self.settings.limits.seconds:g} seconds"
            said = f"the answer took more than {limit}: ask for less, or of fewer"
            await problem(503, said, request_id)(scope, receive, sent)

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        host = headers.get("host", "")
        name = host.rpartition(":")[0] if ":" in host.rpartition("]")[2] else host
        if name.lower() not in self.settings.hosts:
            return 421, "this is not served under that name: start it with --host-name"
        if scope["method"] not in SAFE and not _same_site(headers, host):
            return 403, "another site's page may not change anything here"
        address = (scope.get("client") or ("",))[0]
        if not self.rates.take(headers.get("authorization"), address):
            return 429, "too many requests: wait a second"
        return None


def fields(scope: Scope) -> dict[str, str]:
    """What a request says in its header, by names in small letters: what comes first counts."""
    return {k.decode("latin-1"): v.decode("latin-1") for k, v in reversed(scope["headers"])}


def _same_site(headers: dict[str, str], host: str) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == host


class Rates:
    """A bucket for each asker, which fills again with time."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst = rate, float(burst)
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._good: OrderedDict[str, None] = OrderedDict()

    def heard(self, token: str | None, let_in: bool) -> None:
        """A token that was let in has a rate of its own; a guess has that of its address."""
        if token is None or not let_in:
            return
        self._good[token] = None
        self._good.move_to_end(token)
        if len(self._good) > KNOWN:
            self._good.popitem(last=False)

    def take(self, token: str | None, address: str) -> bool:
        """Whether one more may be asked now."""
        asker = address if token is None or token not in self._good else token
        at = time.monotonic()
        left, since = self._left.pop(asker, (self.burst, at))
        left = min(self.burst, left + (at - since) * self.rate)
        self._left[asker] = (max(left - 1, left if left < 1 else 0), at)
        if len(self._left) > KNOWN:
            self._left.popitem(last=False)
        return left >= 1
