"""What every target must do, as tests: subclass `TargetContract` and give it your target.

    class TestMine(TargetContract):
        @pytest.fixture
        def target(self):
            yield MyTarget(...)

`again` may be overridden to return a second connection to the same store; the tests that need two
runners use it. Needs pytest.
"""

import time
from itertools import pairwise

import pytest
from msgspec.structs import replace

from projections.readmodels.rows import Appeal, Money, Quota, Row, Score, Stop, Violation, Window
from projections.readmodels.target import (
    BUILDING,
    Change,
    Checkpoint,
    FencedError,
    MovedError,
    Step,
    SupersededError,
    Target,
    count_totals,
)

HOUR = 3_600_000_000
LEASE = 60.0
START = Checkpoint(position=10, clock=1000, phase=BUILDING, law="law", log="log")
LATER = Checkpoint(position=10, clock=1000, law="law", log="log")
HOSTILE = ("{a}", "a:b:*", "x y\\z", "é\u4e2d\U0001f600", "'; DROP TABLE--", "%00\t?", "a" * 128)
"""Ids that the ledger would take, or that only look as if they did something."""


def row(creator: str, score: int = 700, due: int | None = 5 * HOUR, as_of: int = HOUR) -> Row:
    """A made-up row with something of everything."""
    return Row(
        creator=creator,
        position=7,
        as_of=as_of,
        next_change_at=due,
        standing=b'{"rulebook":"r@1","score":"%d","note":"\\u4e2d"}' % score,
        rulebook="r@1",
        scores=(Score("credit", score), Score("other", None)),
        stops=(
            Stop("8", None, "cart", HOUR, due, None, "running"),
            Stop("6", None, "cart", HOUR, 2 * HOUR, None, "running"),
            Stop(None, "v1", "live", HOUR, None, 2, "running"),
        ),
        windows=(Window("appeal", "v1", 9 * HOUR, None), Window("exam", "v1", HOUR, "closed")),
        appeals=(Appeal("v1", 2 * HOUR),),
        quotas=(Quota("spam", 8 * HOUR),),
        money=(Money("fine", "CNY", 200_000),),
        violations=(Violation("v1", "spam", HOUR, 300, 300, 0, "standing", True),),
    )


def parked(creator: str) -> Row:
    """One who can't be judged."""
    return Row(
        creator=creator,
        position=8,
        as_of=HOUR,
        next_change_at=None,
        standing=b"null",
        parked="the fact at position 8 can't be read",
    )


