"""When points expire whose time came under a stop: never before the stop's end."""

from zoneinfo import ZoneInfo

from law.reading import ruled, when
from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from projections.fold.state import NODE_SERVED, POINTS_EXPIRED

DUBLIN = ZoneInfo("Europe/Dublin")
LINES: list[tuple[str, f.Fact]] = [
    ("2024-06-01 08:00", f.CreatorEnrolled("interrupted")),
    ("2024-06-03 11:00", f.ViolationFound("v1", "loud", "other")),
    ("2024-06-07 20:00", f.ViolationFound("v2", "reckless", "other")),
]


def test_what_waited_for_a_stop_expires_at_its_end_and_not_before() -> None:
    facts = [
        Envelope("s", f"e{i}", "c", when(at, DUBLIN), fact, when(at, DUBLIN), i)
        for i, (at, fact) in enumerate(LINES, 1)
    ]
    end = when("2024-06-08 06:00", DUBLIN)
    result = ruled(facts, as_of=end)
    told = [(code, at) for code, _, _, at in result.clock_effects]
    assert told == [(NODE_SERVED, end), (POINTS_EXPIRED, end)]
