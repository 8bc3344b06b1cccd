"""The answer as JSON: one object, the same from the same inputs."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from ledger.rulebook.model import NODE_LIMITS
from projections.explain.phrases import Phrase, say
from projections.fold.state import ABSENT, DAY
from projections.standing.writing import instant, instant_or_none, money, points
from replay.population.layout import Grade, Node
from replay.population.study.answer import Moved, Result
from replay.population.study.manifest import manifest_view
from replay.population.study.reforms import Reform
from replay.population.study.sample import CONFIDENCE
from replay.population.study.tally import LENGTHS, Moves, Part, Tally
from replay.whatif.outcome import days

View = dict[str, Any]


def answer_view(result: Result) -> View:
    """What `population --json` prints."""
    asked, times, zone = result.asked, result.times, zone_of(result)
    held = Phrase("population.held_fixed")
    return {
        "rulebook": asked.name,
        "as_of": instant(times.as_of, zone),
        "known_at": instant_or_none(times.known_at, zone),
        "creators": result.baseline.creators,
        "where": [str(condition) for condition in asked.where],
        "elsewhere": result.elsewhere,
        "left_out": dict(sorted(result.left_out.items())),
        "sample": _sample_view(result),
        "held_fixed": say(held, "en"),
        "held_fixed_zh": say(held, "zh"),
        "scenario": _scenario_view(result),
        "baseline": _side_view(result, result.reforms.baseline, result.baseline),
        "counterfactual": _other_view(result),
        "moves": _moves_view(result, result.moves[0]) if result.other else None,
        "sweep": _sweep_view(result),
        "orders": result.orders.view() if result.orders else None,
        "wrongful": result.wrongful.view() if result.wrongful else None,
        "check": _check_view(result),
        "manifest": manifest_view(result),
    }


def zone_of(result: Result) -> str:
    return result.reforms.baseline.rulebooks[-1].zone


def _scenario_view(result: Result) -> View:
    scenario = result.asked.scenario
    return {"name": scenario.name or None, "steps": [step.said() for step in scenario.steps]}


def _other_view(result: Result) -> View | None:
    if result.other is None or result.reforms.other is None:
        return None
    return _side_view(result, result.reforms.other, result.other)


def _side_view(result: Result, reform: Reform, tally: Tally) -> View:
    """All creators under one set of rules."""
    layout = tally.layout
    view = {
        "rulebooks": [{"rulebook": r.label, "hash": r.hash} for r in reform.rulebooks],
        "recoveries": "due" if reform.simulate else "recorded",
        "stopped": tally.stopped,
        "creator_days": days(tally.time.total),
        "feature_days": days(sum(tally.microseconds)),
        "features": [
            {
                "feature": feature,
                "stopped": tally.features[n],
                "for_good": tally.for_good[n],
                "days": days(tally.microseconds[n]),
            }
            for n, feature in enumerate(layout.features)
        ],
        "scores": {
            counter: {
                "mean": mean(sum(s * n for s, n in found.items()), tally.creators),
                "distribution": [[points(s), found[s]] for s in sorted(found)],
            }
            for counter, found in zip(layout.counters, tally.scores, strict=True)
        },
        "nodes": [
            {
                "rulebook": node.rulebook.label,
                "node": node.name,
                "clause": node_clause(node),
                "crossed": int(tally.crossed[n]),
                "creators": int(tally.crossers[n]),
            }
            for n, node in enumerate(layout.nodes)
        ],
        "categories": _categories(tally),
        "clauses": _clauses(tally),
        "cohorts": _parts("year", tally.cohorts),
        "levels": _parts("level", tally.levels),
        "money": [
            {
                "account": account,
                "currency": currency,
                "creators": int(tally.owing[n]),
                "owed": money(int(tally.owed[n]), currency),
            }
            for n, (account, currency) in enumerate(layout.accounts)
        ],
    }
    if result.sample is not None:
        view["estimates"] = _estimates(result, tally)
    return view


def mean(total: int, number: int) -> str | None:
    """To the nearest hundredth; points are hundredths already."""
    return points((2 * total + number) // (2 * number)) if number else None


def _categories(tally: Tally) -> list[View]:
    """Violations that stand, all versions together."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for n, grade in enumerate(tally.layout.grades):
        sums[grade.category, grade.severity][0] += int(tally.violations[n])
        sums[grade.category, grade.severity][1] += int(tally.points[n])
    return [
        {
            "category": category,
            "severity": severity or None,
            "violations": count,
            "points": points(amount),
        }
        for (category, severity), (count, amount) in sums.items()
        if count
    ]


