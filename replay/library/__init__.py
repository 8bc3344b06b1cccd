"""The public face: what analysts and engineers call from Python, described in `docs/library.md`.

`Ledger` opens a log, appends facts and asks what the commands ask; what it answers has the types of
`views`. These names stay; whatever other room they come from is inside and may change.
"""

from ledger.errors import ConflictError, InputError, LedgerError, RulebookError, StoreError
from replay.library.ledger import Fact, Ledger, Time

__all__ = [
    "ConflictError",
    "Fact",
    "InputError",
    "Ledger",
    "LedgerError",
    "RulebookError",
    "StoreError",
    "Time",
]
