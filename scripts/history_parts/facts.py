"""Facts as records: who, when, what, and the numbers in it. Whole columns at a time."""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from ledger.rulebook.model import Rulebook

Columns = NDArray[np.void]
Ints = NDArray[np.int64]
Draws = np.random.Generator

DAY = 86_400
YEAR = 365 * DAY
CHUNK = 20_000
"""Creators that are made at a time; each chunk has a seed of its own."""

KINDS = (
    "creator_enrolled", "exam_right_claimed", "violation_found",
    "appeal_lodged", "appeal_granted", "appeal_denied",
    "exam_invited", "exam_studied", "exam_sat", "exam_abandoned", "fact_retracted",
    "recovery_granted", "profile_changed", "rules_exam_sat", "exam_right_revoked",
    "measure_imposed", "measure_lifted", "money_posted", "occasion_held", "course_taken",
    "day_qualified", "feature_opened", "feature_used",
)  # fmt: skip
CODE = {name: code for code, name in enumerate(KINDS)}
OTHERS = {
    "profile_changed": 8, "rules_exam_sat": 8, "exam_right_revoked": 1,
    "measure_imposed": 4, "measure_lifted": 3, "money_posted": 5, "occasion_held": 2,
    "course_taken": 3, "day_qualified": 3, "feature_opened": 2, "feature_used": 3,
}  # fmt: skip
"""Weights of what follows nothing."""
FACT = np.dtype(
    [
        ("recorded", "i8"), ("creator", "i4"), ("number", "i4"),
        ("effective", "i8"), ("kind", "i1"), ("about", "i4"), ("value", "i4"),
    ]
)  # fmt: skip
"""Seconds since the start; the fact's number among those of its creator, by which its id is made;
`about` is the number of the violation, or of the fact that is retracted."""


class Rules(NamedTuple):
    """What creators can break: names of one rulebook, of all its versions."""

    name: str
    categories: tuple[tuple[str, str], ...]
    """(category, severity), the usual ones first."""
    courses: tuple[str, ...]
    lapses: tuple[str, ...]

    @classmethod
    def of(cls, name: str, versions: Sequence[Rulebook]) -> Self:
        graded = {
            (category, severity): None
            for rulebook in versions
            for category, rule in rulebook.categories.items()
            for severity in (rule.severities or ("",))
        }
        courses = {c: None for r in versions for c in (r.courses.points if r.courses else ())}
        lapses = {feature: None for r in versions for feature in r.lapses}
        return cls(name, tuple(graded), tuple(courses) or ("online",), tuple(lapses) or ("shop",))


def facts(rules: Rules, creators: range, seed: int, span: int) -> Columns:
    """All facts of some creators, in no order."""
    draw = np.random.default_rng([seed, creators.start])
    number = len(creators)
    length = np.clip(8.5 * draw.lognormal(0, 1.19, number), 2, 4_000).astype(np.int64)
    enrolled = (draw.random(number) ** 1.5 * span * 0.8).astype(np.int64)
    ids = np.arange(creators.start, creators.stop)
    joined = _records(ids, enrolled, "creator_enrolled", value=draw.integers(3, 6, number))
    claims = draw.random(number) < 0.8
    later = draw.integers(1, 40 * DAY, number)
    right = _records(ids[claims], (enrolled + later)[claims], "exam_right_claimed")
    who = np.repeat(np.arange(number), length)
    at = enrolled[who] + 1 + (draw.random(len(who)) * (span - enrolled[who] - 1)).astype(np.int64)
    is_violation = draw.random(len(who)) < 0.94
    found = _violations(rules, ids[who[is_violation]], at[is_violation], draw)
    rest = _others(ids[who[~is_violation]], at[~is_violation], draw)
    follow = [*_appeals(found, draw), *_exams(found, draw), *_recoveries(found, draw)]
    parts = [joined, right, found, *follow, rest]
    made = _numbered(np.concatenate(parts))
    made["recorded"] = made["effective"] + _lag(len(made), draw)
    return np.concatenate([made, _retracted(made, draw)])


def _records(
    creators: Ints, at: Ints, kind: str, *, about: Ints | int = -1, value: Ints | int = 0
) -> Columns:
    made = np.zeros(len(creators), FACT)
    made["creator"], made["effective"], made["kind"] = creators, at, CODE[kind]
    made["about"], made["value"] = about, value
    return made


