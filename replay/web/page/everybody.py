"""Other rules for everybody: a form, a job with its progress, and the answer with its plots.

The URL is the question. Without a script the page asks again by itself until there is an answer.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote, urlencode
from xml.etree.ElementTree import Element

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from ledger.errors import InputError, LedgerError
from projections.explain.phrases import Phrase, say
from projections.standing.writing import json_line
from replay.library import Population, population
from replay.picture.elements import add, node
from replay.web.access.gate import may
from replay.web.access.grants import GRANTS, Action
from replay.web.access.principals import Principal
from replay.web.jobs import Job, Jobs
from replay.web.page.shell import shown
from replay.web.page.words import language_of, word
from replay.web.steps import text

router = APIRouter()
ASKER = Annotated[Principal, Depends(may(Action.ASK_EVERYBODY))]
Word = Annotated[str, Query(max_length=200)]
Words = Annotated[list[str], Query(max_length=20)]
PATIENCE = 0.7
"""Seconds that a page waits for a job before it shows how far it is."""
LOOK = 0.2
ROWS = 50
"""Creators of a list on one page."""
RECOVERIES = ("recorded", "due")


class Asked(NamedTuple):
    """The question, as the URL has it."""

    of: str
    rulebook: str
    set: tuple[str, ...]
    sweep: str
    where: tuple[str, ...]
    recoveries: str
    sample: int | None

    def url(self, **other: Any) -> str:
        """This question, or one that differs in something."""
        said = self._replace(**{k: v for k, v in other.items() if k in self._fields})
        rest = [(k, str(v)) for k, v in other.items() if k not in self._fields]
        pairs = [
            (k, v) for k, v in said._asdict().items() if v and (k, v) != ("recoveries", "recorded")
        ]
        return "/population?" + urlencode(
            [*((k, list(v) if isinstance(v, tuple) else v) for k, v in pairs), *rest], doseq=True
        )


def asked(
    of: Word = "",
    rulebook: Word = "",
    set: Words = [],  # noqa: B006  the names of the form, and never changed
    sweep: Word = "",
    where: Words = [],  # noqa: B006
    recoveries: Word = "recorded",
    sample: Word = "",
) -> Asked:
    """Raises InputError for what is no question."""
    if sample and not (sample.isascii() and sample.isdigit() and int(sample) > 0):
        raise InputError(f"found {sample[:20]!r}; a sample is a number of creators")
    if recoveries not in RECOVERIES:
        raise InputError(f"found {recoveries[:20]!r}; wanted {' or '.join(RECOVERIES)}")
    given = tuple(each.strip() for each in set if each.strip())
    if wrong := [each for each in given if not all(each.partition("=")[::2])]:
        raise InputError(f"found {wrong[0]!r}; a figure is changed by KEY=VALUE")
    if sweep.strip() and not all(sweep.partition("=")[::2]):
        raise InputError(f"found {sweep!r}; a figure is swept by KEY=FIRST:LAST:STEP")
    parts = tuple(each.strip() for one in where for each in one.split(",") if each.strip())
    return Asked(
        of.strip(), rulebook.strip(), given, sweep.strip(), parts, recoveries,
        int(sample) if sample else None,
    )  # fmt: skip


@router.get("/population", name="population")
def population_page(
    request: Request,
    principal: ASKER,
    question: Annotated[Asked, Depends(asked)],
    ask: Word = "",
    page: Annotated[int, Query(ge=1, le=10**6)] = 1,
) -> Response:
    """The form; the answer, or how far it is."""
    language = language_of(request)
    title = word("everybody", language)
    names, figures = _rules(request, question.of)
    question = question._replace(of=question.of or names[0])
    form = _form(question, names, figures, language)
    if not (ask or question.set or question.sweep or question.rulebook or question.where):
        main = node("main", "", node("h1", "", title), node("p", "second", _held(language)), form)
        return shown(request, principal, title, main)
    job = _job(request, question)
    if not job.wait(PATIENCE):
        return shown(request, principal, title, _waiting(job, form, title, language))
    try:
        answer: Population = job.answer()
    except LedgerError as error:
        said = node("p", "stopped", str(error), role="alert")
        return shown(
            request, principal, title, node("main", "", node("h1", "", title), said, form),
            status=422,
        )  # fmt: skip
    top, main = answer.paper(language).parts()
    fold = node("details", "asked", node("summary", "", word("ask", language)), form)
    main.insert(0, fold)
    _slider(main, answer, question)
    if answer.answer["moves"] and Action.READ_EVERYBODY in GRANTS[principal.role]:
        _movers(main, answer, question, page, language)
    return shown(request, principal, title, top, main)


def _held(language: str) -> str:
    return say(Phrase("population.held_fixed"), language)


def _rules(request: Request, of: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Names of rulebooks, the usual one first; figures of the newest version of one."""
    with request.app.state.ledgers.borrow() as ledger:
        names = list(dict.fromkeys(each["name"] for each in ledger.rulebooks()))
        names.sort(key=lambda name: name != "douyin-creator")
        found = ledger.rulebook(of or names[0])["figures"]
    return names, [(each["key"], str(each["value"])) for each in found]


