"""Of whom a draft and the versions in force say the very same: told by the engine, without words.

Everybody is folded under both, compiled, and all that was brought about is one number on each side
(`replay.population.told`). Where the two are one, a shadow run has nothing to tell of a creator but
their sums; the others, and those of whom the engine can't speak, are replayed as ever.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress

import numpy as np
import pyarrow as pa

from ledger.facts.envelope import Envelope, Known, known, replay_order
from ledger.facts.types import CreatorEnrolled
from ledger.log.bond import Mark
from projections.archive.part import Part, whole
from projections.archive.plan import Task
from projections.fold.recovery import version_at
from projections.fold.state import ABSENT, CREATOR_ENROLLED, KINDS
from projections.standing.history import build
from projections.standing.replay import DEFAULT_RULEBOOK
from projections.standing.tables import Tables
from replay.drafts.shadow import Found, Shadow
from replay.population import archived
from replay.population.columns import Columns
from replay.population.engine import tell
from replay.population.layout import Layout
from replay.population.study.archive import SIZE, ahead, open_archive, some
from replay.population.study.tally import Mask
from replay.population.workers import Answers


class Sieve:
    """A draft's tables beside those in force, as of the instants of a question."""

    def __init__(self, shadow: Shadow) -> None:
        question, zone = shadow.question, shadow.draft.zone
        self.name = shadow.draft.name
        self.as_of = question.now if question.as_of is None else question.as_of.instant(zone)
        self.known_at = None if question.known_at is None else question.known_at.instant(zone)
        self.then = question.now if self.known_at is None else self.known_at
        self.in_force, self.draft = shadow.tables(self.then)
        self.settled = all(at <= question.now for at in question.learned(self.name))
        """No adoption is known to some creators alone, by a clock that was set back."""

    @property
    def may_speak(self) -> bool:
        return self.settled and comparable(self.in_force, self.draft)

    def of_streams(self, streams: Mapping[str, Sequence[Envelope]]) -> Found:
        """Creators out of the log."""
        names, histories = [], []
        for creator, envelopes in streams.items():
            enrolments = [e.fact for e in envelopes if type(e.fact) is CreatorEnrolled]
            if {fact.rulebook or DEFAULT_RULEBOOK for fact in enrolments} == {self.name}:
                facts = known(envelopes, self.known_at)
                names.append(creator)
                histories.append(build(_ruled(facts, self.as_of), self.in_force, facts.by_id))
        found = Found(len(streams))
        agree = self._agree(Columns(histories, self.in_force), found)
        alike = set(compress(names, agree))
        found.rest = [name for name in streams if name not in alike]
        return found

    def of_task(self, task: Task) -> Found:
        """Creators out of the archive."""
        part = archived.load(task, known_at=self.known_at)
        own, others = _enrolled(part, self.name)
        found = Found(len(own), left_out=int((~own).sum()))
        ours = np.flatnonzero(own & ~others)
        made = archived.columns(part, self.in_force, as_of=self.as_of, known_at=self.known_at)
        rest = own.copy()
        rest[ours[self._agree(made.some(ours), found)]] = False
        found.rest = part.names.filter(pa.array(rest)).to_pylist()
        return found

    def of_archive(self, url: str, end: Mark, threads: int) -> Iterator[Found]:
        """Everybody, in no order. Raises StoreError where it is no archive of the whole log."""
        return ahead(self.of_task, open_archive(url, end).tasks(SIZE), threads)

    def _agree(self, columns: Columns, found: Found) -> Mask:
        """Who comes to the same, enrolled, under both sides; their sums."""
        ours = self._told(columns, self.in_force, self.draft)
        found.versions = set(np.unique(columns.facts["version"]).tolist())
        starts = [rules.in_force_at for rules in self.draft.book.versions[1:]]
        columns.facts["version"] = np.searchsorted(starts, columns.facts["at"], "right")
        theirs = self._told(columns, self.draft, self.in_force)
        agree: Mask = (ours.told == theirs.told)[:, 0] & (ours.summaries[:, 0, 0] != ABSENT)
        layout, rows = Layout.of(self.in_force), ours.summaries[agree, 0]
        found.agree, found.points = len(rows), rows[:, layout.scores].sum(0).tolist()
        found.suspended = int(rows[:, layout.suspended].sum())
        return agree

    def _told(self, columns: Columns, side: Tables, other: Tables) -> Answers:
        return tell(columns, side, other, as_of=self.as_of)


def comparable(one: Tables, other: Tables) -> bool:
    """Whether both read facts alike, and one number means one thing to them."""
    instants = {rules.in_force_at for side in (one, other) for rules in side.book.versions}
    return _reading(one) == _reading(other) and all(
        _words(one, at) == _words(other, at) for at in instants
    )


def _reading(tables: Tables) -> tuple[object, ...]:
    names = tables.names
    codes = names.grades, names.accounts, names.courses, names.lapses, names.features
    orders = [list(each.items()) for each in codes]
    return tables.rulebooks[0].zone, tables.first_at, names.counters, orders


def _words(tables: Tables, at: int) -> tuple[object, ...]:
    """What the version in force at an instant makes of categories, and calls steps of ladders."""
    version = version_at(at, tables.book)
    ladders = tables.rulebooks[version].ladders
    steps = [(name, sorted(step.nth for step in ladder.steps)) for name, ladder in ladders.items()]
    return tables.grades[version], steps


def _ruled(facts: Known, as_of: int) -> list[Envelope]:
    listed = replay_order(facts.facts, facts.retracted, as_of)
    return [e for e in listed if e.position not in facts.retracted] if facts.retracted else listed


def _enrolled(part: Part, name: str) -> tuple[Mask, Mask]:
    """By creator: whether some enrolment names a rulebook, and whether some names another one."""
    enrolled = part.kinds == CREATOR_ENROLLED
    own = enrolled & (name == DEFAULT_RULEBOOK)
    given = part.given.get(KINDS[CREATOR_ENROLLED])
    if given is not None and "rulebook" in given.table.column_names:
        words = whole(given.table, "rulebook").to_pylist()
        own[given.rows] = [(word or DEFAULT_RULEBOOK) == name for word in words]
    return some(own, part.first, part.last), some(enrolled & ~own, part.first, part.last)
