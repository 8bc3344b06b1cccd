"""Score and stops over time, as a few lines for a terminal.

On a terminal that is wide enough each feature is a bar: a column is as full as the share of its
time that the feature was stopped; what a lifted stop would still have lasted is shaded. Elsewhere
the same rows are plain lines with both ends.
"""

from collections.abc import Sequence
from itertools import pairwise

from projections.explain.phrases import Count, Phrase, Value, say
from projections.explain.scene import cause, kind
from projections.explain.terms import stop_name
from projections.fold.state import FOREVER, LIFTED, PERMANENT, RUNNING, SERVED, Stop
from projections.standing.naming import Naming, naming
from projections.standing.replay import Replay, score_steps
from projections.standing.spans import Span, merged
from projections.standing.writing import clock_time, deadline, points
from projections.views.outcome import counter_title
from projections.views.report import lasts_until, stop_title
from projections.views.wrapping import columns, pad

Steps = list[tuple[int, int]]
"""(instant, score) from the enrolment on."""
BLOCKS = " ▁▂▃▄▅▆▇█"
SHADE = "░"
NARROW = 60
LAST = 20
"""How many stops, and how many scores, are told."""


def timeline(replay: Replay, language: str, *, width: int) -> list[str]:
    """Lines of at most `width` columns; 0 means no terminal."""
    if width < NARROW or not replay.creator.enrolled:
        return rows(replay, language)
    return bars(replay, language, width)


def rows(replay: Replay, language: str) -> list[str]:
    """One line per stop; of many the last."""
    names = naming(replay)
    made = replay.creator.stops_made
    lines = []
    if made > LAST:
        count = Count("stops", str(made - LAST))
        lines.append(say(Phrase("audit.earlier", {"count": count}), language))
    for stop in replay.creator.stops[max(made - LAST, 0) : made]:
        lines.append(say(stop_line(stop, replay, names), language))
    return lines


def stop_line(stop: Stop, replay: Replay, names: Naming) -> Phrase:
    """Feature, node, from, until, state."""
    zone = replay.rulebook.zone
    start = "?" if stop.started_at == FOREVER else clock_time(stop.started_at, zone)
    at = deadline if stop.state == RUNNING else clock_time
    end: Value = at(stop.until, zone) if stop.until < FOREVER else ""
    values: dict[str, Value] = {
        "feature": _stopped(stop, names),
        "cause": cause(stop, names),
        "start": start,
        "end": end or lasts_until(stop, zone, names.book(stop.version)),
        "state": Phrase(f"states.{_state(stop, replay, names)}"),
    }
    return Phrase("audit.stop", values)


def _state(stop: Stop, replay: Replay, names: Naming) -> str:
    """Withdrawn, of a sanction that is none of a feature; absorbed, where a longer one ran on."""
    if stop.state == LIFTED and kind(stop, names) == "sanction":
        return "withdrawn"
    if stop.state == SERVED and any(
        other.feature == stop.feature and other.started_at <= stop.until < other.until
        for other in replay.creator.stops[: replay.creator.stops_made]
    ):
        return "absorbed"
    return str(stop.state)


def _stopped(stop: Stop, names: Naming) -> Value:
    """What runs or has ended: the stop of a feature, not the feature; else the sanction's name."""
    if kind(stop, names) == "sanction":
        return stop_title(stop, names)
    feature, rulebook = names.feature(stop), names.book(stop.version)
    return stop_name(feature, rulebook, for_good=stop.kind == PERMANENT)


