"""What a statement of reasons says, field by field; a template says in which order.

Nothing is invented: what the record does not have is said not to be recorded.
"""

from collections.abc import Callable, Iterator
from typing import Any

from ledger.facts.types import ViolationFound
from ledger.rulebook.concepts import Way
from ledger.rulebook.model import Rulebook
from projections.explain.assumptions import Figures
from projections.explain.explanation import Explainer
from projections.explain.phrases import Count, Phrase, Value, Word, say
from projections.explain.terms import (
    about_rulebook,
    graded,
    identified,
    money_of,
    term,
)
from projections.fold.state import (
    ABSENT,
    RE_JUDGED,
    TOOK_EFFECT,
    Stop,
)
from projections.fold.trace import Turn
from projections.standing.replay import Replay, Ruling
from projections.standing.writing import clock_time, points
from replay.statement.cited import cited
from replay.statement.decisions import Decision, Fact
from replay.statement.redress import appeal
from replay.statement.restrictions import Restrictions

NOT_RECORDED = Phrase("statement.not_recorded")
Lines = list[Value]


class Reasons:
    """One decision and its replay; a method for each field, in the language's own words."""

    def __init__(self, replay: Replay, decision: Decision, asked: str, language: str) -> None:
        self.replay, self.decision, self.asked, self.language = replay, decision, asked, language
        self.explainer = Explainer(replay, (language,))
        self.names, self.zone = self.explainer.names, replay.rulebook.zone
        rulings = decision.rulings
        self.rulebook: Rulebook = rulings[0].rulebook if rulings else replay.rulebook
        self.of = Restrictions(decision, self.names, self.rulebook, self.zone, replay.as_of)
        self.why = [self.explainer.event(event) for event in decision.told]

    def said(self, *fields: str) -> dict[str, list[str]]:
        """{field: its values}, at least one each; of all fields where none is named."""
        return {
            name: [say(value, self.language) for value in FIELDS[name](self) or [NOT_RECORDED]]
            for name in fields or FIELDS
        }

    def recipient(self) -> Lines:
        return [self.replay.subject]

    def sanction(self) -> Lines:
        """What it is about, as people call it: the violations, else what was begun."""
        decision = self.decision
        whole = {self.asked, self.asked.rpartition("@")[0]} & {*decision.names}
        if whole and decision.violations:
            named: list[Value] = [identified(name) for name in decision.violations]
            return [Phrase("statement.about", {"violations": named})]
        return _once([self.of.stopped(s) for s in decision.sanctions]) or self.category()

    def as_of(self) -> Lines:
        return [clock_time(self.replay.as_of, self.zone)]

    def known_at(self) -> Lines:
        known_at = self.replay.known_at
        return [clock_time(self.replay.as_of if known_at is None else known_at, self.zone)]

    def zone_name(self) -> Lines:
        return [Word("zones", self.zone)]

    def rules(self) -> Lines:
        return [about_rulebook(self.rulebook)]

    def rules_hash(self) -> Lines:
        return [self.rulebook.hash]

    def decided_at(self) -> Lines:
        return [clock_time(self.decision.at, self.zone)]

    def recorded_at(self) -> Lines:
        recorded = [ruling.envelope.recorded_at for ruling in self.decision.rulings]
        return [clock_time(max(recorded), self.zone)] if recorded else []

    def decided_by(self) -> Lines:
        return self._each("decided_by")

    def told_at(self) -> Lines:
        """When the recipient was told; Article 17(2): no later than the restriction begins."""
        given = [fact.told_at for fact in self.decision.facts if fact.told_at is not None]
        if not given and not self.decision.violations:
            return []
        at = max(given, default=self.decision.at)
        begun = [s.what.started_at for s in self.decision.sanctions if s.what.started_at < at]
        values: dict[str, Value] = {"at": clock_time(at, self.zone)}
        if begun:
            return [
                Phrase("statement.told_late", values | {"from": clock_time(min(begun), self.zone)})
            ]
        return [values["at"] if given else Phrase("statement.told_with", values)]

    # --- (a) the restriction, its territory and duration -----------------------------------------

    def restrictions(self) -> Lines:
        said: Lines = [self.of.stopped(s) for s in self.decision.sanctions]
        for account, currency, amount in self.decision.money:
            values: dict[str, Value] = {"amount": money_of(amount, currency)}
            values["account"] = term(self.rulebook, "words", account)
            how = account if account in ("deposit", "fine") else "other"
            said.append(Phrase(f"effects.money_due.{how}", values))
        return [*said, *self._points()]

    def duration(self) -> Lines:
        return [self.of.lasts(s) for s in self.decision.sanctions] or [Phrase("statement.no_stop")]

    def territory(self) -> Lines:
        return self._of_each(lambda fact: [_region(code) for code in dict.fromkeys(fact.territory)])

    # --- (b) facts and circumstances; own initiative or notice -----------------------------------

    def category(self) -> Lines:
        said: Lines = []
        for fact in self.decision.facts:
            if isinstance(fact, ViolationFound):
                title = graded(fact.category, fact.severity or "", self.rulebook)
                values: dict[str, Value] = {"violation": identified(fact.violation)}
                values["category"] = title
                said.append(Phrase("statement.violation", values))
            else:
                said.append(self.of.measure(fact.measure))
        return said or [Phrase("statement.lapse")]

    def circumstances(self) -> Lines:
        return self._of_each(
            lambda fact: [line for line in (fact.circumstances or "").splitlines() if line.strip()]
        )

    def item(self) -> Lines:
        return self._each("item")

    def committed_at(self) -> Lines:
        return self._each("offended_at", lambda at: clock_time(at, self.zone))

    def detection(self) -> Lines:
        if not self.decision.facts:
            return [Phrase("statement.by_time")]
        return self._of_each(self._detected)

    # --- (c) automated means ---------------------------------------------------------------------

    def automated_detection(self) -> Lines:
        return self._each(
            "automated_detection", lambda it: Phrase(f"statement.automated.{'yes' if it else 'no'}")
        )

    def automated_decision(self) -> Lines:
        return self._each("automated_decision", lambda word: Phrase(f"statement.automated.{word}"))

    # --- (d), (e) the ground, and why the facts fall under it ------------------------------------

    def legal_ground(self) -> Lines:
        return self._of_each(_law) or [Phrase("statement.no_law")]

    def contractual_ground(self) -> Lines:
        return _once([said for said, assumed in self._relied() if not assumed])

    def explanation(self) -> Lines:
        return [why.text[self.language] for why in self.why]

    def assumed(self) -> Lines:
        said = _once([said for said, assumed in self._relied() if assumed])
        return said or [Phrase("statement.none")]

    def since(self) -> Lines:
        """What became of it up to as_of: appeals, exams, and each of its sanctions."""
        slots = {ruling.row.violation for ruling in self.decision.rulings if ruling.row}
        own = [*self.decision.rulings, *self.decision.told]
        said: Lines = []
        for ruling in self.replay.rulings:
            about = ruling.row is not None and ruling.row.violation in slots - {ABSENT}
            about |= any(e[0] == RE_JUDGED and e[1] in slots for e in ruling.effects)
            if about and ruling.applied and all(ruling is not other for other in own):
                values: dict[str, Value] = {
                    "at": clock_time(ruling.envelope.effective_at, self.zone),
                    "text": self.explainer.ruling(ruling).text[self.language],
                }
                said.append(Phrase("statement.since", values))
        ends = [self.of.now(s) for s in self.decision.sanctions]
        return [*said, *ends] or [Phrase("statement.none")]

    # --- (f) redress -----------------------------------------------------------------------------

    def appeal(self) -> Lines:
        return self._of_each(self._appeal)

    def complaint(self) -> Lines:
        return self._redress("complaint")

    def out_of_court(self) -> Lines:
        return self._redress("out_of_court")

    def court(self) -> Lines:
        return self._redress("court")

    # --- what they are made of -------------------------------------------------------------------

    def _each(self, field: str, says: Callable[[Any], Value] = str) -> Lines:
        """A field of each fact, where it is given."""

        def given(fact: Fact) -> Lines:
            value = getattr(fact, field, None)
            return [] if value is None else [says(value)]

        return self._of_each(given)

    def _of_each(self, says: Callable[[Fact], Lines]) -> Lines:
        """What is said of each fact: once where it is the same of all, else with its violation."""
        told = [says(fact) for fact in self.decision.facts]
        if all(said == told[0] for said in told):
            return told[0] if told else []
        return [
            self._of(name, value)
            for name, said in zip(self.decision.violations, told, strict=True)
            for value in said or [NOT_RECORDED]
        ]

    def _of(self, violation: str, said: Value) -> Value:
        """With the violation that it is about, where there are several."""
        if len(self.decision.violations) < 2:
            return said
        return Phrase("statement.of", {"violation": identified(violation), "said": said})

    def _detected(self, fact: Fact) -> Lines:
        if isinstance(fact, ViolationFound):
            return [Phrase(f"statement.detected.{fact.detected_by}")]
        return [term(self.rulebook, "words", fact.ground)]

    def _appeal(self, fact: Fact) -> Lines:
        if not isinstance(fact, ViolationFound):
            return []
        violation = self.replay.creator.violations[self.names.violations.index(fact.violation)]
        return appeal(violation, self.replay, fact, self.names)

    def _points(self) -> Lines:
        said: Lines = []
        for event in self.decision.told:
            if isinstance(event, Turn):
                said += [
                    self._of(self.names.violations[slot], self._moved(amount, 0, None))
                    for code, slot, amount, _ in event.effects
                    if code == TOOK_EFFECT and amount
                ]
            elif event.change:
                moved = self._moved(event.change, event.counter, event)
                found = getattr(event.envelope.fact, "violation", None)
                said.append(moved if found is None else self._of(found, moved))
        return said

    def _moved(self, change: int, counter: int, ruling: Ruling | None) -> Value:
        name = self.names.counters[counter]
        noun = "added" if self.rulebook.counters[name].direction == "tally" else "deducted"
        moved = Count(noun, points(abs(change)))
        if ruling is None:
            return moved
        values: dict[str, Value] = {"moved": moved, "before": points(ruling.score_before or 0)}
        return Phrase("statement.points", values | {"after": points(ruling.score_after or 0)})

    def _relied(self) -> Iterator[tuple[Value, bool]]:
        """What the decision relies on, each with its words or its figure; and whether assumed."""
        figures = Figures(self.replay.tables.rulebooks)
        nodes = self._nodes()
        for why in self.why:
            for reference in why.references:
                table, node = (*reference.path.split("."), "")[:2]
                if table == "nodes" and nodes and node not in nodes:
                    continue  # of another stop, which is not what was asked about
                if reference.rulebook in figures.rulebooks:
                    yield cited(reference, figures)

    def _nodes(self) -> set[str]:
        """Whose stops the statement is about."""
        stops = [s.what for s in self.decision.sanctions if isinstance(s.what, Stop)]
        return {self.names.whose(stop)["node"] for stop in stops if stop.node != ABSENT}

    def _redress(self, way: Way) -> Lines:
        words = self.rulebook.redress.get(way)
        if words is None:
            return [Phrase("statement.unsaid")]
        said = getattr(words, self.language)
        assumed = self.rulebook.cite(f"redress.{way}").assumed
        return [Phrase("statement.assumed_way", {"words": said}) if assumed else said]


FIELDS: dict[str, Callable[[Reasons], Lines]] = {
    name: field
    for name, field in vars(Reasons).items()
    if not name.startswith("_") and name != "said"
}
"""Every field that a template may name."""


def _once(values: Lines) -> Lines:
    return [value for i, value in enumerate(values) if value not in values[:i]]


def _law(fact: Fact) -> Lines:
    if fact.legal_ground is not None:
        return [fact.legal_ground]
    broken = getattr(fact, "law_breach", False)
    return [Phrase("statement.law_unnamed" if broken else "statement.no_law")]


def _region(code: str) -> Value:
    return Phrase(f"statement.region.{code}") if code in ("001", "150") else code
