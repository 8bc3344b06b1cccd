"""Do the ways in which something ends make sense: recovery, courses, exams, appeals, lapses?"""

from collections.abc import Iterator
from itertools import pairwise

from ledger.rulebook.checks.pieces import above_zero, counter_of, whole, words
from ledger.rulebook.findings import Finding, near
from ledger.rulebook.model import CleanRun, Recovery, Rulebook

DAYS = (  # figures of whole days or answers, which make no sense below 1
    ("appeal", "window_days"),
    ("appeal", "attempts"),
    ("exam", "window_days"),
    ("exam", "answers"),
    ("exam", "quota_days"),
    ("accrual_exam", "per_days"),
)


def recovery(r: Rulebook) -> Iterator[Finding]:
    """Runs where days are counted; by itself only what the calendar knows of."""
    given = r.recovery
    if given is None:
        return
    yield from above_zero("recovery.points", given.points)
    if given.cadence == "monthly" and given.runs:
        yield Finding("recovery.runs", 'belongs to cadence = "clean_days"')
    if given.cadence != "monthly" and not given.runs:
        days = given.cadence.replace("_", " ")
        yield Finding("recovery.runs", f"missing; {days} need at least one run")
    if given.cadence == "qualified_days" and given.automatic:
        said = "qualified days are recorded, and give points with the day that fills the run"
        yield Finding("recovery.automatic", said)
    counter = counter_of(r, given.counter)
    if given.not_at_floor and counter and counter.direction == "tally" and counter.cap is None:
        yield Finding("recovery.not_at_floor", "this tally has no cap at which it would end")
    yield from _runs(given)


def _runs(given: Recovery) -> Iterator[Finding]:
    for i, run in enumerate(given.runs):
        path = f"recovery.runs.{i}"
        yield from whole(f"{path}.days", run.days)
        yield from whole(f"{path}.then", run.then)
        if run.then is not None and given.cadence == "qualified_days":
            said = 'belongs to cadence = "clean_days"; qualified days make no unbroken run'
            yield Finding(f"{path}.then", said)
    for i, (run, following) in enumerate(pairwise(given.runs), 1):
        if not _after(run, following):
            said = "never reached; runs stand in rising order of `below`, one without it last"
            yield Finding(f"recovery.runs.{i}", said)


def _after(run: CleanRun, following: CleanRun) -> bool:
    if run.below is None:
        return False
    return following.below is None or following.below > run.below


def courses(r: Rulebook) -> Iterator[Finding]:
    """Each gives something, and no more than all of them may."""
    given = r.courses
    if given is None:
        return
    if not given.points:
        yield Finding("courses.points", "none given; name at least one course")
    yield from words("courses.points", given.points)
    for name, points in given.points.items():
        yield from above_zero(f"courses.points.{name}", points)
        if given.at_most is not None and points > given.at_most:
            said = f"found {points}, more than the {given.at_most} that all may give"
            yield Finding(f"courses.points.{name}", said)


def lapses(r: Rulebook) -> Iterator[Finding]:
    """Features that exist."""
    for feature in r.lapses:
        if feature not in r.features:
            said = f'unknown feature "{feature}" (see [features])'
            yield Finding(f"lapses.{feature}", said + near(feature, r.features))


def windows(r: Rulebook) -> Iterator[Finding]:
    """Days and answers from 1 on, marks up to 100; what waits for an appeal has an end."""
    for table, field in DAYS:
        yield from whole(f"{table}.{field}", getattr(getattr(r, table), field, None))
    for table in ("exam", "accrual_exam"):
        mark = getattr(getattr(r, table), "pass_mark", 0)
        if mark > 100:
            yield Finding(f"{table}.pass_mark", f"found {mark}; marks go from 0 to 100")
    if r.appeal.effect == "after_appeal" and r.appeal.window_days is None:
        said = "window_days is missing; without an end of the window nothing would take effect"
        yield Finding("appeal", said)
    if r.appeal.effect == "after_appeal" and r.exam is not None:
        said = "there is an [exam], and one passed before the effect would have nothing to restore"
        yield Finding("appeal.effect", said)