def _violations(rules: Rules, creators: Ints, at: Ints, draw: Draws) -> Columns:
    """Each with a number among those of its creator; the usual categories are the mild ones."""
    order = np.lexsort((at, creators))
    weights = 1 / (1 + np.arange(len(rules.categories))) ** 1.8
    category = draw.choice(len(rules.categories), len(at), p=weights / weights.sum())
    creators = creators[order]
    about = np.arange(len(at)) - np.searchsorted(creators, creators)
    return _records(creators, at[order], "violation_found", about=about, value=category)


def _appeals(found: Columns, draw: Draws) -> list[Columns]:
    """One violation in twelve is appealed, and five in six of these are decided."""
    lodged = _after(found[draw.random(len(found)) < 0.08], "appeal_lodged", 7 * DAY, draw)
    fate = draw.random(len(lodged))
    denied = _after(lodged[fate < 0.45], "appeal_denied", 20 * DAY, draw)
    granted = _after(lodged[fate > 0.6], "appeal_granted", 20 * DAY, draw)
    partly = draw.random(len(granted)) < 0.1
    granted["value"] = np.where(partly, draw.integers(1, 5, len(granted)) * 50, -1)
    return [lodged, denied, granted]


def _exams(found: Columns, draw: Draws) -> list[Columns]:
    """Studied and sat within the window, mostly; some twice, some not at all."""
    invited = _after(found[draw.random(len(found)) < 0.03], "exam_invited", 2 * DAY, draw)
    studied = _after(found[draw.random(len(found)) < 0.1], "exam_studied", 6 * DAY, draw)
    sat = _after(studied[draw.random(len(studied)) < 0.9], "exam_sat", 2 * DAY, draw)
    sat["value"] = np.where(draw.random(len(sat)) < 0.6, 100, draw.integers(4, 20, len(sat)) * 5)
    again = _after(sat[(sat["value"] < 100) & (draw.random(len(sat)) < 0.5)], "exam_sat", DAY, draw)
    again["value"] = np.where(draw.random(len(again)) < 0.6, 100, 80)
    given_up = _after(studied[draw.random(len(studied)) < 0.03], "exam_abandoned", 7 * DAY, draw)
    return [invited, studied, sat, again, given_up]


def _recoveries(found: Columns, draw: Draws) -> list[Columns]:
    """For the month after a violation, and for the one after that."""
    first = _after(found[draw.random(len(found)) < 0.3], "recovery_granted", 60 * DAY, draw)
    second = _after(first[draw.random(len(first)) < 0.4], "recovery_granted", 40 * DAY, draw)
    return [first, second]


def _after(before: Columns, kind: str, within: int, draw: Draws) -> Columns:
    """A fact about the same violation, so much later at most."""
    at = before["effective"] + draw.integers(60, within, len(before))
    return _records(before["creator"], at, kind, about=before["about"])


def _others(creators: Ints, at: Ints, draw: Draws) -> Columns:
    names, weights = list(OTHERS), np.array(list(OTHERS.values()))
    made = _records(creators, at, "profile_changed", value=draw.integers(0, 1_000, len(at)))
    chosen = draw.choice(len(names), len(at), p=weights / weights.sum())
    made["kind"] = np.array([CODE[name] for name in names])[chosen]
    return made


def _numbered(made: Columns) -> Columns:
    """With a number for each fact of its creator."""
    made = made[np.argsort(made["creator"], kind="stable")]
    made["number"] = np.arange(len(made)) - np.searchsorted(made["creator"], made["creator"])
    return made


def _lag(number: int, draw: Draws) -> Ints:
    """Seconds until a fact is recorded: minutes mostly, days for some, weeks for few."""
    drawn = draw.random(number)
    longest = np.select([drawn < 0.9, drawn < 0.98], [1_800, 5 * DAY], 60 * DAY)
    return (draw.random(number) * longest).astype(np.int64)


def _retracted(made: Columns, draw: Draws) -> Columns:
    """Of 150 violations one was recorded in error; that is known after some weeks."""
    wrong = made[(made["kind"] == CODE["violation_found"]) & (draw.random(len(made)) < 0.007)]
    at = wrong["recorded"] + draw.integers(DAY, 40 * DAY, len(wrong))
    back = _records(wrong["creator"], at, "fact_retracted", about=wrong["number"])
    back["number"] = 1_000_000 + wrong["number"]
    back["recorded"] = at
    return back
