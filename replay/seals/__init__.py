"""Seals and proofs: what was recorded, signed, so that no later hand can change it unseen.

Here: `commands` seal, prove, verify; `standings` one hash of where everybody stands.
In: a log, the rulebooks, a key.
Out: a directory of seals; proofs; what is wrong, and where.
Imports: `ledger`, `ledger.facts`, `ledger.log`, `ledger.log.sqlite`, `ledger.seal`,
`projections.standing`, `projections.views`, `projections.readmodels`.

This room is inside and may change; programs use `replay.library`.
"""
