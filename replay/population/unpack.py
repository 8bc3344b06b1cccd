"""Facts of the archive to rows of the fold: `standing.history`, creator after creator.

Plain Python as the law is, over columns: CPython runs it on lists, and it is compiled as that.
"""

from __future__ import annotations  # the row classes read their own, as strings

from projections.fold.calendar import local_day
from projections.fold.given import Fact, MeasureRow, Sizes
from projections.fold.row import Row
from projections.fold.rules import Book
from projections.fold.state import (
    ABSENT,
    CLOSES_BATCH,
    EARLY,
    FOREVER,
    LAW_BREACH,
)

# What is to be done with a kind of fact.
(
    NOTHING,
    VIOLATION,
    PROFILE,
    POINTS,
    RECOVERY,
    MARK,
    IMPOSED,
    LIFTED,
    MONEY,
    COURSE,
    FEATURE,
    RETRACTION,
) = range(12)

# Of what a creator has slots: the places in `used`.
VIOLATIONS, BATCHES, ITEMS, NAMES, PERIODS, ACCOUNTS = range(6)


class Unpacking(metaclass=Row):
    """Columns of whole creators, what a rulebook makes of their words, and where rows go."""

    creators: int
    as_of: int
    sorted: int
    """`order` says how facts are ruled; else they lie so, but for those withdrawn."""
    first_at: int
    own_accounts: int
    book: list[Book]
    """One."""
    first: list[int]
    """By creator: its facts, or places in `order`, from the first to before the last."""
    last: list[int]
    order: list[int]
    retracted_rows: list[int]
    """Rows of facts that withdraw others, ascending, then one beyond all; `retracted`: versions."""
    retracted: list[int]
    ats: list[int]
    kinds: list[int]
    versions: list[int]
    numbers: list[int]
    categories: list[int]
    places: list[int]
    """Where of what its act gives a fact has its own: ABSENT where it gives nothing."""
    kind_of: list[int]
    """By code of `kinds`; by kind: what to do, whether it names a violation, its class."""
    acts: list[int]
    names_violation: list[int]
    classes: list[int]
    category_of: list[int]
    """By code of a category; `severity_of`: of a severity, from ABSENT on. 0 is not known."""
    severity_of: list[int]
    severities: int
    """How many there are, with 0; as `words` has categories."""
    words: int
    grades: list[int]
    """By version, category and severity: the rulebook's code, and where its measures are."""
    grade_starts: list[int]
    grade_ends: list[int]
    grade_names: list[int]
    # What facts give, by act.
    severity: list[int]
    taken: list[int]
    side: list[int]
    breach: list[int]
    batch: list[int]
    item: list[int]
    since: list[int]
    list_starts: list[int]
    listed: list[int]
    level: list[int]
    reputation: list[int]
    returned: list[int]
    recovered: list[int]
    period: list[int]
    period_ends: list[int]
    mark: list[int]
    imposed: list[int]
    until: list[int]
    lifted: list[int]
    account: list[int]
    """Of account and currency together; `account_of`: the rulebook's, ABSENT where it has none."""
    account_of: list[int]
    amount: list[int]
    course: list[int]
    feature: list[int]
    outcome: list[int]
    # Room for one creator: `owner` of a code is one more than whose it was last.
    used: list[int]
    gone: list[int]
    violation_owner: list[int]
    violation_slot: list[int]
    batch_owner: list[int]
    batch_slot: list[int]
    batch_row: list[int]
    item_owner: list[int]
    item_slot: list[int]
    name_owner: list[int]
    name_slot: list[int]
    name_row: list[int]
    in_force_owner: list[int]
    in_force_slot: list[int]
    period_owner: list[int]
    period_slot: list[int]
    account_owner: list[int]
    account_slot: list[int]
    # What comes out, as `replay.population.columns.Columns`.
    facts: list[Fact]
    starts: list[int]
    sizes: list[Sizes]
    measures: list[MeasureRow]
    first_measures: list[int]


def unpack(task: Unpacking) -> int:
    """Fill the rows of all creators; returns how many measure rows there are."""
    n = 0
    rows = 0
    withdrawal = 0
    for k in range(task.creators):
        task.starts[k] = n
        task.first_measures[k] = rows
        while task.retracted_rows[withdrawal] < task.last[k]:
            task.gone[task.retracted[withdrawal]] = k + 1
            withdrawal += 1
        n, rows = creator(task, k, n, rows)
    task.starts[task.creators] = n
    task.first_measures[task.creators] = rows
    return rows


def creator(task: Unpacking, k: int, n: int, rows: int) -> tuple[int, int]:
    """All facts of one creator, from row `n` on; returns the rows that are free then."""
    book = task.book[0]
    for which in range(ACCOUNTS):
        task.used[which] = 0
    task.used[ACCOUNTS] = task.own_accounts
    first_row = rows
    version = 0
    before_at = -FOREVER
    before_rank = 0
    for place in range(task.first[k], task.last[k]):
        i = task.order[place] if task.sorted else place
        at = task.ats[i]
        if at > task.as_of or task.gone[task.versions[i]] == k + 1:
            continue
        while version + 1 < book.version_count and at >= book.versions[version + 1].in_force_at:
            version += 1
        kind = task.kind_of[task.kinds[i]]
        rank = task.classes[kind]
        if at == before_at and rank < before_rank:
            rank = before_rank  # a fact that follows the violation it names
        before_at = at
        before_rank = rank
        fact = task.facts[n]
        blank(fact)
        fact.kind = kind
        fact.at = at
        fact.rank = rank
        fact.version = version
        fact.day = local_day(at, book)
        if task.names_violation[kind]:
            fact.violation = slot_of(
                task, task.violation_owner, task.violation_slot, task.numbers[i], k, VIOLATIONS
            )
        act = task.acts[kind]
        if act == VIOLATION:
            rows = violation(task, fact, i, k, n, rows, first_row)
        elif act != NOTHING and task.places[i] != ABSENT:
            rows = other(task, fact, act, task.places[i], k, rows, first_row)
        n += 1
    size = task.sizes[k]
    size.violations = task.used[VIOLATIONS]
    size.measures = rows - first_row
    size.accounts = task.used[ACCOUNTS]
    size.periods = task.used[PERIODS]
    return n, rows


