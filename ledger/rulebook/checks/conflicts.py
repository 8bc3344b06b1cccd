"""Where the words of a rulebook and its figures don't agree.

`[clauses.exam_window]` says in words what `exam.window_days` says as a figure. Two things may be at
odds: the words have figures of their own and the table's is not among them, or the two cite
different documents although neither is assumed.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from ledger.rulebook.concepts import Concept
from ledger.rulebook.figures import figures
from ledger.rulebook.model import NODE_LIMITS, Rulebook

CONCERNS: dict[str, str] = {
    # concept: pattern of the key paths that it is about
    "enrolment": r"counters\.\w+\.initial",
    "node": rf"nodes\.[^.]+\.({'|'.join(NODE_LIMITS)})",
    "highest_stop": r"overlap",
    "recovery": r"recovery\.(points|runs\.\d+\.days)",
    "accrual_exam": r"accrual_exam\.(points|pass_mark|per_days)",
    "appeal_window": r"appeal\.window_days",
    "exam_eligibility": r"exam\.(minimum_level|reputation_above)",
    "exam_study": r"exam\.study_required",
    "exam_right": r"exam\.claim_required",
    "exam_window": r"exam\.window_days",
    "exam_answers": r"exam\.answers",
    "exam_quota": r"exam\.quota_days",
    "exam_pass": r"exam\.pass_mark",
    "expiry": r"counters\.\w+\.expires_after\.\w+",
}
SEVERAL = {"enrolment", "node", "recovery", "accrual_exam", "exam_eligibility"}
"""Concepts whose words may leave figures out that the tables have: only the source is compared."""
NUMBER = re.compile(r"(?<![\w.-])\d+(?:\.\d+)?(?![\w.-])")
WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
"""Not "one", which is a word like others."""


class Conflict(NamedTuple):
    """Words and a figure that don't agree."""

    clause: str
    """Key path of the words."""
    figure: str
    other_figure: bool
    """They say another figure; else they cite another document."""


def conflicts(r: Rulebook) -> Iterator[Conflict]:
    """Each two that don't agree; figures that cite the same other clause are told of once."""
    told = set()
    for concept in r.clauses:
        pattern, clause = CONCERNS.get(concept), f"clauses.{concept}"
        if pattern is None:
            continue
        for path, value in figures(r).items():
            if not re.fullmatch(pattern, path):
                continue
            label = r.cite(path).label
            if _other_figure(r, concept, value):
                yield Conflict(clause, path, True)
            elif _other_source(r, clause, path) and (clause, label) not in told:
                told.add((clause, label))
                yield Conflict(clause, path, False)


def _other_source(r: Rulebook, clause: str, path: str) -> bool:
    words, figure = r.cite(clause), r.cite(path)
    if words.assumed or figure.assumed:
        return False
    return words.source != figure.source


def _other_figure(r: Rulebook, concept: Concept, value: object) -> bool:
    """Whether the English words have figures, and this one is not among them."""
    if concept in SEVERAL or isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    text = r.clauses[concept].en
    found = {Decimal(number) for number in NUMBER.findall(text)}
    found |= {Decimal(n) for word, n in WORDS.items() if re.search(rf"\b{word}\b", text.lower())}
    return bool(found) and Decimal(value) not in found