def _clauses(tally: Tally) -> list[View]:
    """By what says so: points of violations that stand, and nodes crossed."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for n, grade in enumerate(tally.layout.grades):
        if tally.violations[n]:
            row = sums[grade_clause(grade)]
            row[0] += int(tally.violations[n])
            row[1] += int(tally.points[n])
    for n, node in enumerate(tally.layout.nodes):
        if tally.crossed[n]:
            sums[node_clause(node)][2] += int(tally.crossed[n])
    return [
        {"clause": clause, "violations": count, "points": points(amount), "crossed": crossed}
        for clause, (count, amount, crossed) in sorted(sums.items())
    ]


def grade_clause(grade: Grade) -> str:
    """What says how many points a category has."""
    paths = [f"categories.{grade.category}.points"]
    if grade.severity:
        paths.insert(0, f"categories.{grade.category}.severities.{grade.severity}.points")
    return next(
        (grade.rulebook.cite(p).label for p in paths if p in grade.rulebook.written),
        grade.rulebook.cite(f"categories.{grade.category}").label,
    )


def node_clause(node: Node) -> str:
    """What says where a node is."""
    rule = node.rulebook.nodes[node.name]
    word = next(word for word in NODE_LIMITS if getattr(rule, word) is not None)
    return node.rulebook.cite(f"nodes.{node.name}.{word}").label


def _parts(name: str, parts: dict[int, Part]) -> list[View]:
    return [
        {
            name: None if key == ABSENT else key,
            "creators": part.creators,
            "stopped": part.stopped,
            "creator_days": days(part.microseconds),
            "mean_score": mean(part.scores, part.creators),
        }
        for key, part in sorted(parts.items())
    ]


def _moves_view(result: Result, moves: Moves) -> View:
    view = {
        "newly_stopped": moves.newly,
        "freed": moves.freed,
        **_scores(result, result.reforms.other, moves),
        "classes": CLASS_NAMES,
        "matrix": moves.matrix.tolist(),
    }
    if result.sample is not None:
        view["estimates"] = {
            name: _interval(result.sample.number(view[name]))
            for name in ("newly_stopped", "freed", "score_higher", "score_lower")
            if view[name] is not None
        }
    return view


CLASS_NAMES = ["none", *(f"<={n}d" for n in LENGTHS), f">{LENGTHS[-1]}d", "for good"]


def _sweep_view(result: Result) -> View | None:
    if not result.swept:
        return None
    return {
        "keys": [
            {
                "key": sweep.key,
                "values": list(sweep.values),
                "in_force": result.reforms.now(sweep),
            }
            for sweep in result.asked.sweeps
        ],
        "points": [_point_view(result, *point) for point in result.swept],
    }


def _point_view(result: Result, reform: Reform, tally: Tally, moves: Moves) -> View:
    view = {
        "values": reform.point,
        "stopped": tally.stopped,
        "newly_stopped": moves.newly,
        "freed": moves.freed,
        "creator_days": days(tally.time.total),
        "mean_score": mean(tally.score.total, tally.creators),
        **_scores(result, reform, moves),
    }
    if result.sample is not None:
        view["estimates"] = _estimates(result, tally)
    return view


def _scores(result: Result, reform: Reform | None, moves: Moves) -> View:
    """How many scores are others; null where the first counters are not the same thing."""
    first = result.reforms.baseline.layout.counters[0]
    alike = reform is not None and reform.layout.counters[0] == first
    higher, lower = (moves.higher, moves.lower) if alike else (None, None)
    return {"score_higher": higher, "score_lower": lower}


def _check_view(result: Result) -> View | None:
    check = result.check
    if check is None:
        return None
    found = check.difference
    return {
        "rate": check.rate,
        "creators": check.creators,
        "difference": None if found is None else found._asdict(),
    }


def _sample_view(result: Result) -> View | None:
    sample = result.sample
    if sample is None:
        return None
    return {"drawn": sample.drawn, "of": sample.of, "seed": sample.seed, "confidence": CONFIDENCE}


def _estimates(result: Result, tally: Tally) -> View:
    """Of everybody in the log: [low, estimate, high]."""
    sample = result.sample
    assert sample is not None
    time = sample.total(tally.time.total / DAY, tally.time.squares / DAY / DAY)
    return {
        "creators": _interval(sample.number(tally.creators)),
        "stopped": _interval(sample.number(tally.stopped)),
        "creator_days": _interval(time),
    }


def _interval(interval: Iterable[float]) -> list[int]:
    return [round(each) for each in interval]


def moved_view(result: Result, moved: Moved) -> View:
    """A creator who is stopped on one side only."""
    other = result.reforms.other
    assert other is not None
    layout = (other if moved.newly else result.reforms.baseline).layout
    return {
        "creator": moved.creator,
        "change": "newly_stopped" if moved.newly else "freed",
        "score_before": points(moved.before),
        "score_after": points(moved.after),
        "features": " ".join(layout.features[n] for n in moved.features),
        "until": instant_or_none(moved.until, zone_of(result)),
    }
