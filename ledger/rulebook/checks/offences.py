"""Do categories, their severities and the ladders they climb make sense?"""

from collections.abc import Iterator
from itertools import pairwise

from ledger.rulebook.checks.pieces import fines, known, measures, stops, whole, words
from ledger.rulebook.findings import Finding
from ledger.rulebook.model import Category, Ladder, Rulebook, Severity

Place = tuple[str, str]
"""A category, and a severity of it or nothing."""


def categories(r: Rulebook) -> Iterator[Finding]:
    """Points and what an exam restores of them, at each severity; measures, fines and stops."""
    for name, category in r.categories.items():
        path = f"categories.{name}"
        yield from _own(r, path, category)
        yield from words(f"{path}.severities", category.severities)
        for word, severity in category.severities.items():
            yield from _own(r, f"{path}.severities.{word}", severity)
        for word, graded in category.grades():
            yield from _restorable(r, path, category, word, graded)


def _own(r: Rulebook, path: str, item: Category | Severity) -> Iterator[Finding]:
    """What one of them gives itself."""
    yield from measures(f"{path}.measures", item.measures)
    yield from fines(f"{path}.fines", item.fines or ())
    whose = "severity" if isinstance(item, Severity) else "category"
    yield from stops(r, f"{path}.stops", item.stops or (), whose=whose)


def _restorable(
    r: Rulebook, path: str, category: Category, severity: str, graded: Category
) -> Iterator[Finding]:
    """Told of the figure that the severity gives itself; where it gives none nothing is new."""
    points, restorable = graded.points, graded.restorable
    places = [category.place(severity, field) for field in ("restorable", "points")]
    own = [place for place in places if not severity or "." in place]
    if restorable is None or not own:
        return
    if points is not None and restorable > points:
        told = f"found {restorable}; an exam restores at most the {points} points taken"
        yield Finding(f"{path}.{own[0]}", told)
    if r.exam is None and own[0] == places[0]:
        yield Finding(f"{path}.{own[0]}", "there is no [exam] that could restore it")


def ladders(r: Rulebook) -> Iterator[Finding]:
    """Categories and severities that exist, steps in rising order, one ladder for each offence."""
    taken: dict[Place, str] = {}
    for name, ladder in r.ladders.items():
        path = f"ladders.{name}"
        yield from known(f"{path}.categories", ladder.categories, r.categories, "category")
        graded = {s for c in _named(r, ladder) for s in r.categories[c].severities}
        yield from known(f"{path}.severities", ladder.severities, sorted(graded), "severity")
        if ladder.counts == "stops" and ladder.per == "category":
            yield Finding(f"{path}.per", 'stops are counted together; leave it out or "overall"')
        if ladder.counts == "stops" and ladder.after_void == "re_judged":
            said = "stops that are lifted, or of a void violation, do not count from then on"
            yield Finding(f"{path}.after_void", f"{said}; what was decided before stays")
        yield from _steps(r, path, ladder)
        for place in _members(r, ladder):
            other = taken.setdefault(place, name)
            if other != name:
                said = f"{' '.join(filter(None, place))} climbs ladders.{other} already"
                yield Finding(path, f"{said}; an offence climbs one ladder")
                break


def _steps(r: Rulebook, path: str, ladder: Ladder) -> Iterator[Finding]:
    if not ladder.steps:
        yield Finding(f"{path}.steps", "none given; a ladder has at least one step")
    for i, step in enumerate(ladder.steps):
        at = f"{path}.steps.{i}"
        yield from whole(f"{at}.nth", step.nth)
        yield from fines(f"{at}.fines", step.fines or ())
        yield from stops(r, f"{at}.stops", step.stops or (), whose="step")
        if step.points is not None:
            for name in _named(r, ladder):
                if all(graded.points is None for _, graded in r.categories[name].grades()):
                    said = f"categories.{name} has no points: each fact brings its own"
                    yield Finding(f"{at}.points", said)
                    break
    for i, (before, after) in enumerate(pairwise(ladder.steps), 1):
        at = f"{path}.steps.{i}"
        if after.nth <= before.nth:
            said = f"found {after.nth} after {before.nth}; steps stand in rising order"
            yield Finding(f"{at}.nth", said)
        if ladder.after_void != "re_judged" or before.points is None or after.points is None:
            continue
        if after.points < before.points:
            said = f"found {after.points} after {before.points}"
            told = "re_judged gives points back, so that they can't fall from step to step"
            yield Finding(f"{at}.points", f"{said}; {told}")


def _named(r: Rulebook, ladder: Ladder) -> list[str]:
    return [c for c in ladder.categories or r.categories if c in r.categories]


def _members(r: Rulebook, ladder: Ladder) -> Iterator[Place]:
    for name in _named(r, ladder):
        for severity, _ in r.categories[name].grades():
            if not ladder.severities or severity in ladder.severities:
                yield name, severity
