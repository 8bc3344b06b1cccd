"""Which version ruled, where that is not the one in force as of now."""

import re
from pathlib import Path

import pytest
from law.reading import ruled
from samples import Line, envelopes, store, when
from views.test_commands import run

from ledger.facts import types as f
from replay.audit.report import Page, audit_lines

OLD = "2022-02"
LINES: list[Line] = [
    ("2024-07-01 09:00", f.CreatorEnrolled()),
    ("2024-07-03 09:00", f.ViolationFound("v1", "spam", "other")),
    ("2024-07-08 09:00", f.ViolationFound("v2", "spam", "other")),
    ("2024-07-08 10:00", f.AppealGranted("v1")),
]


@pytest.mark.parametrize(("language", "said"), [("en", "under 2022-02"), ("zh", "依2022-02版")])
def test_a_ruling_by_another_version_than_the_one_in_the_head_names_it(
    language: str, said: str
) -> None:
    """An appeal is judged by the version by which its violation was found."""
    replay = ruled(envelopes(LINES), as_of=when("2024-07-10 00:00"))
    told = audit_lines(replay, Page(language, 120), [*replay.rulings])
    heads = [line for line in told if any(f" · e{n}" in line for n in range(1, 5))]
    assert [said in line for line in heads] == [True, True, False, True]


def test_a_page_names_the_version_of_each(tmp_path: Path) -> None:
    url, page = store(tmp_path, envelopes(LINES)), tmp_path / "page.html"
    assert run(url, "audit", "mei", "--as-of", "2024-07-10", "--html", str(page)).exit_code == 0
    named = re.findall(r"<small>(e\d) · ([\d-]+)</small>", page.read_text(encoding="utf-8"))
    assert named == [("e1", OLD), ("e2", OLD), ("e3", "2024-07"), ("e4", OLD)]
