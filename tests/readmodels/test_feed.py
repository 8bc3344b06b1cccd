"""Rows and changes follow from the log alone, whatever the pages, pauses and restarts."""

import tempfile
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from logs import (
    DAY,
    Clock,
    by_creator,
    carry,
    events,
    followed,
    fresh,
    opened,
    population,
    record,
    states,
)

from ledger.log.port import open_log
from projections.readmodels.follower import GRACE
from projections.readmodels.memory import MemoryTarget

END = 1_800_000_000_000_000


@given(st.integers(0, 10**6))
@settings(max_examples=25)
def test_the_same_changes_come_out_whatever_the_pages_and_pauses(seed: int) -> None:
    random = Random(seed)
    lessons = population(seed, creators=4, longest=25)
    with tempfile.TemporaryDirectory() as folder:
        url = fresh(Path(folder) / "ledger.db")
        at_once, in_pieces = MemoryTarget(), MemoryTarget()
        with open_log(url) as log, opened(url) as source:
            # One reads it in pieces, while it is written; it is replaced by another now and then.
            clock = Clock(0)
            follower = followed(source, in_pieces, clock, page=random.choice((1, 3, 50)))
            for lesson in lessons:
                record(log, [lesson])
                clock.now = max(clock.now, lesson[0].recorded_at) + random.choice((0, 1, GRACE * 2))
                if random.random() < 0.2:
                    follower = followed(source, in_pieces, clock, page=random.choice((1, 3, 50)))
                if random.random() < 0.7:
                    carry(follower)
            clock.now = END
            carry(follower)
            # The other one comes when all is over.
            late = followed(source, at_once, clock, page=random.choice((5, 2000)))
            carry(late)
        assert states(in_pieces) == states(at_once)
        assert in_pieces.rows[1].keys() == at_once.rows[1].keys()
        assert by_creator(in_pieces.feed) == by_creator(at_once.feed)
        told = [change.id for change in at_once.feed]
        assert len(told) == len(set(told))


@given(st.integers(0, 10**6))
@settings(max_examples=25)
def test_each_change_begins_where_the_one_before_ended(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = fresh(Path(folder) / "ledger.db")
        target = MemoryTarget()
        with open_log(url) as log, opened(url) as source:
            record(log, population(seed, creators=3, longest=25))
            carry(followed(source, target, Clock(END)))
        for creator, changes in by_creator(target.feed).items():
            before = None
            for event in events(changes):
                data = event["data"]
                assert isinstance(data, dict)
                assert data["old"] == before
                assert data["new"] != before
                before = data["new"]
            held = states(target)[creator].standing
            assert changes[-1].event.count(held) == 1


@given(st.integers(0, 10**6))
@settings(max_examples=30)
def test_a_row_stays_as_it_is_until_its_next_change(seed: int) -> None:
    random = Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        url = fresh(Path(folder) / "ledger.db")
        with open_log(url) as log, opened(url) as source:
            record(log, population(seed, creators=2, longest=15))
            head = log.head()
            streams = source.histories("", head, 10_000).facts
            from projections.readmodels.feed import Course

            for creator, stream in streams.items():
                last = stream[-1].recorded_at
                course = Course(
                    judge=source, creator=creator, stream=stream, end=head, history=True,
                    publishes=False, source="", held=None,
                )  # fmt: skip
                at = last - random.randrange(100) * DAY
                for _ in range(6):
                    course.begin(at, at)
                    row = course.row
                    assert row is not None
                    until = row.next_change_at
                    assert until is None or until > at
                    if until is None:
                        until = at + 900 * DAY
                    for between in {
                        at + 1,
                        until - 1,
                        *(random.randrange(at, until) for _ in "ab"),
                    }:
                        if at < between < until:
                            course.begin(between, between)
                            assert course.row is not None
                            assert course.row.standing == row.standing
                            assert course.row.next_change_at == row.next_change_at
                    at = until


@given(st.integers(0, 10**6), st.sampled_from([0, 3, 20]))
@settings(max_examples=25)
def test_a_new_target_begins_a_little_before_the_head(seed: int, feed: int) -> None:
    whole, tail = MemoryTarget(), MemoryTarget()
    with tempfile.TemporaryDirectory() as folder:
        url = fresh(Path(folder) / "ledger.db")
        with open_log(url) as log, opened(url) as source:
            record(log, population(seed, creators=6, longest=20))
            carry(followed(source, whole, Clock(END)))
            carry(followed(source, tail, Clock(END), feed=feed))
    assert states(tail) == states(whole)
    known = {change.id: change for change in whole.feed}
    assert len(tail.feed) <= len(whole.feed)
    for change in tail.feed:
        assert known[change.id] == change
