"""A draft beside the versions in force, over the same log: who would stand where, and from when.

The draft judges together with the versions that came into force before it, as if it had been
adopted; versions of a later date are left out on its side. What people did is held fixed.
"""

from datetime import date
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace as with_

from ledger.errors import NoRulebookError, RulebookError
from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled
from ledger.rulebook.checks.sense import family
from ledger.rulebook.model import Rulebook
from projections.standing.naming import naming
from projections.standing.question import Question
from projections.standing.replay import DEFAULT_RULEBOOK, Library, Replay, replay
from projections.standing.tables import Tables
from projections.standing.writing import points
from projections.views.objects import standing_object
from projections.views.windows import longest
from replay.whatif.counterfactual import (
    Comparison,
    Pair,
    Told,
    aligned,
    differences,
    divergence_view,
    held_fixed,
    place_view,
)
from replay.whatif.outcome import days, suspended
from replay.whatif.scenario import Scenario

View = dict[str, Any]
PLACE = ("event", "type", "effective_at")
SAID = ("change", "nominal", "outcome", "reason")


class Beside:
    """The versions of one name as if the draft were adopted."""

    def __init__(self, draft: Rulebook, in_force: tuple[Rulebook, ...]) -> None:
        before = [
            r
            for r in in_force
            if r.in_force_from < draft.in_force_from and r.version != draft.version
        ]
        if problems := family([*before, draft]):
            raise RulebookError("\n".join(problems))
        self._versions = (*before, draft)

    def versions(self, name: str) -> tuple[Rulebook, ...]:
        """Of this rulebook: only creators of it are replayed."""
        assert name == self._versions[-1].name
        return self._versions


class Sums(Struct):
    """One side of the totals."""

    points: dict[str, int] = field(default_factory=dict)
    """{counter: sum of its scores}, in hundredths."""
    suspended: int = 0
    """Microseconds in which some feature of a creator was stopped."""


class Totals(Struct):
    """What all creators come to."""

    creators: int = 0
    disagree: int = 0
    newly_stopped: int = 0
    freed: int = 0
    left_out: int = 0
    """Not enrolled under this rulebook by then."""
    baseline: Sums = field(default_factory=Sums)
    counterfactual: Sums = field(default_factory=Sums)


class Found(Struct):
    """What the engine says of some creators."""

    read: int
    rest: list[str] = field(default_factory=list)
    """Those who must be replayed."""
    left_out: int = 0
    agree: int = 0
    """The others: of them all, the points on each counter, and microseconds of suspension."""
    points: list[int] = field(default_factory=list)
    suspended: int = 0
    versions: set[int] = field(default_factory=set)
    """By which of those in force was ruled."""


class Shadow:
    """A draft run over the log of a question; `totals` grow with each creator."""

    def __init__(self, question: Question, draft: Rulebook, since: date | None = None) -> None:
        self.question = question
        self.draft = draft if since is None else with_(draft, in_force_from=since)
        self.totals = Totals()
        self._libraries: dict[tuple[str, ...], Library] = {}
        self.beside = self._in_force()

    def creator(self, creator: str, envelopes: list[Envelope]) -> Comparison | None:
        """Both replays of one creator; None for one who is not judged by this rulebook."""
        compared = self._compared(creator, envelopes)
        if compared is None:
            self.totals.left_out += 1
        else:
            self._add(compared)
        return compared

    def agreed(self, found: Found) -> None:
        """Those of whom both sides say the same, by their sums."""
        totals = self.totals
        totals.creators += found.agree
        totals.left_out += found.left_out
        if not found.agree:
            return
        for sums in (totals.baseline, totals.counterfactual):
            sums.suspended += found.suspended
            for counter, sum_ in zip(self.beside[0].counters, found.points, strict=True):
                sums.points[counter] = sums.points.get(counter, 0) + sum_

    def tables(self, known_at: int) -> tuple[Tables, Tables]:
        """What is in force as known at an instant, and the draft's side, as numbers."""
        in_force = self.question.tables(self.draft.name, known_at)
        return in_force, self.library(in_force.rulebooks).tables(self.draft.name)

    def _in_force(self) -> tuple[Rulebook, ...]:
        """What the draft is compared with. Raises where there is nothing, or it can't follow."""
        question, name = self.question, self.draft.name
        known_at = max([question.now, *(e.recorded_at for e in question.log.stream(name))])
        if question.known_at is not None:
            known_at = question.known_at.instant(self.draft.zone)
        found = question.versions(name, known_at)
        self.library(found)
        return found

    def _compared(self, creator: str, envelopes: list[Envelope]) -> Comparison | None:
        name = self.draft.name
        if not may_be_of(name, envelopes):
            return None
        try:
            baseline = self.question.replay(creator, envelopes, rulings=True)
        except NoRulebookError:
            return None  # another rulebook's, and that one is not here
        if baseline.tables.rulebooks[0].name != name or not baseline.creator.enrolled:
            return None
        other = replay(
            creator,
            envelopes,
            self.library(baseline.tables.rulebooks),
            as_of=baseline.as_of,
            known_at=baseline.known_at,
            rulings=True,
        )
        stages = [Told(side, ()) for side in (baseline, other)]
        return Comparison(Scenario.of(rulebook=self.draft.label), stages, aligned(stages))

    def library(self, in_force: tuple[Rulebook, ...]) -> Library:
        key = tuple(r.hash for r in in_force)
        if key not in self._libraries:
            self._libraries[key] = Library(Beside(self.draft, in_force))
        return self._libraries[key]

    def _add(self, compared: Comparison) -> None:
        totals = self.totals
        before, after = bool(stopped(compared.baseline)), bool(stopped(compared.counterfactual))
        totals.creators += 1
        totals.disagree += disagree(compared)
        totals.newly_stopped += after and not before
        totals.freed += before and not after
        for sums, side in (
            (totals.baseline, compared.baseline),
            (totals.counterfactual, compared.counterfactual),
        ):
            sums.suspended += suspended(side)
            for counter, row in zip(naming(side).counters, side.creator.counters, strict=True):
                sums.points[counter] = sums.points.get(counter, 0) + row.score


