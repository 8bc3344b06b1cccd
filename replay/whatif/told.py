"""What a what-if answers, in lines for people: made of the objects that `--json` prints."""

from collections.abc import Callable, Iterator
from typing import Any

from projections.explain.phrases import Phrase, Value, Word, say
from projections.standing.replay import Replay
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

    def counter(self, name: str) -> Value:
        """The same."""
        found = (rulebook.counters.get(name) for rulebook in self._rulebooks)
        return next((c.title for c in found if c is not None and c.title), None) or name


def time(text: str | None) -> str:
    """An instant of JSON as people read it."""
    return "–" if text is None else text[:16].replace("T", " ")


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


def orders_lines(view: View, tell: Teller) -> Iterator[str]:
    """Each outcome with how many orders lead there, and how the facts are ruled then."""
    sizes = {"facts": len(view["facts"]), "orders": view["orders"], "groups": len(view["groups"])}
    yield tell.say("orders.title", **{name: str(size) for name, size in sizes.items()})
    how = "exact" if view["exact"] else "drawn"
    yield tell.say(f"orders.{how}", orders=str(view["orders"]), seed=str(view["seed"]))
    if any(fact["supposed"] for fact in view["facts"]):
        yield tell.say("orders.supposed")
    for number, group in enumerate(view["groups"], 1):
        yield ""
        score = group["outcome"]["score"] or "–"
        orders = str(group["orders"])
        yield tell.say("orders.group", number=str(number), orders=orders, score=score)
        if group["recorded"]:
            yield tell.say("orders.recorded")
        yield from _always(group, tell)
        yield from (f"  {line}" for line in _outcome(group["outcome"], tell))
        for way, each in enumerate(group["ways"], 1):
            example = " → ".join(each["examples"][0])
            orders = str(each["orders"])
            yield "  " + tell.say("orders.way", number=str(way), orders=orders, example=example)
            yield from (f"    {line}" for line in _ways(each, tell))


def _always(group: View, tell: Teller) -> Iterator[str]:
    for first, then in group["always"]:
        yield tell.say("orders.always", first=first, then=then)


def _outcome(outcome: View, tell: Teller) -> Iterator[str]:
    if not outcome["sanctions"]:
        yield tell.say("orders.no_stop")
    for stop in outcome["sanctions"]:
        yield tell.say(
            "orders.stop" if stop["node"] else "orders.stop_own",
            feature=tell.feature(stop["feature"]),
            node=stop["node"] or "",
            start=time(stop["from"]),
            end=time(stop["until"]),
            state=Word("status", stop["state"]),
        )
    for quota in outcome["exam_quota"]:
        category, free = tell.category(quota["category"]), time(quota["available_from"])
        yield tell.say("orders.quota", category=category, from_=free)


def _ways(way: View, tell: Teller) -> Iterator[str]:
    yield from _always(way, tell)
    for ruling in way["rulings"]:
        yield f"{ruling['event']}: {ruling['text'][tell.language]}"
        yield "  " + tell.say("orders.clauses", clauses=", ".join(ruling["clauses"]))


def avoid_lines(view: View, tell: Teller) -> Iterator[str]:
    """The sets, smallest first."""
    target = view["target"]
    if "score" in target:
        values = {name: str(target[name]) for name in ("relation", "score")}
        yield tell.say("avoid.score", by=time(view["as_of"]), **values)
    else:
        stop = ".".join(filter(None, (target["node"], target["feature"])))
        yield tell.say("avoid.stop", stop=stop)
    if view["already"]:
        yield tell.say("avoid.already")
        return
    if not view["sets"]:
        yield tell.say("avoid.none")
    for number, changes in enumerate(view["sets"], 1):
        said: list[Value] = [
            Phrase(
                f"whatif.avoid.{change['change']}",
                {
                    "about": change.get("violation") or change["period"],
                    "at": time(change["at"]),
                },
            )
            for change in changes
        ]
        yield tell.say("avoid.set", number=str(number), changes=said)
    sizes, tried = str(view["all_sets_up_to"]), str(view["changes_tried"])
    yield tell.say("avoid.tried", changes=tried, sizes=sizes)


def afford_lines(view: View, tell: Teller) -> Iterator[str]:
    """A line for each node."""
    yield tell.say("afford.title")
    for node in view["nodes"]:
        lost = node["can_lose"]
        key = ("again" if node["crossed"] else "room") if lost is not None else "never"
        if lost is None and node["crossed"]:
            key = "crossed"
        counter = tell.counter(node["counter"])
        yield tell.say(f"afford.{key}", node=node["node"], counter=counter, points=lost or "")


def wrongful_lines(view: View, tell: Teller) -> Iterator[str]:
    """Each granted appeal, then all together."""
    yield tell.say("wrongful.title")
    if not view["cases"]:
        yield tell.say("wrongful.none")
    for case in view["cases"]:
        names = ("violation", "deducted", "restored")
        yield tell.say(
            "wrongful.full" if case["full"] else "wrongful.partial",
            found=time(case["found_at"]),
            granted=time(case["granted_at"]),
            missing=case["points_missing"] or "–",
            **{name: case[name] for name in names},
        )
        if case["stop_days_lifted"] != "0":
            yield "  " + tell.say("wrongful.lifted", days=case["stop_days_lifted"])
        yield from _cost(case, tell)
    if len(view["cases"]) > 1:
        missing = view["together"]["points_missing"] or "–"
        yield tell.say("wrongful.together", missing=missing)
        yield from _cost(view["together"], tell)


def _cost(cost: View, tell: Teller) -> Iterator[str]:
    for feature, days in cost["feature_days_lost"].items():
        key = "gained" if days.startswith("-") else "lost"
        said = days.removeprefix("-")
        yield "  " + tell.say(f"wrongful.{key}", feature=tell.feature(feature), days=said)
    for feature, hours in cost["hours_executed_in_error"].items():
        yield "  " + tell.say("wrongful.in_error", feature=tell.feature(feature), hours=hours)


def figures_rows(view: View, tell: Teller) -> Iterator[tuple[str, ...]]:
    """The head, then a row for each figure that turns something."""
    heads = ("figure", "value", "score", "stops", "clause")
    yield tuple(tell.say(f"figures.{head}") for head in heads)
    for figure in view["figures"]:
        version = figure["rulebook"].partition("@")[2]
        sides = (_sides(figure[name], tell) for name in ("score", "stops"))
        yield (f"{version}:{figure['path']}", figure["value"], *sides, figure["clause"] or "")


def _sides(turned: View, tell: Teller) -> str:
    never = Phrase("whatif.figures.never")
    if turned["below"] is turned["above"] is None:
        return tell.say("figures.never")
    return tell.say("figures.sides", **{side: turned[side] or never for side in turned})


def figures_lines(view: View, tell: Teller) -> Iterator[str]:
    """What stands below the table."""
    if rest := [figure["path"] for figure in view["asked_and_turn_nothing"]]:
        yield tell.say("figures.rest", figures=", ".join(dict.fromkeys(rest)))
    yield tell.say("figures.note")
