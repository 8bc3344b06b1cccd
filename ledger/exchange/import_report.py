"""What an import did, or an undo, for people and for machines; a file may have any name."""

import json
from pathlib import Path
from typing import Any

import msgspec

from ledger.exchange.tally import Tally
from ledger.exchange.undo import Undo
from ledger.text import safe


def as_dict(file: str, tally: Tally, rejects: Path, *, dry: bool) -> str:
    """One JSON object."""
    return _json(
        {
            "file": file,
            "import": None if dry else tally.id or None,
            "dry_run": dry,
            "lines": tally.lines,
            "read": tally.read,
            "recorded": tally.recorded,
            "already_there": tally.duplicates,
            "withdrawn": tally.withdrawn,
            "conflicts": tally.conflicts,
            "refused": tally.refused,
            "skipped": tally.skipped,
            "withheld": tally.withheld,
            "recordedtime_ignored": tally.ignored_recorded_times,
            "resumed_after_line": tally.resumed_at,
            "reasons": [
                {
                    "status": reason.status,
                    "field": reason.field,
                    "count": reason.count,
                    "line": reason.first.line,
                    "found": reason.first.found,
                    "wanted": reason.first.wanted,
                }
                for reason in tally.reasons
            ],
            "rejects": None if tally.clean or dry else str(rejects),
        }
    )


def as_text(file: str, tally: Tally, rejects: Path, *, dry: bool) -> str:
    """A few lines: the numbers, then what somebody may want to do something about."""
    lines = []
    if dry:
        lines.append(f"{file}: a dry run, nothing is written")
    if tally.resumed_at:
        lines.append(f"{file}: went on after line {tally.resumed_at:,}, where it had stopped")
    numbers = [f"{tally.recorded:,} recorded"]
    for count, what in (
        (tally.duplicates, "already there"),
        (tally.refused, "refused"),
        (tally.conflicts, "in conflict with what is recorded"),
        (sum(tally.skipped.values()), "skipped"),
        (tally.withheld, "held back"),
    ):
        if count:
            numbers.append(f"{count:,} {what}")
    lines.append(f"{file}: {', '.join(numbers)}")
    lines += [f"  {count:,} rows are no facts: {why}" for why, count in tally.skipped.items()]
    if tally.withheld:
        lines.append("  nothing was recorded: it was to be all or nothing")
    if tally.withdrawn:
        lines.append(
            f"  {tally.withdrawn:,} of those already there were taken back with an import that was "
            "undone, and stay so: to record them again, give them ids of their own"
        )
    if tally.ignored_recorded_times:
        lines.append(
            f"  recordedtime ignored in {tally.ignored_recorded_times:,} facts; "
            "--trust-recorded-times honours it"
        )
    for reason in sorted(tally.reasons, key=lambda reason: -reason.count):
        first = "" if reason.count == 1 else "first "
        kind = "refused" if reason.status == "refused" else "in conflict"
        lines.append(f"  {reason.count:,} {kind}: {first}{reason.first}")
    if not tally.clean and not dry:
        lines.append(f"  set aside in {rejects}, with the reasons in {rejects}.why")
    if tally.recorded and not dry:
        lines.append(f"  import {tally.id}; --undo {tally.id} takes it back")
    return "\n".join(map(safe, lines))


def undo_as_dict(undo: Undo) -> str:
    """One JSON object."""
    names = {"id": "import"}
    about = msgspec.to_builtins(undo)
    return _json({names.get(name, name): value for name, value in about.items()})


def undo_as_text(undo: Undo) -> str:
    """What is taken back, and what stays."""
    lines = [f"import {undo.id} of {undo.file} recorded {undo.recorded:,} facts"]
    facts = f"{undo.to_retract:,} facts about {undo.creators:,} creators"
    if not undo.to_retract:
        lines.append("  nothing is left to take back")
    elif undo.done:
        lines.append(f"  {facts} are retracted now; their ids stay taken")
    else:
        lines.append(f"  {facts} would be retracted, and their ids stay taken")
    if undo.retracted_before:
        lines.append(f"  {undo.retracted_before:,} were retracted before")
    if undo.retractions:
        lines.append(f"  {undo.retractions:,} are retractions themselves, and stay")
    if undo.to_retract and not undo.done:
        lines.append("  nothing was done: --yes does it")
    return "\n".join(map(safe, lines))


def _json(document: dict[str, Any]) -> str:
    """With what steers a terminal escaped, which says the same."""
    return safe(json.dumps(document, ensure_ascii=False))
