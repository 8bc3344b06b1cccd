"""Every case of `cases/*.txt`, each named by a sentence of the rules with its number."""

import pytest

from law.reading import points, ruled
from law.table import Case, Row, cases
from law.written import effects, outcome, truths


@pytest.mark.parametrize("case", cases().values(), ids=lambda case: case.name)
def test_case(case: Case) -> None:
    r = ruled(case.facts, as_of=last(case), simulate=case.simulate)
    by_id = {x.envelope.id: x for x in r.rulings}
    for row in case.rows:
        if row.envelope is None:
            check_standing(case, row)
        elif row.outcome == "left out":
            assert row.envelope.id not in by_id, place(case, row)
        else:
            ruling = by_id[row.envelope.id]
            said = (outcome(ruling), effects(r, ruling.effects))
            assert said == (row.outcome, row.effects), place(case, row)


def last(case: Case) -> int:
    return max(row.at for row in case.rows)


def place(case: Case, row: Row) -> str:
    return f"{case.file}:{row.line}"


def check_standing(case: Case, row: Row) -> None:
    r = ruled(case.facts, as_of=row.at, known_at=row.known_at, simulate=case.simulate)
    score = points(r.creator.counters[0].score) if r.creator.enrolled else "-"
    assert score == row.outcome, place(case, row)
    true = truths(r)
    stated = {s.strip() for s in row.effects.split(";") if s.strip()}
    assert stated <= true, f"{place(case, row)}: not so: {stated - true}; so: {sorted(true)}"
    if any(s.startswith(("runs", "nothing runs")) for s in stated):
        untold = {s for s in true if s.startswith("runs")} - stated
        assert not untold, f"{place(case, row)}: runs as well: {untold}"
