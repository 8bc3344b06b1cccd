"""A scenario: interventions on the facts of one creator, and reforms of the rules.

Facts are dropped, added or moved; rules are another rulebook or version, or other figures. All of
it happens in memory: the log is never written to. What people did stays as recorded, however the
rules would have stood: no scenario guesses at behaviour.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Literal, Protocol

import msgspec
from msgspec import Struct

from ledger.errors import InputError
from ledger.facts.cloudevents import Refusal, parse
from ledger.facts.envelope import Envelope
from ledger.rulebook.changes import with_changes_all
from ledger.rulebook.model import Rulebook
from ledger.text import safe
from projections.standing.moments import Moment

SOURCE = "what-if"
ALWAYS = date(1969, 1, 1)
"""Before the first instant that a fact can have."""
MAX_ADDED = 10_000


class Scenario(Struct, frozen=True):
    """What is to be different. The empty one gives the baseline again."""

    drop: tuple[str, ...] = ()
    """Ids of facts; `SOURCE#ID` where several sources use one id."""
    add: tuple[str, ...] = ()
    """CloudEvents as JSON; source, id, subject and specversion may be left out."""
    move: tuple[tuple[str, Moment], ...] = ()
    rulebook: str = ""
    """`name` or `name@version`; judges everything, whatever the enrolment says."""
    set: dict[str, str] = {}
    """{key path: value} of the rulebook's figures."""
    recoveries: Literal["recorded", "due"] = "recorded"

    @property
    def reforms(self) -> bool:
        return bool(self.rulebook or self.set)


class Shelf(Protocol):
    def versions(self, name: str) -> tuple[Rulebook, ...]: ...

    def find(self, label: str) -> Rulebook: ...


class ReformedShelf:
    """A shelf as the scenario would have it; each name is reformed when it is asked for."""

    def __init__(self, shelf: Shelf, rulebook: str, changes: Mapping[str, str]) -> None:
        self._shelf, self._rulebook, self._changes = shelf, rulebook, dict(changes)

    def versions(self, name: str) -> tuple[Rulebook, ...]:
        chosen, at, _ = self._rulebook.partition("@")
        if at:
            only = self._shelf.find(self._rulebook)
            found: tuple[Rulebook, ...] = (msgspec.structs.replace(only, in_force_from=ALWAYS),)
        else:
            found = self._shelf.versions(chosen or name)
        return with_changes_all(found, self._changes) if self._changes else found


def changed_facts(
    scenario: Scenario, creator: str, envelopes: Sequence[Envelope], zone: str
) -> list[Envelope]:
    """The creator's facts with the interventions; moves act before drops, additions come last.

    Raises InputError for a fact that is not there, is meant twice, or is no fact.
    """
    facts = {e.position: e for e in envelopes}
    for text, moment in scenario.move:
        target = find(text, facts.values(), creator)
        at = moment.same_time(target.effective_at, zone)
        facts[target.position] = msgspec.structs.replace(target, effective_at=at)
    for text in scenario.drop:
        del facts[find(text, facts.values(), creator).position]
    position = max((e.position for e in envelopes), default=0)
    for number, line in enumerate(scenario.add, 1):
        fact = added(line, number, creator)
        if any((e.source, e.id) == (fact.source, fact.id) for e in facts.values()):
            raise InputError(
                f'--add {number}: there is a fact "{safe(fact.id)}" of source '
                f'"{safe(fact.source)}" already; give another id, or drop or move that one'
            )
        position += 1
        facts[position] = msgspec.structs.replace(fact, position=position)
    return list(facts.values())


def find(text: str, envelopes: Iterable[Envelope], creator: str) -> Envelope:
    """The fact of an id, or of `SOURCE#ID`."""
    known = list(envelopes)
    found = [e for e in known if text in (e.id, f"{e.source}#{e.id}")]
    if len(found) == 1:
        return found[0]
    if found:
        choice = " or ".join(f"{safe(e.source)}#{safe(e.id)}" for e in found[:5])
        raise InputError(f'"{safe(text)}" is the id of {len(found)} facts; say {choice}')
    near = get_close_matches(text, [e.id for e in known], 1)
    hint = f'; is "{safe(near[0])}" meant?' if near else ""
    raise InputError(f'creator "{safe(creator)}" has no fact "{safe(text)}"{hint}')


def added(line: str, number: int, creator: str) -> Envelope:
    """A fact that was never recorded: known at any time, after all that was."""
    try:
        event = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        event = None
    if isinstance(event, dict):
        defaults = {"specversion": "1.0", "source": SOURCE, "id": f"added-{number}"}
        line = msgspec.json.encode({**defaults, "subject": creator, **event}).decode()
    envelope = parse(line, file="--add", line_no=number)
    if isinstance(envelope, Refusal):
        raise InputError(str(envelope))
    if envelope.subject != creator:
        found, wanted = safe(envelope.subject), safe(creator)
        raise InputError(f'--add, line {number}, subject: found "{found}"; wanted "{wanted}"')
    return envelope
