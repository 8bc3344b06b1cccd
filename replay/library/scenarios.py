"""What Python says of a scenario, as the room of what-if has it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeAlias

from ledger.errors import InputError
from projections.standing.moments import Moment, read_moment
from replay.whatif import query
from replay.whatif.document import MAX_BYTES, conditions, of_table, read
from replay.whatif.scenario import Scenario as Stack

Time = str | date
"""As on the command line: RFC 3339, or on the clocks of the creator's rulebook; a date alone is
the end of that day. A `datetime` without a zone is on those clocks too."""
Query: TypeAlias = Mapping[str, object]
"""Conditions that facts must meet: {"type": "appeal_granted", "first": 1}."""
Scenario: TypeAlias = str | Path | Mapping[str, object] | Sequence[Mapping[str, object]]
"""The name of a file, what stands in one, or its steps: [{"drop": "e5"}]."""


def read_scenario(scenario: Scenario) -> Stack:
    """Raises InputError with what is wrong."""
    if isinstance(scenario, str | Path):
        try:
            with Path(scenario).open("rb") as file:
                return read(file.read(MAX_BYTES + 1), str(scenario))
        except OSError as error:
            raise InputError(f"{scenario}: can't be read: {error.strerror}") from None
    if isinstance(scenario, Mapping):
        return of_table(dict(scenario))
    return of_table({"step": [dict(step) for step in scenario]})


def queries(facts: Iterable[str | Query]) -> list[query.Query]:
    """Each an id or conditions. Raises InputError."""
    return [conditions(fact if isinstance(fact, str) else dict(fact)) for fact in facts]


def stacked(
    *,
    move: Mapping[str, Time],
    drop: Iterable[str | Query],
    amend: Mapping[str, Mapping[str, object]],
    recoveries: Literal["recorded", "due"],
    **given: Any,
) -> Stack:
    """Interventions and reforms as the options of the command have them."""
    return Stack.of(
        move=[(event, _to(time)) for event, time in move.items()],
        drop=queries(drop),
        amend=list(amend.items()),
        recoveries=recoveries,
        **given,
    )


def moment(time: Time) -> Moment:
    """Raises InputError for what is none."""
    try:
        return read_moment(time if isinstance(time, str) else time.isoformat())
    except ValueError as error:
        raise InputError(str(error)) from None


def _to(time: Time) -> Moment | query.Shift:
    shift = query.read_shift(time) if isinstance(time, str) else None
    return shift or moment(time)
