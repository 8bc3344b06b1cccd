"""The engine folds everybody under several rulebooks as each is folded by itself."""

import pytest

from model.test_compiled import AS_OF, BOOKS, histories, interpret
from replay.population.columns import Columns
from replay.population.engine import fold
from replay.population.layout import Layout


@pytest.mark.parametrize("simulate", [False, True])
@pytest.mark.parametrize("name", BOOKS)
def test_each_creator_comes_to_what_it_does_alone(name: str, simulate: bool) -> None:
    tables, made = histories(name, 30, seed=9)
    columns, scores_of = Columns(made, tables), Layout.of(tables).scores
    answers = fold(columns, [tables, tables], as_of=AS_OF, simulate=simulate, per_fact=True)
    for n, h in enumerate(made):
        creator, why, score = interpret(h, tables, simulate)
        span = slice(columns.starts[n], columns.starts[n + 1])
        for book in range(2):
            assert answers.reasons[book, span].tolist() == why
            assert answers.scores[book, span].tolist() == score
            summary = answers.summaries[n, book]
            assert summary[scores_of].tolist() == [c.score for c in creator.counters]