class TargetContract:
    """Subclass it; every test starts with an empty target."""

    @pytest.fixture
    def target(self) -> Target:
        """An empty target."""
        raise NotImplementedError

    def again(self, target: Target) -> Target:
        """Another connection to the same store."""
        return target

    def changes(self, target: Target) -> list[Change] | None:
        """The feed as it stands, oldest first; None where it can't be read back."""
        del target
        return None

    def begin(self, target: Target, *rows: Row, generation: int = 1) -> None:
        """A generation with rows, following."""
        step = Step(generation=generation, before=None, after=LATER, rows=rows)
        target.apply(step, "me", LEASE)

    def test_an_empty_target_has_no_generation(self, target: Target) -> None:
        assert target.generations() == []

    def test_rows_and_checkpoint_come_together(self, target: Target) -> None:
        target.apply(Step(generation=1, before=None, after=START, rows=[row("a")]), "me", LEASE)
        (generation,) = target.generations()
        assert (generation.number, generation.live) == (1, False)
        assert generation.checkpoint == START
        held = target.stored(1, ["a", "b"])
        assert list(held) == ["a"]
        made = row("a")
        assert held["a"].position == made.position
        assert held["a"].as_of == made.as_of
        assert held["a"].next_change_at == made.next_change_at
        assert held["a"].standing == made.standing

    def test_a_row_replaces_the_one_before(self, target: Target) -> None:
        self.begin(target, row("a"), row("b"))
        new = row("a", score=850, due=None)
        target.apply(Step(generation=1, before=LATER, after=LATER, rows=[new]), "me", LEASE)
        assert target.stored(1, ["a"])["a"].standing == new.standing
        assert target.inspect(1, [new, row("b")]) == {}
        assert target.due(1, 6 * HOUR, 10) == ["b"]

    def test_a_step_that_starts_elsewhere_changes_nothing(self, target: Target) -> None:
        self.begin(target, row("a"))
        for before in (None, START):
            step = Step(generation=1, before=before, after=START, rows=[row("b")], removed=["a"])
            with pytest.raises(MovedError):
                target.apply(step, "me", LEASE)
        assert target.creators(1) == ["a"]
        assert target.generations()[0].checkpoint == LATER

    def test_the_same_step_twice_is_once(self, target: Target) -> None:
        first = Step(generation=1, before=None, after=START, rows=[row("a")])
        target.apply(first, "me", LEASE)
        change = Change("7", "a", b'{"id":"7"}')
        step = Step(generation=1, before=START, after=LATER, rows=[row("a")], changes=[change])
        target.apply(step, "me", LEASE)
        with pytest.raises(MovedError):
            target.apply(step, "me", LEASE)
        assert self.changes(target) in (None, [change])

    def test_changes_keep_their_order(self, target: Target) -> None:
        made = [Change(str(n), "a", b'{"id":"%d"}' % n) for n in range(5)]
        self.begin(target)
        for some in (made[:2], made[2:]):
            target.apply(Step(generation=1, before=LATER, after=LATER, changes=some), "me", LEASE)
        assert self.changes(target) in (None, made)

    def test_removed_rows_are_gone_from_every_index(self, target: Target) -> None:
        self.begin(target, row("a"), row("b"))
        target.apply(Step(generation=1, before=LATER, after=LATER, removed=["a"]), "me", LEASE)
        assert target.creators(1) == ["b"]
        assert target.stored(1, ["a", "b"]).keys() == {"b"}
        assert target.due(1, 9 * HOUR, 10) == ["b"]
        counted: dict[str, int] = {}
        count_totals(counted, row("b"))
        assert target.totals(1) in (None, counted)

    def test_a_removed_row_may_come_back(self, target: Target) -> None:
        self.begin(target, row("a"), row("b"))
        target.apply(Step(generation=1, before=LATER, after=LATER, removed=["a"]), "me", LEASE)
        target.apply(Step(generation=1, before=LATER, after=LATER, rows=[row("a")]), "me", LEASE)
        assert target.inspect(1, [row("a"), row("b")]) == {}
        counted: dict[str, int] = {}
        for one in (row("a"), row("b")):
            count_totals(counted, one)
        assert target.totals(1) in ({}, counted)

    def test_hostile_ids_are_only_names(self, target: Target) -> None:
        self.begin(target, *(row(c, due=n + 1) for n, c in enumerate(HOSTILE)))
        assert target.creators(1) == sorted(HOSTILE)
        assert set(target.stored(1, HOSTILE)) == set(HOSTILE)
        assert set(target.due(1, HOUR, 100)) == set(HOSTILE)
        assert target.inspect(1, [row(c, due=n + 1) for n, c in enumerate(HOSTILE)]) == {}

    def test_what_is_due_comes_earliest_first(self, target: Target) -> None:
        rows = [row(f"c{n}", due=n * HOUR) for n in range(5, 0, -1)]
        self.begin(target, *rows, row("never", due=None))
        assert target.due(1, 3 * HOUR, 10) == ["c1", "c2", "c3"]
        assert target.due(1, 9 * HOUR, 2) == ["c1", "c2"]
        assert target.due(1, HOUR - 1000, 10) == []

    def test_what_is_due_between_milliseconds_is_due(self, target: Target) -> None:
        self.begin(target, row("a", due=HOUR + 1))
        assert target.due(1, HOUR + 1, 10) == ["a"]
        assert target.due(1, HOUR - 1000, 10) == []

    def test_creators_are_listed_in_pages(self, target: Target) -> None:
        names = [f"c{n:03}" for n in range(25)]
        self.begin(target, *map(row, names))
        listed: list[str] = []
        while page := target.creators(1, listed[-1] if listed else "", 10):
            listed += page
        assert listed == names

    def test_a_large_step_goes_in_whole(self, target: Target) -> None:
        rows = [row(f"c{n}", score=n) for n in range(3000)]
        self.begin(target, *rows)
        assert len(target.creators(1, limit=5000)) == len(rows)
        assert target.inspect(1, rows) == {}
        counted: dict[str, int] = {}
        for one in rows:
            count_totals(counted, one)
        assert target.totals(1) in (None, counted)

    def test_a_parked_creator_is_told_with_its_reason(self, target: Target) -> None:
        self.begin(target, row("a"), parked("b"))
        assert target.parked(1) == {"b": parked("b").parked}
        assert target.stored(1, ["b"])["b"].standing == b"null"
        target.apply(Step(generation=1, before=LATER, after=LATER, rows=[row("b")]), "me", LEASE)
        assert target.parked(1) == {}

    def test_differences_are_named(self, target: Target) -> None:
        self.begin(target, row("a"))
        assert "as_of" in target.inspect(1, [row("a", as_of=2 * HOUR)])["a"]
        assert "position" in target.inspect(1, [replace(row("a"), position=6)])["a"]
        assert "standing" in target.inspect(1, [row("a", score=1)])["a"]
        assert "next_change_at" in target.inspect(1, [row("a", due=7 * HOUR)])["a"]
        assert target.inspect(1, [row("b")]) == {"b": ["missing"]}

    def test_nobody_has_lost_anything_of_a_feed_that_is_all_there(self, target: Target) -> None:
        self.begin(target, row("a"))
        changes = [Change("7", "a", b'{"id":"7"}')]
        target.apply(Step(generation=1, before=LATER, after=LATER, changes=changes), "me", LEASE)
        assert target.losses() == []

    def test_what_is_to_be_known_of_a_store_is_in_sentences(self, target: Target) -> None:
        assert all(isinstance(said, str) and said for said in target.warnings())

    def test_who_stands_by_is_not_kept_waiting(self, target: Target) -> None:
        assert target.lead(1, "me", LEASE) == ""
        began = time.monotonic()
        assert self.again(target).lead(1, "you", LEASE) == "me"
        assert time.monotonic() - began < LEASE / 10

    def test_one_leads_and_another_waits(self, target: Target) -> None:
        assert target.lead(1, "me", LEASE) == ""
        other = self.again(target)
        assert other.lead(1, "you", LEASE) == "me"
        assert target.lead(1, "me", LEASE) == ""
        target.release(1, "you")
        assert other.lead(1, "you", LEASE) == "me"
        target.release(1, "me")
        assert other.lead(1, "you", LEASE) == ""

    def test_who_does_not_lead_writes_nothing(self, target: Target) -> None:
        self.begin(target, row("a"))
        step = Step(generation=1, before=LATER, after=START, rows=[row("b")])
        with pytest.raises(FencedError):
            self.again(target).apply(step, "you", LEASE)
        assert target.creators(1) == ["a"]
        assert target.generations()[0].checkpoint == LATER

    def test_generations_are_apart(self, target: Target) -> None:
        self.begin(target, row("a"))
        self.begin(target, row("a", score=1), row("b"), generation=2)
        assert target.creators(1) == ["a"]
        assert target.stored(1, ["a"])["a"].standing == row("a").standing
        assert [g.number for g in target.generations()] == [1, 2]

    def test_a_swap_needs_the_checkpoint_that_it_replaces(self, target: Target) -> None:
        self.begin(target, row("a"))
        assert not target.swap(1, "me", START)
        assert target.swap(1, "me", None)
        self.begin(target, row("b"), generation=2)
        assert not target.swap(2, "me", None)
        assert not target.swap(2, "me", START)
        assert [g.live for g in target.generations()] == [True, False]
        assert target.swap(2, "me", LATER)
        assert [g.live for g in target.generations()] == [False, True]

    def test_who_does_not_lead_does_not_swap(self, target: Target) -> None:
        self.begin(target, row("a"))
        assert not self.again(target).swap(1, "you", None)
        assert target.swap(1, "me", None)

    def test_an_old_generation_is_not_written_to_once_another_is_live(self, target: Target) -> None:
        self.begin(target, row("a"))
        assert target.swap(1, "me", None)
        self.begin(target, row("a"), generation=2)
        assert target.swap(2, "me", LATER)
        step = Step(generation=1, before=LATER, after=START, rows=[row("z")])
        with pytest.raises(SupersededError):
            target.apply(step, "me", LEASE)
        assert target.creators(1) == ["a"]

    def test_a_dropped_generation_leaves_nothing(self, target: Target) -> None:
        self.begin(target, row("a"))
        target.swap(1, "me", None)
        self.begin(target, row("b"), generation=2)
        target.swap(2, "me", LATER)
        target.drop(1)
        assert [g.number for g in target.generations()] == [2]
        assert target.creators(1) == []
        self.begin(target, row("c"), generation=3)
        assert target.creators(3) == ["c"]

    def test_steps_in_a_row_end_as_one_would(self, target: Target) -> None:
        self.begin(target)
        marks = [Checkpoint(position=n, clock=n, law="law", log="log") for n in range(20)]
        target.apply(Step(generation=1, before=LATER, after=marks[0]), "me", LEASE)
        for before, after in pairwise(marks):
            rows = [row(f"c{after.position % 7}", score=after.position, due=after.position * HOUR)]
            target.apply(Step(generation=1, before=before, after=after, rows=rows), "me", LEASE)
        last = {n % 7: n for n in range(1, 20)}
        expected = [row(f"c{k}", score=n, due=n * HOUR) for k, n in last.items()]
        assert target.inspect(1, expected) == {}
        counted: dict[str, int] = {}
        for one in expected:
            count_totals(counted, one)
        assert target.totals(1) in (None, counted)