def bars(replay: Replay, language: str, width: int) -> list[str]:
    names, zone = naming(replay), replay.rulebook.zone
    stops = replay.creator.stops[: replay.creator.stops_made]
    span = shown(replay, stops)
    by_feature: dict[int, list[Stop]] = {}
    for stop in stops:
        by_feature.setdefault(stop.feature, []).append(stop)
    titles = {f: _title(group[0], names, language) for f, group in by_feature.items()}
    scores = {i: say(counter_title(i, replay, names), language) for i, _ in moved(replay)}
    label = max(columns(t) for t in (*scores.values(), *titles.values())) + 2
    spans = cells(span, max(width - label, 10))
    lines = [
        pad(scores[i], label) + score_bar(replay, i, steps, spans) for i, steps in moved(replay)
    ]
    for feature, group in by_feature.items():
        lines.append(pad(titles[feature], label) + stop_bar(group, spans))
    start, end = clock_time(span[0], zone)[:10], clock_time(span[1], zone)[:10]
    lines.append(" " * label + start + end.rjust(len(spans) - len(start)))
    return lines


def shown(replay: Replay, stops: Sequence[Stop]) -> Span:
    """From the first fact to as_of, or to the end of what still runs."""
    start = replay.rulings[0].envelope.effective_at if replay.rulings else replay.as_of
    last = max((r.envelope.effective_at for r in replay.rulings), default=start)
    ends = [s.planned_until for s in stops if s.planned_until < FOREVER]
    end = max([last, *ends])
    if any(s.state == RUNNING for s in stops) or end <= start:
        end = max(end, replay.as_of)
    return start, max(end, start + 1)


def cells(span: Span, count: int) -> list[Span]:
    """The columns as half-open spans of time."""
    start, length = span[0], span[1] - span[0]
    edges = [start + length * i // count for i in range(count + 1)]
    return [(a, max(b, a + 1)) for a, b in pairwise(edges)]


def stop_bar(stops: Sequence[Stop], spans: Sequence[Span]) -> str:
    served = merged([(s.started_at, s.until) for s in stops])
    planned = merged([(s.until, s.planned_until) for s in stops if s.state == LIFTED])
    return "".join(_cell(column, served, planned) for column in spans)


def _cell(column: Span, served: Sequence[Span], planned: Sequence[Span]) -> str:
    share = overlap(column, served) / (column[1] - column[0])
    if share > 0:
        return BLOCKS[max(round(share * 8), 1)]
    return SHADE if overlap(column, planned) > 0 else "·"


def score_bar(replay: Replay, counter: int, steps: Steps, spans: Sequence[Span]) -> str:
    """A score at the end of each column, as a share of the highest value shown."""
    values: list[int | None] = []
    index, score = 0, None
    for _, end in spans:
        while index < len(steps) and steps[index][0] < end:
            score = steps[index][1]
            index += 1
        values.append(score)
    cap = replay.rulebook.counters[naming(replay).counters[counter]].cap
    top = int(cap * 100) if cap is not None else max((v or 0 for v in values), default=0)
    if values:
        values[-1] = replay.creator.counters[counter].score
    return "".join(" " if v is None else BLOCKS[round(v * 8 / max(top, 1, v))] for v in values)


def overlap(column: Span, spans: Sequence[Span]) -> int:
    return sum(max(min(column[1], b) - max(column[0], a), 0) for a, b in spans)


def score_paths(replay: Replay) -> list[Phrase]:
    """`10 → 7 → 8.5`: each counter after whatever moved it, facts and time; the last of it."""
    names = naming(replay)
    said = []
    for index, steps in moved(replay):
        path = [points(score) for _, score in steps[-LAST:]]
        path = ["…", *path] if len(steps) > LAST else path
        values: dict[str, Value] = {"path": " → ".join(path) or "–"}
        values["counter"] = counter_title(index, replay, names)
        key = "counter_path" if len(names.counters) > 1 else "score_path"
        said.append(Phrase(f"audit.{key}", values))
    return said


def moved(replay: Replay) -> list[tuple[int, Steps]]:
    """The counters that moved, with the steps of each; the first where none did."""
    steps = [*enumerate(score_steps(replay))]
    return [(i, levels) for i, levels in steps if len(levels) > 1] or steps[:1]


def _title(stop: Stop, names: Naming, language: str) -> str:
    feature = names.feature(stop)
    return say(names.book(stop.version).features.get(feature) or feature, language)
