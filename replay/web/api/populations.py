"""Other rules for everybody: a job that is begun, looked at, and ended."""

from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any, Literal, TypedDict

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ledger.errors import ConflictError, LedgerError
from projections.standing.writing import json_line
from replay.library import Population, population
from replay.library.everybody import Answer, Figure
from replay.web.access.gate import may
from replay.web.access.grants import Action
from replay.web.access.principals import Principal
from replay.web.api.answers import JSON, answer, part
from replay.web.api.asked import Place, Size
from replay.web.jobs import Job, Jobs, State, progress
from replay.web.ledgers import Ledgers
from replay.web.settings import Settings
from replay.web.steps import MOST, Step
from replay.web.stream import EventStream

router = APIRouter(tags=["populations"])
Asker = Annotated[Principal, Depends(may(Action.ASK_EVERYBODY))]
Reader = Annotated[Principal, Depends(may(Action.READ_EVERYBODY))]
Name = Annotated[str, Path(max_length=64, description="As `Location` has it.")]
Short = Annotated[str, Field(max_length=200)]
Value = bool | Figure
JOB = "/populations/{job}"
BEGUN: dict[int | str, dict[str, Any]] = {
    202: {
        "description": "It is on its way",
        "headers": {"Location": {"description": "Of the job", "schema": {"type": "string"}}},
    }
}


class Asked(BaseModel):
    """What is asked of everybody, as of the command `population`."""

    model_config = ConfigDict(extra="forbid")
    of: Short = "douyin-creator"
    scenario: list[Step] = Field([], max_length=MOST)
    rulebook: Short = ""
    set: dict[Short, Value] = Field({}, max_length=MOST)
    recoveries: Literal["recorded", "due"] = "recorded"
    sweep: dict[Short, tuple[Value, Value, Value]] = Field({}, max_length=MOST)
    where: list[Short] = Field([], max_length=MOST)
    sample: int | None = Field(None, ge=1, le=10**9)
    seed: int = Field(0, ge=0, le=2**62)
    orders: bool = False
    wrongful: bool = False
    check: float = Field(0, ge=0, le=1)
    as_of: str | None = Field(None, max_length=64)
    known_at: str | None = Field(None, max_length=64)


class Begun(TypedDict):
    """Where a job is; `answer` is the object of `population --json`, once it is there."""

    job: str
    state: State
    done: int
    total: int
    error: str | None
    answer: Answer | None


class _SoundError(Exception):
    """All that can be refused was."""


@router.post("/populations", name="begin_population", status_code=202, responses=BEGUN)
def begin(request: Request, principal: Asker, asked: Asked) -> Response:
    """Begin it. What can be refused is refused now; `Location` says where the answer will be."""
    state = request.app.state
    settings: Settings = state.settings
    ledgers: Ledgers = state.ledgers

    def work(job: Job) -> Population:
        with ledgers.borrow() as ledger:
            job.total = asked.sample or sum(1 for _ in ledger.creators())
        return _population(settings, asked, job.advance)

    with suppress(_SoundError):
        _population(settings, asked, _sound)
    job = state.jobs.begin(principal.token, asked.model_dump_json(), work)
    where = request.app.url_path_for("population_job", job=job.name)
    body = json_line(_begun(job)).encode()
    return Response(body, 202, {"Location": where}, JSON)


def _sound(_: int) -> None:
    raise _SoundError


def _population(settings: Settings, asked: Asked, advance: Callable[[int], object]) -> Population:
    return population(
        settings.db,
        rulebooks=settings.rulebooks,
        archive=settings.archive,
        advance=advance,
        **asked.model_dump(),
    )


def _job(request: Request, principal: Principal, name: str) -> Job:
    jobs: Jobs = request.app.state.jobs
    return jobs.find(name, principal.token)


def _begun(job: Job) -> Begun:
    """What is said of a job. Raises what is a fault of ours."""
    state = job.state
    said: Begun = {
        "job": job.name, "state": state, "done": job.done, "total": job.total,
        "error": None, "answer": None,
    }  # fmt: skip
    if state in ("done", "failed"):
        try:
            said["answer"] = job.answer().answer
        except LedgerError as error:
            said["error"] = str(error)
    return said


@router.get(JOB, name="population_job")
def look(request: Request, principal: Asker, job: Name) -> Response:
    """How far it is; the answer, when it is there."""
    return answer(request, _begun(_job(request, principal, job)))


@router.get(f"{JOB}/moved", name="population_moved")
def moved(
    request: Request, principal: Reader, job: Name, after: Place = 0, limit: Size = 100
) -> Response:
    """Who is newly stopped or freed, as `population --list` has them."""
    found = _job(request, principal, job)
    if not found.ended:
        raise ConflictError("there is no answer yet: wait until its state is done")
    return answer(request, part("moved", found.answer().moved(), after, limit))


@router.get(f"{JOB}/events", name="population_job_events", response_class=EventStream)
async def events(request: Request, principal: Asker, job: Name) -> EventStream:
    """How far it is, until it has ended."""
    return progress(_job(request, principal, job))


@router.delete(JOB, name="end_population", status_code=204)
def end(request: Request, principal: Asker, job: Name) -> Response:
    """End it, where it has not, and forget it."""
    jobs: Jobs = request.app.state.jobs
    jobs.end(_job(request, principal, job))
    return Response(status_code=204)
