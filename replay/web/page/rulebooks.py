"""The rules as prose, and the versions of each side by side."""

from typing import Annotated, Any
from urllib.parse import quote
from xml.etree.ElementTree import Element

from fastapi import APIRouter, Depends, Request, Response

from ledger.errors import InputError
from ledger.rulebook.prose.explained import Said, doubts, summary, told
from replay.drafts.history import about, changed, figure, history
from replay.pages.prose import cell, heading, table
from replay.picture.elements import add, node
from replay.web.access.gate import may
from replay.web.access.grants import Action
from replay.web.access.principals import Principal
from replay.web.page.shell import shown
from replay.web.page.words import language_of, word

router = APIRouter()
READER = Annotated[Principal, Depends(may(Action.READ_RULES))]
LONGEST = 200


@router.get("/rulebooks", name="rulebooks_page")
def rulebooks_page(request: Request, principal: READER) -> Response:
    """Every version of every rulebook."""
    language = language_of(request)
    with request.app.state.ledgers.borrow() as ledger:
        every: list[dict[str, Any]] = ledger.rulebooks()
    title = word("rules", language)
    main = node("main", "", node("h1", "", title))
    for name in dict.fromkeys(each["name"] for each in every):
        versions = [each for each in every if each["name"] == name]
        add(main, heading(versions[-1]["title"][language], name))
        rows = [
            node(
                "tr", "", node("td", "", _link(each["version"], f"{name}@{each['version']}")),
                cell(each["in_force_from"]),
                cell(word("draft" if each["draft"] else "published", language)),
                cell(each["hash"][:12]),
            )
            for each in reversed(versions)
        ]  # fmt: skip
        heads = [(word(key, language), "") for key in ("version", "in_force_from")]
        add(
            main, table([*heads, (word("state", language), ""), (word("hash", language), "")], rows)
        )
        if len(versions) > 1:
            side = word("side_by_side", language)
            add(main, node("p", "", _link(side, f"{name}/versions")))
    return shown(request, principal, title, main)


def _link(said: str, label: str) -> Element:
    return node("a", "", said, href=f"/rulebooks/{quote(label, safe='@/')}")


def _checked(label: str) -> str:
    if len(label) > LONGEST:
        raise InputError(f"the name of a rulebook has {LONGEST} characters at most")
    return label


@router.get("/rulebooks/{label}/versions", name="versions_page")
def versions_page(request: Request, principal: READER, label: str) -> Response:
    """What changed when, in force when."""
    language = language_of(request)
    with request.app.state.ledgers.borrow() as ledger:
        question = ledger.question()
        story = history(_checked(label), question.shelf, question.log, None)
    title = word("side_by_side", language)
    main = node("main", "", node("h1", "", f"{story.name}: {title}"))
    for chapter in reversed(story.chapters):
        version = chapter.rulebook.label
        add(main, node("h2", "", _link(version, version)))
        for line in about(chapter, language, log=story.log):
            add(main, node("p", "sub", line))
        rows = changed(chapter, None)
        if not rows or chapter.before is None:
            continue
        heads = [(word("figure_key", language), ""), (chapter.before.label, ""), (version, "")]
        add(main, table(heads, [
            node("tr", "", cell(row["key"]),
                 cell(figure(row["old"], language), "", chapter.before.version),
                 cell(figure(row["new"], language), "", chapter.rulebook.version))
            for row in rows
        ]))  # fmt: skip
    return shown(request, principal, title, main)


@router.get("/rulebooks/{label}", name="rulebook_page")
def rulebook_page(request: Request, principal: READER, label: str) -> Response:
    """One version as prose: each sentence with its source, those that are assumed marked."""
    language = language_of(request)
    with request.app.state.ledgers.borrow() as ledger:
        rulebook = ledger.question().shelf.find(_checked(label))
    first, *rest = told(rulebook, language)
    main = node("main", "rules", node("h1", "", first.text))
    add(main, node("p", "second", summary(rulebook, language)))
    versions = word("side_by_side", language)
    link = _link(versions, f"{rulebook.name}/versions")
    add(main, node("p", "", link, f" · {rulebook.hash[:12]}"))
    told_in: Element | None = None
    for each in rest:
        if each.heading:
            add(main, node(f"h{min(each.depth + 1, 6)}", "", *_words(each)))
            told_in = None
            continue
        if told_in is None:
            told_in = node("ul", "")
            add(main, told_in)
        add(told_in, node("li", "assumed" if each.assumed else "", *_words(each)))
    name, found = doubts(rulebook, language)
    if found:
        add(main, heading(name), node("ul", "", *(node("li", "", each) for each in found)))
    return shown(request, principal, rulebook.label, main)


def _words(said: Said) -> list[Element | str]:
    return [said.text, node("span", "cited", said.cited)] if said.cited else [said.text]
