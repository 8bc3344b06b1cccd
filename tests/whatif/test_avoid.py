"""Avoid: every set that is named works, no smaller one does, and none is missing."""

from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from model.histories import histories
from msgspec.structs import replace
from samples import EXAM_FIRST, START, Line, when

from ledger.errors import InputError
from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from projections.standing.moments import read_moment
from projections.views.objects import standing_object
from replay.whatif.questions import avoid as avoiding
from replay.whatif.questions.afford import afford
from replay.whatif.questions.avoid import MOST, Change, avoid, avoid_view, changed
from replay.whatif.questions.target import NoStop, Score, read_target
from replay.whatif.scenario import Scenario

from .worlds import THREE, after, of, world


def sets(target: str, lines: list[Line] = THREE, as_of: str = "2024-08-01") -> list[str]:
    """As `absent v1 + granted v2`."""
    here = of(lines, as_of)
    view = avoid_view(avoid(here, read_target(target, here)))
    return [
        " + ".join(f"{c['change']} {c.get('violation') or c['period']}" for c in chosen)
        for chosen in view["sets"]
    ]


def test_a_stop_is_avoided_by_what_would_have_kept_the_score_up() -> None:
    """The third violation takes 6 to 3, below node 4; one point more would have been enough."""
    assert sets("4@2024-07-14") == [
        "absent v1", "granted v1", "passed v1",
        "absent v2", "granted v2",
        "absent v3", "granted v3", "passed v3",
    ]  # fmt: skip


def test_a_decision_goes_the_other_way_at_its_own_instant() -> None:
    """The appeal was denied on the 13th: granted then it helps on the 14th, not on the 10th; the
    exam was failed on the 15th."""
    assert "granted v1" in sets("4@2024-07-14")
    assert "granted v1" not in sets("8@2024-07-10")
    assert "passed v2" not in sets("4@2024-07-14")
    assert "passed v2" in sets("score>=4@2024-07-31")


def test_a_score_is_reached_by_the_smallest_sets() -> None:
    found = sets("score>=5.5@2024-07-31")
    sizes = [len(each.split(" + ")) for each in found]
    assert sizes == sorted(sizes)
    assert {1, 2} <= set(sizes)
    assert "absent v1" in found
    parts = [set(each.split(" + ")) for each in found]
    assert not [(one, other) for one in parts for other in parts if one < other]


def test_what_is_so_already_needs_nothing() -> None:
    here = of(EXAM_FIRST, "2024-08-01")
    view = avoid_view(avoid(here, read_target("score>=10", here)))
    assert view["already"]
    assert view["sets"] == []


def test_a_recovery_comes_as_early_as_its_period_allows() -> None:
    lines: list[Line] = [
        ("2024-06-01 09:00", f.CreatorEnrolled()),
        ("2024-06-02 09:00", f.ViolationFound("v0", "misleading", "other")),
        ("2024-08-05 09:00", f.RecoveryGranted("2024-07", 200)),
    ]
    assert sets("score>=9@2024-08-02", lines) == [
        "absent v0", "granted v0", "recovered 2024-07",
    ]  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(histories(most=7))
def test_the_sets_are_those_that_brute_force_finds(history: list[Envelope]) -> None:
    here = world(history, when("2024-09-23"))
    stops = standing_object(here.replay())["sanctions"]
    assume(stops)
    target = NoStop(stops[-1]["node"], "", 0, here.as_of)
    found = avoid(here, target)
    assume(not found.already)  # it was lifted as it began
    names = {frozenset(map(id, chosen)) for chosen in found.sets}
    minimal: set[frozenset[int]] = set()
    for size in range(1, MOST + 1):
        for chosen in combinations(found.changes, size):
            ids = frozenset(map(id, chosen))
            if overlap(chosen) or any(small <= ids for small in minimal):
                continue
            if target.met(changed(here, chosen).replay()):
                minimal.add(ids)
    assert names == minimal


