"""Statements of reasons as the EU DSA Transparency Database takes them, one for each decision.

A row has the fields of the database's API, under its names. What our words are there a mapping file
says; what the record says goes before it. A decision that lacks what the database requires is left
out, and why is counted: nothing is made up for it. No creator is named, as the database wants.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any

from ledger.facts.types import ViolationFound
from projections.fold.state import FOREVER, Stop
from projections.standing.naming import Naming, naming
from projections.standing.replay import Replay
from projections.standing.writing import json_line, local
from replay.interchange.words import EEA, Mapping, Restriction, Words
from replay.statement.decisions import Decision, Sanction, decisions
from replay.statement.reasons import Reasons

LeftOut = Counter[str]
"""{why a decision has no row: how many}."""
Row = dict[str, Any]

RESTRICTS = {
    "decision_visibility": "end_date_visibility_restriction",
    "decision_monetary": "end_date_monetary_restriction",
    "decision_provision": "end_date_service_restriction",
    "decision_account": "end_date_account_restriction",
}
"""What a restriction is of, and the field that has its end."""
REQUIRED = (
    "category", "content_type", "territorial_scope", "content_date", "source_type",
    "automated_detection", "automated_decision",
)  # fmt: skip
"""What no record need say; all else that the database requires follows from the decision."""
AUTOMATED = {
    "fully": "AUTOMATED_DECISION_FULLY",
    "partially": "AUTOMATED_DECISION_PARTIALLY",
    "no": "AUTOMATED_DECISION_NOT_AUTOMATED",
}
REGIONS = {"001": EEA, "150": EEA}
"""The world and Europe, as far as the database knows countries."""
ADDED = ("decision_visibility", "category_addition")
SAID = (
    "category", "detection", "circumstances", "rules", "contractual_ground", "explanation",
)  # fmt: skip
"""What a statement of reasons says that a row says, too."""
SHORT, LONG, FACTS = 500, 2000, 5000
"""Characters of a ground, an explanation, and the facts."""


def dsa(replays: Iterable[Replay], mapping: Mapping, left_out: LeftOut) -> Iterator[str]:
    """A line of JSON for each statement."""
    for replay in replays:
        names = naming(replay)
        for decision in decisions(replay, names):
            if not decision.rulings:
                left_out["a feature that lapsed is no decision on content"] += 1
            elif not decision.sanctions and not decision.money:
                left_out["nothing is restricted"] += 1
            elif missing := _lacks(row := _row(replay, names, decision, mapping)):
                left_out[f"no {missing}"] += 1
            else:
                yield json_line(row | _reasons(replay, decision))


def _lacks(row: Row) -> str:
    """The first field that is required and not there; empty for none."""
    if not row.keys() & RESTRICTS.keys():
        return "decision_* for what is restricted"
    return next((name for name in REQUIRED if name not in row), "")


def _row(replay: Replay, names: Naming, decision: Decision, mapping: Mapping) -> Row:
    row = mapping.defaults.said()
    ends: dict[str, list[int]] = {}
    for sanction in decision.sanctions:
        said, end = _restriction(sanction, names, mapping)
        if decision.violations:
            said.pop("category", None)  # theirs says what it is
        _merge(row, said)
        for name in said.keys() & RESTRICTS.keys():
            ends.setdefault(RESTRICTS[name], []).append(end)
    for account, _, _ in decision.money:
        _merge(row, mapping.accounts.get(account, Words()).said())
    for fact in decision.facts:
        if isinstance(fact, ViolationFound):
            said = mapping.categories.get(fact.category, Words()).said()
            found = mapping.detected_by.get(fact.detected_by, Words())
        else:
            said, found = {}, mapping.grounds.get(fact.ground, Words())
        _merge(row, said | found.said())
    zone = replay.rulebook.zone
    row |= _recorded(decision, zone)
    starts = [s.what.started_at for s in decision.sanctions if s.what.started_at < FOREVER]
    row["application_date"] = _date(min(starts, default=decision.at), zone)
    row |= {name: _date(max(e), zone) for name, e in ends.items() if max(e) < FOREVER}
    first = decision.rulings[0].envelope
    key = f"{first.source}\0{first.id}".encode()
    row["puid"] = blake2b(key, digest_size=16).hexdigest()
    return row


def _restriction(sanction: Sanction, names: Naming, mapping: Mapping) -> tuple[Row, int]:
    """What a sanction is in the database's words, and when it ends as it was decided."""
    what = sanction.what
    if isinstance(what, Stop):
        word, table, end = names.feature(what), mapping.features, what.planned_until
    else:
        word, table, end = names.measure(what), mapping.measures, what.until
    words = table.get(word, Restriction())
    said = words.said()
    for_good = said.pop("for_good", {})
    return said | (for_good if end >= FOREVER else {}), end


def _recorded(decision: Decision, zone: str) -> Row:
    """What the facts say themselves; of several of a batch what holds for all."""
    row: Row = {}
    facts = decision.facts
    detected = {fact.automated_detection for fact in facts}
    decided = {fact.automated_decision for fact in facts}
    offended = [fact.offended_at for fact in facts]
    if None not in detected:
        row["automated_detection"] = "Yes" if True in detected else "No"
    if None not in decided:
        worst = next(word for word in AUTOMATED if word in decided)
        row["automated_decision"] = AUTOMATED[worst]
    codes = [c for fact in facts for code in fact.territory for c in REGIONS.get(code, (code,))]
    if scope := [country for country in EEA if country in codes]:
        row["territorial_scope"] = scope
    if known := [at for at in offended if at is not None]:
        row["content_date"] = _date(min(known), zone)
    return row


def _reasons(replay: Replay, decision: Decision) -> Row:
    said = Reasons(replay, decision, "", "en").said(*SAID)
    known = {name: values for name, values in said.items() if values != ["not recorded"]}
    why = " ".join(said["explanation"])
    done = " ".join(known.get("circumstances", []))
    facts = [*said["category"], *said["detection"], done]
    row: Row = {"decision_facts": _cut("; ".join(filter(None, facts)), FACTS)}
    laws = [fact.legal_ground for fact in decision.facts if fact.legal_ground]
    if laws:
        row["decision_ground"] = "DECISION_GROUND_ILLEGAL_CONTENT"
        row["illegal_content_legal_ground"] = _cut("; ".join(laws), SHORT)
        row["illegal_content_explanation"] = _cut(f"{done} {why}".strip(), LONG)
        return row
    row["decision_ground"] = "DECISION_GROUND_INCOMPATIBLE_CONTENT"
    ground = [*said["rules"], *known.get("contractual_ground", [])]
    row["incompatible_content_ground"] = _cut("; ".join(ground), SHORT)
    row["incompatible_content_explanation"] = _cut(why, LONG)
    if any(getattr(fact, "law_breach", False) for fact in decision.facts):
        row["incompatible_content_illegal"] = "Yes"
    return row


def _merge(row: Row, said: Row) -> None:
    """A later table takes the place of an earlier; restrictions and further categories add up."""
    category = said.get("category")
    if row.get("category", category) != category and category is not None:
        said = said | {"category": row["category"], "category_addition": [category]}
    for name, value in said.items():
        more = [v for v in value if v not in row[name]] if name in ADDED and name in row else None
        row[name] = value if more is None else [*row[name], *more]


def _date(at: int, zone: str) -> str:
    return local(at, zone).date().isoformat()


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
