"""What docs/sql.md says to ask is asked here, of both databases, and all columns are described."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from projections.readmodels.contract import LATER, LEASE, parked, row
from projections.readmodels.sql.schema import TABLES, view_names
from projections.readmodels.sql.target import SqlTarget, open_sql
from projections.readmodels.target import Change, Step

TEXT = (Path(__file__).parents[2] / "docs" / "sql.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^```sql\n(.*?);\n```", TEXT, re.M | re.S)


@pytest.fixture(scope="module")
def targets(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[list[SqlTarget]]:
    file = f"sqlite:///{tmp_path_factory.mktemp('sql')}/rows.db"
    urls = [file, request.getfixturevalue("postgres_server").database()]
    rows = [row("a", 250), row("b", 700, due=None), parked("c")]
    changes = [Change(str(n), "a", b"{}") for n in range(43)]
    made = []
    for url in urls:
        made.append(open_sql(url))
        step = Step(generation=1, before=None, after=LATER, rows=rows, changes=changes)
        made[-1].apply(step, "me", LEASE)
        made[-1].swap(1, "me", None)
    yield made
    for target in made:
        target.close()


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_has_one_answer_in_both(targets: list[SqlTarget], question: str) -> None:
    answers = []
    for target in targets:
        with target.store.reading() as s:
            answers.append(s.run(question))
    assert answers[0], question
    assert len(answers[0]) == len(answers[1])
    assert [r[0] for r in answers[0]] == [r[0] for r in answers[1]]


def test_every_view_and_column_is_described() -> None:
    assert len(QUESTIONS) >= 10
    said = set(re.findall(r"`([a-z_]+)`", TEXT))
    wanted = set(view_names()) | {column for table in TABLES for column in table.fields()}
    assert wanted <= said, wanted - said
