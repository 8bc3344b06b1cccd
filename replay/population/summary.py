"""What a creator comes to, as a row of integers: functions as those of the law.

The row has, one after the other: the local day of enrolment (ABSENT before it) and the level; the
score of each counter; of any feature, and of each, how long it was stopped, and since and until
when it is; for each node of each version how often it was crossed; for each account what is owed;
for each version and each of its categories how many violations stand, and what they still take off
the score.
`replay.population.layout` says where.
"""

from projections.fold.rules import Book
from projections.fold.score import outstanding
from projections.fold.state import ABSENT, FOREVER, STANDING, Creator, Stop

HEAD = 2
"""Enrolment and level."""
PER_FEATURE = 3
"""Microseconds stopped; since when, and until when, it is: ABSENT where it is not."""
PER_GRADE = 2
"""Violations that stand; hundredths of points."""


def width(law: Book) -> int:
    """How many integers a row has."""
    return counted_from(law) + PER_GRADE * law.version_count * law.grade_count


def stopped_from(law: Book) -> int:
    """Where what is said of features begins."""
    return HEAD + law.versions[0].counter_count


def crossed_from(law: Book) -> int:
    """Where what is said of nodes begins."""
    return stopped_from(law) + PER_FEATURE * (1 + law.feature_count)


def owed_from(law: Book) -> int:
    """Where what is said of accounts begins."""
    return crossed_from(law) + law.node_count


def counted_from(law: Book) -> int:
    """Where what is said of violations begins."""
    return owed_from(law) + law.account_count


def summarise(creator: Creator, law: Book, as_of: int, out: list[int], first: int) -> None:
    """Fill `out[first:first + width]` with what a creator has come to as of an instant."""
    for i in range(first, first + width(law)):
        out[i] = 0
    out[first] = creator.enrolled_on if creator.enrolled else ABSENT
    out[first + 1] = creator.level
    for i in range(law.versions[0].counter_count):
        out[first + HEAD + i] = creator.counters[i].score
    stopped(creator, law, as_of, out, first + stopped_from(law))
    crossed = first + crossed_from(law)
    for i in range(creator.crossings_made):
        crossing = creator.crossings[i]
        out[crossed + law.versions[crossing.version].first_node + crossing.node] += 1
    owed = first + owed_from(law)
    for i in range(law.account_count):
        account = creator.accounts[i]
        out[owed + i] = account.demanded - account.posted
    counted(creator, law, out, first + counted_from(law))


def counted(creator: Creator, law: Book, out: list[int], first: int) -> None:
    """The violations that stand, by the version that judges them and by category."""
    for i in range(creator.violation_slots):
        violation = creator.violations[i]
        if violation.state == STANDING and violation.category != ABSENT:
            grade = violation.version * law.grade_count + violation.category
            out[first + PER_GRADE * grade] += 1
            out[first + PER_GRADE * grade + 1] += outstanding(violation)


def stopped(creator: Creator, law: Book, as_of: int, out: list[int], first: int) -> None:
    """How long any feature, and each, was stopped by any of its stops, up to the instant."""
    for feature in range(ABSENT, law.feature_count):
        place = first + PER_FEATURE * (1 + feature)
        out[place + 1] = out[place + 2] = ABSENT
    for row in range(creator.stops_made):
        stop = creator.stops[row]
        one_more(stop, as_of, out, first)
        one_more(stop, as_of, out, first + PER_FEATURE * (1 + stop.feature))
    for feature in range(ABSENT, law.feature_count):
        place = first + PER_FEATURE * (1 + feature)
        if out[place + 1] == FOREVER:
            in_order(creator, feature, as_of, out, place)
        if out[place + 2] <= as_of:
            out[place + 1] = out[place + 2] = ABSENT


def one_more(stop: Stop, as_of: int, out: list[int], place: int) -> None:
    """A stop after those before it; FOREVER for a beginning says that it began before one of them.

    So it is where stops wait for others, which may move.
    """
    if stop.started_at < out[place + 1]:
        out[place + 1] = FOREVER
    elif stop.started_at <= as_of and stop.started_at < stop.until:
        further(stop.started_at, stop.until, as_of, out, place)


def further(start: int, until: int, as_of: int, out: list[int], place: int) -> None:
    """One stop more, which begins no earlier than the unbroken time that was reached last."""
    reached = out[place + 2]
    if start > reached:
        out[place] += min(until, as_of) - start
        out[place + 1] = start
        out[place + 2] = until
    elif until > reached:
        out[place] += min(until, as_of) - min(reached, as_of)
        out[place + 2] = until


def in_order(creator: Creator, feature: int, as_of: int, out: list[int], place: int) -> None:
    """The stops of a feature (ABSENT: of any) by their beginnings, however they were decided."""
    out[place] = 0
    out[place + 1] = out[place + 2] = ABSENT
    start = ABSENT
    while start < FOREVER:
        start, until = FOREVER, FOREVER
        for row in range(creator.stops_made):
            stop = creator.stops[row]
            meant = feature == ABSENT or stop.feature == feature  # noqa: PLR1714  as the law
            ends_later = out[place + 2] < stop.until and stop.started_at < stop.until
            if meant and stop.started_at < start and ends_later:
                start, until = stop.started_at, stop.until
        if start > as_of:
            start = FOREVER
        else:
            further(start, until, as_of, out, place)
