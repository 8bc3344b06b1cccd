"""One creator's history as a page, and beside it the other one where something is supposed.

The URL is all there is to know: which creator, the two times, the steps of the scenario.
"""

from collections.abc import Mapping
from io import StringIO
from typing import Annotated, Any
from urllib.parse import quote, urlencode
from xml.etree.ElementTree import Element

from fastapi import APIRouter, Depends, Query, Request, Response
from rich.console import Console
from starlette.responses import RedirectResponse

from ledger.errors import InputError, LedgerError
from projections.standing.replay import Replay, Ruling
from projections.standing.writing import instant
from replay.library.scenarios import read_scenario
from replay.pages import answers, evidence
from replay.pages.adapter import chart, fact_title, told_then
from replay.pages.case import Case
from replay.pages.footnotes import Footnotes
from replay.pages.page import blocks
from replay.pages.prose import said
from replay.picture.elements import add, as_html, node
from replay.web.access.gate import may
from replay.web.access.grants import Action
from replay.web.access.principals import Principal
from replay.web.ledgers import Ledgers
from replay.web.page.shell import PRIVATE, shown
from replay.web.page.suppose import further
from replay.web.page.words import language_of, word
from replay.web.steps import Step, steps, text
from replay.whatif.asked import answer
from replay.whatif.counterfactual import compare
from replay.whatif.paper import Paper

router = APIRouter()
READER = Annotated[Principal, Depends(may(Action.READ_CREATOR))]
Time = Annotated[str, Query(max_length=64)]
Scenario = Annotated[str, Query(max_length=20_000)]
PANELS = ("orders", "avoid", "which_figures", "afford", "wrongful")
ROWS = 200
"""Of the ledger table, on one page."""
WIDTH = 100
"""Columns of an answer in lines."""


@router.get("/open", name="open")
def open_(_: READER, creator: Annotated[str, Query(max_length=1024)]) -> Response:
    """From the search field to the page."""
    return RedirectResponse(f"/creators/{quote(creator, safe='')}", 303)


@router.get("/creators/{creator:path}/suppose", name="suppose")
def suppose(request: Request, _: READER, creator: str, scenario: Scenario = "") -> Response:
    """From a form to the page whose URL has one step more."""
    form = dict(request.query_params)
    given = further(steps(scenario), form)
    return RedirectResponse(_url(creator, request, given), 303)


@router.get("/creators/{creator:path}/asked/{what}", name="asked")
def asked(
    request: Request,
    _: READER,
    creator: str,
    what: str,
    scenario: Scenario = "",
    target: Annotated[str, Query(max_length=200)] = "",
    as_of: Time = "",
    known_at: Time = "",
) -> Response:
    """What else may be asked, in lines."""
    if what not in PANELS or (what == "avoid" and not target):
        raise InputError(f"found {what[:40]!r}; wanted one of {', '.join(PANELS)}")
    language = language_of(request)
    ledgers: Ledgers = request.app.state.ledgers
    with ledgers.borrow() as ledger:
        question = ledger.question(as_of or None, known_at or None)
        words: Any = target if what == "avoid" else [] if what == "orders" else True
        found = answer(question, creator, read_scenario(steps(scenario)), what, words)
        out = Console(file=StringIO(), width=WIDTH, highlight=False, markup=False, emoji=False)
        found.show(out, language, every=False)
        written = out.file.getvalue()  # type: ignore[attr-defined]
    return _part(node("pre", "lines", written))


@router.get("/creators/{creator:path}/facts/{position}", name="fact")
def fact(
    request: Request,
    _: READER,
    creator: str,
    position: int,
    as_of: Time = "",
    known_at: Time = "",
) -> Response:
    """One fact: its ruling, what was asked, the clauses in their own words."""
    language = language_of(request)
    ledgers: Ledgers = request.app.state.ledgers
    with ledgers.borrow() as ledger:
        question = ledger.question(as_of or None, known_at or None)
        replay = question.ask(creator, rulings=True)
        case = Case(replay, language, {}, question.now)
        panel = _fact(case, position)
    return _part(panel)


def _part(element: Element) -> Response:
    """A part of a page, for the script to put in place."""
    return Response(as_html(element), headers=PRIVATE, media_type="text/html; charset=utf-8")


