"""What is kept of a creator is what the standing of its replay says."""

from collections import Counter
from random import Random

import numpy as np
import pytest
from model.test_compiled import AS_OF, LIBRARY
from msgspec.structs import replace as with_

from ledger.facts.envelope import Envelope
from ledger.facts.types import CreatorEnrolled
from projections.fold.rules import Book
from projections.fold.score import outstanding
from projections.fold.state import ABSENT, STANDING, Creator, Stop
from projections.standing.executed import by_feature, judged
from projections.standing.naming import naming
from projections.standing.replay import Replay, replay
from projections.standing.spans import merged, total
from projections.views.windows import longest
from replay.population import summary
from replay.population.columns import Columns
from replay.population.engine import fold
from replay.population.layout import Layout
from replay.population.study.tally import counts, exact
from replay.population.synthetic import population

BOOKS = ("douyin-creator", "everything", "super-licence", "natural-restart", "until-back")


def replays(name: str, simulate: bool) -> list[Replay]:
    """Of histories that cross whatever the rulebook has."""
    tables = LIBRARY.tables(name)
    made = []
    for facts in population(1_500, list(tables.names.categories), seed=3):
        made.append(replay("c", _under(name, facts), LIBRARY, as_of=AS_OF, simulate=simulate))
    return made


def _under(name: str, facts: list[Envelope]) -> list[Envelope]:
    return [
        with_(e, fact=with_(e.fact, rulebook=name)) if type(e.fact) is CreatorEnrolled else e
        for e in facts
    ]


@pytest.mark.parametrize("simulate", [False, True])
@pytest.mark.parametrize("name", BOOKS)
def test_it_is_what_each_replay_says(name: str, simulate: bool) -> None:
    tables, layout = LIBRARY.tables(name), Layout.of(LIBRARY.tables(name))
    made = replays(name, simulate)
    columns = Columns([each.history for each in made], tables)
    found = fold(columns, [tables], as_of=AS_OF, simulate=simulate, interpreted=True).summaries[
        :, 0
    ]
    for row, each in zip(found, made, strict=True):
        creator, names = each.creator, naming(each)
        enrolled = creator.enrolled_on if creator.enrolled else ABSENT
        assert row[:2].tolist() == [enrolled, creator.level]
        assert row[layout.scores].tolist() == [c.score for c in creator.counters]
        spans = by_feature(judged(each))
        lasted = [total((a, min(b, AS_OF)) for a, b in spans.get(f, ())) for f in layout.features]
        assert row[layout.stopped].tolist() == lasted
        every = merged((a, min(b, AS_OF)) for each_ in spans.values() for a, b in each_)
        assert row[layout.suspended] == total(every)
        runs = {names.feature(s): s for s in longest(creator) if s.started_at <= AS_OF}
        ends = [runs[f].until if f in runs else ABSENT for f in layout.features]
        assert row[layout.until].tolist() == ends
        since = [spans[f][-1][0] if f in runs else ABSENT for f in layout.features]
        assert row[layout.since].tolist() == since
        crossed = Counter(
            (names.book(c.version).label, names.crossed(c))
            for c in creator.crossings[: creator.crossings_made]
        )
        of_layout = [(node.rulebook.label, node.name) for node in layout.nodes]
        assert row[layout.crossed].tolist() == [crossed[key] for key in of_layout]
        standing = [v for v in creator.violations if v.state == STANDING and v.category != ABSENT]
        counts = Counter((v.version, *names.category_at(v.category)) for v in standing)
        of_layout3 = [(tables.rulebooks.index(g.rulebook), *g[1:]) for g in layout.grades]
        assert row[layout.violations].tolist() == [counts[key] for key in of_layout3]
        assert row[layout.points].sum() == sum(outstanding(v) for v in standing)
        owed = [a.demanded - a.posted for a in creator.accounts[: len(layout.accounts)]]
        assert row[layout.owed].tolist() == owed


def test_stops_that_begin_in_another_order_than_they_were_decided() -> None:
    random, book = Random(5), Book()
    book.feature_count = 2
    for _ in range(300):
        creator = Creator()
        creator.stops = [_stop(random) for _ in range(random.randrange(9))]
        creator.stops_made = len(creator.stops)
        row = [0] * 9
        summary.stopped(creator, book, 50, row, 0)
        for place, features in enumerate(({0, 1}, {0}, {1})):
            spans = [(s.started_at, s.until) for s in creator.stops if s.feature in features]
            known = merged((a, b) for a, b in spans if a <= 50)
            now = [span for span in known if span[1] > 50] or [(ABSENT, ABSENT)]
            lasted = total((a, min(b, 50)) for a, b in known)
            assert row[3 * place : 3 * place + 3] == [lasted, *now[0]]


def _stop(random: Random) -> Stop:
    stop = Stop()
    stop.feature, stop.started_at = random.randrange(2), random.randrange(60)
    stop.until = stop.started_at + random.randrange(20)
    return stop


def test_values_far_apart_are_counted_as_well() -> None:
    for values in ([5, 7, 5, -1], [10**12, 3, -(10**12), 3]):
        assert counts(np.array(values)) == Counter(values)
    large = np.array([2**62, 2**62, 5, 2**61])
    assert exact(large) == sum(large.tolist())
