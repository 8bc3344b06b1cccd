"""OCEL 2.0 as JSON: steps as events, and what they are about as objects with relations.

Events come first and are written as they are ready; the objects, which other programs want in a
list of their own, wait in a file without a name. So memory holds one creator at a time.
"""

from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import Any

from projections.fold.state import (
    ABSENT,
    MEASURE_ENDED,
    MEASURE_STARTED,
    NODE_LIFTED,
    NODE_MOVED,
    NODE_SERVED,
    NODE_STARTED,
    NONE,
)
from projections.standing.naming import naming
from projections.standing.replay import Replay
from projections.standing.writing import instant, json_line
from projections.views.objects import measures, sanctions, violations
from replay.interchange.steps import KINDS, Step, attributes, steps
from replay.statement.decisions import decisions

Object = dict[str, Any]
ALWAYS = "1970-01-01T00:00:00Z"
"""The instant of a value that does not change."""
APPEALS = {"appeal_lodged": "lodges", "appeal_granted": "grants", "appeal_denied": "denies"}
STOPS = {NODE_STARTED: "starts", NODE_LIFTED: "lifts", NODE_SERVED: "ends", NODE_MOVED: "moves"}
MEASURES = {MEASURE_STARTED: "starts", MEASURE_ENDED: "ends"}
OBJECT_TYPES = {
    "creator": {"rulebook": "string", "score": "float"},
    "violation": {
        "category": "string", "points": "float", "deducted": "float", "restored": "float",
        "state": "string",
    },
    "appeal": {"state": "string"},
    "stop": {
        "node": "string", "feature": "string", "from": "time", "until": "time", "state": "string",
    },
    "measure": {"measure": "string", "from": "time", "until": "time", "state": "string"},
}  # fmt: skip


def ocel(replays: Iterable[Replay]) -> Iterator[str]:
    """The document, line by line."""
    yield f'{{"eventTypes":{json_line([_declared(kind, attributes(kind)) for kind in KINDS])},'
    yield f'"objectTypes":{json_line([_declared(*both) for both in OBJECT_TYPES.items()])},'
    yield '"events":['
    with TemporaryFile("w+", encoding="utf-8") as waiting:
        events, objects = "", ""
        for replay in replays:
            told = _Told(replay)
            for event in told.events():
                yield events + json_line(event)
                events = ","
            for made in told.objects():
                waiting.write(f"{objects}{json_line(made)}\n")
                objects = ","
        yield '],"objects":['
        waiting.seek(0)
        yield from (line.rstrip("\n") for line in waiting)
    yield "]}"


def _declared(name: str, types: dict[str, str]) -> Object:
    return {"name": name, "attributes": [{"name": n, "type": t} for n, t in types.items()]}


