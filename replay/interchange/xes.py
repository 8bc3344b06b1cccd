"""XES (IEEE 1849), for programs that mine processes: a trace for each creator, an event a step."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import quoteattr

from ledger.text import safe
from projections.standing.naming import naming
from projections.standing.replay import Replay
from projections.standing.writing import instant
from replay.interchange.steps import Step, attributes, steps

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2016" xes.features="">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<global scope="trace"><string key="concept:name" value=""/></global>
<global scope="event"><string key="concept:name" value=""/><date key="time:timestamp" \
value="1970-01-01T00:00:00+00:00"/><string key="lifecycle:transition" value="complete"/></global>
<classifier name="Activity" scope="event" keys="concept:name"/>
<string key="concept:name" value="penalty-ledger"/>"""
ELEMENTS = {"time": "date", "integer": "int"}
"""Types that are called otherwise here."""


def xes(replays: Iterable[Replay]) -> Iterator[str]:
    """The document, line by line."""
    yield from HEAD.splitlines()
    for replay in replays:
        yield f"<trace>{_attribute('concept:name', replay.subject)}"
        for step in steps(replay, naming(replay)):
            yield f"<event>{_event(step, replay.rulebook.zone)}</event>"
        yield "</trace>"
    yield "</log>"


def _event(step: Step, zone: str) -> str:
    types, said = attributes(step.kind), step.said
    parts = [
        _attribute("concept:name", step.kind),
        _attribute("time:timestamp", instant(step.at, zone), "time"),
        _attribute("lifecycle:transition", "complete"),
    ]
    who = said.get("fact.decided_by") or said.get("source")
    if who:
        parts.append(_attribute("org:resource", who))
    return "".join([*parts, *(_attribute(name, said[name], types[name]) for name in said)])


@lru_cache(maxsize=4096)
def _attribute(key: str, value: Any, type_: str = "string") -> str:
    text = str(value).lower() if isinstance(value, bool) else safe(str(value))
    return f"<{ELEMENTS.get(type_, type_)} key={quoteattr(key)} value={quoteattr(text)}/>"