def _job(request: Request, question: Asked) -> Job:
    settings, ledgers = request.app.state.settings, request.app.state.ledgers
    with ledgers.borrow() as ledger:
        head = ledger.head()

    def work(job: Job) -> Population:
        if question.sample is None:
            with ledgers.borrow() as ledger:
                job.total = sum(1 for _ in ledger.creators())
        else:
            job.total = question.sample
        key, _, span = question.sweep.partition("=")
        figures = [each.partition("=") for each in question.set]
        return population(
            settings.db,
            rulebooks=settings.rulebooks,
            archive=settings.archive,
            of=question.of,
            rulebook=question.rulebook,
            set={name: value for name, _, value in figures},
            sweep={key: tuple(span.split(":"))} if key else None,  # type: ignore[dict-item]
            recoveries=question.recoveries,  # type: ignore[arg-type]
            where=question.where,
            sample=question.sample,
            advance=job.advance,
        )

    jobs: Jobs = request.app.state.jobs
    return jobs.ask((question, head), work)


def _waiting(job: Job, form: Element, title: str, language: str) -> Element:
    bar = node("progress", "", max=str(max(job.total, 1)), value=str(job.done), aria_label=title)
    waiting = node("p", "second", word("working", language))
    main = node("main", "", node("h1", "", title), waiting, bar, form)
    main.set("data-job", f"/population/{job.name}/events")
    # Without a script the page looks again by itself.
    main.insert(0, node("noscript", "", node("meta", http_equiv="refresh", content="2")))
    return main


def _form(
    question: Asked, names: list[str], figures: list[tuple[str, str]], language: str
) -> Element:
    def field(name: str, value: str, hint: str = "", **more: str) -> Element:
        made = node("input", "", id=f"p-{name}", name=name, value=value, placeholder=hint, **more)
        label = node("label", "", word(f"everybody_{name}", language), **{"for": f"p-{name}"})
        return node("p", "", label, made)

    def choice(name: str, values: list[str], chosen: str) -> Element:
        made = node("select", "", id=f"p-{name}", name=name)
        for value in values:
            said = word(f"everybody_{value}", language) if name == "recoveries" else value
            option = node("option", "", said, value=value)
            if value == chosen:
                option.set("selected", "selected")
            add(made, option)
        label = node("label", "", word(f"everybody_{name}", language), **{"for": f"p-{name}"})
        return node("p", "", label, made)

    first = next((each for each in figures if each[0].startswith("nodes.")), ("KEY", "VALUE"))
    form = node("form", "ask", method="get", action="/population")
    given = question.set or ("",)
    add(form, choice("of", names, question.of))
    for n, each in enumerate(given):
        row = field("set", each, f"{first[0]}={first[1]}", list="p-figures", autocomplete="off")
        for part in row:
            key = "for" if part.tag == "label" else "id"
            part.set(key, f"p-set-{n}")
        add(form, row)
    sample = "" if question.sample is None else str(question.sample)
    add(
        form,
        field("sweep", question.sweep, "nodes.8.below=4:10:1", autocomplete="off"),
        field("where", ",".join(question.where), "level>=4, cohort=2024", autocomplete="off"),
        field("rulebook", question.rulebook, "name@version", autocomplete="off"),
        choice("recoveries", list(RECOVERIES), question.recoveries),
        field("sample", sample, "10000", inputmode="numeric", autocomplete="off"),
        node("button", "", word("ask", language), name="ask", value="1"),
    )
    known = node("datalist", "", id="p-figures")
    for key, value in figures:
        add(known, node("option", "", value=f"{key}={value}"))
    return add(form, known)


