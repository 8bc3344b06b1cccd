"""Refusals and failures as RFC 9457 problems: one sentence, and the id of the request."""

from http import HTTPStatus

import msgspec
from starlette.responses import Response

from ledger.errors import (
    ConflictError,
    InputError,
    LedgerError,
    NoRulebookError,
    RulebookError,
    StoreError,
)
from replay.web.access.principals import RefusedError, UnknownError


class StaleError(ConflictError):
    """The record is at another version than the one that was decided on."""


class ManyError(LedgerError):
    """More at once than one asker may have."""


MEDIA_TYPE = "application/problem+json"
STATUS: tuple[tuple[type[LedgerError], int], ...] = (
    (UnknownError, 401),
    (RefusedError, 403),
    (ManyError, 429),
    (StaleError, 412),
    (ConflictError, 409),
    (InputError, 422),
    (NoRulebookError, 404),
    (RulebookError, 409),
    (StoreError, 503),
    (LedgerError, 404),
)
"""By the first that fits; a bare LedgerError says that nothing is known of a creator."""


def status_of(error: LedgerError) -> int:
    """What an error of ours is in HTTP."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def problem(status: int, detail: str, request_id: str) -> Response:
    """The answer."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": f"urn:request:{request_id}",
    }
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if status in (429, 503):
        headers["Retry-After"] = "1"
    return Response(msgspec.json.encode(body), status, headers, MEDIA_TYPE)
