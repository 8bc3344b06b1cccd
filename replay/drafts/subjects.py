"""Of whom a shadow run must tell, with their facts; it adds up the others.

Of many the engine says quickly who comes to the same under both sides; what it says hangs on no
order, so that lines come in the order of ids all the same.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, islice
from operator import attrgetter
from typing import TYPE_CHECKING

from ledger.errors import InputError, UnreadableError
from ledger.facts.envelope import Envelope
from ledger.text import safe
from projections.standing.question import Question
from replay.drafts.shadow import Found, Shadow
from replay.population.needs import check_packages, installed

if TYPE_CHECKING:
    from replay.drafts.sieve import Sieve

FACTS = 50_000
"""From so many on the engine pays for itself, even where it must be compiled first."""
PAGE = 2_048
"""Creators that are read at a time."""

Subject = tuple[str, list[Envelope]]
Advance = Callable[[int], object]
"""Told how many creators more were looked at."""


def everybody(shadow: Shadow, archive: str, advance: Advance) -> Iterator[Subject]:
    """All creators but those who were added up."""
    question = shadow.question
    sieve = sieve_of(shadow, archive)
    if sieve is None:
        yield from some(question, question.creators(), advance)
    elif archive:
        names = []
        threads = len(os.sched_getaffinity(0))
        for found in sieve.of_archive(archive, question.log.end(), threads):
            names += add(shadow, found, sieve, advance)
        yield from some(question, sorted(names), advance)
    else:
        yield from _out_of_log(shadow, sieve, advance)


def some(question: Question, names: Iterable[str], advance: Advance) -> Iterator[Subject]:
    """Those who are named."""
    for name in names:
        if not (facts := question.log.stream(name)):
            raise InputError(f'no fact is recorded of a creator "{safe(name)}"')
        yield name, facts
        advance(1)


def sieve_of(shadow: Shadow, archive: str) -> "Sieve | None":
    """None where it would take longer, or can't speak."""
    if archive:
        check_packages()
        from replay.population.study.archive import open_archive

        open_archive(archive, shadow.question.log.end())  # also where it will not be read
    elif shadow.question.log.head() < FACTS or not installed():
        return None
    from replay.drafts.sieve import Sieve
    from replay.population.engine import switched_off

    sieve = Sieve(shadow)
    return sieve if sieve.may_speak and (archive or not switched_off()) else None


def _out_of_log(shadow: Shadow, sieve: "Sieve", advance: Advance) -> Iterator[Subject]:
    log, creators = shadow.question.log, shadow.question.creators()
    while page := list(islice(creators, PAGE)):
        try:
            read = log.streams(page, log.head())
        except UnreadableError:  # whose facts they are is said when it is their turn
            yield from some(shadow.question, page, advance)
            continue
        facts = {name: list(each) for name, each in groupby(read, attrgetter("subject"))}
        for name in add(shadow, sieve.of_streams(facts), sieve, advance):
            yield name, facts[name]
            advance(1)


def add(shadow: Shadow, found: Found, sieve: "Sieve", advance: Advance) -> list[str]:
    """Those of whom there is nothing to tell, to the totals; returns the others."""
    if found.agree:
        shadow.question.check(sieve.in_force, found.versions, sieve.then)
    shadow.agreed(found)
    advance(found.read - len(found.rest))
    return found.rest
