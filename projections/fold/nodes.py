"""Nodes: limits on a score, and what starts there.

A node starts on a deduction that crosses it (C-028, C-029: edge), never by credit, clock or a
switch of version. One that repeats (`every`) is crossed anew at each further multiple.
"""

from projections.fold.measures import demand
from projections.fold.rules import Book, NodeRule
from projections.fold.score import Trace
from projections.fold.state import RUNNING, WHILE_TRIGGERED, Creator
from projections.fold.stops import begin_stop, note_start


def look(
    creator: Creator, version: int, at: int, day: int, book: Book, trace: Trace | None
) -> None:
    """After a deduction or a whole batch: start every node crossed since the look before (I-05)."""
    rules = book.versions[version]
    for i in range(rules.counter_count):
        counter = creator.counters[i]
        if counter.score != counter.looked:
            start_crossed(creator, i, version, at, day, book, trace)
            counter.looked = counter.score


def start_crossed(
    creator: Creator, index: int, version: int, at: int, day: int, book: Book, trace: Trace | None
) -> None:
    """The nodes of one counter that are true now and were not at the look before (edge)."""
    rules = book.versions[version]
    counter = creator.counters[index]
    deepest = -1
    for i in range(rules.node_count):
        node = rules.nodes[i]
        if node.counter != index:
            continue
        crossed = node.sign * counter.score <= node.bound < node.sign * counter.looked
        if not crossed and node.every > 0:
            crossed = times(counter.score, node) > times(counter.looked, node)
        if crossed and rules.deepest:
            if deepest < 0 or node.bound < rules.nodes[deepest].bound:
                deepest = i
        elif crossed:
            start_node(creator, i, version, at, day, book, trace)
    if deepest >= 0:
        start_node(creator, deepest, version, at, day, book, trace)


def times(score: int, node: NodeRule) -> int:
    """How many multiples of a repeating node a score has passed."""
    depth = node.bound - node.sign * score
    return depth // node.every + 1 if depth >= 0 else 0


def start_node(
    creator: Creator, index: int, version: int, at: int, day: int, book: Book, trace: Trace | None
) -> None:
    """One row per feature of the node, each with its own end (C-090), and the node's fines."""
    node = book.versions[version].nodes[index]
    counter = creator.counters[node.counter]
    further = 0
    first = 1
    if node.every > 0:
        further = (times(counter.score, node) - 1) * node.every
    for i in range(node.stop_count):
        rule = node.stops[i]
        if rule.kind == WHILE_TRIGGERED and still_locked(creator, version, index, rule.feature):
            continue
        stop = begin_stop(creator, rule, version, node.counter, at, day, book)
        stop.node = index
        stop.first = first
        first = 0
        stop.limit = node.limit - node.sign * further
        stop.sign = node.sign
        stop.bound = node.bound - further
        stop.release = node.release
        stop.lifted_by = node.lifted_by
        stop.lifting_start = counter.score - counter.lifting
        note_start(creator, at, trace)
    demand(creator, node.fines, node.fine_count, 1, at, trace)


def still_locked(creator: Creator, version: int, index: int, feature: int) -> bool:
    """A stop that lasts until the score is back goes on, however often the node is crossed."""
    for row in range(creator.stops_open, creator.stops_made):
        stop = creator.stops[row]
        if (
            stop.state == RUNNING
            and stop.kind == WHILE_TRIGGERED
            and stop.node == index
            and stop.version == version
            and stop.feature == feature
        ):
            return True
    return False
