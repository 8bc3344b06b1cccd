"""The public face: what analysts and engineers call from Python (`docs/library.md`).

Here: `ledger` the class `Ledger`, which appends facts and asks what the commands ask, and what asks
a bundle; `asking` what its parts have in common: `auditing` says why, `changing` what became,
`supposing` what would be, `ruled` knows the rules; `search` facts by what is in them; `overview`
how everybody stands; `everybody` the function that asks about all creators; `scenarios` what may be
different in them; `views`, `glance`, `compared` and `answers` the types of what they answer.
In: CloudEvents, and questions about a creator as of one instant, as known at another.
Out: plain dictionaries, the objects of `--json`.
Imports: `ledger`, `ledger.facts`, `ledger.log`, `ledger.rulebook`, `ledger.rulebook.prose`,
`projections.standing`, `projections.views`, `projections.readmodels`,
`projections.readmodels.redis`, `projections.readmodels.sql`, `projections.readmodels.watch`,
`replay.audit`, `replay.bundle`, `replay.drafts`, `replay.pages`, `replay.population`,
`replay.population.report`, `replay.population.study`, `replay.statement`, `replay.whatif`,
`replay.whatif.questions`.

These names stay. Whatever other room they come from is inside and may change.
"""

from ledger.errors import ConflictError, InputError, LedgerError, RulebookError, StoreError
from replay.library.everybody import Population, population
from replay.library.ledger import Ledger, check_bundle
from replay.library.scenarios import Time
from replay.library.supposing import Fact

__all__ = [
    "ConflictError",
    "Fact",
    "InputError",
    "Ledger",
    "LedgerError",
    "Population",
    "RulebookError",
    "StoreError",
    "Time",
    "check_bundle",
    "population",
]
