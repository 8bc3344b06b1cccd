"""Histories that the answers are tested on, as facts and as a store."""

from collections.abc import Sequence
from itertools import chain
from operator import attrgetter
from pathlib import Path

from law.reading import micros, when

from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from ledger.log.port import open_log

__all__ = ["APPEAL_FIRST", "EXAM_FIRST", "envelopes", "micros", "store", "when"]

Line = tuple[str, f.Fact]
START: list[Line] = [
    ("2024-07-08 09:00", f.CreatorEnrolled(level=4, reputation=480)),
    ("2024-07-09 10:00", f.ExamRightClaimed()),
    (
        "2024-07-10 09:00",
        f.ViolationFound("v1", "misleading", "user_complaint", measures=("video_self_only",)),
    ),
    ("2024-07-10 11:00", f.ExamStudied("v1")),
]
EXAM_FIRST: list[Line] = [
    *START,
    ("2024-07-10 15:00", f.ExamSat("v1", 100_00)),
    ("2024-07-12 10:00", f.AppealGranted("v1")),
]
APPEAL_FIRST: list[Line] = [
    *START,
    ("2024-07-10 15:00", f.AppealGranted("v1")),
    ("2024-07-12 10:00", f.ExamSat("v1", 100_00)),
]


def envelopes(
    lines: Sequence[Line], subject: str = "mei", recorded: dict[int, str] | None = None
) -> list[Envelope]:
    """Facts e1, e2, … recorded when they took effect, or as `recorded` {number: time} says."""
    told = recorded or {}
    source = "demo" if subject == "mei" else f"demo-{subject}"
    return [
        Envelope(
            source, f"e{i}", subject, when(at), fact,
            recorded_at=when(told.get(i, at)), position=i, version=i,
        )
        for i, (at, fact) in enumerate(lines, 1)
    ]  # fmt: skip


def store(folder: Path, *histories: Sequence[Envelope]) -> str:
    """A log of its own that holds the histories, as they were recorded; its URL."""
    url = f"sqlite:///{folder}/ledger.db"
    facts = sorted(chain(*histories), key=attrgetter("recorded_at"))
    with open_log(url, create=True) as log:
        receipts = log.append(facts, trust_recorded_times=True)
    assert {r.status for r in receipts} <= {"recorded"}
    return url
