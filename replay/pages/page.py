"""The page: outcome, what can be done, why, what was known, and the evidence, in this order."""

from xml.etree.ElementTree import Element

from replay.pages import answers, evidence
from replay.pages.case import Case
from replay.pages.footnotes import Footnotes
from replay.pages.prose import fold, heading
from replay.pages.rows import ledger
from replay.picture.elements import add, as_html, node, style
from replay.picture.model import Chart, Window
from replay.picture.symbols import definitions
from replay.picture.whole import NARROW, PRINT, WIDE, draw

LOCALES = {"en": "en", "zh": "zh-CN"}


def page(case: Case, chart: Chart, sheet: str) -> str:
    """A document that needs nothing beside itself; `sheet` is its style."""
    title = f"{case.replay.subject} · {case.say('picture')}"
    return document(title, case.language, sheet, answers.head(case), blocks(case, chart))


def blocks(case: Case, chart: Chart, *, own: bool = False) -> Element:
    """What stands below the head, in order; `own`: what is open to whom the record is about."""
    notes = Footnotes(case)
    main = node(
        "main",
        "",
        *answers.outcome(case),
        *answers.can(case),
        *answers.why(case, notes),
        *answers.known(case),
    )
    if not own:
        add(main, ledger(case), evidence.conditions(case))
    add(main, heading(case.say("picture")), *figures(case, chart))
    add(main, evidence.clauses(case, notes), evidence.assumed(case, notes))
    add(main, evidence.detection(case))
    return main if own else add(main, evidence.proof(case))


def document(title: str, language: str, sheet: str, *blocks: Element) -> str:
    """Blocks as a document."""
    head = node(
        "head",
        "",
        node("meta", charset="utf-8"),
        node("meta", name="viewport", content="width=device-width,initial-scale=1"),
        node("title", "", title),
        style(sheet),
    )
    body = node("body", "", shapes(), *blocks)
    return as_html(node("html", "", head, body, lang=LOCALES[language]))


def shapes() -> Element:
    """What marks are drawn with, once for a whole page."""
    return node("svg", "shapes", definitions(), width=0, height=0, aria_hidden="true")


def figures(case: Case, chart: Chart) -> list[Element]:
    """The window that matters; where there is more, the whole record folded below it."""
    window, whole = chart.window(), chart.whole()
    figures = [_figure(chart, window)]
    if window != whole:
        figures.append(fold("whole", case.say("whole_picture"), "", _figure(chart, whole)))
    return figures


def _figure(chart: Chart, window: Window) -> Element:
    """A drawing for each medium, which shows one of them."""
    return node(
        "figure", "", *(draw(chart, window, layout).root for layout in (WIDE, NARROW, PRINT))
    )
