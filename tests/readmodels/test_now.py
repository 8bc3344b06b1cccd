"""A row by a replay alone is the row of a runner that is at work."""

from conftest import END
from logs import opened, states

from projections.readmodels.memory import MemoryTarget
from projections.readmodels.now import row_now
from projections.readmodels.rows import document


def test_by_way_of_what_fell_due_since_the_last_fact(url: str, expected: MemoryTarget) -> None:
    with opened(url) as source:
        question = source.question.at(None, None)
        question.now = END
        held = states(expected)
        assert len(held) > 2
        for creator, row in held.items():
            assert document(row_now(question, creator)) == document(row)
