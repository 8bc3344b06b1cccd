"""`audit --statement`: the statement of reasons for one sanction, line by line."""

from collections.abc import Iterator
from pathlib import Path

from projections.explain.messages import table
from projections.standing.naming import naming
from projections.standing.question import Question
from replay.statement.decisions import decisions
from replay.statement.reasons import FIELDS, Reasons
from replay.statement.references import find
from replay.statement.template import check, fill, read, shipped


def statement_lines(
    question: Question, creator: str, sanction: str, language: str, template: Path | None
) -> Iterator[str]:
    """The lines that are printed. Raises LedgerError: no such sanction, or a template is wrong."""
    path = template or shipped(language)
    lines = read(path)
    check(lines, str(path), list(FIELDS))
    replay = question.ask(creator, rulings=True)
    decision = find(sanction, decisions(replay, naming(replay)), replay.rulebook.zone)
    said = Reasons(replay, decision, sanction, language).said()
    return fill(lines, said, str(table(language)["join.part"]))
