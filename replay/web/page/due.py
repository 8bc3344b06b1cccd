"""What falls due, the next first, and everybody by their ids: lists, page by page."""

from collections.abc import Mapping
from itertools import islice, takewhile
from typing import Annotated, Any
from urllib.parse import quote, urlencode
from xml.etree.ElementTree import Element

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.responses import RedirectResponse

from projections.standing.question import Question
from replay.library.overview import Overview
from replay.library.views import Open
from replay.pages.prose import cell, heading, table
from replay.picture.elements import add, node
from replay.web.access.gate import may
from replay.web.access.grants import Action
from replay.web.access.principals import Principal
from replay.web.jobs import Job, Jobs
from replay.web.page.shell import shown
from replay.web.page.words import language_of, word
from replay.whatif.words import Words

router = APIRouter()
READER = Annotated[Principal, Depends(may(Action.READ_EVERYBODY))]
DUE = ("stops", "appeal", "exam")
ROWS = 50


def latest(jobs: Jobs, ledgers: Any) -> tuple[Job, Job | None]:
    """The count of everybody that is newest, and the one before."""
    with ledgers.borrow() as ledger:
        head = ledger.head()

    def work(job: Job) -> Overview:
        with ledgers.borrow() as ledger:
            job.total = sum(1 for _ in ledger.creators())
            answer: Overview = ledger.overview(job.advance)
            return answer

    return jobs.newest("overview", head, work)


def creator_url(name: str) -> str:
    """Where the page of a creator is."""
    return f"/creators/{quote(name, safe='')}"


def worded(found: Overview, question: Question, language: str) -> dict[str, Words]:
    """{label of a rulebook: what its names are called}."""
    shelf = question.shelf
    labels = {each["rulebook"] for each in (*found["stops"], *found["scores"])}
    return {
        label: Words(
            [shelf.find(label), *shelf.versions(label.partition("@")[0], drafts=True)], language
        )
        for label in labels
    }


def due(
    what: str, found: Overview, question: Question, language: str, page: int, size: int
) -> list[Element]:
    """One list, from its first page or a later one; nothing where it is empty."""
    every: list[Any] = [*found["stops"]]
    if what != "stops":
        every = [each for each in found["windows"] if each["kind"] == what]
    rows = every[(page - 1) * size : page * size]
    if not rows:
        return []
    first = {"n": f"{len(rows):,}", "all": f"{len(every):,}"}
    note = word("overview_first", language, first) if len(rows) < len(every) else ""
    made = [heading(word(f"overview_{what}", language), note)]
    if what == "stops":
        words = worded(found, question, language)
        heads = ["creator_id", "stop_of", "ends"]
        cells = [_stop(each, words[each["rulebook"]], language) for each in rows]
    else:
        heads = ["creator_id", "violation", "ends", "days_left"]
        cells = [_window(each, language) for each in rows]
    made.append(table([(word(key, language), "") for key in heads], cells))
    if size < ROWS and len(every) > size:
        said = word("overview_all", language, {"n": f"{len(every):,}"})
        made.append(node("p", "", node("a", "", said, href=f"/due/{what}")))
    return made


def _stop(each: Mapping[str, Any], words: Words, language: str) -> Element:
    return node(
        "tr", "", _name(each["creator"]),
        cell(words.row({k: each[k] for k in ("node", "feature")})),
        cell((each["until"] or word("no_end", language))[:16].replace("T", " ")),
    )  # fmt: skip


def _window(each: Open, language: str) -> Element:
    left = word("days", language, {"n": str(each["days"])}) if each["days"] else ""
    return node(
        "tr", "", _name(each["creator"]), cell(each["violation"]),
        cell(each["until"][:16].replace("T", " ")), cell(left or word("today", language)),
    )  # fmt: skip


def _name(creator: str) -> Element:
    return node("td", "", node("a", "", creator, href=creator_url(creator)))


@router.get("/due/{what}", name="due")
def due_page(
    request: Request,
    principal: READER,
    what: Annotated[str, Path(pattern="^(stops|appeal|exam)$")],
    page: Annotated[int, Query(ge=1, le=10**6)] = 1,
) -> Response:
    """All of one list, as it was counted last."""
    language = language_of(request)
    job, before = latest(request.app.state.jobs, request.app.state.ledgers)
    ready = job if job.ended else before
    if ready is None:
        return RedirectResponse("/overview", 303)  # which says how far it is
    found: Overview = ready.answer()
    with request.app.state.ledgers.borrow() as ledger:
        parts = due(what, found, ledger.question(), language, page, ROWS)
    title = word(f"overview_{what}", language)
    said = {
        "creators": f"{found['creators']:,}", "position": f"{found['position']:,}",
        "as_of": (found["as_of"] or "")[:16].replace("T", " "),
    }  # fmt: skip
    main = node("main", "", node("h1", "", title))
    add(main, node("p", "second", word("overview_head", language, said)), *parts[1:])
    all_of = found["stops"] if what == "stops" else found["windows"]
    every = sum(1 for each in all_of if what == "stops" or each.get("kind") == what)
    add(main, turns(f"/due/{what}?page=", page, -(-every // ROWS), language))
    return shown(request, principal, title, main)


def turns(url: str, page: int, pages: int, language: str) -> Element:
    """Where one is, and the ways to the pages beside."""
    line = node("p", "turns", f"{page} / {max(pages, 1)} ")
    for number, key in ((page - 1, "earlier"), (page + 1, "later")):
        if 1 <= number <= pages:
            add(line, node("a", "", word(key, language), href=f"{url}{number}"), " ")
    return line


def begins(asked: str, language: str) -> list[Element]:
    """The form that finds creators by how their ids begin."""
    label = node("label", "", word("begins", language), **{"for": "begins"})
    field = node("input", "", id="begins", name="begins", value=asked, maxlength="1024")
    button = node("button", "", word("list", language))
    form = node(
        "form", "ask", node("p", "", label, field), button, method="get", action="/creators"
    )
    return [heading(word("creators", language)), form]


@router.get("/creators", name="creators_page")
def creators_page(
    request: Request,
    principal: READER,
    begins_with: Annotated[str, Query(alias="begins", max_length=1024)] = "",
    after: Annotated[str, Query(max_length=1024)] = "",
) -> Response:
    """Everybody whose id begins so, in the order of their ids."""
    language = language_of(request)
    with request.app.state.ledgers.borrow() as ledger:
        begin = after or begins_with
        own = [begins_with] if begins_with and not after and ledger.knows(begins_with) else []
        known = takewhile(lambda each: each.startswith(begins_with), ledger.creators(begin))
        found = [*own, *islice(known, ROWS + 1)]
    title = word("creators", language)
    main = node("main", "", node("h1", "", title), *begins(begins_with, language)[1:])
    if found:
        add(main, table([(word("creator_id", language), "")], [
            node("tr", "", _name(each)) for each in found[:ROWS]
        ]))  # fmt: skip
    else:
        add(main, node("p", "second", word("creators_none", language)))
    if len(found) > ROWS:
        query = urlencode({"begins": begins_with, "after": found[ROWS - 1]})
        add(main, node("p", "", node("a", "", word("later", language), href=f"/creators?{query}")))
    return shown(request, principal, title, main)
