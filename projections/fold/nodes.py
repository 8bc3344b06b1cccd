"""Nodes: limits on a score, what starts as they are crossed, and what lifts that.

A node starts on a deduction that crosses it (C-028, C-029: edge), never by credit, clock or a
switch of version. One that repeats (`every`) is crossed anew at each further multiple; several that
are passed at once are one crossing, which stops once and fines for each. A granted
appeal or a passed exam lifts a crossing whose lifting score is back on the good side (C-065, C-066,
I-09): the stops that still run, and the fines whether or not there is a stop that runs. Recovery
never does (C-034).
"""

from projections.fold.measures import amount, demand
from projections.fold.moves import stand_in
from projections.fold.rules import Book, NodeRule, Rules
from projections.fold.state import (
    ABSENT,
    BY_EXAM,
    FOREVER,
    LIFTED,
    RUNNING,
    WHILE_TRIGGERED,
    Counter,
    Creator,
    Crossing,
)
from projections.fold.stops import bad, begin_stop, end_stop, note_start, tidy, weight
from projections.fold.trace import Trace


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
    score, looked = counter.score, counter.looked
    for i in range(rules.node_count):
        node = rules.nodes[i]
        if node.counter != index:
            if trace is not None and times(score, node) > times(looked, node):
                trace.asked("nodes.*.counter", version, i)
            continue
        crossed = node.sign * score <= node.bound < node.sign * looked
        if not crossed and node.every > 0:
            crossed = times(score, node) > times(looked, node)
        if trace is not None and (rules.deepest or not crossed):
            left_grounds(creator, node, version, i, trace)
        if not crossed:
            continue
        if not rules.deepest:
            start_node(creator, i, version, at, day, book, trace)
    if rules.deepest:
        deepest = deepest_crossed(index, looked, score, rules)
        if deepest != ABSENT:
            start_node(creator, deepest, version, at, day, book, trace)
    if trace is not None:
        crossing_ground(counter, index, rules, trace)


def deepest_crossed(index: int, looked: int, score: int, rules: Rules) -> int:
    """Of the nodes of a counter that lie between two scores the last one; ABSENT where none."""
    deepest = ABSENT
    lowest = FOREVER
    for i in range(rules.node_count):
        node = rules.nodes[i]
        passed = times(score, node)
        if node.counter == index and passed > times(looked, node):
            bound = node.bound - (passed - 1) * node.every
            if bound < lowest:
                lowest = bound
                deepest = i
    return deepest


def left_grounds(creator: Creator, node: NodeRule, version: int, index: int, trace: Trace) -> None:
    """A node that was looked at and does not start: its limit, and the next of its multiples."""
    score = creator.counters[node.counter].score
    met = bad(score, node.sign, node.bound)
    trace.asked("nodes.*.limit", version, index, found=score, met=met)
    begins = node.fine_count > 0
    for i in range(node.stop_count):
        stop = node.stops[i]
        locked = stop.kind == WHILE_TRIGGERED
        begins |= not (locked and still_locked(creator, version, index, stop.feature))
    if begins and bad(score, node.sign, node.bound - 1):
        trace.asked("nodes.*.every", version, index, found=score)


def crossing_ground(counter: Counter, index: int, rules: Rules, trace: Trace) -> None:
    """Whether all that are crossed at once start, or the last one: asked where several are."""
    crossed = 0
    for i in range(rules.node_count):
        node = rules.nodes[i]
        further = times(counter.score, node) - times(counter.looked, node)
        if node.counter == index and further > 0:
            crossed += further if node.fine_count else 1
    if crossed > 1:
        trace.asked("crossing", rules.number, met=True)


def times(score: int, node: NodeRule) -> int:
    """How many multiples of a node a score has passed: none, or one where it does not repeat."""
    depth = node.bound - node.sign * score
    if depth < 0:
        return 0
    return depth // node.every + 1 if node.every > 0 else 1


def start_node(
    creator: Creator, index: int, version: int, at: int, day: int, book: Book, trace: Trace | None
) -> None:
    """One row per feature of the node, each with its own end (C-090), and the node's fines."""
    node = book.versions[version].nodes[index]
    counter = creator.counters[node.counter]
    row = begin_crossing(creator, index, version, counter.looked, counter.score, at, book)
    crossing = creator.crossings[row]
    crossing.lifting_start = counter.score - counter.lifting
    if trace is not None:
        trace.crossed[row] = counter.score, crossing.standing - crossing.above
        if book.versions[version].counter_count > 1:
            trace.asked("nodes.*.counter", version, index, met=True)
        limit_grounds(crossing, counter.score, node, trace)
    for i in range(node.stop_count):
        rule = node.stops[i]
        if rule.kind == WHILE_TRIGGERED and still_locked(creator, version, index, rule.feature):
            continue
        stop = begin_stop(creator, rule, version, node.counter, at, day, book, trace)
        stop.node = index
        stop.crossing = row
        if trace is not None:
            note_start(creator, at, book, trace)
            trace.stop("nodes.*.stops.*.length", version, index, i, row=creator.stops_made - 1)
            trace.asked("nodes.*.stops.*.feature", version, index, i, met=True)
    crossing.stops_to = creator.stops_made
    if trace is not None:
        trace.fines("nodes.*.fines", version, index, count=node.fine_count)
    demand(creator, node.fines, node.fine_count, weight(crossing, book), at, trace)


