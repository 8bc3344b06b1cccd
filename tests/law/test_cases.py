"""Every case of the law, each named by a sentence of the rules with its number."""

import pytest

from law.reading import LIBRARIES
from law.table import cases
from replay.casebook.cases import Case
from replay.casebook.run import failures


@pytest.mark.parametrize("case", cases().values(), ids=lambda case: case.name)
def test_case(case: Case) -> None:
    failed = [
        f"{case.file}:{f.row.line}: {f.expected!r}, got {f.got!r}"
        for f in failures(case, LIBRARIES)
    ]
    assert not failed
