"""Spans of time, half-open [start, end), in UTC microseconds."""

from collections.abc import Iterable

Span = tuple[int, int]


def merged(spans: Iterable[Span]) -> list[Span]:
    """In order, and those that overlap or touch as one, so that no time counts twice."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = result[-1][0], max(result[-1][1], end)
        elif start < end:
            result.append((start, end))
    return result


def without(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """What of the spans lies in none of the others; merged."""
    result, taken = [], merged(others)
    for start, end in merged(spans):
        at = start
        for a, b in taken:
            if b <= at:
                continue
            if a >= end:
                break
            if at < a:
                result.append((at, a))
            at = b
        if at < end:
            result.append((at, end))
    return result


def within(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """What of the spans lies in some of the others; merged."""
    whole = merged(spans)
    return without(whole, without(whole, others))


def total(spans: Iterable[Span]) -> int:
    """How long they are together."""
    return sum(end - start for start, end in merged(spans))
