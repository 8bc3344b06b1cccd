"""Whether a violation can be appealed, and by when; from when the time is counted."""

from ledger.facts.types import ViolationFound
from projections.explain.phrases import Phrase, Value
from projections.explain.terms import role
from projections.fold.calendar import local_day, midnight
from projections.fold.state import FOREVER, STANDING, Violation
from projections.standing.naming import Naming
from projections.standing.replay import Replay
from projections.standing.writing import clock_time, deadline


def appeal(
    violation: Violation,
    replay: Replay,
    fact: ViolationFound,
    names: Naming,
) -> list[Value]:
    """A sentence each: by when, that notice came later than the finding, that it is assumed."""
    book, zone = replay.tables.book, replay.rulebook.zone
    rules = book.versions[violation.version]
    if violation.state != STANDING:
        return [Phrase("statement.appeal.void")]
    last = min(violation.found_on + rules.appeal_window_days, FOREVER)
    if violation.lodged >= rules.appeal_attempts:
        return [Phrase("statement.appeal.used")]
    if last >= FOREVER:
        authority = role(names.judge(violation), "authority")
        return [Phrase("statement.appeal.always", {"authority": authority})]
    values: dict[str, Value] = {"until": deadline(midnight(last + 1, book), zone)}
    today = local_day(replay.as_of, book)
    said: list[Value] = [
        Phrase(f"statement.appeal.{'open' if today <= last else 'closed'}", values)
    ]
    if fact.told_at is not None and local_day(fact.told_at, book) > violation.found_on:
        late: dict[str, Value] = {"told": clock_time(fact.told_at, zone)}
        said.append(Phrase("statement.appeal.told_later", late))
    if names.judge(violation).cite("appeal.window_days").assumed:
        said.append(Phrase("statement.appeal.assumed"))
    return said