def begin_crossing(
    creator: Creator, index: int, version: int, looked: int, score: int, at: int, book: Book
) -> int:
    """The row of a node that lies between the score at the look before and one that is lower."""
    node = book.versions[version].nodes[index]
    row = creator.crossings_made
    creator.crossings_made += 1
    crossing = creator.crossings[row]
    crossing.state = RUNNING
    crossing.started_at = at
    crossing.lifted_at = FOREVER
    crossing.version = version
    crossing.node = index
    crossing.fined = index
    crossing.looked = looked
    crossing.reached = score
    crossing.above = times(looked, node)
    crossing.standing = times(score, node)
    crossing.limit = node.limit - node.sign * (crossing.standing - 1) * node.every
    crossing.stops_from = creator.stops_made
    return row


def limit_grounds(crossing: Crossing, score: int, node: NodeRule, trace: Trace) -> None:
    """The limit that a score has crossed, or the multiple of it."""
    version, index = crossing.version, crossing.node
    trace.rests("clauses.node", version)
    further = crossing.limit != node.limit
    if further:
        trace.rests("nodes.*.every", version, index, found=score)
    if crossing.above > 0:
        trace.asked("nodes.*.limit", version, index, found=score, met=True)
    else:
        trace.rests("nodes.*.limit", version, index, found=score)
    deeper = bad(score, node.sign, node.bound - 1)
    if not further and node.fine_count > 0 and deeper:
        trace.asked("nodes.*.every", version, index, found=score)


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


def lift(creator: Creator, by: int, at: int, book: Book, trace: Trace | None) -> None:
    """After a grant or a pass: lift each crossing whose lifting score is good again (I-09)."""
    lifted = False
    for row in range(creator.crossings_open, creator.crossings_made):
        crossing = creator.crossings[row]
        node = book.versions[crossing.version].nodes[crossing.node]
        runs = crossing.stops_to > creator.stops_open
        if crossing.state == RUNNING and (runs or node.fine_count > 0):
            lifting = crossing.lifting_start + creator.counters[node.counter].lifting
            if trace is not None:
                lift_grounds(creator, row, lifting, by, node, trace)
            if node.lifted_by & by and times(lifting, node) < crossing.standing:
                left = max(times(lifting, node), crossing.above)
                index = crossing.node
                if book.versions[crossing.version].deepest:
                    rules = book.versions[crossing.version]
                    index = deepest_crossed(node.counter, crossing.looked, lifting, rules)
                if index != crossing.node:
                    give_way(creator, row, index, lifting, at, book, trace)
                else:
                    lift_crossing(creator, crossing, left, at, book, trace)
                lifted = True
        elif row == creator.crossings_open:
            creator.crossings_open += 1
    if lifted:
        tidy(creator)


def lift_grounds(
    creator: Creator, row: int, lifting: int, by: int, node: NodeRule, trace: Trace
) -> None:
    """What a grant or a pass is measured against: the limit, and whether it may lift the node."""
    crossing = creator.crossings[row]
    version, index = crossing.version, crossing.node
    may, passed = node.lifted_by & by != 0, times(lifting, node)
    good, whole = passed < crossing.standing, passed <= crossing.above
    told = may and good
    for i in range(crossing.stops_from, crossing.stops_to):
        if creator.stops[i].state == RUNNING:
            told = True
            if not (may and whole):
                trace.stays_on(i, creator.stops[i].until, lifting)
    if told:
        trace.rests("clauses.exam_lifts" if by == BY_EXAM else "clauses.appeal_granted", version)
    began, multiples = trace.crossed[row]
    if told and multiples > 1:
        trace.asked("crossing", version, met=True)
    if may and (told or node.sign * (lifting - began) > 0):
        trace.add("nodes.*.limit", version, index, found=lifting, met=not whole, relied=told)
        if node.every > 0:
            trace.asked("nodes.*.every", version, index, found=lifting, met=not whole)
    if good:
        trace.add("nodes.*.lifted_by", version, index, met=may, relied=told)


