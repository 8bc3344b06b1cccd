"""What a lawyer would look at twice in a sound rulebook: nothing here is an error.

An error is what can't be ruled by; a warning is what can be ruled by and is perhaps not meant: a
node nobody reaches, a stricter one that is over sooner, points that never come back, words that say
another figure than the table.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations, pairwise
from math import inf
from typing import Any, TypeAlias

from msgspec import Struct

from ledger.rulebook import (
    NODE_LIMITS,
    Counter,
    Node,
    Rulebook,
    Stop,
    Title,
)
from ledger.rulebook_conflicts import conflicts
from ledger.rulebook_figures import figures

DAYS = {"hours": 1 / 24, "days": 1.0, "natural_days": 1.0, "months": 30.0}
"""Near enough to say which of two stops is the longer."""


class Doubt(Struct, frozen=True):
    """A key path and what is odd there, in both languages."""

    path: str
    said: Title


Found: TypeAlias = Iterator[Doubt]


def warnings(r: Rulebook) -> list[Doubt]:
    """All that is worth another look."""
    return [doubt for check in CHECKS for doubt in check(r)]


def _warn(path: str, en: str, zh: str) -> Doubt:
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
            yield _warn(
                path,
                f"nobody gets there: the score ends at {end}, the node asks for {word} {value}",
                f"无法到达:分值止于{end},而节点要求 {word} {value}",
            )
        elif _reached(word, value, counter.initial):
            yield _warn(
                path,
                f"the score begins at {counter.initial}, beyond the node already: it starts only "
                "after the score has once come back over it",
                f"初始分值{counter.initial}已越过该节点:须待分值恢复后方能触发",
            )


def _ordered(r: Rulebook) -> Iterator[tuple[tuple[str, Node], tuple[str, Node]]]:
    """(milder, stricter) of each two nodes of one counter."""
    for counter, rule in r.counters.items():
        nodes = [(k, n) for k, n in r.nodes.items() if counter_of(r, n.counter)[0] == counter]
        sign = -1 if rule.direction == "balance" else 1
        edge = {"below": 0.005, "above": 0.005}  # stricter than the same figure with "at or"
        nodes.sort(key=lambda kn: sign * float(limit(kn[1])[1]) + edge.get(limit(kn[1])[0], 0))
        yield from combinations(nodes, 2)


def _shorter(r: Rulebook) -> Found:
    for (mild, milder), (strict, stricter) in _ordered(r):
        lengths = {stop.feature: length(stop) for stop in milder.stops}
        for i, stop in enumerate(stricter.stops):
            before, after = lengths.get(stop.feature), length(stop)
            if before is not None and after is not None and after < before:
                yield _warn(
                    f"nodes.{strict}.stops.{i}",
                    f'"{stop.feature}" is stopped for less than at the milder node {mild}',
                    f"“{stop.feature}”的停止时间短于较轻的节点 {mild}",
                )


def _same_limit(r: Rulebook) -> Found:
    for (one, first), (other, second) in _ordered(r):
        if limit(first) == limit(second):
            yield _warn(
                f"nodes.{other}",
                f"starts at the same score as node {one}: are they one node with more stops?",
                f"与节点 {one} 的分值相同:是否应合并为一个节点?",
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
            yield _warn(
                path,
                "a stop goes on even where the violation behind it is void after an appeal",
                "即使违规经申诉撤销,停止仍继续执行",
            )
        if "exam" in node.lifted_by and r.exam is None:
            yield _warn(path, "there is no [exam] that could lift it", "没有可解除它的 [exam]")


def _categories(r: Rulebook) -> Found:
    for (one, first), (other, second) in combinations(r.categories.items(), 2):
        for language in ("en", "zh"):
            if getattr(first.title, language) == getattr(second.title, language):
                title = getattr(first.title, language)
                yield _warn(
                    f"categories.{other}.title",
                    f'bears the title of categories.{one}, "{title}": which is a violation under?',
                    f"与 categories.{one} 同名“{title}”:违规应归入哪一类?",
                )
                break
    groups: dict[object, list[str]] = {}
    for name, category in r.categories.items():
        figures = tuple(
            repr(getattr(category, f)) for f in category.__struct_fields__ if f != "title"
        )
        if category.points is not None:
            groups.setdefault(figures, []).append(name)
    for names in groups.values():
        if len(names) > 1:
            yield _warn(
                f"categories.{names[0]}",
                f"has the same figures as {', '.join(names[1:])}: meant to be told apart?",
                f"与 {'、'.join(names[1:])} 的各项数值相同:是否有意区分?",
            )


def _moves(r: Rulebook, counter: str) -> bool:
    """Whether any violation can cost points on a counter; without figures the fact brings them."""
    steps = [step for ladder in r.ladders.values() for step in ladder.steps]
    costs = [step.points for step in steps if step.points is not None]
    for category in r.categories.values():
        if counter_of(r, category.counter)[0] == counter:
            severe = [s.points for s in category.severities.values() if s.points is not None]
            if category.points is None and not severe:
                return True
            costs += [category.points or Decimal(0), *severe]
    return any(costs)


def _recoverable(r: Rulebook) -> Found:
    adding = [r.recovery, r.accrual_exam, r.courses]
    fed = {counter_of(r, giver.counter)[0] for giver in adding if giver is not None}
    fed |= {counter_of(r, node.counter)[0] for node in r.nodes.values() if node.removes is not None}
    fed |= {
        counter_of(r, category.counter)[0]
        for category in r.categories.values()
        if category.restorable is not None
    }
    for name, counter in r.counters.items():
        restarts = counter.expires_after is not None or counter.reset is not None
        if name not in fed and not restarts and _moves(r, name):
            yield _warn(
                f"counters.{name}",
                "nothing but a granted appeal moves it back: no recovery, exam, course, expiry "
                "or reset",
                "除申诉成功外分值无从恢复:没有恢复、考试、课程、到期或重置",
            )
    run_out = r.recovery.runs if r.recovery is not None else ()
    _, counter = counter_of(r, r.recovery.counter if r.recovery is not None else "")
    for i, (run, _) in enumerate(pairwise(run_out)):
        if counter.cap is not None and run.below is not None and run.below > counter.cap:
            yield _warn(
                f"recovery.runs.{i + 1}",
                f"never reached: every score is below {run.below}, the cap being {counter.cap}",
                f"无法到达:上限为{counter.cap},任何分值均低于{run.below}",
            )


def _exam(r: Rulebook) -> Found:
    if r.exam is None:
        return
    restorable = [c.restorable for c in r.categories.values()]
    restorable += [s.restorable for c in r.categories.values() for s in c.severities.values()]
    if not any(restorable):
        yield _warn(
            "exam",
            "no category is restorable, so that a passed exam gives nothing back",
            "没有任何类别可返还分值,考试通过也无所得",
        )


def _unused(r: Rulebook) -> Found:
    stops = [stop for node in r.nodes.values() for stop in node.stops]
    for category in r.categories.values():
        stops += category.stops
        stops += [stop for s in category.severities.values() for stop in s.stops]
    stops += [stop for ladder in r.ladders.values() for s in ladder.steps for stop in s.stops]
    stopped = {stop.feature for stop in stops}
    for feature in r.features:
        if feature not in stopped:
            yield _warn(f"features.{feature}", "nothing stops it", "没有任何规定停止它")
    cited = {citation.source for citation in r.citations.values()}
    for source in r.sources:
        if source not in cited:
            yield _warn(f"sources.{source}", "no figure cites it", "没有任何数值引用它")


def _conflicts(r: Rulebook) -> Found:
    for clause, figure, other_figure in conflicts(r):
        concept: Any = clause.partition(".")[2]
        words, value = r.clauses[concept], figures(r)[figure]
        one, other = r.cite(clause).label, r.cite(figure).label
        if other_figure:
            yield _warn(
                figure,
                f'the figure is {value} ({other}), and {clause} says "{words.en}" ({one})',
                f"数值为{value}({other}),而 {clause} 写道“{words.zh}”({one})",
            )
        else:
            yield _warn(
                figure,
                f"rests on {other}, and {clause} on {one}: which of the two rules?",
                f"依据为 {other},而 {clause} 依据 {one}:以何者为准?",
            )


CHECKS = (
    _unreachable,
    _shorter,
    _same_limit,
    _lifting,
    _categories,
    _recoverable,
    _exam,
    _unused,
    _conflicts,
)
