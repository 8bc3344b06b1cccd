"""Everybody in a log, group after group, as rows for the fold."""

import heapq
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from itertools import groupby, islice
from operator import attrgetter
from typing import NamedTuple

from msgspec import Struct

from ledger.facts.envelope import Envelope, Known, known, replay_order
from ledger.facts.types import CreatorEnrolled
from projections.standing.adoptions import about_creator
from projections.standing.history import build
from projections.standing.question import Question
from projections.standing.replay import rulebook_name
from projections.standing.tables import Tables
from replay.population.columns import Columns

GROUP = 2_048
"""Creators that are read at a time."""


class LogGroup(Struct):
    """Some creators of one rulebook, with what was known of them."""

    creators: list[str]
    facts: list[Known]
    ruled: list[list[Envelope]]
    """In replay order, up to the instant of the question, without what is withdrawn."""

    def columns(self, tables: Tables) -> Columns:
        """As a rulebook reads them."""
        made = zip(self.ruled, self.facts, strict=True)
        return Columns([build(ruled, tables, k.by_id) for ruled, k in made], tables)


class Times(NamedTuple):
    """Which facts count; instants in UTC microseconds."""

    as_of: int
    known_at: int
    until: int
    """The last position of the log."""


def groups(
    question: Question, name: str, times: Times, creators: Iterator[str], left_out: Counter[str]
) -> Iterator[tuple[int, LogGroup]]:
    """How many creators were read, and those of them who are enrolled under a rulebook.

    The others are counted by the rulebook that they are under.
    """
    while page := list(islice(creators, GROUP)):
        group = LogGroup([], [], [])
        facts = question.log.streams(page, times.until)
        for creator, stream in groupby(facts, attrgetter("subject")):
            found = known(stream, times.known_at)
            if not about_creator(found.facts):
                continue
            enrolled = rulebook_name(_enrolments(found))
            if enrolled != name:
                left_out[enrolled] += 1
                continue
            group.creators.append(creator)
            group.facts.append(found)
            group.ruled.append(_ruled(found, times.as_of))
        yield len(page), group


def _ruled(found: Known, as_of: int) -> list[Envelope]:
    listed = replay_order(found.facts, found.retracted, as_of)
    return [e for e in listed if e.position not in found.retracted] if found.retracted else listed


def _enrolments(found: Known) -> list[Envelope]:
    """Those that are not withdrawn, the first one first."""
    facts = (e for e in found.facts if type(e.fact) is CreatorEnrolled)
    kept = [e for e in facts if e.position not in found.retracted]
    return sorted(kept, key=attrgetter("effective_at", "position"))


def drawn(creators: Iterator[str], number: int, seed: int) -> list[str]:
    """So many of them at random, in their order: the same ones for the same seed."""
    return sorted(heapq.nsmallest(number, creators, key=lambda name: chance(name, seed)))


def chance(creator: str, seed: int) -> float:
    """A number from 0 to 1 that hangs on the name and the seed alone."""
    text = creator.encode("utf-8", "backslashreplace")
    digest = blake2b(text, digest_size=8, key=str(seed).encode()).digest()
    return int.from_bytes(digest, "big") / 2**64
