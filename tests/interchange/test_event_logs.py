"""OCEL and XES: valid by the published schemas, and read by pm4py as the audit has it."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from everything import walked
from exchange.program import line, run

from interchange.peers import SCHEMAS, ask
from projections.standing.replay import Replay
from replay.interchange.ocel import ocel
from replay.interchange.xes import xes

ROOT = Path(__file__).parents[2]
ODD = 'a/b~c "<&>\u4e2d'
"""A name that JSON, XML and our own ids could read otherwise."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The super licences, the exams in place of penalties, and a creator with odd names."""
    folder = tmp_path_factory.mktemp("event-logs")
    db, examples = folder / "l.db", ROOT / "examples"
    licences = examples / "super-licence"
    mapping = ("--mapping", str(licences / "mapping.toml"))
    for files in (
        (str(licences / "decisions.csv"), *mapping),
        (str(licences / "races.jsonl"),),
        tuple(map(str, sorted((examples / "exam-in-place").glob("*_appeal.jsonl")))),
    ):
        assert run(db, "import", *files).exit_code == 0
    told = {
        "violation": ODD,
        "category": "fraud",
        "detected_by": "other",
        "territory": ["DE", "FR"],
    }
    odd = [
        line("1", subject=ODD),
        line(
            "2", "violation_found", ODD, time="2024-07-09T00:00:00Z", **told,
            automated_detection=True, circumstances="tab\there, bell\x07, end\n",
        ),
        line("3", "appeal_lodged", ODD, time="2024-07-10T00:00:00Z", violation=ODD),
        line("4", "appeal_lodged", ODD, time="2024-07-11T00:00:00Z", violation="nobody found it"),
    ]  # fmt: skip
    for who, violation in (("x/y", "z"), ("x", "y/z")):  # which `x/y/z` is it?
        odd.append(line(f"{who}1", subject=who))
        told = {"violation": violation, "category": "fraud", "detected_by": "other"}
        odd.append(line(f"{who}2", "violation_found", who, time="2024-07-09T00:00:00Z", **told))
    assert run(db, "import", "-", stdin="".join(odd)).exit_code == 0
    return db


OF_LICENCES = ("--rulebooks", str(ROOT / "examples" / "super-licence" / "rulebooks"))
AS_OF = ("--as-of", "2026-01-01T00:00:00Z")


def exported(db: Path, format_: str) -> Path:
    path = db.parent / format_
    if not path.exists():
        done = run(db, *OF_LICENCES, "export-as", format_, *AS_OF, "-o", str(path))
        assert done.exit_code == 0, done.output
    return path


@pytest.fixture(scope="module")
def audits(world: Path) -> list[dict[str, Any]]:
    standing = run(world, *OF_LICENCES, "standing", "--all", "--json", *AS_OF)
    names = [json.loads(text)["creator"] for text in standing.output.splitlines()]
    found = [run(world, *OF_LICENCES, "audit", name, "--json", *AS_OF) for name in names]
    return [json.loads(done.output) for done in found]


def test_xes_is_valid(world: Path) -> None:
    assert ask(world.parent, "xsd", SCHEMAS / "xes.xsd", exported(world, "xes")) == []


def test_ocel_is_valid(world: Path) -> None:
    assert ask(world.parent, "json", SCHEMAS / "ocel20.json", exported(world, "ocel")) == []


def test_the_schemas_refuse_what_is_wrong(world: Path) -> None:
    """So that the two tests above can fail."""
    folder = world.parent
    for name, old, new in (
        ("xes", '<date key="time:timestamp" value="2', '<date key="time:timestamp" value="x2'),
        ("ocel", '"qualifier":"subject"', '"qualified":"subject"'),
    ):
        text = exported(world, name).read_text(encoding="utf-8")
        assert old in text
        (folder / "wrong").write_text(text.replace(old, new), encoding="utf-8")
        schema = {"xes": ("xsd", "xes.xsd"), "ocel": ("json", "ocel20.json")}[name]
        assert ask(folder, schema[0], SCHEMAS / schema[1], "wrong")


def test_pm4py_reads_the_traces_as_the_audits_have_them(
    world: Path, audits: list[dict[str, Any]]
) -> None:
    rows = ask(world.parent, "xes", exported(world, "xes"))
    ruled = [row for row in rows if row["outcome"] is not None]
    by_time = [row for row in rows if row["outcome"] is None]
    assert Counter(
        (row["case:concept:name"], row["concept:name"], row["outcome"], row["score"])
        for row in ruled
    ) == Counter(
        (audit["creator"], r["type"], r["outcome"], r["score_after"] and float(r["score_after"]))
        for audit in audits
        for r in audit["rulings"]
    )
    assert Counter((row["case:concept:name"], row["concept:name"]) for row in by_time) == Counter(
        (audit["creator"], effect["kind"])
        for audit in audits
        for turn in audit["time"]
        for effect in turn["effects"]
    )
    assert by_time