def may_be_of(name: str, envelopes: list[Envelope]) -> bool:
    """Whether some enrolment names the rulebook; cheaper than a replay."""
    enrolments = [e.fact for e in envelopes if isinstance(e.fact, CreatorEnrolled)]
    return any((fact.rulebook or DEFAULT_RULEBOOK) == name for fact in enrolments)


def disagree(compared: Comparison) -> bool:
    """Whether a ruling, what time did after the last one, or the standing differs."""
    if divergence_view(compared) is not None:
        return True
    return standing_object(compared.baseline) != standing_object(compared.counterfactual)


def stopped(side: Replay) -> list[str]:
    """The features that are stopped at as_of."""
    names = naming(side)
    return [names.feature(stop) for stop in longest(side.creator)]


def creator_view(compared: Comparison) -> View:
    """One creator who disagrees, as `--json` prints it."""
    a, b = standing_object(compared.baseline), standing_object(compared.counterfactual)
    sides = {"baseline": compared.baseline, "counterfactual": compared.counterfactual}
    return {
        "creator": compared.baseline.subject,
        "first_divergence": _place(compared),
        "differences": differences(a, b),
        "rulings": [_pair(pair) for pair in compared.pairs if pair.differs],
        "stopped": {name: stopped(side) for name, side in sides.items()},
        "suspended_days": {name: days(suspended(side)) for name, side in sides.items()},
    }


def _place(compared: Comparison) -> View | None:
    """Where they part; the law of a draft is the only thing that differs."""
    place = divergence_view(compared)
    return None if place is None else {name: place[name] for name in PLACE}


def _pair(pair: Pair) -> View:
    def said(view: View | None) -> View | None:
        return None if view is None else {key: view[key] for key in SAID if key in view}

    return place_view(pair) | {
        "baseline": said(pair.baseline),
        "counterfactual": said(pair.counterfactual),
    }


def totals_view(shadow: Shadow) -> View:
    """All creators together: the last line of `--json`."""
    totals = shadow.totals
    sides = {"baseline": totals.baseline, "counterfactual": totals.counterfactual}
    return {
        "draft": shadow.draft.label,
        "hash": shadow.draft.hash,
        "in_force_from": shadow.draft.in_force_from.isoformat(),
        "beside": [r.label for r in shadow.beside],
        "creators": totals.creators,
        "left_out": totals.left_out,
        "disagree": totals.disagree,
        "newly_stopped": totals.newly_stopped,
        "freed": totals.freed,
        "points": {
            name: {counter: points(amount) for counter, amount in sums.points.items()}
            for name, sums in sides.items()
        },
        "suspended_days": {name: days(sums.suspended) for name, sums in sides.items()},
        **held_fixed(),
    }
