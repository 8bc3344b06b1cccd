"""What a what-if answers, in lines for people: made of the objects that `--json` prints."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from projections.explain.phrases import Phrase, Value, Word, say
from projections.explain.places import ASSUMED
from projections.standing.replay import Replay
from projections.views.report import head
from replay.whatif.counterfactual import Comparison, Pair
from replay.whatif.query import Query, Shift
from replay.whatif.scenario import (
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
from replay.whatif.words import ended, minute

View = dict[str, Any]


class Teller:
    """Says things in one language, by the titles of one replay's rulebooks."""

    def __init__(self, replay: Replay, language: str) -> None:
        self.language = language
        self._rulebooks = replay.tables.rulebooks[::-1]

    def say(self, key: str, /, **values: Value) -> str:
        """A sentence of `[whatif]`."""
        return say(Phrase(f"whatif.{key}", values), self.language)

    def feature(self, name: str) -> Value:
        """By its title in the newest version that has one."""
        titles = (rulebook.features.get(name) for rulebook in self._rulebooks)
        return next(filter(None, titles), None) or Word("measures", name)

    def category(self, name: str) -> Value:
        """The same."""
        found = (rulebook.categories.get(name) for rulebook in self._rulebooks)
        titles = (category.title for category in found if category is not None)
        return next(filter(None, titles), None) or Word("categories", name)

    def joined(self, texts: Iterable[str]) -> str:
        """Texts in a row."""
        return say(Phrase("fields.join"), self.language).join(texts)

    def clause(self, text: str) -> str:
        """A clause as people read it; what no source says names its figure."""
        if not text.startswith(ASSUMED):
            return text
        return self.say("assumed_figure", figure=text.removeprefix(ASSUMED))

    def counter(self, name: str) -> Value:
        """The same."""
        found = (rulebook.counters.get(name) for rulebook in self._rulebooks)
        return next((c.title for c in found if c is not None and c.title), None) or name


def time(text: str | None) -> str:
    """An instant of JSON as people read it."""
    return "–" if text is None else minute(text)


def end(text: str | None) -> str:
    """An instant at which something is over: midnight is the 24:00 of the day before."""
    return "–" if text is None else ended(text)


def head_lines(replay: Replay, scenario: Scenario, tell: Teller) -> Iterator[str]:
    """Whose, as of when, as known when, under which rules; and what is to be different."""
    yield from head(replay, tell.language)
    yield from scenario_lines(scenario, tell)


def scenario_lines(scenario: Scenario, tell: Teller) -> Iterator[str]:
    """Each step in its place; then by which name and hash the whole goes."""
    if not scenario.steps:
        yield tell.say("told.nothing")
        return
    for number, step in enumerate(scenario.steps, 1):
        what = SAID[type(step)](step, tell)
        if step.name:
            what = tell.say("told.named", name=step.name, what=what)
        yield tell.say("told.step", number=str(number), what=what)
    name = scenario.name or Phrase("whatif.told.unnamed")
    yield tell.say("told.scenario", name=name, hash=scenario.hash[:12])


def _facts(query: Query) -> Phrase:
    if query.event:
        return Phrase("whatif.told.fact", {"event": query.event})
    said = ", ".join(f"{name} = {value}" for name, value in query.said().items())
    return Phrase("whatif.told.facts", {"conditions": said})


def _drop(step: Drop, tell: Teller) -> str:
    return tell.say("told.drop", facts=_facts(step.facts))


def _move(step: Move, tell: Teller) -> str:
    said = step.said()
    if isinstance(step.to, Shift):
        return tell.say("told.move_by", facts=_facts(step.facts), by=said["by"])
    return tell.say("told.move_to", facts=_facts(step.facts), to=said["to"])


def _amend(step: Amend, tell: Teller) -> str:
    data: list[Value] = [f"{name} = {value}" for name, value in step.data.items()]
    data += [Phrase("whatif.told.without", {"field": name}) for name in step.without]
    return tell.say("told.amend", facts=_facts(step.facts), data=data)


def _add(step: Add, tell: Teller) -> str:
    events: list[Value] = [
        Phrase(
            "whatif.told.added",
            {"type": Word("types", str(e.get("type"))), "at": time(str(e.get("time")))},
        )
        for e in step.events
    ]
    return tell.say("told.add", event=events)


def _remap(step: Remap, tell: Teller) -> str:
    pairs = step.categories.items()
    said: list[Value] = [
        Phrase("whatif.told.remap", {"old": tell.category(old), "new": tell.category(new)})
        for old, new in pairs
    ]
    return say(said, tell.language)


def _judge(step: Judge, tell: Teller) -> str:
    return tell.say("told.rulebook", rulebook=step.rulebook)


def _set(step: Set, tell: Teller) -> str:
    said: list[Value] = [
        Phrase("whatif.told.set", {"key": key, "value": value})
        for key, value in step.figures.items()
    ]
    return say(said, tell.language)


def _recover(step: Recover, tell: Teller) -> str:
    return tell.say(f"told.{step.recoveries}")


SAID: dict[type[Step], Callable[[Any, Teller], str]] = {
    Drop: _drop, Move: _move, Amend: _amend, Add: _add, Remap: _remap, Judge: _judge, Set: _set,
    Recover: _recover,
}  # fmt: skip


def comparison_lines(view: View, tell: Teller) -> Iterator[str]:
    """What goes with the first divergence: its ground, and what became of the rest."""
    yield from grounds_lines(view, tell)
    shown = len(view["rulings"]) - sum(r["differs"] for r in view["rulings"])
    if view["rulings_alike"] > shown:
        yield tell.say("told.alike", number=str(view["rulings_alike"]))
    yield from suspended_lines(view, tell)


def grounds_lines(view: View, tell: Teller) -> Iterator[str]:
    """The ground on which they part, and how many facts are moot."""
    first = view["first_divergence"]
    if first is not None and first["ground"] is not None:
        sides = [_side(first["ground"][side]) for side in ("baseline", "counterfactual")]
        path = first["ground"]["path"]
        yield tell.say("told.ground", path=path, ours=sides[0], theirs=sides[1])
    if view["moot"]:
        yield tell.say("told.moot", number=str(view["moot"]))


def suspended_lines(view: View, tell: Teller) -> Iterator[str]:
    """How long some feature was stopped on both sides; nothing where nothing ever was."""
    days = [view[side]["suspended_days"]["any"] for side in ("baseline", "counterfactual")]
    if days != ["0", "0"]:
        yield tell.say("told.suspended", ours=days[0], theirs=days[1])


def pair_lines(pair: Pair, comparison: Comparison, tell: Teller) -> Iterator[str]:
    """What is to be said of a fact beside how it is ruled."""
    if pair.differs and len(comparison.scenario.steps) > 1:
        yield tell.say("told.by_steps", steps=", ".join(map(str, pair.steps)))
    if pair.moot:
        yield tell.say("told.is_moot")


def _side(ground: View | None) -> Value:
    if ground is None:
        return Phrase("whatif.told.unasked")
    nobody = Phrase("whatif.told.nobody")
    return Phrase(
        "whatif.told.side",
        {
            "required": ground["required"] or nobody,
            "found": ground["found"] or nobody,
            "met": Phrase("whatif.told.met" if ground["met"] else "whatif.told.unmet"),
        },
    )