def test_pm4py_reads_objects_and_relations_as_the_audits_have_them(
    world: Path, audits: list[dict[str, Any]]
) -> None:
    log = ask(world.parent, "ocel", exported(world, "ocel"))
    rulings = [ruling for audit in audits for ruling in audit["rulings"]]
    turned = [e for audit in audits for turn in audit["time"] for e in turn["effects"]]
    types = Counter(ruling["type"] for ruling in rulings)
    assert Counter(log["events"]) == types + Counter(effect["kind"] for effect in turned)
    standings = [audit["standing"] for audit in audits]
    appealed = {
        (audit["creator"], text)
        for audit in audits
        for ruling in audit["rulings"]
        if ruling["type"].startswith("appeal_") and ruling["outcome"] == "applied"
        for text in [ruling["text"]["en"].partition("violation ")[2].partition(" (")[0]]
    }
    assert log["objects"] == {
        "creator": len(audits),
        "violation": sum(len(s["violations"]) for s in standings),
        "appeal": log["objects"]["appeal"],
        "stop": sum(len(s["sanctions"]) for s in standings),
        "measure": sum(len(s["measures"]) for s in standings),
    }
    assert 0 < log["objects"]["appeal"] <= len(appealed)
    ways = Counter(way for _, _, way in log["relations"])
    effects = Counter(e["kind"] for r in rulings for e in r["effects"])
    effects += Counter(e["kind"] for e in turned)
    assert ways["starts"] == effects["node_started"] + effects["measure_started"]
    assert ways["lifts"] == effects["node_lifted"]
    assert ways["subject"] == sum(log["events"].values())


def test_relations_lead_to_objects_that_are_there_and_ids_are_one_thing_each(world: Path) -> None:
    document = json.loads(exported(world, "ocel").read_text(encoding="utf-8"))
    objects = [one["id"] for one in document["objects"]]
    events = [one["id"] for one in document["events"]]
    assert len({*objects, *events}) == len(objects) + len(events)
    both = (*document["events"], *document["objects"])
    related = [r for one in both for r in one["relationships"]]
    assert {r["objectId"] for r in related} <= set(objects)
    declared = {t["name"]: {a["name"] for a in t["attributes"]} for t in document["eventTypes"]}
    declared |= {t["name"]: {a["name"] for a in t["attributes"]} for t in document["objectTypes"]}
    for one in both:
        assert {a["name"] for a in one["attributes"]} <= declared[one["type"]], one["type"]


def test_the_ban_is_because_of_its_violation(world: Path) -> None:
    document = json.loads(exported(world, "ocel").read_text(encoding="utf-8"))
    [ban] = [one for one in document["objects"] if one["id"] == "stop:kevin-magnussen/0"]
    assert ban["relationships"] == [
        {"objectId": "creator:kevin-magnussen", "qualifier": "of"},
        {
            "objectId": "violation:kevin-magnussen/2024 Italian Grand Prix 57",
            "qualifier": "because of",
        },
    ]


@pytest.mark.parametrize("write", [ocel, xes])
def test_creators_are_written_one_by_one(write: Any) -> None:
    """Nothing waits for the creators that are still to come."""
    begun: list[int] = []

    def replays() -> Iterator[Replay]:
        for seed in range(4):
            begun.append(seed)
            yield walked(seed)

    seen = [
        len(begun) for text in write(replays()) if "creator_enrolled" in text and text[-1] != "["
    ]
    assert {1, 2, 3, 4} <= set(seen)


def test_what_goes_wrong_ends_in_a_sentence(world: Path) -> None:
    for arguments, code, why in (
        (("xes", "--subject", "nobody"), 1, 'no fact is recorded of a creator "nobody"'),
        (("ocel", "--subject", "nobody"), 1, 'no fact is recorded of a creator "nobody"'),
        (("ocel", "--subject", ""), 1, 'no fact is recorded of a creator ""'),
        (("csv",), 2, "is not one of"),
        (("xes", "--dsa-mapping", "x"), 2, "--dsa-mapping goes with dsa"),
        (("dsa", "--dsa-mapping", "/nowhere.toml"), 3, "can't be read (No such file"),
    ):
        done = run(world, *OF_LICENCES, "export-as", *arguments)
        assert (done.exit_code, why in done.stderr, done.stdout) == (code, True, ""), done.stderr


def test_only_the_creators_that_are_asked_for(world: Path) -> None:
    done = run(world, *OF_LICENCES, "export-as", "xes", "--subject", ODD, *AS_OF)
    assert done.stdout.count("<trace>") == 1
