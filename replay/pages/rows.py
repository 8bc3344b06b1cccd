"""The ledger table: a row for each ruling, and for each instant at which time did something."""

from collections.abc import Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element

from projections.explain.explanation import Event
from projections.explain.scene import judged_by
from projections.fold.trace import Turn
from projections.standing.replay import Ruling
from projections.standing.writing import points
from replay.pages.adapter import fact_title, is_late, is_void, signed
from replay.pages.case import Case, heads_of
from replay.pages.prose import cell, fold, said, table
from replay.picture.elements import add, node

PAGE = 200
"""Rows in one piece."""


def ledger(case: Case) -> Element:
    """The last rows in sight, earlier ones folded by pages."""
    story = case.rows
    first = len(story) % PAGE or min(PAGE, len(story))
    pages = [story[:first], *(story[i : i + PAGE] for i in range(first, len(story), PAGE))]
    inside = [_earlier(case, page) for page in pages[:-1]]
    note = case.say("ledger_note", {"number": str(len(case.replay.rulings))})
    return fold("ledger", case.say("ledger"), note, *inside, _table(case, pages[-1]))


def _earlier(case: Case, page: Sequence[Event]) -> Element:
    since, until = (case.clock(_at(page[i][0]))[:10] for i in (0, -1))
    told = case.say("ledger_page", {"since": since, "until": until, "number": str(len(page))})
    return node("details", "earlier", node("summary", "", told), _table(case, page))


def _table(case: Case, page: Sequence[Event]) -> Element:
    return table(
        heads_of(case, "time", "fact", "change n", "after n", "ruling"),
        [_row(case, event) for event in page],
    )


def _at(what: Ruling | Turn) -> int:
    return what.at if isinstance(what, Turn) else what.envelope.effective_at


class Moved(NamedTuple):
    """What it was, what it changed and came to, and how its row looks."""

    fact: Element
    change: int
    score: int | None
    kind: str


def _row(case: Case, event: Event) -> Element:
    what, why = event
    moved = _time(case, what) if isinstance(what, Turn) else _fact(case, what)
    text = cell(why.text[case.language], "full")
    if moved.kind in ("retracted", "void"):
        add(text, " ", node("span", "tag", case.say(moved.kind)))
    change = signed(moved.change) if moved.change else ""
    score = "–" if moved.score is None else points(moved.score)
    numbers = node("td", "n chg", change), node("td", "n", score)
    row = node("tr", moved.kind, cell(case.clock(_at(what))), moved.fact, *numbers, text)
    if isinstance(what, Ruling):
        row.set("id", f"f{what.envelope.position}")
        if is_late(what.envelope) and not case.at_once:
            add(text, " ", said("span", "late", case.recorded(what.envelope)))
    return row


def _time(case: Case, turn: Turn) -> Moved:
    """Of the counter that moved; of the first one where none did."""
    changes = [after - before for before, after in zip(turn.before, turn.after, strict=True)]
    counter = next((i for i, change in enumerate(changes) if change), 0)
    fact = node("td", "", case.say("by_time"))
    return Moved(fact, changes[counter], turn.after[counter], "idle")


def _fact(case: Case, ruling: Ruling) -> Moved:
    fact = cell(fact_title(ruling, case.language))
    told = [ruling.envelope.id]
    if ruling.row is not None:
        told.append(judged_by(ruling, case.names).version)
    add(fact, node("small", "", " · ".join(told)))
    kind = "" if ruling.applied else "idle"
    if ruling.retracted_by is not None:
        kind = "retracted"
    elif is_void(ruling, case.replay):
        kind = "void"
    return Moved(fact, ruling.change or 0, ruling.score_after, kind)
