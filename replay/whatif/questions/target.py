"""What is to be avoided or reached: a stop, or a score by a date."""

import re
from decimal import Decimal
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from ledger.errors import InputError
from ledger.rulebook.findings import near
from ledger.text import safe
from projections.standing.moments import Moment, read_moment
from projections.standing.naming import naming
from projections.standing.replay import Replay
from projections.standing.writing import points
from replay.whatif.world import World

_SCORE = re.compile(r"([a-z][a-z0-9_]*)(>=|<=)(\d{1,9}(?:\.\d{1,2})?)")
EXAMPLES = "8, product_sharing, 8.product_sharing@2024-07-10 or score>=9@2024-07-31"


class Target(Protocol):
    """What every set of changes is measured by."""

    @property
    def as_of(self) -> int:
        """When it is looked at."""

    def met(self, replay: Replay) -> bool:
        """Whether it is so, in a replay as of that instant."""


class NoStop(Struct, frozen=True):
    """Nothing of a node or a feature is stopped at any instant from `since` to `as_of`."""

    node: str
    feature: str
    since: int
    as_of: int

    def met(self, replay: Replay) -> bool:
        """A stop that is lifted as it begins has stopped nothing."""
        names = naming(replay)
        for stop in replay.creator.stops[: replay.creator.stops_made]:
            lasts = max(stop.started_at, self.since) < min(stop.until, self.as_of + 1)
            if lasts and self.feature in ("", names.feature(stop)):
                node = names.whose(stop).get("node")
                if self.node in ("", node):
                    return False
        return True


class Score(Struct, frozen=True):
    """A counter is at a figure or on its better side as of an instant."""

    counter: int
    name: str
    sign: int
    figure: int
    as_of: int

    def met(self, replay: Replay) -> bool:
        """Nobody has a score before the enrolment."""
        score = replay.creator.counters[self.counter].score
        return bool(replay.creator.enrolled) and self.sign * score >= self.sign * self.figure


def read_target(text: str, world: World) -> NoStop | Score:
    """`STOP[@DATE]` or `score>=X[@DATE]`. Raises InputError with what would be right.

    A stop is a node, a feature, or both with a point between. A date is the whole day for a stop
    and its end for a score; without one a stop is to be avoided at any time, and a score to be
    reached by the instant asked about.
    """
    if not text.strip():
        raise InputError(f"found nothing to avoid or reach; say it as {EXAMPLES}")
    word, at, when = text.rpartition("@")
    if not at:
        word, when = text, ""
    moment = None
    if when:
        try:
            moment = read_moment(when)
        except ValueError as error:
            raise InputError(f"{safe(text)}: {error}") from None
    as_of = world.as_of if moment is None else moment.instant(world.zone)
    baseline = world.replay(as_of=as_of)
    if match := _SCORE.fullmatch(word.replace(" ", "")):
        name, relation, figure = match.groups()
        counters = tuple(naming(baseline).counters)
        if name != "score" and name not in counters:
            hint = near(name, ("score", *counters))
            raise InputError(f'no counter "{safe(name)}"{hint}')
        counter = 0 if name == "score" else counters.index(name)
        sign = 1 if relation == ">=" else -1
        return Score(counter, counters[counter], sign, int(Decimal(figure) * 100), as_of)
    since = 0 if moment is None else _start(moment, world.zone)
    return _stop(word, baseline, since, as_of)


def _start(moment: Moment, zone: str) -> int:
    """The first instant of a day, or the instant itself."""
    return replace(moment, whole_day=False).instant(zone)


def _stop(word: str, baseline: Replay, since: int, as_of: int) -> NoStop:
    nodes = {name for rulebook in baseline.tables.rulebooks for name in rulebook.nodes}
    features = set(baseline.tables.names.features)
    node, point, feature = word.rpartition(".")
    if not point:
        node, feature = (word, "") if word in nodes else ("", word)
    if (node and node not in nodes) or (feature and feature not in features):
        hint = near(word, nodes | features)
        raise InputError(f'no stop "{safe(word)}"{hint}; say one as {EXAMPLES}')
    target = NoStop(node, feature, since, as_of)
    if target.met(baseline):
        raise InputError(f'nothing is stopped by "{safe(word)}" then: there is nothing to avoid')
    return target


def said(target: NoStop | Score) -> dict[str, object]:
    """As JSON has it."""
    if isinstance(target, Score):
        relation = ">=" if target.sign > 0 else "<="
        counter = {"counter": target.counter, "name": target.name}
        return counter | {"relation": relation, "score": points(target.figure)}
    return {"node": target.node or None, "feature": target.feature or None}
