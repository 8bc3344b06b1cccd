"""An exam that restores nothing at one severity is an exam all the same."""

from pathlib import Path

from rulebook.samples import SOUND, put
from samples import Line, envelopes, when

from ledger.facts import types as f
from ledger.rulebook.shelf import Shelf
from projections.standing.replay import Library, replay
from projections.views.objects import audit_view

SLIGHT = """
[categories.late.severities.slight]
restorable = { value = 0, clause = "§2(1)", source = "r" }
"""


def test_a_severity_that_restores_nothing_still_has_its_exam(tmp_path: Path) -> None:
    put(tmp_path, SOUND + SLIGHT)
    lines: list[Line] = [
        ("2024-07-08 09:00", f.CreatorEnrolled("shop", level=4, reputation=480)),
        ("2024-07-09 10:00", f.ExamRightClaimed()),
        ("2024-07-10 09:00", f.ViolationFound("v1", "late", "other", "slight")),
        ("2024-07-10 11:00", f.ExamStudied("v1")),
        ("2024-07-10 15:00", f.ExamSat("v1", 100_00)),
    ]
    library, at = Library(Shelf([tmp_path])), when("2024-07-31")
    told = audit_view(replay("mei", envelopes(lines), library, as_of=at, rulings=True))
    sat = told["rulings"][-1]
    assert (sat["outcome"], sat["change"]) == ("applied", "0")
    (ground,) = (g for g in sat["grounds"] if g["path"].endswith("restorable"))
    assert ground["path"] == "categories.late.severities.slight.restorable"
    assert (ground["required"], ground["met"], ground["clause"]) == ("0", True, "r §2(1)")
    assert "there are no points that it would restore" in sat["text"]["en"]
