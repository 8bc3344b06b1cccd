"""`rulebook explain`: the prose of a rulebook and its warnings, as lines and as JSON."""

from collections.abc import Iterator
from typing import Any

import msgspec

from ledger.rulebook import UNSAID, Citation, Rulebook
from ledger.rulebook_prose import LANGUAGES, Line, assumed, prose
from ledger.rulebook_sentences import HEADINGS
from ledger.rulebook_warnings import warnings

DEFAULT = {"en": "the default", "zh": "默认"}
ASSUMED = {"en": "assumed", "zh": "假定"}
SUMMARY = {
    "en": "{n} of {all} figures are assumed: no source gives them.",
    "zh": "共{all}项数值,其中{n}项为假定,没有来源给出。",
}


def lines(r: Rulebook, language: str) -> Iterator[str]:
    """Markdown: headings and sentences, each with its clause; a note is said once."""
    told: set[str] = set()
    for line in prose(r):
        text = getattr(line.text, language)
        if line.path:
            yield f"- {text}{_from(line, language, told)}"
        else:
            if line.depth:
                yield ""
            yield f"{'#' * (line.depth + 1)} {text}"
    number, total = assumed(r)
    yield ""
    yield SUMMARY[language].format(n=number, all=total)
    found = warnings(r)
    if found:
        yield ""
        yield f"## {HEADINGS['warnings'][LANGUAGES.index(language)]}"
        yield ""
    for doubt in found:
        yield f"- {doubt.path}: {getattr(doubt.said, language)}"


def document(r: Rulebook) -> dict[str, Any]:
    """The same for machines, in both languages."""
    number, total = assumed(r)
    return {
        "rulebook": r.label,
        "lines": [
            {
                "key": line.path or None,
                "depth": line.depth,
                "text": msgspec.to_builtins(line.text),
                **(msgspec.to_builtins(line.citation) if line.citation else {}),
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
    citation = line.citation
    if citation is None:
        return ""
    if citation == UNSAID:
        return f" [{DEFAULT[language]}]"
    label, note = _label(citation, language), citation.note
    if note and note not in told:
        told.add(note)
        return f" [{label}: {note}]"
    return f" [{label}]"


def _label(citation: Citation, language: str) -> str:
    where = f"{citation.source} {citation.clause}".strip()
    if not citation.assumed:
        return where
    return f"{ASSUMED[language]} ({where})" if where else ASSUMED[language]
