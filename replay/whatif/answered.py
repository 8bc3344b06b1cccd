"""What a question of what-if answers, in lines for people: made of what `--json` prints."""

from collections.abc import Iterator
from typing import Any

from projections.explain.phrases import Count, Phrase, Value, Word
from replay.whatif.told import Teller, end, time

View = dict[str, Any]
RELATIONS = {">=": "at_least", "<=": "at_most"}


def orders_lines(view: View, tell: Teller) -> Iterator[str]:
    """Each outcome with how many orders lead there, and how the facts are ruled then."""
    groups, facts = view["groups"], view["facts"]
    sizes = {"facts": len(facts), "orders": view["orders"], "outcomes": len(groups)}
    yield tell.say("orders.title", **{name: Count(name, str(n)) for name, n in sizes.items()})
    how = "exact" if view["exact"] else "drawn"
    yield tell.say(
        f"orders.{how}", orders=Count("orders", str(view["orders"])), seed=str(view["seed"])
    )
    if any(fact["supposed"] for fact in view["facts"]):
        yield tell.say("orders.supposed")
    for number, group in enumerate(view["groups"], 1):
        yield ""
        score = group["outcome"]["score"] or "–"
        orders = Count("orders", str(group["orders"]))
        yield tell.say("orders.group", number=str(number), orders=orders, score=score)
        if group["recorded"]:
            yield tell.say("orders.recorded")
        yield from _always(group, tell)
        yield from (f"  {line}" for line in _outcome(group["outcome"], tell))
        for way, each in enumerate(group["ways"], 1):
            example = " → ".join(each["examples"][0])
            orders = Count("orders", str(each["orders"]))
            yield "  " + tell.say("orders.way", number=str(way), orders=orders, example=example)
            yield from (f"    {line}" for line in _ways(each, tell))


def _always(group: View, tell: Teller) -> Iterator[str]:
    for first, then in group["always"] if group["orders"] > 1 else ():
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
            end=end(stop["until"]),
            state=Word("status", stop["state"]),
        )
    for quota in outcome["exam_quota"]:
        category, free = tell.category(quota["category"]), time(quota["available_from"])
        yield tell.say("orders.quota", category=category, from_=free)


def _ways(way: View, tell: Teller) -> Iterator[str]:
    yield from _always(way, tell)
    for ruling in way["rulings"]:
        yield f"{ruling['event']}: {ruling['text'][tell.language]}"
        clauses = tell.joined(map(tell.clause, ruling["clauses"]))
        yield "  " + tell.say("orders.clauses", clauses=clauses)


def avoid_lines(view: View, tell: Teller) -> Iterator[str]:
    """The sets, smallest first."""
    target = view["target"]
    if "score" in target:
        score = Phrase(f"whatif.avoid.{RELATIONS[target['relation']]}", {"score": target["score"]})
        counter = tell.counter(target["name"])
        yield tell.say("avoid.score", counter=counter, score=score, by=time(view["as_of"]))
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
    as_of = time(view["as_of"])
    if not view["cases"]:
        yield tell.say("wrongful.none")
    for case in view["cases"]:
        names = ("violation", "deducted", "restored")
        yield tell.say(
            "wrongful.full" if case["full"] else "wrongful.partial",
            found=time(case["found_at"]),
            granted=time(case["granted_at"]),
            missing=case["points_missing"] or "–",
            as_of=as_of,
            **{name: case[name] for name in names},
        )
        if (lifted := case["stop_days_lifted"]) is None:
            yield "  " + tell.say("wrongful.lifted_open")
        elif lifted != "0":
            yield "  " + tell.say("wrongful.lifted", days=Count("days", lifted))
        yield from _cost(case, tell)
    if len(view["cases"]) > 1:
        missing = view["together"]["points_missing"] or "–"
        yield tell.say("wrongful.together", missing=missing, as_of=as_of)
        yield from _cost(view["together"], tell)


def _cost(cost: View, tell: Teller) -> Iterator[str]:
    for feature, days in cost["feature_days_lost"].items():
        key = "gained" if days.startswith("-") else "lost"
        said = Count("days", days.removeprefix("-"))
        yield "  " + tell.say(f"wrongful.{key}", feature=tell.feature(feature), days=said)
    for feature, hours in cost["hours_executed_in_error"].items():
        yield "  " + tell.say(
            "wrongful.in_error", feature=tell.feature(feature), hours=Count("hours", hours)
        )


def figures_rows(view: View, tell: Teller) -> Iterator[tuple[str, ...]]:
    """The head, then a row for each figure that turns something."""
    heads = ("figure", "value", "score", "stops", "clause")
    yield tuple(tell.say(f"figures.{head}") for head in heads)
    for figure in view["figures"]:
        sides = (_sides(figure[name], tell) for name in ("score", "stops"))
        clause = tell.say("assumed") if figure["assumed"] else figure["clause"] or ""
        yield (_key(figure), figure["value"], *sides, clause)


def _key(figure: View) -> str:
    """As `--set` takes it."""
    return f"{figure['rulebook'].partition('@')[2]}:{figure['path']}"


def _sides(turned: View, tell: Teller) -> str:
    said = {side: _side(turned, side) for side in ("below", "above")}
    if not any(said.values()):
        return tell.say("figures.never")
    never = Phrase("whatif.figures.never")
    return tell.say("figures.sides", **{side: value or never for side, value in said.items()})


def _side(turned: View, side: str) -> "Value | None":
    if refused := turned.get("refused", {}).get(side):
        return Phrase("whatif.figures.refused", {"value": refused})
    value: str | None = turned[side]
    return value


def figures_lines(view: View, tell: Teller) -> Iterator[str]:
    """What stands below the table."""
    if rest := [_key(figure) for figure in view["asked_and_turn_nothing"]]:
        yield tell.say("figures.rest", figures=tell.joined(rest))
    if any("refused" in figure[name] for figure in view["figures"] for name in ("score", "stops")):
        yield tell.say("figures.refusals")
    yield tell.say("figures.note")
