"""`rulebook explain`: the prose of a rulebook and its warnings, as lines and as JSON."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from ledger.rulebook.checks.warnings import warnings
from ledger.rulebook.citations import UNSAID, Citation
from ledger.rulebook.model import Rulebook, Title
from ledger.rulebook.prose.sentences import HEADINGS
from ledger.rulebook.prose.walk import LANGUAGES, Line, assumed, prose

DEFAULT = {"en": "the default", "zh": "默认"}
THING = 2
"""The depth of headings of what stands in a table: a counter, a category, a node."""
ASSUMED = {"en": "assumed", "zh": "假定"}
AND_ALSO = {"en": "; ", "zh": "；"}
COLON = {"en": ": ", "zh": "："}
BRACKETS = {"en": (" [", "; ", "]"), "zh": ("【", "；", "】")}
SUMMARY = {
    "en": "{n} of {all} figures (numbers, and what is true or false) are assumed: "
    "no source gives them.",
    "zh": "共{all}项数值（数字与是否项），其中{n}项为假定，没有来源给出。",
}


class Said(NamedTuple):
    """A heading or a sentence in one language, and where it is from."""

    text: str
    cited: str
    depth: int
    heading: bool
    assumed: bool
    """Whether it rests on a figure that no source gives."""


def told(r: Rulebook, language: str) -> Iterator[Said]:
    """Headings and sentences, each with its clause; a note is said once."""
    notes: set[str] = set()
    for line in alike(prose(r)):
        text, cited = getattr(line.text, language), _from(line, language, notes)
        rests = any(citation.assumed for citation in line.citations)
        yield Said(text, cited, line.depth, line.heading, rests)


def summary(r: Rulebook, language: str) -> str:
    """How many figures are assumed."""
    number, total = assumed(r)
    return SUMMARY[language].format(n=number, all=total)


def doubts(r: Rulebook, language: str) -> tuple[str, list[str]]:
    """What is worth another look, under its heading."""
    found = [f"{d.path}{COLON[language]}{getattr(d.said, language)}" for d in warnings(r)]
    return HEADINGS["warnings"][LANGUAGES.index(language)], found


def lines(r: Rulebook, language: str) -> Iterator[str]:
    """The same as Markdown."""
    for said in told(r, language):
        if said.heading and said.depth:
            yield ""
        yield f"{'#' * (said.depth + 1) if said.heading else '-'} {said.text}{said.cited}"
    yield ""
    yield summary(r, language)
    heading, found = doubts(r, language)
    if found:
        yield ""
        yield f"## {heading}"
        yield ""
    for doubt in found:
        yield f"- {doubt}"


def alike(told: Iterable[Line]) -> Iterator[Line]:
    """Things of one table of which all is equal are told once, under a heading that names all."""
    blocks: list[list[Line]] = [[]]
    for line in told:
        if line.heading and line.depth <= THING:
            blocks.append([])
        blocks[-1].append(line)
    table, first = 0, dict[object, list[Line]]()
    for i, block in enumerate(blocks):
        if not block or block[0].depth < THING:
            table = i
            first[i] = block
            continue
        said = (table, *((n.text, n.depth, n.heading, n.citations) for n in block[1:]))
        if (one := first.setdefault(said, block)) is not block:
            en, zh = (
                AND_ALSO[language].join(getattr(b[0].text, language) for b in (one, block))
                for language in LANGUAGES
            )
            one[0] = msgspec.structs.replace(one[0], text=Title(en, zh))
    for block in first.values():
        yield from block


def document(r: Rulebook) -> dict[str, Any]:
    """The same for machines, in both languages."""
    number, total = assumed(r)
    return {
        "rulebook": r.label,
        "lines": [
            {
                "key": line.path or None,
                "heading": line.heading,
                "depth": line.depth,
                "text": msgspec.to_builtins(line.text),
                "citations": [msgspec.to_builtins(citation) for citation in line.citations],
            }
            for line in prose(r)
        ],
        "figures": total,
        "assumed": number,
        "warnings": [
            {"key": doubt.path, "text": msgspec.to_builtins(doubt.said)} for doubt in warnings(r)
        ],
    }


def _from(line: Line, language: str, told: set[str]) -> str:
    said = []
    for citation in line.citations:
        note = citation.why(language) if citation != UNSAID else ""
        label = _label(citation, language)
        if not label:  # a word of the head that the file gives and cites from nowhere
            continue
        said.append(f"{label}{COLON[language]}{note}" if note and note not in told else label)
        told.add(note)
    opening, comma, closing = BRACKETS[language]
    return f"{opening}{comma.join(said)}{closing}" if said else ""


def _label(citation: Citation, language: str) -> str:
    if citation == UNSAID:
        return DEFAULT[language]
    where = f"{citation.source} {citation.clause}".strip()
    if not citation.assumed:
        return where
    if not where:
        return ASSUMED[language]
    return f"假定（{where}）" if language == "zh" else f"assumed ({where})"
