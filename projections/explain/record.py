"""What a creator's record says elsewhere of the violation that a ruling is about."""

from collections.abc import Iterable
from typing import Any

from ledger.facts.types import AppealDenied, AppealGranted, AppealLodged, ViolationFound
from projections.standing.replay import Ruling

KEPT = (ViolationFound, AppealLodged, AppealDenied)


class Record:
    """The findings and appeals of each violation, in the order of the replay."""

    def __init__(self, rulings: Iterable[Ruling]) -> None:
        self._by_violation: dict[str, list[Ruling]] = {}
        self._before: dict[int, int] = {}
        for ruling in rulings:
            fact: Any = ruling.envelope.fact
            if isinstance(fact, (*KEPT, AppealGranted)):
                known = self._by_violation.setdefault(fact.violation, [])
                self._before[id(ruling)] = len(known)
                if isinstance(fact, KEPT):
                    known.append(ruling)

    def overridden(self, grant: Ruling) -> Ruling | None:
        """What a grant decides otherwise: the last denial, or an appeal that was too late."""
        fact: Any = grant.envelope.fact
        earlier = self._by_violation[fact.violation][: self._before[id(grant)]]
        lodged = [r for r in earlier if isinstance(r.envelope.fact, AppealLodged)]
        denied = [r for r in earlier if isinstance(r.envelope.fact, AppealDenied) and r.applied]
        late = [r for r in lodged if r.reason == "window_closed"]
        if denied:
            return denied[-1]
        return late[-1] if late and not any(r.applied for r in lodged) else None

    def finding(self, violation: str) -> Ruling | None:
        """The finding of a violation that is unknown to the law: withdrawn, or without effect."""
        found = self._by_violation.get(violation, ())
        findings = [r for r in found if isinstance(r.envelope.fact, ViolationFound)]
        return findings[-1] if findings else None
