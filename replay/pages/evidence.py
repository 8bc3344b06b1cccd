"""The blocks that prove it: ledger, conditions, clauses, assumed figures, detection, replay."""

import shlex
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from ledger.facts.types import ViolationFound
from projections.explain.explanation import Event
from projections.explain.phrases import Word, say
from projections.explain.scene import graded
from projections.fold.trace import Turn
from projections.standing.replay import Ruling
from projections.standing.writing import points
from replay.pages.adapter import fact_title, is_void, signed
from replay.pages.case import Case, is_late
from replay.pages.elements import add, node
from replay.pages.figures import figure_title
from replay.pages.footnotes import Footnotes
from replay.pages.prose import cell, fold, prose, said, table

PAGE = 200
"""Rows of the ledger in one piece."""
OPEN = 6
"""Assumed figures that are shown unfolded."""
SIGNS = {True: "ok", False: "no"}


def ledger(case: Case) -> Element:
    """All rulings and what time did, the last ones first in sight, earlier ones folded by pages."""
    story = case.story
    first = len(story) % PAGE or min(PAGE, len(story))
    pages = [story[:first], *(story[i : i + PAGE] for i in range(first, len(story), PAGE))]
    inside = [_ledger_page(case, page) for page in pages[:-1]]
    inside.append(_ledger_table(case, pages[-1]))
    note = case.say("ledger_note", {"number": str(len(case.rulings))})
    return fold("ledger", case.say("ledger"), note, *inside)


def _ledger_page(case: Case, page: Sequence[Event]) -> Element:
    since, until = (case.clock(_at(page[i][0]))[:10] for i in (0, -1))
    told = {"since": since, "until": until, "number": str(len(page))}
    return node("details", "earlier", node("summary", "", case.say("ledger_page", told)), _ledger_table(case, page))


def _ledger_table(case: Case, page: Sequence[Event]) -> Element:
    heads = [
        (case.say("time"), ""),
        (case.say("fact"), ""),
        (case.say("change"), "n"),
        (case.say("after"), "n"),
        (case.say("ruling"), ""),
    ]
    return table(heads, [_row(case, event) for event in page])


def _at(what: Ruling | Turn) -> int:
    return what.at if isinstance(what, Turn) else what.envelope.effective_at


def _row(case: Case, event: Event) -> Element:
    what, why = event
    text = cell(why.text[case.language], "full")
    if isinstance(what, Turn):
        changes = [(b - a, b) for a, b in zip(what.before, what.after, strict=True) if a != b]
        change, score = changes[0] if changes else (0, what.after[0])
        fact = node("td", "", case.say("by_time"))
        kind = "idle"
    else:
        change, score = what.change or 0, what.score_after
        fact = cell(fact_title(what, case.language))
        add(fact, node("small", "", what.envelope.id))
        kind = "retr" if what.retracted_by is not None else "void" if is_void(what, case.replay) else ""
        kind = kind or ("" if what.applied else "idle")
        if kind in ("retr", "void"):
            add(text, " ", node("span", "tag", case.say("retracted" if kind == "retr" else "void")))
        if is_late(what.envelope) and not case.at_once:
            recorded = case.stamp(what.envelope.recorded_at)
            add(text, " ", said("span", "late", case.say("recorded_at", {"at": recorded})))
    row = node(
        "tr",
        kind,
        cell(case.clock(_at(what))),
        fact,
        node("td", "n chg", signed(change) if change else ""),
        node("td", "n", "–" if score is None else points(score)),
        text,
    )
    if isinstance(what, Ruling):
        row.set("id", f"f{what.envelope.position}")
    return row


def conditions(case: Case) -> Element | None:
    """Each figure that the decisions asked: what it requires, what was on record, whether met."""
    from projections.explain.grounds import Places

    places = Places(case.names)
    rows: list[Element] = []
    failed = False
    for ruling, why in case.decisions:
        asked = [places.view(ground) for ground in why.grounds]
        asked = [view for view in asked if view["required"] is not None and view["found"] is not None]
        if not asked:
            continue
        title = f"{case.clock(ruling.envelope.effective_at)} {fact_title(ruling, case.language)}"
        rows.append(node("tr", "group", node("th", "", title, colspan=4, scope="rowgroup")))
        seen: set[tuple[str, ...]] = set()
        for view in asked:
            rulebook = case.rulebooks[view["rulebook"]]
            name = figure_title(view["path"], rulebook, case.language)
            met = bool(view["met"])
            key = (name, view["required"], view["found"])
            if key in seen:
                continue
            seen.add(key)
            said_ = case.say("yes" if met else "no")
            rows.append(
                node(
                    "tr",
                    "",
                    cell(name),
                    cell(view["required"], "n", case.say("required")),
                    cell(view["found"], "n", case.say("found")),
                    node("td", SIGNS[met], said_),
                )
            )
        failed |= not ruling.applied
    if not rows:
        return None
    heads = [(case.say("condition"), ""), (case.say("required"), "n"), (case.say("found"), "n"), (case.say("met"), "")]
    return fold("conditions", case.say("conditions"), case.say("conditions_note"), table(heads, rows), is_open=failed)


