"""Doubts about nodes and ladders: what nobody reaches, what is stricter and yet over sooner."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations, pairwise
from math import inf
from typing import TypeAlias

from msgspec import Struct

from ledger.rulebook.model import NODE_LIMITS, Counter, Node, Rulebook, Stop, Title

DAYS = {"hours": 1 / 24, "days": 1.0, "natural_days": 1.0, "months": 30.0}
"""Near enough to say which of two stops is the longer."""


class Doubt(Struct, frozen=True):
    """A key path and what is odd there, in both languages."""

    path: str
    said: Title


Found: TypeAlias = Iterator[Doubt]


def warn(path: str, en: str, zh: str) -> Doubt:
    """A doubt, said in both languages."""
    return Doubt(path, Title(en, zh))


def limit(node: Node) -> tuple[str, Decimal]:
    """The word of a node's limit and its figure."""
    word = next(word for word in NODE_LIMITS if getattr(node, word) is not None)
    value: Decimal = getattr(node, word)
    return word, value


def counter_of(r: Rulebook, name: str) -> tuple[str, Counter]:
    """The counter that something names, or the only one."""
    name = name or next(iter(r.counters))
    return name, r.counters[name]


def _reached(word: str, value: Decimal, score: Decimal) -> bool:
    return {
        "below": score < value,
        "at_or_below": score <= value,
        "at_or_above": score >= value,
        "above": score > value,
    }[word]


def _unreachable(r: Rulebook) -> Found:
    for name, node in r.nodes.items():
        word, value = limit(node)
        _, counter = counter_of(r, node.counter)
        path = f"nodes.{name}.{word}"
        end = counter.floor if counter.direction == "balance" else counter.cap
        if end is not None and not _reached(word, value, end):
            yield warn(
                path,
                f"nobody gets there: the score ends at {end}, the node asks for {word} {value}",
                f"无法到达：分值止于{end}，而节点要求 {word} {value}",
            )
        elif _reached(word, value, counter.initial):
            yield warn(
                path,
                f"the score begins at {counter.initial}, beyond the node already: it starts only "
                "after the score has once come back over it",
                f"初始分值{counter.initial}已越过该节点：须待分值恢复后方能触发",
            )


def _ordered(r: Rulebook) -> Iterator[tuple[tuple[str, Node], tuple[str, Node]]]:
    """(milder, stricter) of each two nodes of one counter."""
    for counter, rule in r.counters.items():
        nodes = [(k, n) for k, n in r.nodes.items() if counter_of(r, n.counter)[0] == counter]
        sign = -1 if rule.direction == "balance" else 1
        edge = {"below": 0.005, "above": 0.005}  # stricter than the same figure with "at or"
        nodes.sort(key=lambda kn: sign * float(limit(kn[1])[1]) + edge.get(limit(kn[1])[0], 0))
        yield from combinations(nodes, 2)


def _shortened(before: Sequence[Stop], after: Sequence[Stop]) -> Iterator[tuple[int, str]]:
    """Places and features of stops that are over sooner than they would have been before."""
    lengths = {stop.feature: length(stop) for stop in before}
    for i, stop in enumerate(after):
        longer, shorter = lengths.get(stop.feature), length(stop)
        if longer is not None and shorter is not None and shorter < longer:
            yield i, stop.feature


def _shorter(r: Rulebook) -> Found:
    for (mild, milder), (strict, stricter) in _ordered(r):
        for i, feature in _shortened(milder.stops, stricter.stops):
            yield warn(
                f"nodes.{strict}.stops.{i}",
                f'"{feature}" is over sooner than at the milder node {mild}',
                f"“{feature}”的时间短于较轻的节点 {mild}",
            )


def _milder_steps(r: Rulebook) -> Found:
    for name, ladder in r.ladders.items():
        steps = sorted(ladder.steps, key=lambda step: step.nth)
        for before, after in pairwise(steps):
            path = f"ladders.{name}.steps.{ladder.steps.index(after)}"
            for _, feature in _shortened(before.stops or (), after.stops or ()):
                yield warn(
                    path,
                    f'"{feature}" is over sooner than from offence {before.nth} on',
                    f"“{feature}”的时间短于第{before.nth}次",
                )
            was, now = before.points, after.points
            if was is not None and now is not None and now < was:
                yield warn(
                    f"{path}.points",
                    f"costs {now}, less than the {was} of offence {before.nth}",
                    f"记{now}分，少于第{before.nth}次的{was}分",
                )


def _same_limit(r: Rulebook) -> Found:
    for (one, first), (other, second) in _ordered(r):
        if limit(first) == limit(second):
            yield warn(
                f"nodes.{other}",
                f"starts at the same score as node {one}: are they one node with more stops?",
                f"与节点 {one} 的分值相同：是否应合并为一个节点？",
            )


def length(stop: Stop) -> float | None:
    """About how many days a stop lasts; None where that can't be said."""
    if stop.permanent:
        return inf
    for word, days in DAYS.items():
        if (value := getattr(stop, word)) is not None:
            return float(value) * days
    return None


def _lifting(r: Rulebook) -> Found:
    for name, node in r.nodes.items():
        path = f"nodes.{name}.lifted_by"
        timed = any(not stop.while_triggered for stop in node.stops)
        if "appeal" not in node.lifted_by and timed:
            yield warn(
                path,
                "a stop goes on even where the violation behind it is void after an appeal",
                "即使违规经申诉撤销，停用仍继续执行",
            )
        if "exam" in node.lifted_by and r.exam is None:
            yield warn(path, "there is no [exam] that could lift it", "没有可解除它的 [exam]")


def _waiting_for_itself(r: Rulebook) -> Found:
    for name, node in r.nodes.items():
        counter, rule = counter_of(r, node.counter)
        if rule.expiry_pauses and any(stop.while_triggered for stop in node.stops):
            yield warn(
                f"counters.{counter}.expiry_pauses",
                f"a stop of node {name} lasts with the score, and no points expire while it lasts",
                f"节点 {name} 的停用随分值持续，而停用期间分值不到期失效",
            )


def _gone_before_effect(r: Rulebook) -> Found:
    if r.appeal.effect != "after_appeal":
        return
    own = {counter_of(r, c.counter)[0] for c in r.categories.values() if c.expires_after}
    for name, counter in r.counters.items():
        expires = counter.expires_after is not None or name in own
        if expires and counter.expires_from != "effect":
            yield warn(
                f"counters.{name}.expires_from",
                "points wait for the appeal while their time runs, and may be gone before they "
                'count; "effect" lets it begin when they do',
                "分值等待申诉期间期限照常计算，可能尚未计入即已失效；“effect”自生效之日起算",
            )


CHECKS = (
    _unreachable,
    _shorter,
    _milder_steps,
    _same_limit,
    _lifting,
    _waiting_for_itself,
    _gone_before_effect,
)
