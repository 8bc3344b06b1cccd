"""What becomes of many things on few pixels: nothing is drawn that could not be told apart."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby, pairwise
from typing import TypeVar

from replay.picture.elements import number

Span = tuple[float, float]
Point = tuple[float, float]
T = TypeVar("T")


def outline(points: Sequence[Point], end: float) -> str:
    """A line in steps through (x, y of the level from there on), up to x = `end`.

    Where a pixel has more than two changes: the lowest, the highest and the last of them.
    """
    if not points:
        return ""
    (x, y), *rest = points
    drawn = [f"M{number(x)},{number(y)}"]
    for _, column in groupby(rest, key=lambda point: int(point[0])):
        changes = list(column)
        if len(changes) > 2:
            levels = [level for _, level in changes]
            extent = f"V{number(min(levels))}V{number(max(levels))}V{number(levels[-1])}"
            drawn.append(f"H{number(changes[0][0])}{extent}")
        else:
            drawn += [f"H{number(at)}V{number(level)}" for at, level in changes]
    return "".join(drawn) + f"H{number(end)}"


def joined(spans: Iterable[Span]) -> list[Span]:
    """Spans in pixels; those that touch, or lie within a pixel of each other, as one."""
    found: list[Span] = []
    for left, right in sorted(spans):
        if found and left <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(right, found[-1][1])
        else:
            found.append((left, right))
    return found


def clusters(items: Sequence[T], place: Callable[[T], float], apart: float) -> list[list[T]]:
    """Items in the order of their places; one nearer than `apart` to a group's first joins it."""
    found: list[list[T]] = []
    for item in items:
        if found and place(item) - place(found[-1][0]) < apart:
            found[-1].append(item)
        else:
            found.append([item])
    return found


def counts(moments: Sequence[int], ends: Sequence[int]) -> list[tuple[int, int]]:
    """How many run, from each instant on at which that changes."""
    changes = sorted([(at, 1) for at in moments] + [(at, -1) for at in ends])
    found: list[tuple[int, int]] = []
    running = 0
    for at, group in groupby(changes, key=lambda change: change[0]):
        running += sum(change for _, change in group)
        found.append((at, running))
    return found


def levels(steps: Sequence[tuple[int, int]], end: int) -> list[tuple[int, int, int]]:
    """(from, until, score) of each level that a history stays on, up to an instant."""
    kept = [step for i, step in enumerate(steps) if not i or steps[i - 1][1] != step[1]]
    kept = [step for step in kept if step[0] <= end]
    nexts = [at for at, _ in kept[1:]] + [end]
    return [(at, until, score) for (at, score), until in zip(kept, nexts, strict=True)]


def risers(steps: Sequence[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """(instant, before, after) of each change."""
    return [(at, was, now) for (_, was), (at, now) in pairwise(steps) if was != now]
