"""Nodes: limits on a score, the stops that start there, and how stops end.

A node starts on a deduction that crosses it (C-028, C-029: edge), never by credit, clock or a
switch of version. Each crossed node is an instance of its own with its own clock; the latest end
per feature counts (C-030). A granted appeal or a passed exam lifts a stop whose lifting score is
back on the good side (C-065, C-066, I-09); recovery never does (C-034).
"""

from projections.fold.calendar import end_of
from projections.fold.rules import Book, NodeRule, Rules
from projections.fold.score import Trace, remove
from projections.fold.state import (
    EXACT,
    FOREVER,
    LIFTED,
    NODE_LIFTED,
    NODE_SERVED,
    NODE_STARTED,
    OCCASIONS,
    PERMANENT,
    RUNNING,
    SERVED,
    WHILE_TRIGGERED,
    Creator,
    Fact,
)


def bad(score: int, sign: int, bound: int) -> bool:
    """Whether a score is on the bad side of a node (I-01): low on a balance, high on a tally."""
    return sign * score <= bound


def look(creator: Creator, fact: Fact, book: Book, trace: Trace | None) -> None:
    """After a deduction or a whole batch: start every node crossed since the look before (I-05)."""
    rules = book.versions[fact.version]
    for i in range(rules.counter_count):
        counter = creator.counters[i]
        if counter.score != counter.looked:
            start_crossed(creator, i, fact, book, trace)
            counter.looked = counter.score


def start_crossed(
    creator: Creator, index: int, fact: Fact, book: Book, trace: Trace | None
) -> None:
    """The nodes of one counter that are true now and were not at the look before (edge)."""
    rules = book.versions[fact.version]
    counter = creator.counters[index]
    for i in range(rules.node_count):
        node = rules.nodes[i]
        if node.counter == index and (
            node.sign * counter.score <= node.bound < node.sign * counter.looked
        ):
            start_stops(creator, fact, i, node, book, trace)


def start_stops(
    creator: Creator, fact: Fact, index: int, node: NodeRule, book: Book, trace: Trace | None
) -> None:
    """One row per feature of the node, each with its own end (C-090)."""
    counter = creator.counters[node.counter]
    for i in range(node.stop_count):
        rule = node.stops[i]
        row = creator.stops_made
        stop = creator.stops[row]
        creator.stops_made += 1
        stop.state = RUNNING
        stop.version = fact.version
        stop.node = index
        stop.feature = rule.feature
        stop.counter = node.counter
        stop.limit = node.limit
        stop.sign = node.sign
        stop.bound = node.bound
        stop.kind = rule.kind
        stop.lifted_by = node.lifted_by
        stop.removes = node.removes if i == 0 else 0
        stop.occasions = rule.length if rule.kind == OCCASIONS else 0
        stop.started_at = fact.at
        stop.lifting_start = counter.score - counter.lifting
        stop.until = FOREVER
        if rule.kind == EXACT:
            stop.until = fact.at + rule.length
        elif rule.kind < OCCASIONS:
            stop.until = end_of(rule.kind, rule.length, fact.at, fact.day, book)
        elif rule.kind == PERMANENT:
            counter.permanent += 1
        elif rule.kind == WHILE_TRIGGERED:
            creator.watching += 1
        stop.planned_until = stop.until
        creator.next_end = min(creator.next_end, stop.until)
        if trace is not None:
            trace.append((NODE_STARTED, row, 0, fact.at))
    creator.next_due = min(creator.next_end, creator.next_expiry)


def end_stop(
    creator: Creator, row: int, state: int, at: int, rules: Rules, trace: Trace | None
) -> None:
    stop = creator.stops[row]
    stop.state = state
    stop.until = at
    if stop.kind == PERMANENT:
        creator.counters[stop.counter].permanent -= 1
    elif stop.kind == WHILE_TRIGGERED:
        creator.watching -= 1
    if trace is not None:
        trace.append((NODE_LIFTED if state == LIFTED else NODE_SERVED, row, 0, at))
    if state == SERVED and stop.removes > 0:
        remove(creator, stop.counter, stop.removes, at, rules, trace)


def end_due(creator: Creator, rules: Rules, trace: Trace | None) -> None:
    """Stops whose time is over end (half-open: at `until` they have ended)."""
    due = creator.next_end
    creator.next_end = FOREVER
    for row in range(creator.stops_open, creator.stops_made):
        stop = creator.stops[row]
        if stop.state == RUNNING and stop.until <= due:
            end_stop(creator, row, SERVED, stop.until, rules, trace)
    tidy(creator)


def tidy(creator: Creator) -> None:
    """Where the running stops begin, and when the next of them ends."""
    while (
        creator.stops_open < creator.stops_made
        and creator.stops[creator.stops_open].state != RUNNING
    ):
        creator.stops_open += 1
    upcoming = FOREVER
    for row in range(creator.stops_open, creator.stops_made):
        stop = creator.stops[row]
        if stop.state == RUNNING:
            upcoming = min(upcoming, stop.until)
    creator.next_end = upcoming
    creator.next_due = min(upcoming, creator.next_expiry)


def lift(creator: Creator, by: int, at: int, rules: Rules, trace: Trace | None) -> None:
    """After a grant or a pass: lift each stop whose lifting score is on the good side (I-09)."""
    lifted = False
    for row in range(creator.stops_open, creator.stops_made):
        stop = creator.stops[row]
        if stop.state == RUNNING and stop.lifted_by & by:
            lifting = stop.lifting_start + creator.counters[stop.counter].lifting
            if stop.sign * lifting > stop.bound:
                end_stop(creator, row, LIFTED, at, rules, trace)
                lifted = True
    if lifted:
        tidy(creator)


def end_while_triggered(creator: Creator, at: int, rules: Rules, trace: Trace | None) -> None:
    """After any credit: what lasts while the score is bad ends once it is good, by any cause."""
    for row in range(creator.stops_open, creator.stops_made):
        stop = creator.stops[row]
        if (
            stop.state == RUNNING
            and stop.kind == WHILE_TRIGGERED
            and not bad(creator.counters[stop.counter].score, stop.sign, stop.bound)
        ):
            end_stop(creator, row, SERVED, at, rules, trace)
    tidy(creator)


def occasion_held(creator: Creator, fact: Fact, rules: Rules, trace: Trace | None) -> None:
    """One occasion fewer for each stop that is measured in occasions."""
    for row in range(creator.stops_open, creator.stops_made):
        stop = creator.stops[row]
        if stop.state == RUNNING and stop.kind == OCCASIONS:
            stop.occasions -= 1
            if stop.occasions == 0:
                end_stop(creator, row, SERVED, fact.at, rules, trace)
    tidy(creator)
