"""Everybody at a glance: scores, who is stopped until when; and facts by what is in them."""

from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from ledger.errors import InputError
from ledger.facts.types import TYPE_NAME
from projections.explain.phrases import Phrase, Word, say
from projections.standing.question import Question
from replay.library.overview import Overview
from replay.pages.prose import cell, fold, heading, table
from replay.picture.elements import add, node
from replay.web.access.gate import may
from replay.web.access.grants import Action
from replay.web.access.principals import Principal
from replay.web.jobs import Jobs, progress
from replay.web.page.due import DUE, begins, creator_url, due, latest, worded
from replay.web.page.everybody import PATIENCE
from replay.web.page.shell import shown
from replay.web.page.words import language_of, word
from replay.web.stream import EventStream

router = APIRouter()
READER = Annotated[Principal, Depends(may(Action.READ_EVERYBODY))]
Field = Annotated[str, Query(max_length=1024)]
ROWS = 50
FIRST = 10
"""Of what falls due, so many are on the overview."""
HURRY = 0.1
"""Seconds to wait for a newer count where there is an older one."""
CLASSES = 24
"""Scores that are shown at once; where there are more, they are folded."""


@router.get("/overview", name="overview")
def overview_page(request: Request, principal: READER) -> Response:
    """How everybody stands: as of when it was worked out is said."""
    language = language_of(request)
    title = word("overview", language)
    ledgers, jobs = request.app.state.ledgers, request.app.state.jobs
    job, before = latest(jobs, ledgers)
    main = node("main", "", node("h1", "", title))
    ready = job.wait(PATIENCE if before is None else HURRY)
    if not ready and before is None:
        add(main, node("p", "second", word("working", language)))
        bar = node("progress", "", max=str(max(job.total, 1)), value=str(job.done))
        bar.set("aria-label", title)
        main.set("data-job", f"/overview/{job.name}/events")
        main.insert(0, node("noscript", "", node("meta", http_equiv="refresh", content="2")))
        return shown(request, principal, title, add(main, bar))
    found: Overview = job.answer() if ready or before is None else before.answer()
    with ledgers.borrow() as ledger:
        _fill(main, found, ledger.question(), language)
    if not ready:
        said = {"done": f"{job.done:,}", "total": f"{job.total:,}"}
        main.insert(2, node("p", "sub", word("overview_older", language, said)))
    add(main, *begins("", language), *_search({}, language))
    return shown(request, principal, title, main)


@router.get("/overview/{job}/events", name="overview_events")
async def events(request: Request, _: READER, job: str) -> EventStream:
    """How far it is, until it is there."""
    jobs: Jobs = request.app.state.jobs
    return progress(jobs.find(job))


def _fill(main: Any, found: Overview, question: Question, language: str) -> None:
    if found["as_of"] is None:
        add(main, node("p", "second", word("overview_empty", language)))
        return
    creators = f"{found['creators']:,}"
    stopped = {"n": f"{found['stopped']:,}", "creators": creators}
    main[0].text = word("overview_stopped", language, stopped)
    said = {
        "creators": creators,
        "as_of": found["as_of"][:16].replace("T", " "),
        "position": f"{found['position']:,}",
    }
    add(main, node("p", "second", word("overview_head", language, said)))
    for why, n in found["left_out"].items():
        left = {"n": f"{n:,}", "why": why}
        add(main, node("p", "sub", word("overview_left", language, left)))
    words = worded(found, question, language)
    for scores in found["scores"]:
        rows, most = scores["distribution"], max(n for _, n in scores["distribution"])
        note = f"{scores['rulebook']} · {say(Phrase('population.creators_by_score'), language)}"
        of = say(words[scores["rulebook"]].counter(scores["counter"]), language)
        made = table(
            [(word(n, language), k) for n, k in (("score", "n"), ("how_many", "n"), ("share", ""))],
            [
                node(
                    "tr", "", cell(str(score), "n"), cell(f"{n:,}", "n"),
                    node("td", "", node(
                        "meter", "", value=str(n), max=str(most), aria_label=f"{score}: {n:,}"
                    )),
                )
                for score, n in rows
            ],
        )  # fmt: skip
        if len(rows) > CLASSES:
            add(main, fold(f"scores-{scores['rulebook']}", of, note, made))
        else:
            add(main, heading(of, note), made)
    for what in DUE:
        add(main, *due(what, found, question, language, 1, FIRST))


def _search(asked: dict[str, str], language: str) -> list[Any]:
    """The form that finds facts."""
    form = node("form", "ask", method="get", action="/facts")
    for name in ("type", "creator", "clause", "batch", "since", "until", "data"):
        label = node("label", "", word(f"facts_{name}", language), **{"for": f"f-{name}"})
        if name == "type":
            field = node("select", "", node("option", "", "–", value=""), id="f-type", name=name)
            for each in TYPE_NAME.values():
                option = node("option", "", say(Word("types", each), language), value=each)
                if asked.get(name) == each:
                    option.set("selected", "selected")
                add(field, option)
        else:
            field = node("input", "", id=f"f-{name}", name=name, value=asked.get(name, ""))
        add(form, node("p", "", label, field))
    add(form, node("button", "", word("facts_find", language)))
    return [heading(word("facts_find", language)), form]


class Wanted(NamedTuple):
    """What the form asks for."""

    type: Field = ""
    creator: Field = ""
    clause: Field = ""
    batch: Field = ""
    since: Field = ""
    until: Field = ""
    data: Field = ""


@router.get("/facts", name="facts_page")
def facts_page(
    request: Request,
    principal: READER,
    given: Annotated[Wanted, Depends()],
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
) -> Response:
    """Facts that are wanted, some at a time."""
    language = language_of(request)
    asked, data = given._asdict(), given.data
    key, _, value = data.partition("=")
    if data and not (key and value):
        raise InputError(f"found {data[:60]!r}; wanted FIELD=VALUE")
    with request.app.state.ledgers.borrow() as ledger:
        found = ledger.search(
            types=[given.type] if given.type else [], creator=given.creator, clause=given.clause,
            batch=given.batch, since=given.since or None, until=given.until or None,
            data={key: value} if data else None, after=after, limit=ROWS,
        )  # fmt: skip
    title = word("facts", language)
    main = node("main", "", node("h1", "", title))
    rows = [
        node(
            "tr", "", cell(str(each["position"]), "n"),
            cell(str(event["time"])[:16].replace("T", " ")),
            node("td", "", node("a", "", event["subject"], href=creator_url(event["subject"]))),
            cell(say(Word("types", event["type"]), language)),
            cell(", ".join(f"{k}={v}" for k, v in (event.get("data") or {}).items())),
        )
        for each in found["facts"]
        for event in [dict(each["event"])]
    ]  # fmt: skip
    names = (
        ("position", "n"),
        ("when", ""),
        ("creator_id", ""),
        ("facts_type", ""),
        ("fields", ""),
    )
    if rows:
        add(main, table([(word(n, language), kind) for n, kind in names], rows))
    else:
        add(main, node("p", "second", word("facts_none", language)))
    if found["next"] is not None:
        again = {k: v for k, v in asked.items() if v} | {"after": str(found["next"])}
        more = word("facts_more", language, {"n": f"{found['next']:,}"})
        add(main, node("p", "", node("a", "", more, href=f"/facts?{urlencode(again)}")))
    add(main, *_search(asked, language))
    return shown(request, principal, title, main)
