"""Which figures: what is named turns the outcome as `--set` has it, and nothing nearer does."""

from decimal import Decimal

from hypothesis import given, settings
from model.histories import histories
from samples import EXAM_FIRST, when

from ledger.errors import RulebookError
from ledger.facts.envelope import Envelope
from replay.whatif.outcome import outcome
from replay.whatif.questions.figures import Trials, figures_view, put, which_figures
from replay.whatif.scenario import Scenario

from .worlds import SHELF, after, of, world


def test_on_what_the_stop_of_the_worked_example_hangs() -> None:
    """002 §10(1): seven points are below eight, and eight and a half are not."""
    view = figures_view(of(EXAM_FIRST, "2024-07-31"))
    found = {figure["path"]: figure for figure in view["figures"]}
    assert found["nodes.8.below"]["stops"] == {"below": "7", "above": "8.51"}
    assert found["categories.misleading.points"]["stops"] == {"below": "2", "above": "3.51"}
    assert found["categories.misleading.restorable"]["stops"] == {"below": "0.99", "above": None}
    assert found["exam.minimum_level"]["stops"] == {"below": None, "above": "5"}
    assert found["exam.reputation_above"]["stops"] == {"below": None, "above": "4.8"}
    assert found["counters.credit.initial"]["score"] == {"below": "9.99", "above": "10.01"}
    assert found["nodes.8.stops.0.days"]["stops"]["above"] == "2"
    assert found["in_force_from"]["stops"]["above"] == "2024-07-11"


def test_assumed_figures_come_first() -> None:
    assumed = [figure["assumed"] for figure in figures_view(of(EXAM_FIRST))["figures"]]
    assert assumed == sorted(assumed, reverse=True)
    assert True in assumed
    assert False in assumed


@settings(max_examples=12, deadline=None)
@given(histories(most=6))
def test_each_value_turns_the_outcome_and_the_one_before_it_does_not(
    history: list[Envelope],
) -> None:
    here = world(history, when("2024-12-31"))
    ours = outcome(here.replay())
    for each in which_figures(here):
        value = each.figure.place.value
        if isinstance(value, bool):
            continue
        for field, turned in (("scores", each.score), ("stops", each.stops)):
            for text, back in ((turned.below, 1), (turned.above, -1)):
                if text is None or not isinstance(value, Decimal | int):
                    continue
                unit = Decimal("0.01") if isinstance(value, Decimal) else 1
                nearest = type(value)(text)
                assert getattr(tried(here, each.figure.key, str(nearest)), field) != getattr(
                    ours, field
                )
                nearer = nearest + back * unit
                came = tried(here, each.figure.key, str(nearer))
                assert came is None or getattr(came, field) == getattr(ours, field)


def tried(here, key: str, value: str):  # type: ignore[no-untyped-def]
    """What comes out with a figure as `--set` has it; None where it is refused."""
    try:
        return outcome(after(Scenario.of(set={key: value}), here).replay())
    except RulebookError:
        return None


@settings(max_examples=12, deadline=None)
@given(histories(most=6))
def test_the_short_way_to_another_figure_is_the_long_one(history: list[Envelope]) -> None:
    here = world(history, when("2024-12-31"))
    trials = Trials(here)
    for figure in trials.figures()[::3]:
        value = figure.place.value
        if isinstance(value, bool) or not isinstance(value, Decimal | int):
            continue
        other = value + 1
        long = tried(here, figure.key, str(other))
        if long is not None:
            assert trials._tried(figure, other) == long


def test_a_value_is_put_where_its_path_leads() -> None:
    (rulebook,) = (r for r in SHELF.versions("douyin-creator") if r.version == "2024-07")
    changed = put(rulebook, ["nodes", "8", "stops", "0", "days"], 5)
    assert changed.nodes["8"].stops[0].days == 5
    assert rulebook.nodes["8"].stops[0].days == 1
    assert changed.nodes["6"] == rulebook.nodes["6"]