def overlap(chosen: tuple[Change, ...]) -> bool:
    """An appeal or an exam about what was not found is no change."""
    gone = {c.about for c in chosen if c.kind == "absent"}
    return any(c.about in gone for c in chosen if c.kind in ("granted", "passed"))


@settings(max_examples=25, deadline=None)
@given(histories(most=8))
def test_changes_are_those_that_a_scenario_makes(history: list[Envelope]) -> None:
    """An absent violation is a dropped one; a failed exam that is passed an amended one."""
    here = world(history, when("2024-09-23"))
    for change in avoiding._changes(here):
        same = None
        if change.kind == "absent" and len(change.out) == 1:
            (fact,) = (e for e in history if e.position in change.out)
            same = Scenario.of(drop=[fact.id])
        elif change.kind == "passed" and change.out:
            same = Scenario.of(amend=[(change.into[0].id, {"mark": "100"})])
        if same is not None:
            ours, theirs = changed(here, [change]).replay(), after(same, here).replay()
            assert standing_object(ours) == standing_object(theirs)


def test_more_than_can_be_tried_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avoiding, "EFFORT", 50)
    here = of(THREE, "2024-08-01")
    found = avoid(here, read_target("4@2024-07-14", here))
    assert found.sizes == 1
    assert avoid_view(found)["all_sets_up_to"] == 1


TARGETS = [
    ("8", NoStop("8", "", 0, when("2024-08-01"))),
    ("product_sharing", NoStop("", "product_sharing", 0, when("2024-08-01"))),
    ("8.product_sharing@2024-07-10",
     NoStop("8", "product_sharing", when("2024-07-10"), when("2024-07-11") - 1)),
    ("8@2024-07-10 09:00", NoStop("8", "", when("2024-07-10 09:00"), when("2024-07-10 09:00"))),
    ("score>=9", Score(0, "credit", 1, 900, when("2024-08-01"))),
    ("credit <= 7.5@2024-07-31", Score(0, "credit", -1, 750, when("2024-08-01") - 1)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "target"), TARGETS)
def test_a_target_is_read(text: str, target: NoStop | Score) -> None:
    assert read_target(text, of(THREE, "2024-08-01")) == target


def test_afford_says_what_can_be_lost() -> None:
    rooms = {room.node: room.loss for room in afford(of(START, "2024-07-09").replay())}
    assert rooms == {"8": 200, "6": 400, "4": 600, "2": 800, "0": 999}
    with pytest.raises(InputError, match="is not enrolled then"):
        afford(of(START, "2024-07-01").replay())


@settings(max_examples=30, deadline=None)
@given(histories(most=10))
def test_a_loss_as_said_crosses_nothing_and_the_next_one_does(history: list[Envelope]) -> None:
    here = world(history, when("2025-01-01"))
    before = here.replay()
    assume(before.creator.enrolled)
    for room in afford(before):
        if room.loss is None:
            continue
        assert started(here, room.node) == started(losing(here, room.loss), room.node)
        assert started(here, room.node) < started(losing(here, room.loss + 1), room.node)


def losing(here, amount: int):  # type: ignore[no-untyped-def]
    """The same after a further violation of so many points, a moment later."""
    found = {
        "type": "violation_found",
        "time": "2025-01-01T00:00:01+08:00",
        "data": {
            "violation": "the next one", "category": "spam", "detected_by": "other",
            "points": f"{amount // 100}.{amount % 100:02}", "ground": "unstated",
        },
    }  # fmt: skip
    return after(Scenario.of(add=[found]), replace(here, as_of=when("2025-01-01 00:01")))


def started(here, node: str) -> int:  # type: ignore[no-untyped-def]
    """How often a node was crossed."""
    result = here.replay()
    nodes = [tuple(r.nodes) for r in result.tables.rulebooks]
    rows = result.creator.crossings[: result.creator.crossings_made]
    return sum(nodes[row.version][row.node] == node for row in rows)


def test_a_date_is_a_whole_day() -> None:
    assert read_moment("2024-07-10").whole_day
