"""What is asked of one creator, and of all of them in a row."""

from itertools import islice
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from ledger.errors import RulebookError
from replay.library import Ledger
from replay.web.api.answers import row_answer
from replay.web.api.asked import (
    EVERYBODY,
    MARKDOWN,
    READ,
    WIDEST,
    Creator,
    Size,
    Supposed,
    Time,
    Word,
    about,
    ask,
)
from replay.web.ledgers import Ledgers
from replay.web.standings import Standings
from replay.web.steps import steps

router = APIRouter(tags=["creators"])
OF = "/creators/{creator:path}"
Scenario = Annotated[
    str, Query(max_length=20_000, description='Steps as JSON: `[{"drop": "e5"}]`.')
]


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


class Comparison(Supposed):
    """The same, with the rulings that are the same too."""

    every: bool = False


class Avoided(Supposed):
    """What is to be avoided, or reached."""

    target: str = Field(max_length=WIDEST)


class Ordered(Supposed):
    """Which facts change places; none: all appeals and exams."""

    among: list[str | dict[str, Any]] = Field([], max_length=20)


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
def audit(
    request: Request, creator: Creator, as_of: Time = None, known_at: Time = None
) -> Response:
    """Why: one ruling for each fact, with grounds, clauses and sentences."""
    return ask(request, lambda ledger: ledger.audit(creator, as_of=as_of, known_at=known_at))


@router.get(f"{OF}/compare", name="compare", dependencies=READ)
def compare(
    request: Request,
    creator: Creator,
    before: Annotated[str, Query(max_length=64)],
    after: Time = None,
    as_of: Time = None,
) -> Response:
    """What was known at one time and at another, and which facts made the difference."""
    return ask(request, lambda ledger: ledger.compare(creator, before, after, as_of=as_of))


@router.get(
    f"{OF}/statement",
    name="statement",
    dependencies=READ,
    response_class=Response,
    responses=MARKDOWN,
)
def statement(
    request: Request,
    creator: Creator,
    sanction: Annotated[str, Query(max_length=WIDEST)],
    lang: Literal["en", "zh"] = "en",
    as_of: Time = None,
    known_at: Time = None,
) -> Response:
    """The statement of reasons for one sanction, as Markdown."""
    ledgers: Ledgers = request.app.state.ledgers
    with ledgers.borrow() as ledger:
        text = ledger.statement(creator, sanction, lang, as_of=as_of, known_at=known_at)
    return Response(text, media_type="text/markdown")


@router.get(f"{OF}/facts", name="creator_facts", dependencies=READ)
def facts(request: Request, creator: Creator) -> Response:
    """All facts of a creator as CloudEvents, in the order of the log."""

    def told(ledger: Ledger) -> object:
        events = ledger.facts(creator)
        return {"facts": events, "version": len(events)}

    return ask(request, told)


@router.get(f"{OF}/what-if", name="what_if_of_url", dependencies=READ)
def what_if_of_url(
    request: Request,
    creator: Creator,
    scenario: Scenario = "",
    as_of: Time = None,
    known_at: Time = None,
) -> Response:
    """The record beside the same with other facts or rules, of a scenario in the URL."""
    given = Comparison(scenario=steps(scenario), as_of=as_of, known_at=known_at)
    return what_if(request, creator, given)


@router.post(f"{OF}/what-if", name="what_if", dependencies=READ)
def what_if(request: Request, creator: Creator, asked: Comparison) -> Response:
    """The record beside the same with other facts or rules. Nothing is written."""
    return ask(request, lambda ledger: ledger.what_if(creator, every=asked.every, **about(asked)))


@router.post(f"{OF}/orders", name="orders", dependencies=READ)
def orders(request: Request, creator: Creator, asked: Ordered) -> Response:
    """Every legal order of some facts, by what comes out."""
    return ask(request, lambda ledger: ledger.orders(creator, among=asked.among, **about(asked)))


@router.post(f"{OF}/avoid", name="avoid", dependencies=READ)
def avoid(request: Request, creator: Creator, asked: Avoided) -> Response:
    """The smallest sets of single changes that avoid a stop, or reach a score."""
    return ask(request, lambda ledger: ledger.avoid(creator, asked.target, **about(asked)))


@router.post(f"{OF}/afford", name="afford", dependencies=READ)
def afford(request: Request, creator: Creator, asked: Supposed) -> Response:
    """How many more points can be lost before each node."""
    return ask(request, lambda ledger: ledger.afford(creator, **about(asked)))


@router.post(f"{OF}/wrongful", name="wrongful", dependencies=READ)
def wrongful(request: Request, creator: Creator, asked: Supposed) -> Response:
    """What penalties had cost whose appeals were granted."""
    return ask(request, lambda ledger: ledger.wrongful(creator, **about(asked)))


@router.post(f"{OF}/which-figures", name="which_figures", dependencies=READ)
def which_figures(request: Request, creator: Creator, asked: Supposed) -> Response:
    """Which figures of the rulebook, changed alone by how little, change score or stops."""
    return ask(request, lambda ledger: ledger.which_figures(creator, **about(asked)))
