"""What would be: each question with its scenario in the body, or in a URL that can be passed on."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ledger.errors import InputError
from replay.web.api.asked import OF, READ, WIDEST, Creator, Time, ask
from replay.web.steps import MOST, Step, steps

router = APIRouter(tags=["what if"])
MOST_FACTS = 20
"""Facts that change places."""
Scenario = Annotated[
    str, Query(max_length=20_000, description='Steps as JSON: `[{"drop": "e5"}]`.')
]
Target = Annotated[str, Query(max_length=WIDEST, description="A stop, or a score: `score>=9`.")]
Among = Annotated[
    list[str],
    Query(max_length=MOST_FACTS, description='An id, or `{"type": "exam_sat"}`.'),
]


class Supposed(BaseModel):
    """A scenario, and the two times that it is asked about."""

    model_config = ConfigDict(extra="forbid")
    scenario: list[Step] = Field([], max_length=MOST)
    as_of: str | None = Field(None, max_length=64)
    known_at: str | None = Field(None, max_length=64)


def of_url(scenario: Scenario = "", as_of: Time = None, known_at: Time = None) -> Supposed:
    """The same out of a URL."""
    return Supposed(scenario=steps(scenario), as_of=as_of, known_at=known_at)


Linked = Annotated[Supposed, Depends(of_url)]


class Comparison(Supposed):
    """The same, with the rulings that are the same too."""

    every: bool = False


class Avoided(Supposed):
    """What is to be avoided, or reached."""

    target: str = Field(max_length=WIDEST)


class Ordered(Supposed):
    """Which facts change places; none: all appeals and exams."""

    among: list[str | dict[str, Any]] = Field([], max_length=MOST_FACTS)


@router.post(f"{OF}/what-if", name="what_if", dependencies=READ)
def what_if(request: Request, creator: Creator, asked: Comparison) -> Response:
    """The record beside the same with other facts or rules. Nothing is written."""
    return ask(request, lambda ledger: ledger.what_if(creator, **asked.model_dump()))


@router.get(f"{OF}/what-if", name="what_if_of_url", dependencies=READ)
def what_if_of_url(
    request: Request, creator: Creator, asked: Linked, every: bool = False
) -> Response:
    """The same, of a URL."""
    return what_if(request, creator, Comparison(every=every, **asked.model_dump()))


@router.post(f"{OF}/orders", name="orders", dependencies=READ)
def orders(request: Request, creator: Creator, asked: Ordered) -> Response:
    """Every legal order of some facts, by what comes out."""
    return ask(request, lambda ledger: ledger.orders(creator, **asked.model_dump()))


@router.get(f"{OF}/orders", name="orders_of_url", dependencies=READ)
def orders_of_url(
    request: Request,
    creator: Creator,
    asked: Linked,
    among: Among = [],  # noqa: B006  FastAPI copies it
) -> Response:
    """The same, of a URL."""
    return orders(request, creator, Ordered(among=[*map(_fact, among)], **asked.model_dump()))


def _fact(text: str) -> str | dict[str, Any]:
    """An id, or conditions as JSON."""
    if not text.startswith("{"):
        return text
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(f"among: {text[:60]!r} is no JSON: {error}") from None


@router.post(f"{OF}/avoid", name="avoid", dependencies=READ)
def avoid(request: Request, creator: Creator, asked: Avoided) -> Response:
    """The smallest sets of single changes that avoid a stop, or reach a score."""
    return ask(request, lambda ledger: ledger.avoid(creator, **asked.model_dump()))


@router.get(f"{OF}/avoid", name="avoid_of_url", dependencies=READ)
def avoid_of_url(request: Request, creator: Creator, asked: Linked, target: Target) -> Response:
    """The same, of a URL."""
    return avoid(request, creator, Avoided(target=target, **asked.model_dump()))


@router.post(f"{OF}/afford", name="afford", dependencies=READ)
def afford(request: Request, creator: Creator, asked: Supposed) -> Response:
    """How many more points can be lost before each node."""
    return ask(request, lambda ledger: ledger.afford(creator, **asked.model_dump()))


@router.get(f"{OF}/afford", name="afford_of_url", dependencies=READ)
def afford_of_url(request: Request, creator: Creator, asked: Linked) -> Response:
    """The same, of a URL."""
    return afford(request, creator, asked)


@router.post(f"{OF}/wrongful", name="wrongful", dependencies=READ)
def wrongful(request: Request, creator: Creator, asked: Supposed) -> Response:
    """What penalties had cost whose appeals were granted."""
    return ask(request, lambda ledger: ledger.wrongful(creator, **asked.model_dump()))


@router.get(f"{OF}/wrongful", name="wrongful_of_url", dependencies=READ)
def wrongful_of_url(request: Request, creator: Creator, asked: Linked) -> Response:
    """The same, of a URL."""
    return wrongful(request, creator, asked)


@router.post(f"{OF}/which-figures", name="which_figures", dependencies=READ)
def which_figures(request: Request, creator: Creator, asked: Supposed) -> Response:
    """Which figures of the rulebook, changed alone by how little, change score or stops."""
    return ask(request, lambda ledger: ledger.which_figures(creator, **asked.model_dump()))


@router.get(f"{OF}/which-figures", name="which_figures_of_url", dependencies=READ)
def which_figures_of_url(request: Request, creator: Creator, asked: Linked) -> Response:
    """The same, of a URL."""
    return which_figures(request, creator, asked)
