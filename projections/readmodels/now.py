"""One creator's row as of now, by a replay alone: as a runner that is at work has it."""

from projections.readmodels.derive import make_row
from projections.readmodels.rows import Row
from projections.standing.question import Question


def row_now(question: Question, creator: str) -> Row:
    """By way of what fell due since the last fact. Raises LedgerError where there is none."""
    facts = question.facts(creator)
    live = question.live(creator, facts, traced=False, whole=True)
    at = min(facts[-1].recorded_at, question.now)
    while True:
        replay = question.live_at(live, at)
        row = make_row(replay, position=facts[-1].position, next_fact_at=live.next_at(at))
        if row.next_change_at is None or row.next_change_at > question.now:
            question.pin()
            return row
        at = row.next_change_at
