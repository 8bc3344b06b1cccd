"""What a replay comes to: score, stops, exam rights and money, and how long features stood still.

Two histories that come to the same may have come there by other ways; what differs between them is
told by `counterfactual`.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from msgspec import Struct

from projections.fold.state import DAY
from projections.standing.executed import by_feature, judged
from projections.standing.naming import naming
from projections.standing.replay import Replay, Ruling, in_order
from projections.standing.spans import Span, total
from projections.standing.writing import instant, points
from projections.views.objects import accounts, exam_quota, sanctions

View = dict[str, Any]
Rows = tuple[frozenset[tuple[str, Any]], ...]


class Outcome(Struct, frozen=True):
    """Comparable and hashable; the rows are those of a standing."""

    scores: tuple[int, ...]
    """Of each counter, in hundredths; none before enrolment."""
    stops: Rows
    quota: Rows
    money: Rows

    def with_instants_as_one(self, instants: Collection[str]) -> "Outcome":
        """The same with the first of some instants wherever one of them stands."""
        if not instants:
            return self
        one = dict.fromkeys(instants, min(instants))
        rows = (
            tuple(frozenset((name, one.get(value, value)) for name, value in row) for row in rows)
            for rows in (self.stops, self.quota, self.money)
        )
        return Outcome(self.scores, *rows)

    def view(self) -> View:
        """As JSON has it."""
        return {
            "score": points(self.scores[0]) if self.scores else None,
            "sanctions": [dict(_ordered(row)) for row in self.stops],
            "exam_quota": [dict(_ordered(row)) for row in self.quota],
            "money": [dict(_ordered(row)) for row in self.money],
        }


ORDER = (
    "node", "violation", "lapse", "feature", "from", "until", "state", "planned_until",
    "occasions_left", "category", "available_from", "account", "currency", "due",
)  # fmt: skip


def _ordered(row: frozenset[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return sorted(row, key=lambda item: ORDER.index(item[0]))


def outcome(replay: Replay) -> Outcome:
    """What it comes to as of its instant; it needs no rulings."""
    return Outcome(
        scores(replay),
        frozen(sanctions(replay, naming(replay))),
        frozen(exam_quota(replay)),
        frozen(accounts(replay)),
    )


def scores(replay: Replay) -> tuple[int, ...]:
    """Of each counter, in hundredths; none before enrolment."""
    creator = replay.creator
    return tuple(c.score for c in creator.counters) if creator.enrolled else ()


def frozen(rows: list[View]) -> Rows:
    """Rows as values that can be compared and counted."""
    return tuple(frozenset(row.items()) for row in rows)


def suspended(replay: Replay) -> int:
    """How long some feature was stopped, in microseconds; stops that overlap count once."""
    return _before(replay, [stretch.span for stretch in judged(replay)])


def _before(replay: Replay, spans: Iterable[Span]) -> int:
    """How long they take, up to the instant of the replay."""
    return total((start, min(end, replay.as_of)) for start, end in spans)


def days(microseconds: int) -> str:
    """Days with at most two decimals."""
    return points((microseconds * 100 + DAY // 2) // DAY)


def suspended_view(replay: Replay) -> View:
    """Days of suspension: of any feature, and of each."""
    spans = by_feature(judged(replay))
    return {
        "any": days(_before(replay, [span for each in spans.values() for span in each])),
        "features": {feature: days(_before(replay, each)) for feature, each in spans.items()},
    }


def series(replay: Replay) -> list[View]:
    """The first counter over time: an entry wherever it moves, for whoever draws it."""
    zone = replay.rulebook.zone
    return [{"at": instant(at, zone), "score": points(score)} for at, score in _moves(replay)]


def _moves(replay: Replay) -> Iterator[Span]:
    """(instant, score) of the enrolment and of each change since."""
    last: int | None = None
    for event in in_order(replay):
        if isinstance(event, Ruling):
            if event.row is None or (last is None and event.score_after is None):
                continue
            at, now = event.envelope.effective_at, event.after[0]
        else:
            at, now = event.at, event.after[0]
            if last is None:
                continue
        if now != last:
            yield at, now
        last = now
