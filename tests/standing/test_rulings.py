"""What a ruling keeps of the moment at which it was made."""

from model.histories import DAY, enveloped

from ledger.facts import types as f
from ledger.rulebook.shelf import Shelf
from projections.fold.state import NONE, STANDING, VOID
from projections.standing.replay import Library, replay


def test_a_ruling_keeps_its_violation_as_it_stood_then() -> None:
    found = f.ViolationFound("v1", "misleading", detected_by="other")
    facts = (f.CreatorEnrolled(), f.AppealLodged("v1"), found, f.AppealGranted("v1"))
    envelopes = enveloped([((20_000 + n) * DAY, x) for n, x in enumerate(facts)])
    ruled = replay("c", envelopes, Library(Shelf()), as_of=30_000 * DAY, rulings=True)
    _, lodged, standing, granted = [ruling.violation for ruling in ruled.rulings]
    states = [row and row.state for row in (lodged, standing, granted)]
    assert states == [NONE, STANDING, VOID]
