"""Baseline and counterfactual side by side: rulings aligned by fact, and where they part.

Both are replays of the same record as of the same T, known at the same K. A ruling differs when
its outcome, change or effects do, or when only one side has it; the first such fact in time is the
first divergence.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from ledger.facts.envelope import Envelope
from projections.explain.effects import effect_view
from projections.explain.explanation import Explainer, Explanation
from projections.explain.phrases import Phrase, say
from projections.standing.naming import naming
from projections.standing.question import Question
from projections.standing.replay import Library, Replay, Ruling, replay
from projections.standing.writing import instant
from projections.views.objects import head_view, ruling_view, standing_object
from replay.whatif.scenario import ReformedShelf, Scenario, Shelf, changed_facts

Key = tuple[str, str]
View = dict[str, Any]
OUTCOME = ("effective_at", "change", "nominal", "outcome", "reason", "effects")
"""Fields in which a ruling can differ; scores merely carry on what an earlier one changed."""

SILENT = Explanation([], [], {})


def held_fixed() -> View:
    """What a comparison does not know, in both languages."""
    said = Phrase("whatif.held_fixed")
    return {"held_fixed": say(said, "en"), "held_fixed_zh": say(said, "zh")}


class Pair(Struct):
    """One fact on both sides; None where a side has no ruling of it."""

    key: Key
    baseline: View | None
    counterfactual: View | None

    @property
    def differs(self) -> bool:
        a, b = self.baseline, self.counterfactual
        if a is None or b is None:
            return True
        return any(a.get(name) != b.get(name) for name in OUTCOME)

    @property
    def any(self) -> View:
        view = self.counterfactual if self.baseline is None else self.baseline
        assert view is not None
        return view


class Comparison(Struct):
    scenario: Scenario
    baseline: Replay
    counterfactual: Replay
    pairs: list[Pair]

    @property
    def first_divergence(self) -> Pair | None:
        return next((pair for pair in self.pairs if pair.differs), None)


def compare(question: Question, creator: str, scenario: Scenario) -> Comparison:
    """What a question's log knows of a creator, beside the same under a scenario."""
    envelopes = question.known_facts(creator)
    baseline = question.replay(creator, envelopes, rulings=True, noted=False)
    _, known_at = question.times(envelopes)
    return counterfactual(scenario, baseline, envelopes, question.shelf_at(known_at))


def counterfactual(
    scenario: Scenario, baseline: Replay, envelopes: Sequence[Envelope], shelf: Shelf
) -> Comparison:
    """Replay the record as the scenario has it and compare; `baseline` must have its rulings."""
    zone = baseline.rulebook.zone
    facts = changed_facts(scenario, baseline.subject, envelopes, zone)
    library = Library(ReformedShelf(shelf, scenario.rulebook, scenario.set))
    other = replay(
        baseline.subject,
        facts,
        library,
        as_of=baseline.as_of,
        known_at=baseline.known_at,
        rulings=True,
        simulate=scenario.recoveries == "due",
    )
    return Comparison(scenario, baseline, other, aligned(baseline, other))


def aligned(baseline: Replay, other: Replay, *, told: bool = True) -> list[Pair]:
    """Each fact once, in the order of time; a moved one stands where it is earlier.

    Not `told`, the rulings have neither sentences nor clauses, and are there sooner.
    """
    sides = [views(baseline, told=told), views(other, told=told)]
    place: dict[Key, tuple[int, int]] = {}
    for side in (baseline, other):
        for index, ruling in enumerate(side.rulings):
            here = ruling.envelope.effective_at, index
            place[key(ruling)] = min(place.get(key(ruling), here), here)
    ordered = sorted(place, key=lambda k: (*place[k], k))
    return [Pair(k, sides[0].get(k), sides[1].get(k)) for k in ordered]


def key(ruling: Ruling) -> Key:
    return ruling.envelope.source, ruling.envelope.id


def views(side: Replay, *, told: bool = True) -> dict[Key, View]:
    """Each ruling with what time did before it."""
    explainer = Explainer(side)
    return {
        key(ruling): ruling_view(
            ruling, explainer.with_time(ruling) if told else SILENT, explainer, ruling.with_time
        )
        for ruling in side.rulings
    }


def comparison_view(comparison: Comparison) -> View:
    """What `what-if --json` prints."""
    baseline, other = comparison.baseline, comparison.counterfactual
    a, b = standing_object(baseline), standing_object(other)
    head = head_view(baseline)
    del head["rulebook"]
    return head | {
        "scenario": scenario_view(comparison.scenario, baseline.rulebook.zone),
        **held_fixed(),
        "baseline": side_view(baseline, a),
        "counterfactual": side_view(other, b),
        "differences": differences(a, b),
        "first_divergence": divergence_view(comparison),
        "rulings": [pair_view(pair) for pair in comparison.pairs],
    }


def side_view(side: Replay, standing: View) -> View:
    """The standing, and what time alone changed after the last fact."""
    return {
        "rulebook": side.rulebook.label,
        "standing": standing,
        "since_last_fact": clock_views(side),
    }


def clock_views(side: Replay) -> list[View]:
    names = naming(side)
    return [effect_view(effect, side, names) for effect in side.clock_effects]


def divergence_view(comparison: Comparison) -> View | None:
    """Where the two part: a fact, or an instant after the last one (then without an event)."""
    if (first := comparison.first_divergence) is not None:
        return place_view(first)
    ours, theirs = clock_views(comparison.baseline), clock_views(comparison.counterfactual)
    only = [e for e in ours if e not in theirs] + [e for e in theirs if e not in ours]
    if not only:
        return None
    return {"event": None, "type": None, "effective_at": min(e["at"] for e in only)}


def scenario_view(scenario: Scenario, zone: str) -> View:
    return {
        "drop": list(scenario.drop),
        "add": list(scenario.add),
        "move": [
            {"event": event, "to": moment.stated.isoformat()}
            if moment.whole_day
            else {"event": event, "to": instant(moment.instant(zone), zone)}
            for event, moment in scenario.move
        ],
        "rulebook": scenario.rulebook or None,
        "set": dict(scenario.set),
        "recoveries": scenario.recoveries,
    }


def place_view(pair: Pair) -> View:
    view = pair.any
    return {"event": view["event"], "type": view["type"], "effective_at": view["effective_at"]}


def pair_view(pair: Pair) -> View:
    return place_view(pair) | {
        "source": pair.key[0],
        "differs": pair.differs,
        "baseline": pair.baseline,
        "counterfactual": pair.counterfactual,
    }


def differences(a: View, b: View) -> View:
    """{field of the standing: what only one side has}; empty where the standings are the same."""
    result: View = {}
    for field, ours in a.items():
        theirs = b[field]
        if ours == theirs:
            continue
        if isinstance(ours, list):
            result[field] = {
                "baseline": [row for row in ours if row not in theirs],
                "counterfactual": [row for row in theirs if row not in ours],
            }
        else:
            result[field] = {"baseline": ours, "counterfactual": theirs}
    return result
