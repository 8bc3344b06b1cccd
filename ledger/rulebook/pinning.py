"""Which versions are pinned with facts that are being recorded: those of the facts' own time.

A rulebook is in use in a log once a creator is enrolled under it (the default one: once a creator
has facts and no enrolment). Each of its versions is pinned with the first fact that is recorded of
the time in which it is in force, whoever that fact is about: it has ruled by then, if only that
nothing happened. Who is enrolled after their facts brings the versions of those along.

What stands in the way of a pin never stops a fact: it is told, and the first question pins.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby, pairwise
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from ledger.errors import NoRulebookError, RulebookError
from ledger.facts.envelope import Envelope, known
from ledger.facts.types import CreatorEnrolled, FactRetracted, RulebookAdopted
from ledger.log.pins import Earlier, Pins
from ledger.rulebook.shelf import DEFAULT, Shelf, starts_at, verify_pins

Found: TypeAlias = dict[tuple[str, str], str]
SUBJECT = attrgetter("subject")
ALWAYS, NEVER = -(2**63), 2**63
ABOUT_OTHERS = (RulebookAdopted, FactRetracted)
"""Facts that need no rulebook of the creator."""


class _Reign(NamedTuple):
    """A version and the instants for which it is in force, [since, until)."""

    key: tuple[str, str]
    hash: str
    since: int
    until: int


def enrolled_under(envelopes: Iterable[Envelope]) -> str:
    """The rulebook under which a creator was first enrolled, by effective time, as known now."""
    facts, retracted, _ = known(envelopes, None)
    enrolments = [
        (e.effective_at, e.position, e.fact.rulebook)
        for e in facts
        if isinstance(e.fact, CreatorEnrolled) and e.position not in retracted
    ]
    return min(enrolments)[2] or DEFAULT if enrolments else DEFAULT


class Pinning:
    """The `ledger.log.pins.Law` of a shelf. `warn` is told once of each rulebook it can't pin."""

    def __init__(self, shelf: Shelf, warn: Callable[[str], None] = lambda _: None) -> None:
        self._shelf, self._warn = shelf, warn
        self._reigns: dict[str, list[_Reign]] = {}

    def __call__(self, log: Earlier, new: Sequence[Envelope], pins: Pins) -> Found:
        """See `Law`; `new` holds at least one fact."""
        enrolments = [e for e in new if type(e.fact) is CreatorEnrolled]
        used = {name for name, _ in pins} | {_under(e) for e in enrolments}
        if DEFAULT not in used:
            firsts = {e.subject for e in new if e.version == 1 and type(e.fact) not in ABOUT_OTHERS}
            used |= {DEFAULT} if firsts - {e.subject for e in enrolments} else set()
        found = self._of_time(used, [e for e in new if type(e.fact) is not RulebookAdopted], pins)
        if turned := self._turned(new, {**pins, **found}):
            facts = [*log.streams(turned, log.head()), *(e for e in new if e.subject in turned)]
            facts.sort(key=SUBJECT)
            for _, own in groupby(facts, SUBJECT):
                all_own = list(own)
                found |= self._of_time({enrolled_under(all_own)}, all_own, pins)
        return found

    def _turned(self, new: Sequence[Envelope], pins: Pins) -> list[str]:
        """Creators with earlier facts whose rulebook may be another now, one not pinned in full."""
        names = {
            (e.subject, _under(e) if type(e.fact) is CreatorEnrolled else DEFAULT)
            for e in new
            if e.version > 1 and type(e.fact) in (CreatorEnrolled, FactRetracted)
        }
        return sorted({creator for creator, name in names if any(self._open(name, pins))})

    def _of_time(self, names: Iterable[str], facts: Sequence[Envelope], pins: Pins) -> Found:
        instants = [e.effective_at for e in facts]
        first, last = min(instants, default=NEVER), max(instants, default=ALWAYS)
        return {
            reign.key: reign.hash
            for name in names
            for reign in self._open(name, pins)
            if reign.since <= last
            and first < reign.until
            and any(reign.since <= at < reign.until for at in instants)
        }

    def _open(self, name: str, pins: Pins) -> list[_Reign]:
        """The versions of a name that are not pinned."""
        if name not in self._reigns:
            self._reigns[name] = self._read(name, pins)
        return [reign for reign in self._reigns[name] if reign.key not in pins]

    def _read(self, name: str, pins: Pins) -> list[_Reign]:
        try:
            every = self._shelf.versions(name, drafts=True)
            verify_pins(every, pins, by="was pinned in this ledger")
        except RulebookError as error:
            where = "; --rulebooks names its directory" if type(error) is NoRulebookError else ""
            self._warn(f"{error}{where}; facts are recorded all the same, and it is not pinned yet")
            return []
        versions = [r for r in every if not r.draft]
        since = [ALWAYS, *map(starts_at, versions[1:]), NEVER]
        spans = zip(versions, pairwise(since), strict=False)
        return [_Reign((r.name, r.version), r.hash, *span) for r, span in spans]


def _under(e: Envelope) -> str:
    assert isinstance(e.fact, CreatorEnrolled)
    return e.fact.rulebook or DEFAULT
