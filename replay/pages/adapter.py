"""From a replay to what a picture and a page show of it: the one file that reads replays for them.

Titles are said here, in the language of the page.
"""

from collections.abc import Iterator, Sequence
from functools import partial

from ledger.facts.envelope import Envelope
from ledger.facts.types import TYPE_NAME, ViolationFound
from ledger.rulebook.model import NODE_LIMITS, Node, Rulebook, Stop, Title
from projections.explain.phrases import Count, Phrase, Value, Word, say
from projections.explain.scene import cause
from projections.explain.terms import identified, measure_of, occasions
from projections.fold.state import EXAM_PASSED, FOREVER, LIFTED, NONE, VOID
from projections.standing.executed import Law, by_feature, executed, judged
from projections.standing.naming import Naming, naming
from projections.standing.replay import Replay, Ruling, score_steps
from projections.standing.spans import Span
from projections.standing.writing import clock_time, points
from projections.views.outcome import LATE, at_once
from replay.picture.model import Band, Bar, Chart, Lane, Mark, Measure, Panel, Window
from replay.picture.symbols import GROUPS, SHAPES

MOST_EDGES = 12
"""Of a node that repeats, drawn at most."""


Executed = dict[str, list[Span]]
"""By feature, when it was stopped in fact."""


def told_then(replay: Replay, envelopes: Sequence[Envelope], law: Law) -> Executed:
    """What was executed by what was known at the time, where that differs from what is judged now.

    Empty where it does not, and where the facts came in one go: nobody acted on them.
    """
    if at_once([ruling.envelope for ruling in replay.rulings]):
        return {}
    until = replay.as_of if replay.known_at is None else min(replay.as_of, replay.known_at)
    then = by_feature(executed(envelopes, law, until))
    return then if then != judged_now(replay) else {}


def judged_now(replay: Replay) -> Executed:
    return by_feature(judged(replay))


def is_late(envelope: Envelope) -> bool:
    return envelope.recorded_at - envelope.effective_at >= LATE


def chart(replay: Replay, language: str, then: Executed) -> Chart:
    """The replay must have its rulings; `then` is what was executed, where that is worth a lane."""
    names = naming(replay)
    first = min((r.envelope.effective_at for r in replay.rulings), default=replay.as_of)
    return Chart(
        language=language,
        zone=replay.rulebook.zone,
        caption=" · ".join(head_parts(replay, language)),
        name=f"{say(Phrase('pages.picture'), language)}: {replay.subject}",
        since=min(first, replay.as_of),
        as_of=replay.as_of,
        panels=list(_panels(replay, names, language)),
        lanes=_lanes(replay, names, language, then),
        measures=_measures(replay, names, language),
        marks=[_mark(ruling, replay, language) for ruling in replay.rulings],
    )


def head_parts(replay: Replay, language: str) -> list[str]:
    """Whose, as of when, as known when, under which rules, on which clocks."""
    zone, rulebook = replay.rulebook.zone, replay.rulebook
    said: list[Value] = [
        replay.subject,
        Phrase("said.as_of", {"at": clock_time(replay.as_of, zone)}),
    ]
    if replay.known_at is not None:
        said.append(Phrase("said.known_at", {"at": clock_time(replay.known_at, zone)}))
    rules: dict[str, Value] = {
        "title": title_in(rulebook.title, language),
        "version": rulebook.version,
        "hash": rulebook.hash[:8],
    }
    return [say(value, language) for value in (*said, Phrase("pages.rules", rules))]


def title_in(title: Title, language: str) -> str:
    """A title that stands by itself, with its capital letter."""
    return title.en if language == "en" else title.zh


def counter_title(name: str, rulebook: Rulebook, language: str) -> str:
    counter = rulebook.counters.get(name)
    return title_in(counter.title, language) if counter and counter.title else name


