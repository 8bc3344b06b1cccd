"""Baseline and counterfactual side by side: rulings aligned by fact, and where they part.

Both are replays as of the same T, known at the same K. A ruling differs when its outcome, change or
effects do, or when only one side has it; the first such fact in time is the first divergence. Only
what differs is told, since telling takes longer than ruling: `Told` makes views when they are asked
for. Each step of a scenario is replayed by itself on top of those before it: what changes there is
that step's doing.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from ledger.facts.envelope import Envelope
from ledger.facts.types import TYPE_NAME
from projections.explain.effects import effect_view
from projections.explain.explanation import Explainer, Explanation
from projections.explain.messages import LANGUAGES
from projections.explain.phrases import Phrase, say
from projections.fold.trace import Effect, Turn
from projections.standing.naming import naming
from projections.standing.question import Question
from projections.standing.replay import Library, Replay, Ruling
from projections.standing.writing import instant
from projections.views.objects import head_view, ruling_view, standing_object
from replay.whatif.outcome import frozen, series, suspended_view
from replay.whatif.reform import Shelf
from replay.whatif.scenario import Scenario
from replay.whatif.stated import scenario_view
from replay.whatif.world import World, world_of

Key = tuple[str, str]
View = dict[str, Any]
Signature = tuple[object, ...]
SILENT = Explanation([], [], {})


def held_fixed() -> View:
    """What a comparison does not know, in both languages."""
    said = Phrase("whatif.held_fixed")
    return {"held_fixed": say(said, "en"), "held_fixed_zh": say(said, "zh")}


class Told:
    """One side: its rulings by fact, told when somebody asks.

    Without languages rulings have neither sentences nor clauses, and are there sooner.
    """

    def __init__(self, replay: Replay, languages: tuple[str, ...] = LANGUAGES) -> None:
        self.replay, self.languages = replay, languages
        self.names = naming(replay)
        self.rulings = {key(ruling): ruling for ruling in replay.rulings}
        self.alike: frozenset[int] = frozenset()
        """The instants at which time did the same at every stage: no doing of the next fact."""
        self._explainer: Explainer | None = None
        self._views: dict[Key, View] = {}
        self._signatures: dict[Key, Signature] = {}

    @property
    def explainer(self) -> Explainer:
        if self._explainer is None:
            self._explainer = Explainer(self.replay, self.languages)
        return self._explainer

    def signature(self, which: Key) -> Signature | None:
        """In what a ruling can differ; scores merely carry on what an earlier one changed."""
        ruling = self.rulings.get(which)
        if ruling is None:
            return None
        found = self._signatures.get(which)
        if found is None:
            found = self._signatures[which] = (
                ruling.envelope.effective_at,
                ruling.change,
                ruling.nominal if ruling.nominal and ruling.nominal != ruling.change else None,
                ruling.reason,
                self._effects(ruling),
            )
        return found

    def _effects(self, ruling: Ruling) -> object:
        if not ruling.turns and not ruling.effects:
            return ()
        effects = _with(self._apart(ruling), ruling)
        return frozen([effect_view(e, self.replay, self.names) for e in effects])

    def _apart(self, ruling: Ruling) -> list[Turn]:
        """What time did before a fact that it did not do at every stage."""
        return [turn for turn in ruling.turns if turn.at not in self.alike]

    def time(self) -> dict[int, object]:
        """{instant: what time did then}."""
        turns = [*(t for r in self.replay.rulings for t in r.turns), *self.replay.turns]
        return {
            turn.at: frozen([effect_view(e, self.replay, self.names) for e in turn.effects])
            for turn in turns
        }

    def view(self, which: Key, *, apart: bool = False) -> View | None:
        """A ruling with what time did before it; None where this side has none.

        `apart`: without what time did at every stage, as the ruling is shown for what differs.
        """
        ruling = self.rulings.get(which)
        if ruling is None:
            return None
        if which not in self._views:
            turns = self._apart(ruling) if apart else ruling.turns
            why = self.explainer.with_time(ruling, turns) if self.languages else SILENT
            view = ruling_view(ruling, why, self.explainer, _with(turns, ruling))
            self._views[which] = view
        return self._views[which]

    def since_last_fact(self) -> list[View]:
        """The effects of time alone after the last fact."""
        return [effect_view(e, self.replay, self.names) for e in self.replay.clock_effects]


class Pair(Struct):
    """One fact on both sides."""

    key: Key
    sides: tuple[Told, Told]
    differs: bool
    steps: tuple[int, ...] = ()
    """The steps that changed it, from 1: several where they act on each other."""

    @property
    def baseline(self) -> View | None:
        return self.sides[0].view(self.key, apart=self.differs)

    @property
    def counterfactual(self) -> View | None:
        return self.sides[1].view(self.key, apart=self.differs)

    @property
    def any(self) -> View:
        view = self.baseline if self.key in self.sides[0].rulings else self.counterfactual
        assert view is not None
        return view

    @property
    def envelope(self) -> Envelope:
        """As recorded, where it is."""
        ours = self.sides[0].rulings.get(self.key)
        return (ours or self.sides[1].rulings[self.key]).envelope

    @property
    def moot(self) -> bool:
        """Whether the fact has no effect any more, where it had one."""
        ours, theirs = (side.rulings.get(self.key) for side in self.sides)
        return ours is not None and theirs is not None and ours.applied and not theirs.applied


class Comparison(Struct):
    """Each fact once, in the order of time; a moved one stands where it is earlier."""

    scenario: Scenario
    stages: list[Told]
    """The record, then the same after each step."""
    pairs: list[Pair]

    @property
    def baseline(self) -> Replay:
        return self.stages[0].replay

    @property
    def counterfactual(self) -> Replay:
        return self.stages[-1].replay

    @property
    def differing(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair.differs]

    @property
    def first_divergence(self) -> Pair | None:
        return next((pair for pair in self.pairs if pair.differs), None)

    def causes(self, values: Sequence[object]) -> list[int]:
        """The steps, from 1, at which something changed that has a value at each stage."""
        return [k for k in range(1, len(values)) if values[k - 1] != values[k]]


def compare(
    question: Question,
    creator: str,
    scenario: Scenario,
    languages: tuple[str, ...] = LANGUAGES,
) -> Comparison:
    """What a question's log knows of a creator, beside the same under a scenario.

    Told in one language, it is there sooner.
    """
    world = world_of(question, creator)
    baseline = question.replay(creator, world.facts, rulings=True, noted=False)
    return compared(scenario, baseline, world, languages)


def counterfactual(
    scenario: Scenario, baseline: Replay, envelopes: Sequence[Envelope], shelf: Shelf
) -> Comparison:
    """Replay the record as the scenario has it and compare; `baseline` must have its rulings."""
    world = World(
        creator=baseline.subject,
        facts=envelopes,
        shelf=shelf,
        library=Library(shelf),
        zone=baseline.rulebook.zone,
        as_of=baseline.as_of,
        known_at=baseline.known_at,
    )
    return compared(scenario, baseline, world)


def compared(
    scenario: Scenario,
    baseline: Replay,
    world: World,
    languages: tuple[str, ...] = LANGUAGES,
) -> Comparison:
    """The same of a world."""
    later = scenario.worlds(world)[1:] or [world]
    replays = [baseline, *(each.replay(rulings=True) for each in later)]
    stages = [Told(each, languages) for each in replays]
    return Comparison(scenario, stages, aligned(stages))


def aligned(stages: Sequence[Told]) -> list[Pair]:
    """The first stage beside the last, fact by fact."""
    sides = stages[0], stages[-1]
    first, *others = (stage.time() for stage in stages)
    alike = {at for at, did in first.items() if all(o.get(at) == did for o in others)}
    for stage in stages:
        stage.alike = frozenset(alike)
    place: dict[Key, tuple[int, int]] = {}
    for side in sides:
        for index, ruling in enumerate(side.replay.rulings):
            here = ruling.envelope.effective_at, index
            place[key(ruling)] = min(place.get(key(ruling), here), here)
    return [_pair(k, sides, stages) for k in sorted(place, key=lambda k: (*place[k], k))]


def _pair(which: Key, sides: tuple[Told, Told], stages: Sequence[Told]) -> Pair:
    if sides[0].signature(which) == sides[1].signature(which):
        return Pair(which, sides, differs=False)
    seen = [stage.signature(which) for stage in stages]
    steps = tuple(k for k in range(1, len(seen)) if seen[k - 1] != seen[k])
    return Pair(which, sides, differs=True, steps=steps)


def _with(turns: Sequence[Turn], ruling: Ruling) -> list[Effect]:
    return [effect for turn in turns for effect in turn.effects] + ruling.effects


def key(ruling: Ruling) -> Key:
    return ruling.envelope.source, ruling.envelope.id


def comparison_view(comparison: Comparison, *, every: bool = False) -> View:
    """What `what-if --json` prints; `every` has the rulings that are the same on both sides too."""
    stages = comparison.stages
    objects = [standing_object(stage.replay) for stage in stages]
    head = head_view(comparison.baseline)
    del head["rulebook"]
    shown = comparison.pairs if every else comparison.differing
    return head | {
        "scenario": scenario_view(comparison.scenario, comparison.baseline.rulebook.zone),
        **held_fixed(),
        "baseline": side_view(stages[0], objects[0]),
        "counterfactual": side_view(stages[-1], objects[-1]),
        "differences": _differences(comparison, objects),
        "first_divergence": divergence_view(comparison),
        "moot": sum(pair.moot for pair in comparison.differing),
        "rulings_alike": sum(not pair.differs for pair in comparison.pairs),
        "rulings": [pair_view(pair) for pair in shown],
    }


def _differences(comparison: Comparison, objects: list[View]) -> View:
    """Each with the steps that changed it."""
    found = differences(objects[0], objects[-1])
    for field, difference in found.items():
        difference["steps"] = comparison.causes([o[field] for o in objects])
    return found


def side_view(side: Told, standing: View) -> View:
    """The standing, what time alone changed after the last fact, and what may be drawn."""
    return {
        "rulebook": side.replay.rulebook.label,
        "standing": standing,
        "since_last_fact": side.since_last_fact(),
        "suspended_days": suspended_view(side.replay),
        "series": series(side.replay),
    }


def divergence_view(comparison: Comparison) -> View | None:
    """Where the two part: a fact, or an instant after the last one (then without an event)."""
    if (first := comparison.first_divergence) is not None:
        return place_view(first) | {"steps": list(first.steps), "ground": contrast(first)}
    seen = [stage.since_last_fact() for stage in comparison.stages]
    ours, theirs = seen[0], seen[-1]
    only = [*_only(ours, theirs), *_only(theirs, ours)]
    if not only:
        return None
    at = min(e["at"] for e in only)
    place = {"event": None, "type": None, "effective_at": at}
    return place | {"steps": comparison.causes(seen), "ground": None}


def place_view(pair: Pair) -> View:
    """The fact itself, without a look at what was said of it."""
    envelope = pair.envelope
    zone = pair.sides[0].replay.rulebook.zone
    return {
        "event": envelope.id,
        "type": TYPE_NAME[type(envelope.fact)],
        "effective_at": instant(envelope.effective_at, zone),
    }


def pair_view(pair: Pair) -> View:
    return place_view(pair) | {
        "source": pair.key[0],
        "differs": pair.differs,
        "steps": list(pair.steps),
        "moot": pair.moot,
        "ground": contrast(pair) if pair.differs else None,
        "baseline": pair.baseline,
        "counterfactual": pair.counterfactual,
    }


def contrast(pair: Pair) -> View | None:
    """The ground on which a fact is ruled otherwise: met on one side and not on the other.

    Where there is none, one whose figure differs, then one that had something else beside it; None
    where only one side has a ruling, and where both asked the same.
    """
    if pair.baseline is None or pair.counterfactual is None:
        return None
    ours, theirs = (_grounds(view) for view in (pair.baseline, pair.counterfactual))
    both = sorted((path for path in ours if path in theirs), key=_is_behaviour)
    for field in ("met", "required", "found"):
        for path in both:
            if ours[path][field] != theirs[path][field]:
                return {"path": path, "baseline": ours[path], "counterfactual": theirs[path]}
    for path in [*theirs, *ours]:
        if path not in both:
            sides = {"baseline": ours.get(path), "counterfactual": theirs.get(path)}
            return {"path": path} | sides
    return None


def _is_behaviour(path: str) -> bool:
    """A figure says more than that a behaviour was asked."""
    return path.startswith("clauses.")


def _grounds(view: View) -> dict[str, View]:
    """{key path: the first ground there}."""
    found: dict[str, View] = {}
    for ground in view["grounds"]:
        found.setdefault(ground["path"], ground)
    return found


def differences(a: View, b: View) -> View:
    """{field of the standing: what only one side has}; empty where the standings are the same."""
    result: View = {}
    for field, ours in a.items():
        theirs = b[field]
        if ours == theirs:
            continue
        if isinstance(ours, list):
            ours, theirs = list(_only(ours, theirs)), list(_only(theirs, ours))  # noqa: PLW2901
        result[field] = {"baseline": ours, "counterfactual": theirs}
    return result


def _only(rows: list[View], others: list[View]) -> Iterator[View]:
    """The rows that others do not have, in their order."""
    known = set(frozen(others))
    return (row for row, value in zip(rows, frozen(rows), strict=True) if value not in known)
