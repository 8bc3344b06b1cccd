"""What became of what a file says, counted so that nothing is left over.

read = recorded + duplicates + conflicts + refused + skipped + withheld: a line of JSONL is one
thing, a row of a table one for each fact that it gives or fails to give, or one that a rule of the
mapping skips. A tally is kept in the log with the page that it counts, as JSON.
"""

from bisect import bisect
from operator import itemgetter
from typing import Annotated, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta, Struct, field

from ledger.errors import UnreadableError
from ledger.facts.cloudevents import Refusal, differences
from ledger.facts.envelope import Envelope
from ledger.facts.forms import write_instant
from ledger.log.port import Receipt

DONE, UNDONE = "", "undone"
"""What stands for the key of an import that is not gone on with."""
Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**63 - 1)]
REASONS = 100
"""Kinds of reasons that are told apart; what is beyond them is counted in one."""


class Skipped(NamedTuple):
    """A row that is knowingly no fact, by a rule that the mapping names."""

    why: str


Line: TypeAlias = tuple[int, bytes, Envelope | Refusal | Skipped | None]
"""Its number, its text, and what it says; None where it was counted before."""


class Reason(Struct):
    """Why lines were not taken: how many, and the first of them."""

    status: Literal["refused", "conflict"]
    field: str
    count: Count
    first: Refusal


class Aside(Struct):
    """How far the reject file and its reasons have been written."""

    path: str = ""
    size: Count = 0
    why: Count = 0
    sha256: str = ""


class Tally(Struct):
    """The account of one import. The reject file has every refused and conflicting line."""

    id: str = ""
    file: str = ""
    lines: Count = 0
    """The number of the last line that was read."""
    read: Count = 0
    recorded: Count = 0
    duplicates: Count = 0
    withdrawn: Count = 0
    """Those of the duplicates that an undone import had recorded, and that count no more."""
    conflicts: Count = 0
    refused: Count = 0
    skipped: dict[str, Count] = field(default_factory=dict)
    withheld: Count = 0
    """Good ones that are not recorded, because all or nothing was asked for."""
    ignored_recorded_times: Count = 0
    resumed_at: Count = 0
    """The line after which a lost import went on; 0 when it began at the first."""
    reasons: list[Reason] = field(default_factory=list)
    spans: list[tuple[Count, Count]] = field(default_factory=list)
    """First and last positions of what it recorded, without holes."""
    digest: str = ""
    """Of all that was read: a file that has changed since is not gone on with."""
    aside: Aside = field(default_factory=Aside)

    @property
    def clean(self) -> bool:
        """Whether every line was taken."""
        return not self.refused and not self.conflicts

    def count(
        self, page: list[Line], receipts: list[Receipt], undone: list[tuple[int, int]]
    ) -> list[tuple[Refusal, bytes]]:
        """Take a page in; returns what is to be set aside, and why."""
        answers, aside = iter(receipts), []
        for number, text, said in page:
            if type(said) is Envelope:
                receipt = next(answers)
                if receipt.status == "recorded":
                    self.recorded += 1
                    continue
                if receipt.status == "duplicate":
                    self.duplicates += 1
                    at = bisect(undone, receipt.position, key=itemgetter(0))
                    self.withdrawn += at > 0 and receipt.position <= undone[at - 1][1]
                    continue
                refusal = not_taken(self.file, number, said, receipt)
                self.note("conflict" if receipt.held else "refused", refusal)
                aside.append((refusal, text))
            elif type(said) is Refusal:
                self.note("refused", said)
                aside.append((said, text))
            elif type(said) is Skipped:
                self.skipped[said.why] = self.skipped.get(said.why, 0) + 1
        self.read += len(page)
        self.lines = page[-1][0]
        self._extend([r.position for r in receipts if r.status == "recorded"])
        return aside

    def note(self, status: Literal["refused", "conflict"], why: Refusal) -> None:
        """Count one that was not taken, with those that were not for the same reason."""
        if status == "conflict":
            self.conflicts += 1
        else:
            self.refused += 1
        # what a conflict wants names a position
        kind = (status, why.field, "" if status == "conflict" else why.wanted)
        for reason in self.reasons:
            wanted = "" if reason.status == "conflict" else reason.first.wanted
            if (reason.status, reason.field, wanted) == kind:
                reason.count += 1
                return
        if len(self.reasons) < REASONS:
            self.reasons.append(Reason(status, why.field, 1, why))
            return
        last = self.reasons[-1]
        last.field, last.count = "various", last.count + 1

    def withhold(self) -> None:
        """Nothing was recorded after all."""
        self.id, self.withheld, self.recorded, self.spans = "", self.recorded, 0, []

    def _extend(self, positions: list[int]) -> None:
        if not positions:
            return
        first, last = positions[0], positions[-1]
        if self.spans and self.spans[-1][1] + 1 == first:
            first, _ = self.spans.pop()
        self.spans.append((first, last))


def not_taken(file: str, number: int, fact: Envelope, receipt: Receipt) -> Refusal:
    """Why the log did not take a fact: it contradicts one, or would run back in time."""
    if receipt.held is None:
        last = write_instant(receipt.recorded_at)
        wanted = f"one not before {last}, when the log last recorded: recorded times never run back"
        return Refusal(file, number, "recordedtime", f'"{write_instant(fact.recorded_at)}"', wanted)
    fields, found, held = contradiction(receipt.held, fact)
    wanted = (
        f"{held}, as the fact at position {receipt.position} has, or a source and id of its own"
    )
    return Refusal(file, number, fields, found, wanted)


def contradiction(held: Envelope, given: Envelope) -> tuple[str, str, str]:
    """The fields in which two facts of one source and id differ; what the new one has; the old."""
    differ = differences(held, given)
    if len(differ) == 1:
        ((name, (old, new)),) = differ.items()
        return name, new, old
    return (
        ", ".join(differ),
        ", ".join(f"{name} {new}" for name, (_, new) in differ.items()),
        ", ".join(f"{name} {old}" for name, (old, _) in differ.items()),
    )


encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Tally).decode


def decode(text: str | bytes) -> Tally:
    """The account as it is kept. Raises UnreadableError where it is none."""
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError, TypeError) as error:
        raise UnreadableError(
            f"the account of an import can't be read ({error}): the store is damaged, restore it "
            "from a backup"
        ) from error
