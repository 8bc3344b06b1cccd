"""A scenario of a what-if as TOML: read with exact errors, and written to be handed on."""

import json
import re
from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any, TypeAlias

import tomli
from msgspec.structs import replace

from ledger.errors import InputError
from ledger.facts.plans import PLANS
from ledger.rulebook.citations import hidden
from ledger.rulebook.findings import MANY, SHOWN, Finding, located, near
from ledger.text import safe
from projections.standing.moments import Moment, read_moment
from replay.whatif.query import Query, read_shift
from replay.whatif.scenario import (
    MAX_ADDED,
    Add,
    Amend,
    Drop,
    Judge,
    Move,
    Recover,
    Remap,
    Scenario,
    Set,
    Step,
)

MAX_BYTES, MAX_DOTS = 256 * 1024, 16
CONDITIONS = ("event", "type", "violation", "category", "from", "until", "first", "last")
Table: TypeAlias = dict[str, Any]


class Wrong(Exception):  # noqa: N818  a finding, not a failure of the program
    """At a key path something else is needed."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(text)
        self.finding = Finding(path, text)


def read(data: bytes, file: str) -> Scenario:
    """A scenario file. Raises InputError: file, line, key path, what was found, what is right."""
    text = _text(data, file)
    try:
        said = tomli.loads(text, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: not TOML: {safe(str(error))}") from None
    scenario, findings = made(said)
    _refuse(file, located(text, findings))
    return scenario


def of_table(said: Table) -> Scenario:
    """The same of what such a file says, as Python has it. Raises InputError."""
    scenario, findings = made(said)
    _refuse("scenario", findings)
    return scenario


def _refuse(file: str, findings: list[Finding]) -> None:
    lines = [finding.sentence(file) for finding in findings[:SHOWN]]
    if len(findings) > SHOWN:
        lines.append(f"{file}: and {len(findings) - SHOWN} more")
    if lines:
        raise InputError("\n".join(lines))


def made(said: Table) -> tuple[Scenario, list[Finding]]:
    """What a file says, and what is wrong with it."""
    findings: list[Finding] = []
    steps: list[Step] = []
    tables: list[Table] = []
    name = ""
    try:
        name, tables = _head(said)
    except Wrong as wrong:
        findings.append(wrong.finding)
    for number, table in enumerate(tables[:MAX_ADDED]):
        try:
            steps.append(step(table, f"step.{number}"))
        except Wrong as wrong:
            findings.append(wrong.finding)
        if len(findings) > MANY:
            break
    return Scenario(tuple(steps), name), findings


def _head(said: Table) -> tuple[str, list[Table]]:
    """The name, and the tables of the steps."""
    _only(said, ("name", "step"), "")
    tables = said.get("step", [])
    if not (isinstance(tables, list) and all(isinstance(t, dict) for t in tables)):
        raise Wrong("step", f"found {_shown(tables)}; tables are needed, each under [[step]]")
    return _word(said, "name", ""), tables


def step(table: Table, path: str) -> Step:
    """One `[[step]]`. Raises Wrong."""
    verbs = [verb for verb in READERS if verb in table]
    if len(verbs) != 1:
        every = ", ".join(READERS)
        if verbs:
            found = " and ".join(verbs)
            raise Wrong(path, f"found {found}; a step does one thing: {every}")
        other = next((key for key in table if key != "name"), "")
        hint = near(other, READERS) if other else ""
        raise Wrong(
            f"{path}.{other}".rstrip("."),
            f"unknown key{hint}" if other else f"found no verb; one is needed: {every}",
        )
    also, reader = READERS[verbs[0]]
    _only(table, ("name", verbs[0], *also), path)
    return replace(reader(table, path), name=_word(table, "name", path))


def query(value: Any, path: str) -> Query:
    """The id of a fact, or a table of conditions. Raises Wrong."""
    if isinstance(value, str):
        if not value:
            raise Wrong(path, "found nothing; the id of a fact is needed")
        return Query(event=value)
    if not isinstance(value, dict):
        raise Wrong(path, f"found {_shown(value)}; the id of a fact or a table is needed")
    if not value:
        raise Wrong(path, f"found no condition; one is needed: {', '.join(CONDITIONS)}")
    _only(value, CONDITIONS, path)
    if "event" in value and len(value) > 1:
        raise Wrong(f"{path}.event", "an id means one fact; no other condition goes with it")
    for key in CONDITIONS:
        if value.get(key) == "":
            raise Wrong(f"{path}.{key}", "found nothing; a word is needed, or no such condition")
    kind = _word(value, "type", path)
    if kind and kind not in PLANS:
        raise Wrong(f"{path}.type", f'found "{kind}"; a type of fact is needed{near(kind, PLANS)}')
    if "first" in value and "last" in value:
        raise Wrong(f"{path}.last", "the first or the last are taken, not both")
    return Query(
        event=_word(value, "event", path),
        type=kind,
        violation=_word(value, "violation", path),
        category=_word(value, "category", path),
        since=_moment(value["from"], f"{path}.from") if "from" in value else None,
        until=_moment(value["until"], f"{path}.until") if "until" in value else None,
        first=_count(value, "first", path),
        last=_count(value, "last", path),
    )


def conditions(value: str | Table) -> Query:
    """The same, as Python has it. Raises InputError."""
    try:
        return query(value, "")
    except Wrong as wrong:
        raise InputError(wrong.finding.sentence("facts")) from None


def typed(text: str) -> Query:
    """As on the command line: an id, or conditions in braces. Raises ValueError."""
    if not text:
        raise ValueError("found nothing; the id of a fact is needed, or conditions in braces")
    if not text.startswith("{"):
        return Query(event=text)
    try:
        return query(_inline(text), "")
    except Wrong as wrong:
        path = wrong.finding.path.lstrip(".")
        raise ValueError(f"{path}: {wrong.finding.text}" if path else wrong.finding.text) from None


def typed_table(text: str) -> Table:
    """`{ field = value }` of the command line. Raises ValueError."""
    said = _inline(text)
    if not isinstance(said, dict):
        raise ValueError(f"found {_shown(said)}; a table in braces is needed")  # noqa: TRY004
    return said


def written(scenario: Scenario) -> str:
    """The file that `read` makes the same scenario of."""
    blocks = [f"name = {_toml(scenario.name)}\n"] if scenario.name else []
    for each in scenario.steps:
        said = ({"name": each.name} if each.name else {}) | each.said()
        lines = [f"{_key(key)} = {_toml(value)}\n" for key, value in said.items()]
        blocks.append("".join(["[[step]]\n", *lines]))
    return "\n".join(blocks)


def _text(data: bytes, file: str) -> str:
    if len(data) > MAX_BYTES:
        raise InputError(f"{file}: larger than {MAX_BYTES // 1024} KiB")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise InputError(f"{file}: no text in UTF-8") from None
    if found := hidden(text):
        line = text.count("\n", 0, text.index(found)) + 1
        raise InputError(f"{file}, line {line}: hidden character U+{ord(found):04X}")
    if any(line.partition("=")[0].count(".") > MAX_DOTS for line in text.splitlines()):
        raise InputError(f"{file}: a key with over {MAX_DOTS} dots")
    return text


def _inline(text: str) -> Any:
    if len(text) > MAX_BYTES or text.partition("=")[0].count(".") > MAX_DOTS:
        raise ValueError("found too much")
    try:
        said = tomli.loads(f"it = {text}", parse_float=str)
    except (ValueError, RecursionError):
        said = {}
    if said.keys() != {"it"}:
        example = '{ category = "misleading" }'
        raise ValueError(f"found {safe(text[:60])}; a table as in TOML is needed, as {example}")
    return said["it"]


def _drop(table: Table, path: str) -> Step:
    return Drop(facts=query(table["drop"], f"{path}.drop"))


def _move(table: Table, path: str) -> Step:
    facts = query(table["move"], f"{path}.move")
    if ("to" in table) == ("by" in table):
        raise Wrong(f"{path}.move", "a time is needed beside it: either to or by")
    if "to" in table:
        return Move(facts=facts, to=_moment(table["to"], f"{path}.to"))
    shift = read_shift(_word(table, "by", path))
    if shift is None:
        found = _shown(table["by"])
        raise Wrong(f"{path}.by", f"found {found}; so many days, hours or minutes: -7d, 12h, 30m")
    return Move(facts=facts, to=shift)


def _amend(table: Table, path: str) -> Step:
    data, without = table.get("data", {}), table.get("without", [])
    if not isinstance(data, dict):
        raise Wrong(f"{path}.data", f"found {_shown(data)}; a table of fields is needed")
    if not (isinstance(without, list) and all(isinstance(w, str) for w in without)):
        raise Wrong(f"{path}.without", f"found {_shown(without)}; names of fields are needed")
    if not (data or without):
        raise Wrong(f"{path}.amend", "what it then says is needed beside it: data or without")
    fields = {name for plan in PLANS.values() for name in plan.fields}
    for name in (*data, *without):
        if name not in fields:
            part = "data" if name in data else "without"
            raise Wrong(f"{path}.{part}.{name}", f"no fact has such a field{near(name, fields)}")
    facts = query(table["amend"], f"{path}.amend")
    return Amend(facts=facts, data=_plain(data), without=tuple(without))


def _add(table: Table, path: str) -> Step:
    events = table["add"] if isinstance(table["add"], list) else [table["add"]]
    for number, event in enumerate(events):
        if not isinstance(event, dict):
            found = _shown(event)
            raise Wrong(f"{path}.add.{number}", f"found {found}; a fact as a table is needed")
        kind = event.get("type", "")
        if kind not in PLANS:
            found = f'found "{kind}"; ' if kind else ""
            hint = near(str(kind), PLANS)
            raise Wrong(f"{path}.add.{number}.type", f"{found}a type of fact is needed{hint}")
    return Add(events=tuple(_plain(event) for event in events))


def _judge(table: Table, path: str) -> Step:
    if label := _word(table, "rulebook", path):
        return Judge(rulebook=label)
    raise Wrong(f"{path}.rulebook", "found nothing; NAME or NAME@VERSION is needed")


def _set(table: Table, path: str) -> Step:
    figures = _words(table["set"], f"{path}.set", "7")
    return Set(figures=figures)


def _remap(table: Table, path: str) -> Step:
    return Remap(categories=_words(table["remap"], f"{path}.remap", '"spam"'))


def _recover(table: Table, path: str) -> Step:
    value = table["recoveries"]
    if value == "recorded":
        return Recover(recoveries="recorded")
    if value == "due":
        return Recover(recoveries="due")
    raise Wrong(f"{path}.recoveries", f"found {_shown(value)}; allowed: due, recorded")


READERS: dict[str, tuple[tuple[str, ...], Callable[[Table, str], Step]]] = {
    "drop": ((), _drop),
    "move": (("to", "by"), _move),
    "amend": (("data", "without"), _amend),
    "add": ((), _add),
    "remap": ((), _remap),
    "rulebook": ((), _judge),
    "set": ((), _set),
    "recoveries": ((), _recover),
}
"""{verb: (the keys that go with it, how it is read)}."""


def _only(table: Table, allowed: Collection[str], path: str) -> None:
    for key in table:
        if key not in allowed:
            raise Wrong(f"{path}.{key}".lstrip("."), f"unknown key{near(key, allowed)}")


def _word(table: Table, key: str, path: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise Wrong(f"{path}.{key}".lstrip("."), f"found {_shown(value)}; text is needed")
    return value


def _words(value: Any, path: str, example: str) -> dict[str, str]:
    """{key: value as `--set` takes it}."""
    if not (isinstance(value, dict) and value):
        found = _shown(value)
        raise Wrong(path, f'found {found}; a table is needed, as {{ "a key" = {example} }}')
    for key, each in value.items():
        if isinstance(each, dict):  # nodes.8.below = 7 without quotes around the key
            text = "found a table; a value is needed: the whole key stands in quotes"
            raise Wrong(f"{path}.{key}", text)
        if isinstance(each, list) and not all(isinstance(word, str) for word in each):
            text = f"found {_shown(each)}; a list is of words, and a figure stands without brackets"
            raise Wrong(f"{path}.{key}", text)
    return {key: _value(each) for key, each in value.items()}


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_value, value)) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _count(table: Table, key: str, path: str) -> int:
    value = table.get(key, 0)
    if key in table and not (type(value) is int and 0 < value < 10**6):
        found = _shown(value)
        raise Wrong(f"{path}.{key}", f"found {found}; how many is needed, from 1 on")
    return int(value)


def _moment(value: Any, path: str) -> Moment:
    text = value.isoformat() if isinstance(value, date | datetime) else value
    try:
        return read_moment(text if isinstance(text, str) else str(text))
    except ValueError as error:
        raise Wrong(path, str(error)) from None


def _plain(value: Any) -> Any:
    """Values as a CloudEvent has them: times are text."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date | datetime) else value


def _shown(value: Any) -> str:
    return safe(json.dumps(value, ensure_ascii=False, default=str))[:60]


def _key(key: str) -> str:
    return key if re.fullmatch(r"[0-9A-Za-z_-]+", key) else _toml(key)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{_key(key)} = {_toml(each)}" for key, each in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str):
        return safe(json.dumps(value, ensure_ascii=False))
    return json.dumps(value)
