"""What is owed or withheld, and what a violation brings once its appeal is over."""

from collections.abc import Iterator, Sequence

from ledger.facts.envelope import Envelope
from ledger.facts.types import MoneyPosted
from projections.explain.phrases import Count, Phrase, Value
from projections.explain.terms import (
    graded,
    identified,
    measure_of,
    money_of,
    named_stop,
    stop_name,
    term,
)
from projections.fold.calendar import local_day
from projections.fold.given import Fact
from projections.fold.state import APPEAL_DENIED, FOREVER, NONE, PERMANENT, RUNNING, VOID
from projections.standing.held import due
from projections.standing.naming import Naming, naming
from projections.standing.replay import Replay
from projections.standing.supposed import supposed
from projections.standing.writing import clock_time, deadline, points
from projections.views.deciding import finding
from projections.views.headline import Headline
from projections.views.windows import longest, waiting

WITHHELD = "withheld"
"""The reason of a posting below zero that took what was demanded, and did not ask for it."""


def money(replay: Replay) -> Iterator[Headline]:
    """What is owed, was withheld, or was posted beyond that; nothing of an account that is even.

    What was withheld is not asked for again: it meets the demand, and what was paid in stays the
    creator's for the rest.
    """
    rows = dict(zip(replay.history.accounts, replay.creator.accounts, strict=True))
    for account, currency, amount in due(replay):
        facts = [
            e
            for e in replay.history.envelopes
            if isinstance(e.fact, MoneyPosted)
            and (e.fact.account, e.fact.currency) == (account, currency)
        ]
        taken = [e for e in facts if _is_withheld(e)]
        if not amount and not taken:
            continue
        row, withheld = rows[account, currency], -sum(_amount(e) for e in taken)
        paid = row.posted + withheld
        left = amount
        if taken:
            rest = max(paid, 0) - withheld
            owed = row.demanded - max(paid, withheld)
            left = owed if owed > 0 else -max(rest, 0)
        shape = "due" if left > 0 else "credit"
        if taken:
            shape = f"withheld_{shape}" if left else "withheld"
        values: dict[str, Value] = {
            "account": term(replay.rulebook, "words", account),
            "amount": money_of(abs(left), currency),
            "demanded": money_of(row.demanded, currency),
            "posted": money_of(row.posted, currency),
            "paid": money_of(paid, currency),
            "withheld": money_of(withheld, currency),
        }
        yield Headline(
            "money",
            Phrase(f"outcome.money.{shape}", values),
            _not_returned(
                Phrase(f"outcome.why.{WITHHELD if taken else 'money'}", values),
                taken,
                currency,
                replay,
            ),
            {"account": account, "currency": currency},
            facts=facts,
        )


def _is_withheld(envelope: Envelope) -> bool:
    fact = envelope.fact
    return isinstance(fact, MoneyPosted) and fact.reason == WITHHELD and fact.amount < 0


def _amount(envelope: Envelope) -> int:
    assert isinstance(envelope.fact, MoneyPosted)
    return envelope.fact.amount


def _not_returned(why: Phrase, taken: Sequence[Envelope], currency: str, replay: Replay) -> Phrase:
    """What was withheld for violations that are void by now."""
    violations = zip(naming(replay).violations, replay.creator.violations, strict=False)
    gone = {name for name, violation in violations if violation.state in (VOID, NONE)}
    void = [e for e in taken if getattr(e.fact, "violation", None) in gone]
    if not void:
        return why
    named: list[Value] = [identified(str(getattr(e.fact, "violation", ""))) for e in void]
    values: dict[str, Value] = {"why": why, "violations": list(dict.fromkeys(named))}
    values["amount"] = money_of(-sum(_amount(e) for e in void), currency)
    return Phrase("outcome.why.released", values)


def waits(replay: Replay, names: Naming) -> Iterator[Headline]:
    """What is found and not yet in effect, and what it then brings."""
    zone = replay.rulebook.zone
    for slot, violation in waiting(replay.creator):
        word, judge = names.words[slot], names.judge(violation)
        values: dict[str, Value] = {
            "violation": identified(names.violations[slot]),
            "category": graded(word, names.severity(violation), judge),
            "since": clock_time(violation.found_at, zone),
            "parts": _then(slot, replay, names),
        }
        until = violation.waiting_until
        if until < FOREVER:
            values["until"] = deadline(until, zone)
        shape = "until" if until < FOREVER else "open"
        fact = finding(replay, slot)
        yield Headline(
            "waiting",
            Phrase(f"outcome.waiting.{shape}", values),
            Phrase("outcome.why.waiting", values),
            {"violation": names.violations[slot]},
            until if until < FOREVER else None,
            [names.violations[slot]],
            [fact] if fact else [],
        )


def _then(slot: int, replay: Replay, names: Naming) -> list[Value]:
    """What a denial would bring now: points, and what is then stopped until when."""
    violation = replay.creator.violations[slot]
    today = local_day(replay.as_of, replay.tables.book)
    denied = Fact(APPEAL_DENIED, replay.as_of, today, 0, violation.version, violation=slot)
    after, _ = supposed(replay, [denied])
    rule = names.judge(violation).counters[names.counters[violation.counter]]
    noun = "added" if rule.direction == "tally" else "deducted"
    parts: list[Value] = [Count(noun, points(violation.judged))]
    before = {(stop.feature, stop.until, stop.kind) for stop in longest(replay.creator)}
    for stop in longest(after):
        if (stop.feature, stop.until, stop.kind) in before:
            continue
        rulebook, feature = names.book(stop.version), names.feature(stop)
        for_good = stop.kind == PERMANENT
        which = "named" if named_stop(feature, rulebook, for_good=for_good) else ""
        said = stop_name(feature, rulebook, for_good=for_good)
        key = "for_good" if for_good and not which else "stops"
        parts.append(Phrase(f"outcome.then_{key}", {"stop": said}))
    measures = range(violation.measures_from, violation.measures_to)
    for row in measures:
        if after.measures[row].state == RUNNING:
            measure = measure_of(names.measure(after.measures[row]), replay.rulebook)
            parts.append(Phrase("outcome.then_measure", {"measure": measure}))
    return parts