def _slider(main: Element, answer: Population, question: Asked) -> None:
    """Below the curves: a thumb for the value, which leads to the answer at that value."""
    sweep = answer.answer["sweep"]
    if sweep is None or len(sweep["keys"]) != 1:
        return
    key = sweep["keys"][0]
    values = [str(value) for value in key["values"]]
    changed = dict(each.partition("=")[::2] for each in question.set)
    here = str(changed.get(key["key"]) or key["in_force"])
    place = values.index(here) if here in values else 0
    slider = node(
        "input", "sweep", type="range", min="0", max=str(len(values) - 1), step="1",
        value=str(place), id="sweep", list="sweep-values",
    )  # fmt: skip
    points = []
    others = tuple(each for each in question.set if not each.startswith(f"{key['key']}="))
    for value in values:
        points.append({"value": value, "url": question.url(set=(*others, f"{key['key']}={value}"))})
    slider.set("data-points", json_line(points))
    label = node("label", "", f"{key['key']}: ", node("output", "", here), **{"for": "sweep"})
    links = node("p", "sub values")
    for point in points:
        add(links, node("a", "", point["value"], href=point["url"]), " ")
    block = node("div", "sweeper", label, slider, links)
    figure = next(n for n, each in enumerate(main) if each.tag == "figure")
    main.insert(figure + 1, block)


def _movers(main: Element, answer: Population, question: Asked, page: int, language: str) -> None:
    """Who is newly stopped or freed, some at a time; each leads to the same change for them."""
    moved = answer.moved()
    if not moved:
        return
    steps = text(answer.answer["scenario"]["steps"])

    def link(creator: str) -> str:
        return f"/creators/{quote(creator, safe='')}?{urlencode({'scenario': steps})}"

    rows = [dict(each) for each in moved[(page - 1) * ROWS : page * ROWS]]
    block = node("section", "movers", node("h2", "", word("movers", language)))
    add(block, answer.paper(language).movers(rows, link))
    pages = -(-len(moved) // ROWS)
    ways = [(n, word(key, language)) for n, key in ((page - 1, "earlier"), (page + 1, "later"))]
    turns = [node("a", "", said, href=question.url(page=n)) for n, said in ways if 1 <= n <= pages]
    if turns:
        line = node("p", "turns", f"{page} / {pages} ")
        for turn in turns:
            add(line, turn, " ")
        add(block, line)
    first = next((n for n, each in enumerate(main) if each.tag == "details" and n), len(main))
    main.insert(first, block)


@router.get("/population/{job}/events", name="population_events")
async def events(request: Request, _: ASKER, job: str) -> StreamingResponse:
    """How far a job is, until it has ended."""
    return progress(request.app.state.jobs, job)


def progress(jobs: Jobs, job: str) -> StreamingResponse:
    """Server-sent events. Raises LedgerError where there is no such job."""
    found = jobs.find(job)
    if found is None:
        raise LedgerError("there is no such job: ask again")

    async def lines() -> AsyncIterator[bytes]:
        while not found.ended:
            if jobs.closed:
                return
            said = json_line({"done": found.done, "total": found.total})
            yield f"event: progress\ndata: {said}\n\n".encode()
            await asyncio.sleep(LOOK)
        yield b"event: done\ndata: {}\n\n"

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(lines(), headers=headers, media_type="text/event-stream")
