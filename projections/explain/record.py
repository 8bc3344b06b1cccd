"""What a creator's record says elsewhere of the violation that a ruling is about."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from ledger.facts.types import (
    AppealDenied,
    AppealGranted,
    AppealLodged,
    MoneyPosted,
    ViolationFound,
)
from projections.fold.state import MONEY_DUE, MONEY_RELEASED
from projections.standing.replay import Ruling

Accounts: TypeAlias = Sequence[tuple[str, str]]
"""(account, currency) by the numbers that effects have for them."""

KEPT = (ViolationFound, AppealLodged, AppealDenied)


class Record:
    """The findings and appeals of each violation, in the order of the replay."""

    def __init__(self, rulings: Iterable[Ruling]) -> None:
        self._by_violation: dict[str, list[Ruling]] = {}
        self._before: dict[int, int] = {}
        self._over: dict[tuple[int, tuple[str, str]], int] | None = None
        self._rulings = list(rulings)
        for ruling in self._rulings:
            fact: Any = ruling.envelope.fact
            if isinstance(fact, (*KEPT, AppealGranted)):
                known = self._by_violation.setdefault(fact.violation, [])
                self._before[id(ruling)] = len(known)
                if isinstance(fact, KEPT):
                    known.append(ruling)

    def overpaid(self, ruling: Ruling, account: tuple[str, str], accounts: Accounts) -> int:
        """By how much more is paid on an account after a ruling than is due, in minor units."""
        if self._over is None:
            self._over = dict(_balances(self._rulings, accounts))
        return self._over.get((id(ruling), account), 0)

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


def _balances(
    rulings: Iterable[Ruling], accounts: Accounts
) -> Iterator[tuple[tuple[int, tuple[str, str]], int]]:
    """After each ruling that releases money: what is paid less what is due, by account."""
    paid: Counter[tuple[str, str]] = Counter()
    for ruling in rulings:
        fact = ruling.envelope.fact
        if isinstance(fact, MoneyPosted) and ruling.applied:
            paid[fact.account, fact.currency] += fact.amount
        turned = [effect for turn in ruling.turns for effect in turn.effects]
        for code, row, amount, _ in [*turned, *ruling.effects]:
            if code in (MONEY_DUE, MONEY_RELEASED):
                paid[accounts[row]] += amount if code == MONEY_RELEASED else -amount
        for code, row, _, _ in ruling.effects:
            if code == MONEY_RELEASED:
                yield (id(ruling), accounts[row]), paid[accounts[row]]