def blank(fact: Fact) -> None:
    """A fact that gives nothing."""
    fact.traits = 0
    fact.violation = ABSENT
    fact.points = ABSENT
    fact.category = ABSENT
    fact.about = ABSENT
    fact.batch = ABSENT
    fact.since = ABSENT
    fact.slot = 0
    fact.amount = 0
    fact.measures_from = 0
    fact.measures_to = 0
    fact.mark = ABSENT
    fact.level = ABSENT
    fact.reputation = ABSENT
    fact.until = FOREVER


def slot_of(
    task: Unpacking, owner: list[int], slots: list[int], code: int, k: int, which: int
) -> int:
    """The creator's slot of a code, the next one where it is new."""
    if owner[code] != k + 1:
        owner[code] = k + 1
        slots[code] = task.used[which]
        task.used[which] += 1
    return slots[code]


def violation(
    task: Unpacking, fact: Fact, i: int, k: int, n: int, rows: int, first_row: int
) -> int:
    """What a violation gives, and what its category says."""
    place = task.places[i]
    traits = CLOSES_BATCH
    severity = 0
    named_from = 0
    named_to = 0
    if place != ABSENT:
        severity = task.severity_of[task.severity[place] + 1]
        named_from = task.list_starts[place]
        named_to = task.list_starts[place + 1]
        traits = traits | task.side[place]
        if task.breach[place]:
            traits = traits | LAW_BREACH
        fact.since = task.since[place]
        fact.points = task.taken[place]
        if task.item[place] != ABSENT:
            fact.about = slot_of(task, task.item_owner, task.item_slot, task.item[place], k, ITEMS)
        if task.batch[place] != ABSENT:
            fact.batch = last_of_batch(task, task.batch[place], fact.at, k, n)
    if fact.at < task.first_at:
        traits = traits | EARLY
    fact.traits = traits
    category = task.category_of[task.categories[i]]
    grade = (fact.version * task.words + category) * task.severities + severity
    fact.category = task.grades[grade]
    if named_to > named_from or task.grade_ends[grade] > task.grade_starts[grade]:
        fact.measures_from = rows - first_row
        for j in range(named_from, named_to):
            rows = named(task, task.listed[j], fact.violation, k, n, rows)
        for j in range(task.grade_starts[grade], task.grade_ends[grade]):
            rows = named(task, task.grade_names[j], fact.violation, k, n, rows)
        fact.measures_to = rows - first_row
    return rows


def last_of_batch(task: Unpacking, code: int, at: int, k: int, n: int) -> int:
    """The slot of a batch, of which a violation at row `n` is the last so far at its instant."""
    if task.batch_owner[code] == k + 1:
        before = task.facts[task.batch_row[code]]
        if before.at == at:
            before.traits = before.traits - (before.traits & CLOSES_BATCH)
    task.batch_row[code] = n
    return slot_of(task, task.batch_owner, task.batch_slot, code, k, BATCHES)


def named(task: Unpacking, name: int, of: int, k: int, n: int, rows: int) -> int:
    """A measure that the violation at row `n` names, once."""
    if task.name_row[name] == n:
        return rows
    task.name_row[name] = n
    row = task.measures[rows]
    row.name = slot_of(task, task.name_owner, task.name_slot, name, k, NAMES)
    row.violation = of
    row.before = ABSENT
    return rows + 1


def other(
    task: Unpacking, fact: Fact, act: int, place: int, k: int, rows: int, first_row: int
) -> int:
    """What another fact gives."""
    if act == PROFILE:
        fact.level = task.level[place]
        fact.reputation = task.reputation[place]
    elif act == POINTS:
        fact.points = task.returned[place]
    elif act == RECOVERY:
        code = task.period[place]
        fact.points = task.recovered[place]
        fact.slot = slot_of(task, task.period_owner, task.period_slot, code, k, PERIODS)
        fact.amount = task.period_ends[code]
    elif act == MARK:
        fact.mark = task.mark[place]
    elif act == IMPOSED:
        code = task.imposed[place]
        fact.slot = rows - first_row
        fact.until = task.until[place]
        row = task.measures[rows]
        row.name = slot_of(task, task.name_owner, task.name_slot, code, k, NAMES)
        row.violation = ABSENT
        row.before = task.in_force_slot[code] if task.in_force_owner[code] == k + 1 else ABSENT
        task.in_force_owner[code] = k + 1
        task.in_force_slot[code] = rows - first_row
        rows += 1
    elif act == LIFTED:
        code = task.lifted[place]
        fact.slot = task.in_force_slot[code] if task.in_force_owner[code] == k + 1 else ABSENT
        task.in_force_owner[code] = 0
    elif act == MONEY:
        code = task.account[place]
        fact.amount = task.amount[place]
        fact.slot = task.account_of[code]
        if fact.slot == ABSENT:
            fact.slot = slot_of(task, task.account_owner, task.account_slot, code, k, ACCOUNTS)
    elif act == COURSE:
        fact.slot = task.course[place]
    elif act == FEATURE:
        fact.slot = task.feature[place]
    elif act == RETRACTION:
        fact.slot = task.outcome[place]
    return rows
