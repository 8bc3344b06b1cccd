"""Recoveries that are due as facts, ready to be imported once a person agrees.

Their ids follow from creator and period, so that a second import of them changes nothing. What a
person must decide, as what to withdraw, is not proposed.
"""

from collections.abc import Iterator
from hashlib import sha256

from ledger.facts.cloudevents import encode
from ledger.facts.envelope import Envelope
from ledger.facts.types import RecoveryGranted
from ledger.text import safe
from replay.reconcile.findings import Case, Span
from replay.reconcile.walk import Due

SOURCE = "urn:penalty-ledger:reconcile"


def proposed(case: Case, span: Span) -> Iterator[str]:
    """A line for each recovery that is due and not recorded."""
    for due in case.walk.missing:
        if span.has(due.at, case.zone):
            yield safe(encode(fact(case.recorded.subject, due)))


def fact(creator: str, due: Due) -> Envelope:
    """Granted when it fell due; how much, the rulebook says."""
    whose = sha256(creator.encode()).hexdigest()[:16]
    id_ = f"recovery-{due.period}-{whose}"
    return Envelope(SOURCE, id_, creator, due.at, RecoveryGranted(due.period))
