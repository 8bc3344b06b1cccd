"""What an import did, for people and for machines."""

import json
from pathlib import Path

from ledger.exchange.intake import Tally


def as_dict(file: str, tally: Tally, skipped: dict[str, int], rejects: Path) -> str:
    """One JSON object."""
    return json.dumps(
        {
            "file": file,
            "lines": tally.lines,
            "recorded": tally.recorded,
            "already_there": tally.duplicates,
            "refused": tally.refused,
            "conflicts": tally.conflicts,
            "recordedtime_ignored": tally.ignored_recorded_times,
            "resumed_after_line": tally.resumed_at,
            "skipped": skipped,
            "rejects": None if tally.clean else str(rejects),
        },
        ensure_ascii=False,
    )


def as_text(file: str, tally: Tally, skipped: dict[str, int], rejects: Path) -> str:
    """A few lines: the numbers, then what somebody may want to do something about."""
    lines = []
    if tally.resumed_at:
        lines.append(f"{file}: went on after line {tally.resumed_at:,}, where it had stopped")
    numbers = [f"{tally.recorded:,} recorded"]
    if tally.duplicates:
        numbers.append(f"{tally.duplicates:,} already there")
    if tally.refused:
        numbers.append(f"{tally.refused:,} refused")
    if tally.conflicts:
        numbers.append(f"{tally.conflicts:,} in conflict with what is recorded")
    lines.append(f"{file}: {', '.join(numbers)}")
    lines += [f"  {count:,} rows are no facts: {why}" for why, count in skipped.items()]
    if tally.ignored_recorded_times:
        lines.append(
            f"  recordedtime ignored in {tally.ignored_recorded_times:,} facts; "
            "--trust-recorded-times honours it"
        )
    lines += [f"  {refusal}" for refusal in tally.refusals]
    more = tally.refused + tally.conflicts - len(tally.refusals)
    if more > 0:
        lines.append(f"  … and {more:,} more")
    if not tally.clean:
        lines.append(f"  set aside in {rejects}, with the reasons in {rejects}.why")
    return "\n".join(lines)