def _panels(replay: Replay, names: Naming, language: str) -> Iterator[Panel]:
    """The first counter, and of the others those that ever moved."""
    for i, steps in enumerate(score_steps(replay)):
        if i and len(steps) < 2:
            continue
        name = names.counters[i]
        rule = replay.rulebook.counters[name]
        low = min([0, int(rule.floor * 100), *(score for _, score in steps)])
        tally = rule.direction == "tally"
        edges = [
            (name_, node)
            for name_, node in replay.rulebook.nodes.items()
            if node.counter in ("", name)
        ]
        reached = [int(rule.initial * 100), *(score for _, score in steps)]
        limits = [_limit(node)[1] for _, node in edges]
        if rule.cap is not None:
            high = max(int(rule.cap * 100), *reached)
        else:
            high = max([*reached, *limits])
            high += max((high - low) // 14, 50)
        bands = [
            band
            for node_name, node in edges
            for band in _bands(node_name, node, high, replay.rulebook, language)
        ]
        bands.sort(key=lambda band: band.edge, reverse=not tally)
        title = counter_title(name, replay.rulebook, language)
        yield Panel(title, steps, bands, low, max(high, low + 100), rule.cap is not None, tally)


def _limit(node: Node) -> tuple[str, int]:
    """Which limit a node has, and where."""
    word = next(word for word in NODE_LIMITS if getattr(node, word) is not None)
    return word, int(getattr(node, word) * 100)


def _bands(name: str, node: Node, high: int, rulebook: Rulebook, language: str) -> Iterator[Band]:
    """One, or as many as there are up to the top of a node that repeats."""
    word, edge = _limit(node)
    upward = word in ("at_or_above", "above")
    citation = rulebook.cite(f"nodes.{name}.{word}")
    assumed = citation.assumed or not citation.source
    longest = max(node.stops, key=_lasting, default=None)
    short = "" if longest is None else say(_length(longest, rulebook), language)
    said: Value = short
    if longest and len(set(map(_lasting, node.stops))) > 1 and not longest.permanent:
        said = Phrase("pages.lengths.most", {"length": short})
    step = int(node.every * 100) if node.every else 0
    for _ in range(MOST_EDGES):
        if edge > high:
            return
        values: dict[str, Value] = {
            "edge": points(edge) + ("°" if assumed else ""),
            "what": said,
        }
        key = word if short else f"{word}_only"
        yield Band(
            edge, upward, say(Phrase(f"pages.bands.{key}", values), language), short, assumed
        )
        if not step:
            return
        edge += step if upward else -step


LASTING = ("while_triggered", "occasions", "hours", "days", "natural_days", "months", "permanent")
"""Lengths of stops, the shorter kinds first: what lasts with the score is told where it is all."""


def _unit(stop: Stop) -> str:
    return next(word for word in LASTING if getattr(stop, word))


def _lasting(stop: Stop) -> tuple[int, int]:
    return LASTING.index(_unit(stop)), int(getattr(stop, _unit(stop)))


def _length(stop: Stop, rulebook: Rulebook) -> Phrase | Count:
    """How long a stop of a node lasts, in a word or two."""
    unit = _unit(stop)
    if unit in ("permanent", "while_triggered"):
        return Phrase(f"pages.lengths.{unit}")
    number = str(getattr(stop, unit))
    if unit == "occasions":
        return occasions(rulebook, number)
    return Count(unit, number)


def feature_title(name: str, rulebook: Rulebook, language: str) -> str:
    title = measure_of(name, rulebook)
    return title_in(title, language) if isinstance(title, Title) else say(title, language)


def _lanes(replay: Replay, names: Naming, language: str, then: Executed) -> list[Lane]:
    """One for each feature that was ever stopped, in the order of their first stops."""
    lanes: dict[str, Lane] = {}
    told = {feature: [Window(*span) for span in spans] for feature, spans in then.items()}
    for stop in replay.creator.stops[: replay.creator.stops_made]:
        if stop.started_at >= FOREVER:
            continue  # it waits for one that is measured in occasions: nobody knows from when on
        feature = names.feature(stop)
        title = feature_title(feature, names.book(stop.version), language)
        lifted = stop.state == LIFTED
        lanes.setdefault(feature, Lane(title, [], told.pop(feature, []))).bars.append(
            Bar(
                start=stop.started_at,
                end=stop.until,
                planned=max(stop.planned_until, stop.until) if lifted else stop.until,
                lifted=lifted,
                label=say(cause(stop, names), language),
            )
        )
    for feature, spans in told.items():
        lanes[feature] = Lane(feature_title(feature, replay.rulebook, language), [], spans)
    return list(lanes.values())


def _measures(replay: Replay, names: Naming, language: str) -> list[Measure]:
    found: dict[str, Measure] = {}
    for measure in sorted(replay.creator.measures, key=lambda m: m.started_at):
        if measure.state != NONE:
            name = names.measure(measure)
            title = feature_title(name, replay.rulebook, language)
            span = Window(measure.started_at, measure.until)
            found.setdefault(name, Measure(title, [])).spans.append(span)
    return list(found.values())


def _mark(ruling: Ruling, replay: Replay, language: str) -> Mark:
    kind = type(ruling.envelope.fact)
    group = next((group for group, kinds in GROUPS.items() if kind in kinds), "others")
    shape = SHAPES.get(kind, "step" if group == "exams" else "other")
    if TYPE_NAME[kind] == "exam_sat":
        passed = any(code == EXAM_PASSED for code, *_ in ruling.effects)
        shape = "passed" if passed else "failed"
    return Mark(
        at=ruling.envelope.effective_at,
        group=group,
        shape=shape,
        void=is_void(ruling, replay),
        idle=not ruling.applied,
        told=partial(_told, ruling, replay.rulebook.zone, language),
        position=ruling.envelope.position,
        event=ruling.envelope.id,
    )


def _told(ruling: Ruling, zone: str, language: str) -> str:
    when, what = clock_time(ruling.envelope.effective_at, zone), fact_title(ruling, language)
    return " ".join([when, what, *([signed(ruling.change)] if ruling.change else [])])


def is_void(ruling: Ruling, replay: Replay) -> bool:
    """Withdrawn, or a violation that an appeal has made void by as_of."""
    if ruling.retracted_by is not None:
        return True
    found = isinstance(ruling.envelope.fact, ViolationFound) and ruling.applied
    return found and ruling.row is not None and _violation_state(ruling, replay) == VOID


def _violation_state(ruling: Ruling, replay: Replay) -> int:
    assert ruling.row is not None
    return replay.creator.violations[ruling.row.violation].state


def fact_title(ruling: Ruling, language: str) -> str:
    """What happened, with the violation that it is about."""
    fact = ruling.envelope.fact
    title = say(Word("types", TYPE_NAME[type(fact)]), language)
    return " ".join(filter(None, (title, identified(getattr(fact, "violation", None) or ""))))


def signed(change: int) -> str:
    return f"+{points(change)}" if change > 0 else f"−{points(-change)}"
