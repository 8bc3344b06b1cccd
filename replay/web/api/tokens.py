"""Who may ask, and who has read whose record: an administrator's."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ledger.errors import LedgerError
from replay.web.access.approvals import Approvals
from replay.web.access.gate import may
from replay.web.access.grants import Action, Role
from replay.web.access.tokens import Tokens
from replay.web.api.answers import answer, part
from replay.web.api.asked import WIDEST, Place, Size, Word

router = APIRouter(tags=["access"], dependencies=[Depends(may(Action.ADMINISTER))])
CENTURY = 100 * 365 * 86400


class Wanted(BaseModel):
    """A token to be made."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=200)
    role: Role
    creator: str = Field("", max_length=WIDEST)
    seconds: int = Field(90 * 86400, gt=0, le=CENTURY)
    purpose: str = Field("", max_length=200)


def _kept(request: Request) -> Tokens:
    tokens: Tokens | None = request.app.state.tokens
    if tokens is None:
        raise LedgerError("there are no tokens here: start it with --access FILE")
    return tokens


@router.get("/tokens", name="tokens")
def tokens(request: Request, after: Place = 0, limit: Size = 100) -> Response:
    """Every token that ever was, without its secret."""
    return answer(request, part("tokens", _kept(request).all(), after, limit))


@router.post("/tokens", name="new_token", status_code=201)
def new_token(request: Request, wanted: Wanted) -> Response:
    """Make one; this answer alone shows it."""
    shown = _kept(request).new(
        wanted.name, wanted.role, wanted.seconds, wanted.creator, wanted.purpose
    )
    body = msgspec.json.encode({"token": shown, "id": shown.split("_")[1]})
    return Response(body, 201, media_type="application/json")


@router.delete("/tokens/{token}", name="revoke", status_code=204)
def revoke(request: Request, token: Annotated[str, Path(max_length=64)]) -> Response:
    """End one at once, with the sessions that it opened."""
    kept = _kept(request)
    if token not in {each.id for each in kept.all()}:
        raise LedgerError("there is no such token")
    kept.revoke(token)
    return Response(status_code=204)


@router.get("/readings", name="readings")
def readings(
    request: Request,
    creator: Word = "",
    after: Place = 0,
    limit: Size = 100,
) -> Response:
    """Who of the staff opened whose record, when, by which route and why."""
    found = _kept(request).readings(creator, after, limit + 1)
    following = found[limit - 1].number if len(found) > limit else None
    return answer(request, {"readings": found[:limit], "next": following})


@router.get("/approvals", name="approvals")
def approvals(request: Request, limit: Size = 100) -> Response:
    """What needs two administrators: who asked for what, who approved it; the newest first."""
    kept: Approvals | None = request.app.state.approvals
    return answer(request, {"approvals": kept.all(limit) if kept else []})