def lift_crossing(
    creator: Creator, crossing: Crossing, left: int, at: int, book: Book, trace: Trace | None
) -> None:
    """The fines of its multiples that are lifted are due no more; with the last its stops end."""
    node = book.versions[crossing.version].nodes[crossing.fined]
    before = weight(crossing, book)
    crossing.standing = left
    crossing.lifted_at = at
    if left == crossing.above:
        crossing.state = LIFTED
        for row in range(crossing.stops_from, crossing.stops_to):
            if creator.stops[row].state == RUNNING:
                end_stop(creator, row, LIFTED, at, book, trace)
    if weight(crossing, book) < before:
        less = weight(crossing, book) - before
        demand(creator, node.fines, node.fine_count, less, at, trace)


def give_way(
    creator: Creator, row: int, index: int, lifting: int, at: int, book: Book, trace: Trace | None
) -> None:
    """A deeper node is lifted; the last one that the same look has crossed too takes its place.

    `index` is ABSENT where there is none.
    """
    gone = creator.crossings[row]
    if trace is None:
        if index != ABSENT:
            fall_back(creator, row, index, lifting, at, book, None)
        lift_crossing(creator, gone, gone.above, at, book, None)
        return
    told = trace.effects
    trace.effects = []
    if index != ABSENT:
        fall_back(creator, row, index, lifting, at, book, trace)
    begun = trace.effects
    trace.effects = told
    lift_crossing(creator, gone, gone.above, at, book, trace)
    trace.effects += begun


def fall_back(
    creator: Creator, row: int, index: int, lifting: int, at: int, book: Book, trace: Trace | None
) -> None:
    """A shallower node as if it had started in the place of the deeper one.

    What that stopped stays so for the shallower one's length, if it is shorter; nothing else
    begins, and no fine is higher.
    """
    gone = creator.crossings[row]
    version = gone.version
    rules = book.versions[version]
    node = rules.nodes[index]
    made = begin_crossing(creator, index, version, gone.looked, lifting, gone.started_at, book)
    crossing = creator.crossings[made]
    crossing.lifting_start, crossing.reached = gone.lifting_start, gone.reached
    if dearer(creator, node, rules.nodes[gone.fined]):
        crossing.fined = gone.fined
    if trace is not None:
        trace.crossed[made] = lifting, crossing.standing - crossing.above
        trace.asked("crossing", version, met=True)
        limit_grounds(crossing, lifting, node, trace)
    for i in range(node.stop_count):
        for before in range(gone.stops_from, gone.stops_to):
            stop = creator.stops[before]
            if stop.state == RUNNING and stop.feature == node.stops[i].feature:
                left_behind(creator, before, made, i, at, book, trace)
    crossing.stops_to = creator.stops_made
    if trace is not None:
        fined = crossing.fined
        trace.fines("nodes.*.fines", version, fined, count=rules.nodes[fined].fine_count)
        if fined != index:
            trace.fines("nodes.*.fines", version, index, count=node.fine_count, relied=False)
    demanded = rules.nodes[crossing.fined]
    demand(creator, demanded.fines, demanded.fine_count, 1, at, trace)


def dearer(creator: Creator, node: NodeRule, owed: NodeRule) -> bool:
    """Whether the fines of a node are higher, on some account, than those of another."""
    for account in range(creator.account_slots):
        less = amount(owed.fines, owed.fine_count, account)
        if amount(node.fines, node.fine_count, account) > less:
            return True
    return False


def left_behind(
    creator: Creator, before: int, crossing: int, i: int, at: int, book: Book, trace: Trace | None
) -> None:
    """A stop of the shallower node in the place of one that still runs; none if it is over."""
    node = creator.crossings[crossing].node
    version = creator.crossings[crossing].version
    rule = book.versions[version].nodes[node].stops[i]
    if rule.kind == WHILE_TRIGGERED and still_locked(creator, version, node, rule.feature):
        return
    row = stand_in(creator, before, crossing, rule, at, book)
    if row == ABSENT:
        return
    if trace is not None:
        note_start(creator, at, book, trace)
        trace.stop("nodes.*.stops.*.length", version, node, i, row=row)
        trace.asked("nodes.*.stops.*.feature", version, node, i, met=True)
        stop, old = creator.stops[row], creator.stops[before]
        if (stop.until, stop.occasions) == (old.until, old.occasions):
            trace.lengths[row] = trace.lengths[before]  # it lasts as long as that one was to
        stop, old = creator.stops[row], creator.stops[before]
        if (stop.until, stop.occasions) == (old.until, old.occasions):
            trace.lengths[row] = trace.lengths[before]  # it lasts as long as that one was to
