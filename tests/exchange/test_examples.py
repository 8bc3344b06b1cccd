"""The examples come in as they are, and a road log of the same form does too."""

import csv
import json
from pathlib import Path

import pytest

from ledger.log.port import open_log
from ledger.rulebook.shelf import Shelf
from projections.standing.replay import Library, Replay, replay

from .program import run

EXAMPLES = Path(__file__).parents[2] / "examples"
END = 2_000_000_000 * 1_000_000


def replays(db: Path, own: Path | None = None) -> dict[str, Replay]:
    library = Library(Shelf([own] if own else []))
    with open_log(f"sqlite:///{db}") as log:
        return {
            s: replay(s, log.stream(s), library, as_of=END, rulings=True) for s in log.subjects()
        }


@pytest.fixture
def licences(tmp_path: Path) -> dict[str, Replay]:
    here = EXAMPLES / "super-licence"
    db = tmp_path / "f1.db"
    table, mapping = str(here / "decisions.csv"), str(here / "mapping.toml")
    assert run(db, "import", table, "--mapping", mapping).exit_code == 0
    assert run(db, "import", str(here / "races.jsonl")).exit_code == 0
    return replays(db, here / "rulebooks")


def test_the_official_totals_are_met_but_for_the_known_exceptions(
    licences: dict[str, Replay],
) -> None:
    scores = {r.envelope.id: r.score_after for replay in licences.values() for r in replay.rulings}
    table = EXAMPLES / "super-licence" / "official_totals.csv"
    totals = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    met = {True: 0, False: 0}
    for total in totals:
        same = scores[total["event_id"]] == int(total["official_total_12_months"]) * 100
        met[same] += 1
        assert same is not bool(total["known_exception"]), total
    assert met == {True: 227, False: 22}


def test_one_driver_is_banned_and_the_ban_is_served_at_the_next_race(
    licences: dict[str, Replay],
) -> None:
    banned = {name: r for name, r in licences.items() if r.creator.stops_made}
    assert list(banned) == ["kevin-magnussen"]
    *_, sentence, race, end = banned["kevin-magnussen"].rulings
    assert sentence.envelope.id == "F1-2024-198"
    assert (race.score_before, race.score_after) == (1200, 0)
    assert end.envelope.id.endswith("served")


def test_every_decision_is_ruled_with_effect(licences: dict[str, Replay]) -> None:
    reasons = {r.reason for replay in licences.values() for r in replay.rulings if not r.applied}
    assert reasons == set()


ROADS = """\
case,idx,activity,timestamp,amount,totalPaymentAmount,paymentAmount,expense,points,article,dismissal
X1,0,Create Fine,2010-03-27T00:00:00+01:00,40.0,0.0,,,2,7,NIL
X1,1,Send Fine,2010-03-28T00:00:00+01:00,,,,12.5,,,
X1,2,Insert Fine Notification,2010-04-10T00:00:00+02:00,,,,,,,
X1,3,Insert Date Appeal to Prefecture,2010-05-01T00:00:00+02:00,,,,,,,
X1,4,Add penalty,2010-06-09T00:00:00+02:00,80.0,,,,,,
X1,5,Send Appeal to Prefecture,2010-06-09T00:00:00+02:00,,,,,,,#
X1,6,Receive Result Appeal from Prefecture,2010-07-01T00:00:00+02:00,,,,,,,
X2,0,Create Fine,2010-03-27T00:00:00+01:00,36.0,0.0,,,0,157,NIL
X2,1,Send Fine,2010-05-01T00:00:00+02:00,,,,13.0,,,
X2,2,Insert Fine Notification,2010-05-20T00:00:00+02:00,,,,,,,
X2,3,Payment,2010-06-01T00:00:00+02:00,,20.5,20.5,,,,
X2,4,Add penalty,2010-07-19T00:00:00+02:00,74.0,,,,,,
X2,5,Appeal to Judge,2010-07-19T00:00:00+02:00,,,,,,,NIL
X2,6,Send for Credit Collection,2012-03-30T00:00:00+02:00,,,,,,,
"""


def roads(folder: Path) -> tuple[Path, dict[str, object]]:
    table = folder / "roads.csv"
    table.write_text(ROADS)
    here = EXAMPLES / "road-traffic"
    own, mapping = ("--rulebooks", str(here / "rulebooks")), str(here / "mapping.toml")
    result = run(folder / "roads.db", *own, "import", str(table), "--mapping", mapping, "--json")
    assert result.exit_code == 0, result.output
    return folder / "roads.db", json.loads(result.output)


def test_a_road_log_comes_in_and_its_order_within_a_day_is_kept(tmp_path: Path) -> None:
    db, said = roads(tmp_path)
    assert (said["recorded"], said["skipped"]) == (
        17,
        {"an answer of the prefecture was received or passed on; the row does not say which": 1},
    )
    rulings = replays(db, EXAMPLES / "road-traffic" / "rulebooks")["X1"].rulings
    assert [r.envelope.id for r in rulings][-3:] == ["X1 3", "X1 4", "X1 5 dismissed"]
    assert {r.reason for r in rulings} == {""}


def test_a_dismissed_fine_returns_its_points_and_money_is_as_posted(tmp_path: Path) -> None:
    db, _ = roads(tmp_path)
    cases = replays(db, EXAMPLES / "road-traffic" / "rulebooks")
    assert [r.score_after for r in cases["X1"].rulings][-1] == 2000
    owed = {
        name: account.demanded - account.posted
        for (name, _), account in zip(
            cases["X2"].history.accounts, cases["X2"].creator.accounts, strict=True
        )
    }
    assert owed == {"fine": 3600, "expense": 1300, "payment": -2050, "fine_increased": 7400}
