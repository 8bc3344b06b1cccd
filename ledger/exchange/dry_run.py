"""An import that writes nothing: a log that looks up what it would be told, and forgets."""

import time
from collections.abc import Sequence

from ledger.exchange.tally import UNDONE
from ledger.facts.codec import decode
from ledger.facts.envelope import Envelope
from ledger.log.bond import START, Mark
from ledger.log.page import Key, Progress, Receipt, known_by_key, settle
from ledger.log.port import Reader


class DryRun:
    """Answers as the log would (None: one that is not there yet); what is new stays in memory."""

    def __init__(self, log: Reader | None) -> None:
        self._log = log
        self._new: dict[Key, bytes] = {}
        self._kept: str | None = None
        self._head, self._last = (0, 0) if log is None else last_of(log)

    def append(
        self,
        facts: Sequence[Envelope],
        *,
        trust_recorded_times: bool = False,
        progress: Progress | None = None,
    ) -> list[Receipt]:
        """See `Log.append`."""
        known = {} if self._log is None else self._log.known(facts)
        new = [raw for e in facts if (raw := self._new.get((e.source, e.id)))]
        known |= known_by_key([decode(raw, 0) for raw in new])
        settled = settle(
            facts,
            known,
            {},
            mark=Mark(self._head, 0, START),
            last=self._last,
            stamp=time.time_ns() // 1000,
            trust=trust_recorded_times,
        )
        if progress is not None:
            _, self._kept = progress[1](settled.receipts, self._kept)
        for (source, id_, position, _), row in zip(settled.keys, settled.rows, strict=True):
            self._new[source, id_] = row[4]
            self._head = position
            self._last = known[source, id_][1].recorded_at
        return settled.receipts

    def check_keys(self) -> None:
        """See `Log.check_keys`; what records nothing records nothing twice."""

    def imports(self, key: str | None = None) -> dict[str, str]:
        """See `Log.imports`; there is none to go on with."""
        return self._log.imports(key) if key == UNDONE and self._log is not None else {}


def last_of(log: Reader) -> tuple[int, int]:
    """Position and recorded time of the last fact; 0 and 0 in an empty log."""
    head = log.head()
    facts = log.after(head - 1, 1) if head else []
    return (facts[-1].position, facts[-1].recorded_at) if facts else (0, 0)