def clauses(case: Case, notes: Footnotes) -> Element | None:
    """Every clause in the rules' own words, with the figures that stand in it and its document."""
    rows = []
    for clause in notes.clauses():
        words = add(node("td", "full"), *prose(" / ".join(clause.words)))
        for title, value in clause.figures:
            add(words, node("small", "", f"{title}: {value}"))
        row = node("tr", "", node("td", "", str(clause.number)), node("td", "nb", clause.label), words)
        add(row, node("td", "full", " / ".join(clause.documents)))
        row.set("id", f"c{clause.number}")
        rows.append(row)
    if not rows:
        return None
    heads = [("", ""), (case.say("clause"), ""), (case.say("words"), ""), (case.say("document"), "")]
    return fold("clauses", case.say("clauses"), str(len(rows)), table(heads, rows))


def assumed(case: Case, notes: Footnotes) -> Element:
    """Figures that no source gives: what they are, on how many rulings they bear, and why so."""
    found = notes.assumed()
    if not found:
        return fold("assumed", f"° {case.say('assumed')}", "0", node("p", "", case.say("assumed_none")))
    heads = [(case.say("figure"), ""), (case.say("value"), "n"), (case.say("rulings"), "n"), (case.say("reason"), "")]
    rows = []
    for figure in found:
        title = add(cell(figure.title), node("small", "", node("code", "", figure.path)))
        counted = node("td", "n", str(figure.rulings))
        rows.append(node("tr", "", title, node("td", "n", figure.value), counted, cell(figure.note, "full")))
    note = f"{len(rows)} · {case.say('assumed_note')}"
    return fold("assumed", f"° {case.say('assumed')}", note, table(heads, rows), is_open=len(rows) <= OPEN)


def detection(case: Case) -> Element | None:
    """How each violation was found, what it is about, and when it was committed."""
    rows = [_detected(case, ruling) for ruling in _found(case)]
    if not rows:
        return None
    heads = [(case.say(key), "") for key in ("time", "violation", "category", "by", "item", "offended_at")]
    return fold("detection", case.say("detection"), str(len(rows)), table(heads, rows))


def _found(case: Case) -> Iterator[Ruling]:
    return (ruling for ruling, _ in case.rulings if isinstance(ruling.envelope.fact, ViolationFound))


def _detected(case: Case, ruling: Ruling) -> Element:
    fact = ruling.envelope.fact
    assert isinstance(fact, ViolationFound)
    category = say(graded(fact.category, fact.severity or "", ruling.rulebook), case.language)
    by = say(Word("pages.detected", fact.detected_by), case.language)
    committed = "" if fact.offended_at is None else case.clock(fact.offended_at)
    told = (case.clock(ruling.envelope.effective_at), fact.violation, category, by, fact.item or "", committed)
    return node("tr", "void" if is_void(ruling, case.replay) else "", *(cell(text) for text in told))


def proof(case: Case) -> Element:
    """Which rules, by hash; how many facts; the command that gives the same answer."""
    last = max((ruling.envelope.position for ruling, _ in case.rulings), default=0)
    told = case.say("proof_facts", {"number": str(len(case.rulings)), "position": str(last)})
    ruled = {ruling.rulebook.label for ruling, _ in case.rulings} | {case.replay.rulebook.label}
    rows = [
        node("tr", "", cell(label), node("td", "full", node("code", "", rulebook.hash)))
        for label, rulebook in case.rulebooks.items()
        if label in ruled
    ]
    heads = [(case.say("rulebook"), ""), (case.say("hash"), "")]
    again = node("p", "", case.say("proof_again"))
    command = node("pre", "", shlex.join(case.command))
    return fold("proof", case.say("proof"), "", node("p", "", told), table(heads, rows), again, command)
