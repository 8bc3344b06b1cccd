"""A change of a row as a CloudEvent: old and new standing, and what caused it.

`docs/readmodels.md` describes the fields; the form is version 1 and part of the public interface.
"""

from collections.abc import Collection, Container
from typing import Any

from msgspec import Raw, Struct, json

from ledger.facts.types import TYPE_NAME, FactRetracted
from projections.explain.effects import effect_view
from projections.explain.explanation import clauses_of
from projections.readmodels.rows import Row, moment
from projections.readmodels.target import Change
from projections.standing.naming import Naming, naming
from projections.standing.replay import Replay, Ruling
from projections.standing.writing import instant, points

FACTS = 50
"""Facts that one change tells of, the last ones."""
CHANGED, CORRECTED = "standing_changed", "standing_corrected"
View = dict[str, Any]


class Cause(Struct, omit_defaults=True):
    """Why a row reads otherwise."""

    facts: list[View] = []
    """The rulings of the facts that were learned, or that took effect at their own time."""
    more: int = 0
    """How many facts before them are left out: an import may teach thousands at once."""
    awaited: int = 0
    """How many facts were learned that take effect only later."""
    effects: list[View] = []
    """What fell due by time alone."""
    law: str = ""
    """Hash of the rulebooks by which everything was judged anew."""
    failed: str = ""
    """Why the creator can't be judged any more."""
    since: str = ""
    """Where history was overturned: from when on it reads otherwise."""


_encode = json.Encoder().encode


def ended(before: bytes | None, row: Row) -> list[View]:
    """What is no longer so that time alone has ended, and that no effect of the fold tells of."""
    old = None if before is None else json.decode(before)
    if old is None or row.parked:
        return []
    new, at = json.decode(row.standing), moment(row.as_of).isoformat()
    found: list[View] = []
    for kind, table in (
        ("measure_ended", "measures"),
        ("window_closed", "windows"),
        ("quota_free", "exam_quota"),
    ):
        gone = [item for item in old[table] if item not in new[table]]
        for item in gone:
            about = {"window" if word == "kind" else word: value for word, value in item.items()}
            found.append({"kind": kind} | about | {"at": at})
    if old["rulebook"] != new["rulebook"]:
        found.append({"kind": "rulebook_in_force", "rulebook": new["rulebook"], "at": at})
    return found


def change(name: str, source: str, row: Row, at: int, before: bytes | None, cause: Cause) -> Change:
    """One entry of the feed. `before` is the old standing as JSON, None where there was none."""
    event = {
        "specversion": "1.0",
        "id": name,
        "source": source,
        "type": CORRECTED if cause.since else CHANGED,
        "subject": row.creator,
        "time": moment(at),
        "datacontenttype": "application/json",
        "data": {
            "position": row.position,
            "old": None if before is None else Raw(before),
            "new": Raw(row.standing),
            "cause": cause,
        },
    }
    return Change(name, row.creator, _encode(event), source)


def by_lesson(replay: Replay, learned: Collection[int]) -> Cause:
    """Facts that were learned; from when on history reads otherwise where it was overturned.

    What time had done by then is in the new standing and not listed: which of it is news would
    depend on when the old row was made.
    """
    cause = _rulings([r for r in replay.rulings if r.envelope.position in learned], replay)
    ruled = {r.envelope.position for r in replay.rulings}
    cause.awaited = len([p for p in learned if p not in ruled])
    overturned = _overturned(replay, learned)
    if overturned is not None:
        cause.since = instant(overturned, replay.rulebook.zone)
    return cause


def by_time(replay: Replay, since: int) -> Cause:
    """What fell due after `since`: effects of the clock, and facts that waited for their time."""
    names = naming(replay)
    turns = [turn for r in replay.rulings for turn in r.turns] + replay.turns
    due = [effect for turn in turns for effect in turn.effects]
    cause = _rulings([r for r in replay.rulings if r.envelope.effective_at > since], replay)
    cause.effects = [effect_view(e, replay, names) for e in due if e[3] > since]
    return cause


def _rulings(rulings: list[Ruling], replay: Replay) -> Cause:
    """The last ones, each with its clauses."""
    names, told = naming(replay), rulings[-FACTS:]
    clauses = clauses_of(replay, frozenset(r.envelope.position for r in told), names)
    facts = [_fact(r, clauses[r.envelope.position], replay, names) for r in told]
    return Cause(facts=facts, more=len(rulings) - len(told))


def by_law(law: str) -> Cause:
    """The rulebooks, or the program, have changed."""
    return Cause(law=law)


def failure(said: str) -> Cause:
    """The creator can't be judged."""
    return Cause(failed=said)


def _fact(ruling: Ruling, clauses: list[str], replay: Replay, names: Naming) -> View:
    e = ruling.envelope
    return {
        "position": e.position,
        "source": e.source,
        "event": e.id,
        "type": TYPE_NAME[type(e.fact)],
        "effective_at": instant(e.effective_at, replay.rulebook.zone),
        "outcome": "applied" if ruling.applied else "no_effect",
        "reason": ruling.reason or None,
        "change": None if ruling.change is None else points(ruling.change),
        "effects": [effect_view(x, replay, names) for x in ruling.effects],
        "clauses": clauses,
    }


def _overturned(replay: Replay, learned: Container[int]) -> int | None:
    """From when on history reads otherwise: a retraction, or a fact before others already ruled."""
    earliest: int | None = None
    latest = max(
        (r.envelope.effective_at for r in replay.rulings if r.envelope.position not in learned),
        default=0,
    )
    for ruling in replay.rulings:
        e, by = ruling.envelope, ruling.retracted_by
        withdrawn = by is not None and by.position in learned and e.position not in learned
        late = e.position in learned and by is None and e.effective_at < latest
        if withdrawn or (late and type(e.fact) is not FactRetracted):
            earliest = e.effective_at if earliest is None else min(earliest, e.effective_at)
    return earliest
