"""The comparison of a what-if as one picture: the record, and beside it the other history."""

from collections.abc import Iterator

from msgspec.structs import replace

from projections.explain.phrases import Phrase, say
from projections.standing.moments import read_moment
from projections.standing.replay import Ruling
from replay.pages.adapter import chart
from replay.picture.model import Chart, Lane, Mark, Measure, Panel
from replay.whatif.counterfactual import Comparison, divergence_view


def compared_chart(comparison: Comparison, language: str) -> Chart:
    """What only the record has is struck out, what only the other history has is ringed."""
    ours = chart(comparison.baseline, language, {})
    theirs = chart(comparison.counterfactual, language, {})
    return replace(
        ours,
        name=f"{say(Phrase('whatif.paper.picture'), language)}: {comparison.baseline.subject}",
        since=min(ours.since, theirs.since),
        panels=list(_panels(ours.panels, theirs.panels)),
        lanes=list(_lanes(ours.lanes, theirs.lanes)),
        measures=list(_measures(ours.measures, theirs.measures, language)),
        marks=list(_marks(comparison, ours.marks, theirs.marks)),
        compared=True,
        parts_at=parts_at(comparison),
    )


def parts_at(comparison: Comparison) -> int | None:
    """Where the two part: where a fact is ruled otherwise, else where time makes the difference."""
    first = comparison.first_divergence
    if first is not None:
        found = (side.rulings.get(first.key) for side in first.sides)
        return min(ruling.envelope.effective_at for ruling in found if ruling is not None)
    view = divergence_view(comparison)
    zone = comparison.baseline.rulebook.zone
    return None if view is None else read_moment(view["effective_at"]).instant(zone)


def _panels(ours: list[Panel], theirs: list[Panel]) -> Iterator[Panel]:
    """One for each counter that moves in either."""
    beside = {panel.title: panel for panel in theirs}
    for panel in ours:
        other = beside.pop(panel.title, None)
        if other is None:
            yield replace(panel, supposed=panel.steps[:1])
            continue
        known = {band.edge for band in panel.bands}
        yield replace(
            panel,
            supposed=other.steps,
            other_edges=[band.edge for band in other.bands if band.edge not in known],
            low=min(panel.low, other.low),
            high=max(panel.high, other.high),
        )
    for panel in beside.values():
        yield replace(panel, steps=panel.steps[:1], supposed=panel.steps)


def _lanes(ours: list[Lane], theirs: list[Lane]) -> Iterator[Lane]:
    beside = {lane.title: lane.bars for lane in theirs}
    for lane in ours:
        yield replace(lane, supposed=beside.pop(lane.title, []))
    for title, bars in beside.items():
        yield Lane(title, [], supposed=bars)


def _measures(ours: list[Measure], theirs: list[Measure], language: str) -> Iterator[Measure]:
    """Those of the other history once more, where they ran otherwise."""
    yield from ours
    known = {measure.title: measure.spans for measure in ours}
    for measure in theirs:
        if known.get(measure.title) != measure.spans:
            said = Phrase("whatif.paper.supposed", {"what": measure.title})
            yield Measure(say(said, language), measure.spans)


def _marks(comparison: Comparison, ours: list[Mark], theirs: list[Mark]) -> Iterator[Mark]:
    """Each fact where the record has it, and again where the other history has it elsewhere."""
    sides = comparison.stages[0].rulings, comparison.stages[-1].rulings
    for (key, ruling), mark in zip(sides[0].items(), ours, strict=True):
        other = sides[1].get(key)
        same = other is not None and _place(other) == _place(ruling)
        yield mark if same else replace(mark, void=True)
    for (key, ruling), mark in zip(sides[1].items(), theirs, strict=True):
        other = sides[0].get(key)
        if other is None or _place(other) != _place(ruling):
            yield replace(mark, supposed=True)


def _place(ruling: Ruling) -> tuple[int, object]:
    return ruling.envelope.effective_at, ruling.envelope.fact
