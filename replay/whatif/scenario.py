"""A scenario: interventions on the facts of one creator and reforms of the rules, in their order.

Each step makes another world of the one before it, in memory: the log is never written to. What
people did stays as recorded, however the rules would have stood: no scenario guesses at behaviour.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ledger.errors import InputError
from ledger.facts.cloudevents import Refusal, parse, to_dict
from ledger.facts.envelope import Envelope
from ledger.facts.types import ViolationFound
from ledger.rulebook.findings import near
from ledger.text import safe
from projections.standing.moments import Moment
from projections.standing.replay import rulebook_name
from replay.whatif.legal import check
from replay.whatif.query import Query, Shift, moment_text
from replay.whatif.world import World

SOURCE = "what-if"
MAX_ADDED = 10_000
MAX_STEPS = 500
"""Each step is a history of its own, replayed and compared."""


class Step(Struct, frozen=True, kw_only=True):
    """One thing that is to be different."""

    name: str = ""

    def apply(self, world: World) -> World:
        """The world with it. Raises InputError, RulebookError where it makes no sense there."""
        raise NotImplementedError

    def said(self) -> dict[str, Any]:
        """As a scenario file has it, without the name."""
        raise NotImplementedError


class Drop(Step, frozen=True):
    """Facts are left out."""

    facts: Query

    def apply(self, world: World) -> World:
        return _changed(world, self.facts, lambda _: None)

    def said(self) -> dict[str, Any]:
        return {"drop": self.facts.form}


class Move(Step, frozen=True):
    """Facts take place at another time: at one, or so much earlier or later each."""

    facts: Query
    to: Moment | Shift

    def apply(self, world: World) -> World:
        def moved(e: Envelope) -> Envelope:
            if isinstance(self.to, Shift):
                at = self.to.moved(e.effective_at, world.zone)
            else:
                at = self.to.same_time(e.effective_at, world.zone)
            return replace(e, effective_at=at)

        return _changed(world, self.facts, moved)

    def said(self) -> dict[str, Any]:
        if isinstance(self.to, Shift):
            return {"move": self.facts.form, "by": str(self.to)}
        return {"move": self.facts.form, "to": moment_text(self.to)}


class Amend(Step, frozen=True):
    """Facts say something else: fields of their data have other values, or are not given."""

    facts: Query
    data: dict[str, Any] = {}
    without: tuple[str, ...] = ()

    def apply(self, world: World) -> World:
        return _changed(world, self.facts, self._amended)

    def _amended(self, e: Envelope) -> Envelope:
        event = to_dict(e)
        data = {**event.get("data", {}), **self.data}
        event["data"] = {name: v for name, v in data.items() if name not in self.without}
        made = _event(event, f'amend "{safe(e.id)}"')
        return replace(e, fact=made.fact)

    def said(self) -> dict[str, Any]:
        said: dict[str, Any] = {"amend": self.facts.form}
        if self.data:
            said["data"] = self.data
        return said | ({"without": list(self.without)} if self.without else {})


class Add(Step, frozen=True):
    """Facts that were never recorded: known at any time, after all that was."""

    events: tuple[dict[str, Any], ...]
    """CloudEvents; source, id, subject and specversion may be left out."""

    def apply(self, world: World) -> World:
        facts = list(world.facts)
        taken = {(e.source, e.id) for e in facts}
        position = max((e.position for e in facts), default=0)
        number = 0
        for place, event in enumerate(self.events, 1):
            number += 1
            while (SOURCE, f"added-{number}") in taken:
                number += 1
            given = {"specversion": "1.0", "source": SOURCE, "id": f"added-{number}"}
            fact = _event({**given, "subject": world.creator, **event}, f"add {place}")
            if fact.subject != world.creator:
                found, wanted = safe(fact.subject), safe(world.creator)
                raise InputError(f'add {place}, subject: found "{found}"; wanted "{wanted}"')
            if (fact.source, fact.id) in taken:
                raise InputError(
                    f'add {place}: there is a fact "{safe(fact.id)}" of source '
                    f'"{safe(fact.source)}" already; give another id, or drop or move that one'
                )
            position += 1
            taken.add((fact.source, fact.id))
            facts.append(replace(fact, position=position))
        return check(world, world.with_facts(facts))

    def said(self) -> dict[str, Any]:
        return {"add": list(self.events)}


class Judge(Step, frozen=True):
    """All is judged under another rulebook, or under one version of it as if from always."""

    rulebook: str

    def apply(self, world: World) -> World:
        after = world.reformed(self.rulebook)
        after.library.tables(self.rulebook.partition("@")[0])
        return after

    def said(self) -> dict[str, Any]:
        return {"rulebook": self.rulebook}


class Set(Step, frozen=True):
    """Figures of the rulebook have other values."""

    figures: dict[str, str]

    def apply(self, world: World) -> World:
        return world.reformed(changes=self.figures)

    def said(self) -> dict[str, Any]:
        return {"set": self.figures}


class Remap(Step, frozen=True):
    """What was found as one category is judged as another: {from: to}."""

    categories: dict[str, str]

    def apply(self, world: World) -> World:
        found = {e.fact.category for e in world.counting() if isinstance(e.fact, ViolationFound)}
        if unknown := self.categories.keys() - found:
            name = min(unknown)
            raise InputError(
                f'creator "{safe(world.creator)}" has no violation of category '
                f'"{safe(name)}"{near(name, found)}'
            )

        def judged(e: Envelope) -> Envelope:
            if isinstance(e.fact, ViolationFound) and e.fact.category in self.categories:
                return replace(e, fact=replace(e.fact, category=self.categories[e.fact.category]))
            return e

        return world.with_facts([judged(e) for e in world.facts])

    def said(self) -> dict[str, Any]:
        return {"remap": self.categories}


class Recover(Step, frozen=True):
    """Recoveries as the rules make them due in place of the recorded ones, or as recorded."""

    recoveries: Literal["recorded", "due"]

    def apply(self, world: World) -> World:
        return replace(world, simulate=self.recoveries == "due")

    def said(self) -> dict[str, Any]:
        return {"recoveries": self.recoveries}


class Scenario(Struct, frozen=True):
    """What is to be different, step after step. The empty one gives the baseline again."""

    steps: tuple[Step, ...] = ()
    name: str = ""

    @classmethod
    def of(  # noqa: PLR0913  each is an intervention by itself
        cls,
        *,
        move: Iterable[tuple[Query | str, Moment | Shift]] = (),
        drop: Iterable[Query | str] = (),
        amend: Iterable[tuple[Query | str, Mapping[str, Any]]] = (),
        add: Iterable[str | Mapping[str, Any]] = (),
        remap: Mapping[str, str] | None = None,
        rulebook: str = "",
        set: Mapping[str, str] | None = None,
        recoveries: Literal["recorded", "due"] = "recorded",
    ) -> "Scenario":
        """One of options: moves act first, then drops, amendments and additions, then reforms.

        In an amendment None takes a field away. Raises InputError where an addition is no JSON.
        """
        steps: list[Step] = [Move(facts=_query(q), to=to) for q, to in move]
        steps += [Drop(facts=_query(q)) for q in drop]
        for which, fields in amend:
            data = {name: value for name, value in fields.items() if value is not None}
            without = tuple(name for name, value in fields.items() if value is None)
            steps.append(Amend(facts=_query(which), data=data, without=without))
        if events := tuple(_object(event, n) for n, event in enumerate(add, 1)):
            steps.append(Add(events=events))
        if remap:
            steps.append(Remap(categories=dict(remap)))
        if rulebook:
            steps.append(Judge(rulebook=rulebook))
        if set:
            steps.append(Set(figures=dict(set)))
        if recoveries != "recorded":
            steps.append(Recover(recoveries=recoveries))
        return cls(tuple(steps))

    def __add__(self, other: "Scenario") -> "Scenario":
        """One after the other."""
        names = [name for name in (self.name, other.name) if name]
        return Scenario((*self.steps, *other.steps), " + ".join(names))

    @property
    def hash(self) -> str:
        """SHA-256 of what the steps do as canonical JSON; names are not part of it."""
        said = [step.said() for step in self.steps]
        text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return sha256(text.encode("utf-8", "backslashreplace")).hexdigest()

    def worlds(self, world: World) -> list[World]:
        """The world before the first step, and after each. Raises as the steps do."""
        if len(self.steps) > MAX_STEPS:
            raise InputError(
                f"found {len(self.steps)} steps; up to {MAX_STEPS} are replayed: one step may set "
                "several figures, or mean several facts by conditions"
            )
        made = [world]
        for step in self.steps:
            made.append(step.apply(made[-1]))
        for number, step in enumerate(self.steps, 1):
            if isinstance(step, Remap):
                _known_to(step, made[number:])
        return made


def _known_to(step: Remap, worlds: Sequence[World]) -> None:
    """Raises InputError for a category that no rulebook has, then or after a later step."""
    books = [
        rulebook
        for world in worlds
        for rulebook in world.library.tables(rulebook_name(world.counting())).rulebooks
    ]
    allowed = {name for rulebook in books for name in rulebook.categories}
    if unknown := set(step.categories.values()) - allowed:
        name = min(unknown)
        raise InputError(f'no rules have a category "{safe(name)}"{near(name, allowed)}')


def _query(which: Query | str) -> Query:
    return Query(event=which) if isinstance(which, str) else which


def _object(event: str | Mapping[str, Any], number: int) -> dict[str, Any]:
    if not isinstance(event, str):
        return _given(dict(event))
    made = _decoded(event)
    if not isinstance(made, dict):
        # What is no object is refused by the reader of facts, in its words.
        refused = parse(event, file="add", line_no=number)
        raise InputError(str(refused))
    return _given(made)


def _given(event: dict[str, Any]) -> dict[str, Any]:
    """Without what is null: that is not given."""
    return {
        key: _given(value) if isinstance(value, dict) else value
        for key, value in event.items()
        if value is not None
    }


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _changed(world: World, which: Query, change: Callable[[Envelope], Envelope | None]) -> World:
    """The world with some facts changed, or without those of which nothing is left."""
    chosen: dict[int, Envelope | None] = {e.position: change(e) for e in which.find(world)}
    facts = [chosen.get(e.position, e) for e in world.facts]
    return check(world, world.with_facts([e for e in facts if e is not None]))


def _event(event: Mapping[str, Any], place: str) -> Envelope:
    made = parse(msgspec.json.encode(event), file=place, line_no=1)
    if isinstance(made, Refusal):
        raise InputError(f"{place}, {made.field}: found {made.found}; wanted {made.wanted}")
    return made
