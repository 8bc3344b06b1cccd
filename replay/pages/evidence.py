"""The blocks that prove it: conditions, clauses, assumed figures, detection, how to ask again."""

import shlex
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ledger.facts.types import ViolationFound
from projections.explain.grounds import Places, View
from projections.explain.phrases import Phrase, Value, say
from projections.explain.terms import graded, role
from projections.standing.replay import Ruling
from projections.standing.writing import instant
from replay.pages.adapter import fact_title, is_void
from replay.pages.case import Case, heads_of
from replay.pages.figures import figure_title
from replay.pages.footnotes import Footnotes
from replay.pages.prose import cell, fold, prose, table
from replay.picture.elements import add, node

OPEN = 6
"""Assumed figures that are shown unfolded."""
SIGNS = {True: "ok", False: "no"}


def conditions(case: Case) -> Element | None:
    """Each figure that the decisions asked: what it requires, what was on record, whether met."""
    places = Places(case.names)
    rows: list[Element] = []
    for ruling, why in case.decisions:
        if asked := list(_asked(case, [places.view(ground) for ground in why.grounds])):
            what = fact_title(ruling, case.language)
            title = f"{case.clock(ruling.envelope.effective_at)} {what}"
            rows.append(node("tr", "group", node("th", "", title, colspan=4, scope="rowgroup")))
            rows += asked
    if not rows:
        return None
    heads = heads_of(case, "condition", "required n", "found n", "met")
    refused = any(not ruling.applied for ruling, _ in case.decisions)
    note = case.say("conditions_note")
    return fold("conditions", case.say("conditions"), note, table(heads, rows), is_open=refused)


def _asked(case: Case, views: list[View]) -> Iterator[Element]:
    """Each figure once; the dates that say which version ruled are in the proof."""
    seen = set()
    for view in views:
        name = figure_title(view["path"], case.rulebooks[view["rulebook"]], case.language)
        told = (name, view["required"], view["found"])
        if None in told or told in seen or view["path"] == "in_force_from":
            continue
        seen.add(told)
        met = bool(view["met"])
        yield node(
            "tr",
            "",
            cell(name),
            cell(view["required"], "n", case.say("required")),
            cell(view["found"], "n", case.say("found")),
            node("td", SIGNS[met], case.say("yes" if met else "no")),
        )


def clauses(case: Case, notes: Footnotes) -> Element | None:
    """Every clause in the rules' own words, with the figures that stand in it and its document."""
    rows = []
    for clause in notes.clauses():
        words = add(node("td", "full"), *prose(" / ".join(clause.words)))
        for figure in clause.figures:
            add(words, node("small", "", figure))
        row = node(
            "tr", "", node("td", "", str(clause.number)), node("td", "nb", clause.label), words
        )
        add(row, node("td", "full", " / ".join(clause.documents)))
        row.set("id", f"c{clause.number}")
        rows.append(row)
    if not rows:
        return None
    heads = heads_of(case, "", "clause", "words", "document")
    return fold("clauses", case.say("clauses"), str(len(rows)), table(heads, rows))


def assumed(case: Case, notes: Footnotes) -> Element:
    """Figures that no source gives: what they are, on how many rulings they bear, and why so."""
    found = notes.assumed()
    if not found:
        return fold(
            "assumed", f"° {case.say('assumed')}", "0", node("p", "", case.say("assumed_none"))
        )
    heads = heads_of(case, "figure", "rulings n", "reason")
    rows = []
    for figure in found:
        title = add(cell(figure.says), node("small", "", node("code", "", figure.path)))
        counted = node("td", "n", str(figure.rulings))
        rows.append(node("tr", "", title, counted, cell(figure.why, "full")))
    note = f"{len(rows)} · {case.say('assumed_note')}"
    return fold(
        "assumed", f"° {case.say('assumed')}", note, table(heads, rows), is_open=len(rows) <= OPEN
    )


DETECTED = ("time", "violation", "category", "by", "item", "offended_at")


def detection(case: Case) -> Element | None:
    """How each violation was found; its item and when it was committed, where that is said."""
    found = [(ruling, _detected(case, ruling)) for ruling in _found(case)]
    if not found:
        return None
    told = [i for i in range(len(DETECTED)) if any(texts[i] for _, texts in found)]
    rows = [
        node(
            "tr",
            "void" if is_void(ruling, case.replay) else "",
            *(cell(texts[i]) for i in told),
        )
        for ruling, texts in found
    ]
    heads = heads_of(case, *(DETECTED[i] for i in told))
    return fold("detection", case.say("detection"), str(len(rows)), table(heads, rows))


def _found(case: Case) -> Iterator[Ruling]:
    return (
        ruling for ruling, _ in case.rulings if isinstance(ruling.envelope.fact, ViolationFound)
    )


def _detected(case: Case, ruling: Ruling) -> list[str]:
    """A text for each of `DETECTED`."""
    fact = ruling.envelope.fact
    assert isinstance(fact, ViolationFound)
    by: dict[str, Value] = {"authority": role(ruling.rulebook, "authority")}
    return [
        case.clock(ruling.envelope.effective_at),
        fact.violation,
        say(graded(fact.category, fact.severity or "", ruling.rulebook), case.language),
        say(Phrase(f"detected.{fact.detected_by}", by), case.language),
        fact.item or "",
        "" if fact.offended_at is None else case.clock(fact.offended_at),
    ]


def again(case: Case) -> list[str]:
    """The command that asks the same once more, whatever was recorded since."""
    replay = case.replay
    command = [
        "penalty-ledger",
        "audit",
        replay.subject,
        "--as-of",
        instant(replay.as_of, case.zone),
    ]
    if replay.known_at is not None:
        command += ["--known-at", instant(replay.known_at, case.zone)]
    return command


def proof(case: Case) -> Element:
    """Which rules, by hash; how many facts; the command that gives the same answer."""
    last = max((r.envelope.position for r in case.replay.rulings), default=0)
    told = case.say("proof_facts", {"number": str(len(case.replay.rulings)), "position": str(last)})
    ruled = {ruling.rulebook.label for ruling in case.replay.rulings} | {case.replay.rulebook.label}
    rows = [
        node("tr", "", cell(label), node("td", "full", node("code", "", rulebook.hash)))
        for label, rulebook in case.rulebooks.items()
        if label in ruled
    ]
    heads = heads_of(case, "rulebook", "hash")
    how = node("p", "", case.say("proof_again"))
    command = node("pre", "", shlex.join(again(case)))
    return fold(
        "proof", case.say("proof"), "", node("p", "", told), table(heads, rows), how, command
    )
