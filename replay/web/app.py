"""The application, put together: state, guard, routes, errors."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException

from ledger.errors import LedgerError
from replay.web.access.approvals import Approvals
from replay.web.access.gate import allowed, check_all
from replay.web.access.guard import Guard
from replay.web.access.keys import Keys
from replay.web.access.problems import problem, status_of
from replay.web.access.tokens import Tokens
from replay.web.api import creators, events, facts, papers, populations, rulebooks, supposing
from replay.web.api import tokens as token_routes
from replay.web.api.answers import answer
from replay.web.api.asked import KNOWN, REFUSALS
from replay.web.api.quick import Quick
from replay.web.following import Following
from replay.web.jobs import Jobs
from replay.web.ledgers import AT_ONCE, Ledgers
from replay.web.openapi import described
from replay.web.page import assets, creator, door, due, everybody, home, overview
from replay.web.page import rulebooks as rules
from replay.web.page.shell import problem as refusal
from replay.web.settings import Settings
from replay.web.standings import Standings

PUBLIC = frozenset({"openapi", "static", "login", "login_form", "logout"})
"""Routes for everybody: the door, and what pages are made of."""
UNWATCHED: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
"""What the framework would tell others of each request."""
CHECKS = 4
"""Askers who are looked up at once: none of them waits behind what others compute."""


def make(settings: Settings) -> FastAPI:
    """Everything of one ledger. Raises StoreError, LedgerError."""
    tokens = Tokens(settings.access) if settings.access is not None else None
    approvals = Approvals(settings.access) if settings.access is not None else None
    ledgers = Ledgers(settings)
    with ledgers.borrow():
        pass  # refused now, not at the first request
    following, keys, jobs = Following(settings, tokens), Keys(settings.access), Jobs()
    standings = None
    if settings.redis:
        standings = Standings(settings.redis, settings.prefix, ledgers, following)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = AT_ONCE
        runs = [each.run() for each in (following, standings) if each is not None]
        looking = [asyncio.create_task(run) for run in runs]
        yield
        for task in looking:
            task.cancel()
        if standings is not None:
            await standings.close()
        for each in (jobs, following, ledgers, keys, approvals, tokens):
            if each is not None:
                each.close()

    app = bare(lifespan=lifespan, max_body_size=settings.limits.body)
    app.state.settings, app.state.tokens, app.state.ledgers = settings, tokens, ledgers
    app.state.following, app.state.keys, app.state.jobs = following, keys, jobs
    app.state.approvals = approvals
    app.state.gate = CapacityLimiter(CHECKS)
    app.state.standings = standings
    if standings is not None:
        app.add_middleware(Quick, standings=standings, tokens=tokens)

    def end() -> None:
        following.end()
        jobs.close()

    app.state.end = end
    app.add_middleware(Guard, settings=settings)
    return app


def bare(**given: Any) -> FastAPI:
    """The routes, of no ledger yet."""
    app = FastAPI(
        docs_url=None, redoc_url=None, openapi_url=None, telemetry=UNWATCHED, **given
    )  # fmt: skip
    api = APIRouter(prefix="/api/v1", responses=REFUSALS)
    for module in (creators, supposing, papers, facts, populations, rulebooks, token_routes):
        api.include_router(module.router, responses=KNOWN)
    api.include_router(events.router)

    @api.get("/openapi.json", name="openapi", tags=["about"], responses=KNOWN)
    def openapi(request: Request) -> Response:
        """This description."""
        return answer(request, described(app))

    app.include_router(api)
    for part in (assets, door, creator, home, overview, due, rules, everybody):
        app.include_router(part.router, include_in_schema=False)
    app.exception_handler(LedgerError)(_ours)
    app.exception_handler(HTTPException)(_plain)
    app.exception_handler(RequestValidationError)(_malformed)
    app.exception_handler(Exception)(_broken)
    check_all(app, PUBLIC)
    return app


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, LedgerError)
    return _refused(request, status_of(error), str(error))


def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    said = _refused(request, error.status_code, error.detail)
    if error.status_code == 405:  # the framework names those of one route alone
        said.headers["Allow"] = ", ".join(allowed(request.app, request.url.path))
    return said


def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    said = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    return _refused(request, 422, said)


def _broken(request: Request, error: Exception) -> Response:
    logging.getLogger("uvicorn.error").error(
        "request %s failed: %s", request.state.request_id, type(error).__name__
    )
    return _refused(request, 500, "this is a fault of ours: the server's log has it under this id")


def _refused(request: Request, status: int, detail: str) -> Response:
    """A page for people, a problem for programs."""
    for_people = "text/html" in request.headers.get("Accept", "")
    if for_people and not request.url.path.startswith("/api/"):
        return refusal(request, status, detail)
    return problem(status, detail, request.state.request_id)
