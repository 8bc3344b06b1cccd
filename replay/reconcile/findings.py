"""A row of the answer: where the record of a creator does not agree with the rules, and which."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from ledger.facts.envelope import Envelope
from projections.explain.grounds import Places
from projections.explain.messages import LANGUAGES
from projections.explain.phrases import Phrase, Value, sentence
from projections.explain.places import Place
from projections.fold.given import Fact
from projections.fold.trace import Ground
from projections.standing.moments import Moment
from projections.standing.naming import of_rulebook
from projections.standing.replay import Replay
from projections.standing.tables import Tables
from projections.standing.writing import instant
from replay.reconcile.walk import Walk

View = dict[str, Any]
KINDS = (
    "recovery_due",
    "recovery_not_due",
    "recovery_amount",
    "override_misfit",
    "override_refused",
    "overrides_unlike",
    "appeal_late",
    "appeal_not_lodged",
    "appeal_denied_before",
    "exam_no_effect",
    "violation_repeated",
    "violation_alike",
)
"""In the order in which they are told."""


class Law:
    """A rulebook's versions, and where their figures stand; shared by all creators of it."""

    def __init__(self, tables: Tables) -> None:
        self.names = of_rulebook(tables)
        self._places = Places(self.names)

    def place(self, ground: Ground) -> Place:
        return self._places.place(ground)

    def clauses(self, grounds: Iterable[Ground]) -> list[str]:
        """What the grounds cite, each once."""
        cited = (self.place(ground).clause for ground in grounds)
        return list(dict.fromkeys(clause for clause in cited if clause))


class Finding(Struct):
    kind: str
    creator: str | None
    """None where it is about several."""
    at: int | None
    zone: str
    events: list[tuple[str, str]]
    """(source, id) of the facts that it is about."""
    rulebook: str
    figures: dict[str, str]
    clauses: list[str]
    said: Phrase


class Span(Struct, frozen=True):
    """From when to when a row may be about; None for always."""

    since: Moment | None = None
    """A date alone is the beginning of its day."""
    until: Moment | None = None
    """A date alone is the end of its day."""

    def has(self, at: int, zone: str) -> bool:
        if self.until is not None and at > self.until.instant(zone):
            return False
        return self.since is None or at >= self.since.beginning(zone)


class Case(Struct):
    """One creator: the record as it is ruled, and once more with recoveries as due."""

    recorded: Replay
    walk: Walk
    law: Law
    span: Span

    @property
    def zone(self) -> str:
        return self.recorded.rulebook.zone

    def ruled(self) -> Iterator[tuple[Envelope, Fact, int]]:
        """Each fact that counts, as the fold reads it, and the code of its reason."""
        history = self.recorded.history
        return zip(history.envelopes, history.rows, self.walk.reasons, strict=True)

    def finding(
        self,
        kind: str,
        facts: Sequence[Envelope],
        version: int,
        grounds: Iterable[Ground | str],
        figures: dict[str, str],
        *,
        at: int | None = None,
        shape: str = "",
        **titles: Value,
    ) -> Finding:
        """A row about some facts, `at` the time of the first of them if not said otherwise.

        `grounds` is what it is measured by: figures and behaviours of a version, by key path. The
        sentence has the figures in it, with a title in the place of some.
        """
        values: dict[str, Value] = {**figures, **titles}
        asked = [Ground(g, version) if isinstance(g, str) else g for g in grounds]
        return Finding(
            kind,
            self.recorded.subject,
            facts[0].effective_at if at is None else at,
            self.zone,
            [(e.source, e.id) for e in facts],
            self.law.names.book(version).label,
            figures,
            self.law.clauses(asked),
            Phrase(f"reconcile.{kind}.{shape}" if shape else f"reconcile.{kind}", values),
        )


def finding_view(finding: Finding) -> View:
    """As `--json` prints it."""
    return {
        "finding": finding.kind,
        "creator": finding.creator,
        "at": None if finding.at is None else instant(finding.at, finding.zone),
        "events": [{"source": source, "event": event} for source, event in finding.events],
        "rulebook": finding.rulebook,
        "figures": finding.figures,
        "clauses": finding.clauses,
        "text": {language: told(finding, language) for language in LANGUAGES},
    }


def told(finding: Finding, language: str) -> str:
    return sentence([[finding.said]], language)