def _fact(case: Case, position: int) -> Element:
    rulings = case.replay.rulings
    ruling = next((each for each in rulings if each.envelope.position == position), None)
    if ruling is None:
        raise LedgerError(f"no fact at position {position} is known of this creator at that time")
    why = case.explainer.ruling(ruling)
    case.story = [(ruling, why)]  # the evidence of this one alone
    case.rulings = case.decisions = [(ruling, why)]
    notes = Footnotes(case)
    close = node("button", "close", "×", aria_label=word("close", case.language))
    when = case.clock(ruling.envelope.effective_at)
    panel = node(
        "section",
        "fact",
        close,
        node("h2", "", f"{when} · {fact_title(ruling, case.language)}"),
        answers.total(case, ruling, mark=""),
        said("p", "", why.text[case.language]),
    )
    add(panel, node("p", "sub", f"{ruling.rulebook.label} · {ruling.envelope.id}"))
    for block in (evidence.conditions(case), evidence.clauses(case, notes)):
        if block is not None:
            block.set("open", "open")
            block.attrib.pop("id", None)
            add(panel, block)
    return panel


@router.get("/creators/{creator:path}", name="creator")
def creator_page(
    request: Request,
    principal: READER,
    creator: str,
    scenario: Scenario = "",
    as_of: Time = "",
    known_at: Time = "",
    skip: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Response:
    """The history, and what would be; `skip` leaves so many of the last rows out of the table."""
    language = language_of(request)
    given = steps(scenario)
    ledgers: Ledgers = request.app.state.ledgers
    with ledgers.borrow() as ledger:
        question = ledger.question(as_of or None, known_at or None)
        if given:
            found = compare(question, creator, read_scenario(given), (language,))
            paper = Paper(found, language, question.now)
            head, main = answers.head(paper.cases[0]), paper.main(movable=True)
            replay = paper.cases[0].replay
        else:
            facts = question.known_facts(creator)
            replay = question.replay(creator, facts, rulings=True)
            then = told_then(replay, facts, question)
            case = Case(replay, language, then, question.now, (skip, ROWS))
            head, main = answers.head(case), _history(case, own=not principal.staff)
            _turn_pages(main, request, creator, skip, language)
        first = min((r.envelope.effective_at for r in replay.rulings), default=replay.as_of)
        now, zone = question.now, replay.rulebook.zone
        position = ledger.head()
        question.pin()
    main.set("data-creator", creator)
    main.set("data-position", str(position))
    main.set("data-live", "" if as_of or known_at else "live")
    times = {"first": instant(first, zone), "now": instant(now, zone)}
    tools = node("aside", "tools", _times(language, as_of, known_at, scenario, times))
    if principal.staff:
        add(tools, _suppose(request, creator, given, replay, language))
        add(tools, _panels(request, creator, language))
    last = max(i for i, block in enumerate(main) if block.tag == "figure")
    main.insert(last + 1, tools)  # below the picture that they move
    return shown(request, principal, replay.subject, head, main)


def _history(case: Case, *, own: bool) -> Element:
    picture = chart(case.replay, case.language, case.then)
    picture.movable = not own
    main = blocks(case, picture, own=own)
    main.set("data-rows", str(len(case.events)))
    return main


def _turn_pages(main: Element, request: Request, creator: str, skip: int, language: str) -> None:
    """Below the table: earlier rows, later ones."""
    there, rows = main.find("details[@id='ledger']/div"), int(main.get("data-rows", "0"))
    if there is None:
        return
    turns = node("p", "turns")
    for key, other in (("earlier_rulings", skip + ROWS), ("later_rulings", max(skip - ROWS, 0))):
        if other != skip and other < rows:
            query = [*_kept(request, "as_of", "known_at"), ("skip", str(other))]
            href = f"{_url(creator, request, []).partition('?')[0]}?{urlencode(query)}#ledger"
            add(turns, node("a", "", word(key, language), href=href), " ")
    if skip:
        main.find("details[@id='ledger']").set("open", "open")  # type: ignore[union-attr]
    add(there, turns)


def _field(name: str, label: str, value: str = "", kind: str = "text") -> list[Element]:
    made = node("input", "", id=name, name=name, type=kind, value=value)
    return [node("label", "", label, **{"for": name}), made]


def _hidden(name: str, value: str) -> Element:
    return node("input", "", type="hidden", name=name, value=value)


def _times(
    language: str, as_of: str, known_at: str, scenario: str, times: Mapping[str, str]
) -> Element:
    """Two times; a script puts a slider beside each."""
    form = node("form", "times", method="get")
    for name, value in (("as_of", as_of), ("known_at", known_at)):
        row = node("p", "", *_field(name, word(name, language), value))
        slider = node(
            "input", "slider", type="range", min="0", max="1000", step="1", value="1000",
            aria_label=word(name, language),
        )  # fmt: skip
        slider.set("data-of", name)
        slider.set("data-first", times["first"])
        slider.set("data-last", times["now"])
        add(form, add(row, slider))
    if scenario:
        add(form, _hidden("scenario", scenario))
    add(form, node("button", "", word("show", language)))
    return node("details", "", node("summary", "", word("times", language)), form)


def _suppose(
    request: Request, creator: str, given: list[Step], replay: Replay, language: str
) -> Element:
    """Forms for each kind of step; what is done by hand on the picture goes the same way."""
    where = f"/creators/{quote(creator, safe='')}/suppose"
    kept = [_hidden("scenario", text(given))] if given else []
    kept += [_hidden(name, value) for name, value in _kept(request, "as_of", "known_at")]

    def form(kind: str, *fields: Element) -> Element:
        button = node("button", "", word("apply", language))
        return node(
            "form", f"step {kind}", _hidden("kind", kind), *kept, *fields, button,
            method="get", action=where,
        )  # fmt: skip

    chosen = node("select", "", name="event", aria_label=word("fact", language))
    for ruling in replay.rulings[-200:]:
        add(chosen, node("option", "", _option(ruling, replay, language), value=ruling.envelope.id))
    other = node("select", "", *chosen, name="event", aria_label=word("fact", language))
    block = node("details", "suppose", node("summary", "", word("suppose", language)))
    if given:
        block.set("open", "open")
    add(
        block,
        node("p", "sub", word("suppose_note", language)),
        form("drop", node("span", "verb", word("drop", language)), chosen),
        form(
            "move",
            node("span", "verb", word("move", language)),
            other,
            *_field("to", word("to", language)),
        ),
        form("set", *_field("figure", word("set", language))),
        form("rulebook", *_field("rulebook", word("rulebook", language))),
        form("add", *_field("fact", word("add", language))),
    )
    if given:
        back = node("a", "", word("again", language), href=_url(creator, request, []))
        add(block, form_of_undo(form, language), node("p", "", back))
    return block


def form_of_undo(form: Any, language: str) -> Element:
    """The step before."""
    made: Element = form("undo")
    made[-1].text = word("undo", language)
    return made


def _option(ruling: Ruling, replay: Replay, language: str) -> str:
    when = instant(ruling.envelope.effective_at, replay.rulebook.zone)[:16].replace("T", " ")
    return f"{when} {fact_title(ruling, language)}"


def _panels(request: Request, creator: str, language: str) -> Element:
    """What else may be asked, each when it is opened."""
    block = node("div", "panels")
    base = f"/creators/{quote(creator, safe='')}/asked/"
    kept = _kept(request, "scenario", "as_of", "known_at")
    for name in PANELS:
        form = node("form", "panel", method="get", action=base + name)
        add(form, *(_hidden(k, v) for k, v in kept))
        if name == "avoid":
            label = word("avoid_what", language)
            field = node("input", "", name="target", placeholder=label, aria_label=label)
            field.set("required", "required")
            add(form, field)
        add(form, node("button", "", word("ask", language)), node("output", ""))
        add(block, node("details", "", node("summary", "", word(name, language)), form))
    return block


def _kept(request: Request, *names: str) -> list[tuple[str, str]]:
    """What a URL goes on with."""
    return [(name, value) for name in names if (value := request.query_params.get(name))]


def _url(creator: str, request: Request, given: list[Step]) -> str:
    query = _kept(request, "as_of", "known_at")
    if given:
        query.append(("scenario", text(given)))
    return f"/creators/{quote(creator, safe='')}" + (f"?{urlencode(query)}" if query else "")
