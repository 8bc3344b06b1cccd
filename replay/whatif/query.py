"""Which facts an intervention is about: one by its id, or all that a query finds."""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ledger.errors import InputError
from ledger.facts.envelope import Envelope
from ledger.facts.forms import END_OF_TIME
from ledger.facts.types import TYPE_NAME, FactRetracted, ViolationFound
from ledger.text import safe
from projections.standing.moments import Moment
from projections.standing.writing import instant, local
from replay.whatif.world import World


class Query(Struct, frozen=True, omit_defaults=True, rename={"since": "from"}):
    """Every condition that is given must hold; then the first or the last so many are taken."""

    event: str = ""
    """An id, or `SOURCE#ID` where several sources use one id: then exactly one fact is meant."""
    type: str = ""
    violation: str = ""
    """The violation that a fact finds or names."""
    category: str = ""
    """Of the violation that a fact finds or names."""
    since: Moment | None = None
    until: Moment | None = None
    """Effective at or before then; a date alone is the whole day."""
    first: int = 0
    last: int = 0

    def find(self, world: World) -> list[Envelope]:
        """The facts meant, in the order of their times; at least one, else InputError."""
        if not self.said():
            raise InputError("found no fact and no condition; an empty one would mean every fact")
        if self.event:
            return [one(self.event, world.facts, world.creator)]
        facts = sorted(self._fitting(world), key=lambda e: (e.effective_at, e.position))
        facts = facts[: self.first or None]
        facts = facts[-self.last :] if self.last else facts
        if not facts:
            said = ", ".join(f"{k} {v}" for k, v in self.said().items())
            raise InputError(
                f'creator "{safe(world.creator)}" has no fact of which holds: {safe(said)}'
            )
        return facts

    def _fitting(self, world: World) -> Iterable[Envelope]:
        facts = world.counting()
        categories = {
            e.fact.violation: e.fact.category for e in facts if isinstance(e.fact, ViolationFound)
        }
        start, end = -1, 2**63
        if self.since is not None:
            start = replace(self.since, whole_day=False).instant(world.zone)
        if self.until is not None:
            end = self.until.instant(world.zone)
        for e in facts:
            about = getattr(e.fact, "violation", None)
            if (
                type(e.fact) is not FactRetracted
                and self.type in ("", TYPE_NAME[type(e.fact)])
                and self.violation in ("", about)
                and self.category in ("", categories.get(about or ""))
                and start <= e.effective_at <= end
            ):
                yield e

    def said(self) -> dict[str, Any]:
        """The conditions that are given, as a file says them."""
        given = {
            name: getattr(self, field)
            for field, name in zip(
                self.__struct_fields__, self.__struct_encode_fields__, strict=True
            )
        }
        return {
            name: moment_text(value) if isinstance(value, Moment) else value
            for name, value in given.items()
            if value
        }

    @property
    def form(self) -> str | dict[str, Any]:
        """As a scenario file has it: an id alone, or a table."""
        return self.event or self.said()


def moment_text(moment: Moment) -> str:
    """As it may be typed again."""
    if moment.whole_day:
        return moment.stated.date().isoformat()
    return moment.stated.isoformat(sep="T" if moment.stated.tzinfo else " ")


def one(text: str, envelopes: Sequence[Envelope], creator: str) -> Envelope:
    """The fact of an id, or of `SOURCE#ID`. Raises InputError where it is none, or several."""
    found = [e for e in envelopes if text in (e.id, f"{e.source}#{e.id}")]
    if len(found) == 1:
        return found[0]
    if found:
        choice = " or ".join(f"{safe(e.source)}#{safe(e.id)}" for e in found[:5])
        raise InputError(f'"{safe(text)}" is the id of {len(found)} facts; say {choice}')
    near = get_close_matches(text, [e.id for e in envelopes], 1)
    hint = f'; is "{safe(near[0])}" meant?' if near else ""
    raise InputError(f'creator "{safe(creator)}" has no fact "{safe(text)}"{hint}')


LENGTHS = {"h": 3_600_000_000, "m": 60_000_000}


class Shift(Struct, frozen=True):
    """So many days on local clocks, or hours or minutes, later or earlier: `-7d`, `12h`."""

    number: int
    unit: str

    def moved(self, at: int, zone: str) -> int:
        """The instant that lies so far from another. Raises InputError outside 1970 to 9998."""
        try:
            if self.unit != "d":
                moved = at + self.number * LENGTHS[self.unit]
            else:
                here = local(at, zone).replace(tzinfo=None)
                moved = Moment(here + timedelta(days=self.number)).instant(zone)
        except OverflowError:
            moved = -1
        if not 0 < moved < END_OF_TIME:
            raise InputError(f"{self} from {instant(at, zone)} is no instant of 1970 to 9998")
        return moved

    def __str__(self) -> str:
        return f"{self.number:+d}{self.unit}"


def read_shift(text: str) -> Shift | None:
    """None for what is none."""
    match = re.fullmatch(r"([+-]?\d{1,6})([dhm])", text, re.ASCII)
    return Shift(int(match[1]), match[2]) if match else None
