"""What is asked of one creator, and of all of them in a row."""

from datetime import date
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from ledger.errors import InputError, RulebookError
from replay.library import Ledger
from replay.web.api.answers import part, row_answer
from replay.web.api.asked import (
    EVERYBODY,
    OF,
    READ,
    WIDEST,
    Creator,
    Place,
    Size,
    Time,
    Word,
    ask,
)
from replay.web.standings import Standings

router = APIRouter(tags=["creators"])
HEADER = {"schema": {"type": "string"}}
ROW: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The standing, as `standing --json`; or the row of the read model, with"
        " `stale`",
        "headers": {
            "Log-Position": {"description": "of a row: up to which fact it is right"} | HEADER,
            "Answered-From": {"description": "of a row: `read model` or `replay`"} | HEADER,
        },
    }
}


@router.get("/creators", name="creators", dependencies=EVERYBODY)
def creators(request: Request, after: Word = "", limit: Size = 100) -> Response:
    """The ids of creators in the order of their code points, after one."""

    def listed(ledger: Ledger) -> object:
        ids = [*islice(ledger.creators(after), limit + 1)]
        return {"creators": ids[:limit], "next": ids[limit - 1] if len(ids) > limit else None}

    return ask(request, listed)


@router.get("/standings", name="standings", dependencies=EVERYBODY)
def standings(
    request: Request, after: Word = "", limit: Size = 100, as_of: Time = None, known_at: Time = None
) -> Response:
    """Bare standings of everybody, in the order of their ids, after one."""

    def listed(ledger: Ledger) -> object:
        ids = [*islice(ledger.creators(after), limit + 1)]
        rows: list[object] = []
        left_out = None
        try:
            rows += ledger.standings(ids[:limit], as_of=as_of, known_at=known_at)
        except RulebookError as error:
            left_out = str(error)
        following = ids[limit - 1] if len(ids) > limit else None
        return {"standings": rows, "left_out": left_out, "next": following}

    return ask(request, listed)


@router.get(f"{OF}/standing", name="standing", dependencies=READ, responses=ROW)
async def standing(
    request: Request, creator: Creator, as_of: Time = None, known_at: Time = None
) -> Response:
    """Where a creator stands, why, and what can still be done.

    A server with a read model answers with the creator's row of it, where no time is asked for.
    """
    standings: Standings | None = request.app.state.standings
    if standings is not None and as_of is None and known_at is None:
        return row_answer(request.headers, await standings.ask(creator))
    times = {"as_of": as_of, "known_at": known_at}
    return await run_in_threadpool(ask, request, lambda one: one.standing(creator, **times))


@router.get(f"{OF}/audit", name="audit", dependencies=READ)
def audit(  # noqa: PLR0913, PLR0917  each chooses by itself
    request: Request,
    creator: Creator,
    last: Annotated[int | None, Query(ge=0, le=2**62, description="The last rulings only.")] = None,
    since: Time = None,
    until: Time = None,
    violation: Annotated[str | None, Query(max_length=WIDEST)] = None,
    only_changes: bool = False,
    as_of: Time = None,
    known_at: Time = None,
) -> Response:
    """Why: one ruling for each fact, with grounds, clauses and sentences; all, or those chosen."""

    def told(ledger: Ledger) -> object:
        return ledger.audit(
            creator,
            last=last,
            since=since,
            until=until,
            violation=violation,
            only_changes=only_changes,
            as_of=as_of,
            known_at=known_at,
        )

    return ask(request, told)


@router.get(f"{OF}/compare", name="compare", dependencies=READ)
def compare(
    request: Request,
    creator: Creator,
    before: Time = None,
    after: Time = None,
    as_of: Time = None,
    at_day: Annotated[date | None, Query(description="The evening of a day, and now.")] = None,
) -> Response:
    """What was known at one time and at another, and which facts made the difference."""
    if at_day is not None and (before or after or as_of) is not None:
        raise InputError("at_day asks by itself: leave before, after and as_of out")
    one = at_day or before
    if one is None:
        raise InputError("wanted before, a time, or at_day, a date")
    return ask(request, lambda ledger: ledger.compare(creator, one, after, as_of=as_of))


@router.get(f"{OF}/facts", name="creator_facts", dependencies=READ)
def facts(request: Request, creator: Creator, after: Place = 0, limit: Size = 100) -> Response:
    """Facts of a creator as CloudEvents, in the order of the log, after a version of the stream."""

    def told(ledger: Ledger) -> object:
        events = ledger.facts(creator)
        return part("facts", events, after, limit) | {"version": len(events)}

    return ask(request, told)