class _Told:
    """One creator's events, then the objects that they are about."""

    def __init__(self, replay: Replay) -> None:
        self.replay, self.names = replay, naming(replay)
        self.zone = replay.rulebook.zone
        self.scores: list[tuple[str, str, str]] = []
        """Each value that the score had, and since when."""
        self.appeals: dict[int, list[tuple[int, str]]] = {}
        """By violation's slot: what became of its appeal, and when."""

    def events(self) -> Iterator[Object]:
        timed = 0
        for step in steps(self.replay, self.names):
            if step.ruling is None:
                timed += 1
                id_ = self.id("time", str(timed))
            else:
                id_ = f"fact:{step.ruling.envelope.position}"
            self._notice(step)
            yield {
                "id": id_,
                "type": step.kind,
                "time": instant(step.at, self.zone),
                "attributes": [{"name": n, "value": _text(v)} for n, v in step.said.items()],
                "relationships": [*self._relations(step)],
            }

    def id(self, type_: str, *names: str) -> str:
        """`violation:mei/v1`; a name with a slash has `~1` for it, as in a JSON Pointer."""
        parts = (self.replay.subject, *names)
        return type_ + ":" + "/".join(p.replace("~", "~0").replace("/", "~1") for p in parts)

    def objects(self) -> Iterator[Object]:
        creator = self.id("creator")
        rulebook = ("rulebook", self.replay.rulebook.label, ALWAYS)
        yield _object(creator, "creator", [rulebook, *self.scores])
        whose = {"objectId": creator, "qualifier": "of"}
        for row in violations(self.replay, self.names):
            id_ = self.id("violation", row["violation"])
            yield _object(id_, "violation", _fixed("violation", row), [whose])
        for slot, became in self.appeals.items():
            violation = self.names.violations[slot]
            states = [("state", word, instant(at, self.zone)) for at, word in became]
            about = {"objectId": self.id("violation", violation), "qualifier": "contests"}
            yield _object(self.id("appeal", violation), "appeal", states, [whose, about])
        yield from self._sanctions(whose)

    def _sanctions(self, whose: Object) -> Iterator[Object]:
        because: dict[int, list[Object]] = {}
        for decision in decisions(self.replay, self.names):
            violated = [
                {"objectId": self.id("violation", name), "qualifier": "because of"}
                for name in decision.violations
            ]
            because |= {id(sanction.what): violated for sanction in decision.sanctions}
        creator = self.replay.creator
        stops = creator.stops[: creator.stops_made]
        for i, (stop, row) in enumerate(
            zip(stops, sanctions(self.replay, self.names), strict=True)
        ):
            related = [whose, *because.get(id(stop), [])]
            yield _object(self.id("stop", str(i)), "stop", _fixed("stop", row), related)
        running = [(i, m) for i, m in enumerate(creator.measures) if m.state != NONE]
        for (i, measure), row in zip(running, measures(self.replay, self.names), strict=True):
            related = [whose, *because.get(id(measure), [])]
            yield _object(self.id("measure", str(i)), "measure", _fixed("measure", row), related)

    def _notice(self, step: Step) -> None:
        """What the objects will tell of a step."""
        score, ruling = step.said.get("score"), step.ruling
        if score is not None and (not self.scores or self.scores[-1][1] != score):
            self.scores.append(("score", score, instant(step.at, self.zone)))
        if ruling is None or ruling.row is None or not ruling.applied:
            return
        if step.kind in APPEALS:
            word = step.kind.removeprefix("appeal_")
            self.appeals.setdefault(ruling.row.violation, []).append((step.at, word))

    def _relations(self, step: Step) -> Iterator[Object]:
        yield {"objectId": self.id("creator"), "qualifier": "subject"}
        row = None if step.ruling is None else step.ruling.row
        if row is not None and row.violation != ABSENT and self._found(row.violation):
            violation = self.names.violations[row.violation]
            yield {"objectId": self.id("violation", violation), "qualifier": "about"}
            way = APPEALS.get(step.kind)
            if way is not None and row.violation in self.appeals:
                yield {"objectId": self.id("appeal", violation), "qualifier": way}
        for code, number, _, _ in step.effects:
            if code in STOPS:
                yield {"objectId": self.id("stop", str(number)), "qualifier": STOPS[code]}
            elif code in MEASURES:
                yield {"objectId": self.id("measure", str(number)), "qualifier": MEASURES[code]}

    def _found(self, slot: int) -> bool:
        return self.replay.creator.violations[slot].state != NONE


def _fixed(type_: str, row: Object) -> list[tuple[str, str, str]]:
    wanted = OBJECT_TYPES[type_]
    return [(n, _text(row[n]), ALWAYS) for n in wanted if row.get(n) is not None]


def _object(
    id_: str,
    type_: str,
    values: list[tuple[str, str, str]],
    related: list[Object] | None = None,
) -> Object:
    return {
        "id": id_,
        "type": type_,
        "relationships": related or [],
        "attributes": [{"name": n, "value": value, "time": at} for n, value, at in values],
    }


def _text(value: Any) -> str:
    """The published schema has every value as a string; its type is declared."""
    return str(value).lower() if isinstance(value, bool) else str(value)
