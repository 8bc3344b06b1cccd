"""Which groups of readers the trimming of a feed has overtaken.

The id of an entry ends in the number of the change, without a gap; so the last number that a group
was given and the first one that is left say how many it can't get any more.
"""

from collections.abc import Callable
from typing import Any


def overtaken(do: Callable[..., Any], feed: str) -> list[str]:
    """A sentence for each group that lacks changes."""
    if not do("EXISTS", feed):
        return []
    if oldest := do("XRANGE", feed, "-", "+", "COUNT", 1):
        first = parts(oldest[0][0])
    else:
        at, number = parts(do("XINFO STREAM", feed)["last-generated-id"])
        first = at, number + 1
    sentences = []
    for group in do("XINFO GROUPS", feed):
        name, reached = group["name"].decode(), parts(group["last-delivered-id"])
        gone = first[1] - reached[1] - 1
        if reached[1] and reached < first and gone > 0:
            sentences.append(_sentence(name, f"{gone:,}", "has not read"))
        left = do("XPENDING", feed, name)
        if left["pending"] and parts(left["min"]) < first:
            sentences.append(_sentence(name, "some", "had read and not acknowledged"))
    return sentences


def _sentence(group: str, number: str, how: str) -> str:
    return (
        f"the feed was trimmed past the group {group}: {number} changes are gone that it {how}; "
        "it must read the rows anew"
    )


def parts(entry: bytes) -> tuple[int, int]:
    """Instant and number: the two halves of an entry's id."""
    at, _, number = entry.decode().partition("-")
    return int(at), int(number)
